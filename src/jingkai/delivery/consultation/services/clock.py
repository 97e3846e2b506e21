"""Time passing: closing at the deadline, reminding before it, forgetting who wrote.

Everything follows from dates: a second tick changes nothing, one after a standstill catches up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.masterdata.reference import public as reference

from ..models import Consultation, ConsultationState, InvitationState, Knock, Sender
from ..people import tell_bodies, tell_office
from ..terms import terms_on
from ._steps import lock, step
from .rounds import closed


def tick(*, now: datetime) -> dict[str, int]:
    """Do what is due; return how many rounds closed, bodies' rounds reminded, senders erased."""
    return {"closed": close_due(now=now), "reminded": remind(now=now), "erased": erase(now=now)}


def close_due(*, now: datetime) -> int:
    """Close every open round whose last day is over."""
    today = timezone.localdate(now)
    due = Consultation.objects.filter(state=ConsultationState.OPEN, closes_on__lt=today)
    count = 0
    for pk in due.values_list("pk", flat=True):
        with transaction.atomic():
            row = lock(pk)
            if row.state != ConsultationState.OPEN or now < row.deadline:
                continue
            step(row, "expire", actor=None, now=now)
            closed(row, now)
            tell_office(
                row,
                kind="closed",
                now=now,
                dedupe_key=f"consultation:closed:{row.pk}:{row.closes_on}",
                say=partial(_closed, row.title),
            )  # fmt: skip
            count += 1
    return count


def _closed(title: str) -> str:
    return _("“%(title)s” is closed. Its opinions wait to be sorted.") % {"title": title}


def _waits(title: str, day: str) -> str:
    return _("“%(title)s” waits for your opinion until %(day)s") % {"title": title, "day": day}


def remind(*, now: datetime) -> int:
    """Remind bodies that have not replied, once, so many working days before the last day.

    In a year whose calendar nobody loaded, calendar days are counted: a reminder too early is
    better than none.
    """
    today = timezone.localdate(now)
    ahead = terms_on(today).remind_working_days
    count = 0
    for row in Consultation.objects.filter(state=ConsultationState.OPEN, closes_on__gte=today):
        try:
            first = reference.add_working_days(row.closes_on, -ahead)
        except reference.CalendarNotLoaded:
            first = row.closes_on - timedelta(days=ahead)
        if today < first:
            continue
        silent = set(
            row.invitations.filter(state=InvitationState.ASKED).values_list("body_id", flat=True)
        )
        if silent:
            with transaction.atomic():
                tell_bodies(
                    row,
                    silent,
                    kind="reminder",
                    now=now,
                    at_once=True,
                    dedupe_key=f"consultation:remind:{row.pk}:{row.closes_on}",
                    say=partial(_waits, row.title, row.closes_on.isoformat()),
                )  # fmt: skip
            count += 1
    return count


@transaction.atomic
def erase(*, now: datetime) -> int:
    """Erase names and contacts whose time is over, and old counts of the open door."""
    Knock.objects.filter(hour__lt=now - timedelta(days=1)).delete()
    due = Sender.objects.filter(erase_on__lte=timezone.localdate(now))
    count: int = due.delete()[0]
    if count:
        audit.record("consultation.senders.erased", actor=None, at=now, row_count=count)
    return count
