"""The adoption table (征求意见采纳情况表): one line for each topic, without personal data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Comment, Consultation, Decision, DecisionState, Origin, SenderKind


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """One line: what was said by whom, and what became of it."""

    number: int
    topic_id: int
    topic_number: int
    clause: str
    source: str
    content: str
    outcome: str
    outcome_label: str
    reason: str
    wording: str
    size: int


def adoption_rows(consultation: Consultation, *, for_public: bool = False) -> list[AdoptionRow]:
    """Lines in the order of the text, the whole draft first. 3 queries at any length.

    A line without a confirmed decision has an empty outcome. `for_public` names no body and leaves
    out what is not confirmed.
    """
    confirmed = Decision.objects.filter(state=DecisionState.CONFIRMED)
    said = Comment.objects.select_related("invitation__body").order_by("number")
    topics = consultation.topics.select_related("anchor").prefetch_related(
        Prefetch("decisions", queryset=confirmed, to_attr="confirmed"),
        Prefetch("comments", queryset=said, to_attr="said"),
    )
    ordered = sorted(
        topics, key=lambda t: (t.anchor.position if t.anchor is not None else -1, t.number)
    )
    rows: list[AdoptionRow] = []
    for topic in ordered:
        decision = next(iter(topic.confirmed), None)
        comments: list[Comment] = topic.said
        if not comments or (for_public and decision is None):
            continue
        rows.append(
            AdoptionRow(
                number=len(rows) + 1,
                topic_id=topic.pk,
                topic_number=topic.number,
                clause=topic.anchor.heading if topic.anchor is not None else _("Whole draft"),
                source=sources_of(comments, named=not for_public),
                content=topic.title,
                outcome=decision.outcome if decision else "",
                outcome_label=decision.get_outcome_display() if decision else "",
                reason=reason_of(decision) if decision else "",
                wording=decision.wording if decision else "",
                size=len(comments),
            )
        )
    return rows


def reason_of(decision: Decision) -> str:
    """The reason; where the changed words speak for themselves, that they stand in the text."""
    if decision.reason:
        return decision.reason
    return _("The text was changed accordingly.")


def sources_of(comments: list[Comment], *, named: bool) -> str:
    """意见来源: bodies by name (or counted), the public by kind and count, never a person."""
    bodies = list(
        dict.fromkeys(
            c.invitation.body.name
            for c in comments
            if c.origin == Origin.BODY and c.invitation is not None
        )
    )
    kinds = Counter(c.sender_kind for c in comments if c.origin == Origin.PUBLIC)
    said = list(bodies) if named else []
    if bodies and not named:
        said.append(ngettext("%(n)d body", "%(n)d bodies", len(bodies)) % {"n": len(bodies)})
    for kind in ("", *SenderKind.values):
        if kinds[kind]:
            label = SenderKind(kind).label if kind else _("public")
            said.append(_("%(kind)s × %(n)d") % {"kind": label, "n": kinds[kind]})
    return "；".join(said)
