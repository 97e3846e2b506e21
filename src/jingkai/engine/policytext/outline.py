"""The skeleton of a document: title, number, issuer, parts, measures, annexes, tables.

Which level of headings carries the measures differs by document: (一) under 一、, or 1. running
through all parts, or 第X条, or 一、 alone. It is decided part by part from the numbering itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

from .front import TITLE_END, front
from .numerals import number_of
from .skeleton import GENERAL, Annex, Head, Level, Outline, Section
from .tables import take_tables
from .text import Line, Text

_N: Final = "一二三四五六七八九十百零〇"
_HEADS: Final = (
    re.compile(rf"第(?P<n>[{_N}0-9]{{1,4}})(?:[章节编]|部分)[::、]?"),
    re.compile(rf"(?P<n>[{_N}]{{1,3}})、"),
    re.compile(rf"\((?P<n>[{_N}]{{1,4}})\)[、.]?"),
    re.compile(r"(?P<n>[0-9]{1,4})(?:[.、](?![0-9])|(?=[一-龥“])(?![年月日家个项万亿条户%]))"),
    re.compile(r"\((?P<n>[0-9]{1,3})\)"),
    re.compile(rf"第(?P<n>[{_N}0-9]{{1,4}})条[::、]?"),
)


_CONTENTS: Final = re.compile(r"[.·]{4,}[0-9]{1,4}$")
"""A line of a table of contents: dots and a page."""
_PAGED: Final = re.compile(r"[\t.·— ]+[0-9]{1,4}$")
_FRONT: Final = 120
_ANNEX: Final = re.compile(rf"附\s?件(?P<n>[0-9{_N}]{{0,3}})(?P<rest>.*)")


def outline(text: Text) -> Outline:
    """The skeleton of a document. Never fails: what is not recognised stays empty."""
    made = Outline()
    lines = text.lines
    if not lines:
        return made
    contents = _contents(lines)
    tables, covered = take_tables(lines, text.spaced, contents)
    covered |= contents
    heads = [
        head
        for index, line in enumerate(lines)
        if index not in covered and (head := _head(index, line))
    ]
    body_end = _annexes(lines, covered, heads, made)
    for table in tables:
        home = next((a for a in made.annexes if a.lines[0] <= table.first < a.lines[1]), None)
        (home.tables if home else made.tables).append(table)
    inside = [head for head in heads if head.line < body_end]
    front(text, lines, inside, covered, made)
    _sections(lines, covered, inside, body_end, made)
    return made


def _contents(lines: Sequence[Line]) -> set[int]:
    """Lines of the table of contents: from 目录 on, headings that come again or end in a page."""
    begin = next(
        (i for i, line in enumerate(lines[:_FRONT]) if line.text in ("目录", "目次")), None
    )
    if begin is None:
        return set()
    times = Counter(_opening(line.text) for line in lines)
    found, seen = {begin}, set()
    for index in range(begin + 1, len(lines)):
        line = lines[index]
        opening = _opening(line.text)
        paged = len(line.text) <= 80 and _PAGED.search(line.text)
        named = _head(index, line) or line.text.startswith(("附", "专栏", "前言", "引言"))
        if opening in seen or not (
            paged or (named and len(line.text) <= 80 and times[opening] > 1)
        ):
            break
        seen.add(opening)
        found.add(index)
    return found


def _opening(text: str) -> str:
    return _PAGED.sub("", text[:80])[:5]


def _head(index: int, line: Line) -> Head | None:
    if _CONTENTS.search(line.text[-40:]):
        return None
    for level, pattern in enumerate(_HEADS):
        if found := pattern.match(line.text):
            if level == Level.PART and found.end() == len(line.text):
                return None
            if level == Level.POINT and not _is_point(line.text, found.end()):
                return None
            return Head(Level(level), number_of(found["n"]), found[0], index, found.end())
    return None


def _is_point(text: str, at: int) -> bool:
    """1.xxx yes; 2030年…, 1400亿元… no."""
    if text[at - 1] in ".、":
        return at < len(text)
    return (
        at <= 2
        and len(text) > at + 6
        and not re.match(r"[0-9]*[年月日号个家项%亿万倍位+]", text[at:])
    )


def _annexes(lines: Sequence[Line], covered: set[int], heads: list[Head], made: Outline) -> int:
    """Find where each annex begins; return the index of the first line after the body."""
    bare: list[tuple[int, re.Match[str]]] = []
    titled: list[tuple[int, re.Match[str]]] = []
    for index, line in enumerate(lines):
        if index in covered or not line.text.startswith("附") or len(line.text) > 80:
            continue
        if found := _ANNEX.fullmatch(line.text):
            rest = found["rest"].strip(":.、 ")
            if rest in ("", "("):
                bare.append((index, found))
            elif found["rest"][0] in ":.、":
                titled.append((index, found))
    starts = bare
    if not bare:  # 附件:… directly followed by its text, not a list of annexes
        starts = [(i, m) for i, m in titled if any(h.line > i for h in heads if h.level <= 1)]
        starts = starts if len(starts) == 1 or len(starts) == len(titled) else []
    part_lines = [h.line for h in heads if h.level in (Level.PART, Level.CHAPTER, Level.ARTICLE)]
    if starts and not any(line < starts[0][0] for line in part_lines):
        # The notice is a cover: the annexes that follow with parts of their own are the document.
        while starts:
            upto = starts[1][0] if len(starts) > 1 else len(lines)
            if not any(starts[0][0] < line < upto for line in part_lines):
                break
            starts = starts[1:]
    for place, (index, found) in enumerate(starts):
        upto = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        title = found["rest"].strip(":.、 ")
        after = index + 1
        while not title.endswith(("清单", "表", "目标", "方案")) and after < min(upto, index + 4):
            if after in covered or len(lines[after].text) > 40 or _head(after, lines[after]):
                break
            title += lines[after].text
            after += 1
        made.annexes.append(
            Annex(number_of(found["n"]), title, lines[index].at, lines[upto - 1].end, (index, upto))
        )
    return starts[0][0] if starts else len(lines)


def _sections(
    lines: Sequence[Line], covered: set[int], heads: list[Head], body_end: int, made: Outline
) -> None:
    levels = [h.level for h in heads if h.level in (Level.PART, Level.CHAPTER)]
    chaptered = levels.count(Level.CHAPTER) >= 2 and levels[0] == Level.CHAPTER
    top = Level.PART if Level.PART in levels and not chaptered else Level.CHAPTER
    tops = [h for h in heads if h.level == top]
    if _flat(heads):
        chapters = [h for h in heads if h.level == Level.CHAPTER]
        first = next(h.line for h in heads if h.level == Level.ARTICLE)
        if chapters or not tops or tops[0].line > first:
            tops = chapters  # 一、 stands inside an article
    tops = _with_unnumbered(lines, covered, tops, heads)
    cuts = [h.line for h in tops]
    if not tops or (heads and heads[0].line < cuts[0] and heads[0].level != top):
        begin = heads[0].line if heads else _after_front(lines, made, body_end)
        tops.insert(0, Head(Level.PART, None, "", begin, 0))
        cuts.insert(0, begin)
        implicit = True
    else:
        implicit = False
    bounds = zip(tops, [*cuts[1:], body_end], strict=True)
    for place, (head, upto) in enumerate(bounds):
        hidden = implicit and place == 0
        part = build_section(lines, covered, head, upto, heads, titled=not hidden)
        part.general = bool(GENERAL.search(part.title))
        made.parts.append(part)
    numbers = [p.number for p in made.parts if p.number]
    made.repeats = numbers.count(1) > 1


def _flat(heads: Sequence[Head]) -> bool:
    """第X条 under 第X章: the parts are chapters, even where 一、 stands inside an article."""
    articles = sum(1 for h in heads if h.level == Level.ARTICLE)
    return articles >= 3 and articles >= sum(1 for h in heads if h.level == Level.ITEM)


def _after_front(lines: Sequence[Line], made: Outline, body_end: int) -> int:
    for index in range(body_end):
        if lines[index].at >= made.title_span[1]:
            return index
    return 0


def _with_unnumbered(
    lines: Sequence[Line], covered: set[int], tops: list[Head], heads: Sequence[Head]
) -> list[Head]:
    """Add the heading that lacks its number: a short bare line before a first heading 二、."""
    if not tops or tops[0].number in (1, None) or tops[0].level != Level.PART:
        return tops
    if tops[0].number != 2:
        return tops
    for index in range(tops[0].line - 1, -1, -1):
        line = lines[index]
        if index in covered:
            continue
        short = 2 <= len(line.text) <= 20 and line.text[-1] not in "。;:,、!?)"
        if short and GENERAL.search(line.text):
            return [Head(Level.PART, None, "", index, 0), *tops]
    for index in range(tops[0].line - 1, 1, -1):
        line = lines[index]
        short = 3 <= len(line.text) <= 20 and line.text[-1] not in "。;:,、)"
        before_text = len(lines[index + 1].text) > 40 and not TITLE_END.search(line.text)
        if index not in covered and short and before_text:
            return [Head(Level.PART, None, "", index, 0), *tops]
    return tops


def build_section(
    lines: Sequence[Line],
    covered: set[int],
    head: Head,
    upto: int,
    heads: Sequence[Head],
    *,
    titled: bool = True,
) -> Section:
    """The section under `head`, up to line `upto`."""
    line = lines[head.line]
    begin = line.at + head.rest
    size = _title_size(line.text[head.rest :]) if titled else 0
    made = Section(
        head.number,
        head.printed,
        line.text[head.rest : head.rest + size].strip(" :"),
        begin,
        begin + size,
        level=head.level,
        lines=(head.line, upto),
    )
    after = begin + size
    if after < line.end and line.text[after - line.at] in "。:":
        after += 1
    if after < line.end:
        made.body.append((after, line.end))
    for index in range(head.line + 1, upto):
        if index not in covered and lines[index].text:
            made.body.append((lines[index].at, lines[index].end))
    # Heads come in the order of their lines: only those inside are looked at.
    inside = bisect_left(heads, head.line, key=lambda h: h.line)
    while inside < len(heads) and heads[inside].line < upto:
        if heads[inside].line > head.line or not titled:
            made.heads.append(heads[inside])
        inside += 1
    return made


def _title_size(rest: str, most: int = 44) -> int:
    """Length of the title at the start of a heading line.

    >>> _title_size("夯实产业基础。各地要聚焦重点"), _title_size("总体要求")
    (6, 4)
    """
    if found := re.search(
        r"[(〔【\[](?=[^)〕】\]]{0,200}(?:负责|牵头|单位:|部门:|配合|落实))", rest[:most]
    ):
        stop = rest.find("。", 0, found.start())
        return (stop if stop > 0 else found.start()) or len(rest)
    stop = rest.find("。")
    if stop < 0 and len(rest) <= most:
        comma = re.search(r"[;:](?=.)", rest)
        soft = re.search(r",", rest) if len(rest) > 12 and rest[-1] in ";;" else None
        found = comma or soft
        if found is None and rest.count(",") and re.search(r"给予|按规定|按照", rest):
            found = re.search(r",", rest)
        return found.start() if found and found.start() >= 2 else len(rest)
    if 0 < stop <= most:
        return stop
    found = re.search(r"[;:,(]", rest[:most])
    return found.start() if found and found.start() >= 2 else min(len(rest), most)
