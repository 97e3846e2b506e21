"""Planned paths: what a target asks of every period on the way.

A path starts at the base, passes exactly through each horizon and has one of five shapes:

- *straight*: the same amount every year;
- *growth*: the same rate every year;
- *seasonal*: straight from year to year, and inside the year the profile of past years;
- *step*: the last stated level holds until the next;
- *drawn*: points set by hand, straight between them.

A stock is interpolated between period ends. A flow is planned by year, and the year's plan is
spread over its periods by a profile of cumulative shares (`seasonal_profile`); without one, evenly.
Planned values are rounded to `places`, stated points never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from .errors import TrajectoryError
from .growth import grown, implied_growth
from .periods import Frequency, Period, range_periods
from .rounding import round_to
from .semantics import ValueMode

Points = Mapping[Period, Decimal]


class Shape(StrEnum):
    STRAIGHT = "straight"
    GROWTH = "growth"
    SEASONAL = "seasonal"
    STEP = "step"
    DRAWN = "drawn"


class Spread(StrEnum):
    """Where a profile comes from; pages say so."""

    HISTORY = "history"
    EVEN = "even"


@dataclass(frozen=True, slots=True)
class Profile:
    """Cumulative share of the year's total at the end of each period; the last is 1."""

    shares: tuple[Decimal, ...]
    spread: Spread
    years: tuple[int, ...] = ()
    """Years averaged; none when even."""

    def __post_init__(self) -> None:
        if not self.shares or self.shares[-1] != 1:
            raise TrajectoryError("the shares of a profile end with exactly 1", code="profile_end")

    @classmethod
    def even(cls, frequency: Frequency) -> Profile:
        """Equal parts: 1/12, 2/12 … 1."""
        n = frequency.per_year
        return cls(tuple(Decimal(k) / n for k in range(1, n + 1)), Spread.EVEN)


def seasonal_profile(
    ytd: Points, frequency: Frequency, *, before: int, max_years: int = 3
) -> Profile:
    """Average cumulative share by period, of the latest complete years before year `before`.

    A year is complete when each of its periods has a running total and the total is not zero;
    a missing January is taken as half of February, as both are reported together. Without a
    complete year the profile is even, and its `spread` says so.

    >>> q = Period.parse
    >>> p = seasonal_profile({q("2025-S1"): Decimal(40), q("2025-S2"): Decimal(100)},
    ...     Frequency.HALF, before=2026)
    >>> p.shares, str(p.spread), p.years
    ((Decimal('0.4'), Decimal('1')), 'history', (2025,))
    """
    found: dict[int, list[Decimal]] = {}
    for year in sorted({p.year for p in ytd if p.year < before}, reverse=True):
        if len(found) == max_years:
            break
        values = _complete_year(ytd, Period.of(year).split(frequency))
        if values and values[-1]:
            found[year] = [value / values[-1] for value in values]
    if not found:
        return Profile.even(frequency)
    columns = zip(*found.values(), strict=True)
    means = [sum(column, Decimal(0)) / len(found) for column in columns]
    return Profile((*means[:-1], Decimal(1)), Spread.HISTORY, tuple(sorted(found)))


def _complete_year(ytd: Points, periods: Sequence[Period]) -> list[Decimal] | None:
    values = [ytd.get(period) for period in periods]
    if len(values) == 12 and values[0] is None and values[1] is not None:
        values[0] = values[1] / 2
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def plan(
    shape: Shape,
    base: tuple[Period, Decimal],
    horizons: Points,
    frequency: Frequency,
    mode: ValueMode,
    *,
    profile: Profile | None = None,
    steps: Points | None = None,
    drawn: Points | None = None,
    places: int = 4,
) -> dict[Period, Decimal]:
    """The planned value of every period from the base to the last horizon.

    Parameters
    ----------
    base
        Where the path starts: a period and its actual value (a year's total for a flow).
    horizons
        Target levels by period; for a flow these are years and their totals.
    mode
        POINT interpolates; YTD gives running totals; MONTH each period's own flow.
    profile
        In-year spread of a flow; None is even. The seasonal shape needs one.
    steps
        Step: further levels, each from its period on. Of a flow: by year.
    drawn
        Drawn: points by hand. Of a flow: years set totals, and a year whose every period is given
        sets its running totals.
    places
        Decimals of the values between stated points.

    Returns
    -------
    path
        In order of time. It includes the base itself (YTD: the base year's last period; MONTH:
        the path starts after the base year).

    Raises
    ------
    TrajectoryError
        No horizon, a horizon not after the base, points that do not fit the frequency, drawn
        points that miss a horizon.
    GrowthError
        A growth path between levels of different sign, or from or to zero.

    >>> path = plan(Shape.STRAIGHT, (Period.of(2025), Decimal(311)),
    ...     {Period.of(2028): Decimal(360), Period.of(2030): Decimal(395)},
    ...     Frequency.YEAR, ValueMode.MONTH, places=1)
    >>> [str(v) for v in path.values()]
    ['311', '327.3', '343.7', '360', '377.5', '395']
    """
    if not horizons:
        raise TrajectoryError("a path needs at least one horizon", code="no_horizon")
    if mode is ValueMode.POINT:
        if shape is Shape.SEASONAL:
            raise TrajectoryError("a stock has no seasonal shares", code="seasonal_stock")
        return _interpolate(shape, base, horizons, frequency, steps, drawn, places)
    if shape is Shape.SEASONAL and profile is None:
        raise TrajectoryError("a seasonal path needs a profile", code="profile_missing")
    profile = profile or Profile.even(frequency)
    if len(profile.shares) != frequency.per_year:
        raise TrajectoryError(
            f"the profile has {len(profile.shares)} parts, a {frequency} path takes "
            f"{frequency.per_year}",
            code="profile_length",
        )
    yearly_shape = Shape.STRAIGHT if shape is Shape.SEASONAL else shape
    by_year = {p: v for p, v in (drawn or {}).items() if p.frequency is Frequency.YEAR}
    totals = _interpolate(
        yearly_shape,
        (_as_year(base[0]), base[1]),
        {_as_year(p): v for p, v in horizons.items()},
        Frequency.YEAR,
        {_as_year(p): v for p, v in (steps or {}).items()},
        by_year,
        places,
    )
    return _spread(totals, frequency, mode, profile, drawn or {}, places)


def _interpolate(
    shape: Shape,
    base: tuple[Period, Decimal],
    horizons: Points,
    frequency: Frequency,
    steps: Points | None,
    drawn: Points | None,
    places: int,
) -> dict[Period, Decimal]:
    """Levels at the end of each period, exactly through all stated points."""
    start = _at(base[0], frequency)
    stated = {_at(period, frequency): value for period, value in horizons.items()}
    if early := [p for p in stated if p <= start]:
        raise TrajectoryError(
            f"the horizon {early[0]} is not after the base {start}", code="horizon_before_base"
        )
    last = max(stated)
    extra = {Shape.STEP: steps, Shape.DRAWN: drawn}.get(shape) or {}
    for period, value in extra.items():
        at = _at(period, frequency)
        if not start < at <= last:
            raise TrajectoryError(f"{at} lies outside {start} to {last}", code="point_outside")
        if stated.setdefault(at, value) != value:
            raise TrajectoryError(
                f"the path misses the target of {at}: {value} instead of {stated[at]}",
                code="point_misses_horizon",
                period=at.code,
            )
    anchors = [(start, base[1]), *sorted(stated.items())]
    path = {start: base[1]}
    for (p0, v0), (p1, v1) in pairwise(anchors):
        for period in range_periods(p0.next(), p1.previous()):
            path[period] = round_to(_between(shape, p0, v0, p1, v1, period), places)
        path[p1] = v1
    return path


def _between(shape: Shape, p0: Period, v0: Decimal, p1: Period, v1: Decimal, at: Period) -> Decimal:
    if shape is Shape.STEP or v0 == v1:
        return v0
    if shape is Shape.GROWTH:
        return grown(v0, implied_growth(v0, v1, p0.years_until(p1)), p0.years_until(at))
    return v0 + (v1 - v0) * p0.periods_until(at) / p0.periods_until(p1)


def _spread(
    totals: Points,
    frequency: Frequency,
    mode: ValueMode,
    profile: Profile,
    drawn: Points,
    places: int,
) -> dict[Period, Decimal]:
    """Each year's total over its periods."""
    (base_year, base_total), *years = sorted(totals.items())
    if frequency is Frequency.YEAR:
        return dict(totals)
    path = {base_year.split(frequency)[-1]: base_total} if mode is ValueMode.YTD else {}
    for year, total in years:
        periods = year.split(frequency)
        by_hand = [drawn[p] for p in periods if p in drawn]
        if by_hand and len(by_hand) < len(periods):
            raise TrajectoryError(
                f"{year} is drawn for {len(by_hand)} of {len(periods)} periods: draw all or none",
                code="year_half_drawn",
            )
        if by_hand and by_hand[-1] != total:
            raise TrajectoryError(
                f"{year} is drawn to {by_hand[-1]}, its plan is {total}",
                code="point_misses_horizon",
                period=year.code,
            )
        sums = by_hand or [round_to(total * share, places) for share in profile.shares[:-1]]
        running = dict(zip(periods, [*sums[: len(periods) - 1], total], strict=True))
        before = Decimal(0)
        for period, value in running.items():
            path[period] = value if mode is ValueMode.YTD else value - before
            before = value
    return path


def _at(period: Period, frequency: Frequency) -> Period:
    """The period of `frequency` with the same end."""
    if (period.last_month + 1) % frequency.length:
        raise TrajectoryError(f"{period} does not end with a {frequency}", code="point_misfit")
    return Period(period.last_month, frequency.length)


def _as_year(period: Period) -> Period:
    return _at(period, Frequency.YEAR)


@dataclass(frozen=True, slots=True)
class RunRate:
    """What is left of a year's plan, per remaining period, beside what was done so far."""

    left: Decimal
    elapsed: int
    remaining: int
    current_average: Decimal
    required_average: Decimal | None
    """None after the last period."""


def run_rate(actual_ytd: Decimal, annual_plan: Decimal, period: Period) -> RunRate:
    """Average needed in each remaining period of the year (后几月需每月), and that so far.

    >>> rate = run_rate(Decimal("262.9"), Decimal(320), Period.parse("2026-10"))
    >>> rate.remaining, rate.required_average, rate.current_average
    (2, Decimal('28.55'), Decimal('26.29'))
    """
    elapsed, all_periods = period.part, period.frequency.per_year
    remaining, left = all_periods - elapsed, annual_plan - actual_ytd
    return RunRate(
        left, elapsed, remaining, actual_ytd / elapsed, left / remaining if remaining else None
    )


def required_growth(current: Decimal, target: Decimal, years: Decimal | int) -> Decimal:
    """Average % a year from `current` to `target`.

    Raises
    ------
    GrowthError
        No rate leads there.
    """
    return implied_growth(current, target, years)
