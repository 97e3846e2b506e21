from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.errors import LightError
from jingkai.engine.lights import (
    Band,
    Distance,
    Light,
    LightReason,
    LightRule,
    distance_to_path,
    light,
)
from jingkai.engine.periods import Period
from jingkai.engine.semantics import Direction

D = Decimal
OCTOBER = Period.parse("2026-10")
RULE = LightRule(
    bands=(Band(Light.GREEN, D(0)), Band(Light.YELLOW, D(-5)), Band(Light.RED, None)),
    too_early_until=D("0.25"),
    stale_after_periods=2,
)
numbers = st.decimals(-1000, 1000, places=2)
ORDER = [Light.RED, Light.YELLOW, Light.GREEN]


@given(numbers, numbers, st.sampled_from(Direction), st.sampled_from(Distance))
def test_mirror(actual: D, planned: D, direction: Direction, measure: Distance) -> None:
    rule = replace(RULE, measure=measure)
    here = light(rule, actual, planned, direction, period=OCTOBER)
    there = light(rule, -actual, -planned, direction.mirrored, period=OCTOBER)
    assert (here.light, here.reason, here.distance) == (there.light, there.reason, there.distance)


@given(numbers, numbers, numbers)
def test_more_is_never_a_worse_light_when_higher_is_better(a: D, b: D, planned: D) -> None:
    worse, better = sorted((a, b))
    lights = [
        light(RULE, value, planned, Direction.HIGHER, period=OCTOBER).light
        for value in (worse, better)
    ]
    assert ORDER.index(lights[0]) <= ORDER.index(lights[1])


@given(numbers, numbers.filter(bool), st.decimals("0.001", 1000, places=3))
def test_percent_distance_does_not_depend_on_the_unit(a: D, planned: D, factor: D) -> None:
    one = distance_to_path(a, planned, Direction.HIGHER)
    other = distance_to_path(a * factor, planned * factor, Direction.HIGHER)
    assert abs(one - other) <= D("1e-18") * max(1, abs(one))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [("100", "green"), ("99.99", "yellow"), ("95", "yellow"), ("94.99", "red")],
)
def test_an_edge_belongs_to_the_better_band(actual: str, expected: str) -> None:
    assert light(RULE, D(actual), D(100), Direction.HIGHER, period=OCTOBER).light == expected


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        (LightReason.NO_TARGET, {"planned": None}),
        (LightReason.DISPUTED_DEFINITION, {"disputed": True}),
        (LightReason.NO_VALUE, {"actual": None}),
        (LightReason.STALE, {"current": Period.parse("2027-01")}),
        (LightReason.TOO_EARLY, {"period": Period.parse("2026-02")}),
    ],
)
def test_grey_has_a_reason(reason: LightReason, change: dict[str, object]) -> None:
    arguments = {"actual": D(50), "planned": D(100), "direction": Direction.HIGHER}
    result = light(RULE, **{**arguments, "period": OCTOBER, **change})  # type: ignore[arg-type]
    assert (result.light, result.reason, result.distance) == (Light.GREY, reason, None)


def test_patience_and_freshness_end_where_the_rule_says() -> None:
    march, december = Period.parse("2026-03"), Period.parse("2026-12")
    assert light(RULE, D(1), D(1), Direction.HIGHER, period=march).light is Light.GREEN
    fresh = light(RULE, D(1), D(1), Direction.HIGHER, period=OCTOBER, current=december)
    assert fresh.light is Light.GREEN
    quarter = Period.parse("2026-Q1")
    old = light(RULE, D(1), D(1), Direction.HIGHER, period=quarter, current=december)
    assert (old.reason, old.params["age"]) == (LightReason.STALE, 3)


def test_a_disputed_value_may_be_judged_when_the_rule_says_so() -> None:
    rule = replace(RULE, judge_disputed=True)
    shown = light(rule, D(1), D(1), Direction.HIGHER, period=OCTOBER, disputed=True)
    assert shown.light is Light.GREEN


@pytest.mark.parametrize(("actual", "expected"), [(0, Light.GREEN), (1, Light.RED)])
def test_a_plan_of_zero_is_kept_or_not(actual: int, expected: Light) -> None:
    result = light(RULE, D(actual), D(0), Direction.LOWER, period=OCTOBER)
    assert (result.light, result.reason) == (expected, LightReason.ZERO_PLAN)
    with pytest.raises(LightError):
        distance_to_path(D(actual), D(0), Direction.LOWER)


@pytest.mark.parametrize(
    ("code", "bands"),
    [
        ("bands_open", ()),
        ("bands_open", (Band(Light.GREEN, D(0)),)),
        ("bands_open", (Band(Light.GREEN, None), Band(Light.RED, None))),
        (
            "bands_order",
            (Band(Light.GREEN, D(-5)), Band(Light.YELLOW, D(0)), Band(Light.RED, None)),
        ),
        ("bands_grey", (Band(Light.GREEN, D(0)), Band(Light.GREY, None))),
    ],
)
def test_a_crooked_rule_is_refused(code: str, bands: tuple[Band, ...]) -> None:
    with pytest.raises(LightError) as caught:
        LightRule(bands=bands)
    assert caught.value.code == code
