"""Reads of accounts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import DateField, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from jingkai.core.statements import Given, Statement, one_of

from .models import ApiToken, Membership, User, in_force
from .rules import can_see_users


def users_with_role(*roles: str, body_ids: Collection[int] | None = None) -> QuerySet[User]:
    """Active people who hold one of `roles` today, for one of `body_ids` when given. 1 query."""
    holders = Membership.objects.filter(in_force(timezone.localdate()), role__in=roles)
    if body_ids is not None:
        holders = holders.filter(body_id__in=body_ids)
    return User.objects.filter(is_active=True, pk__in=holders.values("user_id")).order_by("pk")


_HOLDERS: Final = Statement(
    lambda: User.objects.filter(
        is_active=True,
        pk__in=Membership.objects.filter(
            in_force(Given("day", DateField())),
            one_of("role", "roles"),
            one_of("body_id", "bodies"),
        ).values("user_id"),
    ).order_by("pk")
)


def people_of(body_ids: Collection[int], *roles: str) -> list[User]:
    """`users_with_role` for some bodies, as a list, for paths that many walk at once. 1 query."""
    return _HOLDERS(day=timezone.localdate(), roles=roles, bodies=body_ids)


def visible_users(user: User) -> QuerySet[User]:
    """People `user` may see: all for the three administrators, nobody for others."""
    return User.objects.all() if can_see_users(user) else User.objects.none()


def users_for_list(
    *, user: User, q: str = "", role: str = "", state: str = "", now: datetime
) -> QuerySet[User]:
    """The list of people with their current roles in `held`; 2 queries at any length.

    `state` is one of active, inactive, locked, no-factor; anything else filters nothing.
    """
    current = in_force(timezone.localdate(now))
    held = Membership.objects.filter(current).select_related("body").order_by("pk")
    users = visible_users(user).prefetch_related(Prefetch("memberships", held, to_attr="held"))
    if q := q.strip():
        users = users.filter(
            Q(username__icontains=q)
            | Q(name__icontains=q)
            | Q(memberships__body__name__icontains=q)
        ).distinct()
    if role:
        users = users.filter(
            Exists(Membership.objects.filter(current, role=role, user=OuterRef("pk")))
        )
    if state == "active":
        users = users.filter(is_active=True)
    elif state == "inactive":
        users = users.filter(is_active=False)
    elif state == "locked":
        users = users.filter(locked_until__gt=now)
    elif state == "no-factor":
        users = users.filter(totp_confirmed_at__isnull=True)
    return users.order_by("username")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Every token of a person, newest first."""
    return ApiToken.objects.filter(user=user)
