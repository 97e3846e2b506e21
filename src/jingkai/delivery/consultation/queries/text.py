"""The frozen draft as blocks with their clauses, and pages of what looks alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from ..models import Anchor, Comment, CommentState, Consultation, SetApart
from ..rewriting import confirmed_wordings
from ..similarity import Alike, groups
from ..terms import Terms

MOST_COMPARED = 2000


@dataclass(frozen=True, slots=True)
class Block:
    """One stretch as it is shown: a paragraph, a heading, or a table row as cells."""

    anchor: Anchor
    text: str
    cells: tuple[str, ...]
    opinions: int
    changed: str = ""


def blocks_of(consultation: Consultation, *, changed: bool = False) -> list[Block]:
    """The whole text in order. 2 queries, 3 with the changed words."""
    counts: Mapping[int | None, int] = dict(
        consultation.comments.exclude(state=CommentState.DRAFT)
        .filter(hidden_reason="", anchor__isnull=False)
        .order_by()
        .values_list("anchor_id")
        .annotate(n=Count("pk"))
    )
    words = confirmed_wordings(consultation) if changed else {}
    found = []
    for anchor in consultation.anchors.all():
        text = consultation.text[anchor.start : anchor.end]
        cells = tuple(text.replace("\t", "").split("\n")) if text.startswith("\t") else ()
        found.append(
            Block(anchor, text.strip(), cells, counts.get(anchor.pk, 0), words.get(anchor.pk, ""))
        )
    return found


def commentable(consultation: Consultation) -> list[Anchor]:
    """Clauses an opinion can be tied to. 1 query."""
    return list(consultation.anchors.filter(is_heading=False))


@dataclass(frozen=True, slots=True)
class AlikeGroup:
    """Opinions that look alike, for a person to judge."""

    comments: tuple[Comment, ...]
    likeness: int


def duplicates_of(consultation: Consultation, terms: Terms) -> tuple[list[AlikeGroup], bool]:
    """Proposed groups that are not one topic yet; whether only the newest were compared. 2 queries.

    A body's opinion and the public's may well be the same.
    """
    rows = list(
        consultation.comments.exclude(state=CommentState.DRAFT)
        .filter(hidden_reason="")
        .select_related("anchor", "topic", "invitation__body")
        .order_by("-number")[: MOST_COMPARED + 1]
    )
    cut = len(rows) > MOST_COMPARED
    known = {row.pk: row for row in rows[:MOST_COMPARED]}
    apart = SetApart.objects.filter(consultation=consultation).values_list("first", "second")
    found = groups(
        {pk: row.text + row.proposal for pk, row in known.items()},
        threshold=terms.likeness_percent,
        apart=list(apart),
    )
    return [_shown(group, known) for group in found if _is_news(group, known)], cut


def _is_news(group: Alike, known: Mapping[int, Comment]) -> bool:
    topics = {known[pk].topic_id for pk in group.members}
    settled = all(known[pk].state == CommentState.ANSWERED for pk in group.members)
    return not settled and (len(topics) > 1 or topics == {None})


def _shown(group: Alike, known: Mapping[int, Comment]) -> AlikeGroup:
    rows = sorted((known[pk] for pk in group.members), key=lambda row: row.number)
    return AlikeGroup(tuple(rows), group.likeness)
