"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jingkai.core.audit.services import record


def samples(world: Any) -> dict[str, dict[str, object]]:
    """One event."""
    event = record("record.read", actor=world.users["office"], at=timezone.now())
    return {"audit:event": {"event_id": event.pk}, "get_audit_event": {"event_id": event.pk}}
