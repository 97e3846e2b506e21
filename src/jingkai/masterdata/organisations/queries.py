"""Reading bodies and zones: visibility first, costs known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, OFFICIALS, ZONE, User
from jingkai.core.statements import Given

from .models import Body, BodyAlias, Zone, ZoneIndustry


def visible_bodies(user: User) -> QuerySet[Body]:
    """Bodies `user` may see: all for officials, none for others."""
    if not user.has_role(*OFFICIALS):
        return Body.objects.none()
    return Body.objects.select_related("parent", "merged_into").annotate(
        alias_count=Count("aliases", distinct=True)
    )


def visible_zones(user: User) -> QuerySet[Zone]:
    """Zones `user` may see: all for the city's side; for a zone its own, with its parts."""
    zones = Zone.objects.select_related("committee", "host_district", "parent").prefetch_related(
        Prefetch("industries", ZoneIndustry.objects.order_by("rank"))
    )
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return zones
    own = user.body_ids(*ZONE)
    return (
        zones.filter(Q(committee__in=own) | Q(parent__committee__in=own)) if own else zones.none()
    )


def zone_codes_for(user: User) -> frozenset[str]:
    """Codes of the zones whose committee `user` acts for as clerk or leader. 1 query."""
    own = user.body_ids(*ZONE)
    if not own:
        return frozenset()
    return frozenset(Zone.objects.filter(committee__in=own).values_list("code", flat=True))


def active_zones(on: date | Given) -> QuerySet[Zone]:
    """Zones that exist on `on` and take part in targets and evaluation, in their order."""
    return Zone.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on),
        Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        evaluated=True,
    ).select_related("committee", "host_district")


def bodies_by_code(codes: Iterable[str]) -> dict[str, Body]:
    """Bodies by code; a code without a body is absent. 1 query."""
    return {body.code: body for body in Body.objects.filter(code__in=set(codes))}


def zones_by_code(codes: Iterable[str]) -> dict[str, Zone]:
    """Zones by code; a code without a zone is absent. 1 query."""
    return {
        zone.code: zone
        for zone in Zone.objects.filter(code__in=set(codes)).select_related(
            "committee", "host_district"
        )
    }


def aliases_of(body: Body) -> list[BodyAlias]:
    """All names a body goes or went by, newest end first. 1 query."""
    return list(body.aliases.order_by("valid_to", "name", "pk"))
