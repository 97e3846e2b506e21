"""Duties that running text states where no bracket does.

由市商务局牵头,市统计局配合组织实施; 市商务局会同市科技局负责…: management measures and rules are
written so. Only what names a lead counts: that a body does this or that is no division of duty.
"""

from __future__ import annotations

import re
from typing import Final

from .bodies import is_body, is_firm
from .duty import Duty, Role
from .duty_reader import read
from .duty_words import strip_tail
from .text import Text, sentences

_LEADS: Final = re.compile(r"(?P<lead>牵头)(?!的|单位|部门|地区|人|责任)|会同(?!有关方面)")
_BEGINS: Final = re.compile(r"[,:]|(?<![自理缘])由")
_DOES: Final = re.compile(
    r"负责|配合|参与|参加|协助|落实|实施|制定|组织|推进|承担|支持|建立|开展|编制|研究|提出|完善|审核"
    r"|出台|指导|管理|拟订|起草|公布|确定|对"
)
_OUGHT: Final = re.compile(r"(?:应当|要|应|须|将|可)$")
_LONGEST: Final = 120


def stated(text: Text, start: int, end: int) -> Duty | None:
    """The duties that sentences of text.plain[start:end] state, as one; None without a lead."""
    whole: Duty | None = None
    for a, b in sentences(text.plain, start, end):
        at = a
        for found in _LEADS.finditer(text.plain, a, b):
            if found.start() < at:
                continue
            duty = _one(text, max(at, found.start() - _LONGEST), found, b)
            if duty is None:
                continue
            at = duty.end
            if whole is None:
                whole = duty
            else:
                whole.mentions += duty.mentions
                whole.end = duty.end
    return whole


def _one(text: Text, start: int, found: re.Match[str], end: int) -> Duty | None:
    plain = text.plain
    begin = max((m.end() for m in _BEGINS.finditer(plain, start, found.start())), default=start)
    if not _names(_OUGHT.sub("", plain[begin : found.start()])):
        return None
    limit = min(end, found.end() + _LONGEST)
    if found["lead"]:
        stop = found.end()
        if plain[stop : stop + 1] == ",":
            comma = plain.find(",", stop + 1, limit)
            upto = comma if comma >= 0 else limit
            for does in _DOES.finditer(plain, stop + 1, upto):
                if _names(plain[stop + 1 : does.end()]):
                    stop = does.end()
                    break
    else:
        verb = _DOES.search(plain, found.end(), limit)
        if not verb or not _names(plain[found.end() : verb.start()]):
            return None
        stop = verb.start()
    duty = read(text, begin, stop)
    if duty is None or all(m.role is not Role.LEAD for m in duty.mentions):
        return None
    duty.prose = True
    return duty


def _names(words: str) -> bool:
    """Whether words are nothing but names of bodies, the first beyond doubt."""
    clean = strip_tail(words)[0]
    if is_firm(clean):
        return True
    pieces = [p for p in re.split(r"、|以及", clean) if p]
    if pieces and not is_body(pieces[-1]):
        pieces[-1:] = re.split(r"[和与及]", pieces[-1])
    return bool(pieces) and is_firm(pieces[0]) and all(is_body(p) for p in pieces)
