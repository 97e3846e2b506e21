"""A long text as pages for the eye: one for each measure, part or annex, none too long."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

MOST: Final = 12_000
"""Characters of one page; a longer stretch is cut at a paragraph."""
_NUMBER: Final = 12
Section = dict[str, Any]


def sections_of(text: str, data: Mapping[str, Any]) -> list[Section]:
    """Pages of `text` in order and without gaps: {"key", "title", "start", "end"}.

    `data` is a reading as `engine.policytext.as_data` gives it; offsets are those of `text`.

    >>> part = {"title": "总体要求", "printed": "一、", "start": 5, "end": 9, "kind": "general"}
    >>> [(s["start"], s["end"]) for s in sections_of("标题\\n一、总体要求。", {"parts": [part]})]
    [(0, 3), (3, 10)]
    """
    heads: dict[int, tuple[str, str]] = {0: ("front", str(data.get("title") or ""))}
    for number, part in enumerate(data.get("parts", ())):
        heads[_line(text, part["start"])] = (f"part{number}", f"{part['printed']}{part['title']}")
    for measure in data.get("measures", ()):
        heads[_line(text, measure["start"])] = (
            measure["id"],
            f"{measure['printed']} {measure['title']}".strip(),
        )
    heads |= _annexes(text, data)
    starts = sorted(at for at in heads if at < max(1, len(text)))
    found: list[Section] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        key, title = heads[start]
        for count, (low, high) in enumerate(_cut(text, start, end)):
            suffix = f".{count + 1}" if count else ""
            found.append({"key": key + suffix, "title": title[:80], "start": low, "end": high})
    return _joined(found)


def _line(text: str, at: int) -> int:
    """Where the line of a heading begins: its printed number stands before what was read."""
    start = text.rfind("\n", 0, at) + 1
    return start if at - start <= _NUMBER else at


def _annexes(text: str, data: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """Where each annex begins: the line that prints its name and nothing else."""
    heads: dict[int, tuple[str, str]] = {}
    ends = [part["end"] for part in data.get("parts", ())]
    at = max(ends, default=0)
    for annex in data.get("annexes", ()):
        for printed in (f"附件{annex['number'] or ''}", "附件", "附表"):
            found = text.find("\n" + printed, at)
            if found >= 0:
                heads[found + 1] = (f"annex{annex['number'] or 1}", f"{printed} {annex['title']}")
                at = found + 1
                break
    return heads


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """`start`–`end` in pieces of at most MOST characters, cut after a line where it can be."""
    pieces = []
    while end - start > MOST:
        line = text.rfind("\n", start + MOST // 2, start + MOST)
        stop = line + 1 if line > 0 else start + MOST
        pieces.append((start, stop))
        start = stop
    return [*pieces, (start, end)]


def _joined(found: Sequence[Section]) -> list[Section]:
    """A heading that stands alone goes with what follows."""
    made: list[Section] = []
    for section in found:
        if made and made[-1]["end"] - made[-1]["start"] < 40 and made[-1]["key"] != "front":
            section = {**section, "start": made[-1]["start"]}
            section["title"] = f"{made[-1]['title']} / {section['title']}"[:120]
            made.pop()
        made.append(section)
    return made


def section_at(sections: Sequence[Section], offset: int) -> int:
    """Index of the page that holds `offset`."""
    return max(0, bisect_right([section["start"] for section in sections], offset) - 1)
