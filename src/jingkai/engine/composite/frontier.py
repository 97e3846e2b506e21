"""Benefit of the doubt: every unit judged by the weights that suit it best.

What then stays behind is not behind because of the weights. A check of an index, not a ranking of
its own: many units may share the frontier.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .arrays import Floats
from .errors import StepError

EPS: Final = 1e-9


def benefit_of_the_doubt(values: Floats) -> tuple[Floats, Floats]:
    """Best score each unit can reach under weights that leave nobody above 1.

    Unit i: max w·xᵢ over w ≥ 0 with w·xₖ ≤ 1 for every unit k (data envelopment analysis with one
    constant input). Solved exactly, by the simplex method.

    Parameters
    ----------
    values : shape (units, children)
        More is better, zero or more. A unit with a missing value is not judged, and judges nobody.

    Returns
    -------
    scores : shape (units,), in [0, 1]
        NaN where not judged.
    weights : shape (units, children)
        Of values divided by their largest; one optimum, others may exist.

    Raises
    ------
    StepError
        A negative or infinite value.

    References
    ----------
    Melyn & Moesen (1991); Cherchye et al. (2008), J. Oper. Res. Soc. 59(2), 239-251.

    >>> benefit_of_the_doubt(np.array([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]]))[0]
    array([1. , 1. , 0.8])
    """
    if (values < 0).any() or np.isinf(values).any():
        raise StepError(
            "benefit of the doubt needs finite scores of zero or more: use a scale such as "
            "minmax or efficacy",
            code="frontier",
        )
    known = ~np.isnan(values).any(axis=1)
    scores = np.full(len(values), np.nan)
    weights = np.full(values.shape, np.nan)
    if known.any():
        top = values[known].max(axis=0)
        scaled = values[known] / np.where(top > 0, top, 1.0)
        weights[known] = _all_weights(scaled)
        scores[known] = np.minimum((scaled * weights[known]).sum(axis=1), 1.0)
    return scores, weights


def _all_weights(scaled: Floats) -> Floats:
    """Best weights of every unit. Few units bound the others: one joins when it stands above 1."""
    found = np.zeros_like(scaled)
    limits = np.unique(scaled[np.argmax(scaled, axis=0)], axis=0)
    for unit, goal in enumerate(scaled):
        while True:
            found[unit] = _best_weights(limits, goal)
            reached = scaled @ found[unit]
            worst = int(np.argmax(reached))
            if reached[worst] <= 1.0 + EPS:
                break
            limits = np.vstack([limits, scaled[worst]])
    return found


def _best_weights(limits: Floats, goal: Floats) -> Floats:
    """w ≥ 0 that maximises goal·w under limits @ w ≤ 1. Every column of `limits` reaches 1, or is
    zero throughout, and then so is the goal."""
    n, m = limits.shape
    table = np.zeros((n + 1, m + 1))
    table[:n, :m], table[:n, m], table[n, :m] = limits, 1.0, -goal
    basic = np.arange(m, m + n)  # the variable of each row; the first m are weights
    free = np.arange(m)
    stuck = False
    while (entering := np.flatnonzero(table[n, :m] < -EPS)).size:
        # The steepest column, or Bland's after a step of length zero, so that it always ends.
        first = free[entering] if stuck else table[n, entering]
        column = entering[np.argmin(first)]
        rows = np.flatnonzero(table[:n, column] > EPS)
        ratio = table[rows, m] / table[rows, column]
        tied = rows[ratio <= ratio.min() + EPS]
        row = tied[np.argmin(basic[tied])]
        stuck = bool(table[row, m] <= EPS)
        pivot = table[row, column]
        line, side = table[row] / pivot, table[:, column] / -pivot
        table -= np.outer(table[:, column], line)
        table[row], table[:, column] = line, side
        table[row, column] = 1.0 / pivot
        basic[row], free[column] = free[column], basic[row]
    weights = np.zeros(m)
    ours = basic < m
    weights[basic[ours]] = table[:n, m][ours]
    return weights
