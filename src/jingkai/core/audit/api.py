"""API of the trail, for the audit administrator."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema

from jingkai.core.api import Problem, cursor_page
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require

from .models import AuditEvent
from .queries import EventFilter, find_events, visible_events
from .rules import can_read_trail
from .services import ChainReport, record, verify_chain

router = Router(tags=["audit"])


class EventOut(Schema):
    id: int
    at: datetime
    action: str
    actor_id: int | None
    actor_label: str
    target_type: str
    target_id: str
    target_label: str
    summary: str
    details: dict[str, Any]
    row_count: int | None
    address: str | None


class EventPage(Schema):
    items: list[EventOut]
    next_cursor: str


class ChainProblemOut(Schema):
    event_id: int | None
    position: int | None
    kind: str
    message: str


class ChainReportOut(Schema):
    ok: bool
    checked: int
    unsealed: int
    head: str
    problems: list[ChainProblemOut]


_REFUSALS = {401: Problem, 403: Problem}


@router.get(
    "/events",
    response={200: EventPage, 422: Problem, **_REFUSALS},
    operation_id="list_audit_events",
)
def list_events(
    request: AuthedRequest,
    since: date | None = None,
    until: date | None = None,
    actor: str = "",
    action: str = "",
    target: str = "",
    q: str = "",
    cursor: str = "",
    limit: int = 100,
) -> dict[str, Any]:
    """Events that fit, newest first. `target` is a type, or a type and an id joined by a colon."""
    require(can_read_trail(request.user))
    wanted = EventFilter(since=since, until=until, actor=actor, action=action, target=target, q=q)
    found = find_events(user=request.user, wanted=wanted)
    items, following = cursor_page(found, order=("-id",), cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": following}


@router.get(
    "/events/{event_id}",
    response={200: EventOut, 404: Problem, **_REFUSALS},
    operation_id="get_audit_event",
)
def get_event(request: AuthedRequest, event_id: int) -> AuditEvent:
    """One event."""
    require(can_read_trail(request.user))
    event: AuditEvent = get_object_or_404(visible_events(request.user), pk=event_id)
    return event


@router.post(
    "/verification",
    response={200: ChainReportOut, **_REFUSALS},
    operation_id="verify_audit_chain",
)
def verification(request: AuthedRequest) -> ChainReport:
    """Walk the chain now; names each changed, removed or re-ordered row."""
    require(can_read_trail(request.user))
    report = verify_chain()
    record(
        "audit.verified",
        actor=request.user,
        at=timezone.now(),
        row_count=report.checked,
        details={"head": report.head, "problems": len(report.problems)},
    )
    return report
