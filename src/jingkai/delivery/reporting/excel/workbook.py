"""A workbook as it came: values, and what only its XML tells (formulas, hidden rows, percent)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.register.public import broken_cells, open_workbook, sheet_source, visible_sheets

from .facts import SHEET, Facts, Key, Standing, TamperedError, read_rows

_CELL: Final = re.compile(
    rb"""<(?:\w+:)?c\s(?P<attributes>[^>]*?)(?:/>|>(?P<formula>\s*<(?:\w+:)?f[\s/>])?)"""
)
_NAME: Final = re.compile(rb"""\br="([A-Z]+\d+)\"""")
_STYLE: Final = re.compile(rb"""\bs="(\d+)\"""")
_HIDDEN: Final = rb"""\bhidden="(?:1|true)\""""
_ROW: Final = re.compile(rb"""<(?:\w+:)?row\s(?=[^>]*""" + _HIDDEN + rb""")[^>]*?\br="(\d+)\"""")
_COLUMN: Final = re.compile(rb"""<(?:\w+:)?col\s(?=[^>]*""" + _HIDDEN + rb""")[^>]*>""")
_FORMAT: Final = re.compile(rb"""<(?:\w+:)?numFmt\s[^>]*>""")
_FORMATS: Final = re.compile(rb"""<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>""", re.DOTALL)
_XF: Final = re.compile(rb"""<(?:\w+:)?xf\s[^>]*?\bnumFmtId="(\d+)\"""")
_PERCENT_BUILT_IN: Final = frozenset({9, 10})


@dataclass(frozen=True, slots=True)
class SheetSeen:
    """One sheet. Rows and columns count from 0; cells are named as Excel does."""

    name: str
    grid: Sequence[Sequence[Any]]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]
    broken: Mapping[str, str]
    formulas: frozenset[str]
    percents: frozenset[str]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]


@dataclass(frozen=True, slots=True)
class BookSeen:
    """Visible sheets in order, names of those a person hid, and the template's own facts."""

    sheets: tuple[SheetSeen, ...]
    hidden: tuple[str, ...]
    facts: Facts | None
    standing: Mapping[Key, Standing]


def look_into(content: bytes, name: str) -> BookSeen:
    """Read a workbook whole. Raises InvalidInput when the file itself cannot be taken."""
    with open_workbook(content, name) as book:
        _refuse_entities(content, name)
        shown = visible_sheets(book, name)
        found = [_values(book, sheet) for sheet in shown]
        others = [s.name for s in book.sheets_metadata if s.name not in shown]
        secret = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.VeryHidden]
        grids = {sheet: _values(book, sheet)[0] for sheet in others}
    own, standing = _facts_of(grids, name)
    percents = _percent_styles(content)
    sheets = tuple(
        _seen(sheet, grid, merged, sheet_source(content, sheet), percents)
        for sheet, (grid, merged) in zip(shown, found, strict=True)
    )
    hidden = tuple(s for s in others if s not in secret and s != SHEET and any(grids[s]))
    return BookSeen(sheets, hidden, own, standing)


def _values(
    book: CalamineWorkbook, sheet: str
) -> tuple[list[list[Any]], Sequence[tuple[tuple[int, int], tuple[int, int]]]]:
    found = book.get_sheet_by_name(sheet)
    return found.to_python(skip_empty_area=False), found.merged_cell_ranges or []


def _facts_of(
    grids: Mapping[str, Sequence[Sequence[Any]]], name: str
) -> tuple[Facts | None, Mapping[Key, Standing]]:
    try:
        for grid in grids.values():
            if found := read_rows(grid):
                return found
    except TamperedError:
        message = _(
            "The hidden part of the template in “%(name)s” was changed, so it is not clear whom "
            "it was made for. Download the template again and copy the figures into it."
        ) % {"name": name}
        raise InvalidInput(message, problems=[FieldProblem("file", message, "tampered")]) from None
    return None, {}


def _refuse_entities(content: bytes, name: str) -> None:
    """No Office program writes a DOCTYPE; who does means to blow something up."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.filename.endswith((".xml", ".rels")):
                with archive.open(info) as part:
                    if b"<!DOCTYPE" in part.read(4096):
                        message = _(
                            "“%(name)s” was not written by Excel or WPS. Open it there, save it "
                            "as .xlsx and send it again."
                        ) % {"name": name}
                        problem = FieldProblem("file", message, "active-content")
                        raise InvalidInput(message, problems=[problem])


def _seen(
    name: str,
    grid: list[list[Any]],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    text: bytes,
    percents: frozenset[int],
) -> SheetSeen:
    formulas, percent_cells = set(), set()
    for cell in _CELL.finditer(text):
        attributes = cell["attributes"]
        if not (found := _NAME.search(attributes)):
            continue
        place = found[1].decode()
        if cell["formula"]:
            formulas.add(place)
        if percents and (style := _STYLE.search(attributes)) and int(style[1]) in percents:
            percent_cells.add(place)
    return SheetSeen(
        name=name,
        grid=grid,
        merged=merged,
        broken=broken_cells(text),
        formulas=frozenset(formulas),
        percents=frozenset(percent_cells),
        hidden_rows=frozenset(int(row) - 1 for row in _ROW.findall(text)),
        hidden_columns=frozenset(_hidden_columns(text)),
    )


def _hidden_columns(text: bytes) -> set[int]:
    found: set[int] = set()
    for column in _COLUMN.findall(text):
        first, last = (_number(column, word) for word in (b"min", b"max"))
        found |= set(range(first - 1, min(last, 300)))
    return found


def _percent_styles(content: bytes) -> frozenset[int]:
    """Indexes of cell styles that show a number as a percentage."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            text = archive.read("xl/styles.xml")
        except KeyError:
            return frozenset()
    percent = set(_PERCENT_BUILT_IN)
    for fmt in _FORMAT.findall(text):
        code = re.search(rb"""\bformatCode="([^"]*)\"""", fmt)
        if code and b"%" in code[1]:
            percent.add(_number(fmt, b"numFmtId"))
    styles = _FORMATS.search(text)
    used = _XF.findall(styles[0]) if styles else []
    return frozenset(n for n, number in enumerate(used) if int(number) in percent)


def _number(tag: bytes, attribute: bytes) -> int:
    found = re.search(rb"\b" + attribute + rb"""="(\d+)\"""", tag)
    return int(found[1]) if found else 0
