"""Everything the page of one indicator shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Case, QuerySet, When
from django.http import Http404

from jingkai.core.accounts.public import User
from jingkai.delivery.policy.public import KeyTask
from jingkai.engine.periods import Period
from jingkai.engine.semantics import ValueMode, month_from_ytd, ytd_from_months
from jingkai.engine.trajectories import RunRate, run_rate

from ..catalogue import CITY, EDZ, mode_of
from ..models import (
    Indicator,
    IndicatorVersion,
    Series,
    StatusVoice,
    Target,
    TargetTask,
    Trajectory,
    ValueEvent,
)
from ..periods import any_period
from .board import (
    Status,
    TargetText,
    leading_first,
    statements_of,
    statuses,
    target_text,
)
from .figures import Figure, Line, figures
from .visibility import visible_indicators, visible_series

SCOPES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One period of the chart. Either side may be missing; `release` belongs to `actual`."""

    period: str
    period_end: date
    actual: Decimal | None
    planned: Decimal | None
    release: str = ""
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One year: its last value, whether the year is complete, and its plan."""

    year: int
    actual: Decimal | None
    upto: str
    is_complete: bool
    planned: Decimal | None


@dataclass(frozen=True, slots=True)
class OwnPeriod:
    """A period's own flow, derived from running totals; `covers_two` for January–February."""

    period: str
    value: Decimal
    covers_two: bool


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """One indicator in one scope at a data period."""

    indicator: Indicator
    series: Series | None
    scope: str
    scopes: tuple[Series, ...]
    """Scopes the reader may switch to: totals, then at most `SCOPES_SHOWN` zones in order."""
    period: str
    as_of: datetime | None
    status: Status
    targets: tuple[TargetText, ...]
    statements: tuple[Target, ...]
    """All that is said about the indicator in any scope, in the order of the document."""
    trajectory: Trajectory | None
    points: tuple[ChartPoint, ...]
    years: tuple[YearPoint, ...]
    run_rate: RunRate | None
    own_periods: tuple[OwnPeriod, ...]
    definitions: tuple[IndicatorVersion, ...]
    tasks: tuple[KeyTask, ...]


def indicator_page(
    *, user: User, code: str, period: str, scope: str = EDZ, as_of: datetime | None = None
) -> IndicatorPage:
    """What the page of an indicator shows beside the zones. 9 queries at any length of history.

    `zones.zones_board`, `judgements`, `revisions` and `value_events` give the rest. Raises Http404
    for an indicator or scope the user may not see.
    """
    indicator = (
        visible_indicators(user).filter(code=code).select_related("responsible", "compiler").first()
    )
    if indicator is None:
        raise Http404
    scopes = _scopes(user, indicator, scope)
    series = next((s for s in scopes if s.scope == scope), None)
    if series is None and scope != EDZ:
        raise Http404
    now = any_period(period)
    statements = statements_of([indicator.pk])
    targets = [target_text(row) for row in leading_first(statements) if row.scope == scope]
    disputed = {indicator.pk} if targets and targets[0].is_disputed else set()
    if series:
        series.indicator = indicator
    found = statuses(
        [series] if series else [],
        now,
        as_of=as_of,
        disputed=disputed,
        whole=True,
        benchmarks=_followed(series, targets),
    )
    status = found.of(series) if series else found.nothing(indicator)
    line, path = found.line(series), found.path(series)
    route = found.plans.get(series.pk) if series else None
    points = [
        ChartPoint(
            line[end].period if end in line else path[end].period,
            end,
            line[end].value if end in line else None,
            path[end].planned if end in path else None,
            line[end].release if end in line else "",
            end in line and line[end].is_partial,
        )
        for end in sorted({*line, *path})
    ]
    return IndicatorPage(
        indicator,
        series,
        scope,
        tuple(scopes),
        now.code,
        as_of,
        status,
        tuple(targets),
        tuple(statements),
        route,
        tuple(points),
        years_of(indicator, points),
        _run_rate(indicator, line, status, path_end(points, now.year)),
        own_periods(indicator, line),
        tuple(indicator.versions.select_related("numerator", "denominator")),
        linked_tasks(indicator),
    )


def _scopes(user: User, indicator: Indicator, chosen: str) -> list[Series]:
    """1 query. Zones beyond `SCOPES_SHOWN` are reached from the ranking of zones."""
    kinds = Case(
        When(scope=EDZ, then=0), When(scope=CITY, then=1), When(scope=chosen, then=2), default=3
    )
    rows = (
        visible_series(user)
        .filter(indicator=indicator)
        .select_related("zone")
        .order_by(kinds, "zone__position", "scope")[: SCOPES_SHOWN + 3]
    )
    return sorted(
        rows,
        key=lambda s: (s.zone is not None, s.scope != EDZ, s.zone.position if s.zone else 0, s.pk),
    )


def series_of(user: User, indicator: Indicator, scope: str) -> Series | None:
    """The series a page shows: the scope asked for; without one all zones, or what there is.

    1 query. Raises Http404 for a scope the user may not see.
    """
    scopes = _scopes(user, indicator, scope)
    wanted = (scope,) if scope else (EDZ, CITY)
    found = next((s for code in wanted for s in scopes if s.scope == code), None)
    if found is None and scope not in ("", EDZ):
        raise Http404
    if found is None and not scope and scopes:
        found = scopes[0]
    if found is not None:
        found.indicator = indicator
    return found


def _followed(series: Series | None, targets: Sequence[TargetText]) -> dict[int, int]:
    """The whole city's series that is the path of a relative target. At most 1 query."""
    if series is None or not targets or targets[0].benchmark_id is None:
        return {}
    found = Series.objects.filter(indicator_id=targets[0].benchmark_id, scope=CITY).first()
    return {series.pk: found.pk} if found else {}


def path_end(points: Iterable[ChartPoint], year: int) -> Decimal | None:
    """The plan at the end of a year."""
    return next((p.planned for p in points if p.period_end == date(year, 12, 31)), None)


def years_of(indicator: Indicator, points: Sequence[ChartPoint]) -> tuple[YearPoint, ...]:
    """Year by year: flows by their total, stocks by their last value."""
    found: list[YearPoint] = []
    summed = mode_of(indicator) is ValueMode.MONTH
    for year in sorted({point.period_end.year for point in points}):
        inside = [point for point in points if point.period_end.year == year]
        actual = [point for point in inside if point.actual is not None]
        planned = [point.planned for point in inside if point.planned is not None]
        values = [point.actual for point in actual if point.actual is not None]
        whole = Period.parse(inside[-1].period).frequency.per_year
        ended = bool(actual) and actual[-1].period_end.month == 12
        plan: Decimal | None = None
        if planned and inside[-1].planned is not None and inside[-1].period_end.month == 12:
            plan = sum(planned, Decimal(0)) if summed and len(planned) == whole else planned[-1]
        found.append(
            YearPoint(
                year,
                (sum(values, Decimal(0)) if summed else values[-1]) if values else None,
                actual[-1].period if actual else "",
                ended and (not summed or len(values) == whole),
                plan,
            )
        )
    return tuple(found)


def _run_rate(
    indicator: Indicator, line: Line, status: Status, year_plan: Decimal | None
) -> RunRate | None:
    """What is left of the year's plan per remaining period; only flows have one."""
    figure = status.figure
    if figure is None or year_plan is None or mode_of(indicator) is not ValueMode.YTD:
        return None
    if line.get(figure.period_end) is None:
        return None
    return run_rate(figure.value, year_plan, figure.at)


def own_periods(indicator: Indicator, line: Line) -> tuple[OwnPeriod, ...]:
    """Each period's own flow; empty for stocks."""
    mode = mode_of(indicator)
    if mode is ValueMode.POINT:
        return ()
    values = {figure.at: figure.value for figure in line.values()}
    own = month_from_ytd(values) if mode is ValueMode.YTD else values
    return tuple(
        OwnPeriod(p.code, v, p.covers_january and p.previous() not in values)
        for p, v in sorted(own.items())
    )


def running_totals(indicator: Indicator, line: Line) -> dict[str, Decimal]:
    """Running totals by period code, of an indicator reported period by period."""
    if mode_of(indicator) is not ValueMode.MONTH:
        return {figure.period: figure.value for figure in line.values()}
    totals = ytd_from_months({figure.at: figure.value for figure in line.values()})
    return {period.code: value for period, value in totals.items()}


def linked_tasks(indicator: Indicator) -> tuple[KeyTask, ...]:
    """Key tasks that serve its targets, in the document's order. 1 query."""
    links = TargetTask.objects.filter(target__indicator=indicator).select_related("task")
    return tuple(sorted({link.task for link in links}, key=lambda task: task.number))


def judgements(series: Series | None, *, limit: int = 20) -> tuple[StatusVoice, ...]:
    """What people said about a series, newest first. 1 query."""
    if series is None:
        return ()
    rows = StatusVoice.objects.filter(series=series, voice="person").select_related("actor")
    return tuple(rows.order_by("-id")[:limit])


def series_history(
    *,
    user: User,
    code: str,
    scope: str,
    as_of: datetime | None = None,
    since: date | None = None,
    until: date | None = None,
) -> tuple[Figure, ...]:
    """Figures of one series in order of time. 2 queries. Raises Http404 out of scope."""
    series = visible_series(user).filter(indicator__code=code, scope=scope).first()
    if series is None:
        raise Http404
    line = figures([series.pk], since=since, until=until, as_of=as_of).get(series.pk, {})
    return tuple(line[end] for end in sorted(line))


def value_events(series: Series, as_of: datetime | None = None) -> QuerySet[ValueEvent]:
    """All that was ever said about a series, newest first, with who said it. 1 query."""
    events = ValueEvent.objects.filter(series=series).select_related("actor", "definition")
    return events.filter(recorded_at__lte=as_of) if as_of else events


@dataclass(frozen=True, slots=True)
class Revision:
    """One value replaced by another in the same cell. `before` None: the first that was said."""

    event_id: int
    indicator: str
    scope: str
    period: str
    before: Decimal | None
    after: Decimal | None
    before_release: str
    release: str
    origin: str
    actor: str
    reason: str
    recorded_at: datetime

    @property
    def change(self) -> Decimal | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


def revisions(series: Series, period: str) -> tuple[Revision, ...]:
    """How one cell came to its value, newest first. 1 query."""
    events = list(value_events(series).filter(period=period))
    older: list[ValueEvent | None] = [*events[1:], None]
    return tuple(
        Revision(
            event.pk,
            series.indicator.code,
            series.scope,
            event.period,
            before.value if before else None,
            event.value,
            before.release if before else "",
            event.release,
            event.origin,
            str(event.actor) if event.actor else "",
            event.reason,
            event.recorded_at,
        )
        for event, before in zip(events, older, strict=True)
    )
