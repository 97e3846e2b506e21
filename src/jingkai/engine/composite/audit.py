"""The evidence a reader may ask for: data, coherence, uncertainty, sensitivity, use.

Every number carries the call that gave it. Thresholds are arguments: they are conventions of
published audits, not laws, and a flag is a question, not a verdict.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .arrays import rank_scores
from .audit_blocks import Block, coherence_block, data_block, use_block
from .build import Result, build
from .errors import CompositeError, InfeasibleError, StepError
from .feasibility import check_pair
from .frontier import benefit_of_the_doubt
from .method import Aggregate, Mean, Method, Rule, Vary
from .robustness import leave_one_out, rank_reversals, single_changes
from .sensitivity import Sensitivity, run_sensitivity
from .table import Table
from .tree import Tree
from .uncertainty import Uncertainty, rank_shift, run_uncertainty


@dataclass(frozen=True, slots=True)
class Limits:
    """What is flagged."""

    coverage: float = 2 / 3
    """Share of available values of a unit or indicator."""
    alpha: float = 0.7
    weak: float = 0.3
    """Correlation of an element with its own group."""
    redundant: float = 0.92
    wide: int = 10
    """Width of a 90 % rank interval, and a rank difference that counts."""
    sure: float = 0.95
    """Probability from which a statement about ranks is called robust."""


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """An audited build."""

    nominal: Result
    uncertainty: Uncertainty
    sensitivity: Sensitivity
    assumed: Vary | None
    """What was varied, when the method itself names nothing."""
    blocks: tuple[Block, ...]
    limits: Limits = field(default_factory=Limits)


def run_audit(
    table: Table,
    tree: Tree,
    method: Method,
    *,
    rng: np.random.Generator,
    replications: int = 1000,
    n_base: int = 1024,
    earlier: Result | None = None,
    limits: Limits | None = None,
    reversal_units: int = 60,
) -> Audit:
    """Build, replicate, decompose, and put the evidence together.

    A method without uncertainty block is audited under weights ± 25 % and, where its scale allows
    it, arithmetic against geometric means; the report says that this was assumed.

    Parameters
    ----------
    rng
        The only source of chance.
    earlier
        An edition to compare with.
    reversal_units
        At most so many units are removed in turn for the rank-reversal test: the best ones.

    Raises
    ------
    CompositeError
        As `build`, `run_uncertainty` and `run_sensitivity`.
    """
    limits = limits or Limits()
    assumed = default_variation(method, tree) if method.vary.is_empty else None
    varied = method if assumed is None else replace(method, vary=assumed)
    nominal = build(table, tree, method)
    found = run_uncertainty(table, tree, varied, replications=replications, rng=rng)
    shares = run_sensitivity(table, tree, varied, rng=rng, n_base=n_base)
    blocks = (
        data_block(nominal, limits.coverage),
        coherence_block(nominal, limits.alpha, limits.weak, limits.redundant, limits.wide),
        uncertainty_block(found, limits, assumed is not None),
        sensitivity_block(table, tree, varied, nominal, shares, limits, reversal_units),
        use_block(found, earlier, limits.sure),
    )
    return Audit(nominal, found, shares, assumed, blocks, limits)


def default_variation(method: Method, tree: Tree) -> Vary:
    """Weights ± 25 %, and the other of arithmetic and geometric mean if the scale allows it."""
    other = Mean.GEOMETRIC
    if method.aggregate.rule.mean is Mean.GEOMETRIC and not method.aggregate.levels:
        other = Mean.ARITHMETIC
    alternative = method.aggregate.with_rule(Rule(other))
    both: tuple[Aggregate, ...] = (method.aggregate, alternative)
    try:
        check_pair(method.normalise, alternative, tree, "aggregate")
    except InfeasibleError:
        both = ()
    return Vary(weight_noise=0.25, aggregate=both)


def uncertainty_block(found: Uncertainty, limits: Limits, assumed: bool) -> Block:
    """Rank intervals, top-group probabilities, and how sure the order of neighbours is."""
    nominal, s = found.nominal, found.statistics
    block = Block("uncertainty")
    call = "run_uncertainty(table, tree, method, replications, rng)"
    if assumed:
        block.fact(
            "assumed_variation",
            "weights ± 25 %, means",
            "default_variation(method, tree)",
            flag=True,
        )
    block.fact("replications", len(found.runs), f"len({call}.runs)")
    for name, entries in (
        ("varied_imputation", [one.method for one in found.choices.impute]),
        ("varied_treatment", [str(one.winmax) for one in found.choices.treat]),
        ("varied_normalisation", [one.label for one in found.choices.normalise]),
        ("varied_aggregation", [one.label for one in found.choices.aggregate]),
    ):
        if len(entries) > 1:
            block.fact(name, ", ".join(entries), f"{call}.choices")
    width = s.q95 - s.q05
    scored = np.flatnonzero(nominal.ranks > 0)
    narrow = float(np.mean(width[scored] <= limits.wide)) if scored.size else float("nan")
    block.fact("share_of_narrow_intervals", narrow, f"{call}.statistics", flag=narrow < 0.5)
    inside = (s.q05 <= nominal.ranks) & (nominal.ranks <= s.q95)
    share = float(np.mean(inside[scored])) if scored.size else float("nan")
    block.fact("share_with_nominal_rank_inside", share, f"{call}.statistics", flag=share < 0.9)
    top = min(10, max(1, len(nominal.units) // 4))
    chances = found.top(top)
    order = sorted(scored.tolist(), key=lambda k: (nominal.ranks[k], nominal.units[k]))
    block.table(
        "rank_intervals",
        f"{call}.statistics; {call}.top({top})",
        ("unit", "nominal", "median", "q05", "q95", "width", "runs", f"P(top {top})"),
        [
            (
                nominal.units[k], int(nominal.ranks[k]), float(s.median[k]), float(s.q05[k]),
                float(s.q95[k]), float(width[k]), int(s.runs[k]), float(chances[k]),
            )
            for k in order
        ],
    )  # fmt: skip
    before = found.before()
    block.table(
        "neighbours",
        f"{call}.before()",
        ("unit", "next unit", "P(before)"),
        [
            (nominal.units[a], nominal.units[b], float(before[a, b]))
            for a, b in itertools.pairwise(order)
        ],
    )
    return block


def sensitivity_block(
    table: Table,
    tree: Tree,
    method: Method,
    nominal: Result,
    shares: Sensitivity,
    limits: Limits,
    reversal_units: int,
) -> Block:
    """Single changes, variance shares, leaving elements and units out."""
    block = Block("sensitivity")
    call = "run_sensitivity(table, tree, method, rng, n_base)"
    block.fact("mean_rank_shift", shares.mean, f"{call}.mean")
    block.fact("estimator", shares.method, f"{call}.method")
    block.table(
        "variance_shares",
        f"{call}.indices",
        ("input", "S1", "S1 low", "S1 high", "ST", "ST low", "ST high"),
        [
            (i.name, i.first, i.first_low, i.first_high, i.total, i.total_low, i.total_high)
            for i in shares.indices
        ],
    )
    block.table(
        "single_changes",
        "single_changes(table, tree, method, nominal)",
        ("change", "mean shift", "largest shift", "unit", f"share > {limits.wide}"),
        [
            (w.name, w.mean_shift, w.largest_shift, w.largest_unit, w.share_beyond(limits.wide))
            for w in single_changes(table, tree, method, nominal)
        ],
    )
    rows = _left_out(nominal)
    block.table("leave_one_out", "leave_one_out(nominal)", ("element", "mean shift"), rows)
    _own_best(block, nominal)
    if len(nominal.units) >= 3:
        best = sorted(
            range(len(nominal.units)), key=lambda k: (nominal.ranks[k] == 0, nominal.ranks[k])
        )
        units = [nominal.units[k] for k in best[:reversal_units]]
        try:
            turned = rank_reversals(table, tree, method, nominal, units)
        except CompositeError as problem:
            block.fact("rank_reversals", str(problem), "rank_reversals(…)", flag=True)
            return block
        call = "rank_reversals(table, tree, method, nominal, units)"
        block.fact("units_removed_in_turn", len(turned), call)
        block.fact("most_pairs_reversed", max(r.pairs for r in turned), call)
        others = sum(
            r.leader_changed and nominal.ranks[nominal.units.index(r.removed)] != 1 for r in turned
        )
        block.fact("removals_that_change_the_leader", int(others), call, flag=others > 0)
    return block


def _left_out(nominal: Result) -> Sequence[tuple[str, float]]:
    if len(nominal.tree.groups) == 1 and nominal.tree.n_indicators < 2:
        return []
    try:
        found = leave_one_out(nominal)
    except CompositeError:
        return []
    return list(zip(found.codes, found.shift.tolist(), strict=True))


def _own_best(block: Block, nominal: Result) -> None:
    """Benefit of the doubt: who stays behind even under the weights that suit it best."""
    tree = nominal.tree
    top = next(group for group in tree.groups if group.node == tree.index_node)
    nodes = list(top.children) if len(top.children) > 1 else list(range(tree.n_indicators))
    call = "benefit_of_the_doubt(scores of the parts of the index)"
    try:
        scores, _weights = benefit_of_the_doubt(nominal.scores[:, nodes])
    except StepError as problem:
        block.fact("units_on_the_frontier", str(problem), call)
        return
    ranks = rank_scores(scores)
    both = (ranks > 0) & (nominal.ranks > 0)
    block.fact("units_on_the_frontier", int((scores >= 1.0 - 1e-9).sum()), call)
    shift = rank_shift(nominal.ranks)(ranks[None, :])[0]
    block.fact("shift_under_own_best_weights", float(shift), call)
    order = sorted(np.flatnonzero(both).tolist(), key=lambda k: (nominal.ranks[k], k))
    block.table(
        "benefit_of_the_doubt",
        call,
        ("unit", "nominal", "own best score", "own best rank"),
        [(nominal.units[k], int(nominal.ranks[k]), float(scores[k]), int(ranks[k])) for k in order],
    )
