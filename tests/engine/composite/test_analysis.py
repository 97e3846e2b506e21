"""Analysis of the reference index: every number of the `analysis` folder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from jingkai.cli.composite.reading import Inputs
from jingkai.engine.composite import Result, build, mcdm, parse_method
from jingkai.engine.composite.errors import StepError
from jingkai.engine.composite.explanation import (
    contributions,
    default_baseline,
    explain_change,
    explain_score,
)
from jingkai.engine.composite.robustness import leave_one_out, rank_reversals
from jingkai.engine.composite.statistics import (
    column_statistics,
    correlation,
    cronbach,
    outlying,
    principal_components,
)

from .conftest import method_of, read, records

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def test_statistics(asem: Inputs) -> None:
    s = column_statistics(asem.table.matrix(asem.tree.indicators))
    found = np.column_stack(
        [
            s.minimum, s.maximum, s.mean, s.median, s.sd, s.skew, s.kurtosis, s.n_available,
            s.n_nonzero, s.n_unique, s.n_same, s.share_available, s.share_nonzero,
            s.share_unique, s.share_same,
        ]
    )  # fmt: skip
    rows = records("analysis/stats_raw.csv")
    expected = [[float(value) for value in list(row.values())[1:16]] for row in rows]
    assert_allclose(found, expected, **CLOSE)
    assert [row["Flag.SkewKurt"] == "OUT" for row in rows] == outlying(s).tolist()


@pytest.mark.parametrize("kind", ["pearson", "spearman", "kendall"])
def test_correlations_with_the_index(kind: str, nominal: Result) -> None:
    index = nominal.scores[:, [nominal.tree.index_node]]
    found = correlation(nominal.normalised, index, kind)[:, 0]
    rows = records(f"analysis/corr_indicators_index_{kind}.csv")
    assert len(rows) == 49
    for row in rows:
        assert_allclose(found[nominal.tree.node(row["var2"])], float(row["r"]), **CLOSE)


def test_correlations_of_pillars(nominal: Result) -> None:
    tree = nominal.tree
    for row in records("analysis/corr_pillars_pearson.csv"):
        a, b = (nominal.scores[:, [tree.node(row[name])]] for name in ("var1", "var2"))
        assert_allclose(correlation(a, b)[0, 0], float(row["r"]), **CLOSE)


def test_cronbach(nominal: Result) -> None:
    for row in records("analysis/cronbach.csv"):
        items = nominal.normalised[:, list(nominal.tree.leaves(row["group"]))]
        assert_allclose(cronbach(items), float(row["cronbach_alpha"]), **CLOSE)


def test_principal_components(nominal: Result) -> None:
    tree = nominal.tree
    groups = {group.code: list(group.children) for group in tree.groups}
    inside = {
        code: principal_components(nominal.treated.values[:, children])
        for code, children in groups.items()
        if code not in ("Conn", "Sust", "Index")
    }
    for row in records("analysis/pca_eigenvalues.csv"):
        if row["group"] in inside:
            k = int(row["pc"]) - 1
            assert_allclose(inside[row["group"]].eigenvalues[k], float(row["eigenvalue"]), **CLOSE)
            assert_allclose(inside[row["group"]].shares[k], float(row["share"]), **CLOSE)
    above = {c: principal_components(nominal.scores[:, groups[c]]) for c in ("Conn", "Sust")}
    for name, found in (("indicators_in_pillars", inside), ("pillars_in_subindices", above)):
        for row in records(f"analysis/pca_{name}.csv"):
            group = row["group"]
            place = groups[group].index(tree.node(row["code"]))
            assert_allclose(found[group].loadings[place, 0], float(row["loading_pc1"]), **CLOSE)
            assert found[group].n_above_one == int(row["n_eig_gt1"])


@pytest.mark.parametrize(("name", "column"), [("equal", "weight"), ("alt", "weight_alt")])
def test_effective_weights(name: str, column: str, asem: Inputs) -> None:
    found = asem.tree.effective_weights(asem.tree.weights(column))
    for row in records(f"analysis/effective_weights_{name}.csv"):
        assert_allclose(found[asem.tree.node(row["code"])], float(row["eff_weight"]), **CLOSE)


def test_leave_one_out(nominal: Result) -> None:
    found = leave_one_out(nominal)
    shift = {r["code"]: r for r in records("analysis/leave_one_pillar_out_summary.csv")}
    for code, value in zip(found.codes, found.shift, strict=True):
        assert_allclose(value, float(shift[code]["mean_abs_rank_change"]), **CLOSE)
    _units, names, scores = read("analysis/leave_one_pillar_out_scores.csv")
    assert [*found.codes] == names[1:]
    assert_allclose(found.scores.T, scores[:, 1:], **CLOSE)


def test_outranking_and_copeland(nominal: Result) -> None:
    weights = nominal.tree.effective_weights(nominal.weights)[: nominal.tree.n_indicators]
    _units, _names, matrix = read("analysis/outranking_matrix.csv")
    assert_allclose(mcdm.outranking(nominal.normalised, weights), matrix, **CLOSE)
    _units, _names, scores = read("analysis/copeland_flat.csv")
    assert_array_equal(mcdm.copeland(nominal.normalised, weights), scores[:, 0])


@pytest.mark.parametrize(
    "case",
    [
        "c01_minmax100_arith", "c02_minmax1_100_geom", "c03_minmax1_100_harm",
        "c13_missing_minmax_arith", "c15_missing_minmax1_100_geom", "c18_mixed_levels",
        "c19_genmean_p0.5",
    ],
)  # fmt: skip
def test_contributions_add_up_exactly(case: str, asem: Inputs) -> None:
    method = method_of(case)
    one = build(asem.table, asem.tree, method)
    parts = contributions(one)
    assert_allclose(default_baseline(one) + parts.values.sum(axis=1), one.index, rtol=1e-12)
    other = replace(
        method,
        weights=replace(method.weights, column="weight"),
        impute=parse_method({"impute": "median"}).impute,
    )
    two = build(asem.table, asem.tree, other)
    for unit in one.units:
        change = explain_change(one, two, unit)
        total = change.start + sum(part.amount for part in change.parts)
        assert_allclose(total, change.end, rtol=1e-12)
        assert (change.start, change.end) == (
            one.index[one.units.index(unit)],
            two.index[two.units.index(unit)],
        )


def test_a_waterfall_names_what_lifts_a_unit(nominal: Result) -> None:
    chain = explain_score(nominal, "CHE")
    effective = nominal.tree.effective_weights(nominal.weights)
    row = nominal.units.index("CHE")
    for part in chain.parts:
        node = nominal.tree.node(part.code)
        assert_allclose(part.amount, effective[node] * nominal.scores[row, node], rtol=1e-12)


def test_what_compares_units_has_no_parts(asem: Inputs) -> None:
    result = build(asem.table, asem.tree, method_of("c20_copeland_top"))
    with pytest.raises(StepError, match=r"copeland compares units.*Index"):
        contributions(result, baseline=0.0)


def test_rank_reversals_need_a_scale_that_moves(asem: Inputs, nominal: Result) -> None:
    moved = rank_reversals(asem.table, asem.tree, asem.method, nominal, ["GRC", "MLT"])
    assert [reversal.pairs for reversal in moved] == [15, 15]
    fixed = parse_method({"denominate": True, "impute": "none", "normalise": "goalposts"})
    complete = np.array([u not in ("BRN", "LAO") for u in asem.table.units])
    table = asem.table.keep(complete)
    base = build(table, asem.tree, fixed)
    still = rank_reversals(table, asem.tree, fixed, base, table.units[:5])
    assert [reversal.pairs for reversal in still] == [0] * 5
