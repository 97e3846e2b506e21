"""From children to their parent's score: weighted means, and methods that compare units.

Missing children are left out and their weight goes to the others, in every method alike; a group
with too few children is missing itself. Values a mean cannot take are refused, skipped or raised to
a floor, as its rule says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import TIE, Bools, Floats
from .errors import StepError
from .mcdm import copeland, topsis, vikor
from .method import POSITIVE_ONLY, Aggregate, Mean, Policy, Rule
from .tree import Tree


def aggregate_tree(
    normalised: Floats, tree: Tree, weights: Floats, spec: Aggregate, *, units: Sequence[str]
) -> Floats:
    """Scores of every node.

    Parameters
    ----------
    normalised : shape (units, indicators)
    weights : shape (nodes,)
        Relative; re-scaled inside each group to the children that are available.

    Returns
    -------
    scores : shape (units, nodes)
        Indicators first, as given; NaN = missing.

    Raises
    ------
    StepError
        A value a mean cannot take, with unit and element.
    """
    scores = np.full((len(normalised), len(tree.elements)), np.nan)
    scores[:, : tree.n_indicators] = normalised
    for group in tree.groups:
        children = list(group.children)
        names = [tree.codes[n] for n in children]
        scores[:, group.node] = combine(
            scores[:, children],
            weights[children],
            spec.of(group.code, group.level),
            min_available=spec.threshold(group.level),
            where=(units, names, group.code),
            noise=noise_of(children, tree),
        )
    return scores


def noise_of(children: Sequence[int], tree: Tree) -> float:
    """Children that were added up before carry the noise of their sums; indicators carry none."""
    return TIE if min(children) >= tree.n_indicators else 0.0


def combine(
    values: Floats,
    weights: Floats,
    rule: Rule,
    *,
    min_available: float = 0.0,
    where: tuple[Sequence[str], Sequence[str], str] | None = None,
    noise: float = 0.0,
) -> Floats:
    """One score per unit from its children.

    arithmetic Σwx/Σw; geometric exp(Σw·ln x/Σw); harmonic Σw/Σ(w/x); generalised_mean
    (Σw·xᵖ/Σw)^(1/p); copeland: units it beats less units it loses to, by weight of the children;
    topsis, vikor (1 − Q, so that more is better): relative to the best and worst unit.

    Parameters
    ----------
    values : shape (units, children)
        NaN = missing.
    weights : shape (children,)
    min_available
        Share of children, counted, that must be available.
    where
        (units, children, parent), to name the place in an error.
    noise
        See `mcdm.copeland`.

    Returns
    -------
    scores : shape (units,)

    Raises
    ------
    StepError
        A value that is not above zero under a mean that needs it.

    >>> combine(np.array([[1.0, 4.0], [4.0, np.nan]]), np.ones(2), Rule(Mean.GEOMETRIC))
    array([2., 4.])
    """
    values = admissible(values, rule, where)
    available = ~np.isnan(values)
    too_few = available.mean(axis=1) < min_available - 1e-12
    match rule.mean:
        case Mean.COPELAND:
            scores = copeland(values, weights, noise=noise)
        case Mean.TOPSIS:
            scores = topsis(values, weights)
        case Mean.VIKOR:
            scores = 1.0 - vikor(values, weights, v=rule.v)
        case _:
            used = available & (weights > 0)
            share = np.where(used, weights, 0.0)
            total = share.sum(axis=1)
            forward = transform(np.where(used, values, 1.0), rule)
            with np.errstate(invalid="ignore", divide="ignore"):
                scores = backward((share * np.where(used, forward, 0.0)).sum(axis=1) / total, rule)
    return np.where(too_few, np.nan, scores)


def admissible(
    values: Floats, rule: Rule, where: tuple[Sequence[str], Sequence[str], str] | None = None
) -> Floats:
    """Values a rule can take: the policy for zero and negative ones applied.

    Raises StepError under the policy error; the message names unit, child and parent.
    """
    bad = inadmissible(values, rule)
    if not bad.any():
        return values
    if rule.nonpositive is Policy.SKIP:
        return np.where(bad, np.nan, values)
    if rule.nonpositive is Policy.FLOOR:
        return np.where(bad, rule.floor, values)
    row, column = (int(k) for k in np.argwhere(bad)[0])
    place = ""
    if where is not None:
        units, children, parent = where
        place = f" of “{parent}”: “{children[column]}” of unit “{units[row]}”"
    raise StepError(
        f"{rule.label} mean{place} is {values[row, column]:g}, but it needs values above zero "
        f"({int(bad.sum())} such); choose a scale that begins above zero, such as range: [1, 100], "
        "or say nonpositive: skip or floor",
        code="nonpositive",
        unit=where[0][row] if where else "",
        element=where[1][column] if where else "",
    )


def inadmissible(values: Floats, rule: Rule) -> Bools:
    """Cells a rule cannot take. NaN is not one of them."""
    with np.errstate(invalid="ignore"):
        if rule.mean in POSITIVE_ONLY or (rule.mean is Mean.GENERALISED and rule.power < 0):
            return np.asarray(values <= 0)
        if rule.mean is Mean.GENERALISED and rule.power != round(rule.power):
            return np.asarray(values < 0)
        if rule.mean is Mean.GENERALISED and rule.power % 2 == 0:
            return np.asarray(values < 0)  # an even power would forget the sign
    return np.zeros(values.shape, dtype=bool)


def transform(values: Floats, rule: Rule) -> Floats:
    """The scale on which a quasi-arithmetic mean is a weighted sum."""
    match rule.mean:
        case Mean.GEOMETRIC:
            return np.log(values)
        case Mean.HARMONIC:
            return 1.0 / values
        case Mean.GENERALISED:
            return np.asarray(values**rule.power)
        case _:
            return values


def backward(values: Floats, rule: Rule) -> Floats:
    """Inverse of `transform`."""
    # A group of which nothing is there sums to zero; its inverse is masked by whoever asks.
    with np.errstate(divide="ignore"):
        match rule.mean:
            case Mean.GEOMETRIC:
                return np.exp(values)
            case Mean.HARMONIC:
                return 1.0 / values
            case Mean.GENERALISED:
                root = np.abs(values) ** (1.0 / rule.power)
                return np.asarray(np.copysign(root, values))
            case _:
                return values
