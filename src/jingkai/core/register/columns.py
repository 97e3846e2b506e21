"""Whole columns of cells to typed values: the way is chosen once a column, not once a cell.

Each way gives exactly what `cells.typed` gives; whatever is not plain is handed to `typed` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from .cells import MISSING, SheetColumn, typed

Wrong = dict[int, str]


def typed_column(
    column: SheetColumn, cells: Sequence[Any], choices: Mapping[str, Any]
) -> tuple[list[Any], Wrong]:
    """Values of a column, and what is wrong by position; MISSING stands at those positions."""
    wrong: Wrong = {}
    known: dict[str, Any] = {}

    def one(index: int, cell: Any) -> Any:
        text = cell.__class__ is str
        if text and cell in known:
            return known[cell]
        try:
            value = typed(column, cell, choices)
        except ValueError as error:
            wrong[index] = str(error)
            return MISSING
        if text:
            known[cell] = value
        return value

    return _WAYS[column.kind](column, cells, one), wrong


One = Callable[[int, Any], Any]


def _text(column: SheetColumn, cells: Sequence[Any], one: One) -> list[Any]:
    if all(cell.__class__ is str for cell in cells):
        values = [cell.strip() for cell in cells]
        too_long = column.max_length and max(map(len, values), default=0) > column.max_length
        if not too_long and not (column.required and "" in values):
            return values
    return [one(n, cell) for n, cell in enumerate(cells)]


def _decimal(column: SheetColumn, cells: Sequence[Any], one: One) -> list[Any]:
    return [
        (Decimal(int(cell)) if cell.is_integer() else Decimal(repr(cell)))
        if cell.__class__ is float and cell - cell == 0
        else _number(cell) or one(n, cell)
        for n, cell in enumerate(cells)
    ]


def _number(cell: Any) -> Decimal | None:
    """A number written plainly as text; None for anything else, nought included."""
    if cell.__class__ is not str or not cell:
        return None
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _integer(column: SheetColumn, cells: Sequence[Any], one: One) -> list[Any]:
    return [
        int(cell) if cell.__class__ is float and cell.is_integer() else one(n, cell)
        for n, cell in enumerate(cells)
    ]


def _date(column: SheetColumn, cells: Sequence[Any], one: One) -> list[Any]:
    return [cell if cell.__class__ is date else one(n, cell) for n, cell in enumerate(cells)]


def _boolean(column: SheetColumn, cells: Sequence[Any], one: One) -> list[Any]:
    return [cell if cell.__class__ is bool else one(n, cell) for n, cell in enumerate(cells)]


def _each(column: SheetColumn, cells: Sequence[Any], one: One) -> list[Any]:
    return [one(n, cell) for n, cell in enumerate(cells)]


_WAYS: Final[Mapping[str, Callable[[SheetColumn, Sequence[Any], One], list[Any]]]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "boolean": _boolean,
    "choice": _each,
}


def picked(values: Sequence[Any], kept: Iterable[int]) -> list[Any]:
    """The values at the positions `kept`."""
    return [values[n] for n in kept]
