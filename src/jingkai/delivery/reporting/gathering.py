"""What the rules are told about a return, gathered in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    DateField,
    DecimalField,
    Field,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast

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
Past = dict[Address, dict[Period, Decimal]]
Present = dict[Address, Decimal]


def _part(rows: QuerySet[Any], kind: str, *columns: Any) -> QuerySet[Any]:
    """One part of a question with several: its kind, then indicator, scope, period, value."""
    return rows.values_list(Cast(Value(kind), TextField()), *columns)


def _no(kind: Field[Any, Any]) -> Value:
    return Value(None, output_field=kind)


_OF_SERIES: Final = (
    one_of("series__indicator", "indicators"),
    one_of("series__scope", "scopes"),
)
_OF_CELLS: Final = (one_of("indicator_id", "indicators"), one_of("scope", "scopes"))
_SINCE, _END = Put("since", DateField()), Put("end", DateField())
_BEFORE: Final = Statement(
    lambda: _part(
        CurrentValue.objects.filter(
            Q(period_end__gt=_SINCE)
            | (
                Q(period_end__gt=Put("long_since", DateField()))
                & Q(one_of("series__indicator", "deep"))
            ),
            *_OF_SERIES,
            period_end__lte=_END,
        ).order_by(),
        "stood",
        "series__indicator_id",
        "series__scope",
        "period",
        "value",
    ).union(
        _part(
            Cell.objects.filter(
                *_OF_CELLS,
                part="",
                value__isnull=False,
                item__purpose=Purpose.RECORD,
                in_return__campaign__period_end__gt=_SINCE,
                in_return__campaign__period_end__lt=_END,
            )
            .exclude(state__in=_UNSENT)
            .exclude(in_return__campaign__state=CampaignState.CANCELLED)
            .order_by("indicator_id", "scope", "in_return__campaign__period", "pk")
            .distinct("indicator_id", "scope", "in_return__campaign__period"),
            "sent",
            "indicator_id",
            "scope",
            "in_return__campaign__period",
            "value",
        ),
        _part(
            SourceFigure.objects.filter(*_OF_CELLS, period_end__gt=_SINCE, period_end__lte=_END)
            .order_by("indicator_id", "scope", "period", "-id")
            .distinct("indicator_id", "scope", "period"),
            "source",
            "indicator_id",
            "scope",
            "period",
            "value",
        ),
        all=True,
    )
)
_ELSEWHERE: Final = Statement(
    lambda: _part(
        active_zones(_END).order_by(),
        "zone",
        _no(BigIntegerField()),
        "code",
        _no(DecimalField()),
        _no(TextField()),
    ).union(
        _part(
            CurrentValue.objects.filter(
                one_of("series__indicator", "indicators"),
                series__scope__in=active_zones(_END).order_by().values("code"),
                period=Put("period", TextField()),
            ).order_by(),
            "stood",
            "series__indicator_id",
            "series__scope",
            "value",
            _no(TextField()),
        ),
        _part(
            Cell.objects.filter(
                one_of("indicator_id", "indicators"),
                scope__in=active_zones(_END).order_by().values("code"),
                part="",
                in_return__campaign=Put("campaign"),
            )
            .exclude(in_return=Put("in_return"))
            .exclude(state__in=_UNSENT)
            .order_by(),
            "sent",
            "indicator_id",
            "scope",
            "value",
            "absence",
        ),
        all=True,
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
        """Those of the cells and those the rules name."""
        return {**self.rulebook.indicators, **{c.indicator.code: c.indicator for c in self.cells}}

    def givens(self) -> dict[str, Given]:
        """By scope, in the order of the cells. At most 2 queries."""
        history, standing, sources, source_history = self._past()
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

    def _past(self) -> tuple[Past, Present, Present, Past]:
        """Figures of earlier periods and of this one, then the departments' own. 1 query.

        Where no figure stands yet, what was sent for that period counts: a return is judged also
        while the one before it waits for verification. A department's own figure without a value
        takes back the one before.
        """
        since = _months_before(self.period, _COMPARE_MONTHS).end
        rows = _BEFORE(
            since=since,
            long_since=_months_before(self.period, 12 * _SEASON_YEARS).end,
            deep=[self.ids[code] for code in self._of_kind(Kind.SEASONAL) if code in self.ids],
            indicators=self.ids.values(),
            scopes={*self.scopes, CITY},
            end=self.period.end,
        )
        history: defaultdict[Address, dict[Period, Decimal]] = defaultdict(dict)
        own_history: defaultdict[Address, dict[Period, Decimal]] = defaultdict(dict)
        standing: dict[Address, Decimal] = {}
        own: dict[Address, Decimal] = {}
        sent: list[tuple[Address, Period, Decimal]] = []
        periods: dict[str, Period] = {}
        here, asked = set(self.scopes), {cell.indicator_id for cell in self.cells}
        for kind, pk, scope, code, value in rows:
            period = periods.get(code) or periods.setdefault(code, Period.parse(code))
            if kind == "stood":
                if period == self.period:
                    standing[pk, scope] = value
                elif period.length == self.period.length:
                    history[pk, scope][period] = value
            elif scope not in here or value is None:
                continue
            elif kind == "sent":
                if period.length == self.period.length:
                    sent.append(((pk, scope), period, value))
            elif pk in asked:
                if period == self.period:
                    own[pk, scope] = value
                else:
                    own_history[pk, scope][period] = value
        for at, period, reported in sent:
            history[at].setdefault(period, reported)
        return dict(history), standing, own, dict(own_history)

    def _elsewhere(
        self, history: Mapping[Address, Mapping[Period, Decimal]]
    ) -> tuple[dict[str, dict[str, Answer]], dict[str, list[Decimal]]]:
        """Answers of all zones for the indicators that are summed; peers of those without a past.

        The cells of this return go first, then what other zones have sent, then what stands. At
        most 1 query.
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
        zones: list[str] = []
        answers: dict[str, dict[str, Answer]] = {code: {} for code in wanted.values()}
        rows = (
            _ELSEWHERE(
                indicators=wanted,
                period=self.period.code,
                end=self.period.end,
                campaign=self.campaign.pk,
                in_return=self.in_return.pk,
            )
            if wanted
            else []
        )
        sent: list[tuple[int, str, Answer]] = []
        for kind, pk, scope, value, absence in rows:
            if kind == "zone":
                zones.append(scope)
            elif kind == "stood":
                answers[wanted[pk]][scope] = Answer(value)
            elif value is not None or absence == Absence.NOT_APPLICABLE:
                sent.append((pk, scope, Answer(value, absence)))
        for pk, scope, answer in sent:
            answers[wanted[pk]][scope] = answer
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
