"""The synthetic documents against what a careful reader finds in them."""

from __future__ import annotations

from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from jingkai.engine.policytext import Reading, parse_policy

from .scoring import SIGN, Score, brackets, measures, score_targets

HERE = Path(__file__).parent
TRUTH: dict[str, Any] = yaml.safe_load((HERE / "truth.yaml").read_text(encoding="utf-8"))
LEAST = 0.95


@cache
def text_of(name: str) -> str:
    return (HERE / "texts" / f"{name}.txt").read_text(encoding="utf-8")


@cache
def reading_of(name: str) -> Reading:
    return parse_policy(text_of(name), reference_year=2025)


def names(listed: list[str]) -> list[str]:
    return [name.rstrip("*+") for name in listed]


def leads(listed: list[str]) -> list[str]:
    return [name for name in listed if name.endswith("*")]


def test_every_text_has_its_truth() -> None:
    assert {path.stem for path in (HERE / "texts").glob("*.txt")} == set(TRUTH)
    assert len(TRUTH) >= 10


@pytest.mark.parametrize("what", ["measures", "brackets", "bodies", "leads", "targets"])
def test_precision_and_recall(what: str) -> None:
    score = Score()
    for name, truth in TRUTH.items():
        reading = reading_of(name)
        found, expected = brackets(reading), truth["brackets"]
        if what == "measures":
            score.add(name, measures(reading), truth["measures"])
        elif what == "brackets":
            score.add(name, map("、".join, found), map("、".join, expected))
        elif what == "bodies":
            score.add(name, chain(*map(names, found)), chain(*map(names, expected)))
        elif what == "leads":
            score.add(name, chain(*map(leads, found)), chain(*map(leads, expected)))
        else:
            score_targets(score, name, reading, truth["targets"])

    assert score.hit > 20
    assert score.precision >= LEAST, score.notes
    assert score.recall >= LEAST, score.notes


@pytest.mark.parametrize("name", TRUTH)
def test_head_of_the_document(name: str) -> None:
    reading, truth = reading_of(name), TRUTH[name]

    assert (reading.number, reading.issuer) == (truth["number"], truth["issuer"])
    assert reading.title


@pytest.mark.parametrize("name", [name for name in TRUTH if "findings" in TRUTH[name]])
def test_findings(name: str) -> None:
    kinds = {finding.kind for finding in reading_of(name).findings}

    assert set(TRUTH[name]["findings"]) <= kinds


def test_tasks_of_a_table_with_bars() -> None:
    tasks = reading_of("flattened").tasks
    found = [[t.number, *(b.name + SIGN[b.role] for b in t.bodies)] for t in tasks]

    assert found == TRUTH["flattened"]["tasks"]
    assert [task.deadline for task in tasks] == ["2026年12月", "2028年底", "长期坚持"]


def test_subsidies_are_no_targets() -> None:
    reading = reading_of("city_articles")

    assert [target.indicator for target in reading.targets] == ["高新技术企业数量"]


@pytest.mark.parametrize("name", TRUTH)
def test_offsets_lead_to_the_words(name: str) -> None:
    """Every offset is one of the original text, and what stands there is what was read."""
    text, reading = text_of(name), reading_of(name)

    checked = 0
    for measure in reading.measures:
        assert 0 <= measure.start <= measure.end <= len(text)
        for clause in measure.clauses:
            assert text[clause.start : clause.end].strip()
            for body in clause.bodies:
                written = text[body.start : body.end]
                plain = written.translate(str.maketrans("（），", "(),")).replace("\n", "")
                assert plain == body.name
                checked += 1
    for target in reading.targets:
        assert 0 <= target.start < target.end <= len(text)
        if target.value is not None and target.unit not in ("%", "番"):
            assert format(target.value, "f") in text[target.start : target.end].replace(",", "")
    assert checked or name == "chapters"


def test_the_first_body_leads_where_a_rule_says_so_once() -> None:
    reading = reading_of("city_action_plan")
    rules = [rule for rule in reading.standing_rules if rule.kind == "first_leads"]

    assert len(rules) == 1
    assert all(clause.bodies[0].role == "lead" for m in reading.measures for clause in m.clauses)
