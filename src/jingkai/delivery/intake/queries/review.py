"""One version under review: a page of its text with marks, and the things read there.

Only the page's stretch of the text is fetched, so a document of two million characters costs what
a short one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Func, Q, QuerySet, TextField, Value

from jingkai.core.accounts.public import User

from ..joining import titles_of
from ..marking import Paragraph, paragraphs
from ..matching import SURE
from ..models import ItemKind, ItemState, SourceItem, SourceVersion
from ..services.deciding import is_clear
from .documents import visible_items, visible_versions

MOST = 200
"""Things shown beside one page of text; the rest is told and reached by a filter."""


@dataclass(frozen=True, slots=True)
class Row:
    """A thing read, with what it may be joined with and what puts it in question."""

    item: SourceItem
    match_title: str
    proposal_title: str
    questions: Sequence[SourceItem] = ()
    clear: bool = False

    @property
    def sure(self) -> bool:
        return bool(self.item.proposal) and (self.item.likeness or 0) >= SURE


@dataclass(frozen=True, slots=True)
class Tally:
    """How many things of a kind there are, and how many are decided."""

    kind: str
    label: str
    total: int
    decided: int

    @property
    def open(self) -> int:
        return self.total - self.decided


@dataclass(frozen=True, slots=True)
class Review:
    """What the review page shows."""

    version: SourceVersion
    at: int
    paragraphs: Sequence[Paragraph]
    rows: Sequence[Row]
    counts: Sequence[Tally]
    hidden: int
    pending_by_section: dict[int, int] = field(default_factory=dict)

    @property
    def sections(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {**section, "at": at, "open": self.pending_by_section.get(at, 0)}
            for at, section in enumerate(self.version.sections)
        ]
        return found

    @property
    def section(self) -> dict[str, Any]:
        sections = self.sections
        return sections[self.at] if sections else {}

    @property
    def total(self) -> int:
        return sum(count.total for count in self.counts)

    @property
    def decided(self) -> int:
        return sum(count.decided for count in self.counts)

    @property
    def must(self) -> int:
        """Things other than questions that are still to decide: without them nothing is taken."""
        return sum(count.open for count in self.counts if count.kind != ItemKind.FINDING)


def version_head(user: User, version_id: int) -> SourceVersion | None:
    """A version without its text, with its sections. 1 query."""
    rows = visible_versions(user).select_related(
        "document__policy", "uploaded_by", "published_by", "job", "file"
    )
    return rows.defer("text", "reading").filter(pk=version_id).first()


def where_to_begin(*, user: User, version: SourceVersion) -> int:
    """The first page with something to decide, else with something read; 0 for none. 1 query."""
    placed = visible_items(user).filter(version=version, start__isnull=False).order_by("section")
    states = placed.exclude(kind=ItemKind.FINDING).values_list("section", "state")
    pages = list(states.distinct())
    waiting = [section for section, state in pages if state == ItemState.PENDING]
    return min(waiting or [section for section, _state in pages], default=0)


def review(
    *,
    user: User,
    version: SourceVersion,
    at: int,
    kind: str = "",
    state: str = "",
    whole: bool = False,
) -> Review:
    """Page `at` of the text with the things read there, or with those of the whole version.

    `state`: open, decided or questions. At most 12 queries at any size.
    """
    sections = version.sections
    at = max(0, min(at, len(sections) - 1))
    start, end = (sections[at]["start"], sections[at]["end"]) if sections else (0, 0)
    items = visible_items(user).filter(version=version)
    here = items.filter(section=at)
    shown = _filtered(items if whole else here, kind, state)
    total = shown.count()
    chosen = list(shown.select_related("decided_by").order_by("position", "pk")[:MOST])
    marked = items.filter(start__lt=end, end__gt=start).exclude(kind=ItemKind.FINDING)
    spans = [
        (item.pk, item.kind, item.state, item.start or 0, item.end or 0)
        for item in marked.only("kind", "state", "start", "end").order_by("start", "-end", "pk")[
            : 4 * MOST
        ]
    ]
    return Review(
        version=version,
        at=at,
        paragraphs=paragraphs(text_of(version, start, end), start, spans),
        rows=rows_of(version, chosen),
        counts=counts_of(version),
        hidden=max(0, total - len(chosen)),
        pending_by_section=dict(
            items.filter(state=ItemState.PENDING)
            .order_by()
            .values_list("section")
            .annotate(n=Count("pk"))
        ),
    )


def _filtered(items: QuerySet[SourceItem], kind: str, state: str) -> QuerySet[SourceItem]:
    if kind in ItemKind.values:
        items = items.filter(kind=kind)
    if state == "open":
        items = items.filter(state=ItemState.PENDING)
    elif state == "decided":
        items = items.exclude(state=ItemState.PENDING)
    elif state == "questions":
        items = items.filter(
            Q(kind=ItemKind.FINDING) | ~Q(read__questions=[]) | Q(read__has_key="gap")
        )
    return items


def text_of(version: SourceVersion, start: int, end: int) -> str:
    """A stretch of a version's text; the rest stays in the database. 1 query."""
    piece = Func(
        F("text"),
        Value(start + 1),
        Value(max(0, end - start)),
        function="substr",
        output_field=TextField(),
    )
    rows = SourceVersion.objects.filter(pk=version.pk).annotate(piece=piece)
    return str(rows.values_list("piece", flat=True).get())


def counts_of(version: SourceVersion) -> list[Tally]:
    """Things by kind. 1 query."""
    found = {
        row["kind"]: row
        for row in SourceItem.objects.filter(version=version)
        .order_by()
        .values("kind")
        .annotate(total=Count("pk"), open=Count("pk", filter=Q(state=ItemState.PENDING)))
    }
    return [
        Tally(kind.value, str(kind.label), row["total"], row["total"] - row["open"])
        for kind in ItemKind
        if (row := found.get(kind.value))
    ]


def rows_of(version: SourceVersion, items: Sequence[SourceItem]) -> list[Row]:
    """Things with their records' names and their questions. ≤ 8 queries at any length."""
    codes: dict[str, set[str]] = {}
    for item in items:
        codes.setdefault(item.kind, set()).update(c for c in (item.match, item.proposal) if c)
    titles = titles_of(version, codes)
    wanted = {key for item in items for key in item.read.get("questions", ())}
    questions = {
        question.key: question
        for question in SourceItem.objects.filter(
            version=version, kind=ItemKind.FINDING, key__in=wanted
        )
    }
    pending = frozenset(k for k, q in questions.items() if q.state == ItemState.PENDING)
    return [
        Row(
            item,
            titles.get((item.kind, item.match), item.match),
            titles.get((item.kind, item.proposal), item.proposal),
            [questions[key] for key in item.read.get("questions", ()) if key in questions],
            is_clear(item, pending),
        )
        for item in items
    ]
