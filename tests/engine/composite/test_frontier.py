"""Benefit of the doubt, and the points behind sampled designs: certificates, not samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from jingkai.engine.composite import StepError, benefit_of_the_doubt
from jingkai.engine.composite.quasi import MAX_DIMENSION, sobol_points

tables = st.integers(1, 9).flatmap(
    lambda n: st.integers(1, 4).flatmap(
        lambda m: arrays(float, (n, m), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, 7.0]))
    )
)


def best_by_corners(values: np.ndarray, unit: int) -> float:
    """The same optimum from all corners of the feasible set: w solves m of the n + m limits."""
    n, m = values.shape
    lines = np.vstack([values, np.eye(m)])
    right = np.concatenate([np.ones(n), np.zeros(m)])
    best = 0.0
    for chosen in np.ndindex(*([n + m] * m)):
        if len(set(chosen)) < m or list(chosen) != sorted(chosen):
            continue
        rows = list(chosen)
        if abs(np.linalg.det(lines[rows])) < 1e-9:
            continue
        w = np.linalg.solve(lines[rows], right[rows])
        if (w >= -1e-9).all() and (values @ w <= 1 + 1e-9).all():
            best = max(best, float(values[unit] @ w))
    return best


@settings(max_examples=60, deadline=None)
@given(tables)
def test_the_optimum_is_that_of_the_corners(values: np.ndarray) -> None:
    scores, weights = benefit_of_the_doubt(values)
    scaled = values / np.where(values.max(axis=0) > 0, values.max(axis=0), 1.0)
    assert (weights >= -1e-9).all()
    assert (scaled @ weights.T <= 1 + 1e-8).all()
    used = values[:, values.max(axis=0) > 0]
    for unit, score in enumerate(scores):
        assert_allclose(score, best_by_corners(used, unit) if used.size else 0.0, atol=1e-8)


def test_by_hand() -> None:
    """Two specialists of (1, 4) and (4, 1); (2, 2) reaches 4/5 with equal weights, (1, 1) 2/5."""
    values = np.array([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0], [1.0, 1.0], [np.nan, 9.0]])
    scores, weights = benefit_of_the_doubt(values)
    assert_allclose(scores, [1.0, 1.0, 0.8, 0.4, np.nan])
    assert np.isnan(weights[4]).all()
    assert np.isnan(benefit_of_the_doubt(values[4:])[0]).all()
    assert_allclose(benefit_of_the_doubt(values[:4] * [10.0, 0.1])[0], scores[:4])
    for bad in (-1.0, np.inf):
        with pytest.raises(StepError, match="zero or more"):
            benefit_of_the_doubt(np.array([[1.0, bad]]))


def test_every_projection_of_a_net_is_a_permutation() -> None:
    """Sobol' (1967): 2^m points of a dimension hit each interval of length 2^-m exactly once; so
    do those shifted by bits at random."""
    assert MAX_DIMENSION >= 21
    for m in (1, 5, 10):
        points = sobol_points(2**m, MAX_DIMENSION)
        shifted = sobol_points(2**m, MAX_DIMENSION, np.random.default_rng(m))
        for column in range(MAX_DIMENSION):
            assert sorted(points[:, column] * 2**m) == list(range(2**m))
            assert sorted(np.floor(shifted[:, column] * 2**m)) == list(range(2**m))
    assert len({tuple(column) for column in points.T}) == MAX_DIMENSION
