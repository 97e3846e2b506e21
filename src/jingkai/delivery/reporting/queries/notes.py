"""The note that stands with a return, and the draft where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from jingkai.core.accounts.public import User

from ..models import Return, ReturnNote
from ..narrative import Draft, Piece, draft_of, pieces_of
from .grid import Grid


@dataclass(frozen=True, slots=True)
class Narrative:
    """What a return says in words: the note kept with it, and what its figures would say."""

    note: ReturnNote | None
    pieces: Sequence[Piece]
    draft: Draft

    @property
    def stale(self) -> int:
        """Numbers of the note whose figures are others by now."""
        return sum(piece.is_stale for piece in self.pieces)

    @property
    def loose(self) -> int:
        """Numbers of the note that stand in no cell."""
        return sum(piece.is_loose for piece in self.pieces)


def standing_note(in_return: Return) -> ReturnNote | None:
    """The last note, unless it was taken away. 1 query."""
    note = ReturnNote.objects.filter(in_return=in_return).select_related("actor").first()
    return note if note and note.text else None


def with_note(returns: QuerySet[Return]) -> QuerySet[Return]:
    """Returns that bring their last note along as `note_data`: no query of its own."""
    kept = ReturnNote.objects.filter(in_return=OuterRef("pk")).order_by("-id")
    fields = JSONObject(
        id="id", text="text", links="links", revision="revision", at="at",
        actor=F("actor_id"), who=F("actor__name"),
    )  # fmt: skip
    return returns.annotate(note_data=Subquery(kept.values(data=fields)[:1]))


def _note_of(in_return: Return) -> ReturnNote | None:
    """The note that came along; else as `standing_note`."""
    try:
        data = in_return.note_data  # type: ignore[attr-defined]  # annotated by with_note
    except AttributeError:
        return standing_note(in_return)
    if not data or not data["text"]:
        return None
    return ReturnNote(
        id=data["id"],
        in_return=in_return,
        text=data["text"],
        links=data["links"],
        revision=data["revision"],
        at=datetime.fromisoformat(data["at"]),
        actor=User(id=data["actor"], name=data["who"]),
    )


def narrative_of(grid: Grid) -> Narrative:
    """Note and draft of a return. 1 query, or none when the return was read by `with_note`."""
    note = _note_of(grid.in_return)
    pieces = pieces_of(note.text, note.links, grid) if note else []
    return Narrative(note, pieces, draft_of(grid))
