"""Weights derived from a matrix of criteria, or from pairwise judgements.

Libraries differ in their conventions, so each function states its own: n or n − 1, whether
directions count, what zeros and constants do. Missing cells are refused: leave the row out, or
impute first, knowingly. Every function returns weights of shape (m,), not negative, with sum 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from .arrays import Floats
from .errors import WeightError

RANDOM_INDEX: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Saaty (1980): mean consistency index of random matrices, by size."""


def equal(values: Floats) -> Floats:
    """1/m each."""
    return np.full(values.shape[1], 1.0 / values.shape[1])


def entropy(values: Floats) -> Floats:
    """Shannon entropy weights: p = x/Σx, e = −Σ p·ln p/ln n, w ∝ 1 − e; directions do not count.

    0·ln 0 = 0. A constant column gets weight 0.

    Raises WeightError for a negative value, a column of zeros, or nothing but constants.

    References
    ----------
    Hwang & Yoon (1981), Multiple Attribute Decision Making, ch. II.
    """
    x = _matrix(values, least=0.0)
    if (x.sum(axis=0) <= 0).any():
        raise WeightError(f"criterion {int(np.argmax(x.sum(axis=0) <= 0))} is zero everywhere")
    p = x / x.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = -np.where(p > 0, p * np.log(p), 0.0).sum(axis=0) / np.log(len(x))
    return _shares(np.where(_constant(x), 0.0, 1.0 - e))


def standard_deviation(values: Floats) -> Floats:
    """w ∝ standard deviation of the column as it stands (n or n − 1 gives the same)."""
    x = _matrix(values)
    return _shares(_sd(x))


def coefficient_of_variation(values: Floats) -> Floats:
    """w ∝ standard deviation / |mean|. Raises WeightError for a mean of zero."""
    x = _matrix(values)
    mean = x.mean(axis=0)
    if (mean == 0).any():
        raise WeightError(f"criterion {int(np.argmax(mean == 0))} has mean zero")
    return _shares(_sd(x) / np.abs(mean))


def gini(values: Floats) -> Floats:
    """w ∝ Gini coefficient ΣΣ|xᵢ − xₖ|/(2n²x̄), from the sorted column; needs values ≥ 0."""
    x = np.sort(_matrix(values, least=0.0), axis=0)
    n = len(x)
    if (x.sum(axis=0) <= 0).any():
        raise WeightError(f"criterion {int(np.argmax(x.sum(axis=0) <= 0))} is zero everywhere")
    place = 2.0 * np.arange(1, n + 1)[:, None] - n - 1
    coefficient = (place * x).sum(axis=0) / (n * x.sum(axis=0))
    return _shares(np.where(_constant(x), 0.0, coefficient))


def critic(values: Floats) -> Floats:
    """CRITIC: w ∝ sd (n − 1) · Σ(1 − r) on min-max scores; give values "more is better".

    A constant column has no spread: weight 0, and it does not enter the sums of the others.

    References
    ----------
    Diakoulaki, Mavrotas & Papayannakis (1995), Computers & Operations Research 22(7), 763-770.
    """
    x = _matrix(values)
    varied = ~_constant(x)
    information = np.zeros(x.shape[1])
    y = x[:, varied]
    if y.shape[1]:
        y = (y - y.min(axis=0)) / (y.max(axis=0) - y.min(axis=0))
        r = np.atleast_2d(np.corrcoef(y, rowvar=False))
        conflict = (1.0 - r).sum(axis=0) if y.shape[1] > 1 else np.ones(1)
        information[varied] = y.std(axis=0, ddof=1) * conflict
    return _shares(information)


def merec(values: Floats, directions: Floats | None = None) -> Floats:
    """MEREC: w ∝ the effect of leaving a criterion out; needs values above zero.

    more is better: min/x; less is better: x/max; S = ln(1 + mean|ln n|).

    References
    ----------
    Keshavarz-Ghorabaee et al. (2021), Symmetry 13(4), 525.
    """
    x = _matrix(values)
    if (x <= 0).any():
        raise WeightError("MEREC needs values above zero")
    more = np.ones(x.shape[1]) if directions is None else directions
    size = np.abs(np.log(np.where(more > 0, x.min(axis=0) / x, x / x.max(axis=0))))
    m = x.shape[1]
    whole = size.sum(axis=1, keepdims=True)
    effect = np.abs(np.log1p((whole - size) / m) - np.log1p(whole / m)).sum(axis=0)
    return _shares(effect)


def pca(values: Floats) -> Floats:
    """w ∝ Σ λ·loading² over the components with eigenvalue > 1 (at least the first).

    Squared loadings cannot be negative; directions of the components do not matter. Columns are
    standardised; a constant column gets weight 0.

    References
    ----------
    Nicoletti, Scarpetta & Boylaud (2000), OECD Economics Department Working Papers 226;
    OECD/JRC (2008), Handbook, Step 6.
    """
    x = _matrix(values)
    varied = ~_constant(x)
    weights = np.zeros(x.shape[1])
    if not varied.any():
        raise WeightError("all criteria are constant: there is nothing to weigh")
    r = np.atleast_2d(np.corrcoef(x[:, varied], rowvar=False))
    eigenvalues, vectors = np.linalg.eigh(r)
    kept = (eigenvalues > 1.0 + 1e-9) | (eigenvalues == eigenvalues[-1])
    weights[varied] = (vectors[:, kept] ** 2) @ eigenvalues[kept]
    return _shares(weights)


def optimised(values: Floats, importance: Floats | None = None) -> Floats:
    """Weights with which the correlation of each criterion with the mean is as important as asked.

    Correlation with Σwx is ∝ (Cw)/s; so w = C⁻¹(s·importance), when that is positive. Otherwise no
    weights reach the target exactly, and those nearest in relative terms under w > 0 are returned.

    Parameters
    ----------
    values : shape (n, m), more is better
    importance : shape (m,)
        Relative importance; default equal.

    References
    ----------
    Becker, Saisana, Paruolo & Vandecasteele (2017), Ecological Indicators 80, 12-22.
    """
    x = _matrix(values)
    if _constant(x).any():
        raise WeightError(f"criterion {int(np.argmax(_constant(x)))} is constant")
    m = x.shape[1]
    asked = np.ones(m) if importance is None else importance / importance.mean()
    s = x.std(axis=0, ddof=1)
    covariance = np.atleast_2d(np.cov(x, rowvar=False))
    if np.linalg.matrix_rank(covariance) == m:
        exact = np.linalg.solve(covariance, s * asked)
        if (exact > 0).all():
            return _shares(exact)
    w = 1.0 / s
    step = 0.5
    for _round in range(2000):
        reached = covariance @ w / s
        reached = reached / np.sqrt(w @ covariance @ w)
        ratio = np.maximum(reached, 1e-3) / asked
        w = np.maximum(w * (ratio.mean() / ratio) ** step, 1e-9 * w.max())
        w /= w.sum()
        step *= 0.999
    return _shares(w)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """AHP weights and how consistent the judgements are."""

    weights: Floats
    lambda_max: float
    index: float
    """(λ − n)/(n − 1)."""
    ratio: float
    """Index over the random index; 0 for two criteria. Accept up to 0.1."""


def ahp(comparisons: Floats, *, rule: str = "eigenvector") -> Judged:
    """Weights from pairwise comparisons.

    Parameters
    ----------
    comparisons : shape (m, m)
        aᵢⱼ = how many times i is more important than j; positive, aⱼᵢ = 1/aᵢⱼ.
    rule
        `eigenvector` (Saaty) or `geometric_mean` (of each row). The consistency ratio uses the
        eigenvalue in both.

    Raises
    ------
    WeightError
        Not square, not positive, not reciprocal, or more than ten criteria.

    References
    ----------
    Saaty (1980), The Analytic Hierarchy Process.

    >>> judged = ahp(np.array([[1.0, 3.0, 5.0], [1 / 3, 1.0, 2.0], [1 / 5, 1 / 2, 1.0]]))
    >>> judged.weights.round(3), round(judged.ratio, 3)
    (array([0.648, 0.23 , 0.122]), 0.003)
    """
    a = np.asarray(comparisons, dtype=float)
    m = len(a)
    if a.shape != (m, m) or m < 1 or not np.isfinite(a).all() or (a <= 0).any():
        raise WeightError("pairwise comparisons must be a square matrix of numbers above zero")
    if not np.allclose(a * a.T, 1.0, rtol=1e-6):
        i, j = (int(k) for k in np.argwhere(~np.isclose(a * a.T, 1.0, rtol=1e-6))[0])
        raise WeightError(
            f"comparison ({i + 1}, {j + 1}) is {a[i, j]:g}, but ({j + 1}, {i + 1}) is {a[j, i]:g}: "
            "one must be the reciprocal of the other"
        )
    if m >= len(RANDOM_INDEX):
        raise WeightError(f"{m} criteria: pairwise comparison is meant for at most ten")
    eigenvalues, vectors = np.linalg.eig(a)
    first = int(np.argmax(eigenvalues.real))
    lambda_max = float(eigenvalues[first].real)
    if rule == "eigenvector":
        weights = _shares(np.abs(vectors[:, first].real))
    else:
        weights = _shares(np.exp(np.log(a).mean(axis=1)))
    index = max((lambda_max - m) / (m - 1), 0.0) if m > 1 else 0.0
    random = RANDOM_INDEX[m]
    return Judged(weights, lambda_max, index, index / random if random else 0.0)


def combined(*parts: Floats) -> Floats:
    """Product of several weight vectors, re-scaled: judgement × information, both kept visible."""
    product = np.prod(np.stack(parts), axis=0)
    return _shares(product)


METHODS: Final[Mapping[str, Callable[[Floats], Floats]]] = {
    "equal": equal,
    "entropy": entropy,
    "critic": critic,
    "std": standard_deviation,
    "gini": gini,
    "merec": merec,
    "coefficient_of_variation": coefficient_of_variation,
    "pca": pca,
    "optimised": optimised,
}


def _matrix(values: Floats, *, least: float = float("-inf")) -> Floats:
    if values.ndim != 2 or len(values) < 2:
        raise WeightError("at least two units with all criteria are needed")
    if not np.isfinite(values).all():
        raise WeightError("a cell is missing or infinite: impute, or leave the unit out")
    if (values < least).any():
        raise WeightError(
            f"criterion {int(np.argmax((values < least).any(axis=0)))} has a value below {least:g}"
        )
    return values


def _sd(x: Floats) -> Floats:
    sd: Floats = x.std(axis=0, ddof=1)
    return np.where(_constant(x), 0.0, sd)


def _constant(x: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray(x.max(axis=0) == x.min(axis=0))


def _shares(size: Floats) -> Floats:
    total = size.sum()
    if not total > 0:
        raise WeightError("all criteria are constant: there is nothing to weigh")
    shares: Floats = size / total
    return shares
