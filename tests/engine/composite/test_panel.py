"""Years on one scale, gaps filled from other years."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from jingkai.engine.composite import Table, build, build_panel, fill_over_time, parse_method
from jingkai.engine.composite.errors import StepError, TableError

from .test_grammar_options import world

NAN = np.nan


def years() -> tuple[dict[str, Table], object]:
    tables, tree = {}, None
    for k, year in enumerate(("2023", "2024", "2025")):
        table, tree, _plain = world(7)
        numbers = {c: v + 3.0 * k if c.startswith("i") else v for c, v in table.numbers.items()}
        tables[year] = Table(table.units, numbers, table.texts)
    return tables, tree


@pytest.mark.parametrize("scale", ["minmax", "efficacy", {"method": "zscore", "mean": 50, "sd": 9}])
def test_scales(scale: object) -> None:
    tables, tree = years()
    method = parse_method({"normalise": scale, "impute": "mean", "treat": "winsorise_then_log"})
    each = build_panel(tables, tree, method, scale="each")
    for year, table in tables.items():
        assert_array_equal(each.results[year].scores, build(table, tree, method).scores)
    base = build_panel(tables, tree, method, scale="base", base="2024")
    assert_allclose(base.results["2024"].scores, each.results["2024"].scores, rtol=1e-12)
    pooled = build_panel(tables, tree, method)
    assert len({len(r.units) for r in pooled.results.values()}) == 1
    more = [tree.node(c) for c in ("i0", "i3")]
    less = tree.node("i1")
    for panel in (base, pooled):
        first, last = (panel.results[year].normalised for year in ("2023", "2025"))
        assert (last[:, more] >= first[:, more]).all()
        assert (last[:, less] <= first[:, less]).all()
    series = pooled.series("u01")
    assert list(series) == ["2023", "2024", "2025"]
    average = pooled.average(["2023", "2024"])
    assert_allclose(average["u01"], (series["2023"] + series["2024"]) / 2)
    with pytest.raises(TableError, match="no period “1999”"):
        pooled.average(["1999"])


def test_pooled_limits_span_all_years() -> None:
    tables, tree = years()
    panel = build_panel(tables, tree, parse_method({"impute": "mean"}))
    stacked = np.concatenate([result.normalised for result in panel.results.values()])
    assert_allclose(np.nanmin(stacked, axis=0), 0.0, atol=1e-12)
    assert_allclose(np.nanmax(stacked, axis=0), 100.0)


@pytest.mark.parametrize(
    ("scale", "base", "normalise"),
    [
        ("base", "", "minmax"),
        ("base", "1999", "minmax"),
        ("yearly", "", "minmax"),
        ("pooled", "2024", "minmax"),
        ("base", "2024", "rank"),
        ("pooled", "", {"method": "distance_to_reference", "unit": "u03"}),
    ],
)
def test_scales_that_cannot_be(scale: str, base: str, normalise: object) -> None:
    tables, tree = years()
    with pytest.raises(StepError):
        build_panel(tables, tree, parse_method({"normalise": normalise}), scale=scale, base=base)


def test_gaps_are_filled_from_other_years() -> None:
    series = np.array([[NAN], [10.0], [NAN], [NAN], [16.0], [NAN]])[:, :, None]
    times = np.array([2018.0, 2019, 2020, 2021, 2022, 2024])
    filled, distance = fill_over_time(series, times)
    assert_array_equal(filled.ravel(), [NAN, 10, 10, 10, 16, 16])
    assert_array_equal(distance.ravel(), [NAN, 0, 1, 2, 0, 2])
    filled, distance = fill_over_time(series, times, how="linear", most=1)
    assert_array_equal(filled.ravel(), [10, 10, 12, 14, 16, NAN])
    assert_array_equal(distance.ravel(), [1, 0, 1, 1, 0, NAN])
    alone = np.array([NAN, 7.0, NAN]).reshape(3, 1, 1)
    filled, _distance = fill_over_time(alone, times[:3], how="linear")
    assert_array_equal(filled.ravel(), [7, 7, 7])
    nothing, distance = fill_over_time(np.full((2, 1, 1), NAN), times[:2], how="linear")
    assert np.isnan(nothing).all()
    assert np.isnan(distance).all()
    with pytest.raises(StepError, match="ascending"):
        fill_over_time(series, times[::-1])
    with pytest.raises(StepError, match="fill “spline”"):
        fill_over_time(series, times, how="spline")
