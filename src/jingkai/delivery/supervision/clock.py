"""Time passing: late days that only grow, lights by rule, and what is remembered of both.

Everything is computed from dates, never by adding one: a second tick of a day changes nothing,
and a tick after days of standstill catches up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Avg, Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.errors import DomainError

from .calendar import add_days, days_late
from .ground import Ground, ground_for
from .lights import Facts, expected_progress, judge
from .models import (
    LateMark,
    LightEvent,
    Obligation,
    ObligationKind,
    ObligationState,
    ProgressReport,
    Urge,
)
from .states import DONE_STATES, OPEN_STATES, RUNNING_STATES

_BATCH = 500
_WRITTEN = [
    "late_days",
    "report_late_days",
    "light",
    "light_reason",
    "next_report_due",
    "progress",
    "claimed_progress",
]


def reported_late_days(obligation: Obligation) -> int:
    """Late days of all reports sent so far. 1 query."""
    total = obligation.reports.aggregate(total=Sum("late_days"))["total"]
    return int(total or 0)


def facts_of(
    obligation: Obligation, *, today: date, ground: Ground, urges_unanswered: int = 0
) -> Facts:
    """What the light rules look at. Call after the late days are up to date."""
    book, calendar = ground.book, ground.calendar
    if obligation.state == ObligationState.IN_REVIEW:
        return Facts(
            overdue_days=obligation.late_days - obligation.settled_late_days,
            rejections=obligation.rejections,
        )
    left: int | None = None
    # A week has at most five working days and the longest holiday eight days off: a due date
    # further off than this cannot lie within the days the rules look ahead.
    if (obligation.due_on - today).days <= book.look_ahead * 2 + 14:
        left = calendar.working_days_between(today, obligation.due_on)
    expected = Decimal(0)
    # Not signing is no way to stay on schedule; a dispute is the office's to settle.
    if obligation.state in (ObligationState.ISSUED, ObligationState.ACTIVE):
        start = timezone.localdate(obligation.issued_at) if obligation.issued_at else None
        expected = expected_progress(start, obligation.due_on, today)
    unsigned = obligation.state == ObligationState.ISSUED
    return Facts(
        overdue_days=days_late(calendar, obligation.due_on, today, book.late_basis),
        report_late_days=days_late(calendar, obligation.next_report_due, today, book.late_basis),
        sign_late_days=days_late(
            calendar, obligation.sign_by if unsigned else None, today, book.late_basis
        ),
        rejections=obligation.rejections,
        schedule_gap_percent=max(Decimal(0), expected - obligation.claimed_progress),
        working_days_left=left,
        urges_unanswered=urges_unanswered,
    )


def bring_up_to_date(
    obligation: Obligation,
    *,
    now: datetime,
    ground: Ground,
    reported_late: int | None = None,
    urges_unanswered: int = 0,
) -> bool:
    """Advance late days and light of a locked `obligation` to `now`; True when something changed.

    Changes the instance without saving it; writes the late mark and the light event.
    """
    today = timezone.localdate(now)
    before = (obligation.late_days, obligation.report_late_days, obligation.light)
    calendar, book = ground.calendar, ground.book
    if obligation.state in RUNNING_STATES:
        late = days_late(calendar, obligation.due_on, today, book.late_basis)
        obligation.late_days = max(obligation.late_days, obligation.settled_late_days + late)
    if obligation.kind == ObligationKind.SHARE:
        sent = reported_late_days(obligation) if reported_late is None else reported_late
        running = days_late(calendar, obligation.next_report_due, today, book.late_basis)
        obligation.report_late_days = max(obligation.report_late_days, sent + running)
    if before[:2] != (obligation.late_days, obligation.report_late_days):
        LateMark.objects.create(
            obligation=obligation,
            day=today,
            late_days=obligation.late_days,
            report_late_days=obligation.report_late_days,
        )
    if obligation.state in OPEN_STATES:
        facts = facts_of(obligation, today=today, ground=ground, urges_unanswered=urges_unanswered)
        light, reason = judge(facts, book.cases, book.otherwise)
    elif obligation.state in DONE_STATES:
        light, reason = "green", "done"
    else:
        light, reason = "grey", ""
    reason_changed = obligation.light_reason != reason
    obligation.light_reason = reason
    if light != obligation.light:
        LightEvent.objects.create(
            obligation=obligation, before=obligation.light, after=light, reason_code=reason, at=now
        )
        obligation.light = light
        _shorten_round(obligation, today, ground)
    after = (obligation.late_days, obligation.report_late_days, obligation.light)
    return before != after or reason_changed


def _shorten_round(obligation: Obligation, today: date, ground: Ground) -> None:
    """A worse light asks for the next report sooner; a better one waits for the next round."""
    if obligation.next_report_due is None or obligation.next_report_due <= today:
        return
    term = ground.book.interval(obligation.light)
    sooner = add_days(ground.calendar, today, term.days, term.basis)
    obligation.next_report_due = min(obligation.next_report_due, sooner)


def bring_parent_up_to_date(parent: Obligation, *, now: datetime, ground: Ground) -> bool:
    """The whole task's progress is the mean of its shares; then as `bring_up_to_date`."""
    means = parent.shares.exclude(
        state__in=(ObligationState.WITHDRAWN, ObligationState.REGISTERED)
    ).aggregate(done=Avg("progress"), said=Avg("claimed_progress"))
    before = (parent.progress, parent.claimed_progress)
    parent.progress = int(means["done"] or 0)
    parent.claimed_progress = int(means["said"] or 0)
    changed = bring_up_to_date(parent, now=now, ground=ground)
    return changed or before != (parent.progress, parent.claimed_progress)


@dataclass(slots=True)
class TickReport:
    """What one tick did. `problems` are sentences for the office: obligations not judged."""

    looked_at: int = 0
    changed: int = 0
    reminded: int = 0
    problems: list[str] = field(default_factory=list)


def daily_tick(*, now: datetime, ground: Ground | None = None) -> TickReport:
    """Advance every open obligation to the day of `now` and remind who must act.

    Shares first, then whole tasks, in batches with a transaction each. Safe to repeat, and to
    run after any number of days without it.
    """
    from .reminders import remind

    today = timezone.localdate(now)
    ground = ground or ground_for(today)
    report = TickReport()
    for kind in (ObligationKind.SHARE, ObligationKind.TASK):
        after = 0
        while True:
            with transaction.atomic():
                batch = list(
                    _open_rows(kind).filter(pk__gt=after).select_for_update(of=("self",))[:_BATCH]
                )
                for row in batch:
                    _tick_one(row, now=now, ground=ground, report=report)
                if kind == ObligationKind.SHARE:
                    report.reminded += remind(batch, today=today, now=now, ground=ground)
            if len(batch) < _BATCH:
                break
            after = batch[-1].pk
    return report


def _open_rows(kind: str) -> QuerySet[Obligation]:
    sent = (
        ProgressReport.objects.filter(obligation=OuterRef("pk"))
        .order_by()
        .values("obligation")
        .annotate(total=Sum("late_days"))
        .values("total")
    )
    unanswered = (
        Urge.objects.filter(obligation=OuterRef("pk"), answered_at__isnull=True)
        .order_by()
        .values("obligation")
        .annotate(total=Count("pk", filter=Q(is_escalation=False)))
        .values("total")
    )
    return (
        Obligation.objects.filter(kind=kind, state__in=OPEN_STATES)
        .annotate(
            reported_late=Coalesce(Subquery(sent), 0),
            urges_unanswered=Coalesce(Subquery(unanswered), 0),
        )
        .order_by("pk")
    )


def _tick_one(row: Obligation, *, now: datetime, ground: Ground, report: TickReport) -> None:
    report.looked_at += 1
    try:
        if row.kind == ObligationKind.TASK:
            changed = bring_parent_up_to_date(row, now=now, ground=ground)
        else:
            changed = bring_up_to_date(
                row,
                now=now,
                ground=ground,
                reported_late=row.reported_late,  # type: ignore[attr-defined]
                urges_unanswered=row.urges_unanswered,  # type: ignore[attr-defined]
            )
    except DomainError as error:
        report.problems.append(
            _("Obligation %(id)d was not judged: %(why)s") % {"id": row.pk, "why": error}
        )
        return
    if changed:
        row.save(update_fields=_WRITTEN)
        report.changed += 1


def overdue_on(obligation: Obligation, today: date) -> bool:
    """Past its due date and not done."""
    return obligation.state in OPEN_STATES and obligation.due_on < today


def beyond_original(obligation: Obligation, today: date) -> timedelta:
    """Time past the date first set, extensions or not; until completion or `today`."""
    end = timezone.localdate(obligation.completed_at) if obligation.completed_at else today
    return max(timedelta(0), end - obligation.original_due_on)
