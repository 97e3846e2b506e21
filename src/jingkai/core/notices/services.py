"""Telling people, in the inbox first; outside channels get a copy through the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from jingkai.core.accounts.public import User

from .channels import channel_named, configured_channels
from .models import Notice, OutboundMessage, OutboxState, Urgency

_MAX_ATTEMPTS = 8


@transaction.atomic
def notify(
    *,
    recipients: Iterable[User],
    kind: str,
    title: str,
    now: datetime,
    body: str = "",
    url: str = "",
    urgency: str = Urgency.DIGEST,
    dedupe_key: str = "",
) -> int:
    """Put a notice into each recipient's inbox, once per `dedupe_key`; return how many are new.

    Runs in the caller's transaction. `now` urgency also goes to the outside channels at once;
    the rest waits for the morning digest.
    """
    people = {user.pk: user for user in recipients if user.is_active}
    if dedupe_key:
        told = Notice.objects.filter(recipient__in=people, dedupe_key=dedupe_key)
        for user_id in told.values_list("recipient_id", flat=True):
            people.pop(user_id, None)
    notices = Notice.objects.bulk_create(
        [
            Notice(
                recipient=user,
                kind=kind,
                urgency=urgency,
                title=title[:200],
                body=body[:1000],
                url=url[:300],
                dedupe_key=dedupe_key[:120],
                created_at=now,
            )
            for user in people.values()
        ],
        ignore_conflicts=bool(dedupe_key),
    )
    if urgency == Urgency.NOW:
        for channel in configured_channels():
            OutboundMessage.objects.bulk_create(
                [
                    OutboundMessage(
                        channel=channel.name,
                        recipient=user,
                        subject=title[:200],
                        text=f"{body}\n{url}".strip(),
                        created_at=now,
                    )
                    for user in people.values()
                ]
            )
    return len(notices)


@transaction.atomic
def mark_read(*, actor: User, now: datetime, notice_ids: Iterable[int] | None = None) -> int:
    """Mark own notices as read (all of them without ids); return how many changed."""
    notices = Notice.objects.filter(recipient=actor, read_at__isnull=True)
    if notice_ids is not None:
        notices = notices.filter(pk__in=list(notice_ids))
    return notices.update(read_at=now)


@transaction.atomic
def send_morning_digest(*, now: datetime) -> int:
    """One message a person with what is new and unread; return how many people got one.

    Repeating it on the same day adds nothing: each notice is digested once.
    """
    waiting = list(
        Notice.objects.select_for_update(skip_locked=True)
        .filter(digested_at__isnull=True, read_at__isnull=True, urgency=Urgency.DIGEST)
        .exclude(kind="digest")
        .select_related(None)
        .order_by("recipient_id", "pk")
    )
    by_person: dict[int, list[Notice]] = {}
    for notice in waiting:
        by_person.setdefault(notice.recipient_id, []).append(notice)
    people = User.objects.in_bulk(list(by_person))
    channels = configured_channels()
    day = timezone.localdate(now)
    for user_id, notices in by_person.items():
        user = people[user_id]
        with override(user.language or "zh-hans"):
            title = ngettext(
                "Morning digest: %(n)d thing waits for you",
                "Morning digest: %(n)d things wait for you",
                len(notices),
            ) % {"n": len(notices)}
        lines = "\n".join(f"· {notice.title}" for notice in notices[:20])
        Notice.objects.bulk_create(
            [
                Notice(
                    recipient=user,
                    kind="digest",
                    title=title,
                    body=lines[:1000],
                    url="/cockpit/my-work/",
                    dedupe_key=f"digest:{day}",
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        for channel in channels:
            OutboundMessage.objects.create(
                channel=channel.name, recipient=user, subject=title, text=lines, created_at=now
            )
    Notice.objects.filter(pk__in=[notice.pk for notice in waiting]).update(digested_at=now)
    return len(by_person)


def deliver_outbox(*, now: datetime, limit: int = 100) -> int:
    """Try the waiting messages; a failure waits longer each time, and gives up after eight."""
    sent = 0
    ids = OutboundMessage.objects.filter(state=OutboxState.WAITING).order_by("pk")
    for message_id in ids.values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            message = (
                OutboundMessage.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("recipient")
                .filter(pk=message_id, state=OutboxState.WAITING)
                .first()
            )
            if message is None or not _is_due(message, now):
                continue
            channel = channel_named(message.channel)
            message.attempts += 1
            try:
                if channel is None:
                    raise LookupError(_("This channel no longer exists."))
                channel.send(message)
                message.state, message.sent_at = OutboxState.SENT, now
                sent += 1
            except Exception as error:
                message.last_error = f"{type(error).__name__}: {error}"[:500]
                if message.attempts >= _MAX_ATTEMPTS:
                    message.state = OutboxState.FAILED
            message.save()
    return sent


def _is_due(message: OutboundMessage, now: datetime) -> bool:
    wait = timedelta(minutes=2**message.attempts - 1)
    return now >= message.created_at + wait
