"""Reads of the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from .models import AuditEvent, AuditSeal
from .rules import can_read_trail


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What to look for; empty fields filter nothing. Days count whole, in local time."""

    since: date | None = None
    until: date | None = None
    actor: str = ""
    action: str = ""
    target: str = ""
    q: str = ""


def visible_events(user: Any) -> QuerySet[AuditEvent]:
    """The trail for the audit administrator, nothing for others."""
    return AuditEvent.objects.all() if can_read_trail(user) else AuditEvent.objects.none()


def find_events(*, user: Any, wanted: EventFilter) -> QuerySet[AuditEvent]:
    """Events that fit, newest first.

    `action` ending in "." means a whole room; `target` is a type ("accounts.user"), or a type and
    an id ("accounts.user:7").
    """
    events = visible_events(user)
    if wanted.since:
        events = events.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        events = events.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.actor:
        events = events.filter(actor_label__icontains=wanted.actor)
    if wanted.action.endswith("."):
        events = events.filter(action__startswith=wanted.action)
    elif wanted.action:
        events = events.filter(action=wanted.action)
    if wanted.target:
        kind, _colon, identifier = wanted.target.partition(":")
        events = events.filter(target_type=kind)
        if identifier:
            events = events.filter(target_id=identifier)
    if wanted.q:
        events = events.filter(
            Q(summary__icontains=wanted.q)
            | Q(target_label__icontains=wanted.q)
            | Q(actor_label__icontains=wanted.q)
        )
    return events.order_by("-id")


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Rows newest first, and the ids to go on from in both directions (None at an end)."""

    rows: list[AuditEvent]
    older_than: int | None
    newer_than: int | None


def keyset_page(
    events: QuerySet[AuditEvent], *, before: int | None, after: int | None, size: int = 50
) -> KeysetPage:
    """One page around an id. 1 query, at constant cost however deep the page lies."""
    if after is not None:
        rows = list(events.filter(pk__gt=after).order_by("id")[: size + 1])
        more = len(rows) > size
        rows = rows[:size][::-1]
        return KeysetPage(
            rows, rows[-1].pk if rows else None, rows[0].pk if rows and more else None
        )
    rows = list((events.filter(pk__lt=before) if before is not None else events)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return KeysetPage(
        rows, rows[-1].pk if more else None, rows[0].pk if rows and before is not None else None
    )


def seal_of(event_id: int) -> AuditSeal | None:
    """The place of an event in the chain; None while it waits for the sealer."""
    return AuditSeal.objects.filter(event_id=event_id).first()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
