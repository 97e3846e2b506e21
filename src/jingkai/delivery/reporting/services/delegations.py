"""Who signs for whom, and how long."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import DEPARTMENT, ZONE, User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require

from .. import rules
from ..models import Delegation
from ..people import tell
from ._steps import needs_text


@transaction.atomic
def give_delegation(
    *,
    body_id: int,
    deputy_id: int,
    from_date: date,
    to_date: date,
    reason: str,
    actor: User,
    now: datetime,
) -> Delegation:
    """Let a colleague of the same body sign and verify for `actor` between two dates.

    Raises InvalidInput for dates in the past or a person of another body, Conflict for two
    deputies at one time.
    """
    require(rules.can_delegate(actor, body_id))
    reason = needs_text("reason", reason, 300)
    if to_date < timezone.localdate(now):
        message = _("The delegation would already be over.")
        raise InvalidInput(message, problems=[FieldProblem("to_date", message)])
    giver = User.objects.select_for_update().get(pk=actor.pk)
    deputy = User.objects.filter(pk=deputy_id, is_active=True).first()
    if deputy is None or body_id not in deputy.body_ids(*DEPARTMENT, *ZONE):
        message = _("The deputy must belong to the same body.")
        raise InvalidInput(message, problems=[FieldProblem("deputy", message, "unknown")])
    clash = Delegation.objects.filter(
        giver=giver,
        body_id=body_id,
        revoked_at__isnull=True,
        from_date__lte=to_date,
        to_date__gte=from_date,
    ).first()
    if clash is not None:
        raise Conflict(
            _("From %(start)s to %(end)s another deputy is named. End that first.")
            % {"start": clash.from_date, "end": clash.to_date}
        )
    row = Delegation(
        body_id=body_id,
        giver=giver,
        deputy=deputy,
        from_date=from_date,
        to_date=to_date,
        reason=reason,
        created_at=now,
    )
    check_row(row)
    row.save()
    audit.record(
        "reporting.delegation.given",
        actor=actor,
        target=row,
        at=now,
        summary=reason,
        details={"deputy": deputy.pk, "from": str(from_date), "to": str(to_date)},
    )
    tell(
        [deputy],
        kind="delegated",
        now=now,
        say=partial(_say_given, giver.name, from_date, to_date),
        body=reason,
    )
    return row


def _say_given(giver: str, start: date, end: date) -> str:
    return _("You sign for %(name)s from %(start)s to %(end)s") % {
        "name": giver,
        "start": start,
        "end": end,
    }


@transaction.atomic
def revoke_delegation(*, delegation_id: int, actor: User, now: datetime) -> Delegation:
    """End a delegation at once. Raises Http404 when it is not the actor's own."""
    row = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("giver", "deputy")
        .filter(pk=delegation_id, giver=actor)
        .first()
    )
    if row is None:
        raise Http404
    if row.revoked_at is not None:
        raise TransitionNotAllowed(
            action=_("End the delegation"),
            state=_("ended"),
            message=_("This delegation has already ended."),
        )
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    audit.record("reporting.delegation.revoked", actor=actor, target=row, at=now)
    return row
