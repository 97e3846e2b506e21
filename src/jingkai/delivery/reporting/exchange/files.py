"""SDMX-CSV 2.0 as text: written and read exactly, line by line. Pure.

Written here and not with a data-frame library, because those read numbers as binary floats (18
digits do not survive) and lose the line a value stood in.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .codes import COLUMNS, HEAD, NEEDED

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Line:
    """One observation as it stands in the file; `number` counts lines from 1, the head included."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


class FileProblem(ValueError):
    """The file cannot be read at all. `code` and `params` are worded by the edge."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}")
        self.code, self.params = code, params


def write(rows: Iterable[Mapping[str, str]]) -> str:
    """The rows under our head, in the order of COLUMNS; lines end in CR LF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(content: bytes) -> list[Line]:
    """The observations of a file. Labels in heads ("FREQ: Frequency") are cut off.

    Raises
    ------
    FileProblem
        Too big, not UTF-8 text, not CSV, no SDMX-CSV 2.0 head, a needed column missing or there
        twice, a line longer than its head, no observation, too many.
    """
    if len(content) > MAX_BYTES:
        raise FileProblem("too_big", limit=MAX_BYTES // 1024 // 1024)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileProblem("not_utf8", byte=error.start + 1) from error
    if "\0" in text:
        raise FileProblem("not_csv", line=1)
    delimiter = ";" if ";" in (first := text.partition("\n")[0]) and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[Line] = []
    try:
        head = [_code(name) for name in next(reader, [])]
        _check(head)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(head):
                raise FileProblem("too_many_cells", line=reader.line_num)
            if len(lines) == MAX_ROWS:
                raise FileProblem("too_many_rows", limit=MAX_ROWS)
            cells = dict(zip(head, (_code(cell) for cell in row), strict=False))
            lines.append(Line(reader.line_num, cells))
    except csv.Error as error:
        raise FileProblem("not_csv", line=reader.line_num) from error
    if not lines:
        raise FileProblem("empty")
    return lines


def _code(cell: str) -> str:
    """A cell without its label: "M: Monthly" is M."""
    return cell.partition(": ")[0].strip()


def _check(head: list[str]) -> None:
    if not set(HEAD[:2]) <= set(head):
        raise FileProblem("no_head", columns=", ".join(HEAD[:2]))
    missing = [name for name in NEEDED if name not in head]
    if missing:
        raise FileProblem("missing_columns", columns=", ".join(missing))
    twice = sorted({name for name in head if head.count(name) > 1})
    if twice:
        raise FileProblem("columns_twice", columns=", ".join(twice))
