"""Lifts tried side by side are those that trying one at a time finds, under any method."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jingkai.delivery.evaluation.computing import Outcome, Unit, evaluate, table_of
from jingkai.delivery.evaluation.computing.lifts import lifts_by_unit, lifts_of
from jingkai.delivery.evaluation.definition import Definition, Node
from jingkai.delivery.evaluation.tests.trials import lifts_one_by_one
from jingkai.engine.composite import CompositeError

SCALES: tuple[Any, ...] = (
    {"method": "minmax", "range": [1, 100]},
    "efficacy",
    {"method": "zscore", "mean": 100, "sd": 10},
    {"method": "percentile_rank", "range": [1, 100]},
    {"method": "distance_to_max", "range": [1, 100]},
    {"method": "distance_to_target", "range": [1, 100], "cap": 2},
    {"method": "fraction_of_max", "range": [1, 100]},
    "rank",
)
MEANS: tuple[Any, ...] = (
    "arithmetic",
    {"method": "geometric", "nonpositive": "floor", "floor": 0.5},
    {"method": "generalised_mean", "power": 0.5, "nonpositive": "skip"},
    {"levels": {"2": "arithmetic", "3": {"method": "geometric", "nonpositive": "skip"}}},
    {"levels": {"2": "arithmetic", "3": "copeland"}},
    {"levels": {"2": "topsis", "3": "arithmetic"}},
)
FILLINGS = ("none", "median", "mean", {"method": "group_mean", "by": "group"}, "row_within_parent")
TREATMENTS: tuple[Any, ...] = ("none", {"method": "winsorise_then_log", "winmax": 2})


def definition_of(rng: np.random.Generator) -> Definition:
    """A tree of two or three classes and a method drawn at random."""
    nodes = [Node("ROOT", "", "总分", Decimal(100))]
    classes = int(rng.integers(2, 4))
    for c in range(classes):
        nodes.append(Node(f"C{c}", "ROOT", f"类{c}", Decimal(100) / classes))
        for k in range(int(rng.integers(1, 4))):
            nodes.append(
                Node(
                    f"C{c}L{k}", f"C{c}", f"项{c}{k}", Decimal(int(rng.integers(1, 9))),
                    is_leaf=True, direction=int(rng.choice([1, -1])), target=Decimal(200),
                    growth_share=rng.choice([None, Decimal("0.3")]),
                    growth_rule=str(rng.choice(["percent", "difference", "symmetric"])),
                )
            )  # fmt: skip
    return Definition(
        "random", 1, tuple(nodes),
        {
            "normalise": SCALES[rng.integers(len(SCALES))],
            "aggregate": MEANS[rng.integers(len(MEANS))],
            "impute": FILLINGS[rng.integers(len(FILLINGS))],
            "treat": TREATMENTS[rng.integers(len(TREATMENTS))],
        },
        adjust={"bonus_cap": 3, "veto_effect": str(rng.choice(["zero", "exclude"]))},
        group_by="level", min_group=2, min_coverage=Decimal("0.4"),
    )  # fmt: skip


def outcome_of(seed: int) -> Outcome | None:
    """An evaluation of random figures with gaps, ties and nought; None where it is refused."""
    rng = np.random.default_rng(seed)
    definition = definition_of(rng)
    units = [Unit(f"z{n}", f"区{n}", group=("national", "provincial")[n % 2]) for n in range(7)]
    cells = {}
    for unit in units:
        for leaf in definition.leaves:
            now = float(np.round(rng.lognormal(4, 0.6), int(rng.integers(0, 3))))
            before = float(np.round(rng.lognormal(4, 0.6), 1))
            cells[unit.code, leaf.code] = (
                math.nan if rng.random() < 0.1 else now,
                math.nan if rng.random() < 0.1 else 0.0 if rng.random() < 0.05 else before,
            )
    lines = [("z1", "bonus", 2.0), ("z2", "deduction", 1.0)]
    lines += [("z3", "veto", 0.0)] if rng.random() < 0.3 else []
    try:
        return evaluate(definition, table_of(definition, units, cells, lines), seed=1,
                        replications=20)  # fmt: skip
    except CompositeError:
        return None


@pytest.mark.parametrize("block", range(8))
def test_side_by_side_finds_what_one_at_a_time_finds(block: int) -> None:
    outcomes = [outcome_of(10 * block + n) for n in range(10)]
    found = 0
    for outcome in outcomes:
        if outcome is None:
            continue  # this method refuses these figures
        for unit, lifts in lifts_by_unit(outcome):
            slow = lifts_one_by_one(outcome, unit)
            assert [(one.node, one.rank_after, one.bound) for one in lifts] == [
                (one.node, one.rank_after, one.bound) for one in slow
            ]
            assert [one.end for one in lifts] == pytest.approx([one.end for one in slow], rel=1e-9)
            found += len(lifts)
    assert sum(outcome is not None for outcome in outcomes) >= 5
    assert found > 50


def test_the_first_zone_has_nothing_to_gain() -> None:
    outcome = outcome_of(1)
    assert outcome is not None
    first = outcome.units[outcome.ranks.tolist().index(1)]
    assert lifts_of(outcome, first) == ()


def test_batches_of_zones_do_not_change_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = outcome_of(1)
    assert outcome is not None
    together = dict(lifts_by_unit(outcome))
    monkeypatch.setattr("jingkai.delivery.evaluation.computing.lifts._HELD", 1)
    assert dict(lifts_by_unit(outcome)) == together
    assert any(together.values())
