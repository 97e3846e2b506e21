"""The validation rules of the shipped pack: proved by their examples, loaded once, edits kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.reporting.models import ValidationRule
from jingkai.delivery.reporting.public import RuleDraft, rule_fields, save_rule
from jingkai.delivery.reporting.rulebook import rulebook_on
from jingkai.delivery.reporting.services import switch_off
from jingkai.engine.validation import Expect, make_rule, read_example, run_examples
from jingkai.packs.exporting import export_pack
from jingkai.packs.loading import compare, load
from jingkai.packs.model import Pack
from jingkai.packs.problems import Problem
from jingkai.packs.public import read_pack
from jingkai.packs.validation_rules import facts_of_pack

from .conftest import SHIPPED, Break

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
FILE = "validation_rules.yaml"


def test_every_shipped_rule_catches_and_lets_through(pack: Pack) -> None:
    assert len(pack.validation_rules) >= 20
    facts = facts_of_pack(pack)
    numbers = {
        f"{table.code}.{row.key}": row.value
        for table in pack.references
        for row in table.rows
        if not isinstance(row.value, str | bool | None)
    }
    for row in pack.validation_rules:
        rule = make_rule(
            row.code, row.kind, row.level, indicators=row.indicators, parameters=row.parameters
        )
        proofs = run_examples(rule, [read_example(raw, facts) for raw in row.examples], numbers)
        assert {proof.example.expect for proof in proofs} == set(Expect), row.code
        assert all(proof.holds for proof in proofs), row.code
        assert row.confidence == "unverified", "no threshold has an official source yet"


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("{min: 1, max: 3}", "{min: 1, mx: 3}", "parameters", '"max"'),
        ("{min: 1, max: 3}", "{min: 1, max: 9}", "examples[1]", "五个主导产业"),
        ("max: 3}", "max: VALIDATION_THRESHOLDS.nothing}", "parameters", "nothing"),
        ("indicators: [LEADING_INDUSTRIES]", "indicators: [LEADING]", "indicators", "LEADING"),
        ("right: LAND_AREA", "right: LAND_ARE", "parameters", "LAND_ARE"),
        (
            "cells: {LEADING_INDUSTRIES: 3}",
            "cells: {LEADING_INDUSTRY: 3}",
            "examples",
            "LEADING_INDUSTRY",
        ),
        ("kind: seasonal", "kind: seasonl", "kind", "seasonal"),
        ("  - code: stale_copy", "  - code: unit_slip", "code", "unit_slip"),
    ],
)
def test_a_rule_that_is_wrong_is_found_with_its_line(
    broken: Break, old: str, new: str, where: str, says: str
) -> None:
    problems: list[Problem] = broken(FILE, old, new)
    assert any(
        problem.file == FILE
        and where in problem.field
        and says in f"{problem.message}{problem.remedy}"
        and problem.line > 1
        for problem in problems
    ), problems


@pytest.mark.django_db
def test_rules_are_loaded_once_and_all_of_them_can_be_used(pack: Pack) -> None:
    load(pack, actor=None, now=NOW)
    assert ValidationRule.objects.count() == len(pack.validation_rules)
    book = rulebook_on(NOW.date())
    assert len(book.rules) == len(pack.validation_rules)
    assert book.unusable == ()
    assert not load(pack, actor=None, now=NOW).changed
    assert not compare(pack)


@pytest.mark.django_db
def test_what_people_changed_or_switched_off_is_kept(pack: Pack, tmp_path: Path) -> None:
    load(pack, actor=None, now=NOW)
    office = UserFactory(role=Role.OFFICE)
    row = ValidationRule.objects.get(code="leading_industries")
    draft = replace(RuleDraft(**rule_fields(row)), level="hint")
    save_rule(code=row.code, draft=draft, actor=office, now=NOW, reason="先作提示", number=1)
    switch_off(code="stale_copy", reason="误报较多", actor=office, now=NOW)
    later = replace(
        pack,
        validation_rules=tuple(
            replace(rule, title_zh="主导产业数量一般不超过三个", level="fix")
            if rule.code == "leading_industries"
            else replace(rule, advice_zh="请核对。")
            if rule.code == "stale_copy"
            else rule
            for rule in pack.validation_rules
        ),
    )
    assert {d.kind_of for d in compare(later) if d.kind == "validation-rule"} == {"clash", "news"}
    report = load(later, actor=None, now=NOW)
    assert report.updated == 2
    newest = ValidationRule.objects.filter(code="leading_industries").first()
    assert newest is not None
    assert (newest.level, newest.title, newest.number) == ("hint", "主导产业数量一般不超过三个", 3)
    stale = ValidationRule.objects.filter(code="stale_copy").order_by("-number").first()
    assert stale is not None
    assert (stale.advice, stale.is_active) == ("请核对。", False)


@pytest.mark.django_db
def test_edits_go_back_into_the_files(pack: Pack, tmp_path: Path) -> None:
    load(pack, actor=None, now=NOW)
    office = UserFactory(role=Role.OFFICE)
    row = ValidationRule.objects.get(code="not_negative")
    draft = replace(RuleDraft(**rule_fields(row)), level="explain")
    save_rule(code=row.code, draft=draft, actor=office, now=NOW, reason="改为须说明", number=1)
    assert export_pack(pack, SHIPPED, tmp_path / "out") == []
    again = read_pack(tmp_path / "out")
    (rule,) = [rule for rule in again.validation_rules if rule.code == "not_negative"]
    assert rule.level == "explain"
