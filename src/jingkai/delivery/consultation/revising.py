"""The revised draft as an official Word file, the adopted changes marked where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.documents.official import Look, Official, RevisionMarks

from .models import Anchor, Consultation
from .rewriting import confirmed_wordings
from .words import inline_diff

Pieces = list[tuple[str, str]]
_PART: Final = re.compile(r"[一二三四五六七八九十]+、[^。；]{1,38}")
_MEASURE: Final = re.compile(r"[（(][一二三四五六七八九十]+[）)][^。；]{1,38}")
_BELOW_TITLE: Final = re.compile(r"[（(][^（()）]{2,14}[)）]")


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of the draft: pieces ("same" | "gone" | "new", words)."""

    pieces: Pieces

    @property
    def before(self) -> str:
        return "".join(words for op, words in self.pieces if op != "new")

    @property
    def after(self) -> str:
        return "".join(words for op, words in self.pieces if op != "gone")


def marked_lines(text: str, changes: Sequence[tuple[int, int, str]]) -> list[Line]:
    """Each line of `text` with what the changes (start, end, words) take out and put in.

    A break that came in or went out parts lines like one that stayed, so that what was struck out
    stands where it stood.

    >>> [line.pieces for line in marked_lines("甲\\n到1400亿元", [(2, 9, "到1474亿元")])]
    [[('same', '甲')], [('same', '到'), ('gone', '1400'), ('new', '1474'), ('same', '亿元')]]
    """
    lines: list[Line] = [Line([])]
    for op, words in _pieces(text, changes):
        first, *others = words.split("\n")
        if first:
            lines[-1].pieces.append((op, first))
        lines += [Line([(op, other)] if other else []) for other in others]
    return lines


def _pieces(text: str, changes: Sequence[tuple[int, int, str]]) -> Iterator[tuple[str, str]]:
    at = 0
    for start, end, words in sorted(changes):
        yield "same", text[at:start]
        yield from inline_diff(text[start:end], words)
        at = end
    yield "same", text[at:]


def revised_docx(consultation: Consultation, *, now: datetime) -> bytes:
    """The draft in the layout of GB/T 9704 with every confirmed change as a revision mark.

    Whoever opens it sees what was struck out and what was put in; read as a document again, it is
    the revised text. 2 queries.
    """
    words = confirmed_wordings(consultation)
    anchors = Anchor.objects.filter(consultation=consultation, pk__in=words)
    changes = [(anchor.start, anchor.end, words[anchor.pk]) for anchor in anchors]
    marks = RevisionMarks(_("Opinions adopted"), timezone.localtime(now))
    paper = Official("")
    before: Look = "text"
    for number, line in enumerate(marked_lines(consultation.text, changes)):
        if not line.pieces:
            continue
        before = _look(line, number, before)
        paper.changed(_without_tabs(line.pieces), marks, before)
        if settings.DEMO and not number:
            paper.paragraph(f"（{_('Demonstration data')}）", indent=False, align="center")
    return paper.docx()


def _look(line: Line, number: int, before: Look) -> Look:
    """What a line is by its own words: the first is the title, numbered ones are headings."""
    words = (line.after or line.before).strip(" ")
    if not number:
        return "title"
    if before in ("title", "below-title") and _BELOW_TITLE.fullmatch(words):
        return "below-title"
    if words.startswith("\t"):
        return "cell"
    if _PART.fullmatch(words):
        return "part"
    return "measure" if _MEASURE.fullmatch(words) else "text"


def _without_tabs(pieces: Pieces) -> Pieces:
    return [(op, words.replace("\t", "")) for op, words in pieces]
