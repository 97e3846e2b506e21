"""Recording moves. The caller holds the lock and the transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.statements import insert_rows

from .models import Move
from .transitions import TransitionTable


def move(
    obj: models.Model,
    action: str,
    *,
    table: TransitionTable,
    actor: Any,
    at: datetime,
    reason: str = "",
    audit_action: str,
    details: dict[str, Any] | None = None,
    field: str = "state",
) -> Move:
    """Change `obj.<field>` along `table`, and write the move and its audit event.

    `obj` must be locked by the caller; it is changed but not saved. Raises TransitionNotAllowed,
    or InvalidInput when the action needs a reason and none is given.
    """
    current = getattr(obj, field)
    target = table.next_state(current, action)
    if table.transitions[action].needs_reason and not reason.strip():
        message = _("Give a reason: others will read it.")
        raise InvalidInput(message, problems=[FieldProblem("reason", message, "required")])
    setattr(obj, field, target)
    step = Move(
        target_type=obj._meta.label_lower,
        target_id=obj.pk,
        action=action,
        source=current,
        target=target,
        actor=actor,
        reason=reason.strip(),
        at=at,
    )
    insert_rows([step])
    audit.record(
        audit_action,
        actor=actor,
        target=obj,
        at=at,
        summary=reason.strip(),
        details={"from": current, "to": target, **(details or {})},
    )
    return step


def history(obj: models.Model) -> models.QuerySet[Move]:
    """Moves of `obj`, newest first, with their actors. 1 query."""
    return Move.objects.filter(target_type=obj._meta.label_lower, target_id=obj.pk).select_related(
        "actor"
    )
