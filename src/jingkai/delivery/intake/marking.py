"""A stretch of text as paragraphs with marks for the things read in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, str, str, int, int]
"""Item, its kind, its state, start and end in the document."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words with the items that cover them; `first` lists the items that begin here."""

    text: str
    items: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    kind: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the text; `cell` when it is a cell of a table."""

    offset: int
    pieces: tuple[Piece, ...]
    cell: bool = False


def paragraphs(text: str, offset: int, spans: Sequence[Span]) -> list[Paragraph]:
    """The lines of `text`, which begins at `offset` of the document, cut where marks begin and end.

    Of marks that cover one another the innermost gives the words their kind and state.

    >>> made = paragraphs("甲乙丙", 10, [(7, "target", "pending", 11, 12)])
    >>> [(piece.text, piece.items) for piece in made[0].pieces]
    [('甲', ()), ('乙', (7,)), ('丙', ())]
    """
    made: list[Paragraph] = []
    begun: set[int] = set()
    at = offset
    waiting = sorted(spans, key=lambda span: span[3])
    live: list[Span] = []
    for line in text.split("\n"):
        end = at + len(line)
        while waiting and waiting[0][3] < end:
            live.append(waiting.pop(0))
        live = [span for span in live if span[4] > at]
        if line.strip():
            pieces = _pieces(line, at, live, begun)
            made.append(Paragraph(at, tuple(pieces), line.startswith("\t")))
        at = end + 1
    return made


def _pieces(line: str, at: int, live: Sequence[Span], begun: set[int]) -> list[Piece]:
    end = at + len(line)
    cuts = {at, end}
    for span in live:
        cuts |= {min(max(span[3], at), end), min(max(span[4], at), end)}
    bounds = sorted(cuts)
    made: list[Piece] = []
    for low, high in pairwise(bounds):
        covering = [span for span in live if span[3] <= low and span[4] >= high]
        covering.sort(key=lambda span: span[4] - span[3], reverse=True)
        first = tuple(span[0] for span in covering if span[0] not in begun)
        begun.update(first)
        inner = covering[-1] if covering else None
        made.append(
            Piece(
                line[low - at : high - at],
                tuple(span[0] for span in covering),
                first,
                inner[1] if inner else "",
                inner[2] if inner else "",
            )
        )
    return made
