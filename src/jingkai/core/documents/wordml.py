"""WordprocessingML of official documents: paragraphs, runs, cells, revision marks, the package.

Sizes and distances are those of GB/T 9704-2012. Pure text in, text out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

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
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


TEXT_WIDTH: Final = twips(PAGE_MM[0] - LEFT_MM - RIGHT_MM)
LINE_PITCH: Final = twips(PAGE_MM[1] - TOP_MM - BOTTOM_MM) // LINES
# What a character of 三号 gives up, in twips, so that 28 fill the line. A grid of characters would
# say the same, but not every office suite keeps one that is narrower than the font.
CHARACTER_SPACE: Final = math.floor(TEXT_WIDTH / CHARACTERS - SIZE_3 * 10)


Look = Literal["text", "title", "below-title", "part", "measure", "cell"]


class RevisionMarks:
    """Changes as a word processor's own: shown by whoever opens the file, taken or refused there.

    `by` is who changed, `on` when. Every mark of a file has a number of its own.
    """

    def __init__(self, by: str, on: datetime) -> None:
        self._who = f'w:author={quoteattr(by)} w:date="{on:%Y-%m-%dT%H:%M:%S}"'
        self._count = 0

    def _tag(self, name: str) -> str:
        self._count += 1
        return f'{name} w:id="{self._count}" {self._who}'

    def paragraph(self, pieces: Sequence[tuple[str, str]], look: Look = "text") -> str:
        """One paragraph of pieces ("same" | "gone" | "new", words).

        Where all of it came or went, so did the paragraph; what is empty stays as a blank line.
        """
        font, size = _LOOKS[look]
        runs = ""
        for op, words in pieces:
            if not words:
                continue
            name = {"new": "w:ins", "gone": "w:del"}.get(op, "")
            made = run(words, font, size, words="delText" if op == "gone" else "t")
            runs += f"<{self._tag(name)}>{made}</{name}>" if name else made
        ops = {op for op, words in pieces if words}
        whole = {"new": "w:ins", "gone": "w:del"}.get(ops.pop(), "") if len(ops) == 1 else ""
        centred = look in ("title", "below-title")
        return paragraph(
            "",
            font=font,
            size=size,
            align="center" if centred else "both",
            indent=look in ("text", "part", "measure"),
            keep=look == "part",
            tall=680 if look == "title" else 0,
            outline={"title": 0, "part": 1}.get(look),
            runs=runs,
            change=f"<{self._tag(whole)}/>" if whole else "",
        )


_LOOKS: Final[Mapping[str, tuple[str, int]]] = {
    "text": (FANGSONG, SIZE_3),
    "title": (XIAOBIAOSONG, SIZE_2),
    "below-title": (KAI, SIZE_3),
    "part": (HEI, SIZE_3),
    "measure": (KAI, SIZE_3),
    "cell": (FANGSONG, SIZE_S4),
}


def said(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def width(text: str) -> float:
    """Width in characters of the text's own size."""
    return sum(0.5 if ord(char) < 0x2000 else 1.0 for char in text)


def rules(*sides: str) -> str:
    return "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides
    )


def fonts(name: str) -> str:
    said = quoteattr(name)
    return f"<w:rFonts w:ascii={said} w:hAnsi={said} w:eastAsia={said} w:cs={said}/>"


def run(text: str, font: str, size: int, colour: str = "", words: str = "t") -> str:
    look = fonts(font) + (f'<w:color w:val="{colour}"/>' if colour else "")
    if size == SIZE_3:
        look += f'<w:spacing w:val="{CHARACTER_SPACE}"/>'
    look += f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
    return (
        f'<w:r><w:rPr>{look}</w:rPr><w:{words} xml:space="preserve">{said(text)}</w:{words}></w:r>'
    )


def paragraph(
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
    runs: str = "",
    change: str = "",
) -> str:
    """One paragraph; `right` in characters, `tall` the exact line height in twips.

    `runs` are made already; `change` says that the end of the paragraph itself came or went.
    """
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
    inner = run(text, font, size, colour) if text else runs
    mark = f'<w:rPr>{change}{fonts(font)}<w:sz w:val="{size}"/></w:rPr>'
    return f"<w:p><w:pPr>{look}{mark}</w:pPr>{inner}</w:p>"


def cell(text: str, width: int, align: Align, font: str, span: int = 1) -> str:
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    lines = "".join(
        paragraph(line, font=font, size=SIZE_S4, align=align, tight=True)
        for line in text.split("\n")
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}'
        f'<w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
    )


def footer(side: Align) -> str:
    """— 1 — in 四号 half-width 宋体, one character from the edge."""

    def field_part(kind: str) -> str:
        return f'<w:r><w:rPr>{look}</w:rPr><w:fldChar w:fldCharType="{kind}"/></w:r>'

    look = f'{fonts(SONG)}<w:sz w:val="{SIZE_4}"/><w:szCs w:val="{SIZE_4}"/>'
    page = (
        field_part("begin")
        + f'<w:r><w:rPr>{look}</w:rPr><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        + field_part("separate")
        + f"<w:r><w:rPr>{look}</w:rPr><w:t>1</w:t></w:r>"
        + field_part("end")
    )
    inset = f'<w:ind w:{side}Chars="100" w:{side}="280"/>'
    return (
        f"{XML}<w:ftr {SPACES}><w:p><w:pPr>{inset}"
        f'<w:jc w:val="{side}"/></w:pPr>{run("— ", SONG, SIZE_4)}{page}'
        f"{run(' —', SONG, SIZE_4)}</w:p></w:ftr>"
    )


XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
SPACES: Final = (
    f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}"'
)
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
CONTENT_TYPES: Final = (
    f'{XML}<Types xmlns="{_PACKAGE}/content-types">'
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
PACKAGE_RELATIONS: Final = (
    f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)
DOCUMENT_RELATIONS: Final = (
    f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/settings" Target="settings.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/footer" Target="footer1.xml"/>'
    f'<Relationship Id="rId4" Type="{_OFFICE}/footer" Target="footer2.xml"/></Relationships>'
)
CORE: Final = (
    f'{XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
    "</cp:coreProperties>"
)
STYLES: Final = (
    f"{XML}<w:styles {SPACES}><w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANGSONG)}"
    f'<w:sz w:val="{SIZE_3}"/><w:szCs w:val="{SIZE_3}"/><w:lang w:val="en-US" '
    'w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/>'
    "</w:style></w:styles>"
)
SETTINGS: Final = f"{XML}<w:settings {SPACES}><w:evenAndOddHeaders/></w:settings>"
