"""How much first figures change later: the revision triangle and what it says.

A *vintage* is the value of a reference period as it stood some months after its first release. The
triangle has one row per reference period and one column per maturity; a cell is empty where the
future has not happened yet. A *revision* is a later value minus an earlier one.

References
----------
McKenzie, R. and Gamba, M. (2008), Interpreting the results of revision analyses: recommended
summary statistics, OECD/Eurostat task force on performing revisions analysis. Mean revision with a
standard deviation that allows for the correlation of neighbouring revisions: Di Fonzo, T. (2005),
The OECD project on revisions analysis: first elements for discussion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from .errors import EngineError
from .periods import Period

LEAST_FOR_BIAS = 5
"""Fewer revisions say nothing about bias."""
_SIGNIFICANT = Decimal(2)  # standard deviations, about 95 %


class RevisionError(EngineError):
    """What was sent makes no triangle."""


@dataclass(frozen=True, slots=True)
class Said:
    """One value of a reference period and the day it was said; None withdraws it."""

    period: Period
    day: date
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    """One reference period: its first release and the value at each maturity.

    `values[k]` is what stood `maturities[k]` months after the first release; None: not yet reached,
    or withdrawn. `now` is what stands today.
    """

    period: Period
    first_day: date
    values: tuple[Decimal | None, ...]
    now: Decimal | None
    steps: int
    """How often the value changed after the day of its first release."""

    @property
    def first(self) -> Decimal | None:
        return self.values[0]


@dataclass(frozen=True, slots=True)
class Triangle:
    """Rows oldest first; maturities in months after the first release, beginning with 0."""

    today: date
    maturities: tuple[int, ...]
    rows: tuple[Row, ...]

    def revisions(self, earlier: int, later: int) -> list[Decimal]:
        """Value at maturity index `later` minus the one at `earlier`, where both are known."""
        return [
            b - a
            for row in self.rows
            if (a := row.values[earlier]) is not None and (b := row.values[later]) is not None
        ]


def triangle(said: Iterable[Said], *, today: date, maturities: Sequence[int]) -> Triangle:
    """Arrange what was said into a revision triangle.

    Parameters
    ----------
    said : any order; of several on one day the last in order counts
    today : maturities that end after it are empty
    maturities : whole months after the first release, strictly rising, beginning with 0

    Raises
    ------
    RevisionError
        The maturities do not begin with 0 or do not rise.

    >>> p = Period.parse("2026-01")
    >>> t = triangle([Said(p, date(2026, 2, 10), Decimal(100)),
    ...               Said(p, date(2026, 4, 1), Decimal(104))],
    ...              today=date(2026, 4, 20), maturities=[0, 1, 2, 3])
    >>> [None if v is None else int(v) for v in t.rows[0].values]
    [100, 100, 104, None]
    """
    steps = tuple(maturities)
    if not steps or steps[0] != 0 or any(b <= a for a, b in pairwise(steps)):
        raise RevisionError("maturities rise from 0", code="maturities")
    by_period: dict[Period, list[Said]] = {}
    for one in said:
        by_period.setdefault(one.period, []).append(one)
    rows = []
    for period in sorted(by_period):
        line = sorted(by_period[period], key=lambda one: one.day)  # stable: order inside a day
        start = next((one.day for one in line if one.value is not None), None)
        if start is None:
            continue
        line = [one for one in line if start <= one.day <= today]
        if not line:
            continue
        values = tuple(
            None if (mark := months_after(start, step)) > today and step else _standing(line, mark)
            for step in steps
        )
        first = _standing(line, start)
        told = [first, *(one.value for one in line if one.day > start)]
        changes = sum(a != b for a, b in pairwise(told))
        rows.append(Row(period, start, values, _standing(line, today), changes))
    return Triangle(today, steps, tuple(rows))


def _standing(line: Sequence[Said], day: date) -> Decimal | None:
    return [one.value for one in line if one.day <= day][-1]


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the month's last day.

    >>> months_after(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = Period(12 * year + month, 1).end.day
    return date(year, month + 1, min(day.day, last))


class Bias(StrEnum):
    """Whether first figures lean one way."""

    TOO_FEW = "too_few"
    NONE = "none"
    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"


@dataclass(frozen=True, slots=True)
class Statistics:
    """What revisions say, in the unit of the figures. None where nothing can be said.

    `mean` is signed: above zero first figures were too low. `relative` is the mean absolute
    revision in % of the mean absolute first value. `share_revised` and
    `share_up` in %, the latter of those revised. `spread` is the autocorrelation-robust standard
    deviation of the mean.
    """

    count: int
    revised: int
    mean: Decimal | None
    mean_absolute: Decimal | None
    relative: Decimal | None
    share_revised: Decimal | None
    share_up: Decimal | None
    smallest: Decimal | None
    largest: Decimal | None
    spread: Decimal | None
    bias: Bias


NOTHING = Statistics(0, 0, None, None, None, None, None, None, None, None, Bias.TOO_FEW)


def statistics(pairs: Sequence[tuple[Decimal, Decimal]]) -> Statistics:
    """Statistics of the revisions from the first to the later value of each pair, in time order.

    The standard deviation of the mean is, with e the revisions minus their mean and n pairs,
    sqrt((Σ e² + 3/4 Σ e[t]·e[t-1] + 2/3 Σ e[t]·e[t-2]) / (n (n-1))). A mean further from zero than
    two of them is called a bias.

    Worked by hand: revisions 2, 0, −1, 3, 1 have mean 1 and mean absolute 1.4; e = 1, −1, −2, 2, 0;
    Σ e² = 10, Σ e[t]·e[t-1] = −1 + 2 − 4 + 0 = −3, Σ e[t]·e[t-2] = −2 − 2 + 0 = −4, so the variance
    is (10 − 2.25 − 2.6667) / 20 = 0.2542.

    >>> s = statistics([(Decimal(10), Decimal(10 + r)) for r in (2, 0, -1, 3, 1)])
    >>> s.mean, s.mean_absolute, s.share_revised, round(s.spread ** 2, 4)
    (Decimal('1'), Decimal('1.4'), Decimal('80'), Decimal('0.2542'))
    """
    revisions = [later - first for first, later in pairs]
    count = len(revisions)
    if not count:
        return NOTHING
    mean = sum(revisions, Decimal(0)) / count
    absolute = sum((abs(r) for r in revisions), Decimal(0)) / count
    base = sum((abs(first) for first, _later in pairs), Decimal(0)) / count
    changed = [r for r in revisions if r]
    spread = _spread(revisions, mean)
    return Statistics(
        count,
        len(changed),
        mean,
        absolute,
        absolute / base * 100 if base else None,
        Decimal(100 * len(changed)) / count,
        Decimal(100 * sum(r > 0 for r in changed)) / len(changed) if changed else None,
        min(revisions),
        max(revisions),
        spread,
        _bias(count, mean, spread),
    )


def _spread(revisions: Sequence[Decimal], mean: Decimal) -> Decimal | None:
    """None for fewer than two, or where the correction for correlation leaves no variance."""
    n = len(revisions)
    if n < 2:
        return None
    e = [r - mean for r in revisions]

    def lagged(k: int) -> Decimal:
        return sum((a * b for a, b in zip(e[k:], e, strict=False)), Decimal(0))

    total = lagged(0) + lagged(1) * 3 / 4 + lagged(2) * 2 / 3
    return (total / (n * (n - 1))).sqrt() if total >= 0 else None


def _bias(count: int, mean: Decimal, spread: Decimal | None) -> Bias:
    if count < LEAST_FOR_BIAS or spread is None:
        return Bias.TOO_FEW
    if mean == 0 or abs(mean) <= _SIGNIFICANT * spread:
        return Bias.NONE
    return Bias.TOO_LOW if mean > 0 else Bias.TOO_HIGH


def first_to_latest(found: Triangle) -> list[tuple[Decimal, Decimal]]:
    """First value and today's of each period that is older than a day."""
    return [
        (row.values[0], row.now)
        for row in found.rows
        if row.values[0] is not None and row.now is not None and row.first_day < found.today
    ]


def by_maturity(found: Triangle) -> Mapping[int, Statistics]:
    """Statistics of the revisions from the first release to each later maturity."""
    return {
        months: statistics(
            [
                (row.values[0], value)
                for row in found.rows
                if row.values[0] is not None and (value := row.values[index]) is not None
            ]
        )
        for index, months in enumerate(found.maturities)
        if index
    }
