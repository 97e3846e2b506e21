"""Responsibility brackets: (…负责), (责任单位:…), 〔牵头单位:…;配合单位:…〕 and their kin.

Recognised by what they do, not by their shape: a label or a verb of duty, and at least one name
that has the form of a body. A bare list of bodies counts at the end of a sentence only. Every
scan walks forward once; no pattern can back up over more than one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .bodies import is_body, is_firm
from .duty import Duty, Role, Wording
from .duty_reader import read
from .duty_words import AREA, LABEL, NOT_BODIES
from .text import Text

MAX_BRACKET: Final = 900
_OPEN: Final = "([{【〔〖"
_CLOSE: Final = ")]}】〕〗"
_BRACKETS: Final = re.compile(r"[(\[{【〔〖)\]}】〕〗]")


_BEFORE_LABEL: Final = frozenset("。;!?,”)】〕]\n")
_VERBS: Final = (
    "负责",
    "牵头",
    "配合",
    "落实",
    "参与",
    "会同",
    "承办",
    "协助",
    "主办",
    "协办",
    "实施",
    "推进",
    "承担",
    "完成",
)
_NO_DUTY: Final = ("简称", "下称", "负责人", "负责解释", "负责同志", "另行", "见附件", "附后")


def scan(text: Text, start: int, end: int) -> Iterator[Duty]:
    """Every duty of text.plain[start:end], one paragraph, in order."""
    plain = text.plain
    at = start
    for opened, closed, shut in _brackets(plain, start, end):
        if opened < at:
            continue
        for stated in _labelled(text, at, opened, end):
            yield stated
            at = stated.end
        if opened < at:
            continue
        at = opened
        inner = opened + 1, closed - 1 if shut else closed
        label = LABEL.fullmatch(plain, opened + 1, closed) if shut else None
        if label:  # 【责任单位】 before the names
            upto = _until(plain, closed, end)
            duty = read(text, opened + 1, upto)
            if duty:
                duty.start, duty.end = opened, upto
                yield duty
                at = upto
            continue
        duty = _bracket_duty(text, *inner, start, end)
        if duty is None:
            at = closed
            continue
        duty.start, duty.closed = opened, shut
        duty.end = closed if shut else max((m.end for m in duty.mentions), default=closed)
        if not shut:
            duty.end = _after_verb(plain, duty.end, end)
        yield duty
        at = duty.end
    yield from _labelled(text, at, end, end)


def _brackets(plain: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Outermost brackets as (opening, after closing, closed?). One left open is tried again
    from inside, once for each opening, each time over one bounded stretch."""
    depth, opened = 0, 0
    marks = [m.start() for m in _BRACKETS.finditer(plain, start, end)]
    index = 0
    while index < len(marks):
        at = marks[index]
        if plain[at] in _OPEN:
            if not depth:
                opened, first = at, index
            depth += 1
            if at - opened > MAX_BRACKET or depth > 12:
                yield opened, min(end, opened + MAX_BRACKET), False
                depth, index = 0, first + 1
                continue
        elif depth:
            depth -= 1
            if not depth:
                if at - opened <= MAX_BRACKET:
                    yield opened, at + 1, True
                else:
                    index, depth = first, 0
        index += 1
    if depth:
        yield opened, min(end, opened + MAX_BRACKET), False


def _bracket_duty(text: Text, start: int, end: int, first: int, last: int) -> Duty | None:
    content = text.plain[start:end]
    if len(content) < 2 or any(word in content for word in _NO_DUTY):
        return None
    if LABEL.match(content) or any(verb in content for verb in _VERBS):
        duty = read(text, start, end)
        if duty and not duty.labelled and all(_vague(m.name) for m in duty.mentions):
            return None
        return duty
    # A bare list of bodies, at the end of a sentence.
    names = [n for n in re.split(r"[、,;]", content) if n]
    after = text.plain[end + 1 : end + 2]
    before = text.plain[start - 2 : start - 1] if start - 2 >= first else ""
    closes = before in ("。", ";", "!", "”", ")") or (end + 1 >= last and before) or after == "。"
    sure = [n for n in names if is_firm(n) or _every(n)]
    if closes and sure[:1] == names[:1] and all(n in sure or AREA.fullmatch(n) for n in names):
        duty = read(text, start, end, Role.UNSPECIFIED if len(sure) < len(names) else None)
        if duty:
            duty.wording = Wording.LISTED
        return duty
    return None


def _vague(name: str) -> bool:
    """项目单位, 用人单位: whoever it may be, not a body of the administration."""
    return name.endswith(("单位", "机构")) and not _administrative(name)


def _administrative(name: str) -> bool:
    """Whether a name begins with a level of administration or with every."""
    return name.startswith(
        ("各", "有关", "相关", "市", "省", "区", "县", "国", "中央", "自治", "地方", "领导", "成员")
    )


def _every(name: str) -> bool:
    return name.startswith(("各", "有关", "相关")) and is_body(name)


def _labelled(text: Text, start: int, stop: int, end: int) -> Iterator[Duty]:
    """责任单位:… outside of brackets, at the start of a line or of a sentence, before `stop`; its
    list goes on past it, for names have brackets of their own: 各县(市、区)政府."""
    plain = text.plain
    at = start
    while at < stop:
        found = LABEL.search(plain, at, stop)
        if not found:
            return
        begins = found.start()
        if (begins > 0 and plain[begins - 1] not in _BEFORE_LABEL) or not _names_label(
            found["what"]
        ):
            at = found.end()
            continue
        upto = _until(plain, found.end(), end)
        while True:  # 牵头单位:…。配合单位:…。
            following = LABEL.match(plain, upto + 1, end) if upto < end else None
            if not following:
                break
            upto = _until(plain, following.end(), end)
        duty = read(text, begins, upto)
        if duty:
            duty.start, duty.end = begins, upto
            yield duty
        at = upto + 1


def _names_label(what: str) -> bool:
    return not what.endswith(NOT_BODIES) and len(what) > 2


def _until(plain: str, start: int, end: int) -> int:
    """End of the sentence that starts at `start`."""
    limit = min(end, start + MAX_BRACKET)
    stop = plain.find("。", start, limit)
    line = plain.find("\n", start, limit)
    found = [x for x in (stop, line) if x >= 0]
    return min(found) if found else limit


def _after_verb(plain: str, at: int, end: int) -> int:
    """Where an unclosed bracket's last duty verb ends."""
    tail = plain[at : min(end, at + 24)]
    spots = [tail.find(verb) + len(verb) for verb in _VERBS if verb in tail]
    return at + (max(spots) if spots else 0)
