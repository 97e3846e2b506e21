"""What a document names besides bodies: other documents, programmes, deadlines."""

from __future__ import annotations

import re
from typing import Final

from .front import ANY_NUMBER
from .model import Deadline, Programme, Reference
from .text import Text

_TITLE: Final = re.compile(r"《[^《》\n]{2,120}(?:〈[^〈〉\n]{2,120}〉)?[^《》\n]{0,60}》")
_BEHIND: Final = re.compile(r"[,、]?\(([^()\n]{4,40})\)")
_PROGRAMME: Final = re.compile(
    r"“([^“”\n]{1,24})”(?:[一-龥]{0,8}?)(?:专项行动|行动计划|行动|工程|计划|项目|活动|改革|试点|品牌|培育库)"
)
_DEADLINE: Final = re.compile(
    r"(?P<year>20[0-9]{2})年(?:(?P<month>[0-9]{1,2})月(?:[0-9]{1,2}日)?(?:底|末|份)?|年底|底|末|上半年)?(?P<due>之?前|以前)"
    r"|(?P<y2>20[0-9]{2})年(?:(?P<m2>[0-9]{1,2})月)?(?:底|年底|末)"
)


def references(text: Text) -> list[Reference]:
    """Documents named in 《》 with the number that follows, and numbers that stand alone."""
    plain = text.plain
    found: list[Reference] = []
    taken: set[int] = set()
    for match in _TITLE.finditer(plain):
        number, end = "", match.end()
        behind = _BEHIND.match(plain, end)
        if behind and (inner := ANY_NUMBER.search(behind[1])):
            number, end = inner[0], behind.end()
            taken.add(behind.start())
        found.append(Reference(match[0][1:-1], number, *text.span(match.start(), end)))
    spans = sorted((r.start, r.end) for r in found)
    at = 0
    for match in ANY_NUMBER.finditer(plain):
        start, end = text.span(match.start(), match.end())
        while at < len(spans) and spans[at][1] < start:
            at += 1
        if at < len(spans) and spans[at][0] <= start < spans[at][1]:
            continue
        found.append(Reference("", match[0], start, end))
    found.sort(key=lambda r: r.start)
    return found


def programmes(text: Text) -> list[Programme]:
    """Programmes quoted by name, in order, each place."""
    return [
        Programme(
            match[0].replace("“", "").replace("”", ""), *text.span(match.start(), match.end())
        )
        for match in _PROGRAMME.finditer(text.plain)
    ]


def deadlines(text: Text) -> list[Deadline]:
    """Days and months by which something is due."""
    return [
        Deadline(
            match[0],
            int(match["year"] or match["y2"]),
            int(match["month"] or match["m2"]) if (match["month"] or match["m2"]) else None,
            *text.span(match.start(), match.end()),
        )
        for match in _DEADLINE.finditer(text.plain)
    ]
