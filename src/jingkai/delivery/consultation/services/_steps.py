"""What every use case shares: locking, stepping, checking a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.workflow.public import Move, TransitionTable, history, move

from ..models import Comment, Consultation, ConsultationState, Decision, InvitedBody, Topic
from ..states import (
    COMMENT_MOVES,
    CONSULTATION_MOVES,
    DECISION_MOVES,
    DESK_STATES,
    INVITATION_MOVES,
)

_TABLES: dict[type, tuple[TransitionTable, str]] = {
    Consultation: (CONSULTATION_MOVES, "consultation.round"),
    InvitedBody: (INVITATION_MOVES, "consultation.invitation"),
    Comment: (COMMENT_MOVES, "consultation.comment"),
    Decision: (DECISION_MOVES, "consultation.decision"),
}


def lock(consultation_id: int) -> Consultation:
    """The consultation, locked: every write of a round begins here. Raises Http404."""
    row = (
        Consultation.objects.select_for_update(of=("self",))
        .select_related("version")
        .filter(pk=consultation_id)
        .first()
    )
    if row is None:
        raise Http404
    return row


def topic_of(topic_id: int) -> Topic:
    """The topic, its consultation locked first. Raises Http404."""
    found = Topic.objects.filter(pk=topic_id).values_list("consultation_id", flat=True).first()
    if found is None:
        raise Http404
    consultation = lock(found)
    topic = Topic.objects.select_related("anchor").get(pk=topic_id)
    topic.consultation = consultation
    return topic


def step(
    row: Consultation | InvitedBody | Comment | Decision,
    action: str,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> Move:
    """Move `row` along its table. Too late, the error says who did what instead."""
    table, name = _TABLES[type(row)]
    try:
        return move(
            row,
            action,
            table=table,
            actor=actor,
            at=now,
            reason=reason,
            audit_action=f"{name}.{action}",
            details=details,
        )
    except TransitionNotAllowed as error:
        raise explain(row, action, table, error) from None


def explain(
    row: Consultation | InvitedBody | Comment | Decision,
    action: str,
    table: TransitionTable,
    error: TransitionNotAllowed,
) -> TransitionNotAllowed:
    """The refusal of `action`, with the move that came first."""
    last = history(row).first()
    if last is None:
        return error
    done = table.transitions.get(last.action)
    message = _(
        "“%(action)s” is not possible any more: %(who)s did “%(done)s” at %(time)s. "
        "It is now “%(state)s”."
    ) % {
        "action": table.transitions[action].label,
        "who": last.actor.name if last.actor else _("the system"),
        "done": done.label if done else last.action,
        "time": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
        "state": row.get_state_display(),
    }
    return TransitionNotAllowed(action=action, state=row.get_state_display(), message=message)


def wrong(field: str, message: str, code: str = "invalid") -> InvalidInput:
    """One wrong field as an error."""
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])


def must_be_at_desk(consultation: Consultation) -> None:
    """Raise TransitionNotAllowed unless opinions may be sorted and decided now."""
    if ConsultationState(consultation.state) not in DESK_STATES:
        raise TransitionNotAllowed(
            action=_("Sort and decide opinions"), state=consultation.get_state_display()
        )
