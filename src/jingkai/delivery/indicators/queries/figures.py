"""Figures of many series at once, today or as they were known at a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Q

from jingkai.engine.errors import EngineError
from jingkai.engine.growth import change_percent
from jingkai.engine.lights import Distance, distance_to_path
from jingkai.engine.periods import Period

from ..catalogue import direction_of, is_percentage
from ..models import (
    CurrentValue,
    Indicator,
    StatusVoice,
    Trajectory,
    TrajectoryPoint,
    ValueEvent,
    Voice,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One value with what a reader must know beside it. `value` in the indicator's unit."""

    series_id: int
    period: str
    period_end: date
    value: Decimal
    release: str
    origin: str
    event_id: int
    recorded_at: datetime
    observed: int | None = None
    expected: int | None = None

    @property
    def is_partial(self) -> bool:
        """Whether some zones are carried forward or missing in it."""
        return self.expected is not None and (self.observed or 0) < self.expected

    @property
    def at(self) -> Period:
        return Period.parse(self.period)


Line = dict[date, Figure]
"""Figures of one series by period end."""


@dataclass(frozen=True, slots=True)
class PathPoint:
    """The planned value at the end of a period."""

    period: str
    period_end: date
    planned: Decimal


Path = dict[date, PathPoint]


def figures(
    series_ids: Iterable[int],
    *,
    until: date | None = None,
    since: date | None = None,
    ends: Iterable[date] | None = None,
    as_of: datetime | None = None,
) -> dict[int, Line]:
    """Figures of the series by id and period end; withdrawn ones are absent. 1 query."""
    bounds = Q(series_id__in=list(series_ids))
    if until is not None:
        bounds &= Q(period_end__lte=until)
    if since is not None:
        bounds &= Q(period_end__gte=since)
    if ends is not None:
        bounds &= Q(period_end__in=set(ends))
    return _by_series(_current(bounds) if as_of is None else _vintage(bounds, as_of))


def latest_figures(
    series_ids: Iterable[int],
    *,
    until: date,
    since: date | None = None,
    as_of: datetime | None = None,
) -> dict[int, Figure]:
    """Each series' last figure at or before `until`. 1 query."""
    bounds = Q(series_id__in=list(series_ids), period_end__lte=until)
    if since is not None:
        bounds &= Q(period_end__gte=since)
    if as_of is None:
        rows = CurrentValue.objects.filter(bounds).order_by("series_id", "-period_end")
        found = [_of_current(row) for row in rows.distinct("series_id").values_list(*_CURRENT)]
        return {figure.series_id: figure for figure in found}
    lines = _by_series(_vintage(bounds, as_of))
    return {series_id: line[max(line)] for series_id, line in lines.items()}


_CURRENT = (
    "series_id",
    "period",
    "period_end",
    "value",
    "release",
    "event__origin",
    "event_id",
    "event__recorded_at",
    "observed",
    "expected",
)
_EVENT = (
    "series_id",
    "period",
    "period_end",
    "value",
    "release",
    "origin",
    "id",
    "recorded_at",
    "inputs",
)


def _of_current(row: Sequence[object]) -> Figure:
    return Figure(*row)  # type: ignore[arg-type]  # in the order of _CURRENT


def _current(bounds: Q) -> list[Figure]:
    rows = CurrentValue.objects.filter(bounds).order_by("series_id", "period_end")
    return [_of_current(row) for row in rows.values_list(*_CURRENT)]


def _vintage(bounds: Q, as_of: datetime) -> list[Figure]:
    rows = (
        ValueEvent.objects.filter(bounds, recorded_at__lte=as_of)
        .order_by("series_id", "period_end", "-id")
        .distinct("series_id", "period_end")
        .values_list(*_EVENT)
    )
    return [
        _of_current((*row[:-1], row[-1].get("observed"), row[-1].get("expected")))
        for row in rows
        if row[3] is not None
    ]


def _by_series(found: Iterable[Figure]) -> dict[int, Line]:
    lines: defaultdict[int, Line] = defaultdict(dict)
    for figure in found:
        lines[figure.series_id][figure.period_end] = figure
    return dict(lines)


def trajectories(
    series_ids: Iterable[int], *, as_of: datetime | None = None
) -> dict[int, Trajectory]:
    """The path in force of each series, today or at `as_of`. 1 query."""
    rows = Trajectory.objects.filter(series_id__in=list(series_ids))
    in_force = Q(is_active=True) if as_of is None else Q(created_at__lte=as_of)
    rows = rows.filter(in_force).order_by("series_id", "-version").distinct("series_id")
    return {row.series_id: row for row in rows}


def paths(
    found: Mapping[int, Trajectory],
    *,
    ends: Iterable[date] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> dict[int, Path]:
    """Planned points by series id, all of them or some. 1 query.

    Points at ends of years are kept beyond `until`: targets and yearly paths lie there.
    """
    owners = {trajectory.pk: series_id for series_id, trajectory in found.items()}
    points = TrajectoryPoint.objects.filter(trajectory_id__in=owners)
    if ends is not None:
        points = points.filter(period_end__in=set(ends))
    if since is not None:
        points = points.filter(period_end__gte=since)
    if until is not None:
        points = points.filter(Q(period_end__lte=until) | Q(period_end__month=12))
    lines: defaultdict[int, Path] = defaultdict(dict)
    rows = points.order_by("trajectory_id", "period_end").values_list(
        "trajectory_id", "period", "period_end", "planned"
    )
    for owner, period, end, planned in rows:
        lines[owners[owner]][end] = PathPoint(period, end, planned)
    return dict(lines)


def last_voices(
    cells: Iterable[tuple[int, str]], voice: Voice, *, as_of: datetime | None = None
) -> dict[tuple[int, str], StatusVoice]:
    """The last word of one voice on each (series, period), with its speaker. 1 query."""
    wanted = set(cells)
    if not wanted:
        return {}
    rows = StatusVoice.objects.filter(
        voice=voice,
        series_id__in={series_id for series_id, _ in wanted},
        period__in={period for _, period in wanted},
    )
    if as_of is not None:
        rows = rows.filter(at__lte=as_of)
    rows = (
        rows.order_by("series_id", "period", "-id")
        .distinct("series_id", "period")
        .select_related("actor")
    )
    spoken = {(row.series_id, row.period): row for row in rows}
    return {cell: row for cell, row in spoken.items() if cell in wanted}


def year_ago(line: Line, figure: Figure) -> Figure | None:
    """The figure of the same period one year earlier."""
    return line.get(figure.at.year_ago().end)


def growth(line: Line, figure: Figure) -> Decimal | None:
    """Change against the same period one year earlier, in % (points for indicators in %: None)."""
    before = year_ago(line, figure)
    if before is None or before.value == 0:
        return None
    return change_percent(before.value, figure.value)


@dataclass(frozen=True, slots=True)
class Gap:
    """A signed distance, negative when bad: in % of the plan, or in percentage points."""

    amount: Decimal
    in_points: bool


def distance(indicator: Indicator, actual: Decimal | None, planned: Decimal | None) -> Gap | None:
    """Distance to the path as people read it; None where there is none."""
    if actual is None or planned is None:
        return None
    points = is_percentage(indicator)
    measure = Distance.POINTS if points else Distance.PERCENT
    try:
        return Gap(distance_to_path(actual, planned, direction_of(indicator), measure), points)
    except EngineError:
        return None  # percent of a plan of zero


def any_of(conditions: Iterable[Q]) -> Q:
    """One condition that holds when any of them does; none given: never."""
    return reduce(or_, conditions, Q(pk__in=[]))
