"""Single indicators on their own scale, single aggregates under their own rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from jingkai.engine.composite import (
    StepError,
    Table,
    Tree,
    build,
    build_panel,
    contributions,
    default_baseline,
    explain_change,
    leave_one_out,
    parse_method,
    run_audit,
    run_sensitivity,
    run_uncertainty,
    runs_from_design,
)
from jingkai.engine.composite.build import prepare
from jingkai.engine.composite.replications import Choices, Replicator
from jingkai.engine.composite.robustness import single_changes, without_element
from jingkai.engine.composite.uncertainty import labels, replicate

from . import naive
from .test_grammar_options import DIRECTIONS, PARENTS, SCALES, TREATMENTS, world
from .test_laws import LAW, random_runs, seeds

CODES = st.sampled_from(sorted(PARENTS))
NODES = st.sampled_from(["p0", "p1", "p2", "s0", "s1", "I"])
OWN_SCALES = st.dictionaries(CODES, st.sampled_from(SCALES), max_size=8)
POSITIVE = st.sampled_from(
    [
        {"method": "minmax", "range": [1, 100]},
        {"method": "distance_to_target", "range": [60, 100]},
        {"method": "zscore", "mean": 100, "sd": 5},
        {"method": "distance_to_max", "range": [5, 50]},
    ]
)
RULES = st.sampled_from(
    [
        "arithmetic",
        "geometric",
        {"method": "harmonic"},
        {"method": "generalised_mean", "power": 2},
        {"method": "generalised_mean", "power": -1.5},
    ]
)
OWN_RULES = st.dictionaries(NODES, RULES, max_size=6)


@settings(max_examples=80, deadline=None)
@given(seeds, st.sampled_from(SCALES), OWN_SCALES, st.sampled_from(TREATMENTS))
def test_every_indicator_is_on_its_own_scale(
    seed: int, common: Any, own: dict[str, Any], treat: Any
) -> None:
    if any("target" in str(s) or "goal" in str(s) or "reference" in str(s) for s in own.values()):
        treat = "none"  # limits are in the original unit
    if any(word in str(common) for word in ("target", "goal", "reference")):
        treat = "none"
    table, tree, plain = world(seed)
    method = parse_method({
        "denominate": True, "treat": treat, "normalise": {**common, "indicators": own},
    })  # fmt: skip
    result = build(table, tree, method)
    for node, element in enumerate(tree.elements[: tree.n_indicators]):
        column = plain[element.code]
        column = column if treat == "none" else naive.treated(column, treat)
        wanted = naive.normalised(
            column, own.get(element.code, common), DIRECTIONS[element.code], element.numbers, 3
        )
        assert_allclose(
            result.normalised[:, node], [np.nan if v is None else v for v in wanted], rtol=1e-9,
            atol=1e-9, err_msg=element.code,
        )  # fmt: skip


@LAW
@given(seeds, OWN_RULES, st.dictionaries(CODES, POSITIVE, max_size=8), st.booleans())
def test_every_aggregate_is_under_its_own_rule(
    seed: int, own: dict[str, Any], scales: dict[str, Any], by_level: bool
) -> None:
    table, tree, _plain = world(seed)
    common: dict[str, Any] = (
        {"levels": {2: "arithmetic", 3: "geometric", 4: "harmonic"}}
        if by_level
        else {"method": "geometric"}
    )
    method = parse_method({
        "normalise": {"method": "efficacy", "indicators": scales},
        "aggregate": {**common, "nodes": own, "min_available": 0.5},
    })  # fmt: skip
    result = build(table, tree, method)
    scores = {
        code: [None if np.isnan(v) else float(v) for v in result.normalised[:, node]]
        for node, code in enumerate(tree.indicators)
    }
    weights = {e.code: e.numbers["weight"] for e in tree.elements}
    for group in tree.groups:
        rule = own.get(group.code, common.get("levels", {}).get(group.level, "geometric"))
        codes = [tree.codes[child] for child in group.children]
        scores[group.code] = naive.aggregated(
            [scores[c] for c in codes], [weights[c] for c in codes],
            {"method": rule} if isinstance(rule, str) else rule, 0.5,
        )  # fmt: skip
        wanted = [np.nan if v is None else v for v in scores[group.code]]
        assert_allclose(result.scores[:, group.node], wanted, rtol=1e-9, err_msg=group.code)
    parts = contributions(result).values.sum(axis=1) + default_baseline(result)
    assert_allclose(parts, result.scores[:, tree.index_node], rtol=1e-10)


@LAW
@given(seeds, seeds, OWN_RULES, st.dictionaries(CODES, POSITIVE, max_size=4))
def test_a_change_under_own_rules_is_the_sum_of_its_parts(
    first: int, second: int, rules: dict[str, Any], scales: dict[str, Any]
) -> None:
    method = parse_method({
        "normalise": {"method": "efficacy", "indicators": scales},
        "aggregate": {"method": "arithmetic", "nodes": rules},
    })  # fmt: skip
    before, after = (build(*world(seed)[:2], method) for seed in (first, second))
    for unit in before.units:
        if min(before.ranks[before.units.index(unit)], after.ranks[after.units.index(unit)]) > 0:
            chain = explain_change(before, after, unit)
            total = chain.start + sum(part.amount for part in chain.parts)
            assert_allclose(total, chain.end, rtol=1e-10)


@LAW
@given(seeds, st.sampled_from(SCALES), st.sampled_from(["arithmetic", "topsis", "copeland"]))
def test_saying_the_same_again_changes_nothing(seed: int, scale: Any, mean: str) -> None:
    table, tree, _plain = world(seed)
    plain = parse_method({"normalise": scale, "aggregate": mean})
    again = parse_method({
        "normalise": {**scale, "indicators": {"i0": scale, "i6": scale}},
        "aggregate": {"method": mean, "nodes": {"p1": mean, "I": mean}},
    })  # fmt: skip
    one, two = build(table, tree, plain), build(table, tree, again)
    assert_array_equal(one.scores, two.scores)
    assert_array_equal(one.ranks, two.ranks)


VARIED: dict[str, Any] = {
    "treat": "winsorise_then_log",
    "normalise": {
        "method": "efficacy",
        "indicators": {
            "i1": {"method": "distance_to_max", "range": [60, 100]},
            "i5": "rank",
        },
    },
    "aggregate": {
        "method": "arithmetic", "min_available": 0.4, "nodes": {"p1": "geometric", "s0": "topsis"},
    },
    "uncertainty": {
        "impute": ["none", "median"],
        "treat": {"winmax": [1, 3]},
        "normalise": [
            "efficacy",
            {"method": "minmax", "range": [1, 100], "indicators": {}},
            {"method": "rank", "indicators": {"i0": {"method": "minmax", "range": [1, 9]}}},
        ],
        "aggregate": [
            "arithmetic",
            {"method": "geometric", "nodes": {"I": "vikor", "p2": "harmonic"}},
            {"levels": {2: "geometric", 3: "arithmetic", 4: "harmonic"}, "nodes": {}},
        ],
    },
}  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(seeds, st.booleans())
def test_thousands_at_once_equal_one_by_one(seed: int, zeros: bool) -> None:
    table, tree, _plain = world(seed)
    method = parse_method(VARIED)
    runs = random_runs(method, tree, 30, np.random.default_rng(seed), zeros=zeros)
    choices = Choices.of(method)
    replicator = Replicator(prepare(table, tree, method), tree, method, choices, chunk_bytes=900)
    for part, scores in replicator.scores(runs):
        for k, run in enumerate(part.tolist()):
            weighted = Tree.of(
                replace(e, numbers={**e.numbers, "weight": float(runs.weight_sets[run, n])})
                for n, e in enumerate(tree.elements)
            )
            alone = replace(
                method,
                impute=choices.impute[runs.impute[run]],
                treat=choices.treat[runs.treat[run]],
                normalise=choices.normalise[runs.normalise[run]],
                aggregate=choices.aggregate[runs.aggregate[run]],
            )
            expected = build(table, weighted, alone).index
            assert_allclose(scores[k], expected, rtol=1e-10, atol=1e-10)


def test_alternatives_keep_what_they_do_not_name() -> None:
    method = parse_method(VARIED)
    kept, dropped, other = method.vary.normalise
    assert kept.indicators == method.normalise.indicators
    assert dropped.indicators == {}
    assert set(other.indicators) == {"i0"}
    inherited, named, none = method.vary.aggregate
    assert inherited.nodes == method.aggregate.nodes
    assert set(named.nodes) == {"I", "p2"}
    assert none.nodes == {}
    assert {one.min_available for one in method.vary.aggregate} == {0.4}


def test_a_design_of_own_scales_replays() -> None:
    table, tree, _plain = world(4)
    method = parse_method({
        **VARIED, "uncertainty": {**VARIED["uncertainty"], "weights": {"noise": 0.2}},
    })  # fmt: skip
    found = run_uncertainty(table, tree, method, replications=50, rng=np.random.default_rng(2))
    assert len({one.label for one in found.choices.normalise}) == 3
    design = {name: [str(v) for v in column]
              for name, column in labels(found.choices, found.runs).items()}  # fmt: skip
    sets = {str(k + 1): row for k, row in enumerate(found.runs.weight_sets)}
    one = replace(method, impute=method.vary.impute[0])
    choices, runs = runs_from_design(design, one, sets, found.nominal.weights)
    assert [choices.normalise[k] for k in runs.normalise] == [
        found.choices.normalise[k] for k in found.runs.normalise
    ]
    again = replicate(table, tree, one, choices, runs, found.nominal)
    same = found.runs.impute == 0
    assert again.ranks is not None
    assert found.ranks is not None
    assert_array_equal(again.ranks[same], found.ranks[same])


def test_a_foreign_design_keeps_the_single_scales() -> None:
    method = parse_method(VARIED)
    weights = np.ones(14)
    choices, _runs = runs_from_design({"normalisation": ["minmax_3_7"]}, method, {}, weights)
    assert choices.normalise[0].indicators == method.normalise.indicators
    assert choices.normalise[0].low == 3


def test_analyses_honour_own_scales_and_rules() -> None:
    table, tree, _plain = world(8)
    smooth = {"i1": VARIED["normalise"]["indicators"]["i1"], "i5": "zscore"}  # no steps
    noisy = {
        **VARIED,
        "normalise": {"method": "efficacy", "indicators": smooth},
        "uncertainty": {"data": {"noise": 1e-9}},
    }
    method = parse_method(noisy)
    found = run_uncertainty(
        table, tree, method, replications=3, rng=np.random.default_rng(1), keep_scores=True
    )
    assert found.scores is not None
    for row in found.scores:
        assert_allclose(row, found.nominal.index, rtol=1e-4)
    shares = run_sensitivity(table, tree, parse_method(VARIED), rng=np.random.default_rng(1))
    assert shares.exact
    varied = parse_method(VARIED)
    names = [w.name for w in single_changes(table, tree, varied, build(table, tree, varied))]
    assert "aggregate: geometric+I:vikor+p2:harmonic" in names
    audit = run_audit(
        table, tree, parse_method({k: v for k, v in VARIED.items() if k != "uncertainty"}),
        rng=np.random.default_rng(1), replications=20, n_base=8,
    )  # fmt: skip
    assert audit.assumed is not None


def test_leaving_out_is_building_without() -> None:
    table, tree, _plain = world(3)
    method = parse_method({
        "normalise": {"method": "efficacy", "indicators": {"i4": "rank", "i0": "zscore"}},
        "aggregate": {"method": "arithmetic", "nodes": {"s0": "topsis", "p1": "harmonic"}},
        "impute": "mean",
        "uncertainty": {"normalise": ["rank"], "aggregate": ["arithmetic"]},
    })  # fmt: skip
    without = without_element(table, tree, method, "p1")
    assert set(without.method.normalise.indicators) == {"i0"}
    assert set(without.method.vary.normalise[0].indicators) == {"i0"}
    assert set(without.method.aggregate.nodes) == {"s0"}
    assert set(without.method.vary.aggregate[0].nodes) == {"s0"}
    left = leave_one_out(build(table, tree, method), ["p1"])
    assert_allclose(left.scores[0], without.index, rtol=1e-12)


def test_panel_years_share_the_limits_of_each_scale() -> None:
    tables = {}
    for k, year in enumerate(("2024", "2025")):
        table, tree, _plain = world(7)
        numbers = {c: v + 3.0 * k if c.startswith("i") else v for c, v in table.numbers.items()}
        tables[year] = Table(table.units, numbers, table.texts)
    method = parse_method({
        "normalise": {"method": "efficacy", "indicators": {"i0": {"method": "zscore", "mean": 80}}},
        "aggregate": {"method": "arithmetic", "nodes": {"p0": "geometric"}},
    })  # fmt: skip
    each = build_panel(tables, tree, method, scale="each")
    for year, table in tables.items():
        assert_array_equal(each.results[year].scores, build(table, tree, method).scores)
    pooled = build_panel(tables, tree, method, scale="pooled")
    both = np.concatenate([pooled.results[year].normalised[:, 0] for year in tables])
    assert_allclose([np.nanmean(both), np.nanstd(both, ddof=1)], [80.0, 1.0])
    ranked = parse_method({"normalise": {"method": "efficacy", "indicators": {"i4": "rank"}}})
    with pytest.raises(StepError, match="“i4”") as refused:
        build_panel(tables, tree, ranked, scale="base", base="2024")
    assert refused.value.params["element"] == "i4"
