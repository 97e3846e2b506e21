"""Moves on the rows of a tree: add, move among sisters, delete with all that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .rows import Row, ordered


@dataclass(frozen=True, slots=True)
class Loss:
    """What deleting a row takes along."""

    row: Row
    below: int
    points: Decimal
    indicators: int


def apply_move(rows: Sequence[Row], move: str, key: str) -> tuple[list[Row], str]:
    """The rows after a move, and the key of the row to look at; unknown moves change nothing."""
    by_key = {row.key: row for row in rows}
    if key not in by_key:
        return list(rows), ""
    match move:
        case "add-leaf" | "add-part":
            return _add(rows, by_key[key], leaf=move == "add-leaf")
        case "up" | "down":
            return _shift(rows, by_key[key], -1 if move == "up" else 1), key
        case "delete":
            gone = below(rows, key)
            kept = [row for row in rows if row.key not in gone]
            return ordered(kept), by_key[key].parent
    return list(rows), ""


def below(rows: Sequence[Row], key: str) -> set[str]:
    """Keys of a row and everything under it."""
    found = {key}
    grown = True
    while grown:
        more = {row.key for row in rows if row.parent in found} - found
        found |= more
        grown = bool(more)
    return found


def lost_with(rows: Sequence[Row], key: str) -> Loss | None:
    """What deleting a row takes along; None for the root and for rows that do not exist."""
    row = next((row for row in rows if row.key == key), None)
    if row is None or not row.parent:
        return None
    gone = [other for other in rows if other.key in below(rows, key)]
    try:
        points = Decimal(row.points or 0)
    except InvalidOperation:
        points = Decimal(0)
    return Loss(row, len(gone) - 1, points, sum(bool(other.indicator) for other in gone))


def _add(rows: Sequence[Row], parent: Row, *, leaf: bool) -> tuple[list[Row], str]:
    key = str(max(int(row.key) for row in rows) + 1)
    new = Row(
        key=key,
        parent=parent.key,
        code=_free_code(rows, parent),
        name=_("New indicator") if leaf else _("New part"),
        points="0",
        leaf="1" if leaf else "",
        direction="1" if leaf else "",
    )
    # What holds something is not measured itself any more.
    holder = replace(parent, leaf="", direction="", indicator="", share="", target="", own="")
    kept = [holder if row.key == parent.key and parent.leaf else row for row in rows]
    return ordered([*kept, new]), key


def _free_code(rows: Sequence[Row], parent: Row) -> str:
    taken = {row.code for row in rows}
    stem = "N" if not parent.parent else f"{parent.code[:34]}_"
    n = 1
    while f"{stem}{n}" in taken:
        n += 1
    return f"{stem}{n}"


def _shift(rows: Sequence[Row], row: Row, step: int) -> list[Row]:
    sisters = [other for other in rows if other.parent == row.parent]
    at = next(n for n, other in enumerate(sisters) if other.key == row.key)
    to = at + step
    if not 0 <= to < len(sisters):
        return list(rows)
    swapped = {sisters[at].key: sisters[to], sisters[to].key: sisters[at]}
    return ordered([swapped.get(other.key, other) for other in rows])
