"""What people send without signing in: taken once, counted by address, answered by code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import DomainError, FieldProblem, InvalidInput, TransitionNotAllowed

from ..models import (
    Anchor,
    Comment,
    Consultation,
    ConsultationState,
    Origin,
    Sender,
    SenderKind,
)
from ..receipts import code_for, digest_of_caller, digest_of_code
from ..terms import months_after, terms_on
from ._steps import lock


class TooMany(DomainError):
    """One address knocks too often."""

    code, status = "too-many-requests", 429


@dataclass(frozen=True, slots=True)
class Taken:
    """An opinion that was taken: what the sender keeps, and whether it was taken before."""

    comment: Comment
    code: str
    repeated: bool


def knock(*, address: str | None, door: str, now: datetime) -> None:
    """Count a call. Raises TooMany past the limit of the hour.

    In a transaction of its own: what is refused afterwards has been counted nevertheless.
    """
    limits = terms_on(timezone.localdate(now))
    most = limits.sends_per_hour if door == "send" else limits.looks_per_hour
    hour = now.replace(minute=0, second=0, microsecond=0)
    caller = digest_of_caller(address or "unknown", timezone.localdate(now).isoformat())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO consultation_knock (caller, hour, door, count) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (caller, hour, door) "
            "DO UPDATE SET count = consultation_knock.count + 1 RETURNING count",
            [caller, hour, door],
        )
        count: int = cursor.fetchone()[0]
    if count > most:
        raise TooMany(
            _("Too many in one hour from this connection. Please try again from %(time)s.")
            % {"time": timezone.localtime(hour + timedelta(hours=1)).strftime("%H:%M")}
        )


@transaction.atomic
def send_public(
    *,
    consultation_id: int,
    key: str,
    text: str,
    now: datetime,
    anchor_key: str = "",
    proposal: str = "",
    sender_kind: str = SenderKind.CITIZEN,
    name: str = "",
    contact: str = "",
) -> Taken:
    """Take one opinion from the public; with the same `key` once only, whatever else is sent.

    Nothing about the sender enters the trail: no name, no address. Raises Http404 (no such public
    consultation, or clause), TransitionNotAllowed after the deadline, InvalidInput.
    """
    code = code_for(consultation_id, key)
    digest = digest_of_code(code)
    row = lock(consultation_id)
    if not row.is_public or row.state in (ConsultationState.DRAFT, ConsultationState.CANCELLED):
        raise Http404
    before = Comment.objects.filter(receipt_digest=digest).select_related("anchor").first()
    if before is not None:
        return Taken(before, code, repeated=True)
    if row.state != ConsultationState.OPEN or now >= row.deadline:
        raise TransitionNotAllowed(
            action=_("Send an opinion"),
            state=row.get_state_display(),
            message=_("The time for opinions is over. It ended on %(day)s.")
            % {"day": row.closes_on.isoformat()},
        )
    comment = Comment(
        consultation=row,
        number=take_number(row),
        anchor=anchor_named(row, anchor_key),
        origin=Origin.PUBLIC,
        sender_kind=sender_kind,
        text=_cleaned(text),
        proposal=_cleaned(proposal),
        received_at=now,
        receipt_digest=digest,
    )
    check_row(comment)
    comment.save()
    if name.strip() or contact.strip():
        months = terms_on(timezone.localdate(now)).personal_data_months
        sender = Sender(
            comment=comment,
            name=" ".join(name.split()),
            contact=" ".join(contact.split()),
            erase_on=months_after(row.closes_on, months),
        )
        check_row(sender)
        sender.save()
    with audit.request_address(None):
        audit.record(
            "consultation.comment.sent",
            actor=None,
            target=comment,
            at=now,
            details={"consultation": row.pk, "origin": Origin.PUBLIC},
        )
    return Taken(comment, code, repeated=False)


def _cleaned(text: str) -> str:
    """Without outer blanks and control characters; lines stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c for c in line if c.isprintable()) for line in lines).strip()


def anchor_named(row: Consultation, key: str) -> Anchor | None:
    """The clause called `key`, None for the whole draft. Raises InvalidInput for any other."""
    if not key:
        return None
    found = row.anchors.filter(key=key, is_heading=False).first()
    if found is None:
        message = _("There is no such clause in this draft.")
        raise InvalidInput(message, problems=[FieldProblem("clause", message)])
    return found


def take_number(row: Consultation) -> int:
    """The next running number; the caller holds the lock."""
    number = row.next_number
    row.next_number = number + 1
    row.save(update_fields=["next_number"])
    return number
