"""What can be missing: a version on a date, a key in it, a year of the calendar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.errors import Conflict


class TableNotLoaded(Conflict):
    """No version of the table is in force on the date. There is no fallback."""

    code, title = "reference-not-loaded", _("A reference table is not loaded for this date.")


class KeyNotInTable(Conflict):
    """The version in force does not hold the key."""

    code, title = "reference-key-missing", _("A reference table lacks an entry.")


class CalendarNotLoaded(TableNotLoaded):
    """The working-day calendar does not cover the year: nobody knows its holidays yet."""

    code, title = "calendar-not-loaded", _("The working-day calendar of this year is not loaded.")
