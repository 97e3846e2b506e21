"""Who leads and who assists: the policy room keeps the decision, obligations follow it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.delivery.policy import public as policy
from jingkai.delivery.policy.public import KeyTask, Responsibility, ResponsibilityRole

from ..models import Obligation, ObligationKind, ObligationState


@transaction.atomic
def assign_roles(
    *,
    task_id: int,
    lead_body_id: int,
    assist_body_ids: Sequence[int],
    reason: str,
    actor: User,
    now: datetime,
) -> None:
    """Name the lead and the assisting bodies of a key task by the office's decision.

    Raises what `policy.assign_roles` raises: NotPermitted, InvalidInput.
    """
    policy.assign_roles(
        task_id=task_id,
        lead_body_id=lead_body_id,
        assist_body_ids=assist_body_ids,
        actor=actor,
        now=now,
        reason=reason,
    )


def follow_roles(thing: object, actor: User | None, now: datetime) -> None:
    """Hook of the policy room: let the obligations of a key task follow its roles.

    The whole task is held by the lead; each share points at its body's responsibility. Runs in
    the transaction of the decision.
    """
    if not isinstance(thing, KeyTask):
        return
    named = {row.body_id: row for row in Responsibility.objects.filter(task=thing)}
    lead = next((body for body, row in named.items() if row.role == ResponsibilityRole.LEAD), None)
    rows = (
        Obligation.objects.select_for_update()
        .filter(task=thing)
        .exclude(state=ObligationState.WITHDRAWN)
        .order_by("kind", "pk")  # shares before the whole task, as everywhere
    )
    for row in rows:
        before = (row.body_id, row.responsibility_id)
        if row.kind == ObligationKind.TASK:
            row.body_id = lead
            row.responsibility = named.get(lead) if lead is not None else None
        elif row.body_id in named:
            row.responsibility = named[row.body_id]
        if before != (row.body_id, row.responsibility_id):
            row.save(update_fields=["body", "responsibility"])
            if row.kind == ObligationKind.TASK:
                audit.record(
                    "supervision.task.led",
                    actor=actor,
                    target=row,
                    at=now,
                    details={"from": before[0], "to": lead},
                )
