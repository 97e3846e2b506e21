"""Preparing, opening, extending, closing, finishing, publishing and cancelling a round."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, TransitionNotAllowed
from jingkai.core.verdicts import require
from jingkai.delivery.intake.public import SourceState, SourceVersion
from jingkai.masterdata.organisations.public import Body

from .. import rules
from ..anchors import spans_of
from ..effect import effect_of, read
from ..models import (
    Anchor,
    CommentState,
    Consultation,
    ConsultationState,
    InvitationState,
    InvitedBody,
    Sender,
)
from ..people import tell_bodies
from ..rewriting import revised_text
from ..terms import check_term, months_after, terms_on
from ._steps import lock, step, wrong


@transaction.atomic
def prepare(
    *,
    version_id: int,
    title: str,
    contact: str,
    closes_on: date,
    actor: User,
    now: datetime,
    intro: str = "",
    is_public: bool = True,
    asks_bodies: bool = True,
    short_reason: str = "",
) -> Consultation:
    """Begin a round on a version of a draft; nobody outside the office sees it yet.

    Raises NotPermitted, InvalidInput (no readable text, no working day, a short term without a
    reason), Conflict when there is already a round on this version, CalendarNotLoaded.
    """
    require(rules.can_administer(actor))
    version = SourceVersion.objects.select_for_update(of=("self",)).filter(pk=version_id).first()
    if (
        version is None
        or not version.text.strip()
        or version.state in (SourceState.UNREADABLE, SourceState.DISCARDED)
    ):
        raise wrong("version", _("Choose a version of a draft whose text has been read."))
    row = Consultation(
        version=version,
        title=title.strip(),
        intro=intro.strip(),
        contact=contact.strip(),
        closes_on=closes_on,
        is_public=is_public,
        asks_bodies=asks_bodies,
        short_reason=short_reason.strip(),
        created_by=actor,
        created_at=now,
    )
    _check_dates(row, timezone.localdate(now))
    check_row(row)
    row.save()
    audit.record("consultation.round.prepared", actor=actor, target=row, at=now)
    return row


def _check_dates(row: Consultation, today: date) -> None:
    check_term(
        opens_on=row.opens_on or today,
        closes_on=row.closes_on,
        is_public=row.is_public,
        asks_bodies=row.asks_bodies,
        short_reason=row.short_reason,
    )


@transaction.atomic
def amend(
    *,
    consultation_id: int,
    title: str,
    contact: str,
    closes_on: date,
    actor: User,
    now: datetime,
    intro: str = "",
    is_public: bool = True,
    asks_bodies: bool = True,
    short_reason: str = "",
) -> Consultation:
    """Change what is still in preparation. Raises as `prepare`, and TransitionNotAllowed."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    if row.state != ConsultationState.DRAFT:
        raise TransitionNotAllowed(action=_("Change"), state=row.get_state_display())
    before = {"title": row.title, "closes_on": row.closes_on.isoformat()}
    row.title, row.contact, row.intro = title.strip(), contact.strip(), intro.strip()
    row.closes_on, row.short_reason = closes_on, short_reason.strip()
    row.is_public, row.asks_bodies = is_public, asks_bodies
    _check_dates(row, timezone.localdate(now))
    check_row(row)
    row.save()
    audit.record(
        "consultation.round.amended", actor=actor, target=row, at=now, details={"before": before}
    )
    return row


@transaction.atomic
def ask_bodies(*, consultation_id: int, body_ids: Iterable[int], actor: User, now: datetime) -> int:
    """Set which bodies are asked; return how many there are.

    In preparation the list is replaced. While open, bodies are added and told at once; a body that
    was asked is not taken off again. Raises NotPermitted, InvalidInput, TransitionNotAllowed.
    """
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    if row.state not in (ConsultationState.DRAFT, ConsultationState.OPEN):
        raise TransitionNotAllowed(action=_("Ask bodies"), state=row.get_state_display())
    wanted = set(body_ids)
    bodies = list(Body.objects.filter(pk__in=wanted))
    if len(bodies) != len(wanted):
        raise wrong("bodies", _("A body of the list does not exist any more. Choose again."))
    asked = set(row.invitations.values_list("body_id", flat=True))
    if row.state == ConsultationState.DRAFT:
        row.invitations.exclude(body_id__in=wanted).delete()
        asked &= wanted
    fresh = InvitedBody.objects.bulk_create(
        [InvitedBody(consultation=row, body=body) for body in bodies if body.pk not in asked]
    )
    if fresh or row.state == ConsultationState.DRAFT:
        audit.record(
            "consultation.bodies.asked",
            actor=actor,
            target=row,
            at=now,
            row_count=len(fresh),
            details={"bodies": sorted(body.code for body in bodies)},
        )
    if row.state == ConsultationState.OPEN:
        _tell_asked(row, {invitation.body_id for invitation in fresh}, now)
    return row.invitations.count()


@transaction.atomic
def open_round(*, consultation_id: int, actor: User, now: datetime) -> Consultation:
    """Freeze the text with its clauses and let opinions come in, from today.

    Raises NotPermitted, TransitionNotAllowed, CalendarNotLoaded, InvalidInput (dates; nobody is
    asked).
    """
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    today = timezone.localdate(now)
    if row.state == ConsultationState.DRAFT:
        if row.asks_bodies and not row.is_public and not row.invitations.exists():
            raise wrong("bodies", _("Choose the bodies that are asked first."))
        row.opens_on = today
        _check_dates(row, today)
    step(row, "open", actor=actor, now=now)
    row.opened_at = now
    row.text = row.version.text
    row.text_digest = hashlib.sha256(row.text.encode()).hexdigest()
    check_row(row)
    row.save()
    reading = row.version.reading if "measures" in row.version.reading else read(row.text)
    Anchor.objects.bulk_create(
        [
            Anchor(
                consultation=row,
                key=span.key,
                position=position,
                start=span.start,
                end=span.end,
                heading=span.heading,
                is_heading=span.is_heading,
            )
            for position, span in enumerate(spans_of(row.text, reading))
        ],
        batch_size=500,
    )
    _tell_asked(row, set(row.invitations.values_list("body_id", flat=True)), now)
    return row


def _tell_asked(row: Consultation, body_ids: set[int], now: datetime) -> None:
    tell_bodies(
        row,
        body_ids,
        kind="asked",
        now=now,
        at_once=True,
        say=lambda: _("Opinion asked for on “%(title)s”, by %(day)s") % {
            "title": row.title, "day": row.closes_on.isoformat(),
        },
    )  # fmt: skip


@transaction.atomic
def extend(
    *, consultation_id: int, closes_on: date, reason: str, actor: User, now: datetime
) -> Consultation:
    """Give more time while it is open. Raises NotPermitted, TransitionNotAllowed, InvalidInput."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    if row.state != ConsultationState.OPEN or now >= row.deadline:
        raise TransitionNotAllowed(action=_("Extend"), state=row.get_state_display())
    if closes_on <= row.closes_on:
        raise wrong("closes_on", _("Choose a later day than the present last day."))
    if not reason.strip():
        raise wrong("reason", _("Give a reason: others will read it."), "required")
    before, row.closes_on = row.closes_on, closes_on
    _check_dates(row, timezone.localdate(now))
    check_row(row)
    row.save()
    months = terms_on(closes_on).personal_data_months
    Sender.objects.filter(comment__consultation=row).update(
        erase_on=months_after(closes_on, months)
    )
    audit.record(
        "consultation.round.extended",
        actor=actor,
        target=row,
        at=now,
        summary=reason.strip(),
        details={"from": before.isoformat(), "to": closes_on.isoformat()},
    )
    tell_bodies(
        row,
        set(_unanswered(row)),
        kind="extended",
        now=now,
        say=lambda: _("More time for an opinion on “%(title)s”: %(day)s") % {
            "title": row.title, "day": closes_on.isoformat(),
        },
    )  # fmt: skip
    return row


def _unanswered(row: Consultation) -> list[int]:
    waiting = row.invitations.filter(state__in=[InvitationState.ASKED, InvitationState.SILENT])
    return list(waiting.values_list("body_id", flat=True))


@transaction.atomic
def urge(*, consultation_id: int, actor: User, now: datetime) -> int:
    """Remind every body that has not replied; return how many. At most once a day each.

    Raises NotPermitted, TransitionNotAllowed, Conflict when everybody replied, was urged today, or
    as often as the limit allows.
    """
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    if row.state not in (ConsultationState.OPEN, ConsultationState.CLOSED):
        raise TransitionNotAllowed(action=_("Urge"), state=row.get_state_display())
    today = timezone.localdate(now)
    most = terms_on(today).urges_at_most
    silent = [
        found
        for found in row.invitations.filter(
            state__in=[InvitationState.ASKED, InvitationState.SILENT], urges__lt=most
        )
        if found.urged_at is None or timezone.localdate(found.urged_at) < today
    ]
    if not silent:
        raise Conflict(_("There is nobody to urge today: all replied, or were urged already."))
    for found in silent:
        found.urges, found.urged_at = found.urges + 1, now
    InvitedBody.objects.bulk_update(silent, ["urges", "urged_at"])
    audit.record(
        "consultation.bodies.urged",
        actor=actor,
        target=row,
        at=now,
        row_count=len(silent),
        details={"bodies": [found.body_id for found in silent]},
    )
    tell_bodies(
        row,
        {found.body_id for found in silent},
        kind="urged",
        now=now,
        at_once=True,
        say=lambda: _("Please reply on “%(title)s”: the last day is %(day)s") % {
            "title": row.title, "day": row.closes_on.isoformat(),
        },
    )  # fmt: skip
    return len(silent)


@transaction.atomic
def close_early(*, consultation_id: int, reason: str, actor: User, now: datetime) -> Consultation:
    """Close before the deadline, with a reason. Raises NotPermitted, TransitionNotAllowed."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    step(row, "close", actor=actor, now=now, reason=reason)
    return closed(row, now)


def closed(row: Consultation, now: datetime) -> Consultation:
    """What closing means, whoever did it; `row` is locked and has moved."""
    row.closed_at = now
    row.save()
    for found in row.invitations.filter(state=InvitationState.ASKED).select_for_update():
        step(found, "lapse", actor=None, now=now)
        found.save()
    return row


@transaction.atomic
def finish(*, consultation_id: int, actor: User, now: datetime) -> Consultation:
    """Say that every opinion is answered. Raises Conflict naming how many are not."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    if row.state == ConsultationState.CLOSED:
        left = (
            row.comments.filter(hidden_reason="")
            .exclude(state__in=[CommentState.ANSWERED, CommentState.DRAFT])
            .count()
        )
        if left:
            raise Conflict(
                ngettext(
                    "%(n)d opinion has no confirmed answer yet.",
                    "%(n)d opinions have no confirmed answer yet.",
                    left,
                )
                % {"n": left}
            )
    step(row, "finish", actor=actor, now=now)
    row.effect = effect_of(row.text, revised_text(row)).as_data()
    row.save()
    return row


@transaction.atomic
def resume(*, consultation_id: int, reason: str, actor: User, now: datetime) -> Consultation:
    """Take an answered round up again. Raises NotPermitted, TransitionNotAllowed, InvalidInput."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    step(row, "resume", actor=actor, now=now, reason=reason)
    row.save()
    return row


@transaction.atomic
def publish(
    *, consultation_id: int, actor: User, now: datetime, conclusion: str = ""
) -> Consultation:
    """Show the adoption table to all who were asked. Raises NotPermitted, TransitionNotAllowed."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    step(row, "publish", actor=actor, now=now)
    row.published_at, row.conclusion = now, conclusion.strip()
    check_row(row)
    row.save()
    tell_bodies(
        row,
        set(row.invitations.values_list("body_id", flat=True)),
        kind="published",
        now=now,
        say=partial(_published, row.title),
    )
    return row


def _published(title: str) -> str:
    return _("What became of the opinions on “%(title)s” is published") % {"title": title}


@transaction.atomic
def cancel(*, consultation_id: int, reason: str, actor: User, now: datetime) -> Consultation:
    """Stop a round; what came in stays on record. Raises NotPermitted, TransitionNotAllowed."""
    row = lock(consultation_id)
    require(rules.can_administer(actor))
    was_open = row.state != ConsultationState.DRAFT
    step(row, "cancel", actor=actor, now=now, reason=reason)
    row.save()
    if was_open:
        tell_bodies(
            row,
            set(_unanswered(row)),
            kind="cancelled",
            now=now,
            linked=False,
            say=lambda: _("No opinion is needed any more on “%(title)s”") % {"title": row.title},
        )
    return row
