"""What a finding computed, as people read it."""

from __future__ import annotations

import pytest

from jingkai.delivery.intake.sums import sum_of
from jingkai.delivery.intake.tests.factories import SYNTHETIC
from jingkai.engine.policytext import as_data, parse_policy

CASES = {
    "stated": ({}, "360.000000", "", "360"),
    "implied_base": (
        {"level": "360", "rate": "5", "years": "3"},
        "310.981535",
        "360 ÷ (1 + 5%)^3",
        "310.98",
    ),
    "implied_part": ({"share": "50", "other": "100"}, "50.000000", "100 × 50%", "50"),
    "difference_percent": (
        {"first": "310.98153547", "second": "318.48912104"},
        "2.414158",
        "310.98 – 318.49",
        "2.41%",
    ),
    "reading": (
        {"level": "360", "rate": "4.4", "years": "2", "stated": "395"},
        "392.376960",
        "360 × (1 + 4.4%)^2",
        "392.38",
    ),
    "rate_between": (
        {"from": "2200", "to": "2440", "years": "2"},
        "5.313385",
        "(2440 ÷ 2200)^(1/2) − 1",
        "5.31%",
    ),
    "total_from_share": ({"level": "1400", "share": "75"}, "1866.666667", "1400 ÷ 75%", "1866.67"),
    "denominator_from_ratio": (
        {"numerator": "5250", "ratio": "8.6"},
        "610.465116",
        "5250 ÷ 8.6",
        "610.47",
    ),
}


@pytest.mark.parametrize("operation", CASES)
def test_every_operation_is_said_with_its_numbers(operation: str) -> None:
    numbers, result, expression, shown = CASES[operation]
    said = sum_of({"operation": operation, "numbers": numbers, "result": result})

    assert (said.expression, said.result) == (expression, shown)
    assert str(said.words) != operation


def test_a_ratio_is_no_percentage() -> None:
    step = {"operation": "implied_part", "numbers": {"ratio": "2", "other": "30"}, "result": "60"}
    assert sum_of(step).expression == "30 × 2"


def test_an_operation_nobody_put_into_words_shows_its_numbers() -> None:
    said = sum_of({"operation": "new_one", "numbers": {"a": "1.500", "b": "2"}, "result": "3"})
    assert (said.words, said.expression, said.result) == ("new_one", "1.5；2", "3")


def test_operations_of_a_reading_have_words() -> None:
    text = SYNTHETIC.replace("880亿元", "880亿元，年均增长9%") + "到2028年，工业增加值达到500亿元。"
    steps = [
        step
        for finding in as_data(parse_policy(text, reference_year=2026))["findings"]
        for step in finding["arithmetic"]
    ]
    assert steps
    assert {step["operation"] for step in steps} <= set(CASES)
