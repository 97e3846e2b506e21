"""Every problem, scale and rule has words; words name the node and what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from inspect import getsource

import pytest
from django.utils.translation import override

from jingkai.delivery.evaluation import checking, definition
from jingkai.delivery.evaluation.definition import Definition, Problem
from jingkai.delivery.evaluation.differences import differences
from jingkai.delivery.evaluation.exit_rules import RuleKind
from jingkai.delivery.evaluation.method_words import (
    AGGREGATIONS,
    CONSTANTS,
    SCALES,
    aggregation_words,
    method_lines,
    scale_words,
)
from jingkai.delivery.evaluation.problem_words import SENTENCES, sentence
from jingkai.delivery.evaluation.rule_sentences import exit_sentence, ledger_sentence
from jingkai.engine.composite.method import Mean, Policy

from .scheme_scenes import edition, with_node, without


def defined(**changes: object) -> Definition:
    return replace(edition().definition("TEST", 1, {}), **changes)


def test_every_problem_has_a_sentence() -> None:
    codes = set(re.findall(r'Problem\(\s*"(\w+)"', getsource(definition) + getsource(checking)))
    assert codes - {"method"} <= set(SENTENCES)
    assert len(codes) > 15


def test_every_scale_and_mean_has_words() -> None:
    assert set(checking.SCALES) == set(SCALES)
    assert set(Mean) == set(AGGREGATIONS)
    assert set(CONSTANTS) <= {str(policy) for policy in Policy}


@pytest.mark.parametrize(
    ("problem", "named"),
    [
        (Problem("sum", "A", {"points": "60", "sum": "59.5"}), ("类别A", "0.5")),
        (Problem("sum", "A", {"points": "60", "sum": "60.25"}), ("类别A", "0.25")),
        (Problem("cycle", "A", {"through": "B"}), ("类别A", "类别B")),
        (Problem("unknown_parent", "A", {"parent": "Z"}), ("类别A", "Z")),
        (Problem("no_direction", "A1"), ("末级A1",)),
        (Problem("method", "B", {"message": "x", "code": "infeasible", "path": "aggregate"}),
         ("类别B",)),
        (Problem("method", "", {"message": "the very words", "code": "other", "path": ""}),
         ("the very words",)),
    ],
)  # fmt: skip
def test_a_sentence_names_what_is_meant(problem: Problem, named: tuple[str, ...]) -> None:
    said = sentence(problem, defined())
    assert all(word in said for word in named)
    assert "%(" not in said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_method_reads_as_sentences(language: str) -> None:
    given = defined(
        method={
            "normalise": {"method": "zscore", "mean": 100, "sd": 10, "constant": "middle"},
            "aggregate": {"levels": {"2": "geometric", "3": "arithmetic"}},
            "impute": {"method": "group_median", "by": "group"},
            "treat": {"method": "winsorise_then_log", "winmax": 3},
            "uncertainty": {
                "weights": {"noise": 0.25},
                "normalise": [{"method": "minmax", "range": [1, 100]}],
                "aggregate": ["arithmetic", "geometric"],
                "impute": "median",
            },
        },
        adjust={"bonus_cap": 5, "deduction_cap": 10, "veto_effect": "cap", "veto_cap": 59},
    )
    with override(language):
        lines = method_lines(given)
    assert len(lines) > 8
    assert not [line for line in lines if "%(" in line or "None" in line]


def test_scales_and_means_with_their_numbers() -> None:
    assert "60" in scale_words("efficacy")
    assert "1.2" in scale_words({"method": "distance_to_target", "cap": 1.2})
    assert "0.5" in aggregation_words({"method": "generalised_mean", "power": 0.5})


def test_rules_read_as_sentences() -> None:
    for kind in RuleKind:
        rule = {
            "kind": kind, "bottom": 5, "years": 2, "within": 3, "times": 2, "by": "region",
            "effect": "downgrade", "least_field": 20,
        }  # fmt: skip
        said = exit_sentence(rule)
        assert "5" in said
        assert "%(" not in said
    assert "+2" in ledger_sentence({"kind": "bonus", "points": "2", "cap": "4"})
    assert "−0.3" in ledger_sentence({"kind": "deduction", "points": "0.3", "cap": None})
    assert ledger_sentence({"kind": "veto", "points": "0"})


def test_differences_name_every_change_once() -> None:
    before = defined()
    after_draft = without(with_node(edition(), "A1", points=Decimal(30), direction=-1), "B2")
    after = replace(
        after_draft.definition("TEST", 2, {}),
        method={"normalise": "efficacy", "aggregate": "geometric"},
        ledger_rules=({"code": "X", "name": "事故", "kind": "deduction", "points": "1"},),
    )
    found = differences(before, after)
    assert {(c.kind, c.code) for c in found if c.code} == {
        ("changed", "A1"), ("gone", "B2"), ("new", "X"),
    }  # fmt: skip
    assert next(c.was for c in found if c.code == "A1") == "35"
    assert any(not c.code for c in found)
    assert differences(before, before) == ()
