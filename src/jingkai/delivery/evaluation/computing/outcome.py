"""One evaluation of a table under a scheme: scores, ranks, and how far the ranks can be relied on.

Zones that may not be ranked (too little observed, taken out by a veto) keep their score and their
place in the scales, but stand outside the ranking: the others are ranked as if they were not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jingkai.engine.composite import (
    Method,
    Result,
    Table,
    Tree,
    Uncertainty,
    build,
    rank_scores,
    run_uncertainty,
)
from jingkai.engine.composite.arrays import AnyInts, Bools, Floats, Ints
from jingkai.engine.composite.audit import default_variation
from jingkai.engine.composite.uncertainty import rank_statistics

from ..definition import Definition, base_column, canonical, sm3

COVERAGE: Final = "coverage"
VETOED: Final = "vetoed"
NO_SCORE: Final = "no_score"
FEW_PEERS: Final = "few_peers"
_CHUNK: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """An evaluation. Arrays have shape (units,), in the order of the table."""

    definition: Definition
    table: Table
    result: Result
    uncertainty: Uncertainty
    assumed: bool
    """The scheme names nothing that varies; weights ± 25 % and both means were assumed."""
    scores: Floats
    """After bonus, deduction and veto; NaN = none."""
    before: Floats
    """Before them."""
    coverage: Floats
    """Share of the points whose figures were observed."""
    ranks: AnyInts
    """1 = best, 0 = not ranked."""
    group_ranks: AnyInts
    """Inside the group; 0 = not ranked, or too few peers."""
    group_sizes: Ints
    """Ranked zones of the group."""
    low: Floats
    """5 % and 95 % of the rank over the replications; NaN = not ranked."""
    high: Floats
    why: tuple[str, ...]
    """Why there is no rank; "" = there is one."""
    frequencies: Ints
    """Shape (units, units + 1): how often each rank, over the replications; column 0: no score."""
    rank_draws: AnyInts
    """Shape (replications, units), 0 = not ranked."""

    @property
    def units(self) -> tuple[str, ...]:
        return self.table.units

    @property
    def groups(self) -> tuple[str, ...]:
        """Peer group of each unit; "" where all stand together."""
        if self.definition.group_by == "none":
            return ("",) * len(self.units)
        return self.table.group("group")

    @property
    def ranked(self) -> Bools:
        return self.ranks > 0

    def row(self, unit: str) -> int:
        """Place of a unit in the arrays. Raises ValueError."""
        return self.units.index(unit)


def evaluate(definition: Definition, table: Table, *, seed: int, replications: int) -> Outcome:
    """Build, replicate, rank. The same arguments give the same outcome, to the last digit.

    Parameters
    ----------
    table
        As `table_of` makes it: one row per zone.
    seed
        Not negative: the only source of chance.

    Raises
    ------
    CompositeError
        As the engine's `build` and `run_uncertainty`; names node and zone where there is one.
    """
    tree, method = definition.tree(), definition.engine_method()
    varied = with_variation(method, tree)
    found = run_uncertainty(
        table, tree, varied, replications=replications, rng=np.random.default_rng(seed)
    )
    result = build(table, tree, method)
    rows = _places(table, result)
    scores = _spread(result.index, rows)
    adjusted = result.adjusted
    vetoed = np.zeros(len(rows), dtype=bool)
    if adjusted is not None:
        vetoed = _spread(adjusted.is_vetoed.astype(float), rows) > 0
    coverage = observed_share(definition, table)
    why = _why(definition, scores, coverage, vetoed)
    draws = _ranked_draws(found, rows, np.array([not reason for reason in why]))
    ranks, group_ranks, sizes, why = _ranks(definition, table, scores, why)
    frequencies = _frequencies(draws, len(table.units))
    spread = rank_statistics(frequencies)
    shown = ranks > 0
    return Outcome(
        definition=definition,
        table=table,
        result=result,
        uncertainty=found,
        assumed=method.vary.is_empty,
        scores=scores,
        before=_spread(result.scores[:, tree.index_node], rows),
        coverage=coverage,
        ranks=ranks,
        group_ranks=group_ranks,
        group_sizes=sizes,
        low=np.where(shown, spread.q05, np.nan),
        high=np.where(shown, spread.q95, np.nan),
        why=why,
        frequencies=frequencies,
        rank_draws=draws,
    )


def with_variation(method: Method, tree: Tree) -> Method:
    """The method; one that varies nothing is varied as the engine's audit assumes."""
    return replace(method, vary=default_variation(method, tree)) if method.vary.is_empty else method


def observed_share(definition: Definition, table: Table) -> Floats:
    """Share of the root's points whose figures were observed, by unit.

    A leaf's points for growth count when both years were observed, those for the level with the
    data year alone.
    """
    total = np.zeros(len(table.units))
    for leaf in definition.leaves:
        there = ~np.isnan(table.column(leaf.code))
        grown = there & ~np.isnan(table.column(base_column(leaf.code)))
        growth = float(leaf.growth_share or 0)
        total += float(leaf.points) * (there * (1.0 - growth) + grown * growth)
    points = sum(float(leaf.points) for leaf in definition.leaves)
    share: Floats = np.round(total / points, 12) if points else total
    return share


def result_digest(outcome: Outcome) -> str:
    """SM3 over what was said of each zone: score, ranks, interval; floats as `repr` writes them."""
    return sm3(
        canonical(
            [
                [
                    unit,
                    repr(float(outcome.scores[row])),
                    int(outcome.ranks[row]),
                    int(outcome.group_ranks[row]),
                    repr(float(outcome.low[row])),
                    repr(float(outcome.high[row])),
                    repr(float(outcome.coverage[row])),
                    outcome.why[row],
                ]
                for row, unit in enumerate(outcome.units)
            ]
        )
    )


def _places(table: Table, result: Result) -> Ints:
    """Row of each unit in the result; −1 when it was screened out."""
    kept = {unit: row for row, unit in enumerate(result.units)}
    return np.array([kept.get(unit, -1) for unit in table.units], dtype=np.int64)


def _spread(values: Floats, rows: Ints) -> Floats:
    found: Floats = np.where(rows >= 0, values[rows], np.nan)
    return found


def _why(
    definition: Definition, scores: Floats, coverage: Floats, vetoed: Bools
) -> tuple[str, ...]:
    least = float(definition.min_coverage)
    reasons = []
    for score, share, veto in zip(scores.tolist(), coverage.tolist(), vetoed.tolist(), strict=True):
        if veto and score != score:
            reasons.append(VETOED)
        elif score != score:
            reasons.append(NO_SCORE)
        else:
            reasons.append(COVERAGE if share < least else "")
    return tuple(reasons)


def _ranks(
    definition: Definition, table: Table, scores: Floats, why: tuple[str, ...]
) -> tuple[AnyInts, AnyInts, Ints, tuple[str, ...]]:
    """Ranks, group ranks, group sizes; a field too small to be ranked says so."""
    eligible = np.array([not reason for reason in why])
    counted = np.where(eligible, scores, np.nan)
    ranks = rank_scores(counted)
    if eligible.sum() < definition.min_group:
        ranks = np.zeros_like(ranks)
        why = tuple(reason or FEW_PEERS for reason in why)
    group_ranks = np.zeros_like(ranks)
    sizes = np.zeros(len(ranks), dtype=np.int64)
    if definition.group_by == "none":
        sizes[:] = int(eligible.sum())
        return ranks, group_ranks, sizes, why
    labels = np.array(table.group("group"), dtype=object)
    for label in dict.fromkeys(labels.tolist()):
        rows = labels == label
        sizes[rows] = int((rows & eligible).sum())
        if sizes[rows][0] >= definition.min_group:
            group_ranks[rows] = rank_scores(counted[rows])
    return ranks, group_ranks, sizes, why


def _ranked_draws(found: Uncertainty, rows: Ints, eligible: Bools) -> AnyInts:
    """Ranks of every replication among the zones that may be ranked; (replications, units)."""
    if found.ranks is None:
        raise ValueError("the ranks of the replications were not kept")
    columns = np.flatnonzero(eligible)
    if len(columns) == len(rows) and (rows == np.arange(len(rows))).all():
        return found.ranks
    draws = np.zeros((len(found.ranks), len(rows)), dtype=found.ranks.dtype)
    if not len(columns):
        return draws
    for start in range(0, len(draws), _CHUNK):
        part = found.ranks[start : start + _CHUNK][:, rows[columns]].astype(float)
        draws[start : start + _CHUNK, columns] = rank_scores(np.where(part > 0, -part, np.nan))
    return draws


def _frequencies(draws: AnyInts, units: int) -> Ints:
    counts = np.zeros((units, units + 1), dtype=np.int64)
    for unit in range(units):
        counts[unit] = np.bincount(draws[:, unit], minlength=units + 1)
    return counts
