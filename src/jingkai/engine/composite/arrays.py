"""Array types, and rank counting with ties, shared by every module of the package."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
AnyInts = npt.NDArray[np.signedinteger[Any]]

TIE: Final = 1e-12
"""Scores closer than this, relative to the largest, are equal: what remains is rounding noise of
the order of summation, and must not decide who comes first."""


def rank_columns(values: Floats) -> Floats:
    """Rank each column ascending; ties share the lowest rank; NaN stays NaN.

    Parameters
    ----------
    values : shape (n, m)

    Returns
    -------
    ranks : shape (n, m)
        1 is the smallest.

    >>> rank_columns(np.array([[3.0], [1.0], [3.0], [np.nan], [9.0]])).ravel()
    array([ 2.,  1.,  2., nan,  4.])
    """
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    place = np.arange(1.0, len(values) + 1)[:, None]
    first = np.ones(values.shape, dtype=bool)
    # Infinite neighbours are equal, so compare, do not subtract.
    first[1:] = ordered[1:] != ordered[:-1]
    ranks = np.empty_like(values)
    np.put_along_axis(
        ranks, order, np.maximum.accumulate(np.where(first, place, 0.0), axis=0), axis=0
    )
    ranks[np.isnan(values)] = np.nan
    return ranks


def rank_scores(scores: Floats, *, tie: float = TIE) -> AnyInts:
    """Rank units by score, 1 = highest; ties share the best rank; no score, rank 0.

    Parameters
    ----------
    scores : shape (..., n)
        Units along the last axis. NaN = no score; infinite scores are ordered.
    tie
        Scores closer than `tie` times the largest finite score are equal.

    Returns
    -------
    ranks : shape (..., n), int32

    >>> rank_scores(np.array([0.3, 0.1 + 0.2, np.nan, 1.0]))
    array([2, 2, 0, 1], dtype=int32)
    """
    negative = -scores
    order = np.argsort(negative, axis=-1)
    ordered = np.take_along_axis(negative, order, axis=-1)
    n = scores.shape[-1]
    ends = np.abs(ordered[..., [0, -1]]) if n else np.zeros((*scores.shape[:-1], 1))
    some_missing = bool(np.isnan(ends).any())
    with np.errstate(invalid="ignore"):
        if not np.isfinite(ends).all():
            finite = np.where(np.isfinite(ordered), np.abs(ordered), 0.0)
            ends = finite.max(axis=-1, keepdims=True, initial=0.0)
        new = ordered[..., 1:] - ordered[..., :-1] > tie * ends.max(axis=-1, keepdims=True)
    place = np.arange(1, n + 1, dtype=np.int32)
    ranks = np.empty(scores.shape, dtype=np.int32)
    if bool(new.all()) and not some_missing:  # one unit has no neighbour to be told from
        np.put_along_axis(ranks, order, np.broadcast_to(place, scores.shape), axis=-1)
        return ranks
    starts = np.ones(scores.shape, dtype=np.int32)
    starts[..., 1:] = np.where(new, place[1:], 0)
    starts = np.maximum.accumulate(starts, axis=-1)
    if some_missing:
        starts[np.isnan(ordered)] = 0
    np.put_along_axis(ranks, order, starts, axis=-1)
    return ranks


def frozen(values: Floats) -> Floats:
    """The same array, made read-only: results are facts, not scratch space."""
    values.setflags(write=False)
    return values
