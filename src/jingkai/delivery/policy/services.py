"""Writing: who leads and assists, and what a conflict of the document means from now on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict as Clash
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.masterdata.organisations.public import Body, BodyKind

from . import rules
from .models import (
    AssignedBy,
    Clause,
    Conflict,
    ConflictState,
    KeyTask,
    Responsibility,
    ResponsibilityRole,
)
from .registry import conflict_hooks, roles_changed
from .states import CONFLICT_TABLE

_ROLE = ResponsibilityRole
_MAX_ROLE_REASON = 500
_MAX_REASON = 1000


# --- who leads and who assists


@transaction.atomic
def assign_roles(
    *,
    task_id: int | None = None,
    clause_id: int | None = None,
    lead_body_id: int | None,
    assist_body_ids: Sequence[int],
    actor: User,
    now: datetime,
    reason: str,
) -> Clause | KeyTask:
    """Say who leads and who assists one key task or one clause; replaces an earlier assignment.

    What the document itself says stays beside it (`Responsibility.stated_role`). Bodies the
    document does not name may be added. Saying the same again changes and records nothing.

    Raises NotPermitted; InvalidInput for a missing reason, an unknown or ended body, a group as
    lead, or a lead that also assists; DoesNotExist for an unknown task or clause.
    """
    thing = _locked_thing(task_id, clause_id)
    require(rules.can_assign_roles(actor))
    reason = _reason(reason, limit=_MAX_ROLE_REASON)
    if lead_body_id is None and not assist_body_ids:
        raise _invalid("lead", _("Name a lead or an assisting body, or remove the assignment."))
    if lead_body_id in set(assist_body_ids):
        raise _invalid("assist", _("The leading body cannot assist itself."))
    wanted: dict[int, str] = dict.fromkeys(assist_body_ids, _ROLE.ASSIST)
    if lead_body_id is not None:
        wanted[lead_body_id] = _ROLE.LEAD
    _check_bodies(wanted, now)
    before = _roles_of(thing)
    # An unchanged row keeps its first actor and time: it was decided then.
    if _decided(before) == wanted:
        return thing
    _return_to_document(thing, keep=wanted)
    _apply(thing, wanted, actor=actor, now=now, reason=reason)
    _record("policy.roles.assigned", thing, before, actor=actor, now=now, reason=reason)
    return thing


@transaction.atomic
def remove_roles(
    *,
    task_id: int | None = None,
    clause_id: int | None = None,
    actor: User,
    now: datetime,
    reason: str,
) -> Clause | KeyTask:
    """Take the office's assignment back: what the document says holds again.

    Raises NotPermitted; InvalidInput without a reason; Conflict when nothing is assigned;
    DoesNotExist for an unknown task or clause.
    """
    thing = _locked_thing(task_id, clause_id)
    require(rules.can_assign_roles(actor))
    reason = _reason(reason, limit=_MAX_ROLE_REASON)
    before = _roles_of(thing)
    if not _decided(before):
        raise Clash(_("Nothing is assigned here: the document's own statement holds already."))
    _return_to_document(thing, keep={})
    _record("policy.roles.removed", thing, before, actor=actor, now=now, reason=reason)
    return thing


def _locked_thing(task_id: int | None, clause_id: int | None) -> Clause | KeyTask:
    if task_id is not None and clause_id is None:
        return KeyTask.objects.select_for_update().get(pk=task_id)
    if clause_id is not None and task_id is None:
        return Clause.objects.select_for_update().get(pk=clause_id)
    raise ValueError("name either a task or a clause")


def _roles_of(thing: Clause | KeyTask) -> list[Responsibility]:
    return list(thing.responsibilities.select_related("body").order_by("position", "pk"))


def _decided(rows: Sequence[Responsibility]) -> dict[int, str]:
    """Leads and assists given by persons; a document's lead that gave way is neither."""
    return {
        row.body_id: row.role
        for row in rows
        if row.assigned_by == AssignedBy.PERSON and row.role != _ROLE.UNSPECIFIED
    }


def _check_bodies(wanted: dict[int, str], now: datetime) -> None:
    bodies = Body.objects.in_bulk(list(wanted))
    today = timezone.localdate(now)
    for body_id, role in wanted.items():
        field = "lead" if role == _ROLE.LEAD else "assist"
        body = bodies.get(body_id)
        if body is None:
            raise _invalid(field, _("This body does not exist."))
        if body.merged_into_id is not None or (body.valid_to and body.valid_to < today):
            raise _invalid(
                field, _("%(body)s no longer exists: name its successor.") % {"body": body.name}
            )
        if role == _ROLE.LEAD and body.kind == BodyKind.GROUP:
            raise _invalid(
                field,
                _("%(body)s is a group and cannot lead: name one body.") % {"body": body.name},
            )


def _return_to_document(thing: Clause | KeyTask, *, keep: dict[int, str]) -> None:
    """Undo persons' roles that are not wanted as they are, a restored lead last: there is one."""
    rows = sorted(_roles_of(thing), key=lambda row: row.document_role == _ROLE.LEAD)
    for row in rows:
        if row.assigned_by != AssignedBy.PERSON or keep.get(row.body_id) == row.role:
            continue
        if row.document_role == _ROLE.LEAD and _ROLE.LEAD in keep.values():
            continue
        if not row.document_role:
            row.delete()
            continue
        row.role, row.document_role = row.document_role, ""
        row.assigned_by, row.assigned_actor, row.assigned_at = AssignedBy.DOCUMENT, None, None
        row.reason = ""
        row.save()


def _apply(
    thing: Clause | KeyTask, wanted: dict[int, str], *, actor: User, now: datetime, reason: str
) -> None:
    rows = {row.body_id: row for row in _roles_of(thing)}
    if any(role == _ROLE.LEAD for role in wanted.values()):
        # A lead named by the document gives way; its statement is kept.
        for row in rows.values():
            if row.role == _ROLE.LEAD and wanted.get(row.body_id) != _ROLE.LEAD:
                _overrule(row, _ROLE.UNSPECIFIED, actor=actor, now=now, reason=reason)
    last = max((row.position for row in rows.values()), default=0)
    for body_id, role in sorted(wanted.items(), key=lambda item: item[1] != _ROLE.LEAD):
        found = rows.get(body_id)
        if found is not None and found.assigned_by == AssignedBy.PERSON and found.role == role:
            continue
        if found is None:
            last += 1
            found = Responsibility(body_id=body_id, position=last)
            if isinstance(thing, KeyTask):
                found.task = thing
            else:
                found.clause = thing
            found.assigned_by = AssignedBy.PERSON
        _overrule(found, role, actor=actor, now=now, reason=reason)


def _overrule(row: Responsibility, role: str, *, actor: User, now: datetime, reason: str) -> None:
    if row.assigned_by == AssignedBy.DOCUMENT:
        row.document_role = row.role
    row.role, row.assigned_by = role, AssignedBy.PERSON
    row.assigned_actor, row.assigned_at, row.reason = actor, now, reason
    row.full_clean()
    row.save()


def _record(
    action: str,
    thing: Clause | KeyTask,
    before: Sequence[Responsibility],
    *,
    actor: User,
    now: datetime,
    reason: str,
) -> None:
    audit.record(
        action,
        actor=actor,
        target=thing,
        at=now,
        summary=reason,
        details={"before": _as_json(before), "after": _as_json(_roles_of(thing))},
    )
    roles_changed(thing, actor, now)


def _as_json(rows: Sequence[Responsibility]) -> list[dict[str, str]]:
    return [
        {"body": row.body.code, "role": row.role, "assigned_by": row.assigned_by} for row in rows
    ]


# --- conflicts


@transaction.atomic
def decide_conflict(
    *, conflict_id: int, chosen: str, reason: str, actor: User, now: datetime
) -> Conflict:
    """Decide which statement holds (`chosen` is its key), or "" when only the reason says it.

    What rooms above registered with `on_conflict_decided` happens in the same transaction.

    Raises NotPermitted; Conflict naming who decided and when, if somebody was faster; InvalidInput
    for an unknown statement or a missing reason; DoesNotExist for an unknown conflict.
    """
    conflict = _locked_conflict(conflict_id)
    require(rules.can_decide_conflict(actor))
    if conflict.state == ConflictState.DECIDED:
        raise Clash(
            _("%(who)s decided this conflict on %(when)s. Reopen it if the decision is wrong.")
            % {
                "who": conflict.decided_by.name if conflict.decided_by else "",
                "when": _moment(conflict.decided_at),
            },
            decided_by=getattr(conflict.decided_by, "username", ""),
        )
    reason = _reason(reason, limit=_MAX_REASON)
    if chosen and chosen not in {str(entry.get("key")) for entry in conflict.statements}:
        raise _invalid("chosen", _("Choose one of the statements shown."))
    _move(conflict, "decide", actor=actor, now=now, reason=reason, details={"chosen": chosen})
    conflict.chosen, conflict.reason = chosen, reason
    conflict.decided_by, conflict.decided_at = actor, now
    return _finish(conflict, actor, now)


@transaction.atomic
def reopen_conflict(*, conflict_id: int, reason: str, actor: User, now: datetime) -> Conflict:
    """Take a decision back; it stays in the history. Hooks of rooms above run as on a decision.

    Raises NotPermitted; TransitionNotAllowed when it is open; InvalidInput without a reason;
    DoesNotExist for an unknown conflict.
    """
    conflict = _locked_conflict(conflict_id)
    require(rules.can_decide_conflict(actor))
    CONFLICT_TABLE.next_state(conflict.state, "reopen")
    reason = _reason(reason, limit=_MAX_REASON)
    taken_back = {"chosen": conflict.chosen, "reason": conflict.reason}
    details = {"taken_back": taken_back}
    _move(conflict, "reopen", actor=actor, now=now, reason=reason, details=details)
    conflict.chosen, conflict.reason = "", ""
    conflict.decided_by, conflict.decided_at = None, None
    return _finish(conflict, actor, now)


def _locked_conflict(conflict_id: int) -> Conflict:
    return (
        Conflict.objects.select_for_update(of=("self",))
        .select_related("decided_by")
        .get(pk=conflict_id)
    )


def _move(
    conflict: Conflict,
    action: str,
    *,
    actor: User,
    now: datetime,
    reason: str,
    details: dict[str, Any],
) -> None:
    past = {"decide": "decided", "reopen": "reopened"}[action]
    move(
        conflict,
        action,
        table=CONFLICT_TABLE,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"policy.conflict.{past}",
        details=details,
    )


def _finish(conflict: Conflict, actor: User, now: datetime) -> Conflict:
    conflict.full_clean()
    conflict.save()
    for hook in conflict_hooks:
        hook(conflict, actor, now)
    return conflict


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _reason(text: str, *, limit: int) -> str:
    text = text.strip()
    if not text:
        raise _invalid("reason", _("Give a reason: others will read it."), code="required")
    if len(text) > limit:
        raise _invalid(
            "reason",
            _("The reason has %(length)d characters; %(limit)d fit.")
            % {"length": len(text), "limit": limit},
        )
    return text


def _invalid(field: str, message: str, *, code: str = "invalid") -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message, code)])
