"""What happens if: leave an element out, change one choice, remove a unit, compare two runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .aggregation import aggregate_tree
from .arrays import AnyInts, Bools, Floats, rank_scores
from .build import Result, build
from .errors import CompositeError, StepError
from .method import Aggregate, Method, Normalise, WeightRule
from .table import Table
from .tree import Element, Tree
from .uncertainty import rank_shift


@dataclass(frozen=True, slots=True, eq=False)
class LeaveOneOut:
    """Index without one element at a time."""

    codes: tuple[str, ...]
    scores: Floats
    """Shape (codes, units)."""
    ranks: AnyInts
    shift: Floats
    """Mean absolute rank change against the nominal ranking; shape (codes,)."""


def leave_one_out(result: Result, codes: Sequence[str] | None = None) -> LeaveOneOut:
    """Set the weight of one element to zero at a time; the other weights of its group share it.

    Parameters
    ----------
    codes
        Default: the elements of the lowest aggregated level (the pillars), or the indicators of a
        tree that has but one level above them.

    Raises
    ------
    TreeError
        An unknown code.
    WeightError
        Without that element all its siblings have weight zero.
    """
    tree = result.tree
    if codes is None:
        low = tree.levels[0]
        pillars = [e.code for e in tree.elements if e.level == low and e.parent]
        codes = pillars or tree.indicators
    rows = []
    for code in codes:
        weights = result.weights.copy()
        weights[tree.node(code)] = 0.0
        tree.check_weights(weights)
        nodes = aggregate_tree(
            result.normalised, tree, weights, result.method.aggregate, units=result.units
        )
        rows.append(nodes[:, tree.index_node])
    scores = np.stack(rows)
    ranks = rank_scores(scores)
    nominal = rank_scores(result.scores[:, tree.index_node])
    return LeaveOneOut(tuple(codes), scores, ranks, rank_shift(nominal)(ranks))


@dataclass(frozen=True, slots=True)
class Move:
    """One unit in two runs; rank 0 or NaN = not there or no score."""

    unit: str
    rank_before: int
    rank_after: int
    score_before: float
    score_after: float


def compare(before: Result, after: Result) -> tuple[Move, ...]:
    """Each unit of either run, in order of the rank in `after`."""
    seen: dict[str, list[float]] = {}
    for k, result in enumerate((before, after)):
        for row, unit in enumerate(result.units):
            entry = seen.setdefault(unit, [0, 0, float("nan"), float("nan")])
            entry[k], entry[2 + k] = int(result.ranks[row]), float(result.index[row])
    moves = [Move(unit, int(e[0]), int(e[1]), e[2], e[3]) for unit, e in seen.items()]
    return tuple(sorted(moves, key=lambda m: (m.rank_after == 0, m.rank_after, m.unit)))


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A changed run beside the nominal one."""

    name: str
    moves: tuple[Move, ...]
    mean_shift: float
    """Mean absolute rank change of the units scored in both."""
    largest_shift: int
    largest_unit: str

    def share_beyond(self, k: int) -> float:
        """Share of the units that move by more than k ranks."""
        both = [m for m in self.moves if m.rank_before and m.rank_after]
        return sum(abs(m.rank_after - m.rank_before) > k for m in both) / max(len(both), 1)


def what_if(name: str, before: Result, after: Result) -> WhatIf:
    """Summary of the moves between two runs."""
    moves = compare(before, after)
    both = [
        (abs(m.rank_after - m.rank_before), m.unit) for m in moves if m.rank_before and m.rank_after
    ]
    largest, unit = max(both, key=lambda pair: (pair[0], pair[1]), default=(0, ""))
    mean = sum(shift for shift, _unit in both) / max(len(both), 1)
    return WhatIf(name, moves, mean, largest, unit)


def with_weights(tree: Tree, changes: dict[str, float], column: str = "weight") -> Tree:
    """The tree with some weights replaced. Raises TreeError for an unknown code."""
    for code in changes:
        tree.node(code)
    return Tree.of(
        replace(e, numbers={**e.numbers, column: changes[e.code]}) if e.code in changes else e
        for e in tree.elements
    )


def without_element(table: Table, tree: Tree, method: Method, code: str) -> Result:
    """Build without an element and all below it."""
    kept = tree.without(code)
    return build(table, kept, on_tree(method, kept))


def on_tree(method: Method, tree: Tree) -> Method:
    """The method without what it says of elements that the tree does not have."""

    def scale(spec: Normalise) -> Normalise:
        own = {code: one for code, one in spec.indicators.items() if code in tree.codes}
        return replace(spec, indicators=own)

    def rules(spec: Aggregate) -> Aggregate:
        own = {code: rule for code, rule in spec.nodes.items() if code in tree.codes}
        return replace(spec, nodes=own)

    vary = replace(
        method.vary,
        normalise=tuple(scale(spec) for spec in method.vary.normalise),
        aggregate=tuple(rules(spec) for spec in method.vary.aggregate),
    )
    return replace(
        method,
        split={code: split for code, split in method.split.items() if code in tree.codes},
        normalise=scale(method.normalise),
        aggregate=rules(method.aggregate),
        vary=vary,
    )


def single_changes(table: Table, tree: Tree, method: Method, nominal: Result) -> list[WhatIf]:
    """Each alternative of the uncertainty block alone, everything else nominal; and equal weights.

    An alternative that cannot be built on these data is reported with no moves, never left out.
    """
    vary = method.vary
    changed: list[tuple[str, Method]] = []
    for impute in vary.impute:
        changed.append((f"impute: {impute.method}", replace(method, impute=impute)))
    for treat in vary.treat:
        label = "none" if treat.method == "none" else f"winmax {treat.winmax}"
        changed.append((f"treat: {label}", replace(method, treat=treat)))
    for normalise in vary.normalise:
        changed.append((f"normalise: {normalise.label}", replace(method, normalise=normalise)))
    for aggregate in vary.aggregate:
        changed.append((f"aggregate: {aggregate.label}", replace(method, aggregate=aggregate)))
    changed.append(("weights: equal", replace(method, weights=WeightRule(method="equal"))))
    found = []
    for name, other in changed:
        if replace(other, vary=vary) == method:
            continue
        try:
            found.append(what_if(name, nominal, build(table, tree, other)))
        except CompositeError as problem:
            found.append(WhatIf(f"{name} (not possible: {problem})", (), float("nan"), 0, ""))
    return found


@dataclass(frozen=True, slots=True)
class Reversal:
    """What removing one unit does to the order of the others."""

    removed: str
    pairs: int
    """Pairs of other units whose order turned round."""
    leader_changed: bool


def rank_reversals(
    table: Table, tree: Tree, method: Method, nominal: Result, units: Sequence[str] | None = None
) -> list[Reversal]:
    """Remove one unit at a time, build again, and count pairs of others that changed places.

    Scales fitted on the sample (min-max, z-score, ranks, outlier treatment, imputation by mean) let
    a unit's presence decide between two others; fixed goalposts and targets do not.

    Parameters
    ----------
    units
        Whom to remove; default everybody. Each costs one build.

    Raises
    ------
    StepError
        An unknown unit, or fewer than three units.
    """
    if len(table.units) < 3:
        raise StepError("rank reversal needs at least three units")
    found = []
    for unit in units if units is not None else table.units:
        if unit not in table.units:
            raise StepError(f"there is no unit “{unit}”", unit=unit)
        rows: Bools = np.array([other != unit for other in table.units])
        after = build(table.keep(rows), tree, method)
        place = {u: n for n, u in enumerate(nominal.units)}
        shared = [n for n, u in enumerate(after.units) if u in place]
        old = nominal.ranks[[place[after.units[n]] for n in shared]]
        new = after.ranks[shared]
        scored = (old > 0) & (new > 0)
        old, new = old[scored], new[scored]
        turned = np.sign(old[:, None] - old) * np.sign(new[:, None] - new) < 0
        leaders = set(np.flatnonzero(old == old.min())) if old.size else set()
        others = set(np.flatnonzero(new == new.min())) if new.size else set()
        found.append(Reversal(unit, int(turned.sum() // 2), leaders != others))
    return found


def elements_of(tree: Tree, level: int) -> tuple[Element, ...]:
    """Elements of one level, in the order of the tree."""
    return tuple(element for element in tree.elements if element.level == level)
