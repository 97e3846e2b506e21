"""The declared indicators, the headline board, figures in and where they come from."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from ninja import Router

from jingkai.core.api import AsOf, cursor_page
from jingkai.core.http import AuthedRequest

from .. import schemas as s
from ..models import Origin, Release
from ..payloads import (
    board_row_payload,
    indicator_payload,
    target_payload,
)
from ..queries.board import headline_board
from ..queries.lineage import Lineage, lineage
from ..queries.visibility import (
    visible_indicators,
)
from ..services.entries import ValueEntry
from ..services.values import record_values
from .base import READ, WRITE, officials_only

router = Router(tags=["indicators"])


@router.get("", response={200: s.IndicatorPageOut, **READ}, operation_id="list_indicators")
def list_indicators(request: AuthedRequest, cursor: str = "", limit: int = 100) -> dict[str, Any]:
    """The declared indicators in their order."""
    officials_only(request)
    rows = visible_indicators(request.user).select_related("responsible", "compiler")
    found, following = cursor_page(rows, order=["position", "code"], cursor=cursor, limit=limit)
    return {"items": [indicator_payload(row) for row in found], "next_cursor": following}


@router.get("/board", response={200: s.BoardOut, **READ}, operation_id="get_headline_board")
def get_board(request: AuthedRequest, period: str, as_of: AsOf = None) -> dict[str, Any]:
    """Every headline target with its value at or before `period`, as known now or at `as_of`."""
    officials_only(request)
    board = headline_board(user=request.user, period=period, as_of=as_of)
    return {
        "period": board.period,
        "as_of": board.as_of,
        "lights": dict(board.lights),
        "items": [board_row_payload(row) for row in board.rows],
    }


@router.post(
    "/values", response={200: s.RecordedOut, **WRITE}, operation_id="record_indicator_values"
)
def post_values(request: AuthedRequest, payload: s.ValuesIn) -> dict[str, Any]:
    """Record figures: all of them, or none with every reason named."""
    officials_only(request)
    result = record_values(
        entries=[
            ValueEntry(e.indicator, e.scope, e.period, e.value, e.unit, e.comment)
            for e in payload.entries
        ],
        actor=request.user,
        now=timezone.now(),
        origin=Origin.API,
        release=Release(payload.release),
        reason=payload.reason,
    )
    return {
        "recorded": len(result.events),
        "computed": len(result.computed),
        "unchanged": result.unchanged,
        "lights": len(result.lights),
        "event_ids": [event.pk for event in result.events],
        "warnings": [
            {"field": w.field, "message": w.message, "code": w.code} for w in result.warnings
        ],
    }


@router.get(
    "/values/{event_id}/lineage",
    response={200: s.LineageOut, **READ},
    operation_id="get_value_lineage",
)
def get_lineage(request: AuthedRequest, event_id: int) -> dict[str, Any]:
    """Where a figure comes from: formula, parts, people, corrections, seal."""
    found: Lineage = lineage(event_id, request.user)
    return {"root": found.root, "targets": [target_payload(t) for t in found.targets]}
