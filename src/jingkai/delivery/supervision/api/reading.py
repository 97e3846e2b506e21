"""The list, the card, the board, the changes and the meetings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query

from jingkai.core.accounts.public import User
from jingkai.core.api import cursor_page
from jingkai.core.register.public import export

from .. import queries
from ..columns import COLUMNS
from ..models import (
    Meeting,
    Obligation,
)
from ..schemas import (
    BoardOut,
    CardOut,
    ChangesOut,
    FilterIn,
    MeetingPage,
    ObligationPage,
)
from .base import READ, official, router, user_of, visible


@router.get("/obligations", response={200: ObligationPage, **READ}, operation_id="list_obligations")
def list_obligations(
    request: HttpRequest,
    filters: Query[FilterIn],
    cursor: str = "",
    limit: int = 100,
    format: Literal["", "xlsx", "csv"] = "",
) -> Any:
    """Visible obligations by number of the task; `format` gives a file instead."""
    user, today = official(request), timezone.localdate()
    rows = queries.obligations_for_list(
        user=user, filters=queries.Filters(**filters.dict()), today=today
    )
    if format:
        return _download(request, rows, user, today, format)
    items, after = cursor_page(rows, order=("task__number", "pk"), cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": after}


def _download(
    request: HttpRequest, rows: QuerySet[Obligation], user: User, today: date, fmt: str
) -> HttpResponse:
    return export(
        request,
        name="supervision.obligations",
        title=_("Supervision list"),
        columns=COLUMNS,
        rows=queries.rows_of(rows, user=user, today=today),
        fmt=fmt,
    )


@router.get(
    "/obligations/{int:obligation_id}",
    response={200: CardOut, **READ},
    operation_id="get_obligation",
)
def get_obligation(request: HttpRequest, obligation_id: int) -> Any:
    """One obligation with its reports, its trail, and the actions open to the caller."""
    from ..actions import offers

    user, now = user_of(request), timezone.now()
    row = get_object_or_404(visible(request), pk=obligation_id)
    card = queries.obligation_card(row, user=user, today=timezone.localdate(now))
    return {
        "obligation": row,
        "reports": [line.report for line in card.reports],
        "trail": [
            {
                "at": step.at,
                "label": str(step.label),
                "who": step.who,
                "reason": step.reason,
                "light": step.light,
            }
            for step in card.trail
        ],
        "actions": [offer.action.name for offer in offers(user, row, now) if offer.verdict],
    }


@router.get("/board", response={200: BoardOut, **READ}, operation_id="supervision_board")
def get_board(request: HttpRequest) -> Any:
    """Bodies by light and late days."""
    return {"items": queries.body_board(user=official(request))}


@router.get("/changes", response={200: ChangesOut, **READ}, operation_id="supervision_changes")
def get_changes(
    request: HttpRequest, since: datetime | None = None, until: datetime | None = None
) -> Any:
    """What changed after `since` (default: the last meeting) up to `until` (default: now)."""
    user = official(request)
    if since is None:
        last = queries.last_meeting()
        since = last.held_at if last else None
    found = queries.changes_since(since, user=user, until=until or timezone.now())
    moved = ("issued", "signed", "completed", "closed", "reopened", "withdrawn")
    return {
        "since": found.since,
        "until": found.until,
        **{
            name: [
                {"obligation": m.item.pk, "at": m.at, "who": m.who, "reason": m.reason}
                for m in getattr(found, name)
            ]
            for name in moved
        },
        **{
            name: [
                {"obligation": r.item.pk, "before": r.before, "after": r.after, "reason": r.reason}
                for r in getattr(found, name)
            ]
            for name in ("worse", "better")
        },
        "grown": [
            {"obligation": g.item.pk, "task_days": g.task_days, "report_days": g.report_days}
            for g in found.grown
        ],
    }


@router.get("/meetings", response={200: MeetingPage, **READ}, operation_id="list_meetings")
def list_meetings(request: HttpRequest, cursor: str = "", limit: int = 100) -> Any:
    """Meetings held, the earliest first."""
    official(request)
    items, after = cursor_page(
        Meeting.objects.all(), order=("held_at", "pk"), cursor=cursor, limit=limit
    )
    return {"items": items, "next_cursor": after}
