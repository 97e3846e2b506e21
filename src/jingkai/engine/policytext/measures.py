"""Which sections are the measures, and where each of their clauses ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from .duties import scan
from .duty import Duty
from .duty_words import LABEL, NOT_BODIES, TIMES
from .outline import build_section
from .skeleton import GENERAL, PAST, Head, Level, Outline, Section
from .text import Text

_CLOSING: Final = re.compile(
    r"^附件[0-9一二三四五六]?[:.、]|^\(此件|^抄送"
    r"|^20[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日$|^本[一-龥]{2,6}自.{0,20}(?:起|之日)"
)


_DUE: Final = re.compile(
    r"((?:20[0-9]{2}年)?(?:年底|[0-9]{1,2}月(?:[0-9]{1,2}日|底)?)之?前)(?:基本|全面|全部)?(?:完成|落实|取得[一-龥]{2,6})(?=。|\n|$)"
)
_CONTAINER: Final = re.compile(
    r"(?:重点|主要|工作|具体|目标|年度)?(?:任务|措施|举措|工作|内容)(?:及分工|和措施|与措施)?"
)
_SIGNING: Final = re.compile(
    r"[一-龥]{2,14}?(?:政府|办公室|办公厅|委员会|委|局|厅|部|院|总署|银行)"
)
_SIGNATURE: Final = 200
_SKIP: Final = "。;,、: \n\t”)"


@dataclass(slots=True)
class Draft:
    part: int
    section: Section
    clauses: list[tuple[int, int, Duty | None]] = field(default_factory=list)


def measures_of(text: Text, skeleton: Outline) -> list[Draft]:
    running = _points_run_through(skeleton.parts)
    drafts: list[Draft] = []
    deep = (Level.ITEM, Level.POINT, Level.ARTICLE)
    bare = not any(h.level in deep for p in skeleton.parts for h in p.heads)
    under = any(p.printed.endswith("节") for p in skeleton.parts)
    for index, part in enumerate(skeleton.parts):
        level = _measure_level(part, running)
        sections = list(_sections(text, part, level)) if level is not None else []
        whole = (not part.general and _has_duty(text, part)) or (
            bare and _alone(part) and not (under and part.printed.endswith(("章", "编")))
        )
        if not sections and whole:
            sections = [part]
        for section in _unpacked(text, part, sections):
            if (part.general or GENERAL.search(section.title)) and not _has_duty(text, section):
                continue
            drafts.append(Draft(index, section))
    if not drafts:
        drafts = [Draft(-1, section) for section in _loose(text, skeleton)]
    return drafts


def _unpacked(text: Text, part: Section, sections: Sequence[Section]) -> Iterator[Section]:
    """Sections; of one that is only called tasks, (二)重点任务, those it is made of."""
    points: list[Section] | None = None
    for section in sections:
        inside: list[Section] = []
        if section.level is Level.ITEM and _CONTAINER.fullmatch(section.title):
            points = list(_sections(text, part, Level.POINT)) if points is None else points
            first, last = section.lines
            inside = [p for p in points if first < p.lines[0] < last]
        yield from inside or [section]


def _alone(part: Section) -> bool:
    """一、…。 that says something by itself."""
    said = not part.general and not PAST.search(part.title) and bool(part.body)
    return said and part.number is not None


def _points_run_through(parts: Sequence[Section]) -> bool:
    """Whether 1. 2. 3. … run on through the document, past each (一)."""
    numbers: list[int] = []
    items = 0
    under: set[tuple[int, int]] = set()
    for index, part in enumerate(parts):
        if part.general:
            continue
        for head in part.heads:
            if head.level == Level.ITEM:
                items += 1
            elif head.level == Level.POINT and head.number:
                numbers.append(head.number)
                under.add((index, items))
    if len(numbers) < 4 or not items or len(under) < 2:
        return False
    steps = sum(1 for a, b in pairwise(numbers) if b == a + 1)
    return numbers.count(1) <= 1 and steps >= 0.9 * (len(numbers) - 1)


def _measure_level(part: Section, running: bool) -> Level | None:
    there = {head.level for head in part.heads}
    if Level.ARTICLE in there:
        return Level.ARTICLE
    if running and Level.POINT in there:
        return Level.POINT
    for level in (Level.ITEM, Level.POINT):
        if level in there:
            if level is Level.POINT and part.level == Level.CHAPTER and Level.PART in there:
                return Level.PART
            return level
    return Level.PART if Level.PART in there and part.level == Level.CHAPTER else None


def _sections(text: Text, part: Section, level: Level) -> Iterator[Section]:
    """The sections of one level inside a part."""
    heads = [h for h in part.heads if h.level == level]
    upper = [h.line for h in part.heads if h.level < level and h.level != Level.ARTICLE]
    above = 0
    inside = {a for a, _b in part.body} | {text.lines[part.lines[0]].at}
    for place, head in enumerate(heads):
        upto = heads[place + 1].line if place + 1 < len(heads) else part.lines[1]
        while above < len(upper) and upper[above] <= head.line:
            above += 1
        if above < len(upper):
            upto = min(upto, upper[above])
        yield _section(text, part, head, upto, inside)


def _section(text: Text, part: Section, head: Head, upto: int, inside: set[int]) -> Section:
    covered = {
        i for i in range(head.line, upto) if text.lines[i].at not in inside and i != head.line
    }
    return build_section(text.lines, covered, head, upto, part.heads)


def _has_duty(text: Text, section: Section) -> bool:
    spans = [*section.body, (section.title_start, section.title_end)]
    return any(True for a, b in spans for _duty in scan(text, a, b))


def _loose(text: Text, skeleton: Outline) -> Iterator[Section]:
    """Paragraphs with a responsibility bracket in a document without headings."""
    for part in skeleton.parts:
        for start, end in part.body:
            if any(True for _duty in scan(text, start, end)):
                yield Section(None, "", "", start, start, [(start, end)])


def clauses_of(text: Text, section: Section) -> Iterator[tuple[int, int, Duty | None]]:
    """(start, end, duty): the words of a clause, and the bracket that closes it."""
    plain = text.plain
    line_end = section.body[0][0] if section.body else section.end
    found: list[Duty] = []
    heading = plain.find("\n", section.title_start)
    title_stop = heading if 0 <= heading < line_end else line_end
    spans = [(section.title_start, title_stop)] if title_stop > section.title_start else []
    first_body = section.body[0] if section.body else (section.end, section.end)
    if first_body[0] < (spans[0][1] if spans else 0) or not spans:
        spans = []
    for start, end in [*spans, *section.body]:
        found += scan(text, start, end)
    merged: list[Duty] = []
    for duty in found:
        if merged and merged[-1].end <= duty.start:
            _take_due(plain, merged[-1], duty.start)
        if merged and not plain[merged[-1].end : duty.start].strip(_SKIP):
            last = merged[-1]
            last.mentions += duty.mentions
            last.end = duty.end
            last.standing_rule = last.standing_rule or duty.standing_rule
            last.lead_first = last.lead_first or duty.lead_first
            last.deadline = last.deadline or duty.deadline
        else:
            merged.append(duty)
    at = first_body[0]
    if plain[section.title_end : section.title_end + 1] in frozenset(",;"):
        at = section.title_start  # no title but the beginning of a sentence
    end = section.end
    if merged:
        _take_due(plain, merged[-1], end)
    if merged and merged[0].start < at:  # the bracket stands in the heading
        head = merged.pop(0)
        stop = merged[0].start if merged else end
        if not merged:
            yield section.title_start, stop, head
            return
        yield section.title_start, head.start, head
    if len(merged) == 1 and _first_word(plain, at, merged[0].start) >= merged[0].start:
        yield section.title_start, end, merged[0]  # 标题(某局负责)。正文…
        return
    for duty in merged:
        start = _first_word(plain, at, duty.start)
        if start >= duty.start and at == first_body[0]:
            start = section.title_start
        yield start, duty.start, duty
        at = duty.end
    at = _first_word(plain, at, end)
    if end - at >= 8 and re.search(r"[一-龥]{4}", plain[at : at + 60]):
        yield at, end, None
    elif not merged and section.title:
        yield section.title_start, section.title_end, None


def _take_due(plain: str, duty: Duty, end: int) -> None:
    """Lines that follow a duty and name no body belong to it: 完成时限:…, 责任领导:…."""
    while True:
        at = _first_word(plain, duty.end, end)
        if due := _DUE.match(plain, at, end):
            duty.deadline, duty.end = duty.deadline or due[1], due.end()
            return
        label = LABEL.match(plain, at, end)
        if not label or not label["what"].endswith(NOT_BODIES):
            return
        stop = min(x for x in (plain.find("\n", at, end), end) if x >= 0)
        if label["what"].endswith(TIMES):
            duty.deadline = duty.deadline or plain[label.end() : stop].rstrip("。;")
        duty.end = stop


def _first_word(plain: str, at: int, end: int) -> int:
    while at < end and plain[at] in _SKIP:
        at += 1
    return at


def take_closing(text: Text, drafts: list[Draft]) -> tuple[int, int] | None:
    """Paragraphs after the last measure that are not its own: closing words, signature, date."""
    if not drafts:
        return None
    last = drafts[-1].section
    others = [len(d.section.body) for d in drafts[:-1]]
    single = len(others) >= 2 and max(others) == 1
    cut: int | None = None
    for index, (start, end) in enumerate(last.body):
        words = text.plain[start:end]
        if (
            _CLOSING.match(words)
            or _is_signature(words)
            or (single and index >= 1 and not any(scan(text, start, end)))
        ):
            cut = start
            break
    if cut is None or not last.body or (cut == last.body[0][0] and not last.title):
        return None
    span = cut, last.body[-1][1]
    last.body = [s for s in last.body if s[0] < cut]
    drafts[-1].clauses = list(clauses_of(text, last))
    return span


def _is_signature(words: str) -> bool:
    """Whether a line is nothing but names of bodies, one after the other."""
    if len(words) > _SIGNATURE:
        return False
    return bool(words) and sum(len(name) for name in _SIGNING.findall(words)) == len(words)
