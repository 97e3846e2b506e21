"""Time passing: zones are reminded of drafts, overdue answers go to office and leaders.

Everything is computed from dates: a second tick of a day changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import ZONE, User
from jingkai.core.errors import Conflict
from jingkai.core.notices.public import Deadline
from jingkai.core.ui.public import local_name
from jingkai.masterdata.reference.public import working_days_between

from .models import Objection, ObjectionState, RunState
from .people import office_and_leaders, people_of_zone, tell
from .queries.objections import OPEN, open_runs, to_answer
from .terms import terms_on


@dataclass(frozen=True, slots=True)
class TickReport:
    """What one tick did."""

    reminded: int
    escalated: int


def daily_tick(*, now: datetime) -> TickReport:
    """Remind of drafts, escalate overdue answers. Safe to repeat."""
    return TickReport(_remind(now), _escalate(now))


def _remind(now: datetime) -> int:
    """Zones with a draft that nobody filed, shortly before the window ends."""
    today = timezone.localdate(now)
    drafts = (
        Objection.objects.filter(
            state=ObjectionState.DRAFT,
            run__state=RunState.CIRCULATED,
            run__objections_until__gte=today,
        )
        .select_related("run", "zone")
        .order_by("pk")
    )
    told = 0
    for draft in drafts:
        until = draft.run.objections_until
        assert until is not None
        if not _is_near(today, until):
            continue
        told += bool(
            tell(
                people_of_zone(draft.zone.committee_id),
                kind="objection.draft",
                say=partial(_say_draft, until),
                url=reverse("evaluation:objection", args=[draft.pk]),
                now=now,
                dedupe_key=f"eval-objection-{draft.pk}-draft-{until}",
                at_once=True,
            )
        )
    return told


def _escalate(now: datetime) -> int:
    """Tell office and leaders of objections whose answer is overdue; once for each term."""
    today = timezone.localdate(now)
    rows = Objection.objects.filter(state__in=OPEN, answer_due__lt=today).select_related("zone")
    people = office_and_leaders()
    told = 0
    for row in rows.order_by("pk"):
        told += bool(
            tell(
                people,
                kind="objection.overdue",
                say=partial(_say_overdue, row),
                url=reverse("evaluation:objection", args=[row.pk]),
                now=now,
                dedupe_key=f"eval-objection-{row.pk}-overdue-{row.answer_due}",
                at_once=True,
            )
        )
    return told


def _say_overdue(row: Objection) -> str:
    return _("Objection no. %(n)d of %(zone)s is unanswered past %(day)s") % {
        "n": row.pk,
        "zone": row.zone.short_name,
        "day": row.answer_due,
    }


def _is_near(today: date, until: date) -> bool:
    try:
        return working_days_between(today, until) <= terms_on(today).remind
    except Conflict:  # no terms or no calendar: nothing is promised about reminders
        return False


def _say_draft(until: date) -> str:
    return _("Your objection is still a draft; it can be filed until %(day)s") % {"day": until}


def deadlines_for(user: User) -> Iterable[Deadline]:
    """Until when the user's zones may object; by when the office answers. At most 2 queries."""
    if user.has_role(*ZONE):
        for run in open_runs(user, timezone.localdate()):
            yield Deadline(
                f"evaluation-objections-{run.pk}",
                _("Objections to the evaluation %(what)s")
                % {"what": f"{local_name(run.version.scheme)} {run.year}"},
                run.objections_until or timezone.localdate(),
                reverse("evaluation:objections"),
            )
    for row in to_answer(user):
        if row.answer_due is not None:
            yield Deadline(
                f"evaluation-objection-{row.pk}",
                _("Answer objection no. %(n)d of %(zone)s")
                % {"n": row.pk, "zone": row.zone.short_name},
                row.answer_due,
                reverse("evaluation:objection", args=[row.pk]),
            )
