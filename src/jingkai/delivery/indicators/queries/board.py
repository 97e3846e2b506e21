"""The headline board: are we going to make it, target by target."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from jingkai.core.accounts.public import User
from jingkai.engine.lights import LightResult
from jingkai.engine.periods import Period
from jingkai.masterdata.organisations.public import Body

from ..catalogue import CITY, EDZ, is_percentage
from ..light_rules import Thresholds, judge_value, rule_for, rules_on
from ..models import (
    Agreement,
    Indicator,
    Series,
    StatusVoice,
    Target,
    TargetKind,
    Trajectory,
    Voice,
)
from ..periods import any_period, own_period
from .figures import (
    Figure,
    Gap,
    Line,
    Path,
    PathPoint,
    distance,
    figures,
    growth,
    last_voices,
    paths,
    trajectories,
    year_ago,
)
from .visibility import visible_indicators, visible_series

SPARK_PERIODS = 13


@dataclass(frozen=True, slots=True)
class TargetText:
    """A target in the pieces a page puts together: sign of the modality, number, unit, year."""

    code: str
    kind: str
    modality: str
    value: Decimal | None
    unit: str
    horizon: str
    text: str
    text_en: str
    place: str
    agreement: str
    conflict_code: str
    conflict_id: int | None
    benchmark_id: int | None = None
    """Indicator whose figures of the whole city are the path: a target relative to them."""

    @property
    def is_disputed(self) -> bool:
        return self.agreement == Agreement.DISPUTED


@dataclass(frozen=True, slots=True)
class SparkPoint:
    """One period of the small chart; either side may be missing."""

    period: str
    actual: Decimal | None
    planned: Decimal | None


@dataclass(frozen=True, slots=True)
class Status:
    """One series in one data period: value, plan, distance, growth, the two voices spoken here."""

    indicator: Indicator
    series_id: int
    scope: str
    figure: Figure | None
    planned: Decimal | None
    distance: Gap | None
    growth: Decimal | None
    """Year on year in %; for indicators in % the difference in points."""
    growth_in_points: bool
    light: LightResult
    person: StatusVoice | None
    age: int | None
    """Whole periods between the figure and the data period; 0 is fresh."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One headline target."""

    status: Status
    target: TargetText
    others: tuple[TargetText, ...]
    """Further statements about it: earlier horizons, disputed alternatives."""
    year_plan: Decimal | None
    """Planned at the end of the data period's year."""
    sparkline: tuple[SparkPoint, ...]

    @property
    def indicator(self) -> Indicator:
        return self.status.indicator

    @property
    def responsible(self) -> Body | None:
        return self.status.indicator.responsible


@dataclass(frozen=True, slots=True)
class Board:
    """Rows in the order of the indicators, and how many show which light."""

    period: str
    as_of: datetime | None
    rows: tuple[BoardRow, ...]
    lights: Mapping[str, int]


def headline_board(*, user: User, period: str, as_of: datetime | None = None) -> Board:
    """Every headline target of all zones with its latest value at or before `period`.

    8 queries at any number of rows (and one for the user's memberships). Raises InvalidInput for a
    code that is no period.
    """
    indicators = visible_indicators(user).filter(is_headline=True)
    return board(user=user, indicators=indicators, period=period, as_of=as_of)


def body_board(*, user: User, body: Body, period: str, as_of: datetime | None = None) -> Board:
    """The same for all targeted indicators one body answers for or compiles."""
    own = visible_indicators(user).filter(Q(responsible=body) | Q(compiler=body))
    return board(user=user, indicators=own, period=period, as_of=as_of)


def board(
    *, user: User, indicators: QuerySet[Indicator], period: str, as_of: datetime | None = None
) -> Board:
    """A board of the given indicators; those without a target are left out."""
    now = any_period(period)
    rows = list(indicators.select_related("responsible", "compiler"))
    targets = targets_by_indicator(row.pk for row in rows)
    rows = [row for row in rows if row.pk in targets]
    by_id = {row.pk: row for row in rows}
    followed = {i: said[0].benchmark_id for i, said in targets.items() if said[0].benchmark_id}
    read = visible_series(user).filter(
        Q(indicator_id__in=by_id, scope=EDZ) | Q(indicator_id__in=followed.values(), scope=CITY)
    )
    of_city = {s.indicator_id: s for s in read if s.scope == CITY}
    series = {s.indicator_id: s for s in read if s.scope == EDZ}
    for item in series.values():
        item.indicator = by_id[item.indicator_id]
    found = statuses(
        list(series.values()),
        now,
        as_of=as_of,
        disputed={i for i, said in targets.items() if said[0].is_disputed},
        benchmarks={
            series[i].pk: of_city[b].pk for i, b in followed.items() if i in series and b in of_city
        },
    )
    lines: list[BoardRow] = []
    for row in rows:
        own = series.get(row.pk)
        status = found.of(own) if own else found.nothing(row)
        line, path = found.line(own), found.path(own)
        lead, *others = targets[row.pk]
        year_end = date(now.year, 12, 31)
        lines.append(
            BoardRow(
                status,
                lead,
                tuple(others),
                path[year_end].planned if year_end in path else None,
                _sparkline(line, path, now),
            )
        )
    lights = Counter(line.status.light.light.value for line in lines)
    return Board(
        now.code,
        as_of,
        tuple(lines),
        {name: lights.get(name, 0) for name in ("green", "yellow", "red", "grey")},
    )


def targets_by_indicator(ids: Iterable[int], *, scope: str = EDZ) -> dict[int, list[TargetText]]:
    """Targets not set aside, the leading one of the furthest horizon first. 1 query."""
    found: defaultdict[int, list[TargetText]] = defaultdict(list)
    for row in leading_first(statements_of(ids, scope=scope)):
        found[row.indicator_id].append(target_text(row))
    return dict(found)


def statements_of(ids: Iterable[int], *, scope: str | None = None) -> list[Target]:
    """Targets not set aside, of one scope or of all, in the document's order. 1 query."""
    rows = Target.objects.filter(indicator_id__in=list(ids)).exclude(agreement=Agreement.SET_ASIDE)
    if scope is not None:
        rows = rows.filter(scope=scope)
    return list(rows.order_by("position", "code").select_related("conflict", "benchmark"))


def leading_first(statements: Iterable[Target]) -> list[Target]:
    """By indicator: what leads, then the furthest horizon, then the document's order."""
    rows = sorted(statements, key=lambda row: (row.position, row.code))
    rows.sort(key=lambda row: row.horizon, reverse=True)
    return sorted(rows, key=lambda row: (row.indicator_id, not row.is_leading))


def target_text(target: Target) -> TargetText:
    """The pieces of one target; its conflict must be selected with it."""
    return TargetText(
        target.code,
        target.kind,
        target.modality,
        target.value,
        target.unit,
        target.horizon,
        target.text,
        target.text_en,
        target.place,
        target.agreement,
        target.conflict.code if target.conflict else "",
        target.conflict_id,
        followed_benchmark(target),
    )


def followed_benchmark(target: Target) -> int | None:
    """The benchmark that is the path of a relative target in the same unit; else None."""
    if target.kind != TargetKind.RELATIVE or target.benchmark is None:
        return None
    return target.benchmark.pk if target.benchmark.unit == target.unit else None


def _sparkline(line: Line, path: Path, now: Period) -> tuple[SparkPoint, ...]:
    if not line and not path:
        return ()
    ends = sorted(end for end in {*line, *path} if end <= now.end)[-SPARK_PERIODS:]
    return tuple(
        SparkPoint(
            line[end].period if end in line else path[end].period,
            line[end].value if end in line else None,
            path[end].planned if end in path else None,
        )
        for end in ends
    )


@dataclass(frozen=True, slots=True)
class Statuses:
    """Values, paths and voices of many series, read together."""

    now: Period
    thresholds: Thresholds
    lines: Mapping[int, Line]
    routes: Mapping[int, Path]
    persons: Mapping[tuple[int, str], StatusVoice]
    disputed: frozenset[int]
    plans: Mapping[int, Trajectory]

    def line(self, series: Series | None) -> Line:
        return self.lines.get(series.pk, {}) if series else {}

    def path(self, series: Series | None) -> Path:
        return self.routes.get(series.pk, {}) if series else {}

    def of(self, series: Series) -> Status:
        """Status of a series at its latest value at or before the data period."""
        line, path = self.line(series), self.path(series)
        figure = line[max(line)] if line else None
        return self._status(series.indicator, series, figure, line, path)

    def nothing(self, indicator: Indicator) -> Status:
        """Status of an indicator nobody has reported."""
        return self._status(indicator, None, None, {}, {})

    def _status(
        self,
        indicator: Indicator,
        series: Series | None,
        figure: Figure | None,
        line: Line,
        path: Path,
    ) -> Status:
        at = figure.at if figure else own_period(indicator, self.now)
        point = path.get(at.end)
        planned = point.planned if point else None
        scope = series.scope if series else EDZ
        result = judge_value(
            rule_for(self.thresholds, indicator),
            indicator,
            figure.value if figure else None,
            planned,
            period=at,
            current=own_period(indicator, self.now),
            disputed=scope == EDZ and indicator.pk in self.disputed,
        )
        return Status(
            indicator,
            series.pk if series else 0,
            scope,
            figure,
            planned,
            distance(indicator, figure.value if figure else None, planned),
            *_growth(indicator, line, figure),
            result,
            self.persons.get((series.pk, at.code)) if series else None,
            own_period(indicator, self.now).periods_until(at) * -1 if figure else None,
        )


def _growth(indicator: Indicator, line: Line, figure: Figure | None) -> tuple[Decimal | None, bool]:
    if figure is None:
        return None, False
    if is_percentage(indicator):
        before = year_ago(line, figure)
        return (figure.value - before.value if before else None), True
    return growth(line, figure), False


def statuses(
    series: Sequence[Series],
    now: Period,
    *,
    as_of: datetime | None = None,
    disputed: Iterable[int] = (),
    whole: bool = False,
    lean: bool = False,
    this_year: bool = False,
    benchmarks: Mapping[int, int] | None = None,
) -> Statuses:
    """Read what `Statuses` holds for these series: 4 queries and the light thresholds.

    Two years and the periods of the sparkline before the data period are read; with `whole`
    everything; with `lean` only the series' own last period and the same a year earlier, with
    `this_year` the data period's year and what it is compared with; series that are silent in
    their own period (and the one before, for `this_year`) are read as usual, in 1 query more.
    `benchmarks` names, for a series that
    follows one, the series that is its path.
    """
    ids = [item.pk for item in series]
    since = None if whole else date(now.year - 2, 1, 1)
    followed = benchmarks or {}
    wanted = [*ids, *followed.values()]
    if lean or this_year:
        lines = _narrow(series, now, as_of, this_year=this_year)
        silent = [pk for pk in wanted if pk not in lines]
        if silent:
            lines |= figures(silent, until=now.end, since=since, as_of=as_of)
    else:
        lines = figures(wanted, until=now.end, since=since, as_of=as_of)
    plans = trajectories(ids, as_of=as_of)
    routes = paths(plans, since=since, until=None if whole else date(now.year, 12, 31))
    for own, benchmark in followed.items():
        routes[own] = {
            end: PathPoint(figure.period, end, figure.value)
            for end, figure in lines.get(benchmark, {}).items()
        }
    cells = [(series_id, line[max(line)].period) for series_id, line in lines.items() if line]
    day = timezone.localdate(as_of) if as_of else timezone.localdate()
    return Statuses(
        now,
        rules_on(day),
        lines,
        routes,
        last_voices(cells, Voice.PERSON, as_of=as_of),
        frozenset(disputed),
        plans,
    )


def _narrow(
    series: Sequence[Series], now: Period, as_of: datetime | None, *, this_year: bool
) -> dict[int, Line]:
    """Lines of the series that have a figure of late, in the periods they need. 1 query."""
    latest = {item.pk: _latest(item, now, this_year) for item in series}
    ends = {
        end for own in latest.values() for last in own for end in (last.end, last.year_ago().end)
    }
    if this_year:
        ends.update(
            part.end
            for frequency in {own[0].frequency for own in latest.values()}
            for part in Period.of(now.year).split(frequency)
            if part.end <= now.end
        )
    found = figures(latest, ends=ends, as_of=as_of)
    return {pk: line for pk, line in found.items() if any(own.end in line for own in latest[pk])}


def _latest(series: Series, now: Period, this_year: bool) -> tuple[Period, ...]:
    """The series' own last period; for a year's line the one before, too. A yearly line is long."""
    own = own_period(series.indicator, now)
    return (own, own.previous()) if this_year and own.frequency.per_year > 1 else (own,)
