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
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from jingkai.engine.policytext.numerals import ordinal_of

from . import wordml
from .wordml import (
    BOTTOM_MM,
    FANGSONG,
    HEI,
    KAI,
    LEFT_MM,
    LINE_PITCH,
    PAGE_MM,
    RED,
    RIGHT_MM,
    SIZE_2,
    SIZE_5,
    SIZE_S4,
    TEXT_WIDTH,
    TOP_MM,
    XIAOBIAOSONG,
    Align,
    Look,
    RevisionMarks,
)

__all__ = ["Look", "Official", "OfficialColumn", "RevisionMarks", "number_of", "title_lines"]

Level = Literal[1, 2, 3, 4]
_CLOSING: Final = "的了》）”、，。；：！？)"
_OPENING: Final = "《（“("
_LATIN = re.compile(r"[0-9A-Za-z.%]")


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

    `title` may hold line breaks, else it is broken evenly; "" where the text brings its own.
    `issuer_mark` is the red 发文机关标志 with its line (leave it out for a table or an attachment),
    `number` the 发文字号, `addressee` the 主送 line, `mark` a line in brackets below the title
    (演示数据), `landscape` turns the paper.
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
            wordml.paragraph(printed + text, font=font, indent=True, keep=True, outline=level)
        )

    def paragraph(self, text: str, *, indent: bool = True, align: Align = "both") -> None:
        """Body text in 仿宋 三号, one paragraph for each line of `text`."""
        for line in text.split("\n"):
            self._body.append(wordml.paragraph(line, indent=indent, align=align))

    def note(self, text: str) -> None:
        """A small line, as below a table."""
        self._body.append(wordml.paragraph(text, size=SIZE_S4, align="left", tight=True))

    def caption(self, text: str) -> None:
        """What stands centred above a table."""
        self._body.append(wordml.paragraph(text, font=HEI, align="center", keep=True))

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
            wordml.cell(c.label, width, "center", HEI)
            for c, width in zip(columns, widths, strict=True)
        )
        lines = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"]
        for row in rows:
            if len(row) != len(columns):
                raise ValueError(f"{len(row)} cells for {len(columns)} columns")
            cells = "".join(
                wordml.cell(text, width, column.align, FANGSONG)
                for text, column, width in zip(row, columns, widths, strict=True)
            )
            lines.append(f"<w:tr>{cells}</w:tr>")
        if len(lines) == 1 and empty:
            lines.append(
                f"<w:tr>{wordml.cell(empty, sum(widths), 'center', FANGSONG, len(columns))}</w:tr>"
            )
        self._body.append(
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f"<w:tblBorders>{wordml.rules('top', 'left', 'bottom', 'right', 'insideH', 'insideV')}"
            '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
            '<w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
            f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"
        )
        # Word wants a paragraph between two tables, and after the last.
        self._body.append(wordml.paragraph("", size=SIZE_5, tight=True))

    def attachments(self, names: Sequence[str]) -> None:
        """附件说明, one blank line below the text."""
        self._body.append(wordml.paragraph(""))
        for n, name in enumerate(names, start=1):
            said = name if len(names) == 1 else f"{n}.{name}"
            self._body.append(
                wordml.paragraph(f"附件：{said}" if n == 1 else f"　　　{said}", indent=True)
            )

    def signature(self, issuer: str, day: date) -> None:
        """Who issues, and 成文日期 in Arabic figures, four characters from the right."""
        printed = f"{day.year}年{day.month}月{day.day}日"
        self._body += [
            wordml.paragraph("", keep=True),
            # The shorter of the two lines stands in the middle of the longer.
            wordml.paragraph(
                issuer,
                align="right",
                right=4 + max(0.0, (wordml.width(printed) - wordml.width(issuer)) / 2),
                keep=True,
            ),
            wordml.paragraph(
                printed,
                align="right",
                right=4 + max(0.0, (wordml.width(issuer) - wordml.width(printed)) / 2),
            ),
        ]

    def changed(
        self, pieces: Sequence[tuple[str, str]], marks: RevisionMarks, look: Look = "text"
    ) -> None:
        """A paragraph with its changes in view; see `RevisionMarks.paragraph`."""
        self._body.append(marks.paragraph(pieces, look))

    def page_break(self) -> None:
        self._body.append('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')

    def docx(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (
                ("[Content_Types].xml", wordml.CONTENT_TYPES),
                ("_rels/.rels", wordml.PACKAGE_RELATIONS),
                (
                    "docProps/core.xml",
                    wordml.CORE.format(title=wordml.said(self.title.replace("\n", ""))),
                ),
                ("word/_rels/document.xml.rels", wordml.DOCUMENT_RELATIONS),
                ("word/styles.xml", wordml.STYLES),
                ("word/settings.xml", wordml.SETTINGS),
                ("word/footer1.xml", wordml.footer("right")),
                ("word/footer2.xml", wordml.footer("left")),
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
        return wordml.twips(PAGE_MM[1] - TOP_MM - BOTTOM_MM)

    def _document(self) -> str:
        width, height = (wordml.twips(side) for side in PAGE_MM)
        top, right, bottom, left = (wordml.twips(v) for v in (TOP_MM, RIGHT_MM, BOTTOM_MM, LEFT_MM))
        turned = ""
        if self.landscape:  # the binding edge of the turned sheet is its top
            width, height, turned = height, width, ' w:orient="landscape"'
            top, right, bottom, left = left, top, right, bottom
        section = (
            '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/>'
            '<w:footerReference w:type="even" r:id="rId4"/>'
            f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
            f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
            f'w:header="851" w:footer="{max(bottom - wordml.twips(12), 567)}" w:gutter="0"/>'
            f'<w:docGrid w:type="lines" w:linePitch="{LINE_PITCH}"/></w:sectPr>'
        )
        body = self._head() + "".join(self._body) + section
        return f"{wordml.XML}<w:document {wordml.SPACES}><w:body>{body}</w:body></w:document>"

    def _head(self) -> str:
        parts: list[str] = []
        if self.issuer_mark:
            parts += [
                wordml.paragraph(
                    self.issuer_mark,
                    font=XIAOBIAOSONG,
                    size=min(72, TEXT_WIDTH // 10 // len(self.issuer_mark)),
                    align="center",
                    colour=RED,
                    tall=1100,
                ),
                wordml.paragraph(""),
            ]
        if self.number or self.issuer_mark:
            parts.append(
                wordml.paragraph(self.number, align="center", underline=bool(self.issuer_mark))
            )
            parts.append(wordml.paragraph(""))
        lines = self.title.split("\n") if "\n" in self.title else title_lines(self.title)
        parts += [
            wordml.paragraph(
                line, font=XIAOBIAOSONG, size=SIZE_2, align="center", tall=680, outline=0
            )
            for line in lines
            if line
        ]
        if self.mark:
            parts.append(wordml.paragraph(f"（{self.mark}）", font=KAI, align="center"))
        if self.title:
            parts.append(wordml.paragraph(""))
        if self.addressee:
            parts.append(wordml.paragraph(f"{self.addressee.rstrip('：:')}：", align="left"))
        return "".join(parts)
