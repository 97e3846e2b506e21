"""The reference policy's own figures (main text and annex 1), and laws."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.growth import grown
from jingkai.engine.periods import Period
from jingkai.engine.targets import (
    InconsistencyKind,
    Statement,
    StatementForm,
    check_consistency,
    implied_base,
)

D = Decimal
Y2025, Y2028, Y2030 = (Period.of(year) for year in (2025, 2028, 2030))


def pair(quantity: str, period: Period, level: str, rate: str) -> list[Statement]:
    name = f"{quantity}.{period}"
    return [
        Statement(
            key=f"{name}.level",
            quantity=quantity,
            form=StatementForm.LEVEL,
            period=period,
            value=D(level),
        ),
        Statement(
            key=f"{name}.rate",
            quantity=quantity,
            form=StatementForm.GROWTH,
            period=period,
            value=D(rate),
        ),
    ]


ROWS = {
    "industry": (("2200", "4.9"), ("2440", "5.2")),
    "budget": (("360", "5"), ("395", "4.4")),
    "investment": (("760", "5.3"), ("870", "6.9")),
}


@pytest.mark.parametrize(
    ("quantity", "bases", "agree"),
    [
        ("industry", (1906, 1894), True),
        ("budget", (311, 318), False),
        ("investment", (651, 623), False),
    ],
)
def test_bases_implied_by_the_annex(quantity: str, bases: tuple[int, int], agree: bool) -> None:
    (l28, r28), (l30, r30) = ROWS[quantity]
    assert round(implied_base(D(l28), D(r28), 3)) == bases[0]
    assert round(implied_base(D(l30), D(r30), 5)) == bases[1]
    said = pair(quantity, Y2028, l28, r28) + pair(quantity, Y2030, l30, r30)
    found = check_consistency(said, tolerance_percent=D(1), default_base=Y2025)
    assert [f.kind for f in found] == ([] if agree else [InconsistencyKind.BASES_DISAGREE])
    if found:
        assert [round(s.result) for s in found[0].steps[:2]] == list(bases)
        assert set(found[0].statements) == {s.key for s in said}
        numbers = dict(found[0].steps[1].numbers)
        assert (numbers["level"], numbers["rate"], numbers["years"]) == (D(l30), D(r30), 5)


def test_the_investment_rate_fits_when_counted_from_2028() -> None:
    said = pair("investment", Y2028, "760", "5.3") + pair("investment", Y2030, "870", "6.9")
    (found,) = check_consistency(said, tolerance_percent=D("0.5"), default_base=Y2025)
    (reading,) = found.readings
    assert (round(reading.result, 1), dict(reading.numbers)["years"]) == (D("868.5"), 2)


def test_no_reading_is_offered_against_a_stated_base() -> None:
    said = [
        *pair("x", Y2028, "760", "5.3"),
        *pair("x", Y2030, "870", "6.9")[:1],
        Statement(
            key="rate",
            quantity="x",
            form=StatementForm.GROWTH,
            period=Y2030,
            base_period=Y2025,
            value=D("6.9"),
        ),
    ]
    (found,) = check_consistency(said, tolerance_percent=D("0.5"), default_base=Y2025)
    assert found.readings == ()


def level(key: str, quantity: str, value: str, period: Period = Y2030) -> Statement:
    return Statement(
        key=key, quantity=quantity, form=StatementForm.LEVEL, period=period, value=D(value)
    )


def test_trade_is_stated_twice() -> None:
    (found,) = check_consistency(
        [level("text", "trade", "1400"), level("annex", "trade", "1474")],
        tolerance_percent=D(10),
    )
    assert found.kind is InconsistencyKind.TWO_VALUES
    assert found.difference_percent is not None
    assert round(found.difference_percent, 2) == D("5.29")


def test_energy_is_bound_in_two_ways() -> None:
    said = [
        Statement(
            key="text",
            quantity="energy",
            form=StatementForm.RELATIVE,
            period=Y2030,
            other="city",
        ),
        Statement(
            key="annex",
            quantity="energy",
            form=StatementForm.REDUCTION,
            period=Y2030,
            value=D(30),
        ),
    ]
    (found,) = check_consistency(said, tolerance_percent=D(1))
    assert found.kind is InconsistencyKind.TWO_MEASURES


@pytest.mark.parametrize(("city", "fits"), [("1867", True), ("1965", False)])
def test_part_share_and_whole(city: str, fits: bool) -> None:
    said = [
        level("part", "trade", "1400"),
        level("whole", "city_trade", city),
        Statement(
            key="share",
            quantity="trade",
            form=StatementForm.SHARE,
            period=Y2030,
            value=D(75),
            other="city_trade",
        ),
    ]
    found = check_consistency(said, tolerance_percent=D(1))
    assert [f.kind for f in found] == ([] if fits else [InconsistencyKind.PARTS_DISAGREE])


def test_land_implied_by_density() -> None:
    said = [
        level("gdp", "gdp", "5250"),
        level("land", "land", "500"),
        Statement(
            key="density",
            quantity="gdp",
            form=StatementForm.RATIO,
            period=Y2030,
            value=D("8.6"),
            other="land",
        ),
    ]
    (found,) = check_consistency(said, tolerance_percent=D(1))
    assert found.steps[1].result == D(4300)


def test_a_stated_base_is_compared_too() -> None:
    said = [*pair("gdp", Y2030, "5250", "5.86"), level("yearbook", "gdp", "4200", Y2025)]
    (found,) = check_consistency(said, tolerance_percent=D(1), default_base=Y2025)
    assert {round(s.result) for s in found.steps[:2]} == {4200, 3949}


def test_rates_without_a_base_are_left_alone() -> None:
    said = pair("budget", Y2028, "360", "5") + pair("budget", Y2030, "395", "4.4")
    assert check_consistency(said, tolerance_percent=D(1)) == []


@given(
    st.decimals(1, 10_000, places=2),
    st.decimals(-20, 20, places=1),
    st.decimals(-20, 20, places=1),
    st.permutations(range(5)),
)
def test_what_was_computed_from_one_base_is_consistent(
    base: Decimal, one: Decimal, two: Decimal, order: list[int]
) -> None:
    said = [
        *pair("x", Y2028, str(grown(base, one, 3)), str(one)),
        *pair("x", Y2030, str(grown(base, two, 5)), str(two)),
        level("base", "x", str(base), Y2025),
    ]
    shuffled = [said[n] for n in order]
    assert check_consistency(shuffled, tolerance_percent=D("0.001"), default_base=Y2025) == []
    moved = [*said[:4], level("base", "x", str(base * D("1.02")), Y2025)]
    assert len(check_consistency(moved, tolerance_percent=D(1), default_base=Y2025)) == 2
