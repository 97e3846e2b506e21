"""Methods that compare units with each other: outranking, Copeland, TOPSIS, VIKOR.

All take values that are "more is better" (multiply by the directions first). A missing cell takes
its criterion out of that unit's comparison and the rest of the weight is re-scaled; a constant
criterion tells nobody apart and has no influence; weights need not sum to 1.
"""

from __future__ import annotations

import numpy as np

from .arrays import TIE, Bools, Floats


def outranking(values: Floats, weights: Floats) -> Floats:
    """Outranking matrix: share of the weight on which unit i beats j, plus half of the ties.

    Criteria missing for either unit are left out of that pair, and the rest is re-scaled, so the
    order of the rows cannot matter. O[i, j] + O[j, i] = 1; the diagonal is 0. A pair with nothing
    in common is a tie.

    Parameters
    ----------
    values : shape (n, m), more is better
    weights : shape (m,)

    Returns
    -------
    matrix : shape (n, n), in [0, 1]

    References
    ----------
    Munda & Nardo (2009), Applied Economics 41(12), 1513-1523.
    """
    margin, total = _margins(values, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = 0.5 + 0.5 * np.where(total > 0, margin / total, 0.0)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def copeland(values: Floats, weights: Floats) -> Floats:
    """Copeland score of each unit: pairs won less pairs lost; NaN for a unit without any value.

    Parameters and reference as `outranking`.

    >>> copeland(np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 0.0]]), np.array([2.0, 1.0]))
    array([ 2.,  0., -2.])
    """
    margin, total = _margins(values, weights)
    decided = np.where(np.abs(margin) > TIE * np.maximum(total, 1e-300), np.sign(margin), 0.0)
    scores: Floats = decided.sum(axis=1)
    return np.where(np.isnan(values).all(axis=1), np.nan, scores)


def _margins(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    n = len(values)
    margin, total = np.zeros((n, n)), np.zeros((n, n))
    for column, weight in zip(values.T, weights, strict=True):
        known = ~np.isnan(column)
        filled = np.where(known, column, 0.0)
        both = known[:, None] & known[None, :]
        beats = (filled[:, None] > filled[None, :]).astype(float)
        margin += weight * np.where(both, beats - beats.T, 0.0)
        total += weight * both
    return margin, total


def topsis(values: Floats, weights: Floats, *, scale: str = "vector") -> Floats:
    """Relative closeness to the ideal: distance to the worst over the sum of both distances.

    Parameters
    ----------
    values : shape (n, m), more is better
    weights : shape (m,)
    scale
        `vector`: columns divided by their Euclidean norm; `none`: as they are (scaled before).

    Returns
    -------
    closeness : shape (n,), in [0, 1]
        NaN for a unit without any value; 0.5 when all units are alike.

    References
    ----------
    Hwang & Yoon (1981), Multiple Attribute Decision Making, ch. III.

    >>> topsis(np.array([[1.0, 1.0], [2.0, 3.0]]), np.ones(2))
    array([0., 1.])
    """
    available = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        norm = np.sqrt(np.nansum(values**2, axis=0)) if scale == "vector" else 1.0
        v = values / np.where(norm == 0, 1.0, norm)
        best = np.max(np.where(available, v, -np.inf), axis=0)
        worst = np.min(np.where(available, v, np.inf), axis=0)
        share = np.where(available, weights, 0.0)
        w2 = (share / share.sum(axis=1, keepdims=True)) ** 2
        near = np.sqrt(np.nansum(w2 * (v - best) ** 2, axis=1))
        far = np.sqrt(np.nansum(w2 * (v - worst) ** 2, axis=1))
        closeness = np.where(near + far > 0, far / (near + far), 0.5)
    return np.where(available.any(axis=1), closeness, np.nan)


def vikor(values: Floats, weights: Floats, *, v: float = 0.5) -> Floats:
    """Compromise index Q: 0 is best, 1 is worst.

    S = Σ w(best − x)/(best − worst), R = the largest term,
    Q = v(S − S⁻)/(S⁺ − S⁻) + (1 − v)(R − R⁻)/(R⁺ − R⁻); a part without spread counts 0.

    Parameters
    ----------
    values : shape (n, m), more is better
    weights : shape (m,)
    v
        Weight of the majority (S) against the largest regret (R).

    Returns
    -------
    q : shape (n,)
        NaN for a unit without any value.

    References
    ----------
    Opricovic & Tzeng (2004), European Journal of Operational Research 156(2), 445-455.

    >>> vikor(np.array([[1.0, 1.0], [2.0, 3.0]]), np.ones(2))
    array([1., 0.])
    """
    available = ~np.isnan(values)
    best = np.max(np.where(available, values, -np.inf), axis=0)
    worst = np.min(np.where(available, values, np.inf), axis=0)
    span = np.where(best > worst, best - worst, 1.0)
    share = np.where(available, weights, 0.0)
    total = share.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        loss = np.where(available, share / total * (best - values) / span, 0.0)
    known: Bools = np.any(available, axis=1)
    group, regret = loss.sum(axis=1), loss.max(axis=1)
    q = v * _unit(group, known) + (1 - v) * _unit(regret, known)
    return np.where(known, q, np.nan)


def _unit(values: Floats, known: Bools) -> Floats:
    if not known.any():
        return np.zeros_like(values)
    low, high = values[known].min(), values[known].max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
