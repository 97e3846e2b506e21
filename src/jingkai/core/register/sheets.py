"""Workbooks in: from bytes to typed rows, or to the list of everything that is wrong.

The whole file is read and judged before anybody writes. Each problem names sheet, cell and
column and says what to do. Values are those Excel last computed; a formula without one is a
problem, not an empty cell.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.files.public import XLSX, identify

from .cells import (
    MISSING,
    CellProblem,
    SheetColumn,
    SheetData,
    Table,
    cell_name,
    plain,
    typed_choices,
)
from .columns import typed_column

MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 300
MAX_BOX: Final = 6_000_000  # cells of the dense grid the reader builds
_MAX_UNPACKED: Final = 400 * 1024 * 1024
_HEAD_SEARCH: Final = 10
_MAX_PROBLEMS: Final = 200
_REFERENCE = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]{1,4})(\d{1,8})["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["'](\d{1,8})["']""")
# What could reach beyond 26 columns or 199,999 rows; a sheet without it needs no exact measure.
_FAR = re.compile(rb"""r\s*=\s*["'](?:[A-Za-z]{0,1}(?:[2-9]\d{5}|\d{7})|[A-Za-z]{2})""")
_ERROR_CELL = re.compile(
    rb"""<c\s[^>]*?\br="([A-Z]+\d+)"[^>]*\bt="e"[^>]*>.*?<v>([^<]*)</v>\s*</c>""", re.DOTALL
)
_UNCOMPUTED = re.compile(
    rb"""<c\s[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"""
)


def read_sheet(content: bytes, name: str, columns: Sequence[SheetColumn]) -> SheetData:
    """Read the first visible sheet of an xlsx workbook into typed rows.

    The heading is the first of the top ten rows that names a known column; above it titles may
    stand. Raises InvalidInput when the file itself cannot be taken (type, size, password, damage,
    too many cells); everything wrong inside is in `problems`.
    """
    with open_workbook(content, name) as book:
        shown = visible_sheets(book, name)
        sheet = book.get_sheet_by_name(shown[0])
        grid = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges or []
    data = SheetData(sheet=shown[0])
    data.digest = audit.digest_of(content)
    head, places = _heading(grid, columns, data)
    if data.problems:
        return data
    _judge_merged(merged, head, data)
    broken = broken_cells(sheet_source(content, shown[0]))
    _read_rows(grid, head, places, columns, broken, data)
    if not len(data) and not data.problems:
        data.problems.append(
            CellProblem(
                data.sheet,
                cell_name(head + 1, 0),
                "",
                _("There is no row under the heading."),
                "empty",
            )
        )
    return data


@contextmanager
def open_workbook(content: bytes, name: str) -> Iterator[CalamineWorkbook]:
    """An xlsx workbook that is what it says and fits into memory.

    Raises InvalidInput for another type, a password, macros, a zip bomb, too many cells, damage
    (also damage that shows only while it is read inside the block).
    """
    identify(io.BytesIO(content), name, len(content), allowed=(XLSX,))
    _guard_size(content, name)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            yield book
    except (CalamineError, OSError, ValueError) as error:
        raise _refused(
            _("“%(name)s” is damaged and cannot be opened.") % {"name": name}, "damaged"
        ) from error


def visible_sheets(book: CalamineWorkbook, name: str) -> list[str]:
    """Names of the sheets a reader sees, in order. Raises InvalidInput when there is none."""
    shown = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
    if not shown:
        raise _refused(_("“%(name)s” has no visible sheet.") % {"name": name}, "no-sheet")
    return shown


def _refused(message: str, code: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem("file", message, code)])


def _guard_size(content: bytes, name: str) -> None:
    """Refuse what would not fit into memory: the stated sizes of a zip prove nothing."""
    far = False
    for text in _parts(content, name):
        far = far or _FAR.search(text) is not None
    if not far:
        return
    rows = columns = 0
    for text in _parts(content, name):
        for letters, digits in set(_REFERENCE.findall(text)):
            rows = max(rows, int(digits))
            columns = max(columns, _column_number(letters))
        for digits in _ROW.findall(text):
            rows = max(rows, int(digits))
    if rows > MAX_ROWS + _HEAD_SEARCH or columns > MAX_COLUMNS or rows * columns > MAX_BOX:
        raise _refused(
            _(
                "The sheet reaches to row %(rows)d and column %(columns)d. At most "
                "%(max)d rows are "
                "taken: delete what stands far outside the table, or split the file."
            )
            % {"rows": rows, "columns": columns, "max": MAX_ROWS},
            "too-many-cells",
        )


def rows_at_most(content: bytes, name: str) -> int:
    """How many rows the sheets of a workbook have together, at most, told without reading them.

    Raises InvalidInput for what is no workbook.
    """
    identify(io.BytesIO(content), name, len(content), allowed=(XLSX,))
    return sum(part.count(b"row>") for part in _parts(content, name))


def _parts(content: bytes, name: str) -> Iterator[bytes]:
    """The unpacked parts, a megabyte at a time, each with the end of the one before.

    Raises InvalidInput for a damaged archive and for one that unpacks to too much.
    """
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                info.file_size = _MAX_UNPACKED + 1  # read to the true end, not to the stated one
                tail = b""
                with archive.open(info) as part:
                    while chunk := part.read(1 << 20):
                        total += len(chunk)
                        if total > _MAX_UNPACKED:
                            raise _refused(
                                _("“%(name)s” unpacks to far more than it weighs and is refused.")
                                % {"name": name},
                                "zip-bomb",
                            )
                        yield tail + chunk
                        tail = chunk[-200:]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise _refused(
            _("“%(name)s” is damaged and cannot be opened.") % {"name": name}, "damaged"
        ) from error


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _heading(
    grid: list[list[Any]], columns: Sequence[SheetColumn], data: SheetData
) -> tuple[int, dict[int, SheetColumn]]:
    """Find the heading row; say what is unknown, missing or doubled in it."""
    known = {plain(c.label): c for c in columns} | {plain(c.key): c for c in columns}
    best, head = 0, -1
    for number, row in enumerate(grid[:_HEAD_SEARCH]):
        hits = sum(1 for cell in row if isinstance(cell, str) and plain(cell) in known)
        if hits > best:
            best, head = hits, number
    names = "、".join(str(c.label) for c in columns)
    if head < 0:
        data.problems.append(
            CellProblem(
                data.sheet,
                "A1",
                "",
                _("No heading was found in the first %(n)d rows. Expected columns: %(names)s.")
                % {"n": _HEAD_SEARCH, "names": names},
                "no-heading",
            )
        )
        return head, {}
    places: dict[int, SheetColumn] = {}
    seen: dict[str, str] = {}
    for index, cell in enumerate(grid[head]):
        if cell in ("", None):
            continue
        where, column = cell_name(head, index), known.get(plain(cell))
        if column is None:
            message = _("Column “%(name)s” is not known here. Delete it, or use one of: %(names)s.")
            data.problems.append(
                CellProblem(
                    data.sheet,
                    where,
                    str(cell),
                    message % {"name": cell, "names": names},
                    "unknown-column",
                )
            )
        elif column.key in seen:
            message = _("Column “%(name)s” stands here and in %(other)s. Keep one of them.")
            data.problems.append(
                CellProblem(
                    data.sheet,
                    where,
                    column.key,
                    message % {"name": cell, "other": seen[column.key]},
                    "doubled-column",
                )
            )
        else:
            seen[column.key] = where
            places[index] = column
    data.present = [column.key for column in places.values()]
    data.problems += [
        CellProblem(
            data.sheet,
            cell_name(head, 0),
            c.key,
            _("Column “%(name)s” is missing. Add it, or begin from the template.")
            % {"name": c.label},
            "missing-column",
        )
        for c in columns
        if c.required and c.key not in seen
    ]
    return head, places


def _judge_merged(
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]], head: int, data: SheetData
) -> None:
    for (top, left), (bottom, right) in merged:
        if bottom > head:
            area = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
            data.problems.append(
                CellProblem(
                    data.sheet,
                    area,
                    "",
                    _("The cells %(area)s are merged. Unmerge them and fill in each row.")
                    % {"area": area},
                    "merged",
                )
            )


def _read_rows(
    grid: list[list[Any]],
    head: int,
    places: Mapping[int, SheetColumn],
    columns: Sequence[SheetColumn],
    broken: Mapping[str, str],
    data: SheetData,
) -> None:
    choices = {c.key: typed_choices(c) for c in columns if c.kind == "choice"}
    body = grid[head + 1 :]
    marks = {_indices(cell): said for cell, said in broken.items()}
    kept = _kept_rows(body, head, columns, {row for row, _column in marks}, data)
    if len(kept) < len(body):
        body = [body[n] for n in kept]
    numbers = [n + head + 2 for n in kept]
    at = {number - 1: n for n, number in enumerate(numbers)}
    problems: list[tuple[int, int, CellProblem]] = []

    def wrong(index: int, column: int, key: str, said: str, code: str = "invalid") -> None:
        cell = cell_name(numbers[index] - 1, column)
        problems.append((index, column, CellProblem(data.sheet, cell, key, said, code)))

    table = Table({}, numbers, {})
    for index, cells in enumerate(zip(*body, strict=True)):
        if (column := places.get(index)) is None:
            for n, cell in enumerate(cells):
                if not (cell == "" or cell is None):
                    said = _(
                        "This cell lies outside the table: its column has no heading. Delete it."
                    )
                    wrong(n, index, "", said, "outside")
            continue
        values, found = typed_column(column, cells, choices.get(column.key, {}))
        for (row, place), said in marks.items():
            if place == index and row in at:
                values[at[row]] = MISSING
                found.pop(at[row], None)
                wrong(at[row], index, column.key, said, "formula")
        for n, said in found.items():
            wrong(n, index, column.key, said)
        table.columns[column.key] = values
        table.letters[column.key] = cell_name(0, index)[:-1]
    problems.sort(key=lambda item: item[:2])
    data.problems += [problem for _row, _column, problem in problems[:_MAX_PROBLEMS]]
    if len(problems) >= _MAX_PROBLEMS:
        message = _("Reading stopped after %(n)d problems. Correct these first.")
        data.problems.append(
            CellProblem(data.sheet, "", "", message % {"n": _MAX_PROBLEMS}, "too-many-problems")
        )
    data.table = table


def _kept_rows(
    body: list[list[Any]],
    head: int,
    columns: Sequence[SheetColumn],
    marked: set[int],
    data: SheetData,
) -> list[int]:
    """Positions of the rows that are rows: not blank, and no note under the table."""
    several = sum(1 for c in columns if c.required) > 1
    kept: list[int] = []
    after_gap = False
    for n, cells in enumerate(body):
        filled = len(cells) - cells.count("") - cells.count(None)
        if not filled and n + head + 1 not in marked:
            after_gap = True
        elif after_gap and several and filled == 1:
            index = next(i for i, cell in enumerate(cells) if not (cell == "" or cell is None))
            data.skipped.append(f"{cell_name(n + head + 1, index)}: {cells[index]}")
        else:
            kept.append(n)
    return kept


def _indices(cell: str) -> tuple[int, int]:
    """Row and column of a cell's name, counted from nought."""
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]) - 1, _column_number(letters.encode()) - 1


def sheet_source(content: bytes, sheet: str) -> bytes:
    """The XML of one sheet, empty when the workbook does not say where it lies."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = _part_of(archive, sheet)
        return archive.read(part) if part else b""


def broken_cells(text: bytes) -> dict[str, str]:
    """Cells that hold an Excel error, or a formula nobody has computed: cell → what to do.

    `text` is the sheet's XML.
    """
    found = {
        cell.decode(): _(
            "The cell holds a formula without a computed value. Open the file in "
            "Excel, save it, and send it again."
        )
        for cell in (_UNCOMPUTED.findall(text) if b"<f" in text else ())
    }
    for piece in _cells_with_errors(text):
        cell, shown = piece
        found[cell] = _(
            "The cell holds the error %(error)s. Correct the formula or write the value."
        ) % {"error": shown}
    return found


def _cells_with_errors(text: bytes) -> Iterator[tuple[str, str]]:
    if b't="e"' not in text:
        return
    for piece in text.split(b"</c>"):
        if b't="e"' in piece and (
            found := _ERROR_CELL.search(piece[piece.rfind(b"<c ") :] + b"</c>")
        ):
            yield found[1].decode(), found[2].decode(errors="replace")


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive member that holds `sheet`."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            for key, value in element.attrib.items():
                if key.endswith("}id"):
                    target = targets.get(value, "")
                    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    return path if path in archive.namelist() else None
    return None
