"""What the rules are told about a return, gathered in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import DateField, Q, TextField

from jingkai.core.statements import Given as Put
from jingkai.core.statements import Statement, one_of
from jingkai.delivery.indicators.public import CurrentValue, Indicator
from jingkai.engine.periods import Period
from jingkai.engine.validation import CITY, FIGURE, Answer, CellKey, Elsewhere, Facts, Given, Kind
from jingkai.masterdata.organisations.public import active_zones

from .models import Absence, CampaignState, Cell, CellState, Purpose, Return, SourceFigure
from .rulebook import Rulebook, facts_of

_SEASON_YEARS = 6
_COMPARE_MONTHS = 13
_UNSENT = (CellState.OPEN, CellState.RETURNED, CellState.UNLOCKED)

Address = tuple[int, str]
"""Indicator id and scope."""

_NAMED: Final = Statement(
    lambda: Indicator.objects.filter(one_of("code", "codes")).order_by("code")
)
_STOOD: Final = Statement(
    lambda: (
        CurrentValue.objects.filter(
            Q(period_end__gt=Put("since", DateField()))
            | Q(
                Q(period_end__gt=Put("long_since", DateField())),
                one_of("series__indicator", "deep"),
            ),
            one_of("series__indicator", "indicators"),
            one_of("series__scope", "scopes"),
            period_end__lte=Put("end", DateField()),
        )
        .order_by()
        .values_list("series__indicator_id", "series__scope", "period", "value")
    )
)
_SENT: Final = Statement(
    lambda: (
        Cell.objects.filter(
            one_of("indicator_id", "indicators"),
            one_of("scope", "scopes"),
            part="",
            value__isnull=False,
            item__purpose=Purpose.RECORD,
            in_return__campaign__period_end__gt=Put("since", DateField()),
            in_return__campaign__period_end__lt=Put("end", DateField()),
        )
        .exclude(state__in=_UNSENT)
        .exclude(in_return__campaign__state=CampaignState.CANCELLED)
        .order_by("pk")
        .values_list("indicator_id", "scope", "in_return__campaign__period", "value")
    )
)
_SOURCES: Final = Statement(
    lambda: (
        SourceFigure.objects.filter(
            one_of("indicator_id", "indicators"),
            one_of("scope", "scopes"),
            period_end__gt=Put("since", DateField()),
            period_end__lte=Put("end", DateField()),
        )
        .order_by("id")
        .values_list("indicator_id", "scope", "period", "value")
    )
)
_STANDING: Final = Statement(
    lambda: (
        CurrentValue.objects.filter(
            one_of("series__indicator", "indicators"),
            one_of("series__scope", "scopes"),
            period=Put("period", TextField()),
        )
        .order_by()
        .values_list("series__indicator_id", "series__scope", "value")
    )
)
_OTHERS: Final = Statement(
    lambda: (
        Cell.objects.filter(
            one_of("indicator_id", "indicators"),
            one_of("scope", "scopes"),
            part="",
            in_return__campaign=Put("campaign"),
        )
        .exclude(in_return=Put("in_return"))
        .exclude(state__in=_UNSENT)
        .order_by("pk")
        .values_list("indicator_id", "scope", "value", "absence")
    )
)


class Gathered:
    """The circumstances of one return: a `Given` per scope, and the indicators by code."""

    def __init__(
        self,
        in_return: Return,
        cells: Sequence[Cell],
        answers: Mapping[int, Answer],
        rulebook: Rulebook,
    ) -> None:
        self.in_return = in_return
        self.cells = cells
        self.answers = answers
        self.rulebook = rulebook
        self.campaign = in_return.campaign
        self.period = Period.parse(self.campaign.period)
        self.indicators = self._indicators()
        self.ids = {code: indicator.pk for code, indicator in self.indicators.items()}
        self.facts: dict[str, Facts] = {
            code: facts_of(indicator) for code, indicator in self.indicators.items()
        }
        for cell in cells:
            code = cell.indicator.code
            self.facts[code] = facts_of(cell.indicator, required=cell.item.required)
        self.scopes = list(dict.fromkeys(cell.scope for cell in cells))

    def _indicators(self) -> dict[str, Indicator]:
        """Those of the cells and those the rules name. At most 1 query."""
        known = {cell.indicator.code: cell.indicator for cell in self.cells}
        lacking = self.rulebook.named - set(known)
        return {**known, **{row.code: row for row in (_NAMED(codes=lacking) if lacking else ())}}

    def givens(self) -> dict[str, Given]:
        """By scope, in the order of the cells. 5 queries."""
        history, standing = self._past()
        sources, source_history = self._sources()
        compared = {
            (cell.indicator_id, cell.scope)
            for cell in self.cells
            if cell.item.purpose == Purpose.COMPARE
        }
        # A department's own figures have a past of their own, not that of the official ones.
        for at in compared:
            history[at] = source_history.get(at, {})
        zones, peers = self._elsewhere(history)
        by_scope: dict[str, dict[CellKey, Answer]] = {scope: {} for scope in self.scopes}
        for cell in self.cells:
            by_scope[cell.scope][cell.indicator.code, cell.part] = self.answers[cell.pk]
        city = self._city(standing, by_scope.get(CITY, {}))
        elsewhere = self._placed(zones, by_scope)
        givens: dict[str, Given] = {}
        for scope, cells in by_scope.items():
            own = {code: (pk, scope) for code, pk in self.ids.items()}
            fair = {code: at for code, at in own.items() if at not in compared}
            givens[scope] = Given(
                period=self.period,
                scope=scope,
                cells=cells,
                facts=self.facts,
                history={code: history[at] for code, at in own.items() if at in history},
                peers={code: line for code, line in peers.items() if (code, FIGURE) in cells},
                elsewhere=elsewhere.get(scope, {}),
                whole=city,
                sources={code: sources[at] for code, at in fair.items() if at in sources},
                standing={code: standing[at] for code, at in fair.items() if at in standing},
                rates=self.rulebook.numbers,
            )
        return givens

    def _past(self) -> tuple[dict[Address, dict[Period, Decimal]], dict[Address, Decimal]]:
        """Figures of earlier periods and of this one, by indicator and scope. 2 queries.

        Where no figure stands yet, what was sent for that period counts: a return is judged also
        while the one before it waits for verification.
        """
        seasonal = self._of_kind(Kind.SEASONAL)
        since = _months_before(self.period, _COMPARE_MONTHS).end
        long_since = _months_before(self.period, 12 * _SEASON_YEARS).end
        deep = [self.ids[code] for code in seasonal if code in self.ids]
        rows = _STOOD(
            since=since,
            long_since=long_since,
            deep=deep,
            indicators=self.ids.values(),
            scopes={*self.scopes, CITY},
            end=self.period.end,
        )
        history: defaultdict[Address, dict[Period, Decimal]] = defaultdict(dict)
        standing: dict[Address, Decimal] = {}
        periods: dict[str, Period] = {}
        for pk, scope, code, value in rows:
            period = periods.get(code) or periods.setdefault(code, Period.parse(code))
            if period == self.period:
                standing[pk, scope] = value
            elif period.length == self.period.length:
                history[pk, scope][period] = value
        sent = _SENT(
            indicators=self.ids.values(), scopes=self.scopes, since=since, end=self.period.end
        )
        for pk, scope, code, reported in sent:
            period = periods.get(code) or periods.setdefault(code, Period.parse(code))
            if period.length == self.period.length and reported is not None:
                history[pk, scope].setdefault(period, reported)
        return dict(history), standing

    def _sources(
        self,
    ) -> tuple[dict[Address, Decimal], dict[Address, dict[Period, Decimal]]]:
        """The compiling departments' own figures of this period and of earlier ones. 1 query.

        Of several of one period the latest counts; one without a value takes it back.
        """
        rows = _SOURCES(
            indicators={cell.indicator_id for cell in self.cells},
            scopes=self.scopes,
            since=_months_before(self.period, _COMPARE_MONTHS).end,
            end=self.period.end,
        )
        latest = {(pk, scope, code): value for pk, scope, code, value in rows}
        now: dict[Address, Decimal] = {}
        past: defaultdict[Address, dict[Period, Decimal]] = defaultdict(dict)
        for (pk, scope, code), value in latest.items():
            if value is None:
                continue
            if code == self.period.code:
                now[pk, scope] = value
            else:
                past[pk, scope][Period.parse(code)] = value
        return now, dict(past)

    def _elsewhere(
        self, history: Mapping[Address, Mapping[Period, Decimal]]
    ) -> tuple[dict[str, dict[str, Answer]], dict[str, list[Decimal]]]:
        """Answers of all zones for the indicators that are summed; peers of those without a past.

        The cells of this return go first, then what other zones have sent, then what stands. At
        most 3 queries.
        """
        summed = self._summed()
        lonely: set[str] = set()
        if self._kinds(Kind.UNIT_SLIP):
            lonely = {
                cell.indicator.code
                for cell in self.cells
                if cell.scope != CITY and not history.get((cell.indicator_id, cell.scope))
            }
        wanted = {self.ids[code]: code for code in summed | lonely if code in self.ids}
        here = active_zones(self.period.end)
        zones = list(here.values_list("code", flat=True)) if wanted else []
        answers: dict[str, dict[str, Answer]] = {code: {} for code in wanted.values()}
        if wanted and zones:
            standing = _STANDING(indicators=wanted, scopes=zones, period=self.period.code)
            for pk, scope, value in standing:
                answers[wanted[pk]][scope] = Answer(value)
            sent = _OTHERS(
                indicators=wanted,
                scopes=zones,
                campaign=self.campaign.pk,
                in_return=self.in_return.pk,
            )
            for pk, scope, reported, absence in sent:
                if reported is not None or absence == Absence.NOT_APPLICABLE:
                    answers[wanted[pk]][scope] = Answer(reported, absence)
        peers = {
            code: [
                answer.value
                for scope, answer in answers[code].items()
                if answer.value is not None and scope not in self.scopes
            ]
            for code in lonely & set(answers)
        }
        own = [cell for cell in self.cells if cell.part == FIGURE and cell.scope in zones]
        for cell in own:
            if cell.indicator.code in summed and cell.indicator.code in answers:
                answers[cell.indicator.code][cell.scope] = self.answers[cell.pk]
        everywhere = {
            code: {zone: answers[code].get(zone, Answer()) for zone in zones}
            for code in summed & set(answers)
        }
        return everywhere, peers

    def _city(
        self, standing: Mapping[Address, Decimal], asked: Mapping[CellKey, Answer]
    ) -> dict[str, Decimal]:
        """Figures of the whole city: asked in this return, else standing."""
        found: dict[str, Decimal] = {}
        for code, pk in self.ids.items():
            answer = asked.get((code, FIGURE))
            value = standing.get((pk, CITY)) if answer is None else answer.value
            if value is not None:
                found[code] = value
        return found

    def _placed(
        self,
        zones: Mapping[str, Mapping[str, Answer]],
        by_scope: Mapping[str, Mapping[CellKey, Answer]],
    ) -> dict[str, dict[str, Elsewhere]]:
        """The other zones' sum, at the one scope of this return where a sum is spoken of.

        The city's own cell when it is asked here; else the zone with the largest figure: one wrong
        sum must not raise the same doubt at every zone.
        """
        placed: defaultdict[str, dict[str, Elsewhere]] = defaultdict(dict)
        wholes = self._wholes()
        for code, answers in zones.items():
            if any((whole, FIGURE) in by_scope.get(CITY, {}) for whole in wholes[code]):
                spot = CITY
            else:
                here = [
                    (cells[code, FIGURE].value or Decimal(0), scope)
                    for scope, cells in by_scope.items()
                    if scope != CITY and (code, FIGURE) in cells
                ]
                if not here:
                    continue
                spot = max(here, key=lambda each: (abs(each[0]), each[1]))[1]
            others = [answer for scope, answer in answers.items() if scope != spot]
            known = [a for a in others if a.value is not None or a.not_applicable]
            total = sum((a.value for a in known if a.value is not None), Decimal(0))
            placed[spot][code] = Elsewhere(total, len(known), len(others))
        return dict(placed)

    def _kinds(self, kind: Kind) -> bool:
        return any(loaded.rule.kind is kind for loaded in self.rulebook.rules)

    def _of_kind(self, kind: Kind) -> set[str]:
        """Indicators a kind of rule looks at; all of the cells' when one names none."""
        return set(self._indicators_of(kind))

    def _indicators_of(self, kind: Kind) -> Iterable[str]:
        for loaded in self.rulebook.rules:
            if loaded.rule.kind is kind:
                yield from loaded.rule.indicators or {c.indicator.code for c in self.cells}

    def _summed(self) -> set[str]:
        """Indicators whose sum over the zones is needed and concerns this return."""
        here = {cell.indicator.code for cell in self.cells}
        return {
            code
            for code, wholes in self._wholes().items()
            if code in here or any(whole in here for whole in wholes)
        }

    def _wholes(self) -> dict[str, set[str]]:
        """For each indicator summed over zones, the city figures it is held against."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for loaded in self.rulebook.rules:
            if loaded.rule.kind is Kind.ZONE_SUM:
                for code in loaded.rule.indicators or {c.indicator.code for c in self.cells}:
                    found[code].add(str(loaded.rule.values["whole"] or code))
        return found


def _months_before(period: Period, months: int) -> Period:
    """The month that ends `months` before the period does."""
    return Period(period.last_month - months, 1)


def judged_on(in_return: Return) -> date:
    """The day whose thresholds hold: the end of the period that is reported."""
    return in_return.campaign.period_end
