"""What the data look like, and whether the parts belong together: the evidence of an audit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Floats, Ints
from .errors import StepError
from .treatment import moments


@dataclass(frozen=True, slots=True, eq=False)
class ColumnStatistics:
    """Statistics of each column over its available cells. Shapes (m,); NaN where undefined."""

    minimum: Floats
    maximum: Floats
    mean: Floats
    median: Floats
    sd: Floats
    """n − 1."""
    skew: Floats
    kurtosis: Floats
    """Excess."""
    n_available: Ints
    n_nonzero: Ints
    n_unique: Ints
    n_same: Ints
    """How often the most frequent value occurs."""
    share_available: Floats
    """Of all units; the three shares below are of the available cells."""
    share_nonzero: Floats
    share_unique: Floats
    share_same: Floats


def column_statistics(values: Floats) -> ColumnStatistics:
    """Describe each column.

    Parameters
    ----------
    values : shape (n, m)

    Raises nothing: a column without any value has counts of zero and NaN elsewhere.
    """
    n, m = values.shape
    numbers = np.full((5, m), np.nan)
    counts = np.zeros((4, m), dtype=np.int64)
    for k in range(m):
        x = values[~np.isnan(values[:, k]), k]
        if not x.size:
            continue
        numbers[:4, k] = x.min(), x.max(), x.mean(), np.median(x)
        numbers[4, k] = x.std(ddof=1) if x.size > 1 else np.nan
        _unique, times = np.unique(x, return_counts=True)
        counts[:, k] = x.size, np.count_nonzero(x), times.size, times.max()
    skew, kurtosis = moments(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts[1:] / np.where(counts[0] > 0, counts[0], np.nan)
    return ColumnStatistics(
        minimum=numbers[0],
        maximum=numbers[1],
        mean=numbers[2],
        median=numbers[3],
        sd=numbers[4],
        skew=skew,
        kurtosis=kurtosis,
        n_available=counts[0],
        n_nonzero=counts[1],
        n_unique=counts[2],
        n_same=counts[3],
        share_available=counts[0] / n,
        share_nonzero=shares[0],
        share_unique=shares[1],
        share_same=shares[2],
    )


def outlying(statistics: ColumnStatistics, *, skew: float = 2.0, kurtosis: float = 3.5) -> Bools:
    """Columns whose skewness and kurtosis both exceed the limits."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(statistics.skew) > skew) & (statistics.kurtosis > kurtosis))


def correlation(x: Floats, y: Floats, kind: str = "pearson") -> Floats:
    """Correlation of each column of x with each of y, over the units that have both.

    Parameters
    ----------
    x : shape (n, p)
    y : shape (n, q)
    kind
        pearson; spearman (Pearson of mean ranks); kendall (tau-b).

    Returns
    -------
    r : shape (p, q)
        NaN where a column is constant or fewer than three units have both.
    """
    if kind not in ("pearson", "spearman", "kendall"):
        raise StepError(f"correlation “{kind}” is not known: pearson, spearman or kendall")
    result = np.full((x.shape[1], y.shape[1]), np.nan)
    for i in range(x.shape[1]):
        for j in range(y.shape[1]):
            both = ~np.isnan(x[:, i]) & ~np.isnan(y[:, j])
            if both.sum() >= 3:
                result[i, j] = _one(x[both, i], y[both, j], kind)
    return result


def _one(a: Floats, b: Floats, kind: str) -> float:
    if kind == "kendall":
        return _tau_b(a, b)
    if kind == "spearman":
        a, b = mean_ranks(a), mean_ranks(b)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else float("nan")


def _tau_b(a: Floats, b: Floats) -> float:
    upper = np.triu_indices(len(a), 1)
    da = np.sign(a[upper[0]] - a[upper[1]])
    db = np.sign(b[upper[0]] - b[upper[1]])
    size = float(np.sqrt(np.abs(da).sum() * np.abs(db).sum()))
    return float(da @ db) / size if size > 0 else float("nan")


def mean_ranks(x: Floats) -> Floats:
    """Ranks of a vector, ties share their mean.

    >>> mean_ranks(np.array([5.0, 1.0, 5.0]))
    array([2.5, 1. , 2.5])
    """
    _values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2.0)[inverse]
    return ranks


def cronbach(values: Floats) -> float:
    """Cronbach's alpha, over the units that have every item: k/(k − 1)·(1 − Σ var/var of the sum).

    Parameters
    ----------
    values : shape (n, k), more is better

    Returns
    -------
    alpha
        At most 1, may be negative; NaN for fewer than two items or units, or no variance.

    References
    ----------
    Cronbach (1951), Psychometrika 16, 297-334.
    """
    x = values[~np.isnan(values).any(axis=1)]
    k = x.shape[1]
    if k < 2 or len(x) < 2:
        return float("nan")
    total = float(x.sum(axis=1).var(ddof=1))
    if total <= 0:
        return float("nan")
    parts = float(x.var(axis=0, ddof=1).sum())
    return float(k / (k - 1) * (1.0 - parts / total))


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Principal components of one group."""

    eigenvalues: Floats
    """Descending; shape (k,)."""
    shares: Floats
    """Of the variance; shape (k,)."""
    loadings: Floats
    """Unit vectors in columns, shape (variables, k); signs so that each column's sum is ≥ 0."""

    @property
    def n_above_one(self) -> int:
        """Eigenvalues above 1 (Kaiser)."""
        return int((self.eigenvalues > 1.0).sum())


def principal_components(values: Floats) -> Components:
    """PCA of the correlation matrix, over the units that have every variable.

    Parameters
    ----------
    values : shape (n, m)

    Raises
    ------
    StepError
        Fewer than three such units, or a constant variable.
    """
    x = values[~np.isnan(values).any(axis=1)]
    if len(x) < 3:
        raise StepError("principal components need three units that have every variable")
    if (x.max(axis=0) == x.min(axis=0)).any():
        n = int(np.argmax(x.max(axis=0) == x.min(axis=0)))
        raise StepError(f"variable {n + 1} is constant: it has no correlation", code="constant")
    r = np.atleast_2d(np.corrcoef(x, rowvar=False))
    eigenvalues, vectors = np.linalg.eigh(r)
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    signs = np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    return Components(eigenvalues, eigenvalues / eigenvalues.sum(), vectors * signs)
