"""Index scores of all units when one figure is another, for many such changes at once.

One cell moves one indicator: what is filled in, its outliers, its scale, its growth. So each change
is one more column beside the others, and only the nodes above it are aggregated anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from .adjustments import adjust
from .aggregation import combine, noise_of
from .arrays import Bools, Floats, Ints
from .build import Result, build, growth_scale
from .errors import CompositeError
from .growth import blend, growth
from .imputation import impute
from .kernel import RELATIVE
from .method import Method, Normalise
from .normalisation import Columns, normalise
from .scaling import reference_row, scales_in_use
from .table import Table
from .treatment import treat
from .tree import Tree

CELLS: Final = 250_000
"""Units × changes held at once; a dozen arrays of some times that size live at the peak."""
_FIXED_WEIGHTS: Final = frozenset({"given", "equal", "ahp"})


def acts_alone(method: Method, tree: Tree) -> bool:
    """Whether a figure touches nothing but its own indicator and the nodes above it.

    Not so where weights or fillings come from other indicators, or where the column is also a
    denominator, a base of growth, or a column of adjustments.
    """
    spec = method.adjust
    elsewhere = {split.base for split in method.split.values()}
    if spec is not None:
        elsewhere |= {spec.bonus, spec.deduction, spec.veto}
    return (
        method.weights.method in _FIXED_WEIGHTS
        and method.impute.method != "row_within_parent"
        and not method.denominate
        and elsewhere.isdisjoint(tree.indicators)
    )


class CellChanges:
    """Scores under single changes of a result's figures.

    Methods of which `acts_alone` is not true are built anew for each change: the same answer,
    slowly.
    """

    def __init__(self, result: Result) -> None:
        self.result = result
        self.alone = acts_alone(result.method, result.tree)
        tree, method = result.tree, result.method
        self._scales = scales_in_use(method.normalise, tree)
        self._codes, self._directions = tree.codes, tree.directions
        above = {child: group for group in tree.groups for child in group.children}
        self._places: list[Ints] = [
            np.full(tree.n_indicators, -1, dtype=np.int64) for _group in tree.groups
        ]
        """By group: which of its children lies on the way up from each indicator; −1 = none."""
        number = {group.node: k for k, group in enumerate(tree.groups)}
        for leaf in range(tree.n_indicators):
            node = leaf
            while node in above:
                group = above[node]
                self._places[number[group.node]][leaf] = group.children.index(node)
                node = group.node
        self._filling = result.table.group(method.impute.by) if method.impute.by else ()

    def scores(self, rows: Ints, indicators: Ints, values: Floats) -> tuple[Floats, Bools]:
        """Index score of every unit under each change, after bonus, deduction and veto.

        Parameters
        ----------
        rows, indicators, values : shape (changes,)
            Unit of the result, number of the indicator in its tree, and the figure that stands
            there instead, in the unit of the table.

        Returns
        -------
        scores : shape (changes, units)
            NaN = no score.
        refused : shape (changes,)
            The method cannot take this figure (`build` would raise); its scores are NaN.
        """
        scores = np.full((len(rows), len(self.result.units)), np.nan)
        refused = np.zeros(len(rows), dtype=bool)
        size = max(1, CELLS // max(1, len(self.result.units)))
        for start in range(0, len(rows), size):
            part = np.arange(start, min(start + size, len(rows)))
            self._try(part, rows, indicators, values, scores, refused)
        return scores, refused

    def _try(
        self,
        part: Ints,
        rows: Ints,
        indicators: Ints,
        values: Floats,
        scores: Floats,
        refused: Bools,
    ) -> None:
        """Fill in the scores of `part`; one that is refused is found by halves."""
        if not self.alone and len(part) > 1:
            for k in part:
                self._try(np.array([k]), rows, indicators, values, scores, refused)
            return
        one = self._together if self.alone else self._anew
        try:
            scores[part] = one(rows[part], indicators[part], values[part])
        except CompositeError:
            if len(part) == 1:
                refused[part] = True
                return
            for half in np.array_split(part, 2):
                self._try(half, rows, indicators, values, scores, refused)

    def _anew(self, rows: Ints, indicators: Ints, values: Floats) -> Floats:
        table, tree = self.result.table, self.result.tree
        code = tree.codes[int(indicators[0])]
        column = table.column(code).copy()
        column[rows[0]] = values[0]
        changed = build(
            Table(table.units, {**table.numbers, code: column}, table.texts),
            tree,
            replace(self.result.method, groups=""),
        )
        found = dict(zip(changed.units, changed.index.tolist(), strict=True))
        return np.array([[found.get(unit, np.nan) for unit in table.units]])

    def _together(self, rows: Ints, indicators: Ints, values: Floats) -> Floats:
        result = self.result
        raw: Floats = result.denominated[:, indicators]
        raw[rows, np.arange(len(rows))] = values
        index = self._aggregated(indicators, self._normalised(raw, indicators))
        spec = result.method.adjust
        return index if spec is None else adjust(index, result.table, spec).score

    def _normalised(self, raw: Floats, indicators: Ints) -> Floats:
        """Scores of the changed indicators; shape (units, changes)."""
        method, tree = self.result.method, self.result.tree
        filled = impute(raw, method.impute, tree=tree, groups=self._filling)
        treated = filled if method.treat.method == "none" else treat(filled, method.treat).values
        found = np.empty_like(treated)
        for own, nodes in self._scales:
            picked = np.flatnonzero(np.isin(indicators, nodes))
            if picked.size:
                found[:, picked] = self._scaled(treated[:, picked], own, indicators[picked])
        for code, split in method.split.items():
            node = self._codes.index(code)
            picked = np.flatnonzero(indicators == node)
            if not picked.size:
                continue
            base = np.broadcast_to(
                self.result.table.column(split.base)[:, None], (len(raw), len(picked))
            )
            grown = growth(raw[:, picked], base, split, units=self.result.units, name=code)
            own = growth_scale(method.normalise.of(code))
            change = self._scaled(grown.values, own, indicators[picked], limits=False)
            found[:, picked] = blend(found[:, picked], change, split.growth_share)
        return found

    def _scaled(
        self, values: Floats, own: Normalise, nodes: Ints, *, limits: bool = True
    ) -> Floats:
        tree = self.result.tree

        def numbers(name: str) -> Floats | None:
            return tree.numbers(name)[nodes] if limits else None

        columns = Columns(
            names=[self._codes[node] for node in nodes],
            directions=self._directions[nodes],
            targets=numbers(own.target),
            lows=numbers(own.low_column),
            highs=numbers(own.high_column),
            reference=reference_row(self.result.table, own),
        )
        return normalise(values, own, columns)

    def _aggregated(self, indicators: Ints, leaf_scores: Floats) -> Floats:
        """Index before adjustments, from the changed indicators upwards; shape (changes, units)."""
        result = self.result
        tree, spec = result.tree, result.method.aggregate
        now: Floats = np.ascontiguousarray(leaf_scores.T)
        for group, places in zip(tree.groups, self._places, strict=True):
            at = places[indicators]
            picked = np.flatnonzero(at >= 0)
            if not picked.size:
                continue
            children = list(group.children)
            rule = spec.of(group.code, group.level)
            values = np.repeat(result.scores[None][:, :, children], len(picked), axis=0)
            values[np.arange(len(picked)), :, at[picked]] = now[picked]
            # What compares units looks at one change at a time, weighted means at rows alone.
            blocks = list(values) if rule.mean in RELATIVE else [values.reshape(-1, len(children))]
            combined = [
                combine(
                    block,
                    result.weights[children],
                    rule,
                    min_available=spec.threshold(group.level),
                    noise=noise_of(children, tree),
                )
                for block in blocks
            ]
            now[picked] = np.concatenate(combined).reshape(len(picked), -1)
        return now
