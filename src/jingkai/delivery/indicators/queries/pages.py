"""The list of targets and indicators: one row per indicator for one scope, at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef

from jingkai.core.accounts.public import User
from jingkai.engine.periods import Frequency, Period, range_periods
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import CITY, EDZ, frequency_of
from ..labels import distance_text, has_level, period_label, silence, target_text, tone
from ..models import Agreement, Indicator, Series, Target
from ..rules import zone_committee_ids
from .board import Status, Statuses, statements_of, statuses
from .figures import Figure, Line, Path
from .indicator import SCOPES_SHOWN
from .visibility import sees_every_series, visible_indicators, visible_series

HORIZONS = ("2028", "2030")


@dataclass(frozen=True, slots=True)
class TargetCell:
    """What is asked by one horizon: the leading statement, and those that contradict it."""

    target: Target
    others: tuple[Target, ...] = ()

    @property
    def text(self) -> str:
        return target_text(self.target)

    @property
    def is_disputed(self) -> bool:
        return any(t.agreement == Agreement.DISPUTED for t in self.all)

    @property
    def all(self) -> tuple[Target, ...]:
        return (self.target, *self.others)

    @property
    def shows_unit(self) -> bool:
        return has_level(self.target)

    @property
    def both(self) -> str:
        """All statements with their places, for the tip on the warning sign."""
        return "；".join(f"{target_text(t)}（{t.place}）" for t in self.all)


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator on the list."""

    status: Status
    series: Series | None
    targets: Mapping[str, TargetCell]
    actual: Sequence[Decimal | None]
    planned: Sequence[Decimal | None]

    @property
    def indicator(self) -> Indicator:
        return self.status.indicator

    @property
    def figure(self) -> Figure | None:
        return self.status.figure

    @property
    def period_label(self) -> str:
        return "" if self.figure is None else period_label(self.figure.at, self.indicator)

    @property
    def light(self) -> str:
        return self.status.light.light.value

    @property
    def light_reason(self) -> str:
        return silence(self.status.light)

    @property
    def distance_text(self) -> str:
        return distance_text(self.status.distance)

    @property
    def distance_tone(self) -> str:
        return tone(self.light)

    @property
    def horizon_cells(self) -> list[TargetCell | None]:
        return [self.targets.get(horizon) for horizon in HORIZONS]

    @property
    def is_disputed(self) -> bool:
        return any(cell.is_disputed for cell in self.targets.values())


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the list is narrowed to; empty means everything."""

    light: str = ""
    body: str = ""
    kind: str = ""  # headline | benchmark | disputed
    text: str = ""

    def keeps(self, row: IndicatorRow) -> bool:
        indicator = row.indicator
        kinds = {
            "headline": indicator.is_headline,
            "benchmark": indicator.is_benchmark,
            "disputed": row.is_disputed,
        }
        body = indicator.responsible
        text = self.text.casefold()
        return (
            (not self.light or row.light == self.light)
            and (not self.body or (body is not None and body.code == self.body))
            and kinds.get(self.kind, True)
            and (
                not text
                or text in indicator.name.casefold()
                or text in indicator.code.casefold()
                or text in indicator.name_en.casefold()
                or indicator.initials.casefold().startswith(text)
            )
        )


def indicator_rows(
    *, user: User, scope: str, now: Period, as_of: datetime | None = None
) -> list[IndicatorRow]:
    """Every indicator the person may see, for one scope. 7 queries at any number of rows.

    A benchmark is measured for the whole city: in the view of all zones its city series is shown.
    """
    indicators = list(
        visible_indicators(user)
        .select_related("responsible", "compiler")
        .order_by("position", "code")
    )
    wanted = {scope, CITY} if scope == EDZ else {scope}
    by_indicator: dict[int, dict[str, Series]] = defaultdict(dict)
    for series in visible_series(user).filter(scope__in=wanted).select_related("zone"):
        by_indicator[series.indicator_id][series.scope] = series
    chosen: dict[int, Series] = {}
    for indicator in indicators:
        own = by_indicator[indicator.pk]
        found_series = own.get(scope) or (own.get(CITY) if indicator.is_benchmark else None)
        if found_series is not None:
            found_series.indicator = indicator
            chosen[indicator.pk] = found_series
    asked = targets_of([indicator.pk for indicator in indicators])
    found = statuses(
        list(chosen.values()), now, as_of=as_of, disputed=_disputed(asked), this_year=True
    )
    return [row_of(i, chosen.get(i.pk), found, asked.get(i.pk, {})) for i in indicators]


def row_of(
    indicator: Indicator,
    series: Series | None,
    found: Statuses,
    targets: Mapping[str, TargetCell],
) -> IndicatorRow:
    status = found.of(series) if series is not None else found.nothing(indicator)
    actual, planned = spark(indicator, found.line(series), found.path(series), found.now)
    return IndicatorRow(status, series, targets, actual, planned)


def _disputed(asked: Mapping[int, Mapping[str, TargetCell]]) -> set[int]:
    """Indicators whose leading statement is in conflict."""
    return {
        indicator_id
        for indicator_id, cells in asked.items()
        if any(
            c.target.is_leading and c.target.agreement == Agreement.DISPUTED for c in cells.values()
        )
    }


def spark(
    indicator: Indicator, line: Line, path: Path, now: Period
) -> tuple[list[Decimal | None], list[Decimal | None]]:
    """Actual and planned for the small line: the year of `now`, or all years to the horizon."""
    frequency = frequency_of(indicator)
    ends = sorted({*line, *path})
    if not ends:
        return [], []
    if frequency is not Frequency.YEAR:
        return _values(line, path, _ends_in(now.year, frequency))
    years = range_periods(Period.of(ends[0].year), Period.of(ends[-1].year))
    return _values(line, path, [year.end for year in years])


def _values(
    line: Line, path: Path, ends: Sequence[date]
) -> tuple[list[Decimal | None], list[Decimal | None]]:
    return (
        [line[end].value if end in line else None for end in ends],
        [path[end].planned if end in path else None for end in ends],
    )


@cache
def _ends_in(year: int, frequency: Frequency) -> tuple[date, ...]:
    """Ends of the periods of a year: of the calendar, the same for ever."""
    return tuple(period.end for period in Period.of(year).split(frequency))


def targets_of(indicator_ids: Collection[int]) -> dict[int, dict[str, TargetCell]]:
    """By indicator and horizon: what leads, or the first statement with a level. 1 query."""
    return cells_of(statements_of(indicator_ids))


def cells_of(statements: Iterable[Target]) -> dict[int, dict[str, TargetCell]]:
    """Statements in the document's order by indicator and horizon."""
    grouped: dict[int, dict[str, list[Target]]] = defaultdict(lambda: defaultdict(list))
    for target in statements:
        grouped[target.indicator_id][target.horizon].append(target)
    return {
        indicator_id: {horizon: _cell(targets) for horizon, targets in horizons.items()}
        for indicator_id, horizons in grouped.items()
    }


def _cell(targets: Sequence[Target]) -> TargetCell:
    first = min(targets, key=lambda t: (not t.is_leading, not has_level(t), t.position, t.code))
    return TargetCell(
        first,
        tuple(t for t in targets if t.kind == first.kind and t.value != first.value),
    )


def data_periods(user: User, *, limit: int = 24) -> list[Period]:
    """The latest months that have figures, newest first. 1 query."""
    statement, parameters = _MONTHS, (limit,)
    if not sees_every_series(user):
        try:
            own, given = visible_series(user).values("pk").query.sql_with_params()
        except EmptyResultSet:  # a role that sees no figures
            return []
        statement, parameters = _MONTHS_OF.format(own=own), (*given, limit)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        months: list[date] = [day for (day,) in cursor.fetchall()]
    return [Period.of(day.year, Frequency.MONTH, day.month) for day in months]


# From month to month down the index: one look-up each, however many figures a month has.
_MONTHS = """
    WITH RECURSIVE months AS (
        SELECT max(period_end) AS day FROM indicators_currentvalue
        UNION ALL
        SELECT (SELECT max(period_end) FROM indicators_currentvalue
            WHERE period_end < date_trunc('month', m.day)::date)
        FROM months m WHERE m.day IS NOT NULL
    )
    SELECT day FROM months WHERE day IS NOT NULL LIMIT %s
"""
# An array makes it look into the few series one by one; a join would read every zone's figures.
_MONTHS_OF = """
    SELECT DISTINCT date_trunc('month', period_end)::date AS month FROM indicators_currentvalue
    WHERE series_id = ANY(ARRAY({own})) ORDER BY month DESC LIMIT %s
"""


def data_period_or(user: User, today: date) -> tuple[Period, list[Period]]:
    """The latest month with figures (without any: last month) and all that can be chosen."""
    periods = data_periods(user)
    this_month = Period.of(today.year, Frequency.MONTH, today.month)
    return (periods[0] if periods else this_month.previous()), periods


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a reader can look at: totals first, then zones in order, the one looked at among them.

    `more` says that there are further zones; they are found in the lists of zones.
    """

    shown: tuple[tuple[str, Zone | None], ...]
    more: bool

    def __contains__(self, code: str) -> bool:
        return any(code == scope for scope, _zone in self.shown)


def visible_scopes(user: User, chosen: str) -> Scopes:
    """Scopes with figures that the person may look at. 2 queries."""
    series = visible_series(user)
    totals = series.filter(scope__in=(EDZ, CITY)).order_by("scope").values_list("scope", flat=True)
    both = set(totals.distinct())
    zones = Zone.objects.filter(Exists(Series.objects.filter(zone=OuterRef("pk"))))
    if not sees_every_series(user):
        zones = zones.filter(committee_id__in=zone_committee_ids(user))
    first = zones.order_by("position", "code")[: SCOPES_SHOWN + 1]
    found = list(zones.filter(code=chosen).union(first) if chosen else first)
    found.sort(key=lambda zone: (zone.code != chosen, zone.position, zone.code))
    shown = sorted(found[:SCOPES_SHOWN], key=lambda zone: (zone.position, zone.code))
    return Scopes(
        (
            *((scope, None) for scope in (EDZ, CITY) if scope in both),
            *((zone.code, zone) for zone in shown),
        ),
        len(found) > SCOPES_SHOWN,
    )
