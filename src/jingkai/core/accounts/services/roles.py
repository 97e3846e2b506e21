"""Roles: granted and ended by the security administrator, never to himself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict
from jingkai.core.verdicts import require

from ..models import Membership, User, in_force
from ..roles import Role
from ..rules import can_hold_together, can_secure

# The house must always have somebody who can make people, and somebody who can give roles.
INDISPENSABLE = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


@transaction.atomic
def grant_role(
    *,
    user_id: int,
    role: str,
    body: Any,
    actor: User | None,
    now: datetime,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Membership:
    """Let a person act for `body` in `role`. `actor` None is the system, at the first start.

    The person's row is locked, so that two grants at once cannot combine what must be separate.
    Raises NotPermitted, ValidationError.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if actor is not None:
        require(can_secure(actor, user))
    held = user.memberships.filter(ended_at__isnull=True).exclude(
        valid_to__lt=timezone.localdate(now)
    )
    require(can_hold_together(frozenset(held.values_list("role", flat=True)), role))
    member = Membership(
        user=user,
        body=body,
        role=role,
        valid_from=valid_from or timezone.localdate(now),
        valid_to=valid_to,
    )
    member.full_clean()
    member.save()
    audit.record(
        "accounts.role.granted",
        actor=actor,
        target=user,
        at=now,
        details={
            "role": role,
            "body": str(body),
            "from": member.valid_from.isoformat(),
            "until": valid_to.isoformat() if valid_to else None,
        },
    )
    return member


@transaction.atomic
def end_role(*, membership_id: int, actor: User, now: datetime) -> Membership:
    """Take a role away at once. Raises NotPermitted, Conflict for the last of an indispensable."""
    member = Membership.objects.select_related("user", "body").get(pk=membership_id)
    keep_one_administrator(member.role, without=member.user)
    user = User.objects.select_for_update().get(pk=member.user_id)
    require(can_secure(actor, user))
    member.refresh_from_db()
    if member.ended_at is not None:
        raise Conflict(_("This role has ended already."))
    member.ended_at = now
    member.save(update_fields=["ended_at"])
    audit.record(
        "accounts.role.ended",
        actor=actor,
        target=user,
        at=now,
        details={"role": member.role, "body": str(member.body)},
    )
    return member


def keep_one_administrator(role: str, *, without: User) -> None:
    """Raise Conflict when nobody but `without` would hold the indispensable `role` today.

    Call it before any other lock: the holders' rows are locked in one order, so that two who go at
    once neither deadlock nor both go. Who holds the role is read again once the rows are ours.
    """
    if role not in INDISPENSABLE:
        return
    holders = Membership.objects.filter(in_force(timezone.localdate()), role=role)
    people = User.objects.filter(is_active=True, pk__in=holders.values("user_id"))
    list(people.order_by("pk").select_for_update())
    if list(people.values_list("pk", flat=True)) == [without.pk]:
        raise Conflict(
            _("%(role)s: this is the last one. Name a successor first.")
            % {"role": Role(role).label}
        )
