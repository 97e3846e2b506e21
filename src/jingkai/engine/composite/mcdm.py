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


def copeland(values: Floats, weights: Floats, *, noise: float = 0.0) -> Floats:
    """Copeland score of each unit: pairs won less pairs lost; NaN without a value that counts.

    Parameters and reference as `outranking`.

    Parameters
    ----------
    noise
        Values closer than this share of the column's largest are equal. For scores that were added
        up before: what the order of a sum leaves behind must not decide who wins.

    >>> copeland(np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 0.0]]), np.array([2.0, 1.0]))
    array([ 2.,  0., -2.])
    """
    margin, total = _margins(values, weights, noise)
    # The margin is antisymmetric: what is lost is what another one wins.
    wins = margin > TIE * np.maximum(total, 1e-300)
    scores = wins.sum(axis=1, dtype=float) - wins.sum(axis=0, dtype=float)
    return np.where(_weighed(~np.isnan(values), weights), scores, np.nan)


def _margins(values: Floats, weights: Floats, noise: float = 0.0) -> tuple[Floats, Floats]:
    """Weight of wins less losses, shape (n, n); and of the criteria both have, which broadcasts."""
    n = len(values)
    won, part = np.zeros((n, n)), np.empty((n, n))
    complete = not np.isnan(values).any()
    total = np.full((1, 1), weights.sum()) if complete else np.zeros((n, n))
    for column, weight in zip(values.T, weights, strict=True):
        other = column[None, :]
        if noise:
            other = other + noise * np.max(np.abs(column), where=np.isfinite(column), initial=0.0)
        with np.errstate(invalid="ignore"):
            better = column[:, None] > other  # a missing cell never wins
        won += np.multiply(better, weight, out=part)
        if not complete:
            known = ~np.isnan(column)
            total += weight * (known[:, None] & known[None, :])
    return np.subtract(won, won.T, out=part), total


def topsis(values: Floats, weights: Floats, *, scale: str = "vector") -> Floats:
    """Relative closeness to the ideal: distance to the worst over the sum of both distances.

    Σ(w(r − r*))² is (r − r*)²·w², so any number of weight vectors costs two matrix products.

    Parameters
    ----------
    values : shape (n, m), more is better
    weights : shape (m,) or (draws, m)
    scale
        `vector`: columns divided by their Euclidean norm; `none`: as they are (scaled before).

    Returns
    -------
    closeness : shape (n,) or (draws, n), in [0, 1]
        NaN for a unit without a value that counts; 0.5 when all units are alike.

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
        # Re-scaling to the available weights would multiply both distances alike: it cancels.
        near = np.sqrt(weights**2 @ np.nan_to_num((v - best) ** 2).T)
        far = np.sqrt(weights**2 @ np.nan_to_num((v - worst) ** 2).T)
        closeness = np.where(near + far > 0, far / (near + far), 0.5)
    return np.where(_weighed(available, weights), closeness, np.nan)


def vikor(values: Floats, weights: Floats, *, v: float = 0.5) -> Floats:
    """Compromise index Q: 0 is best, 1 is worst.

    S = Σ w(best − x)/(best − worst), R = the largest term,
    Q = v(S − S⁻)/(S⁺ − S⁻) + (1 − v)(R − R⁻)/(R⁺ − R⁻); a part without spread counts 0.

    Parameters
    ----------
    values : shape (n, m), more is better
    weights : shape (m,) or (draws, m)
    v
        Weight of the majority (S) against the largest regret (R).

    Returns
    -------
    q : shape (n,) or (draws, n)
        NaN for a unit without a value that counts.

    References
    ----------
    Opricovic & Tzeng (2004), European Journal of Operational Research 156(2), 445-455.

    >>> vikor(np.array([[1.0, 1.0], [2.0, 3.0]]), np.ones(2))
    array([1., 0.])
    """
    available = ~np.isnan(values)
    best = np.max(np.where(available, values, -np.inf), axis=0)
    worst = np.min(np.where(available, values, np.inf), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        span = np.where(best > worst, best - worst, 1.0)
        loss = np.where(available, (best - values) / span, 0.0)
        total = weights @ available.T.astype(float)
        group = weights @ loss.T / total
        regret = np.zeros_like(total)
        for k in range(values.shape[1]):
            np.maximum(regret, weights[..., [k]] * loss[:, k] / total, out=regret)
    known = _weighed(available, weights)
    q = v * _unit(group, known) + (1 - v) * _unit(regret, known)
    return np.where(known, q, np.nan)


def _weighed(available: Bools, weights: Floats) -> Bools:
    """Units with a value that counts; a value of weight zero says nothing."""
    return np.asarray((weights > 0).astype(float) @ available.T > 0)


def _unit(values: Floats, known: Bools) -> Floats:
    low = np.min(np.where(known, values, np.inf), axis=-1, keepdims=True)
    high = np.max(np.where(known, values, -np.inf), axis=-1, keepdims=True)
    return np.where(high > low, (values - low) / np.where(high > low, high - low, 1.0), 0.0)
