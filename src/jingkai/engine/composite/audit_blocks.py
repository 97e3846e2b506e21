"""Blocks of an audit: facts and tables, each with the call that gave it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .aggregation import aggregate_tree
from .arrays import Floats, rank_scores
from .build import Cell, Result
from .errors import StepError
from .explanation import decompose, result_shares
from .robustness import compare
from .statistics import column_statistics, correlation, cronbach, outlying, principal_components
from .uncertainty import Uncertainty

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Fact:
    """One number or word."""

    name: str
    value: Value
    call: str
    """The function of this package, and what it was given."""
    flag: bool = False
    """Worth a question."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One table."""

    name: str
    call: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(slots=True)
class Block:
    """One of the five parts of an audit."""

    name: str
    facts: list[Fact] = field(default_factory=list)
    tables: list[Rows] = field(default_factory=list)

    def fact(self, name: str, value: Value, call: str, *, flag: bool = False) -> None:
        """Add a fact."""
        self.facts.append(Fact(name, value, call, bool(flag)))

    def table(
        self, name: str, call: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> None:
        """Add a table."""
        self.tables.append(Rows(name, call, tuple(columns), tuple(tuple(row) for row in rows)))


def data_block(result: Result, coverage: float) -> Block:
    """Coverage, imputed and treated cells, shape of the distributions."""
    block, tree, raw = Block("data"), result.tree, result.denominated
    before = column_statistics(raw)
    after = column_statistics(result.treated.values)
    call = "column_statistics(result.denominated)"
    there = ~np.isnan(raw)
    cells = result.cells
    block.fact("units", len(result.units), "build(table, tree, method).units")
    block.fact("units_left_out", len(result.screened_out), "build(…).screened_out")
    block.fact("indicators", tree.n_indicators, "build(…).tree.n_indicators")
    block.fact("reversed_indicators", int((tree.directions < 0).sum()), "tree.directions")
    divided = sum(bool(e.denominator) for e in tree.elements) if result.method.denominate else 0
    block.fact("denominated_indicators", divided, "tree.elements")
    block.fact("coverage", float(there.mean()), call)
    low = before.share_available < coverage
    block.fact("indicators_with_low_coverage", int(low.sum()), call, flag=bool(low.any()))
    by_unit = there.mean(axis=1)
    poor = int((by_unit < coverage).sum())
    block.fact("units_with_low_coverage", poor, "result.denominated", flag=poor > 0)
    block.fact("imputed_cells", int((cells == Cell.IMPUTED).sum()), "result.cells")
    missing = int((cells == Cell.MISSING).sum())
    block.fact("missing_cells", missing, "result.cells", flag=missing > 0)
    winsorised = (cells == Cell.WINSORISED_HIGH) | (cells == Cell.WINSORISED_LOW)
    block.fact("winsorised_cells", int(winsorised.sum()), "result.cells")
    block.fact("logged_indicators", int(result.treated.logged.sum()), "result.treated.logged")
    limits = {"skew": result.method.treat.skew, "kurtosis": result.method.treat.kurtosis}
    first = int(outlying(column_statistics(result.imputed), **limits).sum())
    left = int(outlying(after, **limits).sum())
    block.fact("outlying_before", first, "outlying(column_statistics(result.imputed))")
    block.fact(
        "outlying_after", left, "outlying(column_statistics(result.treated.values))", flag=left > 0
    )
    block.table(
        "indicators",
        f"{call}; column_statistics(result.treated.values)",
        ("indicator", "available", "zeros", "unique", "skew", "kurtosis", "skew treated",
         "kurtosis treated"),
        [
            (
                code, float(before.share_available[k]), 1.0 - float(before.share_nonzero[k]),
                float(before.share_unique[k]), float(before.skew[k]), float(before.kurtosis[k]),
                float(after.skew[k]), float(after.kurtosis[k]),
            )
            for k, code in enumerate(tree.indicators)
        ],
    )  # fmt: skip
    rows: list[tuple[Value, ...]] = [
        (result.units[k], float(by_unit[k])) for k in np.argsort(by_unit, kind="stable")[:10]
    ]
    block.table("units_least_covered", "result.denominated", ("unit", "available"), rows)
    kinds = {cell: cell.name.lower() for cell in Cell}
    changed = [
        (result.units[row], tree.indicators[k], kinds[Cell(int(cells[row, k]))],
         float(raw[row, k]), float(result.treated.values[row, k]))
        for row, k in np.argwhere((cells != Cell.RAW) & (cells != Cell.MISSING)).tolist()
    ]  # fmt: skip
    block.table(
        "changed_cells", "result.cells", ("unit", "indicator", "how", "from", "to"), changed
    )
    return block


def coherence_block(
    result: Result, alpha: float, weak: float, redundant: float, wide: int
) -> Block:
    """Do the parts of each group belong together, and does each count as much as it should."""
    block, tree = Block("coherence"), result.tree
    index = tree.index_node
    groups, pairs = [], []
    n_weak = n_against = n_redundant = 0
    for group in tree.groups:
        children = list(group.children)
        block_scores = result.scores[:, children]
        reliability = cronbach(block_scores)
        share, above, same = float("nan"), 0, "–"
        try:
            parts = principal_components(block_scores)
            share, above = float(parts.shares[0]), parts.n_above_one
            one_sign = bool((parts.loadings[:, 0] >= 0).all() or (parts.loadings[:, 0] <= 0).all())
            same = "yes" if one_sign else "no"
        except StepError:
            same = "–"  # constant or too few units: nothing can be said
        groups.append((group.code, len(children), reliability, above, share, same))
        own = correlation(block_scores, result.scores[:, [group.node]])[:, 0]
        whole = correlation(block_scores, result.scores[:, [index]])[:, 0]
        for k, child in enumerate(children):
            pairs.append((tree.codes[child], group.code, float(own[k]), float(whole[k])))
        n_against += int((own < 0).sum())
        n_weak += int(((own >= 0) & (own < weak)).sum())
        upper = correlation(block_scores, block_scores)[np.triu_indices(len(children), 1)]
        n_redundant += int((upper > redundant).sum())
    block.fact(
        "groups_with_low_alpha",
        sum(row[2] < alpha for row in groups),
        "cronbach(scores of the children)",
        flag=any(row[2] < alpha for row in groups),
    )
    call = "correlation(scores of the children, score of the group)"
    block.fact("elements_against_their_group", n_against, call, flag=n_against > 0)
    block.fact("elements_weak_in_their_group", n_weak, call, flag=n_weak > 0)
    block.fact(
        "redundant_pairs", n_redundant, "correlation(scores of the children)", flag=n_redundant > 0
    )
    block.table(
        "groups",
        "cronbach(children); principal_components(children)",
        ("group", "elements", "alpha", "eigenvalues > 1", "first component", "one sign"),
        groups,
    )
    block.table("correlations", call, ("element", "group", "with group", "with index"), pairs)
    _importance(block, result)
    _more_than_one_part(block, result, wide)
    return block


def _importance(block: Block, result: Result) -> None:
    """Nominal against effective importance, group by group: r² with the index, as shares."""
    tree, rows = result.tree, []
    effective = tree.effective_weights(result.weights)
    for group in tree.groups:
        children = list(group.children)
        r = correlation(result.scores[:, children], result.scores[:, [group.node]])[:, 0]
        total = np.nansum(r**2)
        own = result.weights[children] / result.weights[children].sum()
        for k, child in enumerate(children):
            share = float(r[k] ** 2 / total) if total > 0 else float("nan")
            rows.append(
                (tree.codes[child], group.code, float(own[k]), share, float(effective[child]))
            )
    block.table(
        "importance",
        "tree.effective_weights(weights); correlation(…)² as shares",
        ("element", "group", "weight", "r² share", "weight in the index"),
        rows,
    )


def _more_than_one_part(block: Block, result: Result, wide: int) -> None:
    tree = result.tree
    low = tree.levels[0]
    rows = []
    for group in tree.groups:
        if group.level != low or group.node == tree.index_node:
            continue
        ranks = rank_scores(result.scores[:, group.node])
        both = (ranks > 0) & (result.ranks > 0)
        far = np.abs(ranks - result.ranks)[both] >= wide
        rows.append((group.code, float(far.mean()) if far.size else float("nan")))
    if rows:
        block.table(
            "more_than_one_part", f"rank_scores(group) against result.ranks, ≥ {wide} apart",
            ("group", "share of units"), rows,
        )  # fmt: skip


def use_block(found: Uncertainty, earlier: Result | None, sure: float) -> Block:
    """Which conclusions survive, what makes a unit strong or weak, what changed since."""
    block, nominal = Block("use"), found.nominal
    top = min(10, max(1, len(nominal.units) // 4))
    chances = found.top(top)
    call = f"run_uncertainty(…).top({top})"
    order = sorted(
        np.flatnonzero(nominal.ranks > 0).tolist(),
        key=lambda k: (nominal.ranks[k], nominal.units[k]),
    )
    safe = [nominal.units[k] for k in order if chances[k] >= sure]
    block.fact("robust_top_group", ", ".join(safe) or "–", call)
    block.fact("top_group_size", top, call)
    before = found.before()
    pairs = list(itertools.pairwise(order))
    firm = sum(before[a, b] >= sure for a, b in pairs)
    block.fact("neighbours_in_robust_order", int(firm), "run_uncertainty(…).before()")
    block.fact("neighbours", len(pairs), "run_uncertainty(…).before()")
    triangle = np.triu_indices(len(order), 1)
    ordered = before[np.ix_(order, order)][triangle]
    share = float(np.mean(ordered >= sure)) if ordered.size else float("nan")
    block.fact("share_of_robust_pairs", share, "run_uncertainty(…).before()")
    _strengths(block, nominal, order)
    if earlier is not None:
        moves = compare(earlier, nominal)
        block.table(
            "since_the_earlier_edition",
            "compare(earlier, nominal)",
            ("unit", "rank before", "rank now", "score before", "score now"),
            [(m.unit, m.rank_before, m.rank_after, m.score_before, m.score_after) for m in moves],
        )
    return block


def _strengths(block: Block, nominal: Result, order: Sequence[int]) -> None:
    scored = np.array(order, dtype=np.int64)
    middle = np.nanmedian(nominal.normalised, axis=0)[None, :]
    try:
        typical = aggregate_tree(
            middle, nominal.tree, nominal.weights, nominal.method.aggregate, units=["median"]
        )
        found = decompose(
            nominal.tree,
            nominal.method.aggregate,
            (np.repeat(typical, len(scored), axis=0), _full_shares(nominal, len(scored))),
            (nominal.scores[scored], result_shares(nominal)[scored]),
        ).values
    except StepError:
        return  # an index that compares units has no parts to show
    rows = []
    for k, row in enumerate(order):
        ranked = np.argsort(np.nan_to_num(found[k]), kind="stable")
        codes = nominal.tree.indicators
        weak = ", ".join(codes[j] for j in ranked[:3] if found[k, j] < 0)
        strong = ", ".join(codes[j] for j in ranked[::-1][:3] if found[k, j] > 0)
        rows.append((nominal.units[row], strong or "–", weak or "–"))
    block.table(
        "strengths_and_weaknesses",
        "explanation.decompose(median of each indicator, unit)",
        ("unit", "lifted by", "held back by"),
        rows,
    )


def _full_shares(result: Result, times: int) -> Floats:
    """Shares of a unit without gaps, repeated."""
    shares = np.ones(len(result.tree.elements))
    for group in result.tree.groups:
        children = list(group.children)
        shares[children] = result.weights[children] / result.weights[children].sum()
    return np.tile(shares, (times, 1))
