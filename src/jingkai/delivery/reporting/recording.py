"""From verified cells to official figures: value events, or the department's own figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from jingkai.core.accounts.public import User
from jingkai.core.errors import InvalidInput
from jingkai.core.verdicts import ALLOWED, Verdict
from jingkai.delivery.indicators.public import (
    CurrentValue,
    Origin,
    RecordResult,
    Release,
    Series,
    ValueEntry,
    record_values,
)

from .models import Cell, CellOrigin, Explanation, Purpose, SourceFigure

_ORIGINS = {CellOrigin.EXCEL: Origin.EXCEL, CellOrigin.API: Origin.API}


@dataclass(slots=True)
class Recorded:
    """What came of some cells: the event each one became, and how many lights spoke."""

    event_of: dict[int, int] = field(default_factory=dict)
    events: int = 0
    lights: int = 0


def record_cells(cells: Sequence[Cell], *, actor: User, now: datetime) -> Recorded:
    """Record the figures of verified cells, each with its `in_return.campaign`.

    A figure that stands already is left alone; one declared missing withdraws what stood. A
    standing revised or final figure is replaced under its own release, never set back to flash.
    Raises InvalidInput when a figure contradicts what stands.
    """
    recorded = Recorded()
    _keep_sources(
        [c for c in cells if c.item.purpose == Purpose.COMPARE and not c.part], actor, now
    )
    official = [c for c in cells if c.item.purpose == Purpose.RECORD and not c.part]
    standing = _standing(official)
    said = _explanations(official)
    groups: defaultdict[tuple[Origin, Release], list[Cell]] = defaultdict(list)
    for cell in official:
        known = standing.get(_address(cell))
        if known is not None and known.value == cell.value:
            recorded.event_of[cell.pk] = known.event_id
            continue
        if cell.value is None and known is None:
            continue
        release = Release(known.release) if known is not None else Release.FLASH
        groups[_ORIGINS.get(CellOrigin(cell.origin), Origin.ENTERED), release].append(cell)
    for (origin, release), group in groups.items():
        result = _record(group, said, origin, release, actor, now)
        by_address = {
            (event.series.indicator_id, event.series.scope, event.period): event.pk
            for event in result.events
        }
        for cell in group:
            if (event_id := by_address.get(_address(cell))) is not None:
                recorded.event_of[cell.pk] = event_id
        recorded.events += len(result.events)
        recorded.lights += len(result.lights)
    return recorded


def _record(
    cells: Sequence[Cell],
    said: dict[int, str],
    origin: Origin,
    release: Release,
    actor: User,
    now: datetime,
) -> RecordResult:
    entries = [
        ValueEntry(
            cell.indicator.code,
            cell.scope,
            cell.in_return.campaign.period,
            cell.value,
            comment=(said.get(cell.pk) or cell.note),
        )
        for cell in cells
    ]
    reason = "" if release is Release.FLASH else next((e.comment for e in entries if e.comment), "")
    try:
        with transaction.atomic():
            return record_values(
                entries=entries,
                actor=actor,
                now=now,
                origin=origin,
                release=release,
                reason=reason,
                permit=_by_procedure,
            )
    except InvalidInput as error:
        # An explained fall of a running total is a revision of what came before.
        falls = {problem.code for problem in error.problems} == {"ytd_falls"}
        if not falls or release is not Release.FLASH:
            raise
        return record_values(
            entries=entries,
            actor=actor,
            now=now,
            origin=origin,
            release=Release.REVISED,
            permit=_by_procedure,
        )


def _by_procedure(actor: User, series: Series) -> Verdict:
    """The signed and verified return is the permission."""
    return ALLOWED


def _address(cell: Cell) -> tuple[int, str, str]:
    return cell.indicator_id, cell.scope, cell.in_return.campaign.period


def _standing(cells: Sequence[Cell]) -> dict[tuple[int, str, str], CurrentValue]:
    """The figures that stand for the addresses of `cells`. 1 query."""
    rows = CurrentValue.objects.filter(
        series__indicator__in={cell.indicator_id for cell in cells},
        series__scope__in={cell.scope for cell in cells},
        period__in={cell.in_return.campaign.period for cell in cells},
    ).select_related("series")
    return {(row.series.indicator_id, row.series.scope, row.period): row for row in rows}


def _explanations(cells: Sequence[Cell]) -> dict[int, str]:
    """The latest explanation of each cell's present figure. 1 query."""
    found: dict[int, str] = {}
    values = {cell.pk: cell.value for cell in cells}
    for row in Explanation.objects.filter(cell__in=cells).order_by("pk"):
        if row.value == values[row.cell_id]:
            found[row.cell_id] = row.text
    return found


def _keep_sources(cells: Sequence[Cell], actor: User, now: datetime) -> None:
    SourceFigure.objects.bulk_create(
        [
            SourceFigure(
                indicator_id=cell.indicator_id,
                scope=cell.scope,
                period=cell.in_return.campaign.period,
                period_end=cell.in_return.campaign.period_end,
                value=cell.value,
                body_id=cell.in_return.body_id,
                cell=cell,
                actor=actor,
                at=now,
            )
            for cell in cells
        ]
    )
