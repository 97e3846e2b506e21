from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.errors import SemanticsError, UnitError
from jingkai.engine.periods import Frequency, Period
from jingkai.engine.semantics import (
    Direction,
    PlaceAggregation,
    PriceBasis,
    Semantics,
    TimeAggregation,
    UnitKind,
    ValueMode,
    check_semantics,
    convert,
    find_falling_ytd,
    known_units,
    month_from_ytd,
    unit,
    ytd_from_months,
)

BUDGET = Semantics(
    unit="亿元",
    kind=UnitKind.MONEY,
    direction=Direction.HIGHER,
    frequency=Frequency.MONTH,
    mode=ValueMode.YTD,
    over_time=TimeAggregation.LAST,
    over_places=PlaceAggregation.SUM,
    price_basis=PriceBasis.CURRENT,
)
INTENSITY = Semantics(
    unit="吨标准煤/万元",
    kind=UnitKind.INTENSITY,
    direction=Direction.LOWER,
    frequency=Frequency.YEAR,
    mode=ValueMode.POINT,
    over_time=TimeAggregation.WEIGHTED_RATIO,
    over_places=PlaceAggregation.WEIGHTED_RATIO,
    numerator="energy",
    denominator="value_added",
)
amounts = st.decimals(-(10**6), 10**6, places=2)


@pytest.mark.parametrize("declared", [BUDGET, INTENSITY])
def test_a_sound_declaration_has_no_problem(declared: Semantics) -> None:
    assert check_semantics(declared) == []


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (replace(BUDGET, frequency=Frequency.YEAR), "ytd_yearly"),
        (replace(BUDGET, over_time=TimeAggregation.SUM), "ytd_summed_over_time"),
        (replace(BUDGET, over_time=TimeAggregation.MEAN), "ytd_averaged_over_time"),
        (
            replace(BUDGET, mode=ValueMode.POINT, over_time=TimeAggregation.SUM),
            "stock_summed_over_time",
        ),
        (replace(BUDGET, mode=ValueMode.MONTH), "flow_last_over_time"),
        (replace(BUDGET, price_basis=PriceBasis.NONE), "price_basis_missing"),
        (replace(BUDGET, unit="公顷"), "unit_kind"),
        (replace(BUDGET, unit="担"), "unit_unknown"),
        (replace(BUDGET, over_places=PlaceAggregation.MEAN), "total_averaged_over_places"),
        (replace(BUDGET, numerator="a"), "ratio_half"),
        (replace(BUDGET, formula="a + b", over_time=TimeAggregation.NEVER), "never_with_formula"),
        (replace(INTENSITY, denominator=None), "weighted_without_parts"),
        (replace(INTENSITY, denominator="energy"), "ratio_of_itself"),
        (replace(INTENSITY, over_places=PlaceAggregation.SUM), "ratio_summed_over_places"),
        (
            replace(INTENSITY, mode=ValueMode.MONTH, over_time=TimeAggregation.SUM),
            "ratio_summed_over_time",
        ),
        (
            replace(BUDGET, unit="家", kind=UnitKind.COUNT),
            "price_basis_senseless",
        ),
        (
            replace(
                BUDGET,
                over_places=PlaceAggregation.WEIGHTED_RATIO,
                numerator="a",
                denominator="b",
            ),
            "weighted_total",
        ),
    ],
)
def test_an_impossible_combination_is_named(declared: Semantics, code: str) -> None:
    assert code in [problem.code for problem in check_semantics(declared)]


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("1", "亿元", "万元", "10000"),
        ("15", "亩", "公顷", "1"),
        ("1", "平方公里", "亩", "1500"),
        ("100", "%", "倍", "1"),
        ("0.5", "吨标准煤/万元", "万吨标准煤/亿元", "0.5"),
        ("8.6", "亿元/平方公里", "万元/公顷", "860"),
        ("3.15", "亿美元", "万美元", "31500"),
    ],
)
def test_conversion_by_definition(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), source, target) == Decimal(expected)


@given(amounts, st.sampled_from(known_units()), st.sampled_from(known_units()))
def test_conversion_there_and_back(value: Decimal, source: str, target: str) -> None:
    if unit(source).dimension != unit(target).dimension:
        with pytest.raises(UnitError) as caught:
            convert(value, source, target)
        assert source in str(caught.value)
        assert target in str(caught.value)
    else:
        back = convert(convert(value, source, target), target, source)
        assert abs(back - value) <= abs(value) * Decimal("1e-24")


def test_dollars_need_a_rate() -> None:
    with pytest.raises(UnitError, match="exchange rate"):
        convert(Decimal(1), "亿元", "亿美元")


@given(st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=30), st.booleans())
def test_months_and_totals_are_inverse(values: list[Decimal], joint: bool) -> None:
    first = Period.parse("2024-02" if joint else "2024-01")
    own = {first.shift(n): v for n, v in enumerate(values)}
    totals = ytd_from_months(own)
    assert set(totals) == set(own)
    assert month_from_ytd(totals) == own
    assert find_falling_ytd(totals) == []
    for year in {p.year for p in own}:
        last = max(p for p in own if p.year == year)
        assert totals[last] == sum(v for p, v in own.items() if p.year == year)


def test_a_gap_is_not_bridged() -> None:
    own = {Period.parse(c): Decimal(1) for c in ("2026-01", "2026-02", "2026-04", "2027-03")}
    assert [p.code for p in ytd_from_months(own)] == ["2026-01", "2026-02"]
    assert [p.code for p in month_from_ytd(own)] == ["2026-01", "2026-02"]


def test_a_falling_total_is_found_inside_the_year_only() -> None:
    codes = ("2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1")
    series = dict(zip(map(Period.parse, codes), map(Decimal, (9, 7, 12, 3)), strict=True))
    (fall,) = find_falling_ytd(series)
    assert (fall.period.code, fall.before.code, fall.drop) == ("2026-Q3", "2026-Q2", 2)


def test_mixed_frequencies_are_refused() -> None:
    with pytest.raises(SemanticsError, match="several frequencies"):
        find_falling_ytd({Period.parse("2026"): Decimal(1), Period.parse("2026-01"): Decimal(1)})


def test_directions_mirror() -> None:
    assert [d.mirrored.sign for d in Direction] == [-d.sign for d in Direction]
