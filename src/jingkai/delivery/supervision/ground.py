"""What services stand on beside the database: the official calendar and the rules in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import chinese_calendar
from django.utils.translation import gettext as _

from jingkai.core.errors import Conflict
from jingkai.masterdata.reference import public as reference

from .calendar import WorkingCalendar
from .rulebook import Rulebook, load_rulebook


class OfficialCalendar:
    """Working days of the State Council's holiday notices, make-up workdays included."""

    def add_working_days(self, start: date, days: int) -> date:
        """Raises Conflict for a year whose calendar is not loaded."""
        step = timedelta(days=1 if days >= 0 else -1)
        day, left = start, abs(days)
        while left:
            day += step
            left -= self._works(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Raises Conflict for a year whose calendar is not loaded."""
        return sum(
            self._works(start + timedelta(days=n)) for n in range(1, (end - start).days + 1)
        )

    @staticmethod
    def _works(day: date) -> bool:
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            raise Conflict(
                _("The working days of %(year)d are not loaded. Add them to the calendar first.")
                % {"year": day.year}
            ) from None


def reference_rows(code: str, day: date) -> Mapping[str, Mapping[str, Any]] | None:
    """Rows of a reference table in force on `day`, by key; None when there is no such table."""
    lookup = getattr(reference, "rows_in_force", None)
    return lookup(code, day) if lookup else None


@dataclass(frozen=True, slots=True)
class Ground:
    """The calendar and the rulebook of one day."""

    calendar: WorkingCalendar
    book: Rulebook


def ground_for(today: date) -> Ground:
    """The official calendar and the rules in force on `today`."""
    return Ground(OfficialCalendar(), load_rulebook(today, reference_rows))
