"""What other rooms may use of reference. Models are for reads and for the pack loader."""

from .calendar import (
    CALENDAR,
    WorkingCalendar,
    add_working_days,
    calendar_loaded,
    is_working_day,
    working_days_between,
)
from .errors import CalendarNotLoaded, KeyNotInTable, TableNotLoaded
from .models import Confidence, ReferenceRow, ReferenceTable, ReferenceVersion, VersionState
from .seeding import seed_calendar
from .tables import TableRow, TableView, is_unverified, lookup, table_on, versions_on

__all__ = [
    "CALENDAR",
    "CalendarNotLoaded",
    "Confidence",
    "KeyNotInTable",
    "ReferenceRow",
    "ReferenceTable",
    "ReferenceVersion",
    "TableNotLoaded",
    "TableRow",
    "TableView",
    "VersionState",
    "WorkingCalendar",
    "add_working_days",
    "calendar_loaded",
    "is_unverified",
    "is_working_day",
    "lookup",
    "seed_calendar",
    "table_on",
    "versions_on",
    "working_days_between",
]
