"""The answer painted into the user's own workbook: marked cells, comments, and a list in front."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink

from ..models import Level
from .reading import Mark

LEVELS: Final = (Level.FIX, Level.EXPLAIN, Level.HINT)
_COLOURS: Final[Mapping[Level, str]] = {
    Level.FIX: "FFC7C3",
    Level.EXPLAIN: "FFE3A3",
    Level.HINT: "CFE2FF",
}
_ENTRY: Final = "FFFBE6"  # how an entry cell of the template looks
_AUTHOR: Final = "jingkai"


def painted_copy(content: bytes, marks: Sequence[Mark]) -> bytes:
    """`content` with every mark painted and listed; its own looks and figures stay.

    A copy painted before is cleaned first, so that what was mended is not red any more.
    """
    book = load_workbook(io.BytesIO(content))
    title = _("Check result")[:31]
    _clean(book, title)
    by_cell: defaultdict[tuple[str, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.cell and mark.sheet in book.sheetnames:
            by_cell[mark.sheet, mark.cell].append(mark)
    for (sheet, where), found in by_cell.items():
        _paint(book[sheet], where.partition(":")[0], found)
    _list(book, title, marks)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ordered(marks: Iterable[Mark]) -> list[Mark]:
    """The worst first; within a level as they were found."""
    return sorted(marks, key=lambda mark: LEVELS.index(mark.level))


def _clean(book: Any, title: str) -> None:
    for sheet in list(book.worksheets):
        if sheet["A1"].comment is not None and sheet["A1"].comment.author == _AUTHOR + "-list":
            book.remove(sheet)
            continue
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == _AUTHOR:
                    cell.comment = None
                    cell.fill = PatternFill("solid", fgColor=_ENTRY)


def _paint(sheet: Any, where: str, marks: Sequence[Mark]) -> None:
    cell = sheet[where]
    if isinstance(cell, MergedCell):
        area = next(area for area in sheet.merged_cells.ranges if where in area)
        cell = sheet[area.start_cell.coordinate]
    worst = ordered(marks)[0].level
    cell.fill = PatternFill("solid", fgColor=_COLOURS[worst])
    said = "\n".join(f"【{mark.level.label}】{mark.message}" for mark in ordered(marks))
    if cell.comment is not None and cell.comment.author != _AUTHOR:
        said = f"{cell.comment.text}\n{said}"
    note = Comment(said, _AUTHOR)
    note.width, note.height = 320, min(400, 60 + 22 * (len(said) // 18 + said.count("\n")))
    cell.comment = note


def _list(book: Any, title: str, marks: Sequence[Mark]) -> None:
    sheet = book.create_sheet(title, 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    counts = "　".join(
        f"{level.label} {sum(mark.level == level for mark in marks)}" for level in LEVELS
    )
    sheet["A1"] = f"{title}：{counts}"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].comment = Comment(
        _("Written by the system; it is left out when the file is sent in again."),
        _AUTHOR + "-list",
    )
    heads = (_("No."), _("Level"), pgettext("cell", "Place"), _("What is wrong, and what to do"))
    for column, word in enumerate(heads, start=1):
        cell = sheet.cell(3, column, word)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="EAF0F8")
    for row, mark in enumerate(ordered(marks), start=4):
        sheet.cell(row, 1, row - 3)
        level = sheet.cell(row, 2, str(mark.level.label))
        level.fill = PatternFill("solid", fgColor=_COLOURS[mark.level])
        place = sheet.cell(row, 3)
        _text(place, f"{mark.sheet}!{mark.cell}" if mark.cell else mark.sheet)
        if mark.cell and mark.sheet in book.sheetnames:
            quoted = mark.sheet.replace("'", "''")
            place.hyperlink = Hyperlink(
                ref=place.coordinate, location=f"'{quoted}'!{mark.cell.partition(':')[0]}"
            )
            place.font = Font(color="0B5CAD", underline="single")
        words = sheet.cell(row, 4)
        _text(words, mark.message)
        words.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCD", (7, 12, 24, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A4"


def _text(cell: Any, text: str) -> None:
    """Text stays text, whatever it begins with."""
    cell.value = text
    cell.data_type = "s"
