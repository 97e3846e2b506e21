"""What each role may see of the returns: the queryset twins of the rules."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, ZONE, User

from ..models import Campaign, Cell, Return


def visible_returns(user: User) -> QuerySet[Return]:
    """Returns `user` may see: all for leaders, office and departments, else those of own bodies."""
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return Return.objects.all()
    return Return.objects.filter(body_id__in=user.body_ids(*ZONE))


def visible_campaigns(user: User) -> QuerySet[Campaign]:
    """Campaigns with at least one return `user` may see."""
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return Campaign.objects.all()
    own = visible_returns(user).filter(campaign=OuterRef("pk"))
    return Campaign.objects.filter(Exists(own))


def visible_cells(user: User) -> QuerySet[Cell]:
    """Cells of the returns `user` may see."""
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return Cell.objects.all()
    return Cell.objects.filter(in_return__body_id__in=user.body_ids(*ZONE))
