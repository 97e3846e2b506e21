"""One published example per method, with its source."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from jingkai.engine.composite import Element, Table, Tree, build, derived, mcdm, parse_method
from jingkai.engine.composite.aggregation import combine
from jingkai.engine.composite.growth import growth
from jingkai.engine.composite.method import Mean, Normalise, Rule, Scale, Split
from jingkai.engine.composite.normalisation import Columns, normalise
from jingkai.engine.composite.quasi import sobol_points
from jingkai.engine.composite.sensitivity import exact_indices, sampled_indices
from jingkai.engine.composite.statistics import cronbach, mean_ranks


def test_goalposts_and_geometric_mean_ghana() -> None:
    """UNDP, Human Development Report 2013, technical note 1: Ghana, 2012, HDI 0.558."""
    columns = Columns(
        names=("life", "mean years", "expected years", "ln income"),
        directions=np.ones(4),
        lows=np.array([20.0, 0.0, 0.0, np.log(100)]),
        highs=np.array([83.6, 13.3, 18.0, np.log(87_478)]),
    )
    raw = np.array([[64.6, 7.0, 11.4, np.log(1684)]])
    spec = Normalise(Scale.GOALPOSTS, low=0.0, high=1.0)
    life, mean_years, expected, income = normalise(raw, spec, columns)[0]
    assert_allclose([life, mean_years, expected, income], [0.701, 0.527, 0.634, 0.417], atol=1e-3)
    geometric = Rule(Mean.GEOMETRIC)
    education = combine(np.array([[mean_years, expected]]), np.ones(2), geometric)[0] / 0.971
    parts = np.array([[life, education, income]])
    assert round(float(combine(parts, np.ones(3), geometric)[0]), 3) == 0.558


def test_human_development_as_a_tree_norway() -> None:
    """UNDP, Human Development Report 2014, table 1: Norway, 2013, HDI 0.944 (rounded inputs)."""
    goals = {"life": (20, 85), "mys": (0, 15), "eys": (0, 18), "gni": (np.log(100), np.log(75e3))}
    parents = {"life": "health", "mys": "education", "eys": "education", "gni": "income"}
    elements = [
        Element(code, 1, parents[code], 1, {"weight": 1.0, "goal_low": a, "goal_high": b})
        for code, (a, b) in goals.items()
    ]
    elements += [
        Element(code, 2, "hdi", None, {"weight": 1.0}) for code in ("health", "education", "income")
    ]
    tree = Tree.of([*elements, Element("hdi", 3)])
    values = {"life": 81.5, "mys": 12.6, "eys": 17.6, "gni": np.log(63_909)}
    table = Table(("NOR",), {code: np.array([v]) for code, v in values.items()}, {})
    method = parse_method(
        {
            "normalise": {"method": "goalposts", "range": [0, 1]},
            "aggregate": {"levels": {2: "arithmetic", 3: "geometric"}},
        }
    )
    result = build(table, tree, method)
    assert_allclose(result.index, [0.944], atol=1e-3)
    assert result.ranks.tolist() == [1]


def test_efficacy_coefficient() -> None:
    """功效系数: the largest scores 100, the smallest 60, others 60 + 40·(x − min)/(max − min).

    Rule of a county's 2021 assessment of development zones; for reversed indicators mirrored.
    """
    values = np.array([[12.0, 3.0], [30.0, 1.0], [21.0, 2.0], [48.0, 5.0]])
    spec = Normalise(Scale.EFFICACY, low=60.0, high=100.0)
    scores = normalise(values, spec, Columns(("more", "less"), np.array([1.0, -1.0])))
    assert_allclose(scores[:, 0], [60, 80, 70, 100])
    assert_allclose(scores[:, 1], [80, 100, 90, 60])


HOUSE = """
1 5 3 7 6 6 1/3 1/4
1/5 1 1/3 5 3 3 1/5 1/7
1/3 3 1 6 3 4 6 1/5
1/7 1/5 1/6 1 1/3 1/4 1/7 1/8
1/6 1/3 1/3 3 1 1/2 1/5 1/6
1/6 1/3 1/4 4 2 1 1/5 1/6
3 5 1/6 7 5 5 1 1/2
4 7 5 8 6 6 2 1
"""


def test_pairwise_comparisons_buying_a_house() -> None:
    """Saaty (1990), How to make a decision, European Journal of Operational Research 48, 9-26."""

    def number(text: str) -> float:
        above, _, below = text.partition("/")
        return float(above) / float(below or 1)

    rows = [[number(cell) for cell in line.split()] for line in HOUSE.strip().splitlines()]
    judged = derived.ahp(np.array(rows))
    expected = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert judged.weights.round(3).tolist() == expected
    assert round(judged.lambda_max, 3) == 9.669
    assert round(judged.index, 3) == 0.238
    assert round(judged.ratio, 3) == 0.169


def test_topsis_fighter_aircraft() -> None:
    """Hwang & Yoon (1981), Multiple Attribute Decision Making: the fighter aircraft problem."""
    aircraft = np.array(
        [
            [2.0, 1500, 20_000, 5.5, 5, 9],
            [2.5, 2700, 18_000, 6.5, 3, 5],
            [1.8, 2000, 21_000, 4.5, 7, 7],
            [2.2, 1800, 20_000, 5.0, 5, 5],
        ]
    )
    better = aircraft * np.array([1, 1, 1, -1, 1, 1])
    weights = np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3])
    assert_allclose(mcdm.topsis(better, weights), [0.643, 0.268, 0.613, 0.312], atol=1e-3)
    many = mcdm.topsis(better, np.stack([weights, weights * 7]))
    assert_allclose(many[1], many[0])


def test_sobol_indices_of_ishigami() -> None:
    """Ishigami & Homma (1990); closed form, a = 7, b = 0.1: S1 0.3139, 0.4424, 0."""

    def ishigami(u: np.ndarray) -> np.ndarray:
        x = (2 * u - 1) * np.pi
        return (
            50 + np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
        )

    rng = np.random.default_rng(4)
    points = sobol_points(4096, 6, rng)
    a, b = points[:, :3], points[:, 3:]
    mixed = np.array([ishigami(np.where(np.arange(3) == k, b, a)) for k in range(3)])
    found = sampled_indices(ishigami(a), ishigami(b), mixed, "xyz", rng=rng)
    assert_allclose([i.first for i in found.indices], [0.3139, 0.4424, 0.0], atol=0.006)
    assert_allclose([i.total for i in found.indices], [0.5576, 0.4424, 0.2437], atol=0.006)
    for index in found.indices:
        assert index.first_low <= index.first <= index.first_high
        assert index.total_low <= index.total <= index.total_high


def test_exact_indices_of_a_product() -> None:
    """y = x₁·x₂ with both in {−1, 1}: no first-order effect, all is interaction (Sobol' 1993)."""
    y = np.multiply.outer([-1.0, 1.0], [-1.0, 1.0])
    found = exact_indices(y, ["a", "b"])
    assert [(i.first, i.total) for i in found.indices] == [(0.0, 1.0), (0.0, 1.0)]
    additive = exact_indices(np.add.outer([0.0, 3.0], [0.0, 4.0, 8.0]), ["a", "b"])
    assert_allclose(sum(i.first for i in additive.indices), 1.0)
    still = exact_indices(np.ones((2, 3)), ["a", "b"])
    assert [(i.first, i.total) for i in still.indices] == [(0.0, 0.0), (0.0, 0.0)]


@pytest.mark.parametrize("dimension", range(1, 22))
def test_every_dimension_of_the_sequence_is_balanced(dimension: int) -> None:
    """Each of 2^k points falls into an interval of its own, in every coordinate, also shifted."""
    for rng in (None, np.random.default_rng(1)):
        column = sobol_points(512, dimension, rng)[:, -1]
        assert sorted((column * 512).astype(int).tolist()) == list(range(512))


def test_growth_of_a_ratio() -> None:
    """Törnqvist et al. (1985): from 10 to 11 is 10 %, 9.52 symmetric, 9.53 log per cent."""
    ends = np.array([11.0]), np.array([10.0])
    found = [
        float(growth(*ends, Split("b", 0.5, rule=rule)).values[0])
        for rule in ("percent", "symmetric", "log", "difference")
    ]
    assert_allclose(found, [10.0, 9.5238, 9.5310, 1.0], atol=1e-4)


def test_small_tables_by_hand() -> None:
    """Values that fit on a slip of paper."""
    assert_allclose(cronbach(np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]])), 1.0)
    assert mean_ranks(np.array([3.0, 1.0, 3.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]
    # Two units on three criteria of weight 2, 1, 1: 2 + ½ against 1 + ½.
    matrix = mcdm.outranking(np.array([[5.0, 1.0, 3.0], [4.0, 2.0, 3.0]]), np.array([2.0, 1, 1]))
    assert_allclose(matrix, [[0.0, 0.625], [0.375, 0.0]])
    # VIKOR: S = (½, ½), R = (½, ¼+…) by hand.
    q = mcdm.vikor(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]), np.array([0.5, 0.25, 0.25]))
    assert_allclose(q, [0.0, 0.5])
    # Entropy: a constant column tells nothing, all the weight goes to the other.
    assert_allclose(derived.entropy(np.array([[1.0, 5.0], [3.0, 5.0]])), [1.0, 0.0])
    # Gini of (1, 3): 1/4; of (1, 1): 0.
    assert_allclose(derived.gini(np.array([[1.0, 1.0], [3.0, 1.0]])), [1.0, 0.0])
