"""一表通: what is known already is filled in, with its source named; the clerk confirms it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from jingkai.delivery.indicators.public import CurrentValue, Origin
from jingkai.engine.periods import Period

from .models import Campaign, Cell, CellEvent, CellOrigin, Prefill, SourceFigure

Standing = Mapping[tuple[int, str, str], CurrentValue]
Sources = Mapping[tuple[int, str], SourceFigure]


def prefill(campaign: Campaign, cells: Sequence[Cell]) -> int:
    """Fill the cells whose item says so; return how many. At most 4 queries.

    Only the figure itself is filled, never the month's own figure. The cells must be saved.
    """
    wanted = [c for c in cells if c.item.prefill != Prefill.NONE and not c.part]
    if not wanted:
        return 0
    period = Period.parse(campaign.period)
    now = campaign.opened_at
    standing = _standing(wanted, [period.code, period.previous().code])
    sources = _sources(wanted, period.code)
    filled: list[Cell] = []
    for cell in wanted:
        known = _known(cell, period, standing, sources)
        if known is None:
            continue
        cell.value, cell.prefill_source = known
        cell.origin, cell.entered_at = CellOrigin.PREFILLED, now
        cell.revision = 1
        filled.append(cell)
    Cell.objects.bulk_create(
        filled,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["value", "prefill_source", "origin", "entered_at", "revision"],
    )
    CellEvent.objects.bulk_create(
        [
            CellEvent(cell=cell, revision=1, value=cell.value, origin=cell.origin, at=now)
            for cell in filled
        ]
    )
    return len(filled)


def _known(
    cell: Cell, period: Period, standing: Standing, sources: Sources
) -> tuple[Decimal, str] | None:
    """The figure and where it comes from, or None when nothing is known."""
    address = cell.indicator_id, cell.scope
    match cell.item.prefill:
        case Prefill.COMPILER:
            source = sources.get(address)
            if source is None or source.value is None:
                return None
            return source.value, source.body.name
        case Prefill.PREVIOUS:
            row = standing.get((*address, period.previous().code))
            return None if row is None else (row.value, row.period)
        case Prefill.RECORDS:
            row = standing.get((*address, period.code))
            if row is None or row.event.origin != Origin.RECORDS:
                return None
            return row.value, str(Origin.RECORDS.label)
        case _:
            row = standing.get((*address, period.code))
            return None if row is None else (row.value, row.event.get_origin_display())


def _standing(cells: Iterable[Cell], periods: Sequence[str]) -> Standing:
    rows = CurrentValue.objects.filter(
        series__indicator__in={cell.indicator_id for cell in cells},
        series__scope__in={cell.scope for cell in cells},
        period__in=periods,
    ).select_related("series", "event")
    return {(row.series.indicator_id, row.series.scope, row.period): row for row in rows}


def _sources(cells: Iterable[Cell], period: str) -> Sources:
    rows = (
        SourceFigure.objects.filter(
            indicator__in={cell.indicator_id for cell in cells}, period=period
        )
        .select_related("body")
        .order_by("id")
    )
    return {(row.indicator_id, row.scope): row for row in rows}
