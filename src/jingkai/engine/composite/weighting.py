"""Weights of all nodes of a tree: given, equal, or derived inside each group."""

from __future__ import annotations

import numpy as np

from . import derived
from .arrays import Floats
from .errors import WeightError
from .method import WeightRule
from .tree import Tree, nearest


def tree_weights(tree: Tree, rule: WeightRule, normalised: Floats) -> Floats:
    """Weights of all nodes.

    given: from the elements. equal: 1 everywhere. ahp: from the matrices, children of other parents
    given. All others are computed for the indicators inside each group from the normalised ("more
    is better") scores of the units that have all of them; higher levels keep their given weights.

    Parameters
    ----------
    normalised : shape (units, indicators)

    Returns
    -------
    weights : shape (nodes,), relative inside each group

    Raises
    ------
    WeightError
        A weight is missing or negative, sums are not what they must be, or a group has no
        information (all constant).
    """
    n = len(tree.elements)
    if rule.method == "equal":
        return np.ones(n)
    named = any(rule.column in element.numbers for element in tree.elements)
    given = tree.weights(rule.column) if named or rule.method == "given" else np.ones(n)
    if rule.sums_to is not None:
        for group in tree.groups:
            total = float(given[list(group.children)].sum())
            if abs(total - rule.sums_to) > 1e-9 * max(1.0, abs(rule.sums_to)):
                raise WeightError(
                    f"the weights under “{group.code}” sum to {total:g}, not to {rule.sums_to:g}",
                    code="sums_to",
                    element=group.code,
                    column=rule.column,
                )
    if rule.method == "given":
        return given
    weights = given.copy()
    if rule.method == "ahp":
        return _ahp(tree, rule, weights)
    for group in tree.groups:
        columns = [child for child in group.children if child < tree.n_indicators]
        if not columns:
            continue
        block = normalised[:, columns]
        block = block[~np.isnan(block).any(axis=1)]
        try:
            found = derived.METHODS[rule.method](block)
        except WeightError as problem:
            raise WeightError(
                f"{rule.method} weights under “{group.code}”: {problem}",
                code=problem.code,
                element=group.code,
            ) from problem
        # Inside a mixed group the derived weights share what the indicators had together.
        weights[columns] = found * given[columns].sum()
    return weights


def _ahp(tree: Tree, rule: WeightRule, weights: Floats) -> Floats:
    by_code = {group.code: group for group in tree.groups}
    for parent, rows in rule.matrices.items():
        if parent not in by_code:
            raise WeightError(
                f"AHP: there is no aggregate “{parent}”{nearest(parent, list(by_code))}",
                code="ahp",
                element=parent,
            )
        children = list(by_code[parent].children)
        if len(rows) != len(children):
            raise WeightError(
                f"AHP: the matrix of “{parent}” compares {len(rows)} elements, but it has "
                f"{len(children)}: {', '.join(tree.codes[n] for n in children)}",
                code="ahp",
                element=parent,
            )
        judged = derived.ahp(np.array(rows), rule=rule.rule)
        if judged.ratio > rule.max_ratio:
            raise WeightError(
                f"AHP: the judgements under “{parent}” contradict each other: consistency ratio "
                f"{judged.ratio:.3f}, allowed {rule.max_ratio:g}",
                code="inconsistent",
                element=parent,
            )
        weights[children] = judged.weights
    return weights
