"""What services stand on beside the database: the official calendar and the rules in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jingkai.masterdata.reference import public as reference

from .calendar import WorkingCalendar, add_days
from .rulebook import Rulebook, load_rulebook


class OfficialCalendar:
    """Working days of the State Council's holiday notices, make-up workdays included.

    Every question raises CalendarNotLoaded when it leads through a year that is not loaded.
    """

    def __init__(self) -> None:
        self._calendar = reference.WorkingCalendar()

    def add_working_days(self, start: date, days: int) -> date:
        return self._calendar.add(start, days)

    def working_days_between(self, start: date, end: date) -> int:
        return max(0, self._calendar.between(start, end))


def reference_rows(code: str, day: date) -> Mapping[str, Mapping[str, Any]] | None:
    """Rows of a reference table in force on `day`, by key; None when there is no such table."""
    try:
        table = reference.table_on(code, day)
    except reference.TableNotLoaded:
        return None
    return {key: row.values for key, row in table.rows.items()}


@dataclass(frozen=True, slots=True)
class Ground:
    """The calendar and the rulebook of one day."""

    calendar: WorkingCalendar
    book: Rulebook


def ground_for(today: date) -> Ground:
    """The official calendar and the rules in force on `today`."""
    return Ground(OfficialCalendar(), load_rulebook(today, reference_rows))


def next_round(ground: Ground, start: date, light: str, *, due_on: date) -> date:
    """When the next report is due, counted from `start` by the light; the task's own due date if
    that comes first.

    A round that would reach into a year whose calendar nobody has loaded ends with this year: a
    report is never refused because the next one cannot be dated.
    """
    term = ground.book.interval(light)
    try:
        day = add_days(ground.calendar, start, term.days, term.basis)
    except reference.CalendarNotLoaded:
        day = max(start, date(start.year, 12, 31))
    return min(day, due_on) if due_on > start else day
