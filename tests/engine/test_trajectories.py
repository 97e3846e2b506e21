from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkai.engine.errors import GrowthError, TrajectoryError
from jingkai.engine.periods import Frequency, Period
from jingkai.engine.semantics import ValueMode
from jingkai.engine.trajectories import (
    Profile,
    Shape,
    Spread,
    plan,
    required_growth,
    run_rate,
    seasonal_profile,
)

D = Decimal
Y2025, Y2028, Y2030 = (Period.of(year) for year in (2025, 2028, 2030))
levels = st.decimals("0.01", 10_000, places=2)
shapes = st.sampled_from([Shape.STRAIGHT, Shape.GROWTH, Shape.SEASONAL, Shape.STEP])
frequencies = st.sampled_from([Frequency.YEAR, Frequency.QUARTER, Frequency.MONTH])
MONTHS = Profile(
    tuple(D(n) / 100 for n in (6, 11, 20, 28, 36, 47, 54, 61, 70, 78, 87, 100)), Spread.HISTORY
)
QUARTERS = Profile((D("0.2"), D("0.47"), D("0.7"), D(1)), Spread.HISTORY)
PROFILES = {
    Frequency.MONTH: MONTHS,
    Frequency.QUARTER: QUARTERS,
    Frequency.YEAR: Profile.even(Frequency.YEAR),
}


def last(period: Period, frequency: Frequency) -> Period:
    return period.split(frequency)[-1]


@given(shapes, frequencies, st.sampled_from(ValueMode), levels, levels, levels)
def test_the_path_passes_through_what_is_stated(
    shape: Shape, frequency: Frequency, mode: ValueMode, base: D, one: D, two: D
) -> None:
    if mode is ValueMode.POINT and shape is Shape.SEASONAL:
        shape = Shape.STRAIGHT
    horizons = {Y2028: one, Y2030: two}
    profile = PROFILES[frequency]
    path = plan(shape, (Y2025, base), horizons, frequency, mode, profile=profile)
    assert list(path) == sorted(path)
    if mode is ValueMode.MONTH and frequency is not Frequency.YEAR:
        for year, level in horizons.items():
            assert sum(path[p] for p in year.split(frequency)) == level
    else:
        assert path[last(Y2025, frequency)] == base
        for year, level in horizons.items():
            assert path[last(year, frequency)] == level
    mirrored = plan(
        *(shape, (Y2025, -base), {p: -v for p, v in horizons.items()}),
        *(frequency, mode),
        profile=profile,
    )
    assert mirrored == {period: -value for period, value in path.items()}


@given(
    st.sampled_from([Shape.STRAIGHT, Shape.GROWTH]),
    frequencies,
    st.lists(levels, min_size=3, max_size=3),
)
def test_a_stock_rises_steadily_to_rising_targets(
    shape: Shape, frequency: Frequency, values: list[Decimal]
) -> None:
    base, one, two = sorted(values)
    path = plan(shape, (Y2025, base), {Y2028: one, Y2030: two}, frequency, ValueMode.POINT)
    assert all(a <= b for a, b in pairwise(path.values()))
    assert len(path) == 5 * frequency.per_year + 1


@given(levels, levels)
def test_running_totals_never_fall_and_december_is_the_plan(base: Decimal, goal: Decimal) -> None:
    path = plan(
        *(Shape.SEASONAL, (Y2025, base), {Y2030: goal}, Frequency.MONTH, ValueMode.YTD),
        profile=MONTHS,
    )
    yearly = plan(Shape.STRAIGHT, (Y2025, base), {Y2030: goal}, Frequency.YEAR, ValueMode.YTD)
    for year, total in yearly.items():
        assert path[last(year, Frequency.MONTH)] == total
    for a, b in pairwise(path):
        assert a.year != b.year or path[a] <= path[b]


def test_growth_means_one_rate() -> None:
    path = plan(
        *(Shape.GROWTH, (Y2025, D(100)), {Period.of(2027): D(121)}),
        *(Frequency.YEAR, ValueMode.POINT),
    )
    assert list(path.values()) == [D(100), D("110.0000"), D(121)]


def test_even_spread_is_a_twelfth() -> None:
    path = plan(
        *(Shape.STRAIGHT, (Y2025, D(120)), {Period.of(2026): D(120)}),
        *(Frequency.MONTH, ValueMode.MONTH),
    )
    assert len(path) == 12
    assert set(path.values()) == {D(10)}


def test_steps_hold_until_the_next() -> None:
    path = plan(
        *(Shape.STEP, (Y2025, D(10)), {Y2030: D(50)}, Frequency.YEAR, ValueMode.POINT),
        steps={Period.of(2027): D(30)},
    )
    assert [int(v) for v in path.values()] == [10, 10, 30, 30, 30, 50]


def test_a_drawn_year_is_taken_as_drawn() -> None:
    quarters = dict(
        zip(Period.of(2026).split(Frequency.QUARTER), map(D, (1, 2, 3, 20)), strict=True)
    )
    given_points = {Period.of(2026): D(20), **quarters}
    path = plan(
        *(Shape.DRAWN, (Y2025, D(10)), {Period.of(2027): D(40)}),
        *(Frequency.QUARTER, ValueMode.YTD),
        drawn=given_points,
    )
    assert [path[p] for p in quarters] == [1, 2, 3, 20]
    assert path[Period.parse("2027-Q2")] == D(20)


@pytest.mark.parametrize(
    ("code", "arguments", "more"),
    [
        ("no_horizon", (Shape.STRAIGHT, {}, ValueMode.POINT), {}),
        ("horizon_before_base", (Shape.STRAIGHT, {Y2025: D(1)}, ValueMode.POINT), {}),
        ("seasonal_stock", (Shape.SEASONAL, {Y2028: D(1)}, ValueMode.POINT), {}),
        ("profile_missing", (Shape.SEASONAL, {Y2028: D(1)}, ValueMode.YTD), {}),
        (
            "profile_length",
            (Shape.STRAIGHT, {Y2028: D(1)}, ValueMode.YTD),
            {"profile": QUARTERS},
        ),
        (
            "point_misses_horizon",
            (Shape.DRAWN, {Y2028: D(1)}, ValueMode.POINT),
            {"drawn": {Y2028: D(2)}},
        ),
        ("point_outside", (Shape.STEP, {Y2028: D(1)}, ValueMode.POINT), {"steps": {Y2030: D(2)}}),
        ("point_misfit", (Shape.STRAIGHT, {Period.parse("2028-06"): D(1)}, ValueMode.YTD), {}),
        (
            "year_half_drawn",
            (Shape.DRAWN, {Y2028: D(1)}, ValueMode.YTD),
            {"drawn": {Period.parse("2027-03"): D(2)}},
        ),
    ],
)
def test_impossible_paths_are_named(
    code: str, arguments: tuple[Shape, dict[Period, Decimal], ValueMode], more: dict[str, object]
) -> None:
    shape, horizons, mode = arguments
    with pytest.raises(TrajectoryError) as caught:
        plan(shape, (Y2025, D(1)), horizons, Frequency.MONTH, mode, **more)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_no_growth_path_leads_through_zero() -> None:
    with pytest.raises(GrowthError):
        plan(Shape.GROWTH, (Y2025, D(-1)), {Y2028: D(3)}, Frequency.YEAR, ValueMode.POINT)


def history(year: int, monthly: list[int], *, january: bool = True) -> dict[Period, Decimal]:
    months = Period.of(year).months()
    totals = {p: D(sum(monthly[: n + 1])) for n, p in enumerate(months)}
    if not january:
        del totals[months[0]]
    return totals


def test_profile_averages_up_to_three_complete_years() -> None:
    even, late = [10] * 12, [0] * 11 + [120]
    ytd = history(2022, late) | history(2023, even) | history(2024, even) | history(2025, late)
    profile = seasonal_profile(ytd, Frequency.MONTH, before=2026)
    assert (profile.spread, profile.years) == (Spread.HISTORY, (2023, 2024, 2025))
    assert round(profile.shares[5], 6) == round(D(1) / 3, 6)
    assert profile.shares[-1] == 1


def test_profile_takes_january_as_half_of_the_joint_figure() -> None:
    profile = seasonal_profile(history(2025, [5] * 12, january=False), Frequency.MONTH, before=2026)
    assert round(profile.shares[0], 20) == round(profile.shares[1] / 2, 20)


def test_without_history_the_spread_says_it_is_even() -> None:
    part = dict(list(history(2025, [5] * 12).items())[:9])
    profile = seasonal_profile(part, Frequency.MONTH, before=2026)
    assert (profile.spread, profile.years) == (Spread.EVEN, ())
    assert profile.shares[5] == D("0.5")


def test_run_rate_after_the_last_period() -> None:
    rate = run_rate(D(90), D(100), Period.parse("2026-12"))
    assert (rate.left, rate.remaining, rate.required_average) == (10, 0, None)


@given(levels, levels, st.integers(1, 11))
def test_keeping_the_required_average_reaches_the_plan(
    actual: Decimal, goal: Decimal, month: int
) -> None:
    rate = run_rate(actual, goal, Period.of(2026, Frequency.MONTH, month))
    assert rate.required_average is not None
    assert abs(actual + rate.remaining * rate.required_average - goal) < D("1e-20")


def test_growth_still_needed() -> None:
    assert round(required_growth(D(1400), D(1474), 2), 1) == D("2.6")
