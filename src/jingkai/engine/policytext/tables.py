"""Tables that arrive as lines.

Five habits: one cell to a line, each begun by a tab, rows parted by a blank line (how office
programs write a table as text, and how the readers of files hand one over); cells parted by tabs
on one line; cells parted by bars; and, where the first column is numbered (序号), one cell to a
line without any mark, or cells parted by spaces. A merged cell appears once, or empty in the rows
below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from .text import STARTS, Line

_FIGURE: Final = re.compile(r"[<>≥≤±+-]?[0-9][0-9,.]*(?:%|‰)?(?:左右|以上|以内)?")
_MAX_TAIL: Final = 6
_NUMBERED: Final = ("序号", "编号", "项次")
_HEAD_CELL: Final = 16
_WIDEST: Final = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and where it stands in the plain string."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class Table:
    """Rows of cells; `first` and `last` are indexes of lines, the last excluded."""

    first: int
    last: int
    rows: list[list[Cell]] = field(default_factory=list)


def take_tables(
    lines: Sequence[Line],
    spaced: Callable[[int], bool] | None = None,
    skip: Collection[int] = (),
) -> tuple[list[Table], set[int]]:
    """Every table, and the indexes of the lines they cover.

    `spaced` says whether white space stood before a character of the plain string; lines of
    `skip` are none of a table.
    """
    found: list[Table] = []
    covered: set[int] = set()
    index = 0
    while index < len(lines):
        line = lines[index]
        table = None
        if index in skip:
            index += 1
            continue
        if line.cell:
            table = _tabbed(lines, index)
        elif _fields(line):
            table = _delimited(lines, index)
        elif line.text in _NUMBERED:
            table = _stacked(lines, index)
        elif spaced is not None and line.text.startswith(_NUMBERED):
            table = _spaced(lines, index, spaced)
        if table is None:
            index += 1
            continue
        if _is_table(table):
            found.append(table)
            covered.update(range(table.first, table.last))
        index = table.last
    return found, covered


def _is_table(table: Table) -> bool:
    cells = [cell for row in table.rows for cell in row]
    if all(len(row) < 2 for row in table.rows):
        return False
    return len(table.rows) > 1 or sum(len(cell.text) for cell in cells) < 40 * len(cells)


def _tabbed(lines: Sequence[Line], first: int) -> Table:
    table = Table(first, first)
    index = first
    while index < len(lines):
        line = lines[index]
        if line.cell:
            if line.gap or not table.rows:
                table.rows.append([])
            table.rows[-1].append(_cell(line))
        elif _goes_on(lines, index, first):
            # A second paragraph: a cell of its own when it is a figure, else more of the last.
            row = table.rows[-1]
            if _FIGURE.fullmatch(line.text) or not row:
                row.append(_cell(line))
            else:
                last = row[-1]
                row[-1] = Cell(last.text.strip("\t") + line.text, last.start, line.end)
        else:
            break
        index += 1
    table.last = index
    return table


def _cell(line: Line) -> Cell:
    text = line.text.strip("\t ")
    return Cell(text, line.at, line.at + len(line.text))


def _goes_on(lines: Sequence[Line], index: int, first: int) -> bool:
    """Whether a line without a tab still belongs to the table: another row follows soon, or it
    is a bare figure; never a heading."""
    if index == first:
        return False
    text = lines[index].text
    if _FIGURE.fullmatch(text):
        return True
    if text.startswith("附件") or (STARTS.match(text) and not lines[index - 1].cell):
        return False
    if len(text) > 400:
        return False
    for ahead in range(index + 1, min(len(lines), index + _MAX_TAIL)):
        if lines[ahead].cell:
            return True
        if lines[ahead].text.startswith("附件"):
            return False
    return False


def _fields(line: Line) -> list[Cell]:
    """Cells of a line parted by tabs or bars; empty when it is none."""
    mark = "\t" if "\t" in line.text else "|"
    if line.text.count(mark) < (1 if mark == "\t" else 2):
        return []
    cells, at = [], 0
    for piece in line.text.split(mark):
        text = piece.strip()
        begin = at + len(piece) - len(piece.lstrip())
        cells.append(Cell(text, line.at + begin, line.at + begin + len(text)))
        at += len(piece) + 1
    if mark == "|":
        if not cells[0].text:
            cells = cells[1:]
        if cells and not cells[-1].text:
            cells = cells[:-1]
        if all(re.fullmatch(r":?-+:?", cell.text) for cell in cells):
            return [Cell("", line.at, line.at)]
    return cells if any(cell.text for cell in cells) and len(cells) > 1 else []


def _delimited(lines: Sequence[Line], first: int) -> Table | None:
    table = Table(first, first)
    index = first
    while index < len(lines):
        cells = _fields(lines[index])
        if not cells:
            break
        if any(cell.text for cell in cells):
            table.rows.append(cells)
        index += 1
    table.last = index
    return table if len(table.rows) > 1 else None


def _stacked(lines: Sequence[Line], first: int) -> Table | None:
    """A cell to a line without any mark: the heading ends where the first row says 1."""
    wide = 1
    while first + wide < len(lines) and lines[first + wide].text != "1":
        if wide >= _WIDEST or len(lines[first + wide].text) > _HEAD_CELL:
            return None
        wide += 1
    index = first + wide
    if wide < 3 or index >= len(lines):
        return None
    table = Table(first, first, [[_cell(line) for line in lines[first:index]]])
    while index < len(lines) and lines[index].text == str(len(table.rows)):
        row = [_cell(lines[index])]
        index += 1
        nxt = str(len(table.rows) + 1)
        while index < len(lines) and len(row) < wide and lines[index].text != nxt:
            if lines[index].text.startswith("附件"):
                break
            row.append(_cell(lines[index]))
            index += 1
        table.rows.append(row)
    table.last = index
    return table


def _spaced(lines: Sequence[Line], first: int, spaced: Callable[[int], bool]) -> Table | None:
    """Cells of a line parted by white space; each row begins with its number."""
    head = _pieces(lines[first], spaced)
    if len(head) < 3 or any(len(cell.text) > _HEAD_CELL for cell in head):
        return None
    table = Table(first, first, [head])
    index = first + 1
    while index < len(lines):
        row = _pieces(lines[index], spaced)
        if len(row) < 2 or row[0].text != str(len(table.rows)) or len(row) > len(head):
            break
        table.rows.append(row)
        index += 1
    table.last = index
    return table if len(table.rows) > 1 else None


def _pieces(line: Line, spaced: Callable[[int], bool]) -> list[Cell]:
    """The words of a line, parted where white space stood, kept or dropped."""
    cuts = [0]
    for k in range(1, len(line.text)):
        if line.text[k - 1] == " " or spaced(line.at + k):
            cuts.append(k)
    cells = []
    for a, b in zip(cuts, [*cuts[1:], len(line.text)], strict=True):
        text = line.text[a:b].strip()
        if text:
            cells.append(Cell(text, line.at + a, line.at + a + len(text)))
    return cells
