"""Cells of rows that come in: what a column holds, and how a word becomes a typed value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

_TRUE = frozenset({"是", "有", "对", "√", "y", "yes", "true", "1"})
_FALSE = frozenset({"否", "无", "错", "×", "n", "no", "false", "0"})
_DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a workbook: how it is headed and what its cells hold.

    `kind`: text, integer, decimal, date, boolean or choice. `choices` maps what people write to
    what is kept; a callable is asked once per file.
    """

    key: str
    label: StrOrPromise
    kind: str = "text"
    required: bool = False
    choices: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None
    max_length: int = 0
    value: Callable[[Any], Any] | None = None
    width: int = 18


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong: where it is, and what to do."""

    sheet: str
    cell: str
    field: str
    message: str
    code: str = "invalid"

    @property
    def place(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.cell or self.sheet


@dataclass(slots=True)
class SheetRow:
    """One row: its values by column key, and where each came from."""

    number: int
    values: dict[str, Any]
    cells: Mapping[str, str] = field(default_factory=dict)


MISSING: Final = object()  # a cell whose value could not be read


@dataclass(slots=True)
class Table:
    """Rows of a file, column by column: `columns[key][n]` stands in row `numbers[n]`."""

    columns: dict[str, list[Any]]
    numbers: list[int]
    letters: dict[str, str]

    def place(self, index: int, key: str) -> str:
        """Excel's name of the cell; empty when the file has no column `key`."""
        return f"{self.letters[key]}{self.numbers[index]}" if key in self.letters else ""

    def rows(self) -> list[SheetRow]:
        """The same rows one by one."""
        keys = tuple(self.columns)
        lines: Iterable[tuple[Any, ...]] = (
            zip(*self.columns.values(), strict=True) if keys else (() for _ in self.numbers)
        )
        return [
            SheetRow(
                number,
                {k: v for k, v in zip(keys, line, strict=True) if v is not MISSING},
                {key: f"{letter}{number}" for key, letter in self.letters.items()},
            )
            for number, line in zip(self.numbers, lines, strict=True)
        ]


class SheetData:
    """What a file says: rows, what is wrong, and notes that were left out.

    A file is kept by columns (`table`) until somebody asks for `rows`: a hundred thousand rows of
    twenty cells are a tenth of the objects that way. `digest` is the file's own.
    """

    def __init__(
        self,
        sheet: str = "",
        rows: list[SheetRow] | None = None,
        problems: list[CellProblem] | None = None,
        skipped: list[str] | None = None,
        present: list[str] | None = None,
    ) -> None:
        self.sheet = sheet
        self.problems: list[CellProblem] = problems if problems is not None else []
        self.skipped: list[str] = skipped if skipped is not None else []
        self.present: list[str] = present if present is not None else []
        self.table: Table | None = None
        self.digest = ""
        self._rows = rows if rows is not None else []

    @property
    def rows(self) -> list[SheetRow]:
        if self.table is not None:
            self._rows, self.table = self.table.rows(), None
        return self._rows

    def __len__(self) -> int:
        return len(self._rows if self.table is None else self.table.numbers)

    def __bool__(self) -> bool:
        return True

    def problem(
        self, row: SheetRow, key: str, message: StrOrPromise, code: str = "invalid"
    ) -> CellProblem:
        """A problem at the cell of `row` that holds `key`."""
        return self._problem(row.cells.get(key, ""), row.number, key, message, code)

    def problem_at(
        self, index: int, key: str, message: StrOrPromise, code: str = "invalid"
    ) -> CellProblem:
        """A problem at the cell of the row counted `index` that holds `key`. Needs `table`."""
        assert self.table is not None
        place = self.table.place(index, key)
        return self._problem(place, self.table.numbers[index], key, message, code)

    def _problem(
        self, place: str, number: int, key: str, message: StrOrPromise, code: str
    ) -> CellProblem:
        cell = place or _("row %(number)d") % {"number": number}
        return CellProblem(self.sheet, cell, key, str(message), code)


def cell_name(row: int, column: int) -> str:
    """Excel's name of a cell counted from zero.

    >>> cell_name(11, 1), cell_name(0, 27)
    ('B12', 'AB1')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def plain(text: Any) -> str:
    """A heading or word without the differences people do not see.

    >>> plain(" 规划面积（ha） * ")
    '规划面积(ha)'
    """
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", str(text))).casefold()


def typed_choices(column: SheetColumn) -> dict[str, Any]:
    """What people may write in a choice column, normalised, to what is kept."""
    choices = column.choices() if callable(column.choices) else column.choices or {}
    return {plain(text): value for text, value in choices.items()}


def typed(column: SheetColumn, value: Any, choices: Mapping[str, Any]) -> Any:
    """`value` as the column's kind, None for an empty cell. Raises ValueError with the sentence.

    >>> typed(SheetColumn("a", "a", "decimal"), "１，２３４．５", {})
    Decimal('1234.5')
    """
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        if column.required:
            raise ValueError(_("This cell must be filled in."))
        return None if column.kind != "text" else ""
    return _KINDS[column.kind](column, value, choices)


def _text(column: SheetColumn, value: Any, choices: Mapping[str, Any]) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    if column.max_length and len(text) > column.max_length:
        raise ValueError(
            _("The text has %(length)d characters; at most %(limit)d fit. Shorten it.")
            % {"length": len(text), "limit": column.max_length}
        )
    return text


def _decimal(column: SheetColumn, value: Any, choices: Mapping[str, Any]) -> Decimal:
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # Excel knows no whole numbers: 827 arrives as 827.0
        number = Decimal(re.sub(r"[,\s]", "", unicodedata.normalize("NFKC", str(value))))
        if not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError(
            _("“%(value)s” is not a number. Write digits only; the unit stands in the heading.")
            % {"value": value}
        ) from None
    return number


def _integer(column: SheetColumn, value: Any, choices: Mapping[str, Any]) -> int:
    number = _decimal(column, value, choices)
    if number != number.to_integral_value():
        raise ValueError(_("“%(value)s” is not a whole number.") % {"value": value})
    return int(number)


def _date(column: SheetColumn, value: Any, choices: Mapping[str, Any]) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            try:
                return date(*(int(part) for part in found.groups()))
            except ValueError:
                break
    raise ValueError(_("“%(value)s” is not a date. Write it as 2026-09-30.") % {"value": value})


def _boolean(column: SheetColumn, value: Any, choices: Mapping[str, Any]) -> bool:
    if isinstance(value, bool):
        return value
    word = plain(int(value) if isinstance(value, float) and value.is_integer() else value)
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(_("“%(value)s” is neither yes nor no. Write 是 or 否.") % {"value": value})


def _choice(column: SheetColumn, value: Any, choices: Mapping[str, Any]) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if (word := plain(value)) in choices:
        return choices[word]
    raise ValueError(
        _("“%(value)s” is not among what is allowed here: %(list)s.")
        % {
            "value": value,
            "list": "、".join(list(choices)[:12]) + ("…" if len(choices) > 12 else ""),
        }
    )


_KINDS: Final[Mapping[str, Callable[[SheetColumn, Any, Mapping[str, Any]], Any]]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
}
