"""Cells of returns, with what a page or a rule needs beside them."""

from __future__ import annotations

from django.db.models import QuerySet

from ..models import Cell, Return


def cells_of(in_return: Return) -> list[Cell]:
    """Cells in the order of the form, with item, indicator and people. 1 query."""
    return list(with_parts(Cell.objects.filter(in_return=in_return)))


def with_parts(cells: QuerySet[Cell]) -> QuerySet[Cell]:
    """`cells` joined to everything shown beside them, in the order of the form."""
    return cells.select_related(
        "item__verifier", "indicator__compiler", "entered_by", "signed_by", "verified_by"
    ).order_by("in_return", "item__position", "item", "part", "scope")
