"""Correction slips: asking, proving, deciding. A decision records the figure in one transaction.

Lock order: the slip, then the indicators (inside `record_values`). What stood when the slip was
written is compared with what stands once those locks are held, so nobody decides about a figure
they have not seen.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.files.public import Attachment, attach
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.delivery.indicators.public import ValueEvent

from .. import rules
from ..models import Correction, CorrectionState
from ..moving import apply
from ..queries.corrections import open_slip, standing, visible_corrections
from ..states import CORRECTION_MOVES
from .correction_notices import concerned, deciders, tell
from .correction_trials import (
    beside_value,
    changed,
    correctable,
    impact_now,
    invalid,
    release_of,
    require_unchanged,
    series_for,
    try_out,
)


@transaction.atomic
def request_correction(
    *,
    series_id: int,
    period: str,
    new_value: Decimal,
    code: str,
    reason: str,
    actor: User,
    now: datetime,
) -> Correction:
    """Ask for a correction of a figure that stands. `new_value` in the indicator's own unit.

    Raises
    ------
    Http404
        The series lies outside what `actor` may see.
    NotPermitted
        Others ask for corrections of this figure.
    InvalidInput
        Nothing stands, it is computed, the new figure is the same or cannot be recorded, or a
        word is missing.
    Conflict
        A slip about this figure waits already, or its collection is not published yet.
    """
    series = series_for(actor, series_id)
    require(rules.can_request_correction(actor, series))
    current = correctable(series, period)
    waiting = open_slip(series, period)
    if waiting is not None:
        raise Conflict(_waits(waiting), correction=waiting.pk)
    correction = Correction(
        series=series,
        period=current.period,
        period_end=current.period_end,
        old_event=current.event,
        old_value=current.value,
        new_value=new_value,
        code=code,
        reason=reason.strip(),
        requested_by=actor,
        requested_at=now,
    )
    _check(correction)
    impact = try_out(series, current, new_value, correction.reason, actor, now)
    try:
        with transaction.atomic():
            correction.save()
    except IntegrityError as error:  # somebody asked at the same moment
        raise Conflict(_("A correction of this figure is already waiting.")) from error
    audit.record(
        "reporting.correction.requested",
        actor=actor,
        target=correction,
        at=now,
        summary=correction.reason,
        details={
            "indicator": series.indicator.code,
            "scope": series.scope,
            "period": period,
            "old": str(current.value),
            "new": str(correction.new_value),
            "code": code,
            "moves": len(impact.figures),
        },
    )
    tell(correction, deciders(correction), actor=actor, now=now, kind="requested")
    return correction


def _check(correction: Correction) -> None:
    """Raise InvalidInput, field by field, for what the model refuses; Conflict when one waits."""
    if not correction.reason:
        raise invalid("reason", _("Say why the figure changes: others have read it."), "required")
    try:
        correction.full_clean()
    except ValidationError as error:
        # Somebody may have asked since the question above: the constraint says so as a field.
        waiting = open_slip(correction.series, correction.period)
        if waiting is not None:
            raise Conflict(_waits(waiting), correction=waiting.pk) from error
        problems = [
            FieldProblem("new_value" if field == "__all__" else field, " ".join(messages))
            for field, messages in error.message_dict.items()
        ]
        raise InvalidInput(problems[0].message, problems=problems) from error


def _waits(waiting: Correction) -> str:
    return _(
        "Correction slip no. %(number)d by %(name)s about this figure waits for a decision already."
    ) % {"number": waiting.pk, "name": waiting.requested_by.name}


def _locked(correction_id: int, actor: User) -> Correction:
    """The slip, locked; Http404 outside the user's scope."""
    row = (
        Correction.objects.select_for_update(of=("self",))
        .select_related(
            "series__indicator__compiler", "series__zone__committee", "old_event", "requested_by"
        )
        .filter(pk=correction_id, pk__in=visible_corrections(actor).values("pk"))
        .first()
    )
    if row is None:
        raise Http404
    return row


@transaction.atomic
def attach_evidence(
    *,
    correction_id: int,
    upload: UploadedFile[bytes],
    actor: User,
    now: datetime,
    note: str = "",
) -> Attachment:
    """Put a paper to a slip that waits. By whoever may ask for this correction.

    Raises Http404, NotPermitted, Conflict once it is decided, InvalidInput for an unfit file.
    """
    correction = _locked(correction_id, actor)
    require(rules.can_request_correction(actor, correction.series))
    if correction.state != CorrectionState.REQUESTED:
        raise Conflict(
            _("This slip is %(state)s: its papers stay as they are.")
            % {"state": correction.get_state_display()}
        )
    return attach(target=correction, upload=upload, actor=actor, now=now, note=note)


@transaction.atomic
def withdraw_correction(*, correction_id: int, actor: User, now: datetime) -> Correction:
    """Take back one's own slip. Raises Http404, NotPermitted, TransitionNotAllowed."""
    correction = _locked(correction_id, actor)
    require(rules.can_withdraw_correction(actor, correction))
    _decide(correction, "withdraw", actor=actor, now=now, decided=False)
    tell(correction, deciders(correction), actor=actor, now=now, kind="withdrawn")
    return correction


@transaction.atomic
def refuse_correction(*, correction_id: int, reason: str, actor: User, now: datetime) -> Correction:
    """Refuse a slip, with the reason. What it would have moved is kept, while it still can be said.

    Raises Http404, NotPermitted, TransitionNotAllowed, InvalidInput without a reason.
    """
    correction = _locked(correction_id, actor)
    require(rules.can_decide_correction(actor, correction))
    correction.answer = reason.strip()
    if correction.state == CorrectionState.REQUESTED:
        try:
            correction.impact = impact_now(correction, actor=actor, now=now).to_json()
        except (Conflict, InvalidInput):
            correction.impact = {}
    _decide(correction, "refuse", actor=actor, now=now, reason=reason)
    tell(correction, concerned(correction), actor=actor, now=now, kind="refused")
    return correction


@transaction.atomic
def approve_correction(
    *, correction_id: int, actor: User, now: datetime, answer: str = ""
) -> Correction:
    """Approve a slip: the new figure is recorded beside the old one, and all that follows from it.

    The figure becomes revised, or stays final when it was. `Correction.impact` keeps what moved.

    Raises
    ------
    Http404, NotPermitted, TransitionNotAllowed
    Conflict
        The figure changed since the slip was written; the sentence says what stands now.
    InvalidInput
        The figure can no longer be recorded.
    """
    correction = _locked(correction_id, actor)
    require(rules.can_decide_correction(actor, correction))
    CORRECTION_MOVES.next_state(correction.state, "approve")
    current = standing(correction.series, correction.period)
    require_unchanged(correction, current)
    assert current is not None
    try:
        result, impact = apply(
            series=correction.series,
            period=correction.period,
            value=correction.new_value,
            release=release_of(current),
            reason=correction.reason,
            actor=actor,
            now=now,
            permit=lambda user, series: rules.can_decide_correction(user, correction),
        )
    except InvalidInput as error:
        raise beside_value(error) from error
    # The indicators are locked only now: was somebody faster while this call waited for them?
    if not result.events or _before(result.events[0]) != correction.old_event_id:
        raise changed(correction, standing(correction.series, correction.period))
    correction.new_event = result.events[0]
    correction.impact = impact.to_json()
    correction.answer = answer.strip()
    _decide(
        correction,
        "approve",
        actor=actor,
        now=now,
        reason=answer,
        details={
            "event": result.events[0].pk,
            "computed": len(result.computed),
            "lights": len(result.lights),
        },
    )
    tell(correction, concerned(correction), actor=actor, now=now, kind="approved")
    return correction


def _before(event: ValueEvent) -> int | None:
    """The event this one replaced."""
    return (
        ValueEvent.objects.filter(series_id=event.series_id, period=event.period, pk__lt=event.pk)
        .order_by("-id")
        .values_list("pk", flat=True)
        .first()
    )


def _decide(
    correction: Correction,
    action: str,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    details: dict[str, object] | None = None,
    decided: bool = True,
) -> None:
    move(
        correction,
        action,
        table=CORRECTION_MOVES,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"reporting.correction.{action}",
        details=details,
    )
    correction.decided_at = now
    correction.decided_by = actor if decided else None
    correction.full_clean(exclude=["impact"])
    correction.save()
