"""延期 and 催办: asking for time, and asking for an answer. Both are limited by data."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Role, User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move

from .. import rules
from ..calendar import add_days
from ..clock import bring_up_to_date
from ..ground import Ground
from ..models import Extension, ExtensionState, Obligation, ObligationState, Urge
from ..people import people, tell
from ..rulebook import Term
from ..states import EXTENSION_MOVES
from ._steps import at_ground, finish, lock_obligation, must_be_active, needs_text


@transaction.atomic
def request_extension(
    *,
    obligation_id: int,
    to_date: date,
    reason: str,
    actor: User,
    now: datetime,
    ground: Ground | None = None,
) -> Extension:
    """Ask for a later due date. How often, how long and how early is limited by reference data.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput, or Conflict past the limit or while
    another request waits.
    """
    ground = at_ground(now, ground)
    book, calendar, today = ground.book, ground.calendar, timezone.localdate(now)
    obligation = lock_obligation(obligation_id)
    require(rules.can_request_extension(actor, obligation))
    must_be_active(obligation, _("Request an extension"))
    reason = needs_text("reason", reason)
    granted = obligation.extensions.filter(state=ExtensionState.GRANTED).count()
    if granted >= book.extension_max:
        raise Conflict(
            _("This was extended %(n)d times already; more is not possible.") % {"n": granted}
        )
    notice = book.extension_notice
    if add_days(calendar, today, notice.days, notice.basis) > obligation.due_on:
        raise Conflict(
            _("An extension is asked for at least %(n)d days before the due date.")
            % {"n": notice.days}
        )
    length = book.extension_length
    latest = add_days(calendar, obligation.due_on, length.days, length.basis)
    if not obligation.due_on < to_date <= latest:
        message = _("Choose a day after %(due)s and not after %(latest)s.") % {
            "due": obligation.due_on.isoformat(),
            "latest": latest.isoformat(),
        }
        raise InvalidInput(message, problems=[FieldProblem("to_date", message)])
    request = Extension(
        obligation=obligation,
        from_date=obligation.due_on,
        to_date=to_date,
        reason=reason,
        requested_by=actor,
        requested_at=now,
    )
    check_row(request)
    request.save()
    audit.record(
        "supervision.extension.requested",
        actor=actor,
        target=obligation,
        at=now,
        summary=reason,
        details={"from": obligation.due_on.isoformat(), "to": to_date.isoformat()},
    )
    tell(
        people([Role.OFFICE], today),
        kind="extension",
        obligation=obligation,
        now=now,
        say=lambda: (
            _("%(body)s asks for time until %(day)s: task %(n)d")
            % {"body": obligation.body, "day": to_date.isoformat(), "n": obligation.task.number}
        ),
    )
    return request


@transaction.atomic
def decide_extension(
    *,
    extension_id: int,
    grant: bool,
    actor: User,
    now: datetime,
    note: str = "",
    ground: Ground | None = None,
) -> Extension:
    """Grant or refuse a request. The original date stays, and so do late days so far.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput without a note to a refusal.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    obligation_id = (
        Extension.objects.filter(pk=extension_id).values_list("obligation_id", flat=True).first()
    )
    if obligation_id is None:
        raise Http404
    obligation = lock_obligation(obligation_id)
    request = (
        Extension.objects.select_for_update(of=("self",))
        .select_related("requested_by")
        .get(pk=extension_id)
    )
    if grant and obligation.state not in (ObligationState.ACTIVE, ObligationState.ISSUED):
        raise Conflict(
            _("It is now “%(state)s”: more time has no effect. Refuse the request.")
            % {"state": obligation.get_state_display()}
        )
    move(
        request,
        "grant" if grant else "refuse",
        table=EXTENSION_MOVES,
        actor=actor,
        at=now,
        reason=note,
        audit_action=f"supervision.extension.{'granted' if grant else 'refused'}",
        details={"obligation": obligation.pk, "to": request.to_date.isoformat()},
    )
    request.decided_by, request.decided_at, request.decision_note = actor, now, note.strip()
    check_row(request)
    request.save()
    if grant:
        bring_up_to_date(obligation, now=now, ground=ground)
        obligation.settled_late_days = obligation.late_days
        obligation.due_on = request.to_date
        if obligation.parent_id is not None:
            parent = lock_obligation(obligation.parent_id)
            if parent.due_on < request.to_date:
                bring_up_to_date(parent, now=now, ground=ground)
                parent.settled_late_days = parent.late_days
                parent.due_on = request.to_date
                parent.save()
        finish(obligation, now=now, ground=ground)
    tell(
        [request.requested_by],
        kind="extension-decided",
        obligation=obligation,
        now=now,
        body=note,
        say=lambda: (
            _("Extension %(outcome)s: task %(n)d %(title)s")
            % {
                "outcome": request.get_state_display(),
                "n": obligation.task.number,
                "title": obligation.task.title,
            }
        ),
    )
    return request


@transaction.atomic
def urge(
    *, obligation_id: int, text: str, actor: User, now: datetime, ground: Ground | None = None
) -> Urge:
    """Remind a body, with a day to answer by. Past the limit it goes to the city leaders instead.

    Raises NotPermitted, InvalidInput without text, or Conflict: not in progress, too soon after
    the last one, or raised to the leaders already.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    book, calendar, today = ground.book, ground.calendar, timezone.localdate(now)
    obligation = lock_obligation(obligation_id)
    text = needs_text("text", text)
    if obligation.state not in (ObligationState.ISSUED, ObligationState.ACTIVE):
        raise Conflict(
            _("It is now “%(state)s”: the body has nothing to do.")
            % {"state": obligation.get_state_display()}
        )
    sent = _urges_in_window(obligation, today, book.urge_window)
    if sent and sent[0].is_escalation:
        raise Conflict(
            _("Raised to the city leaders on %(day)s; urging again changes nothing.")
            % {"day": timezone.localdate(sent[0].sent_at).isoformat()}
        )
    if sent:
        gap = book.urge_gap
        allowed = add_days(calendar, timezone.localdate(sent[0].sent_at), gap.days, gap.basis)
        if today < allowed:
            raise Conflict(
                _("Urged recently; the next time is %(day)s.") % {"day": allowed.isoformat()}
            )
    escalates = sum(not earlier.is_escalation for earlier in sent) >= book.urge_max
    last = obligation.urges.first()
    answer = book.urge_answer
    found = Urge(
        obligation=obligation,
        number=last.number + 1 if last else 1,
        text=text,
        is_escalation=escalates,
        sent_by=actor,
        sent_at=now,
        answer_by=add_days(calendar, today, answer.days, answer.basis),
    )
    check_row(found)
    found.save()
    audit.record(
        f"supervision.obligation.{'escalated' if escalates else 'urged'}",
        actor=actor,
        target=obligation,
        at=now,
        summary=text,
        details={"number": found.number},
    )
    words = {
        "n": obligation.task.number,
        "title": obligation.task.title,
        "body": obligation.body,
        "day": found.answer_by.isoformat(),
    }
    if escalates:
        tell(
            people([Role.LEADER], today),
            kind="escalated",
            obligation=obligation,
            now=now,
            body=text,
            at_once=True,
            say=lambda: _("%(body)s was urged to the limit: task %(n)d %(title)s") % words,
        )
    tell(
        people(rules.BODY_PEOPLE, today, obligation.body_id),
        kind="urged",
        obligation=obligation,
        now=now,
        body=text,
        at_once=True,
        say=lambda: _("Urged, answer by %(day)s: task %(n)d %(title)s") % words,
    )
    return found


def _urges_in_window(obligation: Obligation, today: date, window: Term) -> list[Urge]:
    """Urges that count towards the limit today, newest first."""
    days = window.days if window.basis == "calendar" else window.days * 2
    return [
        earlier
        for earlier in obligation.urges.order_by("-pk")
        if timezone.localdate(earlier.sent_at) > today - timedelta(days=days)
    ]


@transaction.atomic
def answer_urge(*, urge_id: int, answer: str, actor: User, now: datetime) -> Urge:
    """The body's answer to an urge. Raises NotPermitted, InvalidInput, Conflict when answered."""
    found = (
        Urge.objects.select_for_update(of=("self",))
        .select_related("obligation", "sent_by", "obligation__task", "obligation__body")
        .filter(pk=urge_id)
        .first()
    )
    if found is None:
        raise Http404
    require(rules.can_answer_urge(actor, found.obligation))
    answer = needs_text("answer", answer)
    if found.answered_at is not None:
        raise Conflict(_("This was answered already."))
    found.answer, found.answered_by, found.answered_at = answer, actor, now
    check_row(found)
    found.save()
    audit.record(
        "supervision.urge.answered",
        actor=actor,
        target=found.obligation,
        at=now,
        summary=answer,
        details={"number": found.number},
    )
    tell(
        [found.sent_by],
        kind="urge-answered",
        obligation=found.obligation,
        now=now,
        body=answer,
        say=lambda: (
            _("%(body)s answered: task %(n)d")
            % {"body": found.obligation.body, "n": found.obligation.task.number}
        ),
    )
    return found
