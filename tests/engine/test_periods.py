from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Frequency, Period, range_periods

periods = st.builds(
    lambda year, frequency, part: Period.of(year, frequency, (part - 1) % frequency.per_year + 1),
    st.integers(1900, 2200),
    st.sampled_from(Frequency),
    st.integers(1, 12),
)


@given(periods)
def test_code_is_read_back(p: Period) -> None:
    assert Period.parse(p.code) == p


@given(periods, st.integers(-60, 60))
def test_shift_has_an_inverse_and_counts(p: Period, n: int) -> None:
    assert p.shift(n).shift(-n) == p
    assert p.periods_until(p.shift(n)) == n
    assert p.next().previous() == p


@given(periods)
def test_neighbours_touch_without_overlap(p: Period) -> None:
    assert p.end + timedelta(days=1) == p.next().start
    assert p.days == sum(m.days for m in p.months())
    assert len(p.months()) == p.length
    assert all(p.contains(m) for m in p.months())
    assert not p.contains(p.next())
    assert p.year_ago().shift(p.frequency.per_year) == p


@given(st.lists(periods))
def test_order_is_by_end_then_length(ps: list[Period]) -> None:
    assert sorted(ps) == sorted(ps, key=lambda p: (p.end, p.length))


@given(periods, periods)
def test_order_is_total(a: Period, b: Period) -> None:
    assert (a < b) + (a == b) + (a > b) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-13", "months 01 to 12"),
        ("2026-00", "months 01 to 12"),
        ("2026-Q5", "quarters Q1 to Q4"),
        ("2026-S0", "halves S1 and S2"),
        ("2026-9", "Write 2026"),
        ("2026年9月", "Write 2026"),
        ("２０２６", "Write 2026"),
        ("", "Write 2026"),
        ("2026-09\n", "Write 2026"),
        ("0000", "no year 0"),
    ],
)
def test_a_wrong_code_is_named_with_the_right_form(text: str, said: str) -> None:
    with pytest.raises(PeriodError, match=said) as caught:
        Period.parse(text)
    assert f'"{text}"' in str(caught.value)


def test_a_period_cannot_be_crooked() -> None:
    with pytest.raises(PeriodError):
        Period(12 * 2026 + 1, 3)
    with pytest.raises(PeriodError):
        Period.of(2026, Frequency.QUARTER, 5)


def test_range_is_closed_and_needs_one_frequency() -> None:
    first, last = Period.parse("2025-Q4"), Period.parse("2026-Q2")
    assert [p.code for p in range_periods(first, last)] == ["2025-Q4", "2026-Q1", "2026-Q2"]
    assert range_periods(last, first) == ()
    with pytest.raises(PeriodError):
        range_periods(first, Period.parse("2026-06"))


@pytest.mark.parametrize(
    ("code", "zh", "zh_total", "en", "en_total"),
    [
        ("2026", "2026年", "2026年", "2026", "2026"),
        ("2026-01", "2026年1月", "2026年1月", "January 2026", "January 2026"),
        ("2026-10", "2026年10月", "2026年1–10月累计", "October 2026", "January–October 2026"),
        ("2026-Q1", "2026年1季度", "2026年1季度", "Q1 2026", "Q1 2026"),
        ("2026-Q3", "2026年3季度", "2026年1–3季度", "Q3 2026", "Q1–Q3 2026"),
        ("2026-S1", "2026年上半年", "2026年上半年", "first half of 2026", "first half of 2026"),
        ("2026-S2", "2026年下半年", "2026年全年", "second half of 2026", "2026"),
    ],
)
def test_labels(code: str, zh: str, zh_total: str, en: str, en_total: str) -> None:
    p = Period.parse(code)
    assert (p.zh_label(), p.zh_label(cumulative=True)) == (zh, zh_total)
    assert (p.en_label(), p.en_label(cumulative=True)) == (en, en_total)


def test_only_a_february_may_cover_january() -> None:
    assert [p.code for p in Period.of(2026).months() if p.covers_january] == ["2026-02"]
    assert not Period.parse("2026-Q2").covers_january


def test_contains_a_day() -> None:
    leap = Period.parse("2028-02")
    assert leap.contains(date(2028, 2, 29))
    assert not leap.contains(date(2028, 3, 1))
    assert leap.end == date(2028, 2, 29)
