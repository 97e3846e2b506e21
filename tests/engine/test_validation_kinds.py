"""Each kind of rule: what it catches, what it lets through, and what it makes of no figure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from jingkai.engine.validation import Finding, make_rule, read_example, run_examples

INDICATORS: dict[str, dict[str, Any]] = {
    "TRADE": {"unit": "亿元", "mode": "ytd", "decimals": 2},
    "FAI": {"unit": "亿元", "mode": "ytd", "decimals": 1},
    "FDI": {"unit": "亿美元", "mode": "ytd", "decimals": 3},
    "CITY_TRADE": {"unit": "亿元", "mode": "ytd", "decimals": 2},
    "FIRMS": {"unit": "家", "frequency": "month", "decimals": 0},
    "A": {"unit": "家", "decimals": 0},
    "B": {"unit": "家", "decimals": 0},
    "C": {"unit": "家", "decimals": 0},
    "RATE": {"unit": "%", "decimals": 1},
}


def found(
    kind: str, given: Mapping[str, object], indicators: tuple[str, ...] = (), **parameters: object
) -> list[Finding]:
    rule = make_rule("r", kind, "explain", indicators=indicators, parameters=parameters)
    raw = {
        "name": "n",
        "expect": "pass",
        "given": {"period": "2026-09", "indicators": INDICATORS, **given},
    }
    (proof,) = run_examples(rule, [read_example(raw)])
    return list(proof.findings)


def keys(kind: str, given: Mapping[str, object], **parameters: object) -> list[tuple[str, str]]:
    return [(f.indicator, f.key) for f in found(kind, given, **parameters)]  # type: ignore[arg-type]


def test_required_tells_the_three_absences_apart() -> None:
    cells = {"A": None, "B": "missing", "C": "not_applicable", "FIRMS": 0}
    assert keys("required", {"cells": cells}) == [("A", "required_unanswered")]
    assert keys("required", {"cells": cells}, accept_missing=False) == [
        ("A", "required_unanswered"),
        ("B", "required_missing"),
    ]
    strict = keys("required", {"cells": cells}, accept_not_applicable=False)
    assert ("C", "required_not_applicable") in strict
    optional = {**INDICATORS, "A": {"unit": "家", "required": False}}
    assert keys("required", {"cells": {"A": None}, "indicators": optional}) == []


def test_type_wants_whole_numbers_and_declared_decimals() -> None:
    assert keys("type", {"cells": {"FIRMS": "3.5", "TRADE": "1.234", "FAI": "1.2"}}) == [
        ("FIRMS", "type_whole"),
        ("TRADE", "type_decimals"),
    ]
    assert keys("type", {"cells": {"TRADE/month": "1.234"}}) == [("TRADE", "type_decimals")]
    assert keys("type", {"cells": {"TRADE": "1.234"}}, decimals=3) == []


def test_range_bounds_are_allowed_and_have_a_unit() -> None:
    assert keys("range", {"cells": {"RATE": 0, "A": 100}}, min=0, max=100) == []
    assert keys("range", {"cells": {"RATE": "-0.1", "A": 101}}, min=0, max=100) == [
        ("A", "range_above"),
        ("RATE", "range_below"),
    ]
    # 5 亿元 said in 万元; firms are not money and are left alone.
    given = {"cells": {"FAI": 6, "A": 10**6}}
    assert keys("range", given, max=50_000, unit="万元") == [("FAI", "range_above")]
    assert keys("range", {"cells": {"A": -1}}, min=0, unit="万元") == []


def test_sum_of_parts() -> None:
    rule: dict[str, Any] = {"total": "A", "parts": ["B", "C"]}
    assert keys("sum", {"cells": {"A": 5, "B": 2, "C": 3}}, **rule) == []
    (finding,) = found("sum", {"cells": {"A": 6, "B": 2, "C": 3}}, **rule)
    assert (finding.key, finding.figures["difference"].value) == ("sum_differs", 1)
    assert keys("sum", {"cells": {"A": 6, "B": 2, "C": 3}}, **rule, tolerance=1) == []
    # Not applicable counts nothing; missing makes equality impossible, but not an excess.
    assert keys("sum", {"cells": {"A": 2, "B": 2, "C": "not_applicable"}}, **rule) == []
    assert keys("sum", {"cells": {"A": 6, "B": 2, "C": "missing"}}, **rule) == []
    assert keys("sum", {"cells": {"A": 1, "B": 2, "C": None}}, **rule) == [
        ("A", "sum_parts_exceed")
    ]
    assert keys("sum", {"cells": {"A": None, "B": 2, "C": 3}}, **rule) == []
    # A part asked elsewhere counts with the figure that stands; the finding goes where one is.
    assert keys("sum", {"cells": {"B": 2}, "standing": {"A": 9, "C": 3}}, **rule) == [
        ("B", "sum_differs")
    ]


def test_sum_forgives_rounding_of_money_and_not_of_counts() -> None:
    rule: dict[str, Any] = {"total": "FAI", "parts": ["TRADE", "CITY_TRADE"]}
    assert (
        keys("sum", {"cells": {"FAI": "3.1", "TRADE": "1.54", "CITY_TRADE": "1.51"}}, **rule) == []
    )
    assert keys("sum", {"cells": {"FAI": "3.2", "TRADE": "1.54", "CITY_TRADE": "1.51"}}, **rule)


def test_zone_sum_against_the_city() -> None:
    here: dict[str, Any] = {"elsewhere": {"TRADE": {"total": 80, "observed": 13, "expected": 14}}}
    given = {**here, "cells": {"TRADE": 21}, "whole": {"CITY_TRADE": 100}}
    assert keys("zone_sum", given, whole="CITY_TRADE") == [("TRADE", "zone_sum_exceeds")]
    assert keys("zone_sum", {**given, "cells": {"TRADE": 20}}, whole="CITY_TRADE") == []
    assert keys("zone_sum", given, whole="CITY_TRADE", tolerance_percent=2) == []
    # "=" with a zone still missing cannot be short; with all of them it can.
    assert keys("zone_sum", {**given, "cells": {"TRADE": 1}}, whole="CITY_TRADE", op="=") == []
    whole = {"TRADE": {"total": 80, "observed": 14}}
    short = {**given, "elsewhere": whole, "cells": {"TRADE": 1}}
    assert keys("zone_sum", short, whole="CITY_TRADE", op="=") == [("TRADE", "zone_sum_short")]
    for nothing in (None, "missing", "not_applicable"):
        assert keys("zone_sum", {**given, "cells": {"TRADE": nothing}}, whole="CITY_TRADE") == []
    assert keys("zone_sum", {**given, "whole": {}}, whole="CITY_TRADE") == []


def test_zone_sum_speaks_at_the_citys_own_cell() -> None:
    given = {
        "scope": "CITY",
        "cells": {"CITY_TRADE": 70},
        "elsewhere": {"TRADE": {"total": 80, "observed": 15}},
    }
    assert keys("zone_sum", given, whole="CITY_TRADE") == [("CITY_TRADE", "zone_sum_exceeds")]
    assert keys("zone_sum", {**given, "cells": {"CITY_TRADE": None}}, whole="CITY_TRADE") == []


def test_running_totals_do_not_fall_within_a_year() -> None:
    past = {"history": {"TRADE": {"2026-07": 70}}}
    (finding,) = found("ytd_not_falling", {**past, "cells": {"TRADE": 69}})
    assert (finding.key, str(finding.params["before"])) == ("ytd_fell", "2026-07")
    assert keys("ytd_not_falling", {**past, "cells": {"TRADE": 70}}) == []
    assert keys("ytd_not_falling", {**past, "cells": {"TRADE": 69}}, tolerance=1) == []
    assert (
        keys("ytd_not_falling", {**past, "cells": {"TRADE": 69}}, tolerance=10**4, unit="万元")
        == []
    )
    new_year = {"period": "2027-01", "history": {"TRADE": {"2026-12": 90}}, "cells": {"TRADE": 5}}
    assert keys("ytd_not_falling", new_year) == []
    stock = {"history": {"FIRMS": {"2026-08": 9}}, "cells": {"FIRMS": 5}}
    assert keys("ytd_not_falling", stock) == []


def test_month_and_last_total_make_the_total() -> None:
    past = {"history": {"TRADE": {"2026-08": 80}}}
    rule = "month_plus_last_ytd"
    assert keys(rule, {**past, "cells": {"TRADE": 90, "TRADE/month": 10}}) == []
    assert keys(rule, {**past, "cells": {"TRADE": 91, "TRADE/month": 10}}) == [
        ("TRADE", "month_plus_differs")
    ]
    assert keys(rule, {**past, "cells": {"TRADE": "90.01", "TRADE/month": 10}}) == []  # rounding
    for nothing in (None, "missing", "not_applicable"):
        assert keys(rule, {**past, "cells": {"TRADE": 91, "TRADE/month": nothing}}) == []
        assert keys(rule, {**past, "cells": {"TRADE": nothing, "TRADE/month": 10}}) == []
    assert keys(rule, {"cells": {"TRADE": 91, "TRADE/month": 10}}) == []  # last total not known
    january = {"period": "2026-01", "cells": {"TRADE": 9, "TRADE/month": 8}}
    assert keys(rule, january) == [("TRADE", "month_plus_differs")]
    joined = {"period": "2026-02", "cells": {"TRADE": 9, "TRADE/month": 9}}
    assert keys(rule, joined) == []


def test_year_on_year_looks_at_the_increment() -> None:
    history = {"2025-08": 80, "2025-09": 90, "2026-08": 85}
    past = {"history": {"TRADE": history}}
    # The month brought 14 after 10: +40 %. The running total grew by 10 % only.
    (finding,) = found("year_on_year", {**past, "cells": {"TRADE": 99}}, threshold_percent=30)
    assert finding.key == "year_on_year_up"
    assert finding.params["percent"] == 40
    assert keys("year_on_year", {**past, "cells": {"TRADE": 98}}, threshold_percent=30) == []
    assert keys("year_on_year", {**past, "cells": {"TRADE": 91}}, threshold_percent=30) == [
        ("TRADE", "year_on_year_down")
    ]
    assert (
        keys("year_on_year", {**past, "cells": {"TRADE": 99}}, threshold_percent=30, of="figure")
        == []
    )
    assert (
        keys("year_on_year", {**past, "cells": {"TRADE": 99}}, threshold_percent=30, min_change=5)
        == []
    )
    for nothing in (None, "missing", "not_applicable"):
        assert (
            keys("year_on_year", {**past, "cells": {"TRADE": nothing}}, threshold_percent=30) == []
        )


def test_year_on_year_of_a_rate_is_in_points_and_of_zero_says_nothing() -> None:
    rate = {"history": {"RATE": {"2025-09": 2}}, "cells": {"RATE": 5}}
    assert keys("year_on_year", rate, threshold_points=2) == [("RATE", "year_on_year_points_up")]
    assert keys("year_on_year", rate, threshold_points=3) == []
    zero = {"history": {"A": {"2025-09": 0}}, "cells": {"A": 5}}
    assert keys("year_on_year", zero, threshold_percent=30) == []


def test_january_joined_with_february_compares_alike() -> None:
    joined = {"TRADE": {"2025-01": 10, "2025-02": 20}}
    given = {"period": "2026-02", "history": joined, "cells": {"TRADE": 25}}
    # This year's February stands for both months: 25 against 20, not against 10.
    assert keys("year_on_year", given, threshold_percent=30) == []
    assert keys("year_on_year", {**given, "cells": {"TRADE": 27}}, threshold_percent=30)


SEASON = [60, 50, 70, 72, 70, 90, 71, 70, 80, 72, 71, 120]


def seasonal_past(years: int) -> dict[str, int]:
    """Own flows with a strong, steady season, as running totals; 2026 up to August."""
    history: dict[str, int] = {}
    for year in range(2026 - years, 2027):
        total = 0
        for month, flow in enumerate(SEASON if year < 2026 else SEASON[:8], start=1):
            total += flow + (year - 2020) * 2
            history[f"{year}-{month:02}"] = total
    return history


def test_seasonal_knows_the_quarter_end() -> None:
    past = seasonal_past(4)
    given = {"history": {"TRADE": past}}
    usual = past["2026-08"] + 92
    assert keys("seasonal", {**given, "cells": {"TRADE": usual}}) == []
    (finding,) = found("seasonal", {**given, "cells": {"TRADE": usual + 80}})
    assert finding.key == "seasonal_high"
    assert finding.params["years"] == 4
    assert finding.figures["previous"].value == 82
    assert keys("seasonal", {**given, "cells": {"TRADE": past["2026-08"] + 30}}) == [
        ("TRADE", "seasonal_low")
    ]
    # December's jump is the season, not an error.
    december = {k: v for k, v in past.items() if k < "2025-12"}
    given = {"period": "2025-12", "history": {"TRADE": december}}
    assert keys("seasonal", {**given, "cells": {"TRADE": december["2025-11"] + 130}}) == []


def test_seasonal_is_silent_without_enough_past() -> None:
    past = seasonal_past(2)
    given = {"history": {"TRADE": past}, "cells": {"TRADE": past["2026-08"] + 500}}
    assert keys("seasonal", given) == []
    assert keys("seasonal", given, min_years=2) == [("TRADE", "seasonal_high")]
    assert keys("seasonal", {**given, "cells": {"TRADE": "missing"}}, min_years=2) == []


def test_copies_to_the_digit() -> None:
    past = {"history": {"TRADE": {"2026-08": "80.12", "2025-09": "75.36"}, "A": {"2026-08": 3}}}
    assert keys("stale_copy", {**past, "cells": {"TRADE": "80.12", "A": 3}}) == [
        ("TRADE", "stale_previous")
    ]
    assert keys("stale_copy", {**past, "cells": {"TRADE": "75.36"}}) == [
        ("TRADE", "stale_year_ago")
    ]
    assert keys("stale_copy", {**past, "cells": {"TRADE": "75.36"}}, against="previous") == []
    assert keys("stale_copy", {**past, "cells": {"A": 3}}, min_digits=1) == [
        ("A", "stale_previous")
    ]
    zero = {"history": {"A": {"2026-08": 0}}, "cells": {"A": 0}}
    assert keys("stale_copy", zero, min_digits=1) == []


def test_unit_slips_are_named_with_the_likely_unit() -> None:
    past = {"history": {"TRADE": {"2026-08": 80, "2025-09": 85}}}
    (finding,) = found("unit_slip", {**past, "cells": {"TRADE": 912_000}})
    assert finding.key == "unit_slip_large"
    assert (finding.params["factor"], finding.params["meant"]) == (10_000, "万元")
    assert finding.figures["likely"].value == Decimal("91.2")
    (finding,) = found("unit_slip", {**past, "cells": {"TRADE": "0.09"}})
    assert (finding.key, finding.params["factor"]) == ("unit_slip_small", 1000)
    assert keys("unit_slip", {**past, "cells": {"TRADE": 91}}) == []
    assert keys("unit_slip", {**past, "cells": {"TRADE": 0}}) == []
    assert keys("unit_slip", {**past, "cells": {"TRADE": "missing"}}) == []
    # Both of its own references must agree.
    torn = {"history": {"TRADE": {"2026-08": 800_000, "2025-09": 85}}, "cells": {"TRADE": 912_000}}
    assert keys("unit_slip", torn) == []


def test_unit_slips_against_peers_keep_their_figures_to_themselves() -> None:
    given = {"peers": {"TRADE": [70, 90, 110]}, "cells": {"TRADE": 912_000}}
    (finding,) = found("unit_slip", given)
    assert finding.key == "unit_slip_large_peers"
    assert "reference" not in finding.figures
    assert keys("unit_slip", {**given, "peers": {"TRADE": [70, 90]}}) == []


def test_expressions_across_indicators() -> None:
    rule: dict[str, Any] = {"left": "FDI * RATES.usd_cny", "op": "<=", "right": "FAI"}
    given = {"numbers": {"RATES.usd_cny": 7}, "cells": {"FDI": 2, "FAI": 14}}
    assert keys("cross_indicator", given, **rule) == []
    (finding,) = found("cross_indicator", {**given, "cells": {"FDI": 2, "FAI": 13}}, **rule)
    assert finding.indicator == "FDI"
    assert (finding.figures["left"].value, finding.figures["left"].unit) == (14, "亿元")
    assert keys("cross_indicator", {**given, "cells": {"FDI": 2, "FAI": "missing"}}, **rule) == []
    assert keys("cross_indicator", {**given, "cells": {"FDI": 2, "FAI": None}}, **rule) == []
    assert keys("cross_indicator", {**given, "cells": {"FDI": 2, "FAI": "not_applicable"}}, **rule)
    both = {"FDI": "not_applicable", "FAI": "not_applicable"}
    assert keys("cross_indicator", {**given, "cells": both}, **rule) == []
    limit: dict[str, Any] = {"left": "FAI", "op": ">", "right": "0.5 * TRADE + 1亿元"}
    assert keys("cross_indicator", {"cells": {"FAI": 2, "TRADE": 2}}, **limit) == [
        ("FAI", "cross_fails")
    ]
    assert keys("cross_indicator", {"cells": {"FAI": "2.1", "TRADE": 2}}, **limit) == []


def test_pairs_and_exclusions() -> None:
    pair: dict[str, Any] = {"left": "A", "op": "both_or_neither", "right": "B"}
    assert keys("cross_indicator", {"cells": {"A": 0, "B": 4}}, **pair) == []
    for nothing in (None, "missing", "not_applicable"):
        assert keys("cross_indicator", {"cells": {"A": 3, "B": nothing}}, **pair) == [
            ("B", "cross_one_missing")
        ]
    assert keys("cross_indicator", {"cells": {"A": None, "B": "missing"}}, **pair) == []
    apart: dict[str, Any] = {"left": "A", "op": "exclusive", "right": "B"}
    assert keys("cross_indicator", {"cells": {"A": 3, "B": 4}}, **apart) == [
        ("A", "cross_exclusive")
    ]
    assert keys("cross_indicator", {"cells": {"A": 3, "B": 0}}, **apart) == []
    assert keys("cross_indicator", {"cells": {"A": 3, "B": "missing"}}, **apart) == []


@pytest.mark.parametrize(
    ("kind", "field", "absent"),
    [
        ("cross_source", "sources", "cross_source_absent"),
        ("revision", "standing", "revision_absent"),
    ],
)
def test_against_a_known_figure(kind: str, field: str, absent: str) -> None:
    given: dict[str, Any] = {field: {"TRADE": 100}}
    (finding,) = found(kind, {**given, "cells": {"TRADE": 103}}, tolerance_percent=2)
    assert finding.key == f"{kind}_differs"
    assert (finding.params["percent"], finding.figures["difference"].value) == (3, 3)
    assert keys(kind, {**given, "cells": {"TRADE": 102}}, tolerance_percent=2) == []
    assert keys(kind, {**given, "cells": {"TRADE": None}}) == []
    assert keys(kind, {**given, "cells": {"TRADE": "missing"}}) == [("TRADE", absent)]
    assert keys(kind, {**given, "cells": {"TRADE": "not_applicable"}}) == [("TRADE", absent)]
    assert keys(kind, {field: {"TRADE": 0}, "cells": {"TRADE": "not_applicable"}}) == []
    assert keys(kind, {"cells": {"TRADE": 5}}) == []
