"""Composite indicators: from a table of figures to scores, ranks, and what they are worth.

Three inputs, kept apart: `Table` (units and columns), `Tree` (elements, parents, directions,
weights), `Method` (plain data, checked by `parse_method`). `build` gives a `Result` with every
stage. Pure NumPy: no files, no clock, no global random state; draws come from a Generator.
"""

from .arrays import Floats, rank_scores
from .build import Cell, Notice, Result, build
from .errors import (
    CompositeError,
    DesignError,
    InfeasibleError,
    MethodError,
    StepError,
    TableError,
    TreeError,
    WeightError,
)
from .grammar import parse_method
from .method import Method
from .table import Table
from .tree import Element, Tree, nearest

__all__ = [
    "Cell",
    "CompositeError",
    "DesignError",
    "Element",
    "Floats",
    "InfeasibleError",
    "Method",
    "MethodError",
    "Notice",
    "Result",
    "StepError",
    "Table",
    "TableError",
    "Tree",
    "TreeError",
    "WeightError",
    "build",
    "nearest",
    "parse_method",
    "rank_scores",
]
