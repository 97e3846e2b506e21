"""Whatever the grammar can say, on whatever data: a result, or a refusal that names its place."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingkai.engine.composite import (
    CompositeError,
    Element,
    MethodError,
    Result,
    Table,
    Tree,
    build,
    contributions,
    mcdm,
    parse_method,
    run_sensitivity,
    run_uncertainty,
)

CODES = ("a", "b", "c", "d")
NODES = ("p", "q", "top")
ranges = st.sampled_from([[0, 100], [1, 100], [60, 100], [-5, 5], [0.001, 1]])
constant = st.sampled_from(["error", "skip", "middle", "floor"])


def keys(method: str, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"method": st.just(method)}, optional=optional)


scales = st.one_of(
    keys("minmax", range=ranges, constant=constant),
    keys("efficacy", range=ranges, constant=constant),
    keys("zscore", mean=st.sampled_from([0, 50, 100]), sd=st.sampled_from([1, 10]),
         constant=constant),
    keys("rank"),
    keys("borda"),
    keys("percentile_rank", range=ranges, constant=constant),
    keys("distance_to_target", target=st.sampled_from(["target", "none_such"]),
         cap=st.sampled_from([1, 1.2, "none"]), range=ranges, constant=constant),
    keys("distance_to_max", range=ranges, constant=constant),
    st.fixed_dictionaries(
        {"method": st.just("distance_to_reference"), "unit": st.sampled_from(["u0", "u9"])},
        optional={"at_worst": st.sampled_from(["infinite", "skip", "error"]), "range": ranges},
    ),
    keys("goalposts", range=ranges, clip=st.booleans(), constant=constant),
    keys("fraction_of_max", negative=st.sampled_from(["sign", "inverse"]), range=ranges,
         constant=constant),
    st.sampled_from(["minmax", "rank", "efficacy", "borda"]),
)  # fmt: skip
nonpositive = st.sampled_from([{}, {"nonpositive": "skip"}, {"nonpositive": "floor", "floor": 0.5}])
means = st.one_of(
    st.sampled_from(["arithmetic", "geometric", "harmonic", "copeland", "topsis", "vikor"]),
    st.builds(lambda m, n: {"method": m, **n},
              st.sampled_from(["arithmetic", "geometric", "harmonic"]), nonpositive),
    st.builds(lambda p, n: {"method": "generalised_mean", "power": p, **n},
              st.sampled_from([-2, -0.5, 0.5, 1, 2, 3]), nonpositive),
    keys("vikor", v=st.sampled_from([0, 0.5, 1])),
)  # fmt: skip
normalises = st.one_of(
    scales,
    st.builds(
        lambda s, own: {**(s if isinstance(s, dict) else {"method": s}), "indicators": own},
        scales, st.dictionaries(st.sampled_from(CODES), scales, max_size=3),
    ),
)  # fmt: skip
availability = st.sampled_from([{}, {"min_available": 0.6}, {"min_available": {2: 1, 3: 0.5}}])
own_rules = st.one_of(
    st.just({}), st.builds(lambda n: {"nodes": n}, st.dictionaries(st.sampled_from(NODES), means))
)
aggregates = st.one_of(
    means,
    st.builds(lambda m, a, n: {**(m if isinstance(m, dict) else {"method": m}), **a, **n},
              means, availability, own_rules),
    st.builds(lambda low, high, a, n: {"levels": {2: low, 3: high}, **a, **n},
              means, means, availability, own_rules),
)  # fmt: skip
imputes = st.sampled_from(
    ["none", "mean", "median", {"method": "group_mean", "by": "g"},
     {"method": "group_median", "by": "g"}, "row_within_parent"]
)  # fmt: skip
treats = st.one_of(
    st.just("none"),
    keys("winsorise_then_log", winmax=st.integers(0, 3), log=st.sampled_from(["ct", "ct_plus",
         "none"]), log_from=st.sampled_from(["original", "winsorised"]),
         skew=st.sampled_from([0, 2]), kurtosis=st.sampled_from([0, 3.5])),
)  # fmt: skip
splits = st.dictionaries(
    st.sampled_from(CODES[:2]),
    st.fixed_dictionaries(
        {"base": st.just("base"), "growth_share": st.sampled_from([0, 0.3, 1])},
        optional={
            "rule": st.sampled_from(["percent", "difference", "symmetric", "log"]),
            "zero_base": st.sampled_from(["skip", "error"]),
            "negative_base": st.sampled_from(["skip", "error"]),
        },
    ),
)
adjusts = st.sampled_from(
    ["none", {"bonus": "plus", "bonus_cap": 2}, {"deduction": "plus", "floor": 0},
     {"veto": "g", "veto_effect": "exclude"}, {"veto": "g", "veto_effect": "cap"}]
)  # fmt: skip
weights = st.sampled_from(
    ["weight", "equal", *({"method": m} for m in ("entropy", "critic", "std", "gini", "merec",
     "coefficient_of_variation", "pca", "optimised"))]
)  # fmt: skip
methods = st.fixed_dictionaries(
    {"normalise": normalises, "aggregate": aggregates},
    optional={
        "impute": imputes,
        "treat": treats,
        "weights": weights,
        "screen": st.sampled_from(["none", {"min_coverage": 0.5}]),
        "split": splits,
        "adjust": adjusts,
        "groups": st.just("g"),
        "denominate": st.booleans(),
    },
)
varied = st.fixed_dictionaries(
    {},
    optional={
        "normalise": st.lists(normalises, min_size=1, max_size=2),
        "aggregate": st.lists(aggregates, min_size=1, max_size=2),
        "impute": st.lists(imputes, min_size=1, max_size=2),
        "treat": st.lists(treats, min_size=1, max_size=2),
        "weights": st.just({"noise": 0.25}),
        "data": st.just({"noise": 0.1}),
    },
)
cells = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 5.0, np.nan]),
    st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 2)),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Table, Tree]:
    n = draw(st.integers(1, 7))
    columns = {}
    for code in (*CODES, "base", "area"):
        kind = draw(st.sampled_from(["any", "any", "constant", "missing", "ties"]))
        if kind == "any":
            column = draw(st.lists(cells, min_size=n, max_size=n))
        elif kind == "ties":
            column = draw(st.lists(st.sampled_from([1.0, 2.0]), min_size=n, max_size=n))
        else:
            column = [draw(cells) if kind == "constant" else np.nan] * n
        columns[code] = np.array(column)
    columns["plus"] = np.arange(n, dtype=float)
    shares = st.sampled_from([0.0, 1.0, 2.5])
    elements = [
        Element(
            code, 1, "p" if k < 2 else "q", 1 if k % 2 else -1,
            {"weight": draw(shares), "target": 4.0, "goal_low": 0.0, "goal_high": draw(shares)},
            "area" if code == "d" else "",
        )
        for k, code in enumerate(CODES)
    ]  # fmt: skip
    elements += [Element(code, 2, "top", None, {"weight": draw(shares)}) for code in ("p", "q")]
    elements.append(Element("top", 3))
    texts = {"g": tuple("x" if k % 3 else "" for k in range(n))}
    return Table(tuple(f"u{k}" for k in range(n)), columns, texts), Tree.of(elements)


def said(problem: CompositeError, spec: Any) -> None:
    assert str(problem), spec
    if isinstance(problem, MethodError):
        assert problem.params.get("path"), (str(problem), spec)


def sound(result: Result) -> None:
    """No missing or infinite score without a notice; ranks only where there is a score."""
    told = {notice.unit for notice in result.notices}
    elements = {notice.element for notice in result.notices}
    for unit, score, rank in zip(result.units, result.index, result.ranks, strict=True):
        assert (rank == 0) == np.isnan(score)
        vetoed = result.adjusted is not None and result.method.adjust is not None
        assert not np.isnan(score) or unit in told or vetoed, (unit, result.notices)
        assert np.isfinite(score) or np.isnan(score) or elements, (unit, result.notices)
    for node, code in enumerate(result.tree.indicators):
        lost = np.isnan(result.normalised[:, node]) & ~np.isnan(result.treated.values[:, node])
        assert not lost.any() or code in elements, (code, result.notices)


@settings(max_examples=400, deadline=None)
@given(worlds(), methods)
def test_a_method_builds_or_says_why_not(world: tuple[Table, Tree], spec: dict[str, Any]) -> None:
    try:
        result = build(*world, parse_method(spec))
    except CompositeError as problem:
        said(problem, spec)
        return
    sound(result)
    try:
        parts = contributions(result)
    except CompositeError as problem:
        said(problem, spec)
    else:
        assert parts.values.shape == result.normalised.shape


@settings(max_examples=150, deadline=None)
@given(worlds(), methods, varied)
def test_an_analysis_runs_or_says_why_not(
    world: tuple[Table, Tree], spec: dict[str, Any], vary: dict[str, Any]
) -> None:
    try:
        method = parse_method({**spec, "uncertainty": vary})
        rng = np.random.default_rng(1)
        found = run_uncertainty(*world, method, replications=12, rng=rng)
        shares = run_sensitivity(*world, method, rng=rng, n_base=4, bootstrap=5)
    except CompositeError as problem:
        said(problem, spec)
        return
    assert found.frequencies.sum() == 12 * len(found.nominal.units)
    assert all(np.isfinite([index.first, index.total]).all() for index in shares.indices)


words = st.sampled_from(
    ["method", "range", "minmax", "geometric", "levels", "nodes", "indicators", "none", "", "x"]
)
nonsense = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), words),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(words, st.integers(0, 4)), inner, max_size=3),
    ),
    max_leaves=6,
)
TOP = ("weights", "screen", "denominate", "impute", "treat", "normalise", "aggregate", "split",
       "adjust", "groups", "uncertainty")  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(
        st.dictionaries(st.sampled_from(TOP), nonsense, max_size=3),
        st.builds(lambda a, b: {"uncertainty": {a: b}}, st.sampled_from(TOP), nonsense),
        st.builds(lambda a, b: {a: {"x": b}}, st.sampled_from(TOP), nonsense),
    )
)
def test_nonsense_is_a_method_or_a_refusal_with_a_place(data: Any) -> None:
    try:
        method = parse_method(data)
    except MethodError as problem:
        said(problem, data)
    else:
        assert parse_method(data) == method


@pytest.mark.parametrize("data", [None, 3, "minmax", [], [{}], {3: 4}, {None: 1}])
def test_what_is_no_mapping_is_refused(data: Any) -> None:
    with pytest.raises(MethodError, match=r"mapping|not a key"):
        parse_method(data)


SCALES: list[Any] = [
    {"method": "minmax", "range": [1, 100]},
    "efficacy",
    {"method": "zscore", "mean": 100, "sd": 10},
    "rank",
    {"method": "borda"},
    {"method": "percentile_rank", "range": [1, 2]},
    {"method": "distance_to_target", "range": [1, 2]},
    {"method": "distance_to_max", "range": [1, 2]},
    {"method": "distance_to_reference", "unit": "u0", "range": [1, 2]},
    {"method": "goalposts", "range": [1, 100]},
    {"method": "fraction_of_max"},
]
MEANS: list[Any] = [
    "arithmetic",
    "geometric",
    "harmonic",
    {"method": "generalised_mean", "power": 0.5},
    {"method": "generalised_mean", "power": -2},
    "copeland",
    "topsis",
    "vikor",
]
EDGES: dict[str, list[float]] = {
    "constant": [7.0, 7.0, 7.0],
    "constant zero": [0.0, 0.0, 0.0],
    "one unit": [3.0],
    "ties": [2.0, 2.0, 5.0],
    "all missing": [np.nan, np.nan, np.nan],
    "one missing": [np.nan, 2.0, 5.0],
    "zero weight": [1.0, 2.0, 5.0],
}


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("policy", ["error", "skip", "middle", "floor"])
def test_every_edge_under_every_scale_and_mean(edge: str, policy: str) -> None:
    first = EDGES[edge]
    table = Table(
        tuple(f"u{k}" for k in range(len(first))),
        {"a": np.array(first), "b": np.array([1.0, 4.0, 2.0][: len(first)])},
        {},
    )
    goals = {"target": 4.5, "goal_low": 0.5, "goal_high": 4.5}
    heavy = 0.0 if edge == "zero weight" else 1.0
    tree = Tree.of(
        [
            Element("a", 1, "top", 1, {**goals, "weight": heavy}),
            Element("b", 1, "top", 1, {**goals, "weight": 1.0}),
            Element("top", 2),
        ]
    )
    for scale, mean in itertools.product(SCALES, MEANS):
        spec = scale if isinstance(scale, dict) else {"method": scale}
        if spec["method"] not in ("rank", "borda", "distance_to_reference"):
            spec = {**spec, "constant": policy}
        try:
            result = build(table, tree, parse_method({"normalise": spec, "aggregate": mean}))
        except CompositeError as problem:
            said(problem, (spec, mean))
        else:
            sound(result)
            if edge == "zero weight" and mean != "vikor":
                alone = build(table, tree.without("a"), parse_method(
                    {"normalise": spec, "aggregate": mean}))  # fmt: skip
                np.testing.assert_allclose(result.index, alone.index, atol=1e-12)


@pytest.mark.parametrize("mean", MEANS)
def test_a_value_without_weight_is_no_score(mean: Any) -> None:
    """u2 has only what does not count; the others must not notice."""
    table = Table(
        ("u0", "u1", "u2", "u3"),
        {"a": np.array([1.0, 2.0, 5.0, 4.0]), "b": np.array([3.0, 5.0, np.nan, 4.0])},
        {},
    )
    tree = Tree.of(
        [
            Element("a", 1, "top", 1, {"weight": 0.0}),
            Element("b", 1, "top", 1, {"weight": 1.0}),
            Element("top", 2),
        ]
    )
    result = build(table, tree, parse_method({"normalise": "efficacy", "aggregate": mean}))
    assert result.ranks.tolist() == [3, 1, 0, 2]
    assert np.isnan(result.index[2])


def test_rounding_of_sums_does_not_win_a_pair() -> None:
    """0.1 + 0.2 and 0.3 are one score, in whatever order their parts were added."""
    values = np.array([[0.1 + 0.2], [0.3], [np.nextafter(0.3, 0.0)], [0.2], [np.inf]])
    assert mcdm.copeland(values, np.ones(1), noise=1e-12).tolist() == [0.0, 0.0, 0.0, -4.0, 4.0]


def test_infinite_input_is_refused_by_name() -> None:
    with pytest.raises(CompositeError, match=r"u1"):
        Table(("u0", "u1"), {"a": np.array([1.0, np.inf])}, {})
