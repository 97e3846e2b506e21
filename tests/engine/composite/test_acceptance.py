"""Every published number of the reference data, to 1e-9 relative; ranks exactly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from jingkai.cli.composite.reading import Inputs
from jingkai.engine.composite import Result, build

from .conftest import CASES, inputs_of, read, records

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
