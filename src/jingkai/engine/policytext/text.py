"""The document as one plain string that remembers where each character came from.

Two passes. *Characters*: NFKC (full-width digits, Kangxi radicals), the radicals NFKC forgets,
no invisible characters, no spaces inside Chinese. *Lines*: a line cut in two by a page width, by
an open bracket or by a comma becomes one again. Everything downstream works on the plain string;
`Text.span` leads back to the original.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .numerals import number_of

# PDF fonts often map to the CJK Radicals Supplement, which NFKC leaves alone (Unicode 15, 2E80).
_RADICALS: Final = dict(
    zip(
        "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_SAME: Final = re.compile(r"[一-龥。、“”《》0-9A-Za-z%()\-,.;:·—〔〕【】]+")
_BREAKS: Final = frozenset("\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
_RADICAL: Final = re.compile("[\u2e80-\u2fdf]")
_WORD: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NUMERAL: Final = "一二三四五六七八九十百〇零"
# What starts a paragraph of its own, whatever the line before looks like.
STARTS: Final = re.compile(
    rf"第[{_NUMERAL}0-9]{{1,4}}[章节条编]|[{_NUMERAL}]{{1,3}}、|\([{_NUMERAL}0-9]{{1,3}}\)"
    r"|[0-9]{1,4}(?:[.、](?![0-9])|(?=[一-龥“])(?![年月日家个项万亿条户%]))"
    r"|附\s?件|附\s?表|专栏|[—–]{1,2}|[●■◆★▲•*]|注[:1-9]"
    r"|(?:责任|牵头|主责|配合|参与|协办)[一-龥]{0,4}(?:单位|部门|主体)[】\])]?[:：]?"
)
_OPEN, _CLOSE = "([{【〔〖", ")]}】〕〗"
_ENDS: Final = frozenset("。!?;:”）)】〕》")
_LOOKAHEAD: Final = 8
_LONG: Final = 600
_MARKUP: Final = re.compile(r"(?:#{1,6}|>)[ \u3000]+")
"""Heading and quotation marks of Markdown, at the start of a line."""
_FOLIO: Final = re.compile(
    r"[-—–·•~ ]{1,6}[0-9]{1,4}[-—–·•~ ]{1,6}|第[0-9]{1,4}页(?:[,/ ]?共[0-9]{1,4}页)?"
    r"|第?[0-9]{1,4}页?/共?[0-9]{1,4}页"
)
"""A page number that came along as a line."""
_RULE: Final = re.compile(r"[-—–=*_~]{3,}")
_INNER: Final = re.compile(rf"(?P<part>[{_NUMERAL}]{{1,3}})、|\((?P<item>[{_NUMERAL}]{{1,3}})\)")


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of the plain string."""

    text: str
    at: int
    """Offset of its first character in the plain string."""
    cell: bool = False
    """The original line began with a tab: a table cell written as a line."""
    gap: bool = False
    """A blank line stood before it."""

    @property
    def end(self) -> int:
        return self.at + len(self.text)


class Text:
    """A plain string with the way back to the original.

    >>> text = Text("深⼊  贯彻\\u200b２０３０年")
    >>> text.plain, text.original[slice(*text.span(2, 4))]
    ('深入贯彻2030年', '贯彻')
    """

    def __init__(self, original: str) -> None:
        self.original = original
        self.radicals = tuple(match.start() for match in _RADICAL.finditer(original))
        plain, origin = _characters(original)
        self.lines, self.plain, self._origin = _paragraphs(plain, origin)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of the plain characters [start, end)."""
        if not self._origin:
            return 0, 0
        if start >= len(self._origin):
            return len(self.original), len(self.original)
        if end <= start:
            return self._origin[start], self._origin[start]
        return self._origin[start], self._origin[end - 1] + 1

    def spaced(self, at: int) -> bool:
        """Whether white space was dropped just before the plain character `at`."""
        if not 0 < at < len(self._origin):
            return False
        return any(c.isspace() for c in self.original[self._origin[at - 1] + 1 : self._origin[at]])


def _characters(original: str) -> tuple[str, array[int]]:
    pieces: list[str] = []
    origin: array[int] = array("I")
    known: dict[str, str] = {}
    at, size = 0, len(original)
    previous = "\n"
    while at < size:
        if run := _SAME.match(original, at):
            pieces.append(run[0])
            origin.extend(range(at, run.end()))
            at = run.end()
            previous = original[at - 1]
            continue
        char = original[at]
        if previous == "\n" and char in "#>" and (mark := _MARKUP.match(original, at)):
            at = mark.end()
            continue
        if char in "*\\" and (drop := _emphasis(original, at)):
            at += drop
            continue
        if char == "\r":
            if original.startswith("\n", at + 1):
                at += 1
                continue
            char = "\n"
        plain = known.get(char)
        if plain is None:
            plain = known[char] = _plain(char)
        if plain == " ":
            after = _next_visible(original, at)
            if not (previous in _WORD and original[after : after + 1] in _WORD):
                at = after
                continue
            pieces.append(" ")
            origin.append(at)
            previous, at = " ", after
            continue
        if plain:
            pieces.append(plain)
            origin.extend([at] * len(plain))
            previous = plain[-1]
        at += 1
    return "".join(pieces), origin


def _emphasis(text: str, at: int) -> int:
    """How many characters of Markdown stand at `at`: ** of bold type, \\ before a mark."""
    if text[at] == "*":
        return 2 if text.startswith("**", at) else 0
    return 1 if text[at + 1 : at + 2] in frozenset("*_#>[]().-+") else 0


def _next_visible(text: str, at: int) -> int:
    while at < len(text) and _plain(text[at]) in ("", " "):
        at += 1
    return at


def _plain(char: str) -> str:
    if char in _BREAKS:
        return "\n"
    if char == "\t":
        return char
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cf", "Cs", "Cn", "Co"):
        return ""
    if kind == "Zs":
        return " "
    folded = unicodedata.normalize("NFKC", _RADICALS.get(char, char))
    return " " if folded.isspace() else folded.replace(" ", "")


def _paragraphs(plain: str, origin: array[int]) -> tuple[list[Line], str, array[int]]:
    raw = list(_raw_lines(plain))
    width = _wrap_width(raw)
    lines: list[Line] = []
    pieces: list[str] = []
    kept: array[int] = array("I")
    at = index = 0
    while index < len(raw):
        first = raw[index]
        parts = [first]
        upto = index + _closing(raw, index)
        index += 1
        while index < len(raw):
            nxt = raw[index]
            if index > upto and not _continues(parts[-1], nxt, width):
                break
            parts.append(nxt)
            index += 1
        body = "".join(part.text for part in parts)
        lines.append(Line(body, at, first.cell, first.gap))
        for part in parts:
            kept.extend(origin[part.at : part.end])
        kept.append(origin[parts[-1].end - 1] + 1)
        pieces.append(body)
        at += len(body) + 1
    return lines, "\n".join(pieces), kept


def _raw_lines(plain: str) -> Iterator[Line]:
    at, gap = 0, False
    whole = plain.split("\n")
    tabs = sorted(len(raw) for raw in whole if raw.startswith("\t"))
    # Where most lines begin with a tab and are long, the tab only indents paragraphs.
    indented = len(tabs) * 2 > sum(1 for raw in whole if raw) and tabs[len(tabs) // 2] > 25
    for raw in whole:
        text = raw.strip("\t ")
        cell = raw.startswith("\t") and "\t" not in text and not indented
        if "\t" in text and not indented:
            text = raw.strip(" ")
        start = at + raw.find(text) if text else at
        if text and not raw.startswith("\t"):
            if _FOLIO.fullmatch(text):
                text = ""
            elif _RULE.fullmatch(text):
                text, gap = "", True
            if not text:
                at += len(raw) + 1
                continue
        if len(text) > _LONG and not cell:
            for a, b in _inner_headings(text):
                yield Line(text[a:b], start + a, False, gap)
                gap = False
        elif text or cell:
            # An empty cell keeps one character, so that every line has a place.
            yield Line(text or raw[:1], start, cell, gap)
            gap = False
        else:
            gap = True
        at += len(raw) + 1


def _inner_headings(text: str) -> Iterator[tuple[int, int]]:
    """Split a page that came as one line before each heading that goes on with the numbering."""
    cuts, expected, since_part = [0], {"part": 1, "item": 1}, -1000
    for found in _INNER.finditer(text):
        kind = "part" if found["part"] else "item"
        number = number_of(found["part"] or found["item"])
        at = found.start()
        loose = at - since_part < 40 or text[at - 1 : at] in _ENDS or not at
        first = kind == "item" and number == 1 and since_part == cuts[-1]
        if number is None or not loose or not (number == expected[kind] or first):
            continue
        expected[kind] = number + 1
        if kind == "part":
            since_part = at
        if at:
            cuts.append(at)
    yield from zip(cuts, [*cuts[1:], len(text)], strict=True)


def _wrap_width(lines: Sequence[Line]) -> int:
    """Characters to a line where a page width cut the text; 0 where lines are paragraphs."""
    sizes = sorted(len(line.text) for line in lines if not line.cell and len(line.text) > 1)
    if len(sizes) < 12:
        return 0
    width = sizes[len(sizes) * 9 // 10]
    if not 14 <= width <= 80:
        return 0
    full = [n for n in sizes if width - 3 <= n <= width + 3]
    open_ends = sum(
        1
        for line in lines
        if len(line.text) >= width - 3 and line.text[-1] not in _ENDS and not line.cell
    )
    return width if len(full) * 10 >= len(sizes) * 3 and open_ends * 2 >= len(full) else 0


def _continues(before: Line, after: Line, width: int) -> bool:
    """Whether `after` goes on with the sentence of `before`."""
    if after.cell or STARTS.match(after.text):
        return False
    if before.text[-1] in ",、" and not before.text.startswith("\t"):
        return True
    if before.cell or after.gap or not width:
        return False
    return len(before.text) >= width - 3 and before.text[-1] not in ":"


def _closing(lines: Sequence[Line], index: int) -> int:
    """How many lines further the brackets opened in this one are closed; 0 when never, or not open.

    A bracket is followed over a few lines only, and not into a new heading or cell.
    """
    depth = _depth(lines[index].text)
    if depth <= 0:
        return 0
    for ahead in range(1, _LOOKAHEAD):
        if index + ahead >= len(lines):
            return 0
        nxt = lines[index + ahead]
        if nxt.cell or (STARTS.match(nxt.text) and not _label(nxt.text)):
            return 0
        depth += _depth(nxt.text)
        if depth <= 0:
            return ahead
    return 0


def _label(text: str) -> bool:
    return text[:2] in ("责任", "牵头", "主责", "配合", "参与", "协办")


def _depth(text: str) -> int:
    return sum(text.count(c) for c in _OPEN) - sum(text.count(c) for c in _CLOSE)


def sentences(text: str, start: int, end: int, marks: str = "。!?;") -> Iterator[tuple[int, int]]:
    """Spans of the sentences of text[start:end], without their closing mark.

    >>> [ "甲。乙;丙"[a:b] for a, b in sentences("甲。乙;丙", 0, 5) ]
    ['甲', '乙', '丙']
    """
    at = start
    for index in range(start, end):
        if text[index] in marks:
            if index > at:
                yield at, index
            at = index + 1
    if end > at:
        yield at, end


def clauses(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans between commas, semicolons and colons; the comma of 1,000 does not part."""
    at = start
    for index in range(start, end):
        char = plain[index]
        if char in ",;:!":
            if char == "," and plain[index - 1 : index].isdigit() and _thousands(plain, index, end):
                continue
            if index > at:
                yield from _sized(at, index)
            at = index + 1
    if end > at:
        yield from _sized(at, end)


def _sized(start: int, end: int, most: int = 240) -> Iterator[tuple[int, int]]:
    # A "clause" of many hundred characters is a list or noise: read it in bounded pieces.
    for at in range(start, end, most):
        yield at, min(end, at + most)


def _thousands(plain: str, index: int, end: int) -> bool:
    digits = plain[index + 1 : min(end, index + 5)]
    return len(digits) >= 3 and digits[:3].isdigit() and not digits[3:4].isdigit()
