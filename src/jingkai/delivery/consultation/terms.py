"""Periods and limits of a consultation, read from the reference table CONSULTATION_TERMS.

A table that is not loaded leaves the defaults, and a default counts as unverified.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.masterdata.reference import public as reference

TABLE: Final = "CONSULTATION_TERMS"


@dataclass(frozen=True, slots=True)
class Terms:
    """Figures in force; days are what their name says."""

    public_days: int = 30
    body_working_days: int = 5
    remind_working_days: int = 2
    urges_at_most: int = 3
    personal_data_months: int = 6
    sends_per_hour: int = 20  # an office or a village behind one address shares this count
    looks_per_hour: int = 60
    likeness_percent: int = 75


def terms_on(day: date) -> Terms:
    """The table in force on `day`."""
    try:
        rows = reference.table_on(TABLE, day).rows
    except reference.TableNotLoaded:
        return Terms()
    given = {
        item.name: int(Decimal(str(rows[item.name].values["value"])))
        for item in fields(Terms)
        if item.name in rows
    }
    return replace(Terms(), **given)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month.

    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def working_day_from(day: date) -> date:
    """`day`, or the next working day; `day` itself in a year whose calendar nobody has loaded."""
    try:
        if reference.is_working_day(day):
            return day
        return reference.add_working_days(day, 1)
    except reference.CalendarNotLoaded:
        return day


def check_term(
    *, opens_on: date, closes_on: date, is_public: bool, asks_bodies: bool, short_reason: str
) -> None:
    """Refuse a last day that is no working day, or a term that is short without a reason.

    Raises InvalidInput, and CalendarNotLoaded for a year whose calendar nobody has loaded.
    """
    terms = terms_on(opens_on)
    if closes_on < opens_on:
        message = _("The last day lies before the first.")
        raise InvalidInput(message, problems=[FieldProblem("closes_on", message)])
    if not reference.is_working_day(closes_on):
        message = _("%(day)s is no working day. Choose one: questions must find somebody.") % {
            "day": closes_on.isoformat()
        }
        raise InvalidInput(message, problems=[FieldProblem("closes_on", message)])
    if short_reason.strip():
        return
    if is_public and (closes_on - opens_on).days + 1 < terms.public_days:
        message = _(
            "The public is given %(days)d days as a rule. Choose a later day or say why it is less."
        ) % {"days": terms.public_days}
        raise InvalidInput(message, problems=[FieldProblem("short_reason", message, "required")])
    if (
        asks_bodies
        and reference.working_days_between(opens_on, closes_on) < terms.body_working_days
    ):
        message = _(
            "Bodies are given %(days)d working days as a rule. Choose a later day or say why it is "
            "less."
        ) % {"days": terms.body_working_days}
        raise InvalidInput(message, problems=[FieldProblem("short_reason", message, "required")])
