"""The note that stands with a return, and the draft where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def narrative_of(grid: Grid) -> Narrative:
    """Note and draft of a return. 1 query beside those of the grid."""
    note = standing_note(grid.in_return)
    pieces = pieces_of(note.text, note.links, grid) if note else []
    return Narrative(note, pieces, draft_of(grid))
