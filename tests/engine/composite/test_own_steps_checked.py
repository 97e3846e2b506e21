"""What single scales and rules refuse, and worked examples by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from jingkai.engine.composite import (
    Element,
    InfeasibleError,
    Method,
    MethodError,
    Table,
    Tree,
    build,
    check_method,
    parse_method,
)
from jingkai.engine.composite.build import growth_scale
from jingkai.engine.composite.method import Normalise, Scale
from jingkai.engine.composite.normalisation import Columns, normalise


def zone(**method: Any) -> tuple[Table, Tree, Method]:
    """Three districts: investment against its target, energy by efficacy, patents by efficacy."""
    table = Table(
        ("A", "B", "C"),
        {
            "invest": np.array([60.0, 90.0, 130.0]),
            "energy": np.array([0.5, 0.3, 0.4]),
            "patents": np.array([10.0, 40.0, 20.0]),
            "before": np.array([50.0, 90.0, 100.0]),
        },
        {},
    )
    one = {"weight": 1.0}
    tree = Tree.of(
        [
            Element("invest", 1, "grow", 1, {**one, "target": 110.0, "zero": 0.0}),
            Element("energy", 1, "green", -1, one),
            Element("patents", 1, "green", 1, {"weight": 3.0}),
            Element("grow", 2, "top", None, one),
            Element("green", 2, "top", None, one),
            Element("top", 3),
        ]
    )
    return table, tree, parse_method(method)


def test_completion_rates_beside_efficacy_by_hand() -> None:
    """Rate of the plan (完成率) = value/target, at most 100; the rest 60 to 100 (功效系数)."""
    rate = {"method": "goalposts", "low": "zero", "high": "target", "range": [0, 100]}
    result = build(*zone(
        normalise={"method": "efficacy", "indicators": {"invest": rate}},
        aggregate={"method": "arithmetic", "nodes": {"green": "geometric"}},
    ))  # fmt: skip
    assert_allclose(result.normalised[:, 0], [100 * 60 / 110, 100 * 90 / 110, 100.0])
    assert_allclose(result.normalised[:, 1], [60.0, 100.0, 80.0])
    assert_allclose(result.normalised[:, 2], [60.0, 100.0, 60 + 40 / 3])
    green = [60.0, 100.0, (80.0 * (60 + 40 / 3) ** 3) ** 0.25]
    assert_allclose(result.index, (result.normalised[:, 0] + green) / 2)
    # From the worst unit to the target, at most 1.2, as points from 60 upwards.
    points = {"method": "distance_to_target", "cap": 1.2, "range": [60, 100]}
    table, tree, method = zone(normalise={"method": "efficacy", "indicators": {"invest": points}})
    own = build(table, tree, method).normalised[:, 0]
    assert_allclose(own, [60.0, 60 + 40 * 30 / 50, 60 + 40 * 1.2])


def test_the_growth_of_a_split_follows_the_scale_of_its_indicator() -> None:
    split = {"invest": {"base": "before", "growth_share": 0.25}}
    change = np.array([20.0, 0.0, 30.0])
    for own, high in (
        ({"method": "minmax", "range": [60, 100]}, 100.0),
        ({"method": "distance_to_target", "cap": "none", "range": [60, 100]}, 100.0),
        ({"method": "distance_to_target", "cap": "none"}, 1.0),
        ({"method": "rank"}, None),
    ):
        scales = {"method": "zscore", "indicators": {"invest": own}}
        table, tree, method = zone(normalise=scales, split=split)
        level = build(*zone(normalise=scales)).normalised[:, 0]
        low = 0.0 if high == 1.0 else 60.0
        grown = low + (high - low) * change / 30 if high else np.array([2.0, 1.0, 3.0])
        both = build(table, tree, method)
        assert_allclose(both.normalised[:, 0], 0.75 * level + 0.25 * grown)
        untouched = build(*zone(normalise="zscore")).normalised[:, 1:]
        assert_allclose(both.normalised[:, 1:], untouched)


def test_scales_too_narrow_to_count_are_named() -> None:
    narrow = {"method": "efficacy", "indicators": {"invest": "distance_to_target"}}
    said = [n for n in build(*zone(normalise=narrow)).notices if "hardly count" in n.message]
    assert [n.element for n in said] == ["invest"]
    wide = {
        **narrow,
        "indicators": {"invest": {"method": "distance_to_target", "range": [60, 100]}},
    }
    assert not [n for n in build(*zone(normalise=wide)).notices if "hardly" in n.message]


@pytest.mark.parametrize(
    ("method", "said", "path"),
    [
        ({"normalise": {"method": "efficacy", "indicators": {"envest": "rank"}}},
         "“envest” is not in the tree; did you mean “invest”?", "normalise.indicators.envest"),
        ({"normalise": {"method": "efficacy", "indicators": {"green": "rank"}}},
         "“green” is an aggregate", "normalise.indicators.green"),
        ({"aggregate": {"method": "arithmetic", "nodes": {"gren": "geometric"}}},
         "did you mean “green”?", "aggregate.nodes.gren"),
        ({"aggregate": {"method": "arithmetic", "nodes": {"invest": "geometric"}}},
         "“invest” is an indicator", "aggregate.nodes.invest"),
        ({"uncertainty": {"aggregate": [{"method": "arithmetic", "nodes": {"x": "topsis"}}]}},
         "“x” is not in the tree", "uncertainty.aggregate[0].nodes.x"),
        ({"uncertainty": {"normalise": ["rank", {"method": "rank", "indicators": {"y": "rank"}}]}},
         "“y” is not in the tree", "uncertainty.normalise[1].indicators.y"),
        ({"normalise": {"method": "efficacy", "indicators": {"energy": "zscore"}},
          "aggregate": {"method": "arithmetic", "nodes": {"green": "geometric"}}},
         "“energy” cannot go into “green” by geometric: z-scores around 0",
         "aggregate.nodes.green"),
        ({"normalise": {"method": "efficacy", "indicators": {"energy": "zscore"}},
          "aggregate": "geometric"}, "“energy” cannot go into “green” by geometric", "aggregate"),
        ({"normalise": "minmax",
          "aggregate": {"method": "arithmetic", "nodes": {"green": "harmonic"}}},
         "“energy” cannot go into “green” by harmonic: the worst unit gets 0",
         "aggregate.nodes.green"),
        ({"normalise": {"method": "zscore", "indicators": {"invest": "efficacy"}},
          "aggregate": {"method": "arithmetic", "nodes": {"top": "geometric"}}},
         "“green” cannot go into “top” by geometric: its scores sum to zero",
         "aggregate.nodes.top"),
        ({"normalise": "efficacy",
          "aggregate": {"method": "geometric", "nodes": {"green": "copeland"}}},
         "“green” cannot go into “top” by geometric", "aggregate"),
        ({"normalise": "efficacy", "uncertainty": {"aggregate": [
            {"method": "arithmetic", "nodes": {"green": "geometric"}}],
            "normalise": ["efficacy", {"method": "distance_to_max"}]}},
         "“energy” cannot go into “green” by geometric: the worst unit gets 0, and that mean "
         "needs values above zero; use range: [1, 100]", "uncertainty.aggregate.nodes.green"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_tree_is_refused_first(
    method: dict[str, Any], said: str, path: str
) -> None:
    table, tree, parsed = zone(**method)
    with pytest.raises(MethodError) as refused:
        check_method(parsed, tree)
    assert said in str(refused.value)
    assert refused.value.params["path"] == path
    with pytest.raises(MethodError):
        build(table, tree, parsed)


def test_what_would_fail_by_level_may_pass_by_node() -> None:
    """Min-max from 0 cannot go under a geometric level; with every lowest aggregate summed it can
    go below a geometric index."""
    nodes = {"grow": "arithmetic", "green": "arithmetic"}
    method: dict[str, Any] = {"normalise": "minmax", "aggregate": "geometric"}
    with pytest.raises(InfeasibleError, match="range"):
        parse_method(method)
    table, tree, parsed = zone(
        normalise="minmax",
        aggregate={"method": "geometric", "nodes": nodes, "nonpositive": "floor", "floor": 0.5},
    )
    assert np.isfinite(build(table, tree, parsed).index).all()
    check_method(
        parse_method({**method, "aggregate": {"method": "geometric", "nodes": nodes}}), tree
    )
    floored = {"method": "geometric", "nonpositive": "floor", "floor": 1}
    mixed = {"method": "arithmetic", "nodes": {"green": floored}}
    assert np.isfinite(build(*zone(normalise="minmax", aggregate=mixed)).index).all()


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ({"normalise": {"method": "rank", "indicators": {"a": {"method": "rank", "cap": 1}}}},
         "normalise.indicators.a.cap has no meaning for rank"),
        ({"normalise": {"method": "rank", "indicators": {"a": {"method": "minmaks"}}}},
         "normalise.indicators.a.method: “minmaks” is not known; did you mean “minmax”?"),
        ({"normalise": {"method": "rank", "indicators": {"a": {"method": "rank",
                                                             "indicators": {}}}}},
         "normalise.indicators.a.indicators is not a key"),
        ({"normalise": {"method": "rank", "indicators": ["a"]}}, "must map codes of indicators"),
        ({"normalise": {"method": "rank", "indicatros": {}}}, "did you mean “indicators”?"),
        ({"normalise": {"indicators": {"a": "rank"}}}, "normalise.method is missing"),
        ({"aggregate": {"nodes": {"a": "rank"}}}, "needs either method or levels"),
        ({"aggregate": {"method": "arithmetic", "nodes": {"a": "rank"}}},
         "aggregate.nodes.a.method: “rank” is not known"),
        ({"aggregate": {"method": "arithmetic", "nodes": {"a": {"method": "geometric",
                                                              "min_available": 1}}}},
         "aggregate.nodes.a.min_available is not a key"),
        ({"aggregate": {"method": "arithmetic", "nodes": "a"}}, "must map codes of aggregates"),
        ({"aggregate": {"method": "arithmetic", "node": {}}}, "did you mean “nodes”?"),
        ({"normalise": "zscore", "aggregate": {"method": "arithmetic", "nodes": {"P": "harmonic"}}},
         "“P”: z-scores around 0 are negative"),
        ({"normalise": {"method": "distance_to_target", "range": [100, 60]}}, "two ascending"),
    ],
)  # fmt: skip
def test_every_part_is_checked_with_its_own_keys(method: dict[str, Any], said: str) -> None:
    with pytest.raises(MethodError) as refused:
        parse_method(method)
    assert said in str(refused.value)


def test_unit_scales_may_lie_anywhere() -> None:
    values = np.array([[1.0], [2.0], [5.0]])
    for scale in ("percentile_rank", "distance_to_max", "distance_to_target", "fraction_of_max",
                  "distance_to_reference"):  # fmt: skip
        columns = Columns(("a",), np.ones(1), targets=np.array([4.0]), reference=1)
        unit = Normalise(Scale(scale), cap=None)
        points = replace(unit, onto=(60.0, 100.0))
        assert_allclose(
            normalise(values, points, columns), 60 + 40 * normalise(values, unit, columns)
        )
        assert points.label == f"{unit.label}_60_100"
        assert unit.bounds == (0.0, 1.0)
    assert growth_scale(Normalise(Scale.DISTANCE_TO_TARGET, onto=(1.0, 9.0))).bounds == (1.0, 9.0)
