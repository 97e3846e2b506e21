"""The editor of a scheme: rows of its tree, forms of its method and rules, moves on the tree."""

from .moves import Loss, apply_move, lost_with
from .rows import Row, RowProblem, rows_of
from .typed import Check, Typed, check_edition

__all__ = [
    "Check",
    "Loss",
    "Row",
    "RowProblem",
    "Typed",
    "apply_move",
    "check_edition",
    "lost_with",
    "rows_of",
]
