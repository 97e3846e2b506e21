"""Planned paths: a new version ends the old one; nothing of a path is changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import InvalidInput, NotPermitted
from jingkai.core.verdicts import require
from jingkai.engine import trajectories as engine
from jingkai.engine.errors import EngineError
from jingkai.engine.periods import Frequency, Period
from jingkai.engine.rounding import round_to
from jingkai.engine.semantics import ValueMode, find_falling_ytd, ytd_from_months

from ..catalogue import EDZ, frequency_of, mode_of
from ..models import (
    Agreement,
    CurrentValue,
    Indicator,
    Series,
    Shape,
    Target,
    TargetKind,
    Trajectory,
    TrajectoryPoint,
)
from ..periods import any_period, invalid
from ..rules import can_plan
from .levels import TargetLevelUnknown, level_of
from .status import relight
from .store import lock_indicators


@dataclass(frozen=True, slots=True)
class Horizon:
    """A level the path passes through exactly, and the target it comes from."""

    period: str
    value: Decimal
    target: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    """Where a path starts and how that number is known."""

    value: Decimal
    origin: str


@transaction.atomic
def plan_trajectory(
    *,
    series: Series,
    shape: Shape,
    base_period: str,
    base_value: Decimal | None = None,
    horizons: Sequence[Horizon] | None = None,
    parameters: Mapping[str, Any] | None = None,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> Trajectory:
    """Draw the path of a series to its last horizon as a new version, and light it again.

    `base_value` None takes the recorded value at the end of the base period. `horizons` None takes
    the leading targets. `parameters` may hold `steps` or `drawn` (period code → value) and
    `profile`: "even" to spread a year evenly although past years have a season. `actor` None is
    the system (default paths).

    Raises
    ------
    NotPermitted
    InvalidInput
        No base, no horizon, or a path that cannot be drawn; says what to give.
    """
    if actor is not None:
        require(can_plan(actor))
    indicator, given = series.indicator, dict(parameters or {})
    lock_indicators([indicator.pk])
    start = any_period(base_period, "base_period")
    base = (
        Base(base_value, str(given.pop("base_origin", "")) or _("given"))
        if base_value is not None
        else recorded_base(series, start)
    )
    if base is None:
        raise invalid(
            "base_value",
            _("“%(indicator)s” has no value for %(period)s: give the base value.")
            % {"indicator": indicator.name, "period": start},
            "base_missing",
        )
    through = list(horizons) if horizons is not None else leading_horizons(series)
    profile = _profile(series, start, shape, given)
    path = draw(
        indicator,
        shape,
        (start, base.value),
        through,
        profile,
        steps=_points(given.get("steps")),
        drawn=_points(given.get("drawn")),
    )
    given |= (
        {}
        if profile is None
        else {
            "spread": profile.spread.value,
            "years": list(profile.years),
            "shares": [f"{share:.6f}" for share in profile.shares],
        }
    )
    return _replace(
        series, shape, start, base, through, given, path, actor=actor, now=now, reason=reason
    )


def _replace(
    series: Series,
    shape: Shape,
    start: Period,
    base: Base,
    horizons: Sequence[Horizon],
    parameters: Mapping[str, Any],
    path: Mapping[Period, Decimal],
    *,
    actor: User | None,
    now: datetime,
    reason: str,
) -> Trajectory:
    versions = Trajectory.objects.filter(series=series)
    last = versions.order_by("-version").values_list("version", flat=True).first() or 0
    versions.filter(is_active=True).update(is_active=False)
    trajectory = Trajectory(
        series=series,
        version=last + 1,
        shape=shape,
        base_period=start.code,
        base_value=round_to(base.value, 6),
        base_origin=base.origin[:200],
        horizons=[
            {"period": h.period, "value": str(h.value), "target": h.target} for h in horizons
        ],
        parameters=dict(parameters),
        reason=reason.strip(),
        actor=actor,
        created_at=now,
    )
    trajectory.full_clean(exclude=["actor", "series"])
    trajectory.save()
    TrajectoryPoint.objects.bulk_create(
        [
            TrajectoryPoint(
                trajectory=trajectory,
                period=period.code,
                period_end=period.end,
                planned=round_to(planned, 6),
            )
            for period, planned in path.items()
        ]
    )
    audit.record(
        "indicators.trajectory.planned",
        actor=actor,
        target=series,
        at=now,
        summary=reason.strip(),
        details={
            "version": trajectory.version,
            "shape": str(shape),
            "base": str(base.value),
            "horizons": trajectory.horizons,
            "points": len(path),
        },
    )
    relight([series], now=now)
    return trajectory


@transaction.atomic
def draw_points(
    *, series: Series, points: Mapping[str, Decimal], actor: User, now: datetime, reason: str
) -> Trajectory:
    """Move some points of the path in force by hand; the rest stays where it is.

    Raises NotPermitted; InvalidInput without a reason or path, for a period not on the path, for a
    moved horizon, or for a running total that would fall inside a year.
    """
    require(can_plan(actor))
    if not reason.strip():
        raise invalid("reason", _("Give a reason: others will read it."), "required")
    lock_indicators([series.indicator_id])
    old = Trajectory.objects.filter(series=series, is_active=True).first()
    if old is None:
        raise invalid("points", _("There is no path yet: plan one first."), "no_path")
    mode, frequency = mode_of(series.indicator), frequency_of(series.indicator)
    path = {Period.parse(p.period): p.planned for p in old.points.all()}
    for code, planned in points.items():
        period = any_period(code, "points")
        if period not in path:
            raise invalid(
                "points", _("%(period)s is not on the path.") % {"period": code}, "point_outside"
            )
        path[period] = planned
    start = Period.parse(old.base_period)
    drawn = {p: v for p, v in path.items() if p.last_month > start.last_month}
    if mode is ValueMode.MONTH and frequency is not Frequency.YEAR:
        drawn = ytd_from_months(drawn)
    if mode is ValueMode.YTD and find_falling_ytd(drawn):
        raise invalid("points", _("A running total does not fall inside a year."), "ytd_falls")
    if mode is not ValueMode.POINT:
        ends = {p: v for p, v in drawn.items() if p.end.month == 12}
        drawn |= {Period.of(p.year): v for p, v in ends.items()}
    horizons = [Horizon(h["period"], Decimal(h["value"]), h["target"]) for h in old.horizons]
    redrawn = draw(
        series.indicator, Shape.DRAWN, (start, old.base_value), horizons, None, drawn=drawn
    )
    moved = {code: str(value) for code, value in points.items()}
    return _replace(
        series,
        Shape.DRAWN,
        start,
        Base(old.base_value, old.base_origin),
        horizons,
        {"moved": moved},
        redrawn,
        actor=actor,
        now=now,
        reason=reason,
    )


def draw(
    indicator: Indicator,
    shape: Shape,
    base: tuple[Period, Decimal],
    horizons: Sequence[Horizon],
    profile: engine.Profile | None,
    *,
    steps: Mapping[Period, Decimal] | None = None,
    drawn: Mapping[Period, Decimal] | None = None,
) -> dict[Period, Decimal]:
    """The points of a path, not saved. Raises InvalidInput where none can be drawn."""
    try:
        stated = {any_period(h.period, "horizons"): h.value for h in horizons}
        return engine.plan(
            engine.Shape(shape),
            base,
            stated,
            frequency_of(indicator),
            mode_of(indicator),
            profile=profile,
            steps=steps,
            drawn=drawn,
            places=0 if indicator.decimals == 0 else indicator.decimals + 1,
        )
    except EngineError as error:
        raise _refusal(error) from error


def _refusal(error: EngineError) -> InvalidInput:
    sentences = {
        "no_horizon": _("There is no target with a number to plan towards: name a horizon."),
        "horizon_before_base": _("A horizon lies before the base: choose an earlier base period."),
        "seasonal_stock": _("A stock has no season: choose another shape."),
        "point_misses_horizon": _("A drawn point misses the target of its period."),
        "point_outside": _("A drawn point lies outside the path."),
        "point_misfit": _("A point does not fall on the end of a period of this indicator."),
        "year_half_drawn": _("Draw all periods of a year or none of them."),
        "growth_sign": _(
            "No constant growth leads from the base to the target: choose a straight line."
        ),
    }
    message = sentences.get(error.code) or _("No path can be drawn: %(why)s") % {"why": error}
    return invalid("horizons", message, error.code)


def _points(given: Mapping[str, Any] | None) -> dict[Period, Decimal] | None:
    if not given:
        return None
    return {any_period(code, "parameters"): Decimal(str(value)) for code, value in given.items()}


def _profile(
    series: Series, start: Period, shape: Shape, given: Mapping[str, Any]
) -> engine.Profile | None:
    """In-year spread of a flow, from the series' own complete years up to the base. 1 query."""
    indicator = series.indicator
    mode, frequency = mode_of(indicator), frequency_of(indicator)
    if mode is ValueMode.POINT or frequency is Frequency.YEAR:
        return None if shape is not Shape.SEASONAL else engine.Profile.even(frequency)
    if given.get("profile") == "even":
        return engine.Profile.even(frequency)
    rows = CurrentValue.objects.filter(
        series=series, period_end__lte=start.end, period_end__gte=date(start.year - 4, 1, 1)
    ).values_list("period", "value")
    line = {Period.parse(code): value for code, value in rows}
    own = line if mode is ValueMode.YTD else ytd_from_months(line)
    return engine.seasonal_profile(own, frequency, before=start.year + 1)


def recorded_base(series: Series, start: Period) -> Base | None:
    """The value at the end of the base period; a flow's year is its last running total."""
    indicator = series.indicator
    rows = CurrentValue.objects.filter(series=series, period_end__lte=start.end)
    if mode_of(indicator) is ValueMode.MONTH and start.length > frequency_of(indicator).length:
        within = rows.filter(period_end__gte=start.start).values_list("value", flat=True)
        if len(within) < start.length // frequency_of(indicator).length:
            return None
        return Base(sum(within, Decimal(0)), _("sum of the recorded values of %s") % start)
    found = rows.filter(period_end=start.end).first()
    return Base(found.value, _("recorded value of %s") % found.period) if found else None


def leading_targets(indicator_ids: Iterable[int], scope: str = EDZ) -> list[Target]:
    """Leading targets not set aside, nearest horizon first. 1 query."""
    return list(
        Target.objects.filter(indicator_id__in=list(indicator_ids), scope=scope, is_leading=True)
        .exclude(agreement=Agreement.SET_ASIDE)
        .exclude(kind=TargetKind.QUALITATIVE)
        .select_related("indicator")
        .order_by("indicator_id", "horizon", "code")
    )


def leading_horizons(series: Series) -> list[Horizon]:
    """Levels the leading targets ask of the series. Raises InvalidInput when none has a level."""
    found, reasons = levels_of(series, leading_targets([series.indicator_id], series.scope))
    if not found:
        raise invalid(
            "horizons",
            reasons[0] if reasons else _("There is no target with a number to plan towards."),
            "no_horizon",
        )
    return found


def levels_of(series: Series, targets: Iterable[Target]) -> tuple[list[Horizon], list[str]]:
    found: dict[str, Horizon] = {}
    reasons: list[str] = []
    for target in targets:
        try:
            level = level_of(target, lambda start: _value(recorded_base(series, start)))
        except TargetLevelUnknown as unknown:
            reasons.append(str(unknown))
            continue
        found[target.horizon] = Horizon(target.horizon, level, target.code)
    return list(found.values()), reasons


def _value(base: Base | None) -> Decimal | None:
    return base.value if base else None


__all__ = [
    "Base",
    "Horizon",
    "NotPermitted",
    "draw",
    "draw_points",
    "leading_horizons",
    "leading_targets",
    "levels_of",
    "plan_trajectory",
    "recorded_base",
]
