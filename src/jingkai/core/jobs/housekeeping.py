"""What the clock does for the ground floor. Sealing the audit trail is the worker's own thread."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session

from jingkai.core.notices import public as notices

from .runner import periodic


@periodic("* * * * *", "notices.outbox")
def outbox(now: datetime) -> None:
    notices.deliver_outbox(now=now)


@periodic("0 8 * * *", "notices.digest")
def digest(now: datetime) -> None:
    notices.send_morning_digest(now=now)


@periodic("17 3 * * *", "sessions.clear")
def clear_sessions(now: datetime) -> None:
    Session.objects.filter(expire_date__lt=now).delete()
