"""交办, 签收, 权属异议: from the office to the body, and back when it is not theirs."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Role, User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import Move
from jingkai.masterdata.organisations.public import Body

from .. import rules
from ..calendar import add_days
from ..ground import Ground, next_round
from ..models import (
    Dispute,
    DisputeOutcome,
    Obligation,
    ObligationKind,
    ObligationState,
)
from ..people import people, tell
from ..states import TARGET_TYPE
from ._steps import at_ground, finish, lock_obligation, needs_text, step


@transaction.atomic
def issue(
    *,
    obligation_id: int,
    due_on: date,
    actor: User,
    now: datetime,
    sign_by: date | None = None,
    ground: Ground | None = None,
) -> Obligation:
    """Hand a share to its body, to be signed for by `sign_by` (default: the usual term).

    The whole task is issued with its first share. Raises NotPermitted, TransitionNotAllowed,
    or InvalidInput when a date lies in the past.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    return _issue(
        lock_obligation(obligation_id),
        due_on=due_on,
        sign_by=sign_by,
        actor=actor,
        now=now,
        ground=ground,
    )


def _issue(
    obligation: Obligation,
    *,
    due_on: date,
    sign_by: date | None,
    actor: User,
    now: datetime,
    ground: Ground,
) -> Obligation:
    if obligation.kind != ObligationKind.SHARE:
        raise InvalidInput(_("The whole task is issued with its first share."))
    today = timezone.localdate(now)
    term = ground.book.sign_within
    sign_by = sign_by or add_days(ground.calendar, today, term.days, term.basis)
    check_dates(today, sign_by, due_on)
    step(
        obligation,
        "issue",
        actor=actor,
        now=now,
        details={"due_on": due_on.isoformat(), "sign_by": sign_by.isoformat()},
    )
    obligation.issued_at, obligation.sign_by = now, sign_by
    obligation.original_due_on = obligation.due_on = due_on
    assert obligation.parent_id is not None
    parent = lock_obligation(obligation.parent_id)
    if parent.state == ObligationState.REGISTERED:
        step(parent, "issue", actor=actor, now=now)
        parent.issued_at = now
        parent.original_due_on = parent.due_on = due_on
    elif parent.due_on < due_on:
        parent.due_on = due_on
    parent.save()
    finish(obligation, now=now, ground=ground)
    tell(
        people(rules.SIGNERS, today, obligation.body_id),
        kind="issued",
        obligation=obligation,
        now=now,
        at_once=True,
        say=lambda: (
            _("Issued to you: task %(n)d %(title)s, sign for it by %(day)s")
            % {
                "n": obligation.task.number,
                "title": obligation.task.title,
                "day": sign_by.isoformat(),
            }
        ),
    )
    return obligation


def check_dates(today: date, sign_by: date, due_on: date) -> None:
    """Raise InvalidInput unless today < due date and today ≤ sign-by ≤ due date."""
    problems = []
    if due_on <= today:
        problems.append(FieldProblem("due_on", _("The due date must lie after today.")))
    if sign_by < today:
        problems.append(FieldProblem("sign_by", _("The day to sign by has passed.")))
    if sign_by > due_on:
        problems.append(FieldProblem("sign_by", _("The day to sign by lies after the due date.")))
    if problems:
        raise InvalidInput(problems=problems)


@transaction.atomic
def sign(
    *, obligation_id: int, actor: User, now: datetime, ground: Ground | None = None
) -> Obligation:
    """Sign for a share: it is now in progress and its reporting rounds begin.

    Raises NotPermitted, TransitionNotAllowed.
    """
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    require(rules.can_sign(actor, obligation))
    if obligation.kind == ObligationKind.TASK:
        raise InvalidInput(_("The whole task starts when its first share is signed for."))
    step(obligation, "sign", actor=actor, now=now)
    obligation.signed_at = now
    obligation.next_report_due = next_round(
        ground, timezone.localdate(now), "green", due_on=obligation.due_on
    )
    assert obligation.parent_id is not None
    parent = lock_obligation(obligation.parent_id)
    if parent.state == ObligationState.ISSUED:
        step(parent, "sign", actor=actor, now=now)
        parent.signed_at = now
        parent.save()
    return finish(obligation, now=now, ground=ground)


@transaction.atomic
def dispute(
    *,
    obligation_id: int,
    reason: str,
    actor: User,
    now: datetime,
    proposed_body_id: int | None = None,
    ground: Ground | None = None,
) -> Dispute:
    """Say that a share belongs to somebody else; the office decides.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput without reason or for the same body.
    """
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    require(rules.can_dispute(actor, obligation))
    if proposed_body_id is not None:
        _body_for(obligation, proposed_body_id, "proposed_body")
    step(obligation, "dispute", actor=actor, now=now, reason=reason)
    found = Dispute(
        obligation=obligation,
        proposed_body_id=proposed_body_id,
        reason=reason.strip(),
        raised_by=actor,
        raised_at=now,
    )
    check_row(found)
    found.save()
    finish(obligation, now=now, ground=ground)
    tell(
        people([Role.OFFICE], timezone.localdate(now)),
        kind="disputed",
        obligation=obligation,
        now=now,
        say=lambda: (
            _("%(body)s disputes task %(n)d %(title)s")
            % {"body": obligation.body, "n": obligation.task.number, "title": obligation.task.title}
        ),
    )
    return found


@transaction.atomic
def settle_dispute(
    *,
    obligation_id: int,
    keep: bool,
    note: str,
    actor: User,
    now: datetime,
    new_body_id: int | None = None,
    ground: Ground | None = None,
) -> Obligation:
    """Keep a disputed share with its body, or give it to `new_body_id`.

    Reassigning withdraws the share, and registers and issues a new one with the same due date.
    Returns the share that holds afterwards. Raises NotPermitted, TransitionNotAllowed,
    InvalidInput, or Conflict when the new body has its share already.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    today = timezone.localdate(now)
    term = ground.book.sign_within
    sign_by = add_days(ground.calendar, today, term.days, term.basis)
    if not keep and new_body_id is None:
        message = _("Say which body takes it over.")
        raise InvalidInput(message, problems=[FieldProblem("new_body", message, "required")])
    body = _body_for(obligation, new_body_id, "new_body") if new_body_id and not keep else None
    step(
        obligation,
        "keep" if keep else "reassign",
        actor=actor,
        now=now,
        reason=note,
        details={"new_body": body.code} if body else None,
    )
    open_dispute = obligation.disputes.get(outcome=DisputeOutcome.OPEN)
    open_dispute.outcome = DisputeOutcome.KEPT if keep else DisputeOutcome.REASSIGNED
    open_dispute.new_body = body
    open_dispute.decided_by, open_dispute.decided_at = actor, now
    open_dispute.decision_note = note.strip()
    check_row(open_dispute)
    open_dispute.save()
    if keep:
        obligation.sign_by = sign_by
    finish(obligation, now=now, ground=ground)
    tell(
        people(rules.SIGNERS, today, obligation.body_id),
        kind="dispute-settled",
        obligation=obligation,
        now=now,
        say=lambda: (
            _("Dispute about task %(n)d %(title)s decided: %(outcome)s")
            % {
                "n": obligation.task.number,
                "title": obligation.task.title,
                "outcome": open_dispute.get_outcome_display(),
            }
        ),
    )
    if body is None:
        return obligation
    successor = Obligation(
        kind=ObligationKind.SHARE,
        task=obligation.task,
        body=body,
        parent_id=obligation.parent_id,
        original_due_on=obligation.due_on,
        due_on=obligation.due_on,
    )
    check_row(successor)
    successor.save()
    Move.objects.create(
        target_type=TARGET_TYPE,
        target_id=successor.pk,
        action="register",
        target=ObligationState.REGISTERED,
        actor=actor,
        at=now,
        reason=note.strip(),
    )
    audit.record(
        "supervision.obligation.registered",
        actor=actor,
        target=successor,
        at=now,
        details={"instead_of": obligation.pk},
    )
    return _issue(
        successor,
        due_on=max(obligation.due_on, sign_by),
        sign_by=sign_by,
        actor=actor,
        now=now,
        ground=ground,
    )


def _body_for(obligation: Obligation, body_id: int, field: str) -> Body:
    body = Body.objects.filter(pk=body_id).first()
    if body is None or body.pk == obligation.body_id:
        message = _("Choose another body.")
        raise InvalidInput(message, problems=[FieldProblem(field, message)])
    if (
        Obligation.objects.filter(task_id=obligation.task_id, body=body, kind=ObligationKind.SHARE)
        .exclude(state=ObligationState.WITHDRAWN)
        .exists()
        and field == "new_body"
    ):
        raise Conflict(_("%(body)s already has its share of this task.") % {"body": body.name})
    return body


@transaction.atomic
def withdraw(
    *, obligation_id: int, reason: str, actor: User, now: datetime, ground: Ground | None = None
) -> Obligation:
    """Take an obligation back; a whole task takes its open shares with it.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput without reason.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    needs_text("reason", reason)
    # Shares before the whole task, as everywhere: two orders of locking would deadlock.
    shares = list(
        Obligation.objects.select_for_update().filter(parent_id=obligation_id).order_by("pk")
    )
    obligation = lock_obligation(obligation_id)
    settled = (ObligationState.COMPLETED, ObligationState.CLOSED, ObligationState.WITHDRAWN)
    for share in shares:
        if share.state not in settled:
            _withdraw_one(share, reason=reason, actor=actor, now=now, ground=ground)
            share.save()
    _withdraw_one(obligation, reason=reason, actor=actor, now=now, ground=ground)
    return finish(obligation, now=now, ground=ground)


def _withdraw_one(
    obligation: Obligation, *, reason: str, actor: User, now: datetime, ground: Ground
) -> None:
    from ..clock import bring_up_to_date

    bring_up_to_date(obligation, now=now, ground=ground)
    step(obligation, "withdraw", actor=actor, now=now, reason=reason)
    obligation.disputes.filter(outcome=DisputeOutcome.OPEN).update(
        outcome=DisputeOutcome.DROPPED,
        decided_by=actor,
        decided_at=now,
        decision_note=reason.strip(),
    )
    obligation.next_report_due = None
    bring_up_to_date(obligation, now=now, ground=ground)
