"""办结 and 销号: the end of a share and of the whole task, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.files import public as files
from jingkai.core.verdicts import require

from .. import rules
from ..calendar import add_days
from ..clock import bring_up_to_date
from ..ground import Ground
from ..models import Obligation, ObligationKind, ObligationState, ProgressReport, ReportState
from ..people import people, tell
from ..states import SETTLED_STATES
from ._steps import at_ground, finish, lock_obligation, needs_text, step

NextFigure = Callable[[int, datetime], bool | None]
"""(task id, completed at) → has a linked indicator a later figure? None: none is linked."""

_next_figure: NextFigure | None = None

_BINDS_NOBODY = frozenset({ObligationState.REGISTERED})
"""A share that was never handed over holds nothing up."""


def register_next_figure(source: NextFigure) -> None:
    """Say where to see whether a task's indicators have a figure later than its completion."""
    global _next_figure
    _next_figure = source


def waits_for_figure(obligation: Obligation) -> bool:
    """A completed whole task waits for the next figure of its indicators, unless exempt."""
    if (
        obligation.kind != ObligationKind.TASK
        or obligation.exemption
        or obligation.completed_at is None
        or _next_figure is None
    ):
        return False
    return _next_figure(obligation.task_id, obligation.completed_at) is False


@transaction.atomic
def conclude(
    *,
    obligation_id: int,
    actor: User,
    now: datetime,
    note: str = "",
    ground: Ground | None = None,
) -> Obligation:
    """Complete a whole task whose issued shares are all done.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput for a share, Conflict while a share
    is open.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    if obligation.kind != ObligationKind.TASK:
        raise InvalidInput(_("A share is completed through its completion report."))
    left = obligation.shares.exclude(state__in=_BINDS_NOBODY | SETTLED_STATES).count()
    if left:
        raise Conflict(_("%(n)d shares of this task are not done yet.") % {"n": left})
    bring_up_to_date(obligation, now=now, ground=ground)
    step(obligation, "conclude", actor=actor, now=now, reason=note)
    obligation.completed_at = now
    return finish(obligation, now=now, ground=ground)


@transaction.atomic
def close(
    *,
    obligation_id: int,
    actor: User,
    now: datetime,
    note: str = "",
    ground: Ground | None = None,
) -> Obligation:
    """Strike a completed obligation off the list (销号).

    A share needs evidence on its accepted completion; a whole task needs all shares closed and
    the next figure of its indicators, or a leader's exemption. Raises NotPermitted,
    TransitionNotAllowed, Conflict.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    step(obligation, "close", actor=actor, now=now, reason=note)
    if obligation.kind == ObligationKind.SHARE:
        if not has_evidence(obligation):
            raise Conflict(
                _("There is no evidence on the accepted completion. It cannot be closed.")
            )
    else:
        left = obligation.shares.exclude(
            state__in=_BINDS_NOBODY | {ObligationState.CLOSED, ObligationState.WITHDRAWN}
        ).count()
        if left:
            raise Conflict(_("%(n)d shares of this task are not closed yet.") % {"n": left})
        if waits_for_figure(obligation):
            raise Conflict(
                _(
                    "The next figure of its indicators has not arrived. "
                    "Wait for it, or ask a city leader for an exemption."
                )
            )
    obligation.closed_at = now
    return finish(obligation, now=now, ground=ground)


def has_evidence(obligation: Obligation) -> bool:
    """The accepted completion of a share carries at least one file. 2 queries."""
    accepted = list(
        obligation.reports.filter(is_completion=True, state=ReportState.ACCEPTED).values_list(
            "pk", flat=True
        )
    )
    return bool(files.attachments_by_target(ProgressReport, accepted))


@transaction.atomic
def exempt_from_figure(
    *, obligation_id: int, reason: str, actor: User, now: datetime
) -> Obligation:
    """Let a whole task be closed without the next figure; a city leader's decision.

    Raises NotPermitted, InvalidInput without reason, Conflict when not completed.
    """
    obligation = lock_obligation(obligation_id)
    require(rules.can_exempt(actor, obligation))
    reason = needs_text("reason", reason)
    if obligation.state != ObligationState.COMPLETED:
        raise Conflict(_("Only a completed task can be exempted."))
    obligation.exemption, obligation.exempted_by, obligation.exempted_at = reason, actor, now
    obligation.save(update_fields=["exemption", "exempted_by", "exempted_at"])
    audit.record(
        "supervision.obligation.exempted", actor=actor, target=obligation, at=now, summary=reason
    )
    return obligation


@transaction.atomic
def reopen(
    *,
    obligation_id: int,
    due_on: date,
    reason: str,
    actor: User,
    now: datetime,
    ground: Ground | None = None,
) -> Obligation:
    """Take a completed or closed obligation up again with a new due date; late days stay.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    obligation = lock_obligation(obligation_id)
    today = timezone.localdate(now)
    if due_on <= today:
        message = _("The due date must lie after today.")
        raise InvalidInput(message, problems=[FieldProblem("due_on", message)])
    step(
        obligation,
        "reopen",
        actor=actor,
        now=now,
        reason=reason,
        details={"due_on": due_on.isoformat()},
    )
    obligation.settled_late_days = obligation.late_days
    obligation.due_on = due_on
    obligation.completed_at = obligation.closed_at = None
    obligation.exemption, obligation.exempted_by, obligation.exempted_at = "", None, None
    if obligation.kind == ObligationKind.SHARE:
        term = ground.book.interval("green")
        obligation.next_report_due = min(
            add_days(ground.calendar, today, term.days, term.basis), due_on
        )
        assert obligation.parent_id is not None
        parent = lock_obligation(obligation.parent_id)
        if parent.state in (ObligationState.COMPLETED, ObligationState.CLOSED):
            raise Conflict(_("The whole task is done. Reopen the whole task first."))
    finish(obligation, now=now, ground=ground)
    tell(
        people(rules.BODY_PEOPLE, today, obligation.body_id) if obligation.body_id else [],
        kind="reopened",
        obligation=obligation,
        now=now,
        body=reason,
        say=lambda: (
            _("Reopened: task %(n)d %(title)s")
            % {"n": obligation.task.number, "title": obligation.task.title}
        ),
    )
    return obligation
