"""Many changed figures at once are what a build of each would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jingkai.engine.composite import (
    CellChanges,
    CompositeError,
    Element,
    Method,
    Table,
    Tree,
    build,
    parse_method,
)
from jingkai.engine.composite.changes import acts_alone

UNITS = tuple(f"u{n}" for n in range(6))
TREE = Tree.of(
    [
        Element("a", 1, "P", 1, {"weight": 2.0, "target": 9.0}),
        Element("b", 1, "P", -1, {"weight": 1.0, "target": 1.0}),
        Element("c", 1, "Q", 1, {"weight": 3.0, "target": 8.0}),
        Element("d", 1, "Q", 1, {"weight": 1.0, "target": 7.0}),
        Element("P", 2, "I", None, {"weight": 1.0}),
        Element("Q", 2, "I", None, {"weight": 2.0}),
        Element("I", 3, "", None, {"weight": 1.0}),
    ]
)
METHODS: tuple[dict[str, Any], ...] = (
    {"normalise": "minmax", "aggregate": "arithmetic"},
    {"normalise": "zscore", "aggregate": {"levels": {2: "arithmetic", 3: "copeland"}},
     "impute": "mean"},
    {"normalise": {"method": "minmax", "range": [1, 10]}, "aggregate": "geometric",
     "impute": "median"},
    {"normalise": "percentile_rank", "aggregate": "topsis"},
    {"normalise": "distance_to_target", "aggregate": "arithmetic",
     "split": {"a": {"base": "a.base", "growth_share": 0.4}}},
    {"normalise": {"method": "distance_to_reference", "unit": "u2", "at_worst": "skip"},
     "aggregate": "arithmetic", "treat": {"method": "winsorise_then_log", "winmax": 1}},
    {"normalise": "minmax", "aggregate": "arithmetic", "impute": "row_within_parent"},
    {"normalise": "minmax", "aggregate": "arithmetic", "impute": "median",
     "weights": {"method": "entropy"}},
    {"normalise": "minmax", "aggregate": "arithmetic",
     "adjust": {"bonus": "plus", "veto": "out", "veto_effect": "exclude"}},
)  # fmt: skip


def table(rng: np.random.Generator) -> Table:
    numbers = {code: np.round(rng.uniform(1, 10, len(UNITS)), 1) for code in "abcd"}
    numbers["b"][4] = np.nan
    numbers |= {
        "a.base": np.round(rng.uniform(0, 3, len(UNITS)), 0),
        "plus": np.arange(6.0),
        "out": np.array([0.0, 0, 0, 1, 0, 0]),
    }
    return Table(UNITS, numbers, {})


def changed(data: Table, row: int, code: str, value: float, method: Method) -> Any:
    column = data.column(code).copy()
    column[row] = value
    return build(Table(UNITS, {**data.numbers, code: column}, data.texts), TREE, method).index


@pytest.mark.parametrize("given", METHODS, ids=lambda given: str(given["normalise"])[:24])
@pytest.mark.parametrize("seed", range(3))
def test_each_change_scores_as_a_build_of_its_own(given: dict[str, Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    data, method = table(rng), parse_method(given)
    rows, leaves = rng.integers(0, 4, 40), rng.integers(0, 4, 40)
    values = np.round(rng.uniform(0.5, 14, 40), 1)
    scores, refused = CellChanges(build(data, TREE, method)).scores(rows, leaves, values)
    assert not refused.any()
    for k in range(40):
        code = TREE.codes[leaves[k]]
        expected = changed(data, int(rows[k]), code, float(values[k]), method)
        np.testing.assert_allclose(scores[k], expected, rtol=1e-9, atol=1e-9)


def test_a_figure_the_method_cannot_take_is_told_from_the_others() -> None:
    data = Table(("x", "y"), {code: np.array([1.0, 2.0]) for code in "abcd"}, {})
    changes = CellChanges(build(data, TREE, parse_method({"normalise": "minmax"})))
    rows, leaves = np.array([0, 0, 0, 0]), np.array([0, 1, 2, 3])
    values = np.array([1.5, 2.0, 1.5, 2.0])  # the second and fourth make their columns constant
    scores, refused = changes.scores(rows, leaves, values)
    assert refused.tolist() == [False, True, False, True]
    assert np.isnan(scores[refused]).all()
    assert np.isfinite(scores[~refused]).all()


def test_what_a_figure_touches_beyond_its_indicator_is_known() -> None:
    def alone(**given: Any) -> bool:
        return acts_alone(parse_method(given), TREE)

    assert alone(impute="median", normalise="zscore")
    assert not alone(weights={"method": "entropy"})
    assert not alone(impute="row_within_parent")
    assert not alone(split={"a": {"base": "b", "growth_share": 0.5}})
    assert not alone(adjust={"bonus": "c"})


def test_growth_of_several_data_sets_names_the_unit_it_refuses() -> None:
    method = parse_method(
        {"split": {"a": {"base": "a.base", "growth_share": 0.5, "zero_base": "error"}}}
    )
    data = table(np.random.default_rng(1))
    data.numbers["a.base"][:] = 2.0
    changes = CellChanges(build(data, TREE, method))
    data.numbers["a.base"][5] = 0.0
    with pytest.raises(CompositeError, match="u5"):
        changes._together(np.array([0, 1]), np.array([0, 0]), np.array([3.0, 4.0]))
