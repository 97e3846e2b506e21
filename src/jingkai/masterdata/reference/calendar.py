"""Working days by the official calendar, with its holidays and its make-up workdays.

A year counts as loaded only when its table holds a row that says so. For any other year every
question is CalendarNotLoaded: Monday to Friday would be wrong about thirty days a year.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from .errors import CalendarNotLoaded
from .models import ReferenceVersion
from .tables import database, in_force, rows_of

CALENDAR: Final = "working-days"
HOLIDAY, WORKDAY, YEAR = "holiday", "workday", "year"
COLUMNS: Final[list[dict[str, Any]]] = [
    {
        "key": "kind",
        "title": "类别",
        "title_en": "Kind",
        "type": "choice",
        "required": True,
        "choices": {HOLIDAY: "放假", WORKDAY: "调休上班", YEAR: "全年已载入"},
    },
    {"key": "name", "title": "事由", "title_en": "Occasion", "type": "text"},
]


@lru_cache(maxsize=256)
def _working_days(
    year: int, spans: tuple[tuple[int, date, date | None], ...], _database: str
) -> tuple[date, ...]:
    """Working days of a year, in order. `spans`: version id and its days, newest first."""
    rows = {
        v.pk: rows_of(v)
        for v in ReferenceVersion.objects.filter(pk__in=[s[0] for s in spans]).select_related(
            "table"
        )
    }
    found = []
    day, end = date(year, 1, 1), date(year, 12, 31)
    while day <= end:
        version = next(
            (pk for pk, start, last in spans if start <= day and (last is None or day <= last)),
            None,
        )
        if version is None or not _is_loaded(rows[version], year):
            raise _not_loaded(year)
        row = rows[version].get(day.isoformat())
        kind = row["kind"] if row is not None else ""
        if kind == WORKDAY or (kind != HOLIDAY and day.weekday() < 5):
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


def _is_loaded(rows: Mapping[str, Any], year: int) -> bool:
    row = rows.get(str(year))
    return row is not None and row["kind"] == YEAR


def _not_loaded(year: int) -> CalendarNotLoaded:
    return CalendarNotLoaded(
        _(
            "The working-day calendar of %(year)d is not loaded. Load it by Excel under Reference "
            "tables once the State Council has published the holidays."
        )
        % {"year": year},
        year=year,
    )


class WorkingCalendar:
    """The calendar as of one moment: 1 query per year asked for, however many questions."""

    def __init__(self) -> None:
        self._years: dict[int, tuple[date, ...]] = {}

    def days_of(self, year: int) -> tuple[date, ...]:
        """Working days of a year, in order. Raises CalendarNotLoaded."""
        if year not in self._years:
            spans = tuple(
                (v.pk, v.effective_from, v.effective_to)
                for v in in_force(CALENDAR, date(year, 1, 1), date(year, 12, 31))
            )
            if not spans:
                raise _not_loaded(year)
            self._years[year] = _working_days(year, spans, database())
        return self._years[year]

    def is_working_day(self, day: date) -> bool:
        """Whether people work on `day`. Raises CalendarNotLoaded."""
        days = self.days_of(day.year)
        index = bisect_left(days, day)
        return index < len(days) and days[index] == day

    def add(self, day: date, count: int) -> date:
        """The `count`-th working day strictly after `day` (before it when negative); `day` for 0.

        Raises CalendarNotLoaded when the way leads through a year that is not loaded.
        """
        if count == 0:
            return day
        year = day.year
        if count > 0:
            days = self.days_of(year)
            days = days[bisect_right(days, day) :]
            while count > len(days):
                count -= len(days)
                year += 1
                days = self.days_of(year)
            return days[count - 1]
        count = -count
        days = self.days_of(year)
        days = days[: bisect_left(days, day)]
        while count > len(days):
            count -= len(days)
            year -= 1
            days = self.days_of(year)
        return days[-count]

    def between(self, start: date, end: date) -> int:
        """How many working days `end` lies after `start`: those in (start, end].

        Negative when it lies before: those in [end, start). The inverse of `add` in its second
        argument. Raises CalendarNotLoaded.
        """
        if end < start:
            return -sum(
                bisect_left(days, start) - bisect_left(days, end)
                for days in map(self.days_of, range(end.year, start.year + 1))
            )
        return sum(
            bisect_right(days, end) - bisect_right(days, start)
            for days in map(self.days_of, range(start.year, end.year + 1))
        )


def is_working_day(day: date) -> bool:
    """Whether people work on `day`. 1 query. Raises CalendarNotLoaded."""
    return WorkingCalendar().is_working_day(day)


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after (before, when negative) `day`; see WorkingCalendar.add."""
    return WorkingCalendar().add(day, count)


def working_days_between(start: date, end: date) -> int:
    """How many working days `end` lies after `start`; see WorkingCalendar.between."""
    return WorkingCalendar().between(start, end)


def row_problems(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterable[tuple[str, str]]:
    """What is wrong with calendar rows, as (key, sentence); the table's own check."""
    rows = list(rows)
    years = {key for key, values in rows if values.get("kind") == YEAR}
    for key, values in rows:
        if values.get("kind") == YEAR:
            if not (len(key) == 4 and key.isdigit()):
                yield (
                    key,
                    _("A row of kind “%(kind)s” has a year as key, as 2027.")
                    % {"kind": "全年已载入"},
                )
            continue
        try:
            day = date.fromisoformat(key)
        except ValueError:
            yield key, _("The key must be a date, as 2027-10-01.")
            continue
        if str(day.year) not in years:
            yield (
                key,
                _(
                    "Add a row with key %(year)d and kind “全年已载入”: it says that the "
                    "whole year is entered."
                )
                % {"year": day.year},
            )
        if values.get("kind") == WORKDAY and day.weekday() < 5:
            yield (
                key,
                _("%(day)s is no weekend: only a Saturday or Sunday can become a make-up workday.")
                % {"day": key},
            )


def calendar_loaded(year: int) -> bool:
    """Whether the official calendar of `year` is loaded."""
    try:
        is_working_day(date(year, 7, 1))
    except CalendarNotLoaded:
        return False
    return True
