"""An official document as a Word file in the layout of GB/T 9704-2012.

Written straight as WordprocessingML: the standard fixes fonts, sizes and distances to the
millimetre, so a template would only hide them. No Django, no clock; the same input gives the same
bytes.

>>> paper = Official("关于调度情况的通报", number=number_of("沈开放办", 2026, 3))
>>> paper.heading("总体情况")
>>> paper.paragraph("各单位进展正常。")
>>> paper.signature("领导小组办公室", date(2026, 11, 6))
>>> paper.docx()[:2]
b'PK'
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

from jingkai.engine.policytext.numerals import ordinal_of

__all__ = ["Official", "OfficialColumn", "number_of", "title_lines"]

# GB/T 9704-2012, 5.2: A4; 天头 37 mm, 订口 28 mm, text block 156 × 225 mm, hence 26 and 35.
PAGE_MM: Final = (210, 297)
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37, 35, 28, 26
LINES, CHARACTERS = 22, 28
"""Of a page, and of a line of size 三号."""

SONG, FANGSONG, KAI, HEI = "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体"
XIAOBIAOSONG: Final = "方正小标宋简体"
# Sizes in half points: 二号 22 pt, 三号 16, 四号 14, 小四 12, 五号 10.5.
SIZE_2, SIZE_3, SIZE_4, SIZE_S4, SIZE_5 = 44, 32, 28, 24, 21
RED: Final = "FF0000"

Align = Literal["left", "center", "right", "both"]
Level = Literal[1, 2, 3, 4]
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CLOSING: Final = "的了》）”、，。；：！？)"
_OPENING: Final = "《（“("
_LATIN = re.compile(r"[0-9A-Za-z.%]")


def _twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


TEXT_WIDTH: Final = _twips(PAGE_MM[0] - LEFT_MM - RIGHT_MM)
LINE_PITCH: Final = _twips(PAGE_MM[1] - TOP_MM - BOTTOM_MM) // LINES
# What a character of 三号 gives up, in twips, so that 28 fill the line. A grid of characters would
# say the same, but not every office suite keeps one that is narrower than the font.
CHARACTER_SPACE: Final = math.floor(TEXT_WIDTH / CHARACTERS - SIZE_3 * 10)


def number_of(prefix: str, year: int, number: int) -> str:
    """发文字号: hexagonal brackets, the year in full, no leading noughts.

    >>> number_of("沈开放办", 2026, 3)
    '沈开放办〔2026〕3号'
    """
    return f"{prefix}〔{year}〕{number}号"


def title_lines(title: str, width: int = 20) -> list[str]:
    """Break a title into lines of at most `width` characters and nearly the same length.

    Words are kept as far as that can be seen: no line begins with a closing mark or 的, none ends
    with an opening mark, and a number is not cut.

    >>> title_lines("沈阳市经济开发区高质量发展落实意见征求意见采纳情况表")
    ['沈阳市经济开发区高质量发展', '落实意见征求意见采纳情况表']
    """
    title = " ".join(title.split())
    lines: list[str] = []
    while len(title) > width:
        left = -(-len(title) // width)
        goal = -(-len(title) // left)
        cut = next(
            (
                place
                for distance in range(goal)
                for place in (goal - distance, goal + distance)
                if 1 < place <= width and _may_break(title, place)
            ),
            goal,
        )
        lines.append(title[:cut].strip())
        title = title[cut:].strip()
    return [*lines, title]


def _may_break(title: str, place: int) -> bool:
    before, after = title[place - 1], title[place : place + 1]
    if not after or after in _CLOSING or before in _OPENING:
        return False
    return not (_LATIN.match(before) and _LATIN.match(after))


@dataclass(frozen=True, slots=True)
class OfficialColumn:
    """A column of a table: its width is a share of the text's width."""

    label: str
    width: int = 1
    align: Align = "left"


@dataclass
class Official:
    """A document that grows from top to bottom; `docx()` gives the file.

    `title` may hold line breaks, else it is broken evenly. `issuer_mark` is the red 发文机关标志
    with its line (leave it out for a table or an attachment), `number` the 发文字号, `addressee`
    the 主送 line, `mark` a line in brackets below the title (演示数据), `landscape` turns the
    paper.
    """

    title: str
    number: str = ""
    issuer_mark: str = ""
    addressee: str = ""
    mark: str = ""
    landscape: bool = False
    _body: list[str] = field(default_factory=list, init=False)
    _counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0], init=False)

    def heading(self, text: str, level: Level = 1) -> None:
        """A heading that counts itself: 一、 (黑体) · （一） (楷体) · 1. · （1） (仿宋)."""
        self._counts[level - 1] += 1
        for deeper in range(level, 4):
            self._counts[deeper] = 0
        n = self._counts[level - 1]
        numeral = ordinal_of(n) if level <= 2 else str(n)
        printed = {1: f"{numeral}、", 2: f"（{numeral}）", 3: f"{n}.", 4: f"（{n}）"}[level]
        font = {1: HEI, 2: KAI, 3: FANGSONG, 4: FANGSONG}[level]
        self._body.append(
            _paragraph(printed + text, font=font, indent=True, keep=True, outline=level)
        )

    def paragraph(self, text: str, *, indent: bool = True, align: Align = "both") -> None:
        """Body text in 仿宋 三号, one paragraph for each line of `text`."""
        for line in text.split("\n"):
            self._body.append(_paragraph(line, indent=indent, align=align))

    def note(self, text: str) -> None:
        """A small line, as below a table."""
        self._body.append(_paragraph(text, size=SIZE_S4, align="left", tight=True))

    def caption(self, text: str) -> None:
        """What stands centred above a table."""
        self._body.append(_paragraph(text, font=HEI, align="center", keep=True))

    def table(
        self, columns: Sequence[OfficialColumn], rows: Iterable[Sequence[str]], *, empty: str = ""
    ) -> None:
        """A ruled table in 小四; its head repeats on every page. `empty` fills a table of none.

        Raises ValueError when a row has not as many cells as there are columns.
        """
        whole = sum(column.width for column in columns)
        widths = [self._text_width * column.width // whole for column in columns]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        head = "".join(
            _cell(c.label, width, "center", HEI) for c, width in zip(columns, widths, strict=True)
        )
        lines = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"]
        for row in rows:
            if len(row) != len(columns):
                raise ValueError(f"{len(row)} cells for {len(columns)} columns")
            cells = "".join(
                _cell(text, width, column.align, FANGSONG)
                for text, column, width in zip(row, columns, widths, strict=True)
            )
            lines.append(f"<w:tr>{cells}</w:tr>")
        if len(lines) == 1 and empty:
            lines.append(
                f"<w:tr>{_cell(empty, sum(widths), 'center', FANGSONG, len(columns))}</w:tr>"
            )
        self._body.append(
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f"<w:tblBorders>{_rules('top', 'left', 'bottom', 'right', 'insideH', 'insideV')}"
            '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
            '<w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
            f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"
        )
        # Word wants a paragraph between two tables, and after the last.
        self._body.append(_paragraph("", size=SIZE_5, tight=True))

    def attachments(self, names: Sequence[str]) -> None:
        """附件说明, one blank line below the text."""
        self._body.append(_paragraph(""))
        for n, name in enumerate(names, start=1):
            said = name if len(names) == 1 else f"{n}.{name}"
            self._body.append(
                _paragraph(f"附件：{said}" if n == 1 else f"　　　{said}", indent=True)
            )

    def signature(self, issuer: str, day: date) -> None:
        """Who issues, and 成文日期 in Arabic figures, four characters from the right."""
        printed = f"{day.year}年{day.month}月{day.day}日"
        self._body += [
            _paragraph("", keep=True),
            # The shorter of the two lines stands in the middle of the longer.
            _paragraph(
                issuer,
                align="right",
                right=4 + max(0.0, (_width(printed) - _width(issuer)) / 2),
                keep=True,
            ),
            _paragraph(
                printed,
                align="right",
                right=4 + max(0.0, (_width(issuer) - _width(printed)) / 2),
            ),
        ]

    def page_break(self) -> None:
        self._body.append('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')

    def docx(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (
                ("[Content_Types].xml", _CONTENT_TYPES),
                ("_rels/.rels", _PACKAGE_RELATIONS),
                ("docProps/core.xml", _CORE.format(title=_said(self.title.replace("\n", "")))),
                ("word/_rels/document.xml.rels", _DOCUMENT_RELATIONS),
                ("word/styles.xml", _STYLES),
                ("word/settings.xml", _SETTINGS),
                ("word/footer1.xml", _footer("right")),
                ("word/footer2.xml", _footer("left")),
                ("word/document.xml", self._document()),
            ):
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content.encode())
        return out.getvalue()

    @property
    def _text_width(self) -> int:
        if not self.landscape:
            return TEXT_WIDTH
        return _twips(PAGE_MM[1] - TOP_MM - BOTTOM_MM)

    def _document(self) -> str:
        width, height = (_twips(side) for side in PAGE_MM)
        top, right, bottom, left = (_twips(v) for v in (TOP_MM, RIGHT_MM, BOTTOM_MM, LEFT_MM))
        turned = ""
        if self.landscape:  # the binding edge of the turned sheet is its top
            width, height, turned = height, width, ' w:orient="landscape"'
            top, right, bottom, left = left, top, right, bottom
        section = (
            '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/>'
            '<w:footerReference w:type="even" r:id="rId4"/>'
            f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
            f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
            f'w:header="851" w:footer="{max(bottom - _twips(12), 567)}" w:gutter="0"/>'
            f'<w:docGrid w:type="lines" w:linePitch="{LINE_PITCH}"/></w:sectPr>'
        )
        body = self._head() + "".join(self._body) + section
        return f"{_XML}<w:document {_SPACES}><w:body>{body}</w:body></w:document>"

    def _head(self) -> str:
        parts: list[str] = []
        if self.issuer_mark:
            parts += [
                _paragraph(
                    self.issuer_mark,
                    font=XIAOBIAOSONG,
                    size=min(72, TEXT_WIDTH // 10 // len(self.issuer_mark)),
                    align="center",
                    colour=RED,
                    tall=1100,
                ),
                _paragraph(""),
            ]
        if self.number or self.issuer_mark:
            parts.append(_paragraph(self.number, align="center", underline=bool(self.issuer_mark)))
            parts.append(_paragraph(""))
        lines = self.title.split("\n") if "\n" in self.title else title_lines(self.title)
        parts += [
            _paragraph(line, font=XIAOBIAOSONG, size=SIZE_2, align="center", tall=680, outline=0)
            for line in lines
        ]
        if self.mark:
            parts.append(_paragraph(f"（{self.mark}）", font=KAI, align="center"))
        parts.append(_paragraph(""))
        if self.addressee:
            parts.append(_paragraph(f"{self.addressee.rstrip('：:')}：", align="left"))
        return "".join(parts)


def _said(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _width(text: str) -> float:
    """Width in characters of the text's own size."""
    return sum(0.5 if ord(char) < 0x2000 else 1.0 for char in text)


def _rules(*sides: str) -> str:
    return "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides
    )


def _fonts(name: str) -> str:
    said = quoteattr(name)
    return f"<w:rFonts w:ascii={said} w:hAnsi={said} w:eastAsia={said} w:cs={said}/>"


def _run(text: str, font: str, size: int, colour: str = "") -> str:
    look = _fonts(font) + (f'<w:color w:val="{colour}"/>' if colour else "")
    if size == SIZE_3:
        look += f'<w:spacing w:val="{CHARACTER_SPACE}"/>'
    look += f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{_said(text)}</w:t></w:r>'


def _paragraph(
    text: str,
    *,
    font: str = FANGSONG,
    size: int = SIZE_3,
    align: Align = "both",
    indent: bool = False,
    right: float = 0,
    keep: bool = False,
    tight: bool = False,
    tall: int = 0,
    underline: bool = False,
    colour: str = "",
    outline: int | None = None,
) -> str:
    """One paragraph; `right` in characters, `tall` the exact line height in twips."""
    line = tall or (0 if tight else LINE_PITCH)
    look = "<w:keepNext/>" if keep else ""
    if underline:  # the red line, 4 mm below
        look += (
            f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="11" w:color="{RED}"/></w:pBdr>'
        )
    if tight:  # the grid of lines is for the text
        look += '<w:snapToGrid w:val="0"/>'
    spacing = f'w:line="{line}" w:lineRule="exact"' if line else 'w:line="300" w:lineRule="atLeast"'
    look += f'<w:spacing w:before="0" w:after="0" {spacing}/>'
    if indent:
        look += '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
    elif right:
        look += f'<w:ind w:rightChars="{round(right * 100)}" w:right="{round(right * size * 10)}"/>'
    look += f'<w:jc w:val="{align}"/>'
    if outline is not None:
        look += f'<w:outlineLvl w:val="{outline}"/>'
    run = _run(text, font, size, colour) if text else ""
    mark = f'<w:rPr>{_fonts(font)}<w:sz w:val="{size}"/></w:rPr>'
    return f"<w:p><w:pPr>{look}{mark}</w:pPr>{run}</w:p>"


def _cell(text: str, width: int, align: Align, font: str, span: int = 1) -> str:
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    lines = "".join(
        _paragraph(line, font=font, size=SIZE_S4, align=align, tight=True)
        for line in text.split("\n")
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}'
        f'<w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
    )


def _footer(side: Align) -> str:
    """— 1 — in 四号 half-width 宋体, one character from the edge."""

    def field_part(kind: str) -> str:
        return f'<w:r><w:rPr>{look}</w:rPr><w:fldChar w:fldCharType="{kind}"/></w:r>'

    look = f'{_fonts(SONG)}<w:sz w:val="{SIZE_4}"/><w:szCs w:val="{SIZE_4}"/>'
    page = (
        field_part("begin")
        + f'<w:r><w:rPr>{look}</w:rPr><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        + field_part("separate")
        + f"<w:r><w:rPr>{look}</w:rPr><w:t>1</w:t></w:r>"
        + field_part("end")
    )
    inset = f'<w:ind w:{side}Chars="100" w:{side}="280"/>'
    return (
        f"{_XML}<w:ftr {_SPACES}><w:p><w:pPr>{inset}"
        f'<w:jc w:val="{side}"/></w:pPr>{_run("— ", SONG, SIZE_4)}{page}'
        f"{_run(' —', SONG, SIZE_4)}</w:p></w:ftr>"
    )


_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SPACES: Final = (
    f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}"'
)
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_CONTENT_TYPES: Final = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
    f'<Override PartName="/word/settings.xml" ContentType="{_WORD}.settings+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{_WORD}.footer+xml"/>'
    f'<Override PartName="/word/footer2.xml" ContentType="{_WORD}.footer+xml"/>'
    '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
_PACKAGE_RELATIONS: Final = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)
_DOCUMENT_RELATIONS: Final = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/settings" Target="settings.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/footer" Target="footer1.xml"/>'
    f'<Relationship Id="rId4" Type="{_OFFICE}/footer" Target="footer2.xml"/></Relationships>'
)
_CORE: Final = (
    f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
    "</cp:coreProperties>"
)
_STYLES: Final = (
    f"{_XML}<w:styles {_SPACES}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(FANGSONG)}"
    f'<w:sz w:val="{SIZE_3}"/><w:szCs w:val="{SIZE_3}"/><w:lang w:val="en-US" '
    'w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/>'
    "</w:style></w:styles>"
)
_SETTINGS: Final = f"{_XML}<w:settings {_SPACES}><w:evenAndOddHeaders/></w:settings>"
