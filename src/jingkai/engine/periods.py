"""Reporting periods with SDMX-style codes: `2026`, `2026-S1`, `2026-Q3`, `2026-09`.

A period is its last month and its length, so order, equality and hash need no further rule:
earlier end first, and of two that end together the shorter first (2026-12 < 2026-Q4 < 2026).

Source: SDMX 2.1, section 2, time formats (Gregorian year and year-month; reporting semester and
quarter, here of the calendar year).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self

from .errors import PeriodError


class Frequency(StrEnum):
    """How often an indicator is reported."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"

    @property
    def length(self) -> int:
        """Months in one period."""
        return _LENGTHS[self]

    @property
    def per_year(self) -> int:
        """Periods in one year."""
        return 12 // _LENGTHS[self]


_LENGTHS: Final = {
    Frequency.YEAR: 12,
    Frequency.HALF: 6,
    Frequency.QUARTER: 3,
    Frequency.MONTH: 1,
}
_FREQUENCIES: Final = {length: frequency for frequency, length in _LENGTHS.items()}
_MARKS: Final = {Frequency.HALF: "S", Frequency.QUARTER: "Q"}
_CODE: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<mark>[SQ])(?P<part>[0-9])|-(?P<month>[0-9]{2}))?"
)
_EXPECTED: Final = "Write 2026 (year), 2026-S1 (half-year), 2026-Q3 (quarter) or 2026-09 (month)."


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar year, half, quarter or month. Use `Period.parse` or `Period.of`.

    >>> p = Period.parse("2026-Q3")
    >>> p.start.isoformat(), p.end.isoformat(), str(p.next()), str(p.year_ago())
    ('2026-07-01', '2026-09-30', '2026-Q4', '2025-Q3')
    """

    last_month: int
    """Months since year 0: 12 · year + month − 1, of the last month."""
    length: int
    """Months: 1, 3, 6 or 12."""

    def __post_init__(self) -> None:
        if self.length not in _FREQUENCIES or (self.last_month + 1) % self.length:
            raise PeriodError(
                f"no period ends in month {self.last_month} and lasts {self.length} months"
            )
        if not 12 <= self.last_month < 12 * 10_000:
            raise PeriodError("a period lies in the years 1 to 9999")

    @classmethod
    def of(cls, year: int, frequency: Frequency = Frequency.YEAR, part: int = 1) -> Self:
        """The `part`-th period of that frequency in `year`; parts count from 1.

        >>> str(Period.of(2026)), str(Period.of(2026, Frequency.MONTH, 9))
        ('2026', '2026-09')
        """
        if not 1 <= part <= frequency.per_year:
            raise PeriodError(
                f"{year} has no {frequency} number {part}: 1 to {frequency.per_year} exist"
            )
        return cls(12 * year + part * frequency.length - 1, frequency.length)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a period code.

        Raises
        ------
        PeriodError
            Not one of the four forms, or no such month, quarter or half.

        >>> Period.parse("2026-13")
        Traceback (most recent call last):
        ...
        jingkai.engine.errors.PeriodError: "2026-13" is not a period: a year has months 01 to 12.
        """
        match = _CODE.fullmatch(text) if text.isascii() else None
        if match is None:
            raise PeriodError(
                f'"{text}" is not a period. {_EXPECTED}', code="period_form", text=text
            )
        year = int(match["year"])
        if not year:
            raise PeriodError(f'"{text}" is not a period: there is no year 0.', code="period_year")
        frequency, part = Frequency.YEAR, 1
        if match["month"]:
            frequency, part = Frequency.MONTH, int(match["month"])
        elif match["mark"]:
            frequency = Frequency.HALF if match["mark"] == "S" else Frequency.QUARTER
            part = int(match["part"])
        if not 1 <= part <= frequency.per_year:
            allowed = {
                Frequency.MONTH: "months 01 to 12",
                Frequency.QUARTER: "quarters Q1 to Q4",
                Frequency.HALF: "halves S1 and S2",
            }[frequency]
            raise PeriodError(
                f'"{text}" is not a period: a year has {allowed}.', code="period_part", text=text
            )
        return cls.of(year, frequency, part)

    @property
    def frequency(self) -> Frequency:
        return _FREQUENCIES[self.length]

    @property
    def year(self) -> int:
        return self.last_month // 12

    @property
    def part(self) -> int:
        """Which one of its kind in the year, from 1: month 9, quarter 3, half 2, year 1."""
        return (self.last_month % 12 + 1) // self.length

    @property
    def code(self) -> str:
        match self.frequency:
            case Frequency.YEAR:
                return f"{self.year:04d}"
            case Frequency.MONTH:
                return f"{self.year:04d}-{self.part:02d}"
            case frequency:
                return f"{self.year:04d}-{_MARKS[frequency]}{self.part}"

    def __str__(self) -> str:
        return self.code

    @property
    def start(self) -> date:
        """First day."""
        year, month = divmod(self.last_month - self.length + 1, 12)
        return date(year, month + 1, 1)

    @property
    def end(self) -> date:
        """Last day."""
        year, month = divmod(self.last_month, 12)
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])

    @property
    def days(self) -> int:
        return (self.end - self.start + timedelta(days=1)).days

    def shift(self, n: int) -> Period:
        """`n` periods of the same length later; earlier when negative."""
        return Period(self.last_month + n * self.length, self.length)

    def next(self) -> Period:
        return self.shift(1)

    def previous(self) -> Period:
        return self.shift(-1)

    def year_ago(self) -> Period:
        """The same period one year earlier (上年同期)."""
        return Period(self.last_month - 12, self.length)

    def contains(self, other: Period | date) -> bool:
        """Whether `other` lies wholly inside this period; a period contains itself.

        >>> Period.parse("2026-Q3").contains(Period.parse("2026-09"))
        True
        """
        if isinstance(other, Period):
            first = self.last_month - self.length
            return first <= other.last_month - other.length and other.last_month <= self.last_month
        return self.start <= other <= self.end

    def months(self) -> tuple[Period, ...]:
        """Its months, in order."""
        return self.split(Frequency.MONTH)

    def split(self, frequency: Frequency) -> tuple[Period, ...]:
        """Its parts of a finer (or the same) frequency, in order.

        >>> [str(p) for p in Period.parse("2026-S2").split(Frequency.QUARTER)]
        ['2026-Q3', '2026-Q4']
        """
        step = frequency.length
        if step > self.length:
            raise PeriodError(f"{self} is shorter than a {frequency}")
        first = self.last_month - self.length
        return tuple(Period(m, step) for m in range(first + step, self.last_month + 1, step))

    def within(self, frequency: Frequency) -> Period:
        """The period of a coarser (or the same) frequency it lies in.

        >>> str(Period.parse("2026-09").within(Frequency.QUARTER))
        '2026-Q3'
        """
        step = frequency.length
        if step < self.length:
            raise PeriodError(f"{self} does not lie in one {frequency}")
        return Period(self.last_month // step * step + step - 1, step)

    def periods_until(self, later: Period) -> int:
        """Steps of `shift` from here to `later`; negative when it is earlier.

        >>> Period.parse("2026-07").periods_until(Period.parse("2026-10"))
        3
        """
        if self.length != later.length:
            raise PeriodError(f"{self} and {later} are not of the same frequency")
        return (later.last_month - self.last_month) // self.length

    def years_until(self, later: Period) -> Decimal:
        """Years from the end of this period to the end of `later`; fractional by months.

        >>> Period.parse("2025").years_until(Period.parse("2028-06"))
        Decimal('2.5')
        """
        return Decimal(later.last_month - self.last_month) / 12

    @property
    def fraction_of_year(self) -> Decimal:
        """Share of its year that has passed at its end: 2026-09 → 9/12.

        >>> Period.parse("2026-09").fraction_of_year
        Decimal('0.75')
        """
        return Decimal(self.last_month % 12 + 1) / 12

    @property
    def covers_january(self) -> bool:
        """Whether a figure for it may stand for January and February together.

        National statistics of industry, investment and retail come out jointly for the two
        months, because the Spring Festival moves between them.
        """
        return self.length == 1 and self.part == 2

    def zh_label(self, *, cumulative: bool = False) -> str:
        """Official Chinese name of the period, or of the year up to its end.

        >>> p = Period.parse("2026-10")
        >>> p.zh_label(), p.zh_label(cumulative=True)
        ('2026年10月', '2026年1–10月累计')
        >>> Period.parse("2026-Q3").zh_label(cumulative=True)
        '2026年1–3季度'
        """
        year, part = f"{self.year}年", self.part
        match self.frequency:
            case Frequency.MONTH:
                return year + (f"1–{part}月累计" if cumulative and part > 1 else f"{part}月")
            case Frequency.QUARTER:
                return year + (f"1–{part}季度" if cumulative and part > 1 else f"{part}季度")
            case Frequency.HALF:
                return year + ("上半年" if part == 1 else "全年" if cumulative else "下半年")
            case _:
                return year

    def en_label(self, *, cumulative: bool = False) -> str:
        """English name of the period, or of the year up to its end.

        >>> Period.parse("2026-10").en_label(cumulative=True)
        'January–October 2026'
        """
        since = cumulative and self.part > 1
        match self.frequency:
            case Frequency.MONTH:
                name = _ENGLISH_MONTHS[self.part - 1]
                return f"January–{name} {self.year}" if since else f"{name} {self.year}"
            case Frequency.QUARTER:
                return f"Q1–Q{self.part} {self.year}" if since else f"Q{self.part} {self.year}"
            case Frequency.HALF if not since:
                return f"{'first' if self.part == 1 else 'second'} half of {self.year}"
            case _:
                return f"{self.year}"


# calendar.month_name follows the process's locale; a label must not.
_ENGLISH_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def range_periods(first: Period, last: Period) -> tuple[Period, ...]:
    """Every period from `first` to `last`, both included; empty when `last` is earlier.

    Raises
    ------
    PeriodError
        The two are not of the same frequency.

    >>> [str(p) for p in range_periods(Period.parse("2026-11"), Period.parse("2027-01"))]
    ['2026-11', '2026-12', '2027-01']
    """
    return tuple(_walk(first, first.periods_until(last)))


def _walk(first: Period, steps: int) -> Iterator[Period]:
    for n in range(steps + 1):
        yield first.shift(n)
