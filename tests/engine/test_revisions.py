"""Revision triangles: worked by hand, and laws."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.periods import Period
from jingkai.engine.revisions import (
    Bias,
    RevisionError,
    Said,
    by_maturity,
    first_to_latest,
    months_after,
    statistics,
    triangle,
)

JAN, FEB, MAR = (Period.parse(f"2026-0{m}") for m in (1, 2, 3))
TODAY = date(2026, 6, 30)


def said(period: Period, *values: tuple[str, int | None]) -> list[Said]:
    return [
        Said(period, date.fromisoformat(day), None if v is None else Decimal(v))
        for day, v in values
    ]


FIGURES = [
    *said(JAN, ("2026-02-10", 100), ("2026-03-05", 103), ("2026-05-20", 101)),
    *said(FEB, ("2026-03-10", 210)),
    *said(MAR, ("2026-04-10", 330), ("2026-06-10", 324)),
]


def test_the_triangle_holds_what_stood_at_each_age_and_nothing_of_the_future() -> None:
    found = triangle(FIGURES, today=TODAY, maturities=[0, 1, 2, 3, 4])
    assert [row.period.code for row in found.rows] == ["2026-01", "2026-02", "2026-03"]
    assert [row.values for row in found.rows] == [
        (100, 103, 103, 103, 101),  # 2026-05-10 is before the change of 05-20
        (210, 210, 210, 210, None),
        (330, 330, 324, None, None),
    ]
    assert [row.steps for row in found.rows] == [2, 0, 1]
    assert [row.now for row in found.rows] == [101, 210, 324]
    assert found.revisions(0, 1) == [3, 0, 0]


def test_first_to_latest_by_hand() -> None:
    found = triangle(FIGURES, today=TODAY, maturities=[0, 1, 2, 3, 4])
    pairs = first_to_latest(found)
    assert pairs == [(100, 101), (210, 210), (330, 324)]
    stats = statistics(pairs)
    assert (stats.count, stats.revised) == (3, 2)
    assert stats.mean == Decimal(-5) / 3
    assert stats.mean_absolute == Decimal(7) / 3
    assert round(stats.relative, 4) == round(Decimal(700) / 640, 4)
    assert (stats.smallest, stats.largest) == (-6, 1)
    assert stats.share_up == 50
    assert stats.bias is Bias.TOO_FEW


def test_statistics_by_maturity_start_at_the_first_release() -> None:
    found = by_maturity(triangle(FIGURES, today=TODAY, maturities=[0, 1, 2, 4]))
    assert list(found) == [1, 2, 4]
    assert (found[1].count, found[1].mean) == (3, 1)
    assert (found[4].count, found[4].mean) == (1, 1)


def test_first_figures_that_lean_one_way_are_called_biased() -> None:
    low = [(Decimal(100), Decimal(100 + r)) for r in (5, 6, 5, 4, 5, 6)]
    assert statistics(low).bias is Bias.TOO_LOW
    assert statistics([(later, first) for first, later in low]).bias is Bias.TOO_HIGH
    even = [(Decimal(100), Decimal(100 + r)) for r in (5, -6, 5, -4, 3, -3)]
    assert statistics(even).bias is Bias.NONE


def test_a_withdrawn_figure_leaves_a_hole_and_one_never_said_no_row() -> None:
    gone = said(JAN, ("2026-02-10", 100), ("2026-03-01", None), ("2026-05-01", 90))
    found = triangle([*gone, *said(FEB, ("2026-03-10", None))], today=TODAY, maturities=[0, 1, 3])
    (row,) = found.rows
    assert (row.values, row.now) == ((100, None, 90), 90)


def test_what_was_said_after_today_is_not_known() -> None:
    found = triangle(FIGURES, today=date(2026, 4, 5), maturities=[0, 1, 2])
    assert [(row.period.code, row.values, row.now) for row in found.rows] == [
        ("2026-01", (100, 103, None), 103),
        ("2026-02", (210, None, None), 210),
    ]


@pytest.mark.parametrize("maturities", [[], [1, 2], [0, 2, 2], [0, 3, 1]])
def test_maturities_rise_from_zero(maturities) -> None:
    with pytest.raises(RevisionError):
        triangle(FIGURES, today=TODAY, maturities=maturities)


values = st.integers(-100_000, 100_000).map(lambda n: Decimal(n) / 100)
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=20)


@given(pairs)
def test_a_mirrored_history_mirrors_the_mean_and_keeps_the_size(history) -> None:
    stats = statistics(history)
    mirrored = statistics([(-a, -b) for a, b in history])
    assert mirrored.mean == -stats.mean
    assert (mirrored.mean_absolute, mirrored.spread) == (stats.mean_absolute, stats.spread)
    assert mirrored.share_revised == stats.share_revised


@given(pairs, st.integers(1, 100_000).map(lambda n: Decimal(n) / 100))
def test_another_unit_changes_sizes_and_no_shares(history, scale) -> None:
    stats = statistics(history)
    other = statistics([(a * scale, b * scale) for a, b in history])
    assert abs(other.mean - stats.mean * scale) < Decimal("1e-9")
    assert other.share_revised == stats.share_revised
    assert abs(stats.mean) <= stats.mean_absolute + Decimal("1e-20")


@given(st.lists(st.tuples(st.integers(0, 400), values), min_size=1, max_size=12), st.randoms())
def test_the_order_of_days_does_not_matter(history, random) -> None:
    line = [Said(JAN, date(2026, 2, 1) + timedelta(days=d), v) for d, v in dict(history).items()]
    mixed = list(line)
    random.shuffle(mixed)
    given_as = {"today": date(2027, 12, 31), "maturities": [0, 1, 3, 6, 12]}
    assert triangle(mixed, **given_as) == triangle(line, **given_as)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_after_stays_in_the_month(day, months) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
