"""What the holder of a receipt code may read: own words, the state, and the confirmed answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from .models import Comment, CommentState, ConsultationState, Decision, DecisionState
from .queries.table import reason_of
from .receipts import digest_of_code


@dataclass(frozen=True, slots=True)
class Answer:
    """An opinion as its sender sees it. Without name and contact: a code may be found by others."""

    consultation_id: int
    title: str
    number: int
    clause: str
    text: str
    proposal: str
    received_at: datetime
    state: str
    state_label: str
    outcome: str = ""
    outcome_label: str = ""
    reason: str = ""
    wording: str = ""
    hidden_reason: str = ""


def answer_for(code: str) -> Answer | None:
    """The opinion with this code, None when there is none. 2 queries.

    The answer is shown once the results are published: before, it may still change.
    """
    comment = (
        Comment.objects.select_related("consultation", "anchor", "topic")
        .filter(receipt_digest=digest_of_code(code))
        .first()
    )
    if comment is None:
        return None
    row = comment.consultation
    decision: Decision | None = None
    if comment.topic_id is not None and row.state == ConsultationState.PUBLISHED:
        decision = Decision.objects.filter(
            topic_id=comment.topic_id, state=DecisionState.CONFIRMED
        ).first()
    state = CommentState(comment.state)
    if state == CommentState.ANSWERED and decision is None:
        state = CommentState.SORTED
    return Answer(
        consultation_id=row.pk,
        title=row.title,
        number=comment.number,
        clause=comment.anchor.heading if comment.anchor is not None else _("Whole draft"),
        text=comment.text,
        proposal=comment.proposal,
        received_at=comment.received_at,
        state=state,
        state_label=str(state.label),
        outcome=decision.outcome if decision else "",
        outcome_label=decision.get_outcome_display() if decision else "",
        reason=reason_of(decision) if decision else "",
        wording=decision.wording if decision else "",
        hidden_reason=comment.hidden_reason,
    )
