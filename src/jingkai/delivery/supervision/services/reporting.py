"""反馈 and 审核: monthly progress with evidence, and another person's look at it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Role, User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.files import public as files
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move

from .. import rules
from ..calendar import add_days, days_late
from ..clock import bring_up_to_date
from ..ground import Ground, next_round
from ..models import Obligation, ProgressReport, ReportState
from ..people import people, tell
from ..states import REPORT_MOVES
from ._steps import at_ground, finish, lock_obligation, must_be_active, step

_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?|-Q[1-4])?")


@transaction.atomic
def report_progress(
    *,
    obligation_id: int,
    progress: int,
    text: str,
    actor: User,
    now: datetime,
    period: str = "",
    next_step: str = "",
    problems: str = "",
    evidence: Sequence[Any] = (),
    ground: Ground | None = None,
) -> ProgressReport:
    """Say how far a share is, in percent, with evidence.

    `period` (2026-09, 2026-Q3, or a day) defaults to the round that is due. Days late against
    that round stay on the report. Raises NotPermitted, TransitionNotAllowed, InvalidInput, or
    Conflict when the period is reported already.
    """
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    require(rules.can_report(actor, obligation))
    must_be_active(obligation, _("Report progress"))
    report = _write(
        obligation,
        progress=progress,
        text=text,
        next_step=next_step,
        problems=problems,
        period=period or default_period(obligation, timezone.localdate(now)),
        evidence=evidence,
        is_completion=False,
        actor=actor,
        now=now,
        ground=ground,
    )
    finish(obligation, now=now, ground=ground)
    _ask_for_review(report, obligation, now)
    return report


@transaction.atomic
def claim_completion(
    *,
    obligation_id: int,
    text: str,
    evidence: Sequence[Any],
    actor: User,
    now: datetime,
    ground: Ground | None = None,
) -> ProgressReport:
    """Report a share as done, with at least one piece of evidence. Stops the body's clock.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput without text or evidence.
    """
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    require(rules.can_claim(actor, obligation))
    if not evidence:
        message = _("Completion needs evidence: attach at least one file.")
        raise InvalidInput(message, problems=[FieldProblem("evidence", message, "required")])
    bring_up_to_date(obligation, now=now, ground=ground)
    step(obligation, "claim", actor=actor, now=now)
    report = _write(
        obligation,
        progress=100,
        text=text,
        next_step="",
        problems="",
        is_completion=True,
        period=timezone.localdate(now).isoformat(),
        evidence=evidence,
        actor=actor,
        now=now,
        ground=ground,
    )
    obligation.next_report_due = None
    finish(obligation, now=now, ground=ground)
    _ask_for_review(report, obligation, now)
    return report


def _write(
    obligation: Obligation,
    *,
    progress: int,
    text: str,
    next_step: str,
    problems: str,
    period: str,
    evidence: Sequence[Any],
    is_completion: bool,
    actor: User,
    now: datetime,
    ground: Ground,
) -> ProgressReport:
    today = timezone.localdate(now)
    text = text.strip()
    faults = []
    if not 0 <= progress <= 100:
        faults.append(FieldProblem("progress", _("Progress lies between 0 and 100 %.")))
    if not text:
        faults.append(FieldProblem("text", _("Say what was done."), "required"))
    if not _PERIOD.fullmatch(period):
        faults.append(FieldProblem("period", _("Write a period like 2026-09 or 2026-Q3.")))
    if faults:
        raise InvalidInput(problems=faults)
    due = obligation.next_report_due
    report = ProgressReport(
        obligation=obligation,
        period=period,
        progress=progress,
        text=text,
        next_step=next_step.strip(),
        problems=problems.strip(),
        is_completion=is_completion,
        due_on=due,
        late_days=days_late(ground.calendar, due, today, ground.book.late_basis),
        submitted_by=actor,
        submitted_at=now,
    )
    check_row(report)
    report.save()
    for upload in evidence:
        files.attach(target=report, upload=upload, actor=actor, now=now)
    obligation.claim = text[:200]
    obligation.claimed_progress = progress
    if due is not None:
        obligation.next_report_due = next_round(
            ground, max(due, today), obligation.light, due_on=obligation.due_on
        )
    audit.record(
        "supervision.report.submitted",
        actor=actor,
        target=report,
        at=now,
        details={
            "obligation": obligation.pk,
            "period": period,
            "progress": progress,
            "late_days": report.late_days,
            "evidence": len(evidence),
        },
    )
    return report


def default_period(obligation: Obligation, today: date) -> str:
    """The round that is due: its month, or its day when that month is reported already."""
    due = obligation.next_report_due or today
    month = f"{due:%Y-%m}"
    taken = obligation.reports.filter(period=month, is_completion=False).exclude(
        state=ReportState.REJECTED
    )
    return due.isoformat() if taken.exists() else month


def _ask_for_review(report: ProgressReport, obligation: Obligation, now: datetime) -> None:
    reviewers = people(rules.SIGNERS, timezone.localdate(now), obligation.body_id)
    tell(
        [person for person in reviewers if person.pk != report.submitted_by_id],
        kind="to-review",
        obligation=obligation,
        now=now,
        say=lambda: (
            _("To review: task %(n)d %(title)s, %(period)s")
            % {"n": obligation.task.number, "title": obligation.task.title, "period": report.period}
        ),
    )


@transaction.atomic
def review_report(
    *,
    report_id: int,
    accept: bool,
    actor: User,
    now: datetime,
    note: str = "",
    ground: Ground | None = None,
) -> ProgressReport:
    """Accept or reject a report; `note` is required to reject. Never one's own.

    Accepting a completion completes the share (办结); rejecting it starts the clock again as if
    it had never stopped. Raises NotPermitted, TransitionNotAllowed, InvalidInput.
    """
    ground = at_ground(now, ground)
    report, obligation = _lock_report(report_id)
    require(rules.can_review(actor, report) if accept else rules.can_reject(actor, report))
    if accept and report.is_completion and report.state != ReportState.ENDORSED:
        _must_not_skip_the_body(report, obligation, now)
    move(
        report,
        "accept" if accept else "reject",
        table=REPORT_MOVES,
        actor=actor,
        at=now,
        reason=note,
        audit_action=f"supervision.report.{'accepted' if accept else 'rejected'}",
        details={"obligation": obligation.pk, "period": report.period},
    )
    report.reviewed_by, report.reviewed_at = actor, now
    report.review_note = note.strip()
    check_row(report)
    report.save()
    today = timezone.localdate(now)
    if accept:
        obligation.rejections = 0
        obligation.progress = report.progress
        if report.is_completion:
            step(obligation, "complete", actor=actor, now=now, reason=note)
            obligation.completed_at = now
            obligation.next_report_due = None
    else:
        obligation.rejections += 1
        obligation.claimed_progress = obligation.progress
        if report.is_completion:
            step(obligation, "reject", actor=actor, now=now, reason=note)
        if rules.is_running(obligation):
            term = ground.book.resubmit_within
            again = add_days(ground.calendar, today, term.days, term.basis)
            due = obligation.next_report_due
            obligation.next_report_due = min(due, again) if due else again
    finish(obligation, now=now, ground=ground)
    tell(
        [report.submitted_by],
        kind="reviewed",
        obligation=obligation,
        now=now,
        body=note,
        say=lambda: (
            (
                _("Accepted: task %(n)d %(title)s, %(period)s")
                if accept
                else _("Rejected: task %(n)d %(title)s, %(period)s")
            )
            % {"n": obligation.task.number, "title": obligation.task.title, "period": report.period}
        ),
    )
    return report


@transaction.atomic
def endorse_completion(
    *, report_id: int, actor: User, now: datetime, note: str = ""
) -> ProgressReport:
    """The body's own check of a completion, before the office decides.

    Raises NotPermitted, TransitionNotAllowed.
    """
    report, obligation = _lock_report(report_id)
    require(rules.can_endorse(actor, report))
    move(
        report,
        "endorse",
        table=REPORT_MOVES,
        actor=actor,
        at=now,
        reason=note,
        audit_action="supervision.report.endorsed",
        details={"obligation": obligation.pk},
    )
    report.endorsed_by, report.endorsed_at = actor, now
    check_row(report)
    report.save()
    tell(
        people([Role.OFFICE], timezone.localdate(now)),
        kind="to-complete",
        obligation=obligation,
        now=now,
        say=lambda: (
            _("%(body)s reports task %(n)d %(title)s as done")
            % {"body": obligation.body, "n": obligation.task.number, "title": obligation.task.title}
        ),
    )
    return report


def _must_not_skip_the_body(report: ProgressReport, obligation: Obligation, now: datetime) -> None:
    """The office decides after the body's check, unless nobody there could make one."""
    checkers = people(rules.SIGNERS, timezone.localdate(now), obligation.body_id)
    if checkers.exclude(pk=report.submitted_by_id).exists():
        raise Conflict(_("The body's own reviewer has not checked this completion yet."))


def _lock_report(report_id: int) -> tuple[ProgressReport, Obligation]:
    """The report and its obligation, both locked; the obligation first, as everywhere."""
    owner = ProgressReport.objects.filter(pk=report_id).values_list("obligation_id", flat=True)
    obligation_id = owner.first()
    if obligation_id is None:
        raise Http404
    obligation = lock_obligation(obligation_id)
    report = (
        ProgressReport.objects.select_for_update(of=("self",))
        .select_related("submitted_by")
        .get(pk=report_id)
    )
    report.obligation = obligation
    return report, obligation
