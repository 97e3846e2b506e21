"""The paths of the headline series, drawn from their leading targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.engine.growth import implied_base
from jingkai.engine.periods import Period
from jingkai.engine.rounding import round_to
from jingkai.engine.semantics import ValueMode

from ..catalogue import EDZ, mode_of
from ..models import Indicator, ScopeKind, Series, Shape, Target, Trajectory
from .trajectories import (
    Base,
    Horizon,
    leading_targets,
    levels_of,
    plan_trajectory,
    recorded_base,
)


@dataclass(frozen=True, slots=True)
class DefaultPlans:
    """What the default planner drew, and why it left the others: (indicator code, reason)."""

    planned: tuple[Trajectory, ...]
    skipped: tuple[tuple[str, str], ...]


@transaction.atomic
def plan_default_trajectories(
    *,
    now: datetime,
    actor: User | None = None,
    indicators: Iterable[str] | None = None,
    reason: str = "",
) -> DefaultPlans:
    """A path for each headline indicator (or the named ones) through all its leading targets.

    Flows are seasonal, stocks straight, from the last year that ended before the first horizon and
    before `now`. A path whose horizons have not changed is left alone. Without a recorded base the
    one implied by a target's own yearly rate is taken, and named as such.
    """
    rows = Indicator.objects.filter(is_headline=True)
    if indicators is not None:
        rows = Indicator.objects.filter(code__in=list(indicators))
    planned: list[Trajectory] = []
    skipped: list[tuple[str, str]] = []
    by_indicator: dict[int, list[Target]] = {}
    for target in leading_targets([row.pk for row in rows]):
        by_indicator.setdefault(target.indicator_id, []).append(target)
    for indicator in rows:
        targets = by_indicator.get(indicator.pk, [])
        series, _made = Series.objects.get_or_create(
            indicator=indicator, scope=EDZ, defaults={"scope_kind": ScopeKind.ZONES}
        )
        series.indicator = indicator
        found, reasons = levels_of(series, targets)
        if not found:
            skipped.append((indicator.code, reasons[0] if reasons else _("It has no target.")))
            continue
        start = Period.of(min(now.year, int(found[0].period[:4])) - 1)
        base = recorded_base(series, start) or _implied(targets, start)
        if base is None:
            message = _("It has no value for %(period)s to start from.") % {"period": start}
            skipped.append((indicator.code, message))
            continue
        if _unchanged(series, found):
            skipped.append((indicator.code, _("Its path is already in force.")))
            continue
        shape = Shape.STRAIGHT if mode_of(indicator) is ValueMode.POINT else Shape.SEASONAL
        planned.append(
            plan_trajectory(
                series=series,
                shape=shape,
                base_period=start.code,
                base_value=base.value,
                horizons=found,
                parameters={"base_origin": base.origin},
                actor=actor,
                now=now,
                reason=reason or _("Default path through the leading targets"),
            )
        )
    return DefaultPlans(tuple(planned), tuple(skipped))


def _implied(targets: Iterable[Target], start: Period) -> Base | None:
    for target in targets:
        if target.base_value is not None and target.base_year == start.code:
            return Base(target.base_value, _("stated by %s") % target.code)
        if target.stated_rate is not None and target.value is not None:
            years = start.years_until(Period.parse(target.horizon))
            value = implied_base(target.value, target.stated_rate, years)
            return Base(
                round_to(value, target.indicator.decimals),
                _("implied by %(target)s at %(rate)s%% a year")
                % {"target": target.code, "rate": target.stated_rate.normalize()},
            )
    return None


def _unchanged(series: Series, horizons: Sequence[Horizon]) -> bool:
    active = Trajectory.objects.filter(series=series, is_active=True).first()
    if active is None:
        return False
    stated = {(h["period"], Decimal(h["value"])) for h in active.horizons}
    return stated == {(h.period, h.value) for h in horizons}
