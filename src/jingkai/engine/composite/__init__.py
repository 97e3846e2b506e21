"""Composite indicators: from a table of figures to scores, ranks, and what they are worth.

Three inputs, kept apart: `Table` (units and columns), `Tree` (elements, parents, directions,
weights), `Method` (plain data, checked by `parse_method`). `build` gives a `Result` with every
stage. Pure NumPy: no files, no clock, no global random state; draws come from a Generator.
"""

from . import derived, mcdm
from .arrays import Floats, rank_scores
from .audit import Audit, Limits, run_audit
from .audit_blocks import Block, Fact, Rows
from .build import Cell, Notice, Result, build
from .changes import CellChanges
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
from .explanation import (
    Contributions,
    Part,
    Waterfall,
    contributions,
    default_baseline,
    explain_change,
    explain_changes,
    explain_score,
)
from .feasibility import check_method
from .frontier import benefit_of_the_doubt
from .grammar import parse_method
from .method import Method
from .panel import Panel, build_panel, fill_over_time
from .replications import Choices, Runs, runs_from_design
from .robustness import compare, leave_one_out, rank_reversals, single_changes, what_if
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
    "Audit",
    "Block",
    "Cell",
    "CellChanges",
    "Choices",
    "CompositeError",
    "Contributions",
    "DesignError",
    "Element",
    "Fact",
    "Floats",
    "InfeasibleError",
    "Limits",
    "Method",
    "MethodError",
    "Notice",
    "Panel",
    "Part",
    "Result",
    "Rows",
    "Runs",
    "Sensitivity",
    "StepError",
    "Table",
    "TableError",
    "Tree",
    "TreeError",
    "Uncertainty",
    "Waterfall",
    "WeightError",
    "benefit_of_the_doubt",
    "build",
    "build_panel",
    "check_design",
    "check_method",
    "compare",
    "contributions",
    "default_baseline",
    "derived",
    "design_labels",
    "exact_indices",
    "explain_change",
    "explain_changes",
    "explain_score",
    "fill_over_time",
    "leave_one_out",
    "mcdm",
    "nearest",
    "parse_method",
    "rank_reversals",
    "rank_scores",
    "rank_shift",
    "replayed_indices",
    "replicate",
    "run_audit",
    "run_sensitivity",
    "run_uncertainty",
    "runs_from_design",
    "single_changes",
    "what_if",
]
