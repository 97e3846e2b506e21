"""The data: units in rows, named number columns and text columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Floats
from .errors import TableError
from .tree import nearest


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Checked input. NaN in a number column is a missing value; an empty text is no group.

    Raises
    ------
    TableError
        No unit, a unit listed twice, a column of another length, or an infinite number.
    """

    units: tuple[str, ...]
    numbers: Mapping[str, Floats]
    """Column name -> shape (units,), each in its own unit."""
    texts: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        n = len(self.units)
        if not n:
            raise TableError("the table has no unit", code="empty")
        if len(set(self.units)) < n:
            twice = next(u for k, u in enumerate(self.units) if u in self.units[:k])
            raise TableError(f"unit “{twice}” is listed twice", code="twice", unit=twice)
        for name, column in self.numbers.items():
            if column.shape != (n,):
                raise TableError(
                    f"column “{name}” has shape {column.shape}, not ({n},)", column=name
                )
            if np.isinf(column).any():
                unit = self.units[int(np.argmax(np.isinf(column)))]
                raise TableError(
                    f"column “{name}” is infinite for “{unit}”: leave unknown values out",
                    code="infinite",
                    column=name,
                    unit=unit,
                )
        for name, texts in self.texts.items():
            if len(texts) != n:
                raise TableError(f"column “{name}” has {len(texts)} values, not {n}", column=name)

    def column(self, name: str) -> Floats:
        """One number column.

        Raises TableError when there is none, with the nearest name.
        """
        try:
            return self.numbers[name]
        except KeyError:
            raise TableError(
                f"the data have no number column “{name}”{nearest(name, list(self.numbers))}",
                code="no_column",
                column=name,
            ) from None

    def matrix(self, names: Sequence[str]) -> Floats:
        """Columns side by side; shape (units, names). A copy."""
        return np.column_stack([self.column(name) for name in names])

    def group(self, name: str) -> tuple[str, ...]:
        """One text column; numbers are groups too, by their value."""
        if name in self.texts:
            return self.texts[name]
        if name in self.numbers:
            return tuple("" if np.isnan(v) else f"{v:g}" for v in self.numbers[name])
        known = [*self.texts, *self.numbers]
        raise TableError(
            f"the data have no column “{name}”{nearest(name, known)}", code="no_column", column=name
        )

    def keep(self, rows: Bools) -> Table:
        """The table with the marked rows only."""
        kept = np.flatnonzero(rows)
        return Table(
            tuple(self.units[k] for k in kept),
            {name: column[kept] for name, column in self.numbers.items()},
            {name: tuple(texts[k] for k in kept) for name, texts in self.texts.items()},
        )
