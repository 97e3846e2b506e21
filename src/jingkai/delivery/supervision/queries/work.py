"""What waits for one person, what is late, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Role, User
from jingkai.core.notices.public import Deadline

from ..models import (
    Extension,
    ExtensionState,
    Obligation,
    ObligationKind,
    ObligationState,
    ProgressReport,
    ReportState,
    Urge,
)
from ..rules import BODY_PEOPLE, SIGNERS
from ..states import RUNNING_STATES

Group = Literal["waiting", "late", "coming"]
_REPORT_AHEAD = timedelta(days=10)
_TASK_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing for one person. `what` says what to do; the link leads to where it is done."""

    group: Group
    kind: str
    what: str
    title: str
    body: str
    url: str
    due_on: date | None
    light: str
    late_days: int = 0


def my_work(user: User, today: date) -> list[WorkItem]:
    """Waiting for me, late, coming; the earliest due first in each. At most 8 queries."""
    items = [*_of_my_bodies(user, today), *_reviews(user), *_urges(user)]
    if user.has_role(Role.OFFICE):
        items += _of_the_office()
    if user.has_role(Role.LEADER):
        items += _of_the_leader()
    order = {"waiting": 0, "late": 1, "coming": 2}
    return sorted(
        items, key=lambda i: (order[i.group], i.due_on or date.max, i.kind, i.title, i.body)
    )


def _item(
    row: Obligation, group: Group, kind: str, what: str, due: date | None, late: int = 0
) -> WorkItem:
    return WorkItem(
        group=group,
        kind=kind,
        what=what,
        title=f"{row.task.number}. {row.task.title}",
        body=str(row.body or ""),
        url=reverse("supervision:obligation", args=[row.pk]),
        due_on=due,
        light=row.light,
        late_days=late,
    )


def _mine(user: User, *roles: Role) -> QuerySet[Obligation]:
    return Obligation.objects.filter(
        body_id__in=user.body_ids(*roles), kind=ObligationKind.SHARE
    ).select_related("task", "body")


def _of_my_bodies(user: User, today: date) -> list[WorkItem]:
    if not user.body_ids(*BODY_PEOPLE):
        return []
    signs = user.body_ids(*SIGNERS)
    found: list[WorkItem] = []
    for row in _mine(user, *BODY_PEOPLE).filter(state__in=RUNNING_STATES):
        if row.state == ObligationState.ISSUED and row.body_id in signs:
            found.append(_item(row, "waiting", "sign", _("Sign for"), row.sign_by))
        if row.state == ObligationState.ACTIVE and row.next_report_due is not None:
            if row.next_report_due <= today:
                found.append(
                    _item(
                        row,
                        "waiting",
                        "report",
                        _("Report progress"),
                        row.next_report_due,
                        (today - row.next_report_due).days,
                    )
                )
            elif row.next_report_due <= today + _REPORT_AHEAD:
                found.append(
                    _item(row, "coming", "report", _("Report progress"), row.next_report_due)
                )
        if row.due_on < today:
            found.append(_item(row, "late", "task", _("Overdue"), row.due_on, row.late_days))
        elif row.due_on <= today + _TASK_AHEAD:
            found.append(_item(row, "coming", "task", _("Due"), row.due_on))
    return found


def _reviews(user: User) -> list[WorkItem]:
    bodies = user.body_ids(*SIGNERS)
    if not bodies:
        return []
    reports = (
        ProgressReport.objects.filter(state=ReportState.SUBMITTED, obligation__body_id__in=bodies)
        .exclude(submitted_by=user)
        .select_related("obligation__task", "obligation__body")
    )
    return [
        _item(
            r.obligation,
            "waiting",
            "review",
            _("Check the completion") if r.is_completion else _("Review the report"),
            None,
        )
        for r in reports
    ]


def _urges(user: User) -> list[WorkItem]:
    bodies = user.body_ids(*BODY_PEOPLE)
    if not bodies:
        return []
    urges = Urge.objects.filter(
        answered_at__isnull=True,
        obligation__body_id__in=bodies,
        obligation__state__in=RUNNING_STATES,
    ).select_related("obligation__task", "obligation__body")
    return [
        _item(u.obligation, "waiting", "urge", _("Answer the urge"), u.answer_by) for u in urges
    ]


def _of_the_office() -> list[WorkItem]:
    rows = Obligation.objects.select_related("task", "body")
    found = [
        _item(row, "waiting", "dispute", _("Settle the dispute"), None)
        for row in rows.filter(state=ObligationState.DISPUTED)
    ]
    for request in Extension.objects.filter(state=ExtensionState.REQUESTED).select_related(
        "obligation__task", "obligation__body"
    ):
        found.append(
            _item(
                request.obligation,
                "waiting",
                "extension",
                _("Decide the extension"),
                request.from_date,
            )
        )
    for report in ProgressReport.objects.filter(state=ReportState.ENDORSED).select_related(
        "obligation__task", "obligation__body"
    ):
        found.append(
            _item(report.obligation, "waiting", "complete", _("Decide on completion"), None)
        )
    found += [
        _item(row, "waiting", "close", _("Strike off"), None)
        for row in rows.filter(state=ObligationState.COMPLETED, kind=ObligationKind.SHARE)
    ]
    return found


def _of_the_leader() -> list[WorkItem]:
    urges = Urge.objects.filter(
        is_escalation=True, answered_at__isnull=True, obligation__state__in=RUNNING_STATES
    ).select_related("obligation__task", "obligation__body")
    return [
        _item(
            u.obligation,
            "waiting",
            "escalation",
            _("Urged to the limit"),
            u.answer_by,
            u.obligation.late_days,
        )
        for u in urges
    ]


def deadlines_for(user: User) -> list[Deadline]:
    """Days by which the person's bodies owe something, for the calendar feed. 1 query."""
    if not user.body_ids(*BODY_PEOPLE):
        return []
    rows = _mine(user, *BODY_PEOPLE).filter(
        Q(state=ObligationState.ISSUED) | Q(state=ObligationState.ACTIVE)
    )
    found = []
    for row in rows:
        url = reverse("supervision:obligation", args=[row.pk])
        words = {"n": row.task.number, "title": row.task.title}
        found.append(
            Deadline(
                f"supervision-{row.pk}-due", _("Due: task %(n)d %(title)s") % words, row.due_on, url
            )
        )
        if row.state == ObligationState.ISSUED and row.sign_by is not None:
            found.append(
                Deadline(
                    f"supervision-{row.pk}-sign",
                    _("Sign for: task %(n)d %(title)s") % words,
                    row.sign_by,
                    url,
                )
            )
        if row.next_report_due is not None:
            found.append(
                Deadline(
                    f"supervision-{row.pk}-report",
                    _("Report: task %(n)d %(title)s") % words,
                    row.next_report_due,
                    url,
                )
            )
    return found
