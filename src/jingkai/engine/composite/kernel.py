"""Index scores of many weight vectors at once.

Nested means of one kind over complete data are one weighted sum with effective weights, so
thousands of replications are a matrix product. Levels of different kinds are summed group by
group; subtrees of one kind are still collapsed. Missing cells keep a second sum, of the weights
that are available. What compares units by scores that change with the weights (Copeland, or
TOPSIS above other aggregates) is compared replication by replication.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .aggregation import (
    admissible,
    aggregate_tree,
    backward,
    inadmissible,
    noise_of,
    transform,
)
from .arrays import Bools, Floats
from .errors import StepError
from .mcdm import copeland, topsis, vikor
from .method import Aggregate, Mean, Policy, Rule
from .tree import Group, Tree

RELATIVE = frozenset({Mean.COPELAND, Mean.TOPSIS, Mean.VIKOR})


class Kernel:
    """One set of normalised data under one aggregation, ready for any number of weight vectors.

    Parameters
    ----------
    normalised : shape (units, indicators), or (replications, units, indicators)
        In the second form every weight vector meets its own data.

    Raises
    ------
    StepError
        A value the lowest mean cannot take, with unit and element.
    """

    def __init__(
        self, normalised: Floats, tree: Tree, spec: Aggregate, units: Sequence[str]
    ) -> None:
        self.tree, self.spec, self.units = tree, spec, units
        self.rules = {group.node: spec.of(group.code, group.level) for group in tree.groups}
        self.own_data = normalised.ndim == 3
        self.plain = normalised
        n_units = normalised.shape[-2]
        missing = np.isnan(normalised)
        if self.own_data:
            # Collapsing needs the same gaps in every replication.
            self.uneven = bool((missing != missing[0]).any())
            missing = missing[0]
        else:
            self.uneven = False
        available = {n: ~missing[:, n] for n in range(tree.n_indicators)}
        self.leaves: dict[int, Floats] = {}
        for group in tree.groups:
            rule = self.rules[group.node]
            leaves = [child for child in group.children if child < tree.n_indicators]
            if leaves:
                self._take_in(normalised[..., leaves], leaves, rule, group)
            share = np.mean([available[child] for child in group.children], axis=0)
            there = np.any([available[child] for child in group.children], axis=0)
            available[group.node] = there & (share >= spec.threshold(group.level) - 1e-12)
        self.available: dict[int, Bools] = available
        self.complete = {
            group.node: bool(all(available[child].all() for child in group.children))
            for group in tree.groups
        }
        self.n_units = n_units
        relative = any(rule.mean in RELATIVE for rule in self.rules.values())
        self.loop = self.uneven or (self.own_data and relative)

    def _take_in(self, block: Floats, leaves: list[int], rule: Rule, group: Group) -> None:
        """Keep the indicators of one group as the terms their mean adds up."""
        missing = np.isnan(block)
        bad = inadmissible(block, rule)
        if bad.any():
            if rule.nonpositive is Policy.FLOOR:
                block = np.where(bad, rule.floor, block)
            else:
                rows = block if block.ndim == 2 else block.min(axis=0)
                names = [self.tree.codes[leaf] for leaf in leaves]
                admissible(rows, rule, (self.units, names, group.code))
        if rule.mean not in RELATIVE:
            block = np.where(missing, 0.0, transform(np.where(missing, 1.0, block), rule))
        for k, leaf in enumerate(leaves):
            self.leaves[leaf] = block[..., k]

    def scores(self, weights: Floats) -> Floats:
        """Index score of each unit under each weight vector.

        Parameters
        ----------
        weights : shape (replications, nodes)

        Returns
        -------
        scores : shape (replications, units)
            NaN = no score.
        """
        zero = weights <= 0
        if self.loop or (zero.any() and bool((zero != zero[0]).any() or not self._simple())):
            return self._one_by_one(weights)
        return self._level(self.tree.index_node, weights, {})

    def _simple(self) -> bool:
        return all(self.complete.values())

    def _one_by_one(self, weights: Floats) -> Floats:
        scores = np.empty((len(weights), self.n_units))
        for r, one in enumerate(weights):
            data = self.plain[r] if self.own_data else self.plain
            nodes = aggregate_tree(data, self.tree, one, self.spec, units=self.units)
            scores[r] = nodes[:, self.tree.index_node]
        return scores

    def _level(self, node: int, weights: Floats, memory: dict[int, Floats]) -> Floats:
        if node in memory:
            return memory[node]
        group = next(g for g in self.tree.groups if g.node == node)
        rule = self.rules[node]
        if rule.mean in RELATIVE:
            memory[node] = self._compared(group, rule, weights, memory)
            return memory[node]
        if self.complete[node]:
            terms = self._terms(group, rule, weights)
            total = self._sum(terms, rule, weights, memory)
        else:
            terms = {child: weights[:, child] for child in group.children}
            total = self._sum(terms, rule, weights, memory)
            there = np.array([self.available[child] for child in group.children], dtype=float)
            total /= np.maximum(weights[:, list(group.children)] @ there, 1e-300)
        scores = backward(total, rule)
        if not self.available[node].all():
            scores[:, ~self.available[node]] = np.nan
        memory[node] = scores
        return scores

    def _compared(
        self, group: Group, rule: Rule, weights: Floats, memory: dict[int, Floats]
    ) -> Floats:
        """Scores by comparing units: at once over indicators, else one replication at a time."""
        children = list(group.children)
        own = weights[:, children]
        fixed = all(child < self.tree.n_indicators for child in children)
        noise = noise_of(children, self.tree)
        if fixed and rule.mean is not Mean.COPELAND:
            values = np.stack([self.leaves[child] for child in children], axis=1)
            scores = _compare(values, own, rule)
        else:
            scores = np.empty((len(weights), self.n_units))
            columns = [
                np.broadcast_to(self.leaves[child], scores.shape)
                if child < self.tree.n_indicators
                else self._level(child, weights, memory)
                for child in children
            ]
            for r in range(len(weights)):
                values = np.stack([column[r] for column in columns], axis=1)
                scores[r] = _compare(values, own[r], rule, noise)
        scores[:, ~self.available[group.node]] = np.nan
        return scores

    def _terms(self, group: Group, rule: Rule, weights: Floats) -> dict[int, Floats]:
        """Shares of the nodes that a complete group is a weighted sum of."""
        children = list(group.children)
        own = weights[:, children]
        shares = own / own.sum(axis=1, keepdims=True)
        found: dict[int, Floats] = {}
        for k, child in enumerate(children):
            same = child in self.rules and self.rules[child] == rule and self.complete[child]
            if same and self.spec_allows(child):
                inner = next(g for g in self.tree.groups if g.node == child)
                for base, share in self._terms(inner, rule, weights).items():
                    found[base] = share * shares[:, k]
            else:
                found[child] = shares[:, k]
        return found

    def spec_allows(self, node: int) -> bool:
        """Whether a node's own score is an exact step on the way: no floor changes it."""
        return self.rules[node].nonpositive is not Policy.FLOOR

    def _sum(
        self, terms: dict[int, Floats], rule: Rule, weights: Floats, memory: dict[int, Floats]
    ) -> Floats:
        leaves = [node for node in terms if node < self.tree.n_indicators]
        total = np.zeros((len(weights), self.n_units))
        if leaves:
            shares = np.stack([terms[node] for node in leaves], axis=1)
            if self.own_data:
                data = np.stack([self.leaves[node] for node in leaves], axis=1)
                total = np.matmul(shares[:, None, :], data)[:, 0]
            else:
                total = shares @ np.stack([self.leaves[node] for node in leaves])
        for node, share in terms.items():
            if node in leaves:
                continue
            below = self._level(node, weights, memory)
            missing = np.isnan(below) if not self.available[node].all() else None
            bad = inadmissible(below, rule)
            if bad.any():
                below = self._mend(below, bad, rule, node)
            filled = below if missing is None else np.where(missing, 1.0, below)
            part = share[:, None] * transform(filled, rule)
            total += part if missing is None else np.where(missing, 0.0, part)
        return total

    def _mend(self, below: Floats, bad: Bools, rule: Rule, node: int) -> Floats:
        if rule.nonpositive is Policy.FLOOR:
            return np.where(bad, rule.floor, below)
        r, unit = (int(k) for k in np.argwhere(bad)[0])
        raise StepError(
            f"{rule.label} mean: “{self.tree.codes[node]}” of unit “{self.units[unit]}” is "
            f"{below[r, unit]:g} in a replication, but it needs values above zero",
            code="nonpositive",
            unit=self.units[unit],
            element=self.tree.codes[node],
        )


def _compare(values: Floats, weights: Floats, rule: Rule, noise: float = 0.0) -> Floats:
    match rule.mean:
        case Mean.COPELAND:
            return copeland(values, weights, noise=noise)
        case Mean.TOPSIS:
            return topsis(values, weights)
        case _:
            return 1.0 - vikor(values, weights, v=rule.v)


def without_skipped(normalised: Floats, tree: Tree, spec: Aggregate) -> Floats:
    """Values that the lowest means skip, made missing; shape as given."""
    result = normalised
    for group in tree.groups:
        rule = spec.of(group.code, group.level)
        leaves = [child for child in group.children if child < tree.n_indicators]
        if rule.nonpositive is not Policy.SKIP or not leaves:
            continue
        bad = inadmissible(normalised[..., leaves], rule)
        if bad.any():
            result = result.copy()
            result[..., leaves] = np.where(bad, np.nan, result[..., leaves])
    return result
