"""Sorting: opinions to topics, duplicates joined or told apart, abuse hidden with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict
from jingkai.core.verdicts import require

from .. import rules
from ..models import (
    Comment,
    CommentState,
    Consultation,
    DecisionState,
    SetApart,
    Topic,
)
from ._steps import lock, must_be_at_desk, step, topic_of, wrong
from .public import anchor_named

_LIVE = (DecisionState.PROPOSED, DecisionState.CONFIRMED)


def _chosen(row: Consultation, comment_ids: Sequence[int]) -> list[Comment]:
    """Sent opinions of this round, locked, in order. Raises InvalidInput, Http404."""
    ids = set(comment_ids)
    if not ids:
        raise wrong("comments", _("Choose at least one opinion."), "required")
    found = list(
        row.comments.exclude(state=CommentState.DRAFT)
        .select_for_update(of=("self",))
        .filter(pk__in=ids)
        .order_by("number")
    )
    if len(found) != len(ids):
        raise Http404
    return found


@transaction.atomic
def put_to_topic(
    *,
    consultation_id: int,
    comment_ids: Sequence[int],
    actor: User,
    now: datetime,
    topic_id: int | None = None,
    title: str = "",
    anchor_key: str | None = None,
) -> Topic:
    """Put opinions to a topic: a known one, or a new one titled as the first of them.

    A decision of the topic goes for all in it, so nothing is added to or taken from a topic that
    is decided. A topic left empty goes. Raises NotPermitted, TransitionNotAllowed, InvalidInput,
    Conflict, Http404.
    """
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    must_be_at_desk(row)
    chosen = _chosen(row, comment_ids)
    if topic_id is not None:
        topic = row.topics.filter(pk=topic_id).first()
        if topic is None:
            raise Http404
        _must_be_undecided(topic)
    else:
        topic = new_topic(row, chosen, actor=actor, now=now, title=title, anchor_key=anchor_key)
    left = {c.topic_id for c in chosen if c.topic_id is not None} - {topic.pk}
    for old in row.topics.filter(pk__in=left):
        _must_be_undecided(old)
    moved = []
    for comment in chosen:
        if comment.topic_id == topic.pk:
            continue
        if comment.hidden_reason:
            raise Conflict(
                _("Opinion no. %(n)d is hidden. Show it again before it is sorted.")
                % {"n": comment.number}
            )
        step(comment, "sort", actor=actor, now=now, details={"topic": topic.pk})
        comment.topic = topic
        comment.save()
        moved.append(comment.pk)
    drop_empty(row, left)
    if moved:
        audit.record(
            "consultation.topic.filled", actor=actor, target=topic, at=now,
            row_count=len(moved), details={"comments": moved},
        )  # fmt: skip
    return topic


def new_topic(
    row: Consultation,
    chosen: Sequence[Comment],
    *,
    actor: User,
    now: datetime,
    title: str = "",
    anchor_key: str | None = None,
) -> Topic:
    """A topic for `chosen`, on their clause when they share one."""
    anchors = {comment.anchor_id for comment in chosen}
    anchor = chosen[0].anchor if len(anchors) == 1 else None
    if anchor_key is not None:
        anchor = anchor_named(row, anchor_key)
    last = row.topics.aggregate(last=Max("number"))["last"] or 0
    said = " ".join((title or chosen[0].text).split())
    topic = Topic(
        consultation=row,
        number=last + 1,
        title=said if len(said) <= 500 else said[:499] + "…",
        anchor=anchor,
        created_by=actor,
        created_at=now,
    )
    check_row(topic)
    topic.save()
    audit.record("consultation.topic.made", actor=actor, target=topic, at=now)
    return topic


@transaction.atomic
def name_topic(*, topic_id: int, title: str, anchor_key: str, actor: User, now: datetime) -> Topic:
    """Say what a topic is about and which clause it goes to. Raises as `put_to_topic`."""
    topic = topic_of(topic_id)
    require(rules.can_administer(actor))
    must_be_at_desk(topic.consultation)
    _must_be_undecided(topic)
    if not title.strip():
        raise wrong("title", _("Say in a sentence what is said."), "required")
    before = topic.title
    topic.title = " ".join(title.split())
    topic.anchor = anchor_named(topic.consultation, anchor_key)
    check_row(topic)
    topic.save()
    audit.record(
        "consultation.topic.named", actor=actor, target=topic, at=now, details={"before": before}
    )
    return topic


@transaction.atomic
def take_out(*, comment_id: int, actor: User, now: datetime) -> Comment:
    """Take an opinion out of its topic. Raises NotPermitted, TransitionNotAllowed, Conflict."""
    comment = _comment(comment_id)
    require(rules.can_administer(actor))
    must_be_at_desk(comment.consultation)
    if comment.topic is not None:
        _must_be_undecided(comment.topic)
    left = comment.topic_id
    step(comment, "unsort", actor=actor, now=now)
    comment.topic = None
    comment.save()
    drop_empty(comment.consultation, {left} if left else set())
    return comment


@transaction.atomic
def tell_apart(
    *, consultation_id: int, comment_ids: Sequence[int], actor: User, now: datetime
) -> int:
    """Say that opinions which look alike are not the same; return how many pairs that is."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    must_be_at_desk(row)
    chosen = _chosen(row, comment_ids)
    if len(chosen) < 2:
        raise wrong("comments", _("Choose at least two opinions."), "required")
    pairs = [
        SetApart(consultation=row, first=a, second=b, by=actor, at=now)
        for a, b in combinations(sorted(chosen, key=lambda c: c.pk), 2)
    ]
    SetApart.objects.bulk_create(pairs, ignore_conflicts=True)
    audit.record(
        "consultation.comments.apart", actor=actor, target=row, at=now,
        details={"comments": [c.pk for c in chosen]},
    )  # fmt: skip
    return len(pairs)


@transaction.atomic
def hide(*, comment_id: int, reason: str, actor: User, now: datetime) -> Comment:
    """Keep an opinion from view (abuse, personal data); it stays on record with the reason.

    Raises NotPermitted, InvalidInput, Conflict when it belongs to a decided topic.
    """
    comment = _comment(comment_id)
    require(rules.can_administer(actor))
    if not reason.strip():
        raise wrong("reason", _("Give a reason: others will read it."), "required")
    if comment.hidden_reason:
        raise Conflict(_("It is hidden already."))
    left = comment.topic_id
    if comment.topic is not None:
        _must_be_undecided(comment.topic)
        step(comment, "unsort", actor=actor, now=now)
        comment.topic = None
    comment.hidden_reason, comment.hidden_by, comment.hidden_at = reason.strip(), actor, now
    check_row(comment)
    comment.save()
    drop_empty(comment.consultation, {left} if left else set())
    audit.record(
        "consultation.comment.hidden", actor=actor, target=comment, at=now, summary=reason.strip()
    )
    return comment


@transaction.atomic
def show_again(*, comment_id: int, actor: User, now: datetime) -> Comment:
    """Undo `hide`. Raises NotPermitted, Conflict."""
    comment = _comment(comment_id)
    require(rules.can_administer(actor))
    if not comment.hidden_reason:
        raise Conflict(_("It is not hidden."))
    comment.hidden_reason, comment.hidden_by, comment.hidden_at = "", None, None
    comment.save()
    audit.record("consultation.comment.shown", actor=actor, target=comment, at=now)
    return comment


def _comment(comment_id: int) -> Comment:
    """A sent opinion, its consultation locked first. Raises Http404."""
    found = (
        Comment.objects.exclude(state=CommentState.DRAFT)
        .filter(pk=comment_id)
        .values_list("consultation_id", flat=True)
        .first()
    )
    if found is None:
        raise Http404
    consultation = lock(found)
    comment = Comment.objects.select_related("topic").get(pk=comment_id)
    comment.consultation = consultation
    return comment


def _must_be_undecided(topic: Topic) -> None:
    if topic.decisions.filter(state__in=_LIVE).exists():
        raise Conflict(
            _("Topic %(n)d is decided, or waits for confirmation. Withdraw the decision first.")
            % {"n": topic.number}
        )


def drop_empty(row: Consultation, topic_ids: set[int]) -> None:
    """Topics that nothing is left in, and that were never decided, go."""
    row.topics.filter(pk__in=topic_ids, comments__isnull=True, decisions__isnull=True).delete()
