"""From the document's responsibilities to obligations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import Move
from jingkai.delivery.policy.public import Document, KeyTask, Responsibility, StandingRule
from jingkai.masterdata.organisations.public import Body, BodyKind

from .. import rules
from ..models import Obligation, ObligationKind, ObligationState
from ..states import TARGET_TYPE

_MEMBERS: Final = {
    "ALL_DISTRICTS": BodyKind.DISTRICT,
    "ALL_COMMITTEES": BodyKind.COMMITTEE,
}


@dataclass(frozen=True, slots=True)
class Registered:
    """How many whole tasks and shares were added; the rest was there already."""

    tasks: int
    shares: int


@transaction.atomic
def register_obligations(
    *,
    document: Document,
    due_on: date,
    actor: User,
    now: datetime,
) -> Registered:
    """Register each key task of `document` and the share of each body that answers for it.

    A share is added for every body the task names, and for every body of the standing rules that
    bind every task ("all districts and zone committees carry out every task"). Idempotent: what is
    registered, or was withdrawn by a person, is left alone. Raises NotPermitted.
    """
    require(rules.can_administer(actor))
    Document.objects.select_for_update().get(pk=document.pk)
    bound = _expand(
        Body.objects.filter(
            pk__in=StandingRule.objects.filter(document=document, binds_tasks=True).values("bodies")
        )
    )
    tasks = list(KeyTask.objects.filter(document=document).order_by("number"))
    wholes = _whole_tasks(tasks, due_on=due_on)
    known = set(
        Obligation.objects.filter(task__in=tasks, kind=ObligationKind.SHARE).values_list(
            "task_id", "body_id"
        )
    )
    fresh: list[Obligation] = []
    for task_id, named in _named_bodies(tasks).items():
        parent = wholes[task_id]
        if parent.state == ObligationState.WITHDRAWN:
            continue
        for body, responsibility in {**dict.fromkeys(bound, None), **named}.items():
            if (task_id, body.pk) not in known:
                fresh.append(
                    Obligation(
                        kind=ObligationKind.SHARE,
                        task_id=task_id,
                        body=body,
                        parent=parent,
                        responsibility=responsibility,
                        original_due_on=parent.due_on,
                        due_on=parent.due_on,
                    )
                )
    new_tasks = [whole for whole in wholes.values() if whole.pk is None]
    Obligation.objects.bulk_create(new_tasks)
    Obligation.objects.bulk_create(fresh)
    Move.objects.bulk_create(
        Move(
            target_type=TARGET_TYPE,
            target_id=row.pk,
            action="register",
            target=ObligationState.REGISTERED,
            actor=actor,
            at=now,
        )
        for row in (*new_tasks, *fresh)
    )
    if new_tasks or fresh:
        audit.record(
            "supervision.obligations.registered",
            actor=actor,
            target=document,
            at=now,
            details={"tasks": len(new_tasks), "shares": len(fresh)},
            row_count=len(new_tasks) + len(fresh),
        )
    return Registered(len(new_tasks), len(fresh))


def _whole_tasks(tasks: Iterable[KeyTask], *, due_on: date) -> dict[int, Obligation]:
    """The whole-task obligation of each task, the missing ones unsaved; the latest wins."""
    wholes = {
        row.task_id: row
        for row in Obligation.objects.filter(task__in=tasks, kind=ObligationKind.TASK).order_by(
            "pk"
        )
    }
    leads = {row.task_id: row for row in Responsibility.objects.filter(task__in=tasks, role="lead")}
    for task in tasks:
        if task.pk not in wholes:
            lead = leads.get(task.pk)
            wholes[task.pk] = Obligation(
                kind=ObligationKind.TASK,
                task=task,
                body_id=lead.body_id if lead else None,
                responsibility=lead,
                original_due_on=due_on,
                due_on=due_on,
            )
    return wholes


def _named_bodies(tasks: Iterable[KeyTask]) -> dict[int, dict[Body, Responsibility | None]]:
    """Bodies named for each task, groups replaced by their members."""
    named: dict[int, dict[Body, Responsibility | None]] = {task.pk: {} for task in tasks}
    rows = Responsibility.objects.filter(task__in=tasks).select_related("body")
    for row in rows.order_by("position", "pk"):
        assert row.task_id is not None
        for body in _expand([row.body]):
            named[row.task_id].setdefault(body, row)
    return named


def _expand(bodies: Iterable[Body]) -> list[Body]:
    """Groups such as "all districts" become their members; duplicates go."""
    found: dict[int, Body] = {}
    for body in bodies:
        kind = _MEMBERS.get(body.code.replace("-", "_").upper())
        if kind is not None:
            members = Body.objects.filter(kind=kind, merged_into__isnull=True)
        elif body.kind == BodyKind.GROUP:
            members = Body.objects.filter(parent=body, merged_into__isnull=True)
        else:
            found.setdefault(body.pk, body)
            continue
        for member in members.exclude(kind=BodyKind.GROUP):
            found.setdefault(member.pk, member)
    return list(found.values())
