"""Everything about one cell: its past, its place among others, what was said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, Final

from django.utils.translation import gettext as _

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, User
from jingkai.core.files import public as files
from jingkai.delivery.indicators.public import IndicatorVersion, figures, paths, trajectories
from jingkai.engine.periods import Period

from ..judging import Finding
from ..models import (
    Cell,
    CellComment,
    CellEvent,
    CellReturn,
    UnlockState,
    UnlockTicket,
)
from .beside import peers_of, series_of
from .grid import Grid, GridCell

_PERIODS: Final = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One period of the cell's series. `median` is that of the other zones."""

    period: Period
    value: Decimal | None
    planned: Decimal | None
    median: Decimal | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class CellPanel:
    at: GridCell
    definition: IndicatorVersion | None
    points: Sequence[Point]
    sees_peers: bool
    findings: Sequence[Finding]
    history: Sequence[CellEvent]
    comments: Sequence[CellComment]
    evidence: Sequence[files.Attachment]
    returns: Sequence[CellReturn]
    tickets: Sequence[UnlockTicket]

    @property
    def chart(self) -> dict[str, Any]:
        """ECharts option: reported solid, plan dashed, median of the others dotted."""
        lines = [(_("Reported"), [p.value for p in self.points], "@accent", "solid", 2.0)]
        if any(p.planned is not None for p in self.points):
            lines.append(
                (_("Planned path"), [p.planned for p in self.points], "@muted", "dashed", 1.5)
            )
        if any(p.median is not None for p in self.points):
            lines.append(
                (
                    _("Median of the other zones"),
                    [p.median for p in self.points],
                    "@yellow",
                    "dotted",
                    1.5,
                )
            )
        return {
            "grid": {"left": 4, "right": 12, "top": 30, "bottom": 4, "containLabel": True},
            "legend": {"top": 0, "left": 0, "itemWidth": 18, "textStyle": {"color": "@text"}},
            "xAxis": {"type": "category", "data": [str(p.period) for p in self.points]},
            "yAxis": {"type": "value", "scale": True},
            "series": [
                {
                    "type": "line",
                    "name": name,
                    "data": [None if v is None else float(v) for v in values],
                    "symbolSize": 5,
                    "connectNulls": True,
                    "color": colour,
                    "lineStyle": {"type": dash, "width": width, "color": colour},
                }
                for name, values, colour, dash, width in lines
            ],
        }


def panel_of(grid: Grid, cell_id: int, user: User) -> CellPanel:
    """The panel of one cell of a grid. About 12 queries beside those of the grid."""
    at = next(shown for shown in grid.cells if shown.id == cell_id)
    cell = at.cell
    sees_peers = user.has_role(*CITY_WIDE, *DEPARTMENT) and cell.scope not in ("CITY", "EDZ")
    return CellPanel(
        at=at,
        definition=_definition(cell, grid.period),
        points=_points(cell, grid.period, sees_peers=sees_peers),
        sees_peers=sees_peers,
        findings=at.findings,
        history=list(cell.events.select_related("actor")[:50]),
        comments=list(cell.comments.select_related("actor")),
        evidence=list(files.attachments_of(cell)),
        returns=list(cell.returns.select_related("actor", "body")[:20]),
        tickets=list(
            UnlockTicket.objects.filter(cells=cell)
            .exclude(state=UnlockState.EXPIRED)
            .select_related("requested_by", "decided_by")[:5]
        ),
    )


def _definition(cell: Cell, period: Period) -> IndicatorVersion | None:
    return (
        IndicatorVersion.objects.filter(indicator=cell.indicator_id, effective_from__lte=period.end)
        .order_by("-effective_from", "-number")
        .first()
    )


def _points(cell: Cell, period: Period, *, sees_peers: bool) -> list[Point]:
    if cell.part:
        return []
    shown = [period.shift(-n) for n in reversed(range(_PERIODS))]
    ends = [p.end for p in shown]
    series_id = series_of([cell]).get((cell.indicator_id, cell.scope))
    line = figures([series_id], ends=ends).get(series_id, {}) if series_id else {}
    plan = paths(trajectories([series_id]), ends=ends).get(series_id, {}) if series_id else {}
    peers = peers_of(cell.indicator_id, cell.scope, ends) if sees_peers else {}
    return [
        Point(
            period=p,
            value=cell.value if p == period else line[p.end].value if p.end in line else None,
            planned=plan[p.end].planned if p.end in plan else None,
            median=_median(peers, p.end),
            is_this=p == period,
        )
        for p in shown
    ]


def _median(peers: Mapping[date, Sequence[Decimal]], end: date) -> Decimal | None:
    """Of at least three zones: of fewer it would say what a single one reported."""
    values = peers.get(end, ())
    return median(values) if len(values) >= 3 else None
