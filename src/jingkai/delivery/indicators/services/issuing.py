"""What issuing does: a path for every zone, and word to its people."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import ZONE, User
from jingkai.core.audit import public as audit
from jingkai.core.notices import public as notices
from jingkai.engine.periods import Period
from jingkai.engine.semantics import ValueMode

from ..catalogue import mode_of
from ..models import (
    Allocation,
    AllocationLine,
    AllocationState,
    ScopeKind,
    Series,
    Shape,
    Trajectory,
)
from .status import relight
from .store import lock_indicators
from .trajectories import Horizon, plan_trajectory


def plan_zones(
    allocation: Allocation, lines: list[AllocationLine], *, reason: str, actor: User, now: datetime
) -> None:
    """Draw each zone's path from its base through every horizon issued to it so far."""
    indicator, start = allocation.indicator, Period.parse(allocation.base_period)
    earlier: dict[int, dict[str, Decimal]] = {}
    issued = AllocationLine.objects.filter(
        allocation__indicator=indicator,
        allocation__state=AllocationState.ISSUED,
        issued__isnull=False,
    ).values_list("zone_id", "allocation__horizon", "issued")
    for zone_id, horizon, value in issued:
        if value is not None:
            earlier.setdefault(zone_id, {})[horizon] = value
    shape = Shape.STRAIGHT if mode_of(indicator) is ValueMode.POINT else Shape.SEASONAL
    for line in lines:
        if line.issued is None or line.base is None:
            continue  # without a base there is no path; the share still stands on its line
        series, _made = Series.objects.get_or_create(
            indicator=indicator,
            scope=line.zone.code,
            defaults={"scope_kind": ScopeKind.ZONE, "zone": line.zone},
        )
        series.indicator = indicator
        through = earlier.get(line.zone_id, {}) | {allocation.horizon: line.issued}
        horizons = [
            Horizon(code, value)
            for code, value in sorted(through.items())
            if Period.parse(code).last_month > start.last_month
        ]
        plan_trajectory(
            series=series,
            shape=shape,
            base_period=start.code,
            base_value=line.base,
            horizons=horizons,
            parameters={
                "base_origin": _("recorded value of %s") % start,
                "allocation": allocation.pk,
            },
            actor=actor,
            now=now,
            reason=reason,
        )


def withdraw_paths(
    allocation: Allocation, lines: list[AllocationLine], *, reason: str, actor: User, now: datetime
) -> None:
    """End every path that still leads to a share of this round; where other rounds issued shares,
    draw it again through theirs. A path planned since in another way stays. Nothing is deleted.
    """
    lock_indicators([allocation.indicator_id])
    share = {line.zone.code: line for line in lines if line.issued is not None}
    paths = Trajectory.objects.filter(
        series__indicator=allocation.indicator, series__scope__in=share, is_active=True
    ).select_related("series__indicator")
    ended = [
        path
        for path in paths.order_by("pk")
        if any(
            horizon["period"] == allocation.horizon
            and Decimal(horizon["value"]) == share[path.series.scope].issued
            for horizon in path.horizons
        )
    ]
    for path in ended:
        path.is_active = False
        path.save(update_fields=["is_active"])
        audit.record(
            "indicators.trajectory.ended",
            actor=actor,
            target=path.series,
            at=now,
            summary=reason.strip(),
            details={"version": path.version, "allocation": allocation.pk},
        )
    relight([path.series for path in ended], now=now)
    others = Allocation.objects.filter(
        indicator=allocation.indicator, state=AllocationState.ISSUED
    ).exclude(pk=allocation.pk)
    last = others.order_by("-issued_at", "-pk").select_related("indicator").first()
    if last is not None:
        again = last.lines.filter(zone__code__in=[path.series.scope for path in ended])
        found = list(again.select_related("zone").order_by("zone__code"))
        plan_zones(last, found, reason=reason, actor=actor, now=now)


def tell_zones(allocation_id: int, action: str, now: datetime) -> None:
    """Tell each zone's clerks and leaders what is asked of them."""
    allocation = Allocation.objects.select_related("indicator").get(pk=allocation_id)
    lines = {line.zone.committee_id: line for line in allocation.lines.select_related("zone")}
    people = User.objects.filter(
        memberships__body_id__in=lines, memberships__role__in=ZONE, is_active=True
    ).distinct()
    params = {"indicator": allocation.indicator.name, "horizon": allocation.horizon}
    for person in people:
        mine = [lines[body] for body in person.body_ids(*ZONE) if body in lines]
        for line in mine:
            if action == "issue" and line.issued is not None:
                share = {"share": f"{line.issued.normalize():f}", "unit": allocation.indicator.unit}
                title = _("Issued: %(indicator)s %(horizon)s, %(share)s %(unit)s") % {
                    **params,
                    **share,
                }
            elif action == "collect":
                title = _("Please propose your share: %(indicator)s %(horizon)s") % params
            else:
                continue
            notices.notify(
                recipients=[person],
                kind=f"indicators.allocation.{action}",
                title=title,
                now=now,
                url=_url(allocation),
                dedupe_key=f"allocation:{allocation.pk}:{action}:{line.pk}",
            )


def _url(allocation: Allocation) -> str:
    try:
        return reverse("indicators:allocation", args=[allocation.pk])
    except NoReverseMatch:  # an installation without the pages
        return ""
