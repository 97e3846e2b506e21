"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jingkai.core.accounts.public import renew_calendar_key
from jingkai.core.notices.models import Notice


def samples(world: Any) -> dict[str, dict[str, object]]:
    """A notice of the office and the key of its calendar."""
    person, now = world.users["office"], timezone.now()
    notice = Notice.objects.create(recipient=person, kind="matrix", title="矩阵", created_at=now)
    return {
        "notices:open": {"notice_id": notice.pk},
        "notices:calendar": {"key": renew_calendar_key(actor=person, now=now)},
    }
