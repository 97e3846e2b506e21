"""Evaluating tables: ranks, coverage, small groups, and what does not depend on the order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingkai.delivery.evaluation.computing import Unit, evaluate, result_digest, table_of
from jingkai.delivery.evaluation.computing.analysis import analyse
from jingkai.delivery.evaluation.definition import Definition, Node
from jingkai.delivery.evaluation.tests.factories import METHOD


def small(**fields: Any) -> Definition:
    """Two leaves, one of them with growth, under one root."""
    nodes = (
        Node("ROOT", "", "总分", Decimal(100)),
        Node("A", "ROOT", "甲", Decimal(60), is_leaf=True, direction=1,
             growth_share=Decimal("0.5")),
        Node("B", "ROOT", "乙", Decimal(40), is_leaf=True, direction=-1),
    )  # fmt: skip
    return Definition(
        **{
            "scheme": "small",
            "number": 1,
            "nodes": nodes,
            "method": METHOD,
            "adjust": {"veto_effect": "exclude"},
            **fields,
        }
    )


def rows(figures: dict[str, tuple[float, float, float]], group: str = "provincial") -> Any:
    """Units and cells from zone → (A, A last year, B)."""
    units = [Unit(code, code, group=group) for code in figures]
    cells = {
        key: pair
        for code, (a, before, b) in figures.items()
        for key, pair in {(code, "A"): (a, before), (code, "B"): (b, float("nan"))}.items()
    }
    return units, cells


FIGURES = {
    "z1": (120.0, 100.0, 5.0),
    "z2": (90.0, 60.0, 4.0),
    "z3": (200.0, 190.0, 9.0),
    "z4": (150.0, 149.0, 2.0),
}


def test_the_best_at_everything_is_first_and_the_worst_last() -> None:
    definition = small()
    units, cells = rows({"best": (9.0, 1.0, 1.0), "mid": (5.0, 4.0, 2.0), "worst": (2.0, 4.0, 3.0)})
    outcome = evaluate(definition, table_of(definition, units, cells), seed=1, replications=50)
    assert outcome.ranks.tolist() == [1, 2, 3]
    assert outcome.scores[0] == pytest.approx(100)
    assert outcome.scores[2] == pytest.approx(60)
    assert outcome.low.tolist() == outcome.high.tolist() == [1.0, 2.0, 3.0]
    assert outcome.group_ranks.tolist() == [1, 2, 3]


def test_the_growth_part_counts_as_observed_only_with_both_years() -> None:
    definition = small(min_coverage=Decimal("0.5"))
    nan = float("nan")
    units, cells = rows({**FIGURES, "new": (100.0, nan, 3.0), "thin": (nan, nan, 3.0)})
    outcome = evaluate(definition, table_of(definition, units, cells), seed=1, replications=20)
    assert outcome.coverage.tolist() == [1.0, 1.0, 1.0, 1.0, 0.7, 0.4]
    assert outcome.why[-1] == "coverage"
    assert outcome.ranks[-1] == 0
    assert np.isnan(outcome.low[-1])
    assert sorted(outcome.ranks[:-1].tolist()) == [1, 2, 3, 4, 5]


def test_a_zone_that_is_not_ranked_leaves_no_hole_in_the_intervals() -> None:
    definition = small()
    units, cells = rows(FIGURES)
    table = table_of(definition, units, cells, [("z4", "veto", 0.0)])
    outcome = evaluate(definition, table, seed=3, replications=200)
    assert outcome.why == ("", "", "", "vetoed")
    assert sorted(outcome.ranks[:3].tolist()) == [1, 2, 3]
    assert outcome.high[:3].max() <= 3
    assert (outcome.rank_draws[:, 3] == 0).all()


def test_two_zones_of_a_group_are_not_ranked_among_themselves() -> None:
    definition = small()
    units, cells = rows(FIGURES)
    units = [Unit(u.code, u.name, group="national" if n < 2 else "provincial")
             for n, u in enumerate(units)]  # fmt: skip
    outcome = evaluate(definition, table_of(definition, units, cells), seed=1, replications=20)
    assert outcome.group_ranks.tolist() == [0, 0, 0, 0]
    assert outcome.group_sizes.tolist() == [2, 2, 2, 2]
    assert sorted(outcome.ranks.tolist()) == [1, 2, 3, 4]


def test_a_field_of_two_is_told_and_not_ranked() -> None:
    definition = small(group_by="none")
    units, cells = rows({"a": (2.0, 1.0, 1.0), "b": (3.0, 1.0, 2.0)})
    outcome = evaluate(definition, table_of(definition, units, cells), seed=1, replications=20)
    assert outcome.why == ("few_peers", "few_peers")
    assert outcome.ranks.tolist() == [0, 0]


def test_points_of_the_ledger_move_the_score_by_what_they_are() -> None:
    definition = small()
    units, cells = rows(FIGURES)
    plain = evaluate(definition, table_of(definition, units, cells), seed=1, replications=20)
    lines = [("z1", "bonus", 2.0), ("z1", "bonus", 1.5), ("z2", "deduction", 3.0)]
    moved = evaluate(definition, table_of(definition, units, cells, lines), seed=1, replications=20)
    assert (moved.scores - plain.scores).round(9).tolist() == [3.5, -3.0, 0.0, 0.0]
    assert moved.before.tolist() == plain.before.tolist()


def test_the_same_seed_gives_the_same_digest_and_another_seed_another() -> None:
    definition = small()
    table = table_of(definition, *rows(FIGURES))
    digests = [
        result_digest(evaluate(definition, table, seed=seed, replications=300))
        for seed in (7, 7, 8)
    ]
    assert digests[0] == digests[1]
    assert len(digests[2]) == 64


def test_a_scheme_that_varies_nothing_is_varied_as_the_audit_assumes() -> None:
    method = {key: value for key, value in METHOD.items() if key != "uncertainty"}
    definition = small(method=method)
    outcome = evaluate(definition, table_of(definition, *rows(FIGURES)), seed=1, replications=200)
    assert outcome.assumed
    assert (outcome.high >= outcome.low).all()
    found = analyse(outcome, seed=1)
    assert found["assumed"] is True
    assert [block["name"] for block in found["blocks"]] == [
        "data", "coherence", "uncertainty", "sensitivity", "use",
    ]  # fmt: skip


figures_of_zones = st.lists(
    st.tuples(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(0.1, 100)),
    min_size=3,
    max_size=8,
    unique_by=lambda row: row[0],
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(figures_of_zones, st.permutations(range(8)))
def test_the_order_of_the_zones_does_not_change_results(
    given_rows: list[tuple[float, float, float]], order: list[int]
) -> None:
    definition = small()
    figures = {f"z{n}": row for n, row in enumerate(given_rows)}
    shuffled = [f"z{n}" for n in order if n < len(figures)]
    first = evaluate(definition, table_of(definition, *rows(figures)), seed=5, replications=30)
    other = evaluate(
        definition,
        table_of(definition, *rows({code: figures[code] for code in shuffled})),
        seed=5,
        replications=30,
    )
    places = [other.row(code) for code in first.units]
    np.testing.assert_allclose(other.scores[places], first.scores, rtol=1e-12)
    assert other.ranks[places].tolist() == first.ranks.tolist()
    assert other.low[places].tolist() == first.low.tolist()
    assert other.high[places].tolist() == first.high.tolist()
