"""Every indicator on its own scale: the common one, or one of `normalise.indicators`."""

from __future__ import annotations

import numpy as np

from .arrays import Bools, Floats, Ints
from .errors import StepError
from .method import Normalise, Scale
from .normalisation import Columns, normalise
from .table import Table
from .tree import Tree, nearest

UNEVEN = 10.0
"""Scales whose scores spread so many times wider than others' are named to the reader."""


def scales_in_use(spec: Normalise, tree: Tree) -> list[tuple[Normalise, Ints]]:
    """Each distinct scale and the numbers of its indicators, in the order of the tree."""
    found: list[tuple[Normalise, list[int]]] = []
    for node, code in enumerate(tree.indicators):
        own = spec.of(code)
        members = next((nodes for other, nodes in found if other == own), None)
        if members is None:
            found.append((own, [node]))
        else:
            members.append(node)
    return [(own, np.array(nodes, dtype=np.int64)) for own, nodes in found]


def reference_row(table: Table, spec: Normalise) -> int | None:
    """Row of the reference unit; None for a scale without one.

    Raises StepError when it is not among the units.
    """
    if spec.method is not Scale.DISTANCE_TO_REFERENCE:
        return None
    if spec.unit not in table.units:
        raise StepError(
            f"the reference unit “{spec.unit}” is not among the units"
            f"{nearest(spec.unit, table.units)}",
            code="reference",
            unit=spec.unit,
        )
    return table.units.index(spec.unit)


def normalise_indicators(
    values: Floats, spec: Normalise, tree: Tree, table: Table, *, sample: Bools | None = None
) -> tuple[Floats, list[tuple[str, str]]]:
    """Scores of all indicators, each on its scale.

    Parameters
    ----------
    values : shape (units, k · indicators)
        k data sets side by side, each in the order of the tree.
    sample : shape (units,), optional
        Rows that define the limits; see `normalise`.

    Returns
    -------
    scores : as `values`
    notices : (indicator, what happened)

    Raises
    ------
    StepError
        As `normalise`; a reference unit that is not there.
    """
    parts = scales_in_use(spec, tree)
    times = values.shape[1] // tree.n_indicators
    notices: list[tuple[str, str]] = []
    scores = np.empty_like(values)
    spread: list[tuple[float, float, str]] = []
    for own, nodes in parts:
        columns = Columns(
            names=tuple(tree.codes[node] for node in nodes) * times,
            directions=np.tile(tree.directions[nodes], times),
            targets=np.tile(tree.numbers(own.target)[nodes], times),
            lows=np.tile(tree.numbers(own.low_column)[nodes], times),
            highs=np.tile(tree.numbers(own.high_column)[nodes], times),
            reference=reference_row(table, own),
        )
        if len(parts) == 1:
            return normalise(values, own, columns, sample=sample), columns.notices
        cells = (np.arange(times)[:, None] * tree.n_indicators + nodes).ravel()
        scores[:, cells] = normalise(values[:, cells], own, columns, sample=sample)
        notices += columns.notices
        spread.append((*_ends(scores[:, cells]), columns.names[0]))
    return scores, notices + _uneven(spread)


def _ends(scores: Floats) -> tuple[float, float]:
    there = scores[np.isfinite(scores)]
    return (float(there.min()), float(there.max())) if there.size else (0.0, 0.0)


def _uneven(spread: list[tuple[float, float, str]]) -> list[tuple[str, str]]:
    """Scales that hardly count beside another: percentages as 0 to 1 beside points to 100."""
    low, high, _name = max(spread, key=lambda one: one[1] - one[0])
    return [
        (
            name,
            f"its scores run from {least:.4g} to {most:.4g} beside others from {low:.4g} to "
            f"{high:.4g}: the differences on it hardly count",
        )
        for least, most, name in spread
        if 0 < (most - least) * UNEVEN < high - low
    ]
