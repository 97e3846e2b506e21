"""Cells of returns, with what a page or a rule needs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet

from jingkai.core.statements import Given, Statement

from ..formbook import MARK, asked_by, items_by_id
from ..models import Cell, Return

_OF_RETURN: Final = Statement(
    lambda: (
        Cell.objects.filter(in_return=Given("in_return"))
        .annotate(item_mark=MARK)
        .order_by("part", "scope")
    )
)


def cells_of(in_return: Return) -> list[Cell]:
    """Cells in the order of the form, with item, indicator and who verifies. 1 query.

    Cells of one item share its objects, as do all who ask for this version of the form: they are
    read, never changed.
    """
    return placed(_OF_RETURN(in_return=in_return.pk), in_return)


def placed(cells: Sequence[Cell], in_return: Return) -> list[Cell]:
    """`cells`, ordered by part and place, in the order of the form, each with what it asks.

    Each has its `item_mark`.
    """
    marks: dict[int, str] = {cell.item_id: cell.item_mark for cell in cells}  # type: ignore[attr-defined]
    asked = asked_by(in_return.campaign.version_id, marks)
    if strange := {cell.item_id for cell in cells} - asked.keys():
        asked = {**asked, **items_by_id(strange)}
    found: dict[int, list[Cell]] = {pk: [] for pk in asked}
    for cell in cells:
        item = asked[cell.item_id]
        # As the descriptors of these foreign keys would, without their checks: ids agree.
        cell._state.fields_cache["item"] = item
        cell._state.fields_cache["indicator"] = item.indicator
        found[cell.item_id].append(cell)
    return [cell for row in found.values() for cell in row]


def with_parts(cells: QuerySet[Cell]) -> QuerySet[Cell]:
    """`cells` joined to item, indicator and who verifies, in the order of the form."""
    return cells.select_related("item__verifier", "indicator__compiler").order_by(
        "in_return", "item__position", "item", "part", "scope"
    )
