"""Days that count. Working days come from the official calendar; a year not loaded is an error."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, Protocol

DayBasis = Literal["working", "calendar"]


class WorkingCalendar(Protocol):
    """What supervision needs to know about working days."""

    def add_working_days(self, start: date, days: int) -> date:
        """The `days`-th working day after (before, when negative) `start`."""
        ...

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; 0 when `end` is not later."""
        ...


def add_days(calendar: WorkingCalendar, start: date, days: int, basis: DayBasis) -> date:
    """`start` plus `days` of the kind `basis`."""
    if basis == "calendar":
        return start + timedelta(days=days)
    return calendar.add_working_days(start, days)


def days_late(calendar: WorkingCalendar, due: date | None, today: date, basis: DayBasis) -> int:
    """How many days of the kind `basis` `today` lies after `due`; 0 when not late or not due."""
    if due is None or today <= due:
        return 0
    if basis == "calendar":
        return (today - due).days
    return calendar.working_days_between(due, today)
