"""Every published number of the reference data, to 1e-9 relative; ranks exactly."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from numpy.testing import assert_allclose, assert_array_equal

from jingkai.cli.composite.reading import Inputs
from jingkai.engine.composite import (
    Result,
    build,
    derived,
    mcdm,
    parse_method,
    rank_shift,
    replayed_indices,
    replicate,
    run_sensitivity,
    runs_from_design,
)
from jingkai.engine.composite.aggregation import combine
from jingkai.engine.composite.method import Rule
from jingkai.engine.composite.uncertainty import rank_statistics

from .conftest import CASES, DATA, inputs_of, read, records

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    inputs = inputs_of(case)
    result = build(inputs.table, inputs.tree, inputs.method)
    units, names, expected = read(f"scores/{case}.csv")
    assert list(result.units) == units
    assert [*inputs.tree.aggregates, "rank"] == names
    assert_allclose(result.scores[:, inputs.tree.n_indicators :], expected[:, :-1], **CLOSE)
    assert_array_equal(result.ranks, np.nan_to_num(expected[:, -1]))
    units, names, expected = read(f"normalised/{case}.csv")
    assert list(inputs.tree.indicators) == names
    assert_allclose(result.normalised, expected, **CLOSE)


def test_there_are_twenty_cases() -> None:
    assert len(CASES) == 20


@pytest.mark.parametrize("stage", ["denominated", "imputed", "treated"])
def test_stage(stage: str, nominal: Result) -> None:
    found = nominal.treated.values if stage == "treated" else getattr(nominal, stage)
    _units, names, expected = read(f"stages/{stage}.csv")
    order = [names.index(code) for code in nominal.tree.indicators]
    assert_allclose(found, expected[:, order], **CLOSE)


def test_treatment_log(nominal: Result) -> None:
    treated = nominal.treated
    for k, row in enumerate(records("stages/treatment_log.csv")):
        assert row["iCode"] == nominal.tree.indicators[k]
        assert row["check_SkewKurt0.Pass"] == str(bool(treated.passed[k])).upper()
        assert_allclose(treated.skew[k], float(row["check_SkewKurt0.Skew"]), **CLOSE)
        assert_allclose(treated.kurtosis[k], float(row["check_SkewKurt0.Kurt"]), **CLOSE)
        if row["winsorise.nwin"]:
            assert treated.n_winsorised[k] == float(row["winsorise.nwin"])
            assert row["check_SkewKurt1.Pass"] == str(bool(treated.passed_winsorised[k])).upper()
            skew, kurtosis = row["check_SkewKurt1.Skew"], row["check_SkewKurt1.Kurt"]
            assert_allclose(treated.skew_winsorised[k], float(skew), **CLOSE)
            assert_allclose(treated.kurtosis_winsorised[k], float(kurtosis), **CLOSE)
        else:
            assert np.isnan(treated.n_winsorised[k])
            assert np.isnan(treated.skew_winsorised[k])


def test_treated_points(nominal: Result) -> None:
    marks = {"": (0,), "winhi": (1,), "winlo": (2,)}
    for row, unit in enumerate(records("stages/treated_points.csv")):
        for k, code in enumerate(nominal.tree.indicators):
            assert nominal.treated.marks[row, k] in marks[unit[code]]


def test_input_order_does_not_matter_to_the_files(asem: Inputs) -> None:
    assert list(asem.table.units) == sorted(asem.table.units)


def design_of(name: str) -> tuple[dict[str, list[str]], dict[str, np.ndarray]]:
    rows = records(f"{name}/design.csv")
    codes = inputs_of(CASES[0]).tree.codes
    sets = {
        row["weight_set"]: np.array([float(row[code]) for code in codes])
        for row in records(f"{name}/weight_sets.csv")
    }
    return {key: [row[key] for row in rows] for key in rows[0]}, sets


@pytest.mark.parametrize("name", ["uncertainty", "sobol"])
def test_replayed_ranks(name: str, asem: Inputs, nominal: Result) -> None:
    choices, runs = runs_from_design(*_arguments(name, asem, nominal))
    found = replicate(asem.table, asem.tree, asem.method, choices, runs, nominal, keep_scores=True)
    units, _names, expected = read(f"{name}/ranks.csv")
    assert list(nominal.units) == units
    assert_array_equal(nominal.ranks, expected[:, 0])
    assert found.ranks is not None
    assert found.scores is not None
    assert_array_equal(found.ranks.T, expected[:, 1:])
    if name == "uncertainty":
        _units, _names, scores = read("uncertainty/scores.csv")
        assert_allclose(found.scores.T, scores[:, 1:], **CLOSE)
    # The reference takes rank statistics of a variance-based design from its blocks A and B only.
    used = found.ranks if name == "uncertainty" else found.ranks[:200]
    counts = [np.bincount(column, minlength=len(units) + 1) for column in used.T]
    statistics = rank_statistics(np.array(counts))
    _units, _names, expected = read(f"{name}/rank_stats.csv")
    columns = [statistics.mean, statistics.median, statistics.q05, statistics.q95]
    assert_allclose(np.column_stack(columns), expected[:, 1:], **CLOSE)
    if name == "uncertainty":
        assert_array_equal(np.column_stack([found.statistics.mean]), columns[0][:, None])


def _arguments(name: str, asem: Inputs, nominal: Result):
    design, sets = design_of(name)
    return design, asem.method, sets, nominal.weights


def test_replayed_sobol(asem: Inputs, nominal: Result) -> None:
    choices, runs = runs_from_design(*_arguments("sobol", asem, nominal))
    found = replicate(asem.table, asem.tree, asem.method, choices, runs, nominal)
    assert found.ranks is not None
    y = rank_shift(nominal.ranks)(found.ranks)
    _runs, _names, expected = read("sobol/sobol_output.csv")
    assert_allclose(y, expected[:, 0], **CLOSE)
    names, _columns, expected = read("sobol/sobol.csv")
    indices = replayed_indices(y, names).indices
    assert_allclose([[i.first, i.total] for i in indices], expected, **CLOSE)


def test_exact_sobol(asem: Inputs) -> None:
    vary = {
        "treat": {"winmax": [1, 2, 3, 4, 5]},
        "normalise": [
            {"method": "minmax", "range": [1, 100]},
            {"method": "zscore", "mean": 100, "sd": 10},
            {"method": "rank"},
        ],
        "aggregate": ["arithmetic", "geometric"],
    }
    plain = yaml.safe_load((DATA / "methods/c01_minmax100_arith.yaml").read_text("utf-8"))
    method = parse_method({**plain, "uncertainty": vary})
    _design, sets = design_of("sobol")
    found = run_sensitivity(
        asem.table,
        asem.tree,
        method,
        rng=np.random.default_rng(0),
        weight_sets=np.stack(list(sets.values())),
    )
    names, _columns, expected = read("sobol/sobol_exact.csv")
    assert found.exact
    assert found.evaluations == 4500
    assert [index.name for index in found.indices] == names
    assert_allclose([[i.first, i.total] for i in found.indices], expected, **CLOSE)


def test_weights_and_scores_of_criteria() -> None:
    units, names, matrix = read("mcdm/matrix.csv")
    _names, _columns, directions = read("mcdm/directions.csv")
    better = matrix * directions[:, 0]
    scaled = (better - better.min(axis=0)) / (better.max(axis=0) - better.min(axis=0))
    codes, methods, weights = read("mcdm/weights.csv")
    assert codes == names
    found = {
        "entropy": derived.entropy(matrix),
        "critic": derived.critic(better),
        "std": derived.standard_deviation(matrix),
        "gini": derived.gini(matrix),
        "merec": derived.merec(matrix, directions[:, 0]),
        "coeff_var": derived.coefficient_of_variation(matrix),
    }
    assert sorted(found) == sorted(methods)
    for k, method in enumerate(methods):
        assert_allclose(found[method], weights[:, k], err_msg=method, **CLOSE)
    w = found["entropy"]
    scores = {
        "wsm_minmax": combine(scaled, w, Rule()),
        "topsis_vector": mcdm.topsis(better, w),
        "topsis_vector_ideal_by_direction": mcdm.topsis(better, w),
        "topsis_minmax": mcdm.topsis(scaled, w, scale="none"),
        "vikor_q_v0.5": mcdm.vikor(better, w),
    }
    again, methods, expected = read("mcdm/scores.csv")
    assert again == units
    assert sorted(scores) == sorted(methods)
    for k, method in enumerate(methods):
        assert_allclose(scores[method], expected[:, k], err_msg=method, **CLOSE)


def test_analytic_hierarchy_process() -> None:
    with (DATA / "mcdm/ahp_matrix.csv").open() as lines:
        comparisons = np.loadtxt(lines, delimiter=",")
    _items, _columns, weights = read("mcdm/ahp_weights.csv")
    _first, _columns, consistency = read("mcdm/ahp_consistency.csv")
    judged = derived.ahp(comparisons)
    assert_allclose(judged.weights, weights[:, 0], **CLOSE)
    assert_allclose(derived.ahp(comparisons, rule="geometric_mean").weights, weights[:, 1], **CLOSE)
    assert_allclose([judged.index, 0.9, judged.ratio], consistency[0], rtol=1e-9)
