"""Reading runs and results: the queryset twins of the rules."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from jingkai.core.accounts.public import ZONE, Role, User

from .. import rules
from ..models import Run, RunState, ZoneResult
from ..typing_in import year_of


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


LARGE = ("definition", "zones", "analysis")
"""Columns of a run that a list of runs never needs."""


def light_runs(user: User) -> QuerySet[Run]:
    """Visible runs without what only their own pages show."""
    return visible_runs(user).defer(*LARGE)


def runs_for_ranking(user: User) -> QuerySet[Run]:
    """Visible runs with `verdict` and `notices` of their analysis, and not the rest of it."""
    return (
        visible_runs(user)
        .select_related("job", "created_by")
        .defer("analysis")
        .annotate(
            verdict=KeyTransform("verdict", "analysis"), notices=KeyTransform("notices", "analysis")
        )
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Zones of a peer group in a run."""

    zones: int
    ranked: int
    size: int
    """Ranked zones of the group in the whole run."""


def groups_of(results: QuerySet[ZoneResult]) -> dict[str, Group]:
    """Peer groups by label, "" where all stand together. 1 query."""
    rows = (
        results.order_by("group")
        .values_list("group")
        .annotate(zones=Count("pk"), ranked=Count("rank"), size=Max("group_size"))
    )
    return {label: Group(zones, ranked, size) for label, zones, ranked, size in rows}


def sees_figures(user: User, result: ZoneResult) -> bool:
    """Whether the raw figures of a zone are shown beside its points: not those of another zone."""
    return rules.is_city_side(user) or result.zone.committee_id in user.body_ids(*ZONE)


def runs_for_list(
    user: User, *, year: str = "", kind: str = "", state: str = "", scheme: str = ""
) -> QuerySet[Run]:
    """Visible runs that fit, newest first; a filter that is not one finds nothing."""
    runs = light_runs(user).order_by("-year", "-id")
    if year:
        runs = runs.filter(year=known) if (known := year_of(year)) else runs.none()
    if kind:
        runs = runs.filter(kind=kind)
    if state:
        runs = runs.filter(state=state)
    if scheme:
        runs = runs.filter(version__scheme__code=scheme)
    return runs
