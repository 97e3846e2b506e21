"""Input at the edge: constant, alone, tied, missing, zero, infinite. Everything is defined."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from jingkai.engine.composite import (
    Element,
    Result,
    StepError,
    Table,
    TableError,
    Tree,
    TreeError,
    WeightError,
    build,
    derived,
    mcdm,
    parse_method,
    rank_scores,
    run_sensitivity,
    run_uncertainty,
)
from jingkai.engine.composite.adjustments import adjust
from jingkai.engine.composite.errors import DesignError, InfeasibleError, MethodError
from jingkai.engine.composite.growth import average_growth, blend, growth
from jingkai.engine.composite.method import Adjust, Policy, Split, Treat
from jingkai.engine.composite.quasi import sobol_points
from jingkai.engine.composite.statistics import correlation, cronbach, principal_components
from jingkai.engine.composite.treatment import moments, treat

NAN = np.nan


def small(
    a: list[float], b: list[float], *, weights: tuple[float, float] = (1.0, 1.0), **columns: Any
) -> tuple[Table, Tree]:
    units = tuple(f"u{k}" for k in range(len(a)))
    tree = Tree.of(
        [
            Element("a", 1, "top", 1, {"weight": weights[0], "target": 5.0}),
            Element("b", 1, "top", -1, {"weight": weights[1], "target": 0.0}),
            Element("top", 2),
        ]
    )
    numbers = {"a": np.array(a), "b": np.array(b)}
    return Table(units, numbers | {k: np.array(v) for k, v in columns.items()}, {}), tree


def made(a: list[float], b: list[float], spec: Any, **more: Any) -> Result:
    table, tree = small(a, b, **more)
    return build(table, tree, parse_method(spec))


@pytest.mark.parametrize(("policy", "expected"), [("skip", NAN), ("middle", 50.0), ("floor", 0.0)])
def test_a_constant_indicator_has_a_policy(policy: str, expected: float) -> None:
    spec = {"normalise": {"method": "minmax", "constant": policy}}
    result = made([7, 7, 7], [1, 2, 4], spec)
    assert_array_equal(result.normalised[:, 0], [expected] * 3)
    assert [n.element for n in result.notices if n.step == "normalise"] == ["a"]
    if policy == "skip":
        assert_allclose(result.index, result.normalised[:, 1])


@pytest.mark.parametrize(
    "method", ["minmax", "zscore", "distance_to_max", "efficacy", "fraction_of_max"]
)
def test_a_constant_indicator_is_refused_unless_told(method: str) -> None:
    value = 0.0 if method == "fraction_of_max" else 7.0
    with pytest.raises(StepError, match=r"“a” does not tell the units apart.*constant: skip"):
        made([value] * 3, [1, 2, 4], {"normalise": method})


@pytest.mark.parametrize("method", ["rank", "borda"])
def test_ranks_of_a_constant_are_ties(method: str) -> None:
    result = made([7, 7, 7], [1, 2, 4], {"normalise": method})
    assert len(set(result.normalised[:, 0].tolist())) == 1


def test_constant_decimals_are_constant() -> None:
    """0.1 has no exact binary form: the mean misses it, the deviation must not."""
    values = np.full((7, 1), 0.1)
    assert np.isnan(moments(values)[0]).all()
    with pytest.raises(StepError, match="does not tell"):
        made([0.1] * 7, [1, 2, 3, 4, 5, 6, 7], {"normalise": "zscore"})


def test_one_unit_needs_a_scale_of_its_own() -> None:
    assert made([3], [2], {"normalise": "rank"}).ranks.tolist() == [1]
    result = made([3], [2], {"normalise": {"method": "percentile_rank", "constant": "middle"}})
    assert result.index.tolist() == [0.5]
    with pytest.raises(StepError, match="does not tell"):
        made([3], [2], {"normalise": "minmax"})


def test_an_indicator_nobody_has_carries_no_weight_and_is_named() -> None:
    result = made([NAN] * 3, [1, 2, 4], {"normalise": "minmax"})
    assert_allclose(result.index, [100, 200 / 3, 0])
    assert any("no unit has a value of “a”" in n.message for n in result.notices)


def test_a_unit_without_any_value_has_no_score_and_no_rank() -> None:
    result = made([1, NAN, 3], [1, NAN, 4], {"normalise": "minmax"})
    assert np.isnan(result.index[1])
    assert result.ranks.tolist() == [1, 0, 1] or result.ranks[1] == 0
    assert {n.unit for n in result.notices} == {"u1"}


def test_zero_weight_is_no_influence() -> None:
    result = made([1, 2, 3], [4, 2, 1], {"normalise": "minmax"}, weights=(0.0, 2.0))
    assert_allclose(result.index, result.normalised[:, 1])
    gap = made([1, 2, 3], [4, NAN, 1], {"normalise": "minmax"}, weights=(0.0, 2.0))
    assert np.isnan(gap.index[1])


def test_infinite_and_shapeless_input_is_refused() -> None:
    with pytest.raises(TableError, match="“a” is infinite for “u1”"):
        small([1, np.inf], [1, 2])
    with pytest.raises(TableError, match="no unit"):
        Table((), {}, {})
    with pytest.raises(TableError, match="has shape"):
        Table(("u",), {"a": np.array([1.0, 2.0])}, {})
    with pytest.raises(TableError, match="has 2 values"):
        Table(("u",), {}, {"g": ("x", "y")})


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ([Element("a", 1, "t", 1)], "unknown parent “t”"),
        ([Element("a", 1, "", 1)], "indicator “a” has no parent"),
        ([Element("a", 1, "t", 2), Element("t", 2)], "has direction 2"),
        ([Element("a", 0, "t", 1), Element("t", 2)], "must be 1 or more"),
        ([Element("t", 2)], "has no children"),
        ([Element("a", 1, "t", 1), Element("t", 2), Element("s", 2)], "exactly one element"),
        ([Element("", 1, "t", 1)], "no code"),
        ([Element("a", 1, "b", 1), Element("b", 1, "t", 1), Element("t", 2)], "lies under"),
        ([Element("a", 2, "b"), Element("b", 2, "a")], "circle: a → b → a"),
    ],
)
def test_trees_that_are_none(elements: list[Element], said: str) -> None:
    with pytest.raises(TreeError, match=said):
        Tree.of(elements)


def test_a_denominator_of_zero_is_missing_and_named() -> None:
    units = ("u", "v", "w")
    tree = Tree.of(
        [
            Element("a", 1, "t", 1, {"weight": 1.0}, "area"),
            Element("b", 1, "t", 1, {"weight": 1.0}),
            Element("t", 2),
        ]
    )
    numbers = {"a": [1.0, 2, 3], "b": [1.0, 2, 3], "area": [0.0, 1, 2]}
    table = Table(units, {k: np.array(v) for k, v in numbers.items()}, {})
    result = build(table, tree, parse_method({"denominate": True}))
    assert np.isnan(result.denominated[0, 0])
    assert [(n.unit, n.element) for n in result.notices] == [("u", "a")]


@pytest.mark.parametrize("mean", ["geometric", "harmonic"])
@pytest.mark.parametrize("policy", ["skip", {"floor": 2.0}])
def test_zero_under_a_mean_that_needs_more(mean: str, policy: Any) -> None:
    rule: dict[str, Any] = {"method": mean}
    rule |= {"nonpositive": "skip"} if policy == "skip" else {"nonpositive": "floor", **policy}
    result = made([0, 50, 100], [3, 2, 1], {"normalise": "minmax", "aggregate": rule})
    if policy == "skip":
        assert np.isnan(result.index[0])
    else:
        assert_allclose(result.index[0], 2.0)
    with pytest.raises(InfeasibleError, match=r"range: \[1, 100\]"):
        parse_method({"normalise": "minmax", "aggregate": mean})


def test_what_only_the_data_show_names_unit_and_element() -> None:
    spec = {"normalise": {"method": "zscore", "mean": 1}, "aggregate": "geometric"}
    with pytest.raises(StepError, match="geometric mean of “top”: “b” of unit “u2” is 0,"):
        made([1, 2, 30], [1, 2, 3], spec)


def test_replications_refuse_before_they_run() -> None:
    with pytest.raises(InfeasibleError):
        parse_method({"uncertainty": {"aggregate": ["geometric"]}})
    table, tree = small([1, 2, 3], [3, 1, 2])
    rng = np.random.default_rng(0)
    with pytest.raises(DesignError, match="nothing varies"):
        run_uncertainty(table, tree, parse_method({}), replications=9, rng=rng)
    with pytest.raises(DesignError, match="nothing varies"):
        run_sensitivity(table, tree, parse_method({}), rng=rng)
    varied = parse_method({"uncertainty": {"weights": {"noise": 0.1}}})
    with pytest.raises(DesignError, match="at least one"):
        run_uncertainty(table, tree, varied, replications=0, rng=rng)


@pytest.mark.parametrize(
    "block",
    [
        {"treat": {"winmax": [1]}},
        {"normalise": []},
        {"weights": {"noise": 1.5}},
        {"weights": 0.25},
        {"treat": {"winmax": []}},
        {"agregate": ["arithmetic"]},
    ],
)
def test_an_uncertainty_block_is_checked(block: Any) -> None:
    with pytest.raises(MethodError, match="uncertainty"):
        parse_method({"uncertainty": block})


def test_noise_in_one_period_of_two_is_refused() -> None:
    spec = {"split": {"a": {"base": "b"}}, "uncertainty": {"data": {"noise": 0.1}}}
    with pytest.raises(InfeasibleError, match=r"uncertainty\.data cannot go with split"):
        parse_method(spec)


def test_any_subset_of_the_block_varies_only_that() -> None:
    table, tree = small([1, 2, 3, 9], [3, 1, 2, 2])
    for block in (
        {"normalise": ["minmax", "rank"]},
        {"aggregate": ["arithmetic", "copeland"]},
        {"weights": {"noise": 0.5}},
        {"data": {"noise": 0.2}},
        {"impute": ["mean", "median"]},
        {"treat": ["none", "winsorise_then_log"]},
    ):
        method = parse_method({"uncertainty": block})
        found = run_uncertainty(table, tree, method, replications=30, rng=np.random.default_rng(0))
        assert found.ranks is not None
        assert found.ranks.shape == (30, 4)


def test_ties_share_the_best_place_and_rounding_breaks_none() -> None:
    assert rank_scores(np.array([0.1 + 0.2, 0.3, 0.2])).tolist() == [1, 1, 3]
    assert rank_scores(np.array([np.inf, np.inf, 1.0, -np.inf])).tolist() == [1, 1, 3, 4]
    assert rank_scores(np.array([[NAN, NAN], [2.0, NAN]])).tolist() == [[0, 0], [1, 0]]
    assert rank_scores(np.zeros((0,))).tolist() == []


def test_treatment_of_few_or_equal_values() -> None:
    spec = Treat("winsorise_then_log")
    few = treat(np.array([[1.0], [2.0], [900.0]]), spec)
    assert few.passed.all()  # three values have no kurtosis: nothing is judged, nothing changed
    spike = np.array([[0.0]] * 19 + [[1.0]])
    lone = treat(spike, spec)
    assert_array_equal(lone.values, spike)  # without the spike nothing would tell units apart


def test_two_weights_methods_at_the_edge() -> None:
    constant = np.array([[1.0, 2.0], [1.0, 5.0], [1.0, 3.0]])
    for method in (
        derived.entropy,
        derived.critic,
        derived.standard_deviation,
        derived.gini,
        derived.coefficient_of_variation,
        derived.pca,
        derived.merec,
    ):
        assert_allclose(method(constant), [0.0, 1.0], atol=1e-12)
    for method in derived.METHODS.values():
        if method is derived.equal:
            continue
        with pytest.raises(WeightError):
            method(np.full((4, 2), 3.0))
        with pytest.raises(WeightError, match="missing or infinite"):
            method(np.array([[1.0, NAN], [2.0, 3.0]]))
        with pytest.raises(WeightError, match="two units"):
            method(np.array([[1.0, 2.0]]))
    for method in (derived.entropy, derived.gini, derived.merec):
        with pytest.raises(WeightError):
            method(np.array([[1.0, -2.0], [2.0, 3.0]]))
    assert_allclose(derived.entropy(np.array([[0.0, 1.0], [2.0, 1.5]])).sum(), 1.0)
    for bad in ([[1.0, 2.0]], [[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]):
        with pytest.raises(WeightError):
            derived.ahp(np.array(bad))
    assert derived.ahp(np.array([[1.0]])).weights.tolist() == [1.0]
    assert derived.ahp(np.array([[1.0, 4.0], [0.25, 1.0]])).ratio == 0.0


def test_optimised_weights_make_every_correlation_equal() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(80, 3)) + rng.normal(size=(80, 1))
    w = derived.optimised(x)
    r = correlation(x, (x @ w)[:, None])[:, 0]
    assert_allclose(r, r[0], atol=1e-9)
    asked = np.array([2.0, 1.0, 1.0])
    r = correlation(x, (x @ derived.optimised(x, asked))[:, None])[:, 0]
    assert_allclose(r[0] / r[1], 2.0, atol=1e-6)
    against = np.column_stack([x[:, 0], -x[:, 0] + 0.1 * x[:, 1], x[:, 2]])
    assert (derived.optimised(against) >= 0).all()


def test_data_weights_in_a_tree_share_what_the_group_had() -> None:
    for rule in (
        "entropy",
        "critic",
        "std",
        "gini",
        "coefficient_of_variation",
        "pca",
        "optimised",
        "equal",
    ):
        spec = {"normalise": "efficacy", "weights": {"method": rule}}
        result = made([1, 2, 9, 4], [3, 1, 2, 8], spec)
        assert np.isfinite(result.index).all()
    ahp = {"method": "ahp", "matrices": {"top": [[1, 3], ["1/3", 1]]}}
    with pytest.raises(MethodError, match="square matrix"):
        parse_method({"weights": ahp})
    ahp["matrices"] = {"top": [[1, 3], [1 / 3, 1]]}  # type: ignore[assignment]
    result = made([1, 2, 9, 4], [3, 1, 2, 8], {"weights": ahp})
    assert_allclose(result.weights[:2], [0.75, 0.25])
    with pytest.raises(WeightError, match="compares 1 elements"):
        made([1, 2], [3, 1], {"weights": {"method": "ahp", "matrices": {"top": [[1]]}}})
    with pytest.raises(WeightError, match="no aggregate “tip”; did you mean “top”"):
        made([1, 2], [3, 1], {"weights": {"method": "ahp", "matrices": {"tip": [[1]]}}})


def test_growth_policies() -> None:
    value, base = np.array([5.0, 5.0, 5.0, NAN]), np.array([0.0, -10.0, 4.0, 4.0])
    skip = growth(value, base, Split("b", 0.5))
    assert_array_equal(skip.values, [NAN, NAN, 25.0, NAN])
    assert skip.flagged.tolist() == [True, True, False, False]
    floor = Split("b", 0.5, zero_base=Policy.FLOOR, negative_base=Policy.FLOOR, floor=2.0)
    assert_array_equal(growth(value, base, floor).values, [150.0, 150.0, 25.0, NAN])
    with pytest.raises(StepError, match="“x” stands at -10, which is negative"):
        growth(value, base, Split("b", 0.5, negative_base=Policy.ERROR), units=("w", "x"), name="g")
    symmetric = growth(
        np.array([0.0, 5.0]), np.array([0.0, -5.0]), Split("b", 0.5, rule="symmetric")
    )
    assert_array_equal(symmetric.values, [0.0, 200.0])
    assert_array_equal(
        blend(np.array([80.0, NAN, 80.0]), np.array([60.0, 60.0, NAN]), 0.5), [70.0, 60.0, 80.0]
    )
    assert np.isnan(average_growth(np.array([-1.0]), np.array([2.0]), 3)).all()
    with pytest.raises(StepError, match="over 0 years"):
        average_growth(np.array([1.0]), np.array([2.0]), 0)


@pytest.mark.parametrize(("effect", "expected"), [("zero", 0.0), ("cap", 60.0), ("exclude", NAN)])
def test_veto(effect: str, expected: float) -> None:
    table = Table(
        ("u", "v"),
        {"plus": np.array([3.0, NAN]), "minus": np.array([50.0, NAN])},
        {"veto": ("", "yes")},
    )
    spec = Adjust("plus", 5.0, "minus", 20.0, "veto", effect, 60.0, floor=30.0)
    found = adjust(np.array([40.0, 90.0]), table, spec)
    assert_allclose(found.score, [30.0, expected])
    total = found.before + found.bonus - found.deduction + found.lifted + found.vetoed
    assert_allclose(total, found.score)
    with pytest.raises(StepError, match="points without sign"):
        adjust(np.zeros(1), Table(("u",), {"plus": np.array([-1.0])}, {}), Adjust("plus"))


def test_methods_that_compare_at_the_edge() -> None:
    alike = np.ones((3, 2))
    assert mcdm.topsis(alike, np.ones(2)).tolist() == [0.5] * 3
    assert mcdm.vikor(alike, np.ones(2)).tolist() == [0.0] * 3
    assert mcdm.copeland(alike, np.ones(2)).tolist() == [0.0] * 3
    gaps = np.array([[1.0, NAN], [NAN, NAN], [NAN, 2.0], [3.0, 1.0]])
    for found in (
        mcdm.topsis(gaps, np.ones(2)),
        mcdm.vikor(gaps, np.ones(2)),
        mcdm.copeland(gaps, np.ones(2)),
    ):
        assert np.isnan(found).tolist() == [False, True, False, False]
    order = [3, 1, 0, 2]
    assert_array_equal(
        mcdm.outranking(gaps[order], np.ones(2)),
        mcdm.outranking(gaps, np.ones(2))[np.ix_(order, order)],
    )


def test_statistics_at_the_edge() -> None:
    assert np.isnan(cronbach(np.ones((3, 2))))
    assert np.isnan(cronbach(np.ones((3, 1))))
    assert np.isnan(correlation(np.ones((4, 1)), np.arange(4.0)[:, None])).all()
    with pytest.raises(StepError, match="“tau”"):
        correlation(np.ones((4, 1)), np.ones((4, 1)), "tau")
    with pytest.raises(StepError, match="variable 2 is constant"):
        principal_components(np.array([[1.0, 2], [2, 2], [4, 2]]))
    with pytest.raises(StepError, match="three units"):
        principal_components(np.ones((2, 2)))
    with pytest.raises(DesignError, match="at most 21"):
        sobol_points(4, 22)
