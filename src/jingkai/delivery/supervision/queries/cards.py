"""Everything one card shows: reports with evidence, dates, urges, and the trail of moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.files.public import Attachment, attachments_by_target
from jingkai.core.verdicts import Verdict
from jingkai.core.workflow.public import Move, history

from .. import rules
from ..models import (
    Dispute,
    Extension,
    LightEvent,
    Obligation,
    ObligationState,
    ProgressReport,
    ReportState,
    Urge,
)
from ..states import OBLIGATION_MOVES
from .lists import Row, rows_of
from .visibility import visible_obligations


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report, its files, and whether this person may decide it."""

    report: ProgressReport
    files: list[Attachment]
    can_endorse: Verdict
    can_accept: Verdict
    can_reject: Verdict

    @property
    def waits(self) -> bool:
        return self.report.state in (ReportState.SUBMITTED, ReportState.ENDORSED)

    @property
    def to_endorse(self) -> bool:
        return self.report.is_completion and self.report.state == ReportState.SUBMITTED


@dataclass(frozen=True, slots=True)
class TrailStep:
    """One thing that happened."""

    at: datetime
    label: Any
    who: str
    reason: str
    light: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One obligation with all that hangs on it."""

    row: Row
    reports: list[ReportLine]
    extensions: list[Extension]
    urges: list[Urge]
    disputes: list[Dispute]
    trail: list[TrailStep]
    late_beyond_original: int


def obligation_card(item: Obligation, *, user: User, today: date) -> Card:
    """All about one obligation. 10 queries at any length."""
    reports = list(
        item.reports.select_related("submitted_by", "reviewed_by", "endorsed_by").order_by("-pk")
    )
    files = attachments_by_target(ProgressReport, [report.pk for report in reports])
    lines = []
    for report in reports:
        report.obligation = item
        lines.append(
            ReportLine(
                report,
                files.get(report.pk, []),
                rules.can_endorse(user, report),
                rules.can_review(user, report),
                rules.can_reject(user, report),
            )
        )
    end = timezone.localdate(item.completed_at) if item.completed_at else today
    issued = item.state not in (ObligationState.REGISTERED, ObligationState.WITHDRAWN)
    return Card(
        row=rows_of([item], user=user, today=today)[0],
        reports=lines,
        extensions=list(item.extensions.select_related("requested_by", "decided_by")),
        urges=list(item.urges.select_related("sent_by", "answered_by")),
        disputes=list(
            item.disputes.select_related("raised_by", "decided_by", "proposed_body", "new_body")
        ),
        trail=trail_of(item),
        late_beyond_original=max(0, (end - item.original_due_on).days) if issued else 0,
    )


def trail_of(item: Obligation) -> list[TrailStep]:
    """Moves and changes of light, the latest first. 2 queries."""
    steps = [_step(move) for move in history(item)]
    steps += [
        TrailStep(event.at, event.reason_code, "", "", event.after)
        for event in LightEvent.objects.filter(obligation=item)
    ]
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _step(move: Move) -> TrailStep:
    known = OBLIGATION_MOVES.transitions.get(move.action)
    return TrailStep(
        move.at,
        known.label if known else _("Registered"),
        move.actor.name if move.actor else "",
        move.reason,
    )


def shares_of(whole: Obligation, *, user: User) -> QuerySet[Obligation]:
    """Visible shares of a whole task: in the order of the document, then those bound by a rule
    for all, in protocol order. 1 query."""
    return (
        visible_obligations(user)
        .filter(parent=whole)
        .select_related("task__document", "body", "responsibility", "parent")
        .order_by(F("responsibility__position").asc(nulls_last=True), "body__position", "pk")
    )


def reports_to_review(user: User) -> list[ReportLine]:
    """Reports this person may decide now, the oldest first. 2 queries."""
    waiting = (
        ProgressReport.objects.filter(
            state__in=(ReportState.SUBMITTED, ReportState.ENDORSED),
            obligation__in=visible_obligations(user).values("pk"),
        )
        .select_related("obligation__task", "obligation__body", "submitted_by", "endorsed_by")
        .order_by("submitted_at", "pk")
    )
    reports = [
        report
        for report in waiting
        if rules.can_review(user, report) or rules.can_endorse(user, report)
    ]
    files = attachments_by_target(ProgressReport, [report.pk for report in reports])
    return [
        ReportLine(
            report,
            files.get(report.pk, []),
            rules.can_endorse(user, report),
            rules.can_review(user, report),
            rules.can_reject(user, report),
        )
        for report in reports
    ]
