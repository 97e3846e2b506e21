"""Reading runs and results: the queryset twins of the rules."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jingkai.core.accounts.public import ZONE, Role, User

from .. import rules
from ..models import Run, RunState, ZoneResult


def visible_runs(user: User) -> QuerySet[Run]:
    """Runs `user` may know of: the office all, leaders and zones the circulated ones, other
    officials the published ones. Trial runs are the office's alone."""
    runs = Run.objects.select_related("version__scheme")
    if user.has_role(Role.OFFICE):
        return runs
    if not rules.can_follow(user):
        return runs.none()
    if user.has_role(Role.LEADER):
        return runs.filter(state__in=rules.SHOWN_TO_ZONES)
    seen = Q(state=RunState.PUBLISHED)
    own = user.body_ids(*ZONE)
    if own:
        # A zone that is not in a run has nothing to see of it before it is published.
        seen |= Q(
            pk__in=ZoneResult.objects.filter(
                zone__committee__in=own, run__state__in=rules.SHOWN_TO_ZONES
            ).values("run")
        )
    return runs.filter(seen)


def visible_results(user: User) -> QuerySet[ZoneResult]:
    """Results `user` may see: the twin of `rules.can_see_zone`."""
    results = ZoneResult.objects.select_related("zone")
    if user.has_role(Role.OFFICE):
        return results
    if not rules.can_follow(user):
        return results.none()
    if user.has_role(Role.LEADER):
        return results.filter(run__state__in=rules.SHOWN_TO_ZONES)
    seen = Q(run__state=RunState.PUBLISHED)
    own = user.body_ids(*ZONE)
    if own:
        seen |= Q(zone__committee__in=own, run__state__in=rules.SHOWN_TO_ZONES)
    return results.filter(seen)


def sees_figures(user: User, result: ZoneResult) -> bool:
    """Whether the raw figures of a zone are shown beside its points: not those of another zone."""
    return rules.is_city_side(user) or result.zone.committee_id in user.body_ids(*ZONE)


def runs_for_list(
    user: User, *, year: str = "", kind: str = "", state: str = "", scheme: str = ""
) -> QuerySet[Run]:
    """Visible runs that fit, newest first; a filter that is not one finds nothing."""
    runs = visible_runs(user).defer("definition", "zones", "analysis").order_by("-year", "-id")
    if year:
        runs = runs.filter(year=int(year)) if year.isdecimal() and len(year) < 5 else runs.none()
    if kind:
        runs = runs.filter(kind=kind)
    if state:
        runs = runs.filter(state=state)
    if scheme:
        runs = runs.filter(version__scheme__code=scheme)
    return runs
