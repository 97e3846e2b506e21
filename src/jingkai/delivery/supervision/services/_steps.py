"""What every use case shares: locking, stepping, and settling the clock of one obligation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.workflow.public import Move, history, move

from ..clock import bring_parent_up_to_date, bring_up_to_date
from ..ground import Ground, ground_for
from ..models import Obligation, ObligationState
from ..states import OBLIGATION_MOVES


def at_ground(now: datetime, ground: Ground | None) -> Ground:
    return ground or ground_for(timezone.localdate(now))


def lock_obligation(obligation_id: int) -> Obligation:
    """The row, locked, with its task and body. Raises Http404."""
    row = (
        Obligation.objects.select_for_update(of=("self",))
        .select_related("task", "body")
        .filter(pk=obligation_id)
        .first()
    )
    if row is None:
        raise Http404
    return row


def step(
    obligation: Obligation,
    action: str,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> Move:
    """Move `obligation`. Too late, the error says who did what instead."""
    try:
        return move(
            obligation,
            action,
            table=OBLIGATION_MOVES,
            actor=actor,
            at=now,
            reason=reason,
            audit_action=f"supervision.obligation.{action}",
            details=details,
        )
    except TransitionNotAllowed as error:
        raise explain(obligation, action, error) from None


def explain(obligation: Obligation, action: str, error: TransitionNotAllowed) -> Conflict:
    """The refusal of `action`, with the move that came first."""
    last = history(obligation).first()
    if last is None:
        return error
    label = OBLIGATION_MOVES.transitions[action].label
    done = OBLIGATION_MOVES.transitions.get(last.action)
    message = _(
        "“%(action)s” is not possible any more: %(who)s did “%(done)s” at %(time)s. "
        "It is now “%(state)s”."
    ) % {
        "action": label,
        "who": last.actor.name if last.actor else _("the system"),
        "done": done.label if done else last.action,
        "time": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
        "state": obligation.get_state_display(),
    }
    return TransitionNotAllowed(
        action=str(label), state=obligation.get_state_display(), message=message
    )


def finish(obligation: Obligation, *, now: datetime, ground: Ground) -> Obligation:
    """Judge `obligation` anew, check it, save it, and carry its progress into the whole task."""
    bring_up_to_date(obligation, now=now, ground=ground)
    check_row(obligation)
    obligation.save()
    if obligation.parent_id is not None:
        parent = lock_obligation(obligation.parent_id)
        if bring_parent_up_to_date(parent, now=now, ground=ground):
            parent.save()
    return obligation


def needs_text(field: str, value: str) -> str:
    """`value` without outer blanks; raises InvalidInput when nothing is left."""
    value = value.strip()
    if not value:
        message = _("Give a reason: others will read it.")
        raise InvalidInput(message, problems=[FieldProblem(field, message, "required")])
    return value


def must_be_active(obligation: Obligation, doing: str) -> None:
    """Raise TransitionNotAllowed unless `obligation` is in progress."""
    if obligation.state != ObligationState.ACTIVE:
        raise TransitionNotAllowed(action=doing, state=obligation.get_state_display())
