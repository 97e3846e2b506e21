"""The shown arithmetic against the figures worked out by hand for the reference document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from jingkai.delivery.policy.arithmetic import (
    comparisons,
    number_of,
    readings,
    stated_twice,
    worked_steps,
    year_of,
)
from jingkai.delivery.policy.models import Conflict
from jingkai.delivery.policy.queries import conflict_sheet, worked_of
from jingkai.delivery.policy.tests.factories import shenyang_document

# (conflict, step, result rounded to `places`, places, unit): DOMAIN of the policy, computed by hand
KNOWN = [
    ("C01", "city_total_low", "1867", 0, "亿元"),
    ("C01", "city_total_high", "1965", 0, "亿元"),
    ("C02", "rate_2028_2030", "2.6", 1, "%"),
    ("C05", "base_by_2028", "1906", 0, "亿元"),
    ("C05", "base_by_2030", "1894", 0, "亿元"),
    ("C06", "base_by_2028", "311", 0, "亿元"),
    ("C06", "base_by_2030", "318", 0, "亿元"),
    ("C07", "base_by_2028", "651", 0, "亿元"),
    ("C07", "base_by_2030", "623", 0, "亿元"),
    ("C07", "rate_2028_2030", "6.99", 2, "%"),
    ("C08", "base_2025", "3949", 0, "亿元"),
    ("C09", "base_2025", "1.96", 2, "亿美元"),
    ("C09", "city_total", "4.5", 1, "亿美元"),
    ("C10", "base_2025", "1086", 0, "亿元"),
    ("C11", "land_area", "610", 0, "平方公里"),
]


@pytest.mark.django_db
def test_reference_document_gives_the_known_figures() -> None:
    shenyang_document()
    steps = {(c.code, s.id): s for c in Conflict.objects.all() for s in worked_of(c).steps}

    found = [
        (*key, str(round(steps[key].result, places)), places, steps[key].unit)
        for key, places in (((c, s), p) for c, s, _r, p, _u in KNOWN)
    ]

    assert found == KNOWN
    assert not [step for step in steps.values() if step.problem]


@pytest.mark.django_db
def test_two_columns_are_compared_and_read_the_other_way() -> None:
    shenyang_document()
    sheet = conflict_sheet(Conflict.objects.get(code="C07"))

    (pair,) = sheet.comparisons
    assert round(pair.difference_percent) == -4
    (reading,) = sheet.readings
    assert (reading.from_year, reading.to_year) == (2028, 2030)
    assert round(reading.reached, 1) == Decimal("868.5")
    assert reading.stated == 870
    assert abs(reading.difference_percent) < Decimal("0.2")


@pytest.mark.django_db
def test_two_stated_values_are_told_apart() -> None:
    shenyang_document()
    sheet = conflict_sheet(Conflict.objects.get(code="C01"))

    stated = sheet.comparisons[0]
    assert {stated.first, stated.second} == {Decimal(1400), Decimal(1474)}
    assert round(abs(stated.difference_percent), 1) == Decimal("5.3")


def _base(**changes: Any) -> dict[str, Any]:
    step = {
        "id": "b",
        "formula": "base_from_growth",
        "base_year": 2025,
        "inputs": {"level": "L", "growth": "G"},
        "title": "基数",
        "title_en": "Base",
    }
    inputs = {
        "L": {"value": "110", "unit": "亿元", "horizon": "2026"},
        "G": {"value": 10, "unit": "%"},
    }
    return {"steps": [step | changes.pop("step", {})], "inputs": inputs | changes}


def test_result_follows_its_inputs() -> None:
    (step,) = worked_steps(_base(), [])
    (other,) = worked_steps(_base(L={"value": "220", "unit": "亿元", "horizon": "2026"}), [])

    assert (step.result, other.result) == (Decimal(100), Decimal(200))
    assert step.expression == "110 ÷ (1 + 10%)^1"


def test_inputs_may_stand_in_the_statements() -> None:
    arithmetic = {"steps": _base()["steps"]}
    statements = [
        {"target": "L", "value": "121", "unit": "亿元", "horizon": 2027},
        {"target": "G", "value": None, "rate": "10"},
    ]

    (step,) = worked_steps(arithmetic, statements)

    assert step.result == Decimal(100)


@pytest.mark.parametrize(
    ("arithmetic", "why"),
    [
        (_base(L={"value": None}), "The input “L” is missing."),
        (_base(G={"value": "NaN"}), "The input “G” is missing."),
        (_base(step={"inputs": {"level": "L"}}), "The input “growth” is missing."),
        (_base(step={"formula": "magic"}), "The formula “magic” is not known."),
        (_base(step={"base_year": None}), "The years are not stated."),
        (_base(G={"value": "-100"}), "It cannot be computed: a rate of -100% per year"),
    ],
)
def test_what_cannot_be_computed_says_why(arithmetic: dict[str, Any], why: str) -> None:
    with override("en"):
        (step,) = worked_steps(arithmetic, [])

    assert step.result is None
    assert step.problem.startswith(why)


def test_division_by_zero_is_a_sentence_not_a_crash() -> None:
    step = {"formula": "total_from_share", "inputs": {"level": "L", "share": "S"}}
    inputs = {"L": {"value": "1"}, "S": {"value": "0"}}

    (worked,) = worked_steps({"steps": [step], "inputs": inputs}, [])

    assert worked.result is None
    assert worked.problem


def test_only_like_is_compared() -> None:
    steps = worked_steps(_base(), []) + worked_steps(_base(step={"base_year": 2024}), [])

    assert comparisons(steps) == []
    assert readings(steps) == []
    assert stated_twice([{"value": 1, "unit": "亿元"}, {"value": 2, "unit": "%"}]) == []


def test_numbers_and_years_are_read_carefully() -> None:
    assert [number_of(x) for x in (None, "", True, "x", "Infinity", "5.86")] == [
        None,
        None,
        None,
        None,
        None,
        Decimal("5.86"),
    ]
    assert [year_of(x) for x in (2030, "2030-S1", None, "30")] == [2030, 2030, None, None]


def test_a_part_is_compared_with_whole_and_share() -> None:
    inputs = {
        "P": {"value": "60", "unit": "亿元", "horizon": 2030},
        "S": {"value": "50", "unit": "%", "horizon": 2030},
        "W": {"value": "100", "unit": "亿元", "horizon": 2030},
    }
    roles = {"level": "P", "share": "S", "whole": "W"}
    step = {"id": "part", "formula": "part_from_share", "inputs": roles, "title": "分项"}
    (worked,) = worked_steps({"inputs": inputs, "steps": [step]}, [])
    (pair,) = comparisons([worked])

    assert (worked.expression, worked.result, worked.unit) == ("100 × 50%", Decimal(50), "亿元")
    assert (pair.first, pair.second, pair.difference) == (Decimal(50), Decimal(60), Decimal(10))


def test_an_implied_base_is_compared_with_the_base_that_is_stated() -> None:
    inputs = {
        "L": {"value": "121", "unit": "亿元", "horizon": 2027},
        "G": {"value": "10", "unit": "%", "horizon": 2027},
    }
    roles = {"level": "L", "growth": "G"}
    step = {"id": "b", "formula": "base_from_growth", "base_year": 2025, "inputs": roles}
    stated = [
        {"value": "90", "unit": "亿元", "horizon": "2025"},
        {"value": "121", "unit": "亿元", "horizon": "2027"},
        {"value": "90", "unit": "家", "horizon": "2025"},
    ]
    (pair,) = comparisons(worked_steps({"inputs": inputs, "steps": [step]}, stated), stated)

    assert (round(pair.first, 9), pair.second) == (Decimal(100), Decimal(90))
