"""Working days a return is late. They count reporting only, never a task."""

from __future__ import annotations

from datetime import date

from jingkai.masterdata.reference.public import CalendarNotLoaded, working_days_between


def days_late(due_on: date, today: date) -> int:
    """Working days after `due_on` up to `today`; 0 when in time.

    In a year whose calendar is not loaded nothing can be counted: 0 for now, and the daily clock
    counts anew once it is.
    """
    if today <= due_on:
        return 0
    try:
        return max(0, working_days_between(due_on, today))
    except CalendarNotLoaded:
        return 0
