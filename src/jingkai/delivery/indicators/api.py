"""API of indicators."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from jingkai.core.accounts.public import OFFICIALS
from jingkai.core.api import MAX_LIMIT, AsOf, Problem, cursor_page, offset_of
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export

from . import schemas as s
from .catalogue import EDZ
from .models import Allocation, Indicator, Origin, Release, Series
from .payloads import (
    allocation_payload,
    board_row_payload,
    definition_payload,
    indicator_payload,
    status_payload,
    target_payload,
    targets_payload,
    zone_row_payload,
)
from .queries.board import headline_board
from .queries.figures import Figure, paths, trajectories
from .queries.indicator import series_history
from .queries.lineage import Lineage, lineage
from .queries.visibility import (
    visible_allocations,
    visible_indicators,
    visible_lines,
    visible_series,
)
from .queries.zones import zones_board
from .services import allocation as sharing
from .services.entries import ValueEntry
from .services.status import judge
from .services.trajectories import Horizon, plan_trajectory
from .services.values import record_values

router = Router(tags=["indicators"])

READ = {404: Problem, 422: Problem}
WRITE = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


@router.get("", response={200: s.IndicatorPageOut, **READ}, operation_id="list_indicators")
def list_indicators(request: AuthedRequest, cursor: str = "", limit: int = 100) -> dict[str, Any]:
    """The declared indicators in their order."""
    _officials_only(request)
    rows = visible_indicators(request.user).select_related("responsible", "compiler")
    found, following = cursor_page(rows, order=["position", "code"], cursor=cursor, limit=limit)
    return {"items": [indicator_payload(row) for row in found], "next_cursor": following}


@router.get("/board", response={200: s.BoardOut, **READ}, operation_id="get_headline_board")
def get_board(request: AuthedRequest, period: str, as_of: AsOf = None) -> dict[str, Any]:
    """Every headline target with its value at or before `period`, as known now or at `as_of`."""
    _officials_only(request)
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
    _officials_only(request)
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


@router.get(
    "/allocations", response={200: s.AllocationPageOut, **READ}, operation_id="list_allocations"
)
def list_allocations(
    request: AuthedRequest, indicator: str = "", state: str = "", cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    """Rounds of sharing out; a zone sees its own line of each."""
    _officials_only(request)
    rows = visible_allocations(request.user).select_related("indicator")
    if indicator:
        rows = rows.filter(indicator__code=indicator)
    if state:
        rows = rows.filter(state=state)
    found, following = cursor_page(rows, order=["-pk"], cursor=cursor, limit=limit)
    return {
        "items": [allocation_payload(row, request.user) for row in found],
        "next_cursor": following,
    }


@router.post(
    "/allocations", response={200: s.AllocationOut, **WRITE}, operation_id="open_allocation"
)
def post_allocation(request: AuthedRequest, payload: s.AllocationIn) -> dict[str, Any]:
    """Begin to share a target out over the zones."""
    indicator = get_object_or_404(visible_indicators(request.user), code=payload.indicator)
    allocation = sharing.open_allocation(
        indicator=indicator,
        horizon=payload.horizon,
        method=payload.method,
        base_period=payload.base_period,
        total=payload.total,
        actor=request.user,
        now=timezone.now(),
    )
    return allocation_payload(allocation, request.user)


@router.post(
    "/allocations/lines/{line_id}/propose",
    response={200: s.AllocationOut, **WRITE},
    operation_id="propose_share",
)
def post_proposal(request: AuthedRequest, line_id: int, payload: s.ProposalIn) -> dict[str, Any]:
    """A zone's proposal for its own share."""
    line = get_object_or_404(visible_lines(request.user), pk=line_id)
    sharing.propose_share(
        line_id=line.pk,
        value=payload.value,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, line.allocation_id)


@router.post(
    "/allocations/{allocation_id}/collect",
    response={200: s.AllocationOut, **WRITE},
    operation_id="collect_proposals",
)
def post_collect(request: AuthedRequest, allocation_id: int) -> dict[str, Any]:
    """Ask the zones for their proposals."""
    allocation = _visible_round(request, allocation_id)
    sharing.collect_proposals(allocation_id=allocation.pk, actor=request.user, now=timezone.now())
    return _round(request, allocation.pk)


@router.post(
    "/allocations/{allocation_id}/shares",
    response={200: s.AllocationOut, **WRITE},
    operation_id="adjust_shares",
)
def post_shares(request: AuthedRequest, allocation_id: int, payload: s.SharesIn) -> dict[str, Any]:
    """Set what each zone will be issued; the gap is part of the answer."""
    allocation = _visible_round(request, allocation_id)
    sharing.adjust_shares(
        allocation_id=allocation.pk,
        issued=payload.issued,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, allocation.pk)


@router.post(
    "/allocations/{allocation_id}/issue",
    response={200: s.AllocationOut, **WRITE},
    operation_id="issue_allocation",
)
def post_issue(request: AuthedRequest, allocation_id: int, payload: s.ReasonIn) -> dict[str, Any]:
    """Hand the shares down to the zones."""
    allocation = _visible_round(request, allocation_id)
    sharing.issue_allocation(
        allocation_id=allocation.pk,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, allocation.pk)


@router.post(
    "/allocations/{allocation_id}/withdraw",
    response={200: s.AllocationOut, **WRITE},
    operation_id="withdraw_allocation",
)
def post_withdraw(
    request: AuthedRequest, allocation_id: int, payload: s.ReasonIn
) -> dict[str, Any]:
    """End a round so that another can be opened."""
    allocation = _visible_round(request, allocation_id)
    sharing.withdraw_allocation(
        allocation_id=allocation.pk,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return _round(request, allocation.pk)


def _visible_round(request: AuthedRequest, allocation_id: int) -> Allocation:
    return get_object_or_404(visible_allocations(request.user), pk=allocation_id)


def _round(request: AuthedRequest, allocation_id: int) -> dict[str, Any]:
    allocation = Allocation.objects.select_related("indicator").get(pk=allocation_id)
    return allocation_payload(allocation, request.user)


@router.get("/{code}", response={200: s.IndicatorDetail, **READ}, operation_id="get_indicator")
def get_indicator(request: AuthedRequest, code: str) -> dict[str, Any]:
    """One indicator with all its definitions, newest first."""
    row = _indicator(request, code)
    versions = row.versions.select_related("numerator", "denominator")
    return indicator_payload(row) | {"definitions": [definition_payload(v) for v in versions]}


@router.get(
    "/{code}/values", response={200: s.ValuesOut, **READ}, operation_id="list_indicator_values"
)
def get_values(
    request: AuthedRequest,
    code: str,
    window: Query[s.Window],
    scope: str = EDZ,
    as_of: AsOf = None,
    format: str = "json",
) -> dict[str, Any] | HttpResponse:
    """Figures of one series in order of time, as known now or at `as_of`; json, csv or xlsx."""
    row = _indicator(request, code)
    found = series_history(
        user=request.user,
        code=code,
        scope=scope,
        as_of=as_of,
        since=window.since,
        until=window.until,
    )
    if format in FORMATS:
        return export(
            request,
            name="indicator-values",
            title=f"{row.name} {scope}",
            columns=value_columns(row),
            rows=found,
            fmt=format,
        )
    return {
        "indicator": row.code,
        "scope": scope,
        "unit": row.unit,
        "as_of": as_of,
        "items": list(found),
    }


def value_columns(row: Indicator) -> list[Column]:
    """Columns of a series as a sheet."""

    def number(figure: Figure) -> Decimal:
        return figure.value

    return [
        Column("period", _("period"), lambda f: f.period),
        Column("value", row.unit, number, numeric=True, decimals=row.decimals),
        Column("release", _("release"), lambda f: Release(f.release).label),
        Column("origin", _("origin"), lambda f: Origin(f.origin).label),
        Column("recorded_at", _("recorded at"), lambda f: f.recorded_at, width=20),
        Column("observed", _("zones reported"), lambda f: f.observed, numeric=True),
        Column("expected", _("zones expected"), lambda f: f.expected, numeric=True),
    ]


@router.get(
    "/{code}/zones", response={200: s.ZonesOut, **READ}, operation_id="list_indicator_zones"
)
def get_zones(
    request: AuthedRequest,
    code: str,
    period: str,
    as_of: AsOf = None,
    cursor: str = "",
    limit: int = 100,
) -> dict[str, Any]:
    """The zones beside each other: value, growth, plan, distance, share, rank, part of the gap.

    `items` in the zones' own order and `contributions` worst first are paged together.
    """
    start, size = offset_of(cursor), max(1, min(limit, MAX_LIMIT))
    board = zones_board(
        user=request.user, code=code, period=period, as_of=as_of, offset=start, limit=size
    )
    gap = board.gap
    return {
        "indicator": board.indicator.code,
        "period": board.period,
        "reported": board.reported,
        "expected": board.expected,
        "total": status_payload(board.total),
        "gap": gap.gap if gap else None,
        "rest": gap.rest if gap else None,
        "contributions": [
            {"zone": z.key, "gap": z.gap, "percent_of_gap": z.percent_of_gap}
            for z in gap.zones[start : start + size]
        ]
        if gap
        else [],
        "items": [zone_row_payload(row) for row in board.rows],
        "next_cursor": str(start + size) if start + size < board.seen else "",
    }


@router.get(
    "/{code}/trajectory", response={200: s.TrajectoryOut, **READ}, operation_id="get_trajectory"
)
def get_trajectory(
    request: AuthedRequest, code: str, scope: str = EDZ, as_of: AsOf = None
) -> dict[str, Any]:
    """The planned path in force, now or at `as_of`."""
    return _path(_series(request, code, scope), as_of)


@router.post(
    "/{code}/trajectory", response={200: s.TrajectoryOut, **WRITE}, operation_id="plan_trajectory"
)
def post_trajectory(request: AuthedRequest, code: str, payload: s.TrajectoryIn) -> dict[str, Any]:
    """Draw a new path; it ends the one in force."""
    series = _series(request, code, payload.scope)
    horizons = payload.horizons
    plan_trajectory(
        series=series,
        shape=payload.shape,
        base_period=payload.base_period,
        base_value=payload.base_value,
        horizons=None
        if horizons is None
        else [Horizon(h.period, h.value, h.target) for h in horizons],
        parameters={
            name: {code: str(value) for code, value in points.items()}
            for name, points in (("steps", payload.steps), ("drawn", payload.drawn))
            if points
        },
        actor=request.user,
        now=timezone.now(),
        reason=payload.reason,
    )
    return _path(series, None)


@router.post(
    "/{code}/judgements", response={200: s.JudgementOut, **WRITE}, operation_id="judge_indicator"
)
def post_judgement(request: AuthedRequest, code: str, payload: s.JudgementIn) -> dict[str, Any]:
    """A person's judgement beside the rule light."""
    voice = judge(
        series=_series(request, code, payload.scope),
        period=payload.period,
        light=payload.light,
        reason=payload.reason,
        actor=request.user,
        now=timezone.now(),
    )
    return {
        "id": voice.pk,
        "period": voice.period,
        "light": voice.light,
        "reason": voice.reason,
        "actor": str(voice.actor),
        "at": voice.at,
    }


def _officials_only(request: AuthedRequest) -> None:
    """404 like the pages: an empty list would say that there is something to be listed."""
    if not request.user.has_role(*OFFICIALS):
        raise Http404


def _indicator(request: AuthedRequest, code: str) -> Indicator:
    rows = visible_indicators(request.user).select_related("responsible", "compiler")
    return get_object_or_404(rows, code=code)


def _series(request: AuthedRequest, code: str, scope: str) -> Series:
    rows = visible_series(request.user).select_related("indicator", "zone")
    return get_object_or_404(rows, indicator__code=code, scope=scope)


def _path(series: Series, as_of: datetime | None) -> dict[str, Any]:
    found = trajectories([series.pk], as_of=as_of)
    route = found.get(series.pk)
    points = paths(found).get(series.pk, {})
    if route is None:
        raise Http404
    return {
        "indicator": series.indicator.code,
        "scope": series.scope,
        "version": route.version,
        "shape": route.shape,
        "base_period": route.base_period,
        "base_value": route.base_value,
        "base_origin": route.base_origin,
        "reason": route.reason,
        "created_at": route.created_at,
        "horizons": route.horizons,
        "points": [
            {"period": points[end].period, "planned": points[end].planned} for end in sorted(points)
        ],
    }


policy_targets = Router(tags=["policy"])


@policy_targets.get(
    "/targets",
    response={200: s.PolicyTargets, 401: Problem, 404: Problem},
    operation_id="list_policy_targets",
)
def list_policy_targets(request: AuthedRequest) -> Any:
    """Every statement of every target in the document's order, disputed and set-aside included."""
    items = targets_payload(request.user)
    if not items:
        raise Http404
    return {"items": items, "next_cursor": ""}
