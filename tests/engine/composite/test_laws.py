"""Laws that hold whatever the data: mirror, unit, order, weights, monotonicity, exact sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from jingkai.engine.composite import (
    Element,
    Method,
    Result,
    Table,
    Tree,
    build,
    parse_method,
    run_uncertainty,
)
from jingkai.engine.composite.build import prepare
from jingkai.engine.composite.explanation import contributions, default_baseline, explain_change
from jingkai.engine.composite.replications import Choices, Replicator, Runs
from jingkai.engine.composite.uncertainty import pairwise, rank_statistics

from .test_grammar_options import IMPUTATIONS, POSITIVE_MEANS, SIGNED_MEANS, TREATMENTS, world

AFFINE: list[Any] = [
    "minmax",
    {"method": "zscore", "mean": 100, "sd": 10},
    "efficacy",
    "distance_to_max",
    "rank",
    "borda",
    "percentile_rank",
]
seeds = st.integers(0, 10_000)
LAW = settings(max_examples=40, deadline=None)


def changed(table: Table, **columns: np.ndarray) -> Table:
    return Table(table.units, {**table.numbers, **columns}, table.texts)


@LAW
@given(seeds, st.sampled_from(AFFINE), st.sampled_from(TREATMENTS))
def test_turning_sign_and_direction_changes_nothing(seed: int, scale: Any, treat: Any) -> None:
    table, tree, _plain = world(seed)
    if isinstance(treat, dict):
        treat = {**treat, "log": "ct_plus"}  # the one-sided logarithm knows up from down
    method = parse_method({"normalise": scale, "treat": treat, "impute": "mean"})
    mirrored = Tree.of(
        replace(e, direction=-e.direction) if e.code == "i3" and e.direction else e
        for e in tree.elements
    )
    one = build(table, tree, method)
    two = build(changed(table, i3=-table.numbers["i3"]), mirrored, method)
    assert_allclose(two.scores, one.scores, rtol=1e-9, atol=1e-9)
    assert_array_equal(two.ranks, one.ranks)


@LAW
@given(
    seeds,
    st.sampled_from(AFFINE),
    st.sampled_from(TREATMENTS),
    st.sampled_from([0.25, 2.0, 1024.0]),
    st.sampled_from([0.0, 512.0]),
)
def test_a_change_of_unit_changes_nothing(
    seed: int, scale: Any, treat: Any, factor: float, shift: float
) -> None:
    table, tree, _plain = world(seed)
    method = parse_method({"normalise": scale, "treat": treat, "impute": "median"})
    moved = changed(table, i1=table.numbers["i1"] * factor + shift)
    one, two = build(table, tree, method), build(moved, tree, method)
    assert_allclose(two.scores, one.scores, rtol=1e-8, atol=1e-8)


@LAW
@given(
    seeds,
    st.sampled_from([*SIGNED_MEANS, *POSITIVE_MEANS]),
    st.sampled_from(IMPUTATIONS),
    st.randoms(use_true_random=False),
)
def test_the_order_of_units_is_irrelevant(seed: int, mean: Any, fill: Any, shuffler: Any) -> None:
    table, tree, _plain = world(seed)
    method = parse_method(
        {"normalise": "efficacy", "impute": fill, "aggregate": mean, "treat": "winsorise_then_log"}
    )
    order = list(range(len(table.units)))
    shuffler.shuffle(order)
    mixed = Table(
        tuple(table.units[k] for k in order),
        {name: column[order] for name, column in table.numbers.items()},
        {name: tuple(texts[k] for k in order) for name, texts in table.texts.items()},
    )
    one, two = build(table, tree, method), build(mixed, tree, method)
    assert_allclose(two.index, one.index[order], rtol=1e-11)
    assert_array_equal(two.ranks, one.ranks[order])


@LAW
@given(seeds, st.sampled_from([*SIGNED_MEANS, *POSITIVE_MEANS]), st.floats(0.01, 100))
def test_only_relative_weights_count(seed: int, mean: Any, factor: float) -> None:
    table, tree, _plain = world(seed)
    method = parse_method({"normalise": "efficacy", "impute": "mean", "aggregate": mean})
    scaled = Tree.of(
        replace(e, numbers={**e.numbers, "weight": e.numbers["weight"] * factor})
        if e.parent == "p1"
        else e
        for e in tree.elements
    )
    assert_allclose(
        build(table, scaled, method).scores, build(table, tree, method).scores, rtol=1e-9
    )


FIXED = {"impute": "mean", "normalise": {"method": "goalposts", "clip": False, "range": [60, 100]}}


@LAW
@given(
    seeds,
    st.sampled_from([m for m in POSITIVE_MEANS if m.get("power") != -1.5]),
    st.integers(0, 13),
    st.floats(0.1, 30),
)
def test_better_is_never_worse(seed: int, mean: Any, row: int, more: float) -> None:
    table, tree, _plain = world(seed)
    method = parse_method(
        {
            **FIXED,
            "aggregate": mean,
            "impute": "none",
            "normalise": {"method": "goalposts", "range": [60, 100]},
        }
    )
    one = build(table, tree, method)
    for code, sign in (("i3", 1.0), ("i1", -1.0)):
        column = table.numbers[code].copy()
        column[row] += sign * more
        two = build(changed(table, **{code: column}), tree, method)
        if not np.isnan(one.index[row]):
            assert two.index[row] >= one.index[row] - 1e-9
        others = np.arange(len(column)) != row
        assert_array_equal(two.index[others], one.index[others])


@LAW
@given(seeds, seeds, st.sampled_from([*SIGNED_MEANS[3:], *POSITIVE_MEANS]))
def test_a_change_is_the_sum_of_its_parts(first: int, second: int, mean: Any) -> None:
    method = parse_method({"normalise": "efficacy", "aggregate": mean})
    results: list[Result] = []
    for seed in (first, second):
        table, tree, _plain = world(seed)
        results.append(build(table, tree, method))
    for k, unit in enumerate(results[0].units):
        if np.isnan(results[0].index[k]) or np.isnan(results[1].index[k]):
            continue
        chain = explain_change(results[0], results[1], unit)
        total = chain.start + sum(part.amount for part in chain.parts)
        assert_allclose(total, chain.end, rtol=1e-10, atol=1e-10)
    one = results[0]
    parts = contributions(one).values.sum(axis=1) + default_baseline(one)
    assert_allclose(parts, one.scores[:, one.tree.index_node], rtol=1e-10)


def random_runs(
    method: Method, tree: Tree, count: int, rng: np.random.Generator, *, zeros: bool = False
) -> Runs:
    sizes = Choices.of(method).sizes
    sets = rng.uniform(0.2, 2, (count, len(tree.elements)))
    if zeros:
        sets[:, 0] = 0.0
        sets[::3, 5] = 0.0
    picks = [rng.integers(0, size, count) for size in sizes]
    return Runs(*picks, np.arange(count), sets)


@settings(max_examples=25, deadline=None)
@given(seeds, st.booleans(), st.booleans())
def test_thousands_at_once_equal_one_by_one(seed: int, zeros: bool, gaps: bool) -> None:
    table, tree, _plain = world(seed)
    method = parse_method(
        {
            "denominate": True,
            "impute": "none" if gaps else "mean",
            "treat": "winsorise_then_log",
            "normalise": "efficacy",
            "aggregate": {"method": "arithmetic", "min_available": 0.6},
            "uncertainty": {
                "impute": ["none", "median"] if gaps else ["mean", {"method": "median"}],
                "treat": {"winmax": [1, 3, 5]},
                "normalise": ["efficacy", {"method": "zscore", "mean": 100, "sd": 3}, "rank"],
                "aggregate": [
                    "arithmetic",
                    *POSITIVE_MEANS,
                    *SIGNED_MEANS[1:3],
                    "topsis",
                    {"levels": {2: "topsis", 3: "arithmetic", 4: "arithmetic"}},
                    {"levels": {2: "vikor", 3: "arithmetic", 4: "topsis"}},
                ],
            },
        }
    )
    rng = np.random.default_rng(seed)
    runs = random_runs(method, tree, 40, rng, zeros=zeros)
    choices = Choices.of(method)
    replicator = Replicator(prepare(table, tree, method), tree, method, choices, chunk_bytes=900)
    seen = set()
    for part, scores in replicator.scores(runs):
        for k, run in enumerate(part.tolist()):
            seen.add(run)
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
    assert seen == set(range(40))


VARIED = {
    "impute": "mean",
    "normalise": "efficacy",
    "groups": "region",
    "uncertainty": {
        "aggregate": ["arithmetic", "geometric"],
        "normalise": ["efficacy", "rank"],
        "weights": {"noise": 0.3},
        "data": {"noise": 0.1},
    },
}


def test_one_seed_one_result_whatever_the_chunks() -> None:
    table, tree, _plain = world(5)
    method = parse_method(VARIED)
    runs = [
        run_uncertainty(
            table, tree, method, replications=60, rng=np.random.default_rng(seed), chunk_bytes=size
        )
        for seed, size in ((1, 10**3), (1, 10**7), (2, 10**7))
    ]
    assert_array_equal(runs[0].ranks, runs[1].ranks)
    unkept = run_uncertainty(
        table,
        tree,
        method,
        replications=60,
        rng=np.random.default_rng(1),
        keep_ranks=False,
        chunk_bytes=2000,
    )
    assert unkept.ranks is None
    assert_array_equal(unkept.frequencies, runs[0].frequencies)
    assert (runs[1].ranks != runs[2].ranks).any()


def test_frequencies_chances_and_pairs_agree_with_the_ranks() -> None:
    table, tree, _plain = world(6)
    found = run_uncertainty(
        table, tree, parse_method(VARIED), replications=101, rng=np.random.default_rng(0)
    )
    ranks = found.ranks
    assert ranks is not None
    s = found.statistics
    assert_allclose(s.mean, ranks.mean(axis=0))
    for name, p in (("median", 0.5), ("q05", 0.05), ("q95", 0.95)):
        assert_allclose(getattr(s, name), np.quantile(ranks, p, axis=0))
    assert_array_equal(s.best, ranks.min(axis=0))
    assert_array_equal(s.worst, ranks.max(axis=0))
    assert_allclose(found.top(3), (ranks <= 3).mean(axis=0))
    before = found.before()
    assert_allclose(before + before.T, 1.0)
    assert_allclose(
        before[2, 5], ((ranks[:, 2] < ranks[:, 5]) + 0.5 * (ranks[:, 2] == ranks[:, 5])).mean()
    )
    inside = found.group_statistics
    assert inside is not None
    region = table.texts["region"]
    assert all(
        inside.worst[k] <= region.count(region[k]) and inside.best[k] >= 1
        for k in range(len(region))
    )


def test_no_score_is_counted_and_left_out() -> None:
    frequencies = np.array([[3, 1, 0, 1], [5, 0, 0, 0]])
    s = rank_statistics(frequencies)
    assert s.runs.tolist() == [2, 0]
    assert s.median[0] == 2.0
    assert np.isnan(s.mean[1])
    assert s.best.tolist() == [1, 0]
    chances = pairwise(np.array([[1, 0, 2], [1, 0, 1]]))
    assert np.isnan(chances[0, 1])
    assert chances[0, 2] == 0.75


@pytest.mark.parametrize("n", [2, 5])
def test_worked_effective_weights(n: int) -> None:
    """Products of shares: 2/3 · 1/n each."""
    elements = [Element(f"i{k}", 1, "a", 1, {"weight": 1.0}) for k in range(n)]
    elements += [Element("j", 1, "b", 1, {"weight": 7.0})]
    elements += [
        Element("a", 2, "top", None, {"weight": 2.0}),
        Element("b", 2, "top", None, {"weight": 1.0}),
        Element("top", 3),
    ]
    tree = Tree.of(elements)
    effective = tree.effective_weights(tree.weights("weight"))
    assert_allclose(effective, [2 / 3 / n] * n + [1 / 3, 2 / 3, 1 / 3, 1.0])
