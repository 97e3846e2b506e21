"""What stands beside one cell: its past figures, the path, the peers, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from jingkai.core.accounts.public import User
from jingkai.core.files.public import Attachment, attachments_of
from jingkai.delivery.indicators.public import figures, paths, trajectories, visible_series
from jingkai.engine.periods import Period

from ..models import Cell, CellComment, CellEvent, CellReturn, Explanation, ReturnFile

SHOWN = 12
_LEAST_PEERS = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One period: the figure that stands and the one planned, in the indicator's unit."""

    period: str
    value: Decimal | None
    planned: Decimal | None
    release: str = ""


@dataclass(frozen=True, slots=True)
class CellPanel:
    """`peers` is the median of other zones' figures for the period: None where fewer than three
    are there, or where the reader may not see them."""

    cell: Cell
    points: tuple[Point, ...]
    peers: Decimal | None
    peer_count: int
    events: Sequence[CellEvent]
    comments: Sequence[CellComment]
    explanations: Sequence[Explanation]
    returned: CellReturn | None
    evidence: Sequence[Attachment]
    file: ReturnFile | None


def cell_panel(cell: Cell, user: User) -> CellPanel:
    """Everything about `cell` that `user` may see. At most 11 queries."""
    from ..excel.receiving import file_behind

    period = Period.parse(cell.in_return.campaign.period)
    visible = visible_series(user).filter(indicator=cell.indicator_id)
    by_scope = dict(visible.values_list("scope", "pk"))
    own = by_scope.get(cell.scope)
    periods = [period.shift(-n) for n in range(SHOWN, -1, -1)]
    ends = [p.end for p in periods]
    line = figures([own], ends=ends).get(own, {}) if own is not None else {}
    found = trajectories([own]) if own is not None else {}
    path = paths(found, ends=ends).get(own, {}) if own is not None and found else {}
    points = tuple(
        Point(
            p.code,
            line[p.end].value if p.end in line else None,
            path[p.end].planned if p.end in path else None,
            line[p.end].release if p.end in line else "",
        )
        for p in periods
    )
    others = _peers(cell, by_scope, period)
    return CellPanel(
        cell=cell,
        points=points,
        peers=median(others) if len(others) >= _LEAST_PEERS else None,
        peer_count=len(others),
        events=list(cell.events.select_related("actor")[:SHOWN]),
        comments=list(cell.comments.select_related("actor")),
        explanations=list(cell.explanations.select_related("actor")[:SHOWN]),
        returned=cell.returns.filter(settled_at__isnull=True).select_related("actor").first(),
        evidence=list(attachments_of(cell)),
        file=file_behind(cell),
    )


def _peers(cell: Cell, by_scope: dict[str, int], period: Period) -> list[Decimal]:
    """Other zones' figures for the period, of a zone's cell."""
    if cell.part or cell.scope in ("CITY", "EDZ"):
        return []
    others = [pk for scope, pk in by_scope.items() if scope not in ("CITY", "EDZ", cell.scope)]
    lines = figures(others, ends=[period.end]) if others else {}
    return [line[period.end].value for line in lines.values() if period.end in line]
