"""Visibility first: every read starts here."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, OFFICIALS, ZONE, User
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import CITY, EDZ
from ..models import Allocation, AllocationLine, Indicator, Series
from ..rules import zone_committee_ids


def sees_every_series(user: User) -> bool:
    """Whether `visible_series` leaves nothing out, so that a query may do without it."""
    return user.has_role(*CITY_WIDE, *DEPARTMENT)


def visible_series(user: User) -> QuerySet[Series]:
    """Series `user` may see: the queryset twin of `rules.can_see`."""
    if sees_every_series(user):
        return Series.objects.all()
    if user.has_role(*ZONE):
        own = Zone.objects.filter(committee_id__in=zone_committee_ids(user))
        return Series.objects.filter(Q(scope__in=(CITY, EDZ)) | Q(zone__in=own))
    return Series.objects.none()


def visible_indicators(user: User) -> QuerySet[Indicator]:
    """Indicators `user` may see: the twin of `rules.can_see_indicator`."""
    return Indicator.objects.all() if user.has_role(*OFFICIALS) else Indicator.objects.none()


def visible_allocations(user: User) -> QuerySet[Allocation]:
    """Rounds of sharing out: all for the city, the own zone's rounds for a zone."""
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return Allocation.objects.all()
    if user.has_role(*ZONE):
        mine = AllocationLine.objects.filter(zone__committee_id__in=zone_committee_ids(user))
        return Allocation.objects.filter(
            pk__in=mine.values("allocation_id"), state__in=["collecting", "issued"]
        )
    return Allocation.objects.none()


def visible_lines(user: User) -> QuerySet[AllocationLine]:
    """Lines of the visible rounds; a zone sees its own line only."""
    lines = AllocationLine.objects.filter(allocation__in=visible_allocations(user))
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return lines
    return lines.filter(zone__committee_id__in=zone_committee_ids(user))
