"""Composite indicators: from a table of figures to scores, ranks, and what they are worth.

Three inputs, kept apart: `Table` (units and columns), `Tree` (elements, parents, directions,
weights), `Method` (plain data, checked by `parse_method`). `build` gives a `Result` with every
stage. Pure NumPy: no files, no clock, no global random state; draws come from a Generator.
"""

from . import derived, mcdm
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
from .replications import Choices, Runs, runs_from_design
from .sensitivity import (
    Sensitivity,
    check_design,
    exact_indices,
    replayed_indices,
    run_sensitivity,
)
from .table import Table
from .tree import Element, Tree, nearest
from .uncertainty import Uncertainty, rank_shift, replicate, run_uncertainty
from .uncertainty import labels as design_labels

__all__ = [
    "Cell",
    "Choices",
    "CompositeError",
    "DesignError",
    "Element",
    "Floats",
    "InfeasibleError",
    "Method",
    "MethodError",
    "Notice",
    "Result",
    "Runs",
    "Sensitivity",
    "StepError",
    "Table",
    "TableError",
    "Tree",
    "TreeError",
    "Uncertainty",
    "WeightError",
    "build",
    "check_design",
    "derived",
    "design_labels",
    "exact_indices",
    "mcdm",
    "nearest",
    "parse_method",
    "rank_scores",
    "rank_shift",
    "replayed_indices",
    "replicate",
    "run_sensitivity",
    "run_uncertainty",
    "runs_from_design",
]
