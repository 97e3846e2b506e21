"""Outliers: winsorise step by step, and take logarithms where that is not enough.

All columns are treated at once: the moments of every column that still fails are computed together,
so a Monte-Carlo chunk of thousands of columns costs as many passes as the worst column has steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Floats, Ints
from .method import Treat

RAW, WINSORISED_HIGH, WINSORISED_LOW, LOGGED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class Treated:
    """Result of `treat`. Arrays over columns have shape (m,); NaN where a stage did not happen."""

    values: Floats
    """Shape (n, m)."""
    marks: Ints
    """Shape (n, m): 0 untouched, 1 winsorised at the high end, 2 at the low end, 3 logarithm."""
    passed: Bools
    """Before treatment."""
    skew: Floats
    kurtosis: Floats
    n_winsorised: Floats
    passed_winsorised: Bools
    skew_winsorised: Floats
    kurtosis_winsorised: Floats
    logged: Bools
    passed_logged: Bools
    skew_logged: Floats
    kurtosis_logged: Floats


def moments(values: Floats) -> tuple[Floats, Floats]:
    """Skewness G1 and excess kurtosis G2 of each column, as spreadsheets compute them.

    G1 = g1·√(n(n−1))/(n−2), g1 = √n·Σd³/(Σd²)^1.5;
    G2 = ((n+1)·g2 + 6)(n−1)/((n−2)(n−3)), g2 = n·Σd⁴/(Σd²)² − 3; d = deviation from the mean.

    Parameters
    ----------
    values : shape (n, m)
        NaN cells are left out.

    Returns
    -------
    skew, kurtosis : shape (m,), dimensionless
        NaN for a constant column; the kurtosis (skewness) of fewer than 4 (3) cells is NaN.

    References
    ----------
    Joanes & Gill (1998), The Statistician 47(1), 183-189: G1 and G2.

    >>> skew, kurtosis = moments(np.array([[1.0], [2.0], [3.0], [4.0], [50.0]]))
    >>> skew.round(4), kurtosis.round(4)
    (array([2.2206]), array([4.9449]))
    """
    n = np.sum(~np.isnan(values), axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(values, axis=0) / n
        d = np.nan_to_num(values - mean)
        square = d * d
        s2 = square.sum(axis=0)
        s3 = (square * d).sum(axis=0)
        s4 = (square * square).sum(axis=0)
        s2[_constant(values)] = np.nan
        skew = np.sqrt(n) * s3 / s2**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
        kurtosis = ((n + 1) * (n * s4 / s2**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    skew[n < 3] = np.nan
    kurtosis[n < 4] = np.nan
    return skew, kurtosis


def passes(skew: Floats, kurtosis: Floats, spec: Treat) -> Bools:
    """|skew| below its limit or kurtosis below its limit; what cannot be assessed passes."""
    with np.errstate(invalid="ignore"):
        fails = (np.abs(skew) >= spec.skew) & (kurtosis >= spec.kurtosis)
    return ~fails


def treat(values: Floats, spec: Treat) -> Treated:
    """Treat each column for outliers.

    A column that passes (|G1| < skew or G2 < kurtosis) is left alone. Otherwise the cells at the
    heavy end are set to the next value inside, until the column passes or as many cells stand at
    replaced ends as `winmax` allows. If it still fails, the logarithm of the original (or, with
    `log_from: winsorised`, of the winsorised) column is used, whether or not that passes.

    Parameters
    ----------
    values : shape (n, m)
        Original units, before any direction is applied. NaN stays NaN.

    Returns
    -------
    Treated

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, Step 3; the order of steps is
    that of the JRC's COIN Tool.

    >>> column = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [60.0]])
    >>> treat(column, Treat("winsorise_then_log")).values.ravel()
    array([1., 2., 3., 4., 5., 5.])
    """
    n, m = values.shape
    nan = np.full(m, np.nan)
    skew, kurtosis = moments(values)
    marks = np.zeros((n, m), dtype=np.int64)
    if spec.method == "none":
        yes, no = np.ones(m, dtype=bool), np.zeros(m, dtype=bool)
        return Treated(
            values.copy(), marks, yes, skew, kurtosis, nan, yes, nan, nan, no, yes, nan, nan
        )
    passed = passes(skew, kurtosis, spec)
    x = values.copy()
    failing = np.flatnonzero(~passed)
    high = np.zeros((n, m), dtype=bool)
    low = np.zeros((n, m), dtype=bool)
    skew1, kurtosis1, passed1 = skew.copy(), kurtosis.copy(), passed.copy()
    active = failing if spec.winmax > 0 else failing[:0]
    while active.size:
        at = x[:, active]
        up = skew1[active] >= 0
        # Mirror the columns with a low tail, so that one code serves both ends.
        sign = np.where(up, 1.0, -1.0)
        mirrored = at * sign
        top = np.nanmax(mirrored, axis=0)
        hit = mirrored == top
        below = np.max(np.where(hit | np.isnan(mirrored), -np.inf, mirrored), axis=0)
        x[:, active] = np.where(hit, below * sign, at)
        high[:, active] = np.where(up, hit, high[:, active])
        low[:, active] = np.where(up, low[:, active], hit)
        skew1[active], kurtosis1[active] = moments(x[:, active])
        passed1[active] = passes(skew1[active], kurtosis1[active], spec)
        counted = high[:, active].sum(axis=0) + low[:, active].sum(axis=0)
        active = active[~passed1[active] & (counted < spec.winmax)]
    emptied = failing[np.isnan(skew1[failing])]
    x[:, emptied] = values[:, emptied]  # nothing would be left to tell units apart
    high[:, emptied] = low[:, emptied] = False
    marks[high], marks[low] = WINSORISED_HIGH, WINSORISED_LOW
    counts = nan.copy()
    counts[failing] = high[:, failing].sum(axis=0) + low[:, failing].sum(axis=0)
    touched = nan.copy()
    touched[failing] = 0.0

    logged = ~passed1 if spec.log != "none" else np.zeros(m, dtype=bool)
    skew2, kurtosis2 = nan.copy(), nan.copy()
    passed2 = np.ones(m, dtype=bool)
    if logged.any():
        source = values[:, logged] if spec.log_from == "original" else x[:, logged]
        x[:, logged] = logarithm(source, both_sides=spec.log == "ct_plus")
        marks[:, logged] = np.where(np.isnan(source), RAW, LOGGED)
        skew2[logged], kurtosis2[logged] = moments(x[:, logged])
        passed2 = passes(skew2, kurtosis2, spec)
    return Treated(
        x, marks, passed, skew, kurtosis, counts, passed1, skew1 + touched, kurtosis1 + touched,
        logged, passed2, skew2, kurtosis2,
    )  # fmt: skip


def logarithm(values: Floats, *, both_sides: bool = False) -> Floats:
    """log(x − min + 0.01·(max − min)) of each column; order is kept.

    Parameters
    ----------
    values : shape (n, m)
    both_sides
        Columns with negative skew are mirrored first and mirrored back: −log(max − x + a).

    Raises nothing: a constant column is returned unchanged.

    >>> logarithm(np.array([[0.0], [99.0], [100.0]])).round(3).ravel()
    array([0.   , 4.605, 4.615])
    """
    sign = np.ones(values.shape[1])
    if both_sides:
        sign = np.where(moments(values)[0] < 0, -1.0, 1.0)
    x = values * sign
    constant = _constant(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
        changed = sign * np.log(x - low + 0.01 * (high - low))
    return np.where(constant, values, changed)


def _constant(values: Floats) -> Bools:
    """Columns with at most one distinct value."""
    low = np.min(np.where(np.isnan(values), np.inf, values), axis=0)
    high = np.max(np.where(np.isnan(values), -np.inf, values), axis=0)
    return np.asarray(low >= high)
