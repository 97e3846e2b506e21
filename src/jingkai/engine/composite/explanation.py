"""Why a score is what it is: contributions that add up exactly, for every kind of weighted mean.

For a mean M = f⁻¹(Σ s·f(x)), the difference between two states is

    M − M₀ = λ · [ Σ s̄·(f(x) − f(x₀)) + Σ (f̄ − c)·(s − s₀) ], λ = (M − M₀)/(f(M) − f(M₀))

with s̄, f̄ the averages of both states and c the average of f(M), f(M₀). The first sum is due to
values, the second to shares (a missing child, changed weights). Both are exact; applied from the
index down, every indicator gets its part, and the parts sum to the difference. For geometric
means this is the logarithmic-mean Divisia decomposition; for shares, Bennet's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .aggregation import transform
from .arrays import Floats
from .build import Result
from .errors import StepError
from .kernel import RELATIVE
from .method import Aggregate, Mean, Rule
from .tree import Tree


@dataclass(frozen=True, slots=True)
class Part:
    """One bar of a waterfall."""

    code: str
    kind: str
    """value, weight, bonus, deduction, lifted or vetoed."""
    amount: float
    """In points of the index."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From one number to another: start + sum of the parts = end."""

    unit: str
    start: float
    parts: tuple[Part, ...]
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """Exact parts of the difference between two states of all units."""

    values: Floats
    """Shape (units, indicators): due to the indicator's score."""
    shares: Floats
    """Shape (units, nodes): due to the node's share in its parent; 0 when shares did not change."""


def contributions(result: Result, *, baseline: float | None = None) -> Contributions:
    """How far each indicator lifts each unit above a baseline where every indicator scores alike.

    A unit that scores `baseline` everywhere has index `baseline` under any mean, so
    baseline + values.sum(axis=1) is the index before adjustments, exactly.

    Parameters
    ----------
    baseline
        Default 0 for arithmetic trees; otherwise the bottom of the scale when that is above zero,
        else the smallest indicator score.

    Raises
    ------
    StepError
        An aggregation that compares units (Copeland, TOPSIS, VIKOR), or a baseline its mean cannot
        take: there is no such decomposition.
    """
    base = default_baseline(result) if baseline is None else baseline
    n = len(result.units)
    state = np.full((n, len(result.tree.elements)), base)
    shares = result_shares(result)
    return decompose(result.tree, result.method.aggregate, (state, shares), (result.scores, shares))


def default_baseline(result: Result) -> float:
    """See `contributions`."""
    spec, groups = result.method.aggregate, result.tree.groups
    if all(spec.of(group.code, group.level).mean is Mean.ARITHMETIC for group in groups):
        return 0.0
    bounds = [result.method.normalise.of(code).bounds for code in result.tree.indicators]
    lows = [low for low, _high in filter(None, bounds)]
    if len(lows) == len(bounds) and min(lows) > 0:
        return min(lows)
    smallest = float(np.min(result.normalised, where=~np.isnan(result.normalised), initial=np.inf))
    if smallest == np.inf:
        raise StepError("no indicator has a finite score: there is nothing to explain")
    if smallest <= 0:
        raise StepError("scores are not above zero: name a baseline the means can take")
    return smallest


def explain_score(result: Result, unit: str, *, baseline: float | None = None) -> Waterfall:
    """Waterfall of one unit's score, adjustments included."""
    row = _row(result, unit)
    base = default_baseline(result) if baseline is None else baseline
    parts = contributions(result, baseline=base).values[row]
    bars = [
        Part(code, "value", float(amount))
        for code, amount in zip(result.tree.indicators, parts, strict=True)
        if amount == amount
    ]
    bars += _adjustments(result, row, 1.0)
    return Waterfall(unit, base, tuple(bars), float(result.index[row]))


def explain_change(before: Result, after: Result, unit: str) -> Waterfall:
    """Waterfall from a unit's score in one run to its score in another.

    Both runs need the same tree of codes and the same aggregation; data, imputation, treatment,
    scales and weights may differ.

    Raises
    ------
    StepError
        The trees or aggregations differ, or the unit has no score in one of the runs.
    """
    rows = _row(before, unit), _row(after, unit)
    if np.isnan(before.index[rows[0]]) or np.isnan(after.index[rows[1]]):
        raise StepError(f"unit “{unit}” has no score in one of the runs", unit=unit)
    return explain_changes(before, after, [unit])[0]


def explain_changes(
    before: Result, after: Result, units: Sequence[str] | None = None
) -> tuple[Waterfall, ...]:
    """Waterfalls of many units at once; see `explain_change`.

    Parameters
    ----------
    units
        Units with a score in both runs; default: all of them, in the order of `after`.

    Raises
    ------
    StepError
        The trees or aggregations differ.
    """
    if before.tree.codes != after.tree.codes:
        raise StepError("the two runs have different elements: build both on one tree")
    if before.method.aggregate != after.method.aggregate:
        raise StepError("the two runs aggregate differently: change one thing at a time")
    place = {unit: row for row, unit in enumerate(before.units)}
    if units is None:
        units = [
            unit
            for row, unit in enumerate(after.units)
            if unit in place
            and not np.isnan(before.index[place[unit]])
            and not np.isnan(after.index[row])
        ]
    now = {unit: row for row, unit in enumerate(after.units)}
    rows = [place[unit] for unit in units], [now[unit] for unit in units]
    states = [
        (result.scores[own], result_shares(result)[own])
        for result, own in zip((before, after), rows, strict=True)
    ]
    found = decompose(after.tree, after.method.aggregate, states[0], states[1])
    return tuple(
        Waterfall(
            unit,
            float(before.index[first]),
            (
                *_parts(after.tree, found.values[k], found.shares[k]),
                *_adjustments(after, last, 1.0),
                *_adjustments(before, first, -1.0),
            ),
            float(after.index[last]),
        )
        for k, (unit, first, last) in enumerate(zip(units, *rows, strict=True))
    )


def _parts(tree: Tree, values: Floats, shares: Floats) -> list[Part]:
    bars = [Part(c, "value", float(x)) for c, x in zip(tree.indicators, values, strict=True)]
    bars += [Part(c, "weight", float(x)) for c, x in zip(tree.codes, shares, strict=True) if x != 0]
    return bars


def result_shares(result: Result) -> Floats:
    """Share of each node in its parent for each unit, missing children left out; (units, nodes)."""
    shares = np.zeros(result.scores.shape)
    shares[:, result.tree.index_node] = 1.0
    for group in result.tree.groups:
        children = list(group.children)
        used = ~np.isnan(result.scores[:, children]) * result.weights[children]
        total = used.sum(axis=1, keepdims=True)
        shares[:, children] = np.where(total > 0, used / np.where(total > 0, total, 1.0), 0.0)
    return shares


def decompose(
    tree: Tree,
    spec: Aggregate,
    before: tuple[Floats, Floats],
    after: tuple[Floats, Floats],
) -> Contributions:
    """Exact parts of the change of the index from one state to another.

    Parameters
    ----------
    before, after : (scores, shares), each of shape (units, nodes)
        NaN scores where a node is missing; its share is 0 there.

    Raises StepError for an aggregation without such a decomposition.
    """
    x0, s0 = before
    x1, s1 = after
    # A node missing in one state has no value effect: its share alone changed.
    a = np.where(np.isnan(x0), x1, x0)
    b = np.where(np.isnan(x1), x0, x1)
    multiplier = np.zeros(a.shape)
    multiplier[:, tree.index_node] = 1.0
    by_share = np.zeros(a.shape)
    for group in reversed(tree.groups):
        rule = spec.of(group.code, group.level)
        if rule.mean in RELATIVE:
            raise StepError(
                f"{rule.label} compares units with each other: the score of “{group.code}” has no "
                "parts of its own",
                code="no_parts",
                element=group.code,
            )
        node, children = group.node, list(group.children)
        up = 1.0 / _slope(a[:, node], b[:, node], rule)
        reach = (multiplier[:, node] * up)[:, None]
        slope = _slope(a[:, children], b[:, children], rule)
        mean_share = (s0[:, children] + s1[:, children]) / 2
        # What is missing in one state has only its share to explain it, not what lies below it.
        both = ~np.isnan(x0[:, children]) & ~np.isnan(x1[:, children])
        multiplier[:, children] = np.where(both, reach * mean_share * slope, 0.0)
        middle = (_forward(a[:, children], rule) + _forward(b[:, children], rule)) / 2
        centre = (_forward(a[:, [node]], rule) + _forward(b[:, [node]], rule)) / 2
        moved = s1[:, children] - s0[:, children]
        with np.errstate(invalid="ignore"):
            by_share[:, children] = np.where(moved != 0, reach * (middle - centre) * moved, 0.0)
    n = tree.n_indicators
    with np.errstate(invalid="ignore"):
        values = multiplier[:, :n] * (b[:, :n] - a[:, :n])
    # An infinite score has no finite parts: they stay unknown.
    there = np.isfinite(x0[:, tree.index_node]) & np.isfinite(x1[:, tree.index_node])
    used = (s0[:, :n] > 0) | (s1[:, :n] > 0)
    values = np.where(used & there[:, None], np.nan_to_num(values), np.where(used, np.nan, 0.0))
    return Contributions(values, np.nan_to_num(by_share))


def _forward(x: Floats, rule: Rule) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return transform(x, rule)


def _slope(a: Floats, b: Floats, rule: Rule) -> Floats:
    """(f(b) − f(a))/(b − a), or f′ where they are equal."""
    if rule.mean is Mean.ARITHMETIC:
        return np.ones_like(a)
    gap = b - a
    same = np.abs(gap) <= 1e-12 * np.maximum(np.abs(a), np.abs(b))
    with np.errstate(invalid="ignore", divide="ignore"):
        secant = (_forward(b, rule) - _forward(a, rule)) / np.where(same, 1.0, gap)
        middle = (a + b) / 2
        match rule.mean:
            case Mean.GEOMETRIC:
                tangent = 1.0 / middle
            case Mean.HARMONIC:
                tangent = -1.0 / middle**2
            case _:
                tangent = rule.power * middle ** (rule.power - 1.0)
    return np.where(same, tangent, secant)


def _adjustments(result: Result, row: int, sign: float) -> list[Part]:
    adjusted = result.adjusted
    if adjusted is None:
        return []
    amounts: Sequence[tuple[str, float]] = (
        ("bonus", float(adjusted.bonus[row])),
        ("deduction", -float(adjusted.deduction[row])),
        ("lifted", float(adjusted.lifted[row])),
        ("vetoed", float(adjusted.vetoed[row])),
    )
    return [Part(result.tree.index, kind, sign * amount) for kind, amount in amounts if amount]


def _row(result: Result, unit: str) -> int:
    if unit not in result.units:
        raise StepError(f"there is no unit “{unit}” in this run", unit=unit)
    return result.units.index(unit)
