"""Time passing: reminders before, late marks after, unlocks that end by themselves.

Everything is computed from dates: a second tick of a day changes nothing, and a tick after days
of standstill catches up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.masterdata.reference.public import CalendarNotLoaded, working_days_between

from .lateness import days_late
from .models import CampaignState, Return
from .people import clerks_of, signers_of, tell
from .services.unlocking import expire_unlocks
from .states import FILLING_STATES


@dataclass(frozen=True, slots=True)
class TickReport:
    """What one tick did."""

    reminded: int
    marked_late: int
    expired: int


def daily_tick(*, now: datetime) -> TickReport:
    """Remind, count late days, end unlocks. Safe to repeat."""
    today = timezone.localdate(now)
    return TickReport(_remind(today, now), mark_late(today), expire_unlocks(now=now))


def _remind(today: date, now: datetime) -> int:
    rows = (
        Return.objects.filter(
            state__in=FILLING_STATES,
            first_submitted_at__isnull=True,
            due_on__gte=today,
            campaign__state=CampaignState.OPEN,
        )
        .select_related("campaign__form", "campaign__version")
        .order_by("pk")
    )
    told = 0
    for row in rows:
        if (stage := _stage(row, today)) is None:
            continue
        told += bool(
            tell(
                [*clerks_of(row.body_id), *signers_of(row.body_id)],
                kind="due",
                in_return=row,
                now=now,
                say=partial(_say_due, row.campaign.form.name, row.campaign.period, row.due_on),
                dedupe_key=f"rep-due-{row.pk}-{row.due_on}-{stage}",
            )
        )
    return told


def _stage(row: Return, today: date) -> int | None:
    """The reminder that is due: the smallest number of working days that has been reached."""
    stages: Sequence[int] = sorted(row.campaign.version.reminder_days)
    try:
        left = working_days_between(today, row.due_on)
    except CalendarNotLoaded:
        return None
    return next((days for days in stages if left <= days), None)


def _say_due(form: str, period: str, due: date) -> str:
    return _("Due %(due)s: %(form)s %(period)s") % {"form": form, "period": period, "due": due}


@transaction.atomic
def mark_late(today: date) -> int:
    """Count the working days of lateness of every return; they only grow. Return how many grew."""
    rows = Return.objects.select_for_update(of=("self",), skip_locked=True).filter(
        Q(first_submitted_at__isnull=True, campaign__state=CampaignState.OPEN)
        | Q(first_submitted_at__date__gt=F("due_on"), late_days=0),
        due_on__lt=today,
    )
    grown = []
    for row in rows.order_by("pk"):
        until = timezone.localdate(row.first_submitted_at) if row.first_submitted_at else today
        late = days_late(row.due_on, until)
        if late > row.late_days:
            row.late_days = late
            grown.append(row)
    Return.objects.bulk_update(grown, ["late_days"])
    return len(grown)
