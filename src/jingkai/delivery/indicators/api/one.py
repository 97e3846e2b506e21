"""One indicator: definition, figures, zones, trajectory, judgement."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from jingkai.core.api import MAX_LIMIT, AsOf, offset_of
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export

from .. import schemas as s
from ..catalogue import EDZ
from ..models import Indicator, Origin, Release, Series
from ..payloads import (
    definition_payload,
    indicator_payload,
    status_payload,
    zone_row_payload,
)
from ..queries.figures import Figure, paths, trajectories
from ..queries.indicator import series_history
from ..queries.zones import zones_board
from ..services.status import judge
from ..services.trajectories import Horizon, plan_trajectory
from .base import READ, WRITE, indicator_of, series_of

router = Router()


@router.get("/{code}", response={200: s.IndicatorDetail, **READ}, operation_id="get_indicator")
def get_indicator(request: AuthedRequest, code: str) -> dict[str, Any]:
    """One indicator with all its definitions, newest first."""
    row = indicator_of(request, code)
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
    row = indicator_of(request, code)
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
    return _path(series_of(request, code, scope), as_of)


@router.post(
    "/{code}/trajectory", response={200: s.TrajectoryOut, **WRITE}, operation_id="plan_trajectory"
)
def post_trajectory(request: AuthedRequest, code: str, payload: s.TrajectoryIn) -> dict[str, Any]:
    """Draw a new path; it ends the one in force."""
    series = series_of(request, code, payload.scope)
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
        series=series_of(request, code, payload.scope),
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
