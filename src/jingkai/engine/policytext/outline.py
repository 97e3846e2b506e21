"""The skeleton of a document: title, number, issuer, parts, measures, annexes, tables.

Which level of headings carries the measures differs by document: (一) under 一、, or 1. running
through all parts, or 第X条, or 一、 alone. It is decided part by part from the numbering itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from .numerals import number_of
from .tables import Table, take_tables
from .text import Line, Text

_N: Final = "一二三四五六七八九十百零〇"
_HEADS: Final = (
    re.compile(rf"第(?P<n>[{_N}0-9]{{1,4}})(?:[章节编]|部分)[::、]?"),
    re.compile(rf"(?P<n>[{_N}]{{1,3}})、"),
    re.compile(rf"\((?P<n>[{_N}]{{1,4}})\)[、.]?"),
    re.compile(r"(?P<n>[0-9]{1,3})(?:[.、](?![0-9])|(?=[一-龥“])(?![年月日家个项万亿条户%]))"),
    re.compile(r"\((?P<n>[0-9]{1,3})\)"),
    re.compile(rf"第(?P<n>[{_N}0-9]{{1,4}})条[::、]?"),
)


class Level(IntEnum):
    """Kinds of headings, in the order of `_HEADS`."""

    CHAPTER = 0
    PART = 1
    ITEM = 2
    POINT = 3
    SUBPOINT = 4
    ARTICLE = 5


_ANNEX: Final = re.compile(rf"附\s?件(?P<n>[0-9{_N}]{{0,3}})(?P<rest>.*)")
GENERAL: Final = re.compile(
    r"^[一-龥]{0,6}(?:总体(?:要求|思路|目标|部署|安排|考虑)|指导思想|基本原则|工作原则|主要原则|(?:主要|发展|工作|总|行动|建设|具体|预期|总体|重点|阶段)目标"
    r"|目标任务|目标要求|基本思路|基本情况|形势|背景|发展基础|发展现状|发展环境|现状|适用范围|适用对象|战略定位|发展定位|功能定位|名词解释|编制依据)"
    r"[一-龥、]{0,8}$|^(?:总则|附则|目标|空间布局)$"
)
PAST: Final = re.compile(
    r"^[一-龥]{0,4}(?:基本情况|形势|背景|发展基础|发展现状|发展环境|现状|成效|存在问题)[一-龥、]{0,8}(?:。|$)"
)
_TITLE_END: Final = re.compile(
    r"(?:意见|通知|方案|措施|计划|办法|规划|决定|规定|细则|函|纲要|批复|公告|通告|要点|清单|指南|条例|政策|举措"
    r"|行动|工程|任务|工作)(?:\([^()]{2,16}\))?$"
)
_NUMBER: Final = re.compile(
    r"(?<![一-龥])[一-龥]{1,16}[〔\[(【](?:19|20)[0-9]{2}(?:年)?[〕\])】](?:第)?[0-9]{1,5}号"
)
ANY_NUMBER: Final = re.compile(
    r"[一-龥]{1,12}[〔\[(【](?:19|20)[0-9]{2}(?:年)?[〕\])】](?:第)?[0-9]{1,5}号"
)
_ANY: Final = re.compile(
    r"(?<=意见|通知|方案|措施|计划|办法|规划|决定|规定|细则|纲要|公告|政策)(?P<number>[一-龥]{2,8}[〔\[(【](?:19|20)[0-9]{2}[〕\])】][0-9]{1,5}号)"
)
_META: Final = re.compile(
    r"(?:索\s?引\s?号|发布(?:日期|时间|机构)|发文(?:机关|字号|日期)|成文日期|文\s?号|标\s?题|名\s?称|来\s?源"
    r"|主题(?:分类|词)|组配分类|生成日期|公开(?:日期|方式)|有效性|时效|浏览(?:次数|量)?|字\s?(?:体|号)|当前位置"
    r"|信息来源|作者|责任编辑|打印|分享|公文种类|效力|主题)\s?[::\[【]|首页|您的位置|扫一扫"
)
_DATE: Final = re.compile(r"(20[0-9]{2})年([0-9]{1,2})月([0-9]{1,2})日")
_RECIPIENTS: Final = re.compile(
    r".{2,160}(?:政府|单位|部门|机构|委会|厅局|局|委|办|企业|院校|法院|公司|部|集团|区)[一-龥()、,]{0,12}:$"
)


@dataclass(slots=True)
class Head:
    """A numbered heading: its level, printed number, and where its own text begins."""

    level: Level
    number: int | None
    printed: str
    line: int
    """Index of its line in the document's lines."""
    rest: int
    """Offset in the line after the number."""


@dataclass(slots=True)
class Section:
    """A stretch of lines under one heading."""

    number: int | None
    printed: str
    title: str
    title_start: int
    title_end: int
    body: list[tuple[int, int]] = field(default_factory=list)
    """Spans of its paragraphs in the plain string, headings of deeper levels included."""
    heads: list[Head] = field(default_factory=list)
    """Deeper headings, in order."""
    lines: tuple[int, int] = (0, 0)
    general: bool = False
    level: Level = Level.PART

    @property
    def start(self) -> int:
        return self.title_start

    @property
    def end(self) -> int:
        return self.body[-1][1] if self.body else self.title_end


@dataclass(slots=True)
class Annex:
    """What follows a line 附件N."""

    number: int | None
    title: str
    start: int
    end: int
    lines: tuple[int, int]
    tables: list[Table] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    """The skeleton."""

    title: str = ""
    title_span: tuple[int, int] = (0, 0)
    number: str = ""
    number_span: tuple[int, int] = (0, 0)
    issuer: str = ""
    draft: bool = False
    year: int | None = None
    """Year of issue, from the number or the date; None when neither is printed."""
    parts: list[Section] = field(default_factory=list)
    measures: list[tuple[int, Section]] = field(default_factory=list)
    """Index of the part (-1: none), and the measure."""
    annexes: list[Annex] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    """Tables of the body."""
    repeats: bool = False
    """More than one enclosed document: numbering starts again."""


def outline(text: Text) -> Outline:
    """The skeleton of a document. Never fails: what is not recognised stays empty."""
    made = Outline()
    lines = text.lines
    if not lines:
        return made
    tables, covered = take_tables(lines)
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
    _front(text, lines, inside, covered, made)
    _sections(lines, covered, inside, body_end, made)
    return made


def _head(index: int, line: Line) -> Head | None:
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
    if (
        starts
        and not any(line < starts[0][0] for line in part_lines)
        and any(line > starts[0][0] for line in part_lines)
    ):
        starts = starts[1:]  # the notice is a cover: its annex is the document
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


def _front(
    text: Text, lines: Sequence[Line], heads: Sequence[Head], covered: set[int], made: Outline
) -> None:
    first = heads[0].line if heads else len(lines)
    title: list[Line] = []
    for index, line in enumerate(lines[: min(first, 40)]):
        if index in covered or _META.match(line.text):
            continue
        numbered = _NUMBER.search(line.text)
        if numbered and len(line.text) < 60 and not made.number:
            made.number = numbered[0]
            made.number_span = (line.at + numbered.start(), line.at + numbered.end())
            if title and _TITLE_END.search("".join(t.text for t in title)):
                break
            if not re.search(r"关于|印发", line.text):
                title = [t for t in title if "关于" in t.text or "印发" in t.text]
            continue
        whole = "".join(t.text for t in title)
        if _RECIPIENTS.match(line.text) or len(line.text) > 60 or line.text.endswith(("。", ":")):
            if whole:
                break
            continue
        if _DATE.fullmatch(line.text.strip("()")):
            continue
        if title and _TITLE_END.search(whole) and not line.text.startswith("("):
            break
        if title and len(whole) > 90:
            break
        title.append(line)
    while title and not re.search(
        r"关于|印发|意见|通知|方案|措施|计划|规划|办法|决定|若干", title[0].text
    ):
        if len(title) == 1 or title[0].text.endswith(("文件", "公报")) or len(title) > 3:
            if title[0].text.endswith("文件"):
                made.issuer = title[0].text[:-2]
            if len(title) == 1:
                break
            title = title[1:]
        else:
            break
    if not title and not made.number:  # all in one paragraph: 国务院关于…的意见国发〔…〕…号各省…
        begin = text.plain[:240]
        if (found := _ANY.search(begin)) and _TITLE_END.search(begin[: found.start()]):
            made.title, made.title_span = begin[: found.start()], (0, found.start())
            made.number, made.number_span = found["number"], (found.start("number"), found.end())
    if title:
        made.title = "".join(line.text for line in title)
        made.title_span = (title[0].at, title[-1].end)
    made.draft = "征求意见" in made.title or "草案" in made.title or "代拟稿" in made.title
    head_of = re.match(r"(?!关于)(.{2,40}?)(?:关于|印发|转发|批转)", made.title)
    if head_of and not made.issuer:
        made.issuer = head_of[1]
    dates = [
        (line, found)
        for line in lines
        if len(line.text) < 30 and (found := _DATE.search(line.text)) and not _META.match(line.text)
    ]
    if not made.issuer and dates:
        at = lines.index(dates[0][0])
        before = lines[at - 1].text if at else ""
        if 3 < len(before) < 40 and re.search(
            r"(?:政府|办公室|办公厅|委员会|局|厅|部|委|国务院)$", before
        ):
            made.issuer = before
    if made.number and (found := re.search(r"(?:19|20)[0-9]{2}", made.number)):
        made.year = int(found[0])
    elif dates:
        made.year = int(dates[0][1][1])


def _sections(
    lines: Sequence[Line], covered: set[int], heads: list[Head], body_end: int, made: Outline
) -> None:
    top = Level.PART if any(h.level == Level.PART for h in heads) else Level.CHAPTER
    tops = [h for h in heads if h.level == top]
    if _flat(heads):
        tops = [h for h in heads if h.level == Level.CHAPTER]
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
        if index not in covered and 3 <= len(line.text) <= 20 and line.text[-1] not in "。;:,、)":
            if len(lines[index + 1].text) > 40 and not _TITLE_END.search(line.text):
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

    >>> _title_size("夯实产业基础。各地要聚焦重点"), _title_size("总体要求"), _title_size("对企业给予补助,按规定执行")
    (6, 4, 5)
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
