"""Comparisons that add up exactly: with the median of the peers, and with the year before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jingkai.engine.composite import (
    CompositeError,
    Part,
    Result,
    StepError,
    Table,
    Waterfall,
    build,
    explain_change,
)
from jingkai.engine.composite.aggregation import aggregate_tree
from jingkai.engine.composite.arrays import Bools, Floats
from jingkai.engine.composite.explanation import decompose
from jingkai.engine.composite.robustness import with_weights

from ..definition import Definition, base_column
from .outcome import Outcome


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """The middle of a group: a zone that has the group's median score on every leaf."""

    label: str
    """Group, or "" for all ranked zones."""
    size: int
    scores: Floats
    """Shape (1, nodes)."""
    shares: Floats


def peers_of(outcome: Outcome) -> dict[str, Peers]:
    """By group label; a group too small to be ranked is held against all ranked zones."""
    found: dict[str, Peers] = {}
    groups = np.array(outcome.groups, dtype=object)
    place = {unit: row for row, unit in enumerate(outcome.result.units)}
    for label in dict.fromkeys(outcome.groups):
        inside = (groups == label) & outcome.ranked
        own = bool(label) and int(inside.sum()) >= outcome.definition.min_group
        rows: Bools = inside if own else outcome.ranked
        kept = [place[unit] for unit, there in zip(outcome.units, rows, strict=True) if there]
        if kept:
            found[label] = _middle(outcome.result, kept, str(label) if own else "")
    return found


def _middle(result: Result, rows: list[int], label: str) -> Peers:
    tree = result.tree
    part = result.normalised[rows]
    seen = ~np.isnan(part).all(axis=0)
    middle = np.full((1, part.shape[1]), np.nan)
    middle[0, seen] = np.nanmedian(part[:, seen], axis=0)
    scores = aggregate_tree(middle, tree, result.weights, result.method.aggregate, units=["median"])
    shares = np.zeros(scores.shape)
    shares[:, tree.index_node] = 1.0
    for group in tree.groups:
        children = list(group.children)
        used = ~np.isnan(scores[:, children]) * result.weights[children]
        total = used.sum(axis=1, keepdims=True)
        shares[:, children] = np.where(total > 0, used / np.where(total > 0, total, 1.0), 0.0)
    return Peers(label, len(rows), scores, shares)


def against_median(outcome: Outcome, unit: str, peers: Peers, shares: Floats) -> Waterfall | None:
    """From the peers' median to the zone's score; None where the mean has no parts.

    `shares`: the engine's `result_shares`, worked out once for all zones.
    """
    result = outcome.result
    if unit not in result.units:
        return None
    row = result.units.index(unit)
    end = float(result.index[row])
    start = float(peers.scores[0, result.tree.index_node])
    if end != end or start != start:
        return None
    try:
        found = decompose(
            result.tree,
            result.method.aggregate,
            (peers.scores, peers.shares),
            (result.scores[[row]], shares[[row]]),
        )
    except StepError:
        return None
    parts = [
        Part(code, kind, float(amount))
        for kind, codes, amounts in (
            ("value", result.tree.indicators, found.values[0]),
            ("weight", result.tree.codes, found.shares[0]),
        )
        for code, amount in zip(codes, amounts, strict=True)
        if amount != 0
    ]
    return Waterfall(unit, start, (*parts, *_adjustments(result, row)), end)


def _adjustments(result: Result, row: int) -> list[Part]:
    adjusted = result.adjusted
    if adjusted is None:
        return []
    amounts = (
        ("bonus", float(adjusted.bonus[row])),
        ("deduction", -float(adjusted.deduction[row])),
        ("lifted", float(adjusted.lifted[row])),
        ("vetoed", float(adjusted.vetoed[row])),
    )
    return [Part(result.tree.index, kind, amount) for kind, amount in amounts if amount]


@dataclass(frozen=True, slots=True, eq=False)
class YearBefore:
    """What this year is held against.

    `basis` "run": the published run of the year before, scores as published. "inputs": the same
    scheme on the figures of the year before as they were frozen here: levels only, since growth
    would need one year more, and without bonus, deduction and veto.
    """

    basis: str
    before: Result
    after: Result
    run: int | None = None


def year_before(
    definition: Definition, table: Table, outcome: Outcome,
    published: tuple[int, Result] | None = None,
) -> YearBefore | None:  # fmt: skip
    """The comparison with the year before; None where last year's figures cannot carry one."""
    if published is not None:
        number, earlier = published
        same = (
            earlier.tree.codes == outcome.result.tree.codes
            and earlier.method.aggregate == outcome.result.method.aggregate
        )
        if same:
            return YearBefore("run", earlier, outcome.result, number)
    method = replace(definition.engine_method(), split={}, adjust=None)
    numbers = dict(table.numbers)
    for leaf in definition.leaves:
        numbers[leaf.code] = table.column(base_column(leaf.code))
    if all(np.isnan(numbers[leaf.code]).all() for leaf in definition.leaves):
        return None
    try:
        # What a leaf gives for growth has no weight here; its level keeps its own points.
        tree = with_weights(
            definition.tree(),
            {
                leaf.code: float(leaf.points * (1 - leaf.growth_share))
                for leaf in definition.leaves
                if leaf.growth_share
            },
        )
        return YearBefore(
            "inputs",
            build(Table(table.units, numbers, table.texts), tree, method),
            build(table, tree, method),
        )
    except CompositeError:
        return None  # last year's figures do not fit this year's method: nothing to compare


def against_last_year(years: YearBefore | None, unit: str) -> Waterfall | None:
    """From last year's score to this year's; None where the zone has no score in one of them."""
    if years is None:
        return None
    try:
        return explain_change(years.before, years.after, unit)
    except StepError:
        return None
