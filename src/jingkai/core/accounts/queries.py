"""Reads of accounts."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils import timezone

from .models import Membership, User, in_force


def users_with_role(*roles: str, body_ids: Collection[int] | None = None) -> QuerySet[User]:
    """Active people who hold one of `roles` today, for one of `body_ids` when given. 1 query."""
    holders = Membership.objects.filter(in_force(timezone.localdate()), role__in=roles)
    if body_ids is not None:
        holders = holders.filter(body_id__in=body_ids)
    return User.objects.filter(is_active=True, pk__in=holders.values("user_id")).order_by("pk")
