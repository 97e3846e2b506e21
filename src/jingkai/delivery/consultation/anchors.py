"""The stretches of a draft that an opinion can be tied to. Pure: text and reading in, spans out.

Clauses of measures (`m03.c02`) and rows of a task list (`t07`) keep the keys they have elsewhere;
whatever lies between is cut by paragraph (`p012`), a table by row. Together the spans hold every
word of the text once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_LABEL: Final = 26
_HEADING: Final = 40


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]`, its key, and what it is called."""

    key: str
    start: int
    end: int
    heading: str
    is_heading: bool = False


def spans_of(text: str, reading: Mapping[str, Any]) -> list[Span]:
    """Cut `text` by its `reading` (the shape of `engine.policytext.as_data`; may be empty)."""
    known = _known(text, reading)
    titles = {int(part["start"]) for part in reading.get("parts", ()) if part["title"]}
    leads = [
        (int(m["start"]), int(m["clauses"][0]["start"]) if m["clauses"] else int(m["end"]))
        for m in reading.get("measures", ())
    ]
    found: list[Span] = []
    number, at = 0, 0
    for span in [*known, Span("", len(text), len(text), "")]:
        for start, end in _paragraphs(text, at, span.start):
            number += 1
            heading = any(start < b and end > a for a, b in leads) or any(
                start <= title < end and end - start < _HEADING for title in titles
            )
            found.append(Span(f"p{number:03d}", start, end, _label(text[start:end]), heading))
        if span.key:
            found.append(span)
        at = max(at, span.end)
    return found


def _known(text: str, reading: Mapping[str, Any]) -> list[Span]:
    """Clauses and task rows in order, without overlaps and with keys of their own."""
    wanted = []
    for measure in reading.get("measures", ()):
        printed = f"（{measure['printed']}）" if measure["printed"] else ""
        for n, clause in enumerate(measure["clauses"], start=1):
            heading = f"{printed}{measure['title']} 第{n}款"
            wanted.append((f"{measure['id']}.c{n:02d}", clause["start"], clause["end"], heading))
    for task in reading.get("tasks", ()):
        heading = f"任务{task['number']} {_label(task['title'])}"
        wanted.append((f"t{task['number']:02d}", task["start"], task["end"], heading))
    found: list[Span] = []
    taken: set[str] = set()
    at = 0
    for key, start, end, heading in sorted(wanted, key=lambda item: item[1:3]):
        start, end = _trimmed(text, start, end)
        if start < at or start == end:
            continue
        unique = key
        while unique in taken:
            unique += "b"
        taken.add(unique)
        found.append(Span(unique, start, end, heading[:300]))
        at = end
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without blanks at the ends, a tab before a table cell excepted."""
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace() and text[start] != "\t":
        start += 1
    if start and text[start - 1] == "\t":
        start -= 1
    return start, end


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines with words between two offsets; the cells of a table row belong together."""
    row: tuple[int, int] | None = None
    at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        a, b = _trimmed(text, at, stop) if text[at:stop].strip() else (at, at)
        cell = a < b and text[a] == "\t"
        if row and not cell:
            yield row
            row = None
        if cell:
            row = (row[0], b) if row else (a, b)
        elif a < b:
            yield a, b
        at = stop + 1
    if row:
        yield row


def _label(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= _LABEL else said[:_LABEL] + "…"


def with_changes(text: str, changes: Sequence[tuple[int, int, str]]) -> str:
    """`text` with each stretch (start, end) replaced by its words.

    Raises ValueError when two stretches overlap.
    """
    last = len(text)
    for start, end, words in sorted(changes, reverse=True):
        if end > last:
            raise ValueError(f"changes overlap at {start}:{end}")
        text, last = text[:start] + words + text[end:], start
    return text


def like(base: str, words: str) -> str:
    """`words` in the shape of `base`: cells of a table stay cells, a paragraph stays one."""
    lines = [line.strip() for line in words.replace("\r", "").split("\n") if line.strip()]
    if base.startswith("\t"):
        return "\n".join(f"\t{line}" for line in lines)
    return "\n".join(lines) if "\n" in base else "".join(lines)
