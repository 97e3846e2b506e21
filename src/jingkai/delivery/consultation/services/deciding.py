"""Deciding a topic: one person proposes, another confirms; the changed words and what they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict
from jingkai.core.verdicts import require

from .. import rules
from ..anchors import like
from ..effect import effect_of
from ..models import CommentState, Decision, DecisionState, Outcome, Topic
from ..people import tell, tell_office
from ..rewriting import revised_text, wording_of
from ._steps import must_be_at_desk, step, topic_of, wrong

_LIVE = (DecisionState.PROPOSED, DecisionState.CONFIRMED)


def preview(topic: Topic, wording: str) -> dict[str, Any]:
    """What `wording` would do to the draft as confirmed so far; nothing is written."""
    if topic.anchor is None or not wording.strip():
        return {}
    base = wording_of(topic.consultation, topic.anchor)
    words = like(base, wording)
    return effect_of(
        revised_text(topic.consultation), revised_text(topic.consultation, {topic.anchor.pk: words})
    ).as_data()


@transaction.atomic
def propose(
    *,
    topic_id: int,
    outcome: str,
    actor: User,
    now: datetime,
    reason: str = "",
    wording: str = "",
    seen: Sequence[int] | None = None,
) -> Decision:
    """Propose what becomes of a topic. It waits for a second person.

    `seen` are the ids of the opinions the proposer had before them: if the topic holds others by
    now, nothing is decided. An adoption says where it is seen: by changed words, or by a reason.
    Raises NotPermitted, TransitionNotAllowed, InvalidInput, Conflict.
    """
    topic = topic_of(topic_id)
    require(rules.can_administer(actor))
    must_be_at_desk(topic.consultation)
    members = sorted(topic.comments.values_list("pk", flat=True))
    if not members:
        raise Conflict(_("No opinion is left in this topic."))
    if seen is not None and sorted(seen) != members:
        raise Conflict(
            _("The topic changed meanwhile: it holds other opinions now. Read it once more.")
        )
    if live := topic.decisions.filter(state__in=_LIVE).select_related("proposed_by").first():
        raise Conflict(
            _("%(who)s has decided this topic already (“%(outcome)s”). Reload the page to see it.")
            % {"who": live.proposed_by.name, "outcome": live.get_outcome_display()}
        )
    base = words = ""
    if wording.strip():
        if topic.anchor is None:
            raise wrong("wording", _("Say first which clause the topic goes to."))
        if outcome not in (Outcome.ADOPTED, Outcome.PARTLY):
            raise wrong("wording", _("Only what is adopted changes the text."))
        base = wording_of(topic.consultation, topic.anchor)
        words = like(base, wording)
        if words == base:
            raise wrong("wording", _("These are the words that stand there already."))
    if not reason.strip() and not (outcome == Outcome.ADOPTED and words):
        raise wrong(
            "reason",
            _("Say how it is taken up: change the words, or say where it is done.")
            if outcome == Outcome.ADOPTED
            else _("Give a reason: those who wrote will read it."),
            "required",
        )
    row = Decision(
        topic=topic,
        outcome=outcome,
        reason=reason.strip(),
        base=base,
        wording=words,
        effect=preview(topic, words),
        proposed_by=actor,
        proposed_at=now,
    )
    check_row(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict(_("Somebody has already decided this topic.")) from None
    audit.record(
        "consultation.decision.proposed", actor=actor, target=row, at=now, summary=row.reason,
        details={"topic": topic.pk, "outcome": outcome},
    )  # fmt: skip
    tell_office(
        topic.consultation,
        kind="to-confirm",
        now=now,
        but=actor,
        url=reverse("consultation:topic", args=[topic.pk]),
        dedupe_key=f"consultation:confirm:{row.pk}",
        say=lambda: _("A decision on topic %(n)d of “%(title)s” waits for a second person") % {
            "n": topic.number, "title": topic.consultation.title,
        },
    )  # fmt: skip
    return row


def _decision(decision_id: int) -> Decision:
    """The decision with its topic, the consultation locked first. Raises Http404."""
    found = Decision.objects.filter(pk=decision_id).values_list("topic_id", flat=True).first()
    if found is None:
        raise Http404
    topic = topic_of(found)
    row = Decision.objects.select_for_update(of=("self",)).get(pk=decision_id)
    row.topic = topic
    return row


@transaction.atomic
def confirm(*, decision_id: int, actor: User, now: datetime) -> Decision:
    """Confirm what another person proposed; it answers every opinion of the topic.

    Raises NotPermitted (one's own), TransitionNotAllowed, Conflict when the clause was changed
    meanwhile by another decision.
    """
    row = _decision(decision_id)
    require(rules.can_confirm(actor, row))
    must_be_at_desk(row.topic.consultation)
    topic = row.topic
    if row.state == DecisionState.PROPOSED and row.wording and topic.anchor is not None:
        present = wording_of(topic.consultation, topic.anchor)
        if present != row.base:
            raise Conflict(
                _(
                    "Another change of this clause was confirmed meanwhile. Send this one back, so "
                    "that the words are joined."
                )
            )
        row.effect = preview(topic, row.wording)
    step(row, "confirm", actor=actor, now=now, details={"outcome": row.outcome})
    row.settled_by, row.settled_at = actor, now
    check_row(row)
    row.save()
    for comment in topic.comments.filter(state=CommentState.SORTED).select_for_update():
        step(comment, "answer", actor=actor, now=now, details={"decision": row.pk})
        comment.save()
    _refresh(topic)
    return row


def _refresh(topic: Topic) -> None:
    """Keep what all confirmed changes together do."""
    row = topic.consultation
    row.effect = effect_of(row.text, revised_text(row)).as_data()
    row.save(update_fields=["effect"])


@transaction.atomic
def send_back(*, decision_id: int, note: str, actor: User, now: datetime) -> Decision:
    """Send a proposal back to whoever made it, with a reason. The topic is open again."""
    row = _decision(decision_id)
    require(rules.can_confirm(actor, row))
    must_be_at_desk(row.topic.consultation)
    step(row, "return", actor=actor, now=now, reason=note)
    row.settled_by, row.settled_at, row.note = actor, now, note.strip()
    check_row(row)
    row.save()
    tell(
        [row.proposed_by],
        kind="returned",
        say=lambda: _("The decision on topic %(n)d was sent back: %(note)s") % {
            "n": row.topic.number, "note": row.note,
        },
        url=reverse("consultation:topic", args=[row.topic_id]),
        now=now,
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw(*, decision_id: int, note: str, actor: User, now: datetime) -> Decision:
    """Take a decision back, a confirmed one too, while opinions are sorted.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput without a reason, Conflict when a later
    change of the same clause builds on its words.
    """
    row = _decision(decision_id)
    require(rules.can_administer(actor))
    must_be_at_desk(row.topic.consultation)
    was_confirmed = row.state == DecisionState.CONFIRMED
    if was_confirmed and row.wording:
        later = Decision.objects.filter(
            topic__anchor=row.topic.anchor, state=DecisionState.CONFIRMED,
            settled_at__gte=row.settled_at,
        ).exclude(pk=row.pk).exclude(wording="")  # fmt: skip
        if later.exists():
            raise Conflict(
                _("A later change of the same clause builds on these words. Withdraw that first.")
            )
    step(row, "withdraw", actor=actor, now=now, reason=note)
    row.settled_by, row.settled_at, row.note = actor, now, note.strip()
    check_row(row)
    row.save()
    if was_confirmed:
        for comment in row.topic.comments.filter(state=CommentState.ANSWERED).select_for_update():
            step(comment, "reopen", actor=actor, now=now)
            comment.save()
        _refresh(row.topic)
    return row
