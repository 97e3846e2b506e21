"""What stands beside a cell: last year, the period before, the planned path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import DateField, TextField, Value
from django.db.models.functions import Cast

from jingkai.core.statements import Given, Statement, one_of
from jingkai.delivery.indicators.public import (
    CurrentValue,
    Indicator,
    Series,
    Trajectory,
    ValueMode,
    figures,
)
from jingkai.engine.errors import UnitError
from jingkai.engine.growth import change_percent
from jingkai.engine.periods import Period
from jingkai.engine.units import UnitKind, unit

from ..models import Cell

Address = tuple[int, str]
"""Indicator id and scope."""

_OF_CELLS: Final = (
    one_of("series__indicator_id", "indicators"),
    one_of("series__scope", "scopes"),
)
_AROUND: Final = Statement(
    lambda: (
        CurrentValue.objects.filter(*_OF_CELLS, one_of("period_end", "ends"))
        .order_by()
        .values_list(
            Cast(Value("figure"), TextField()),
            "series__indicator_id",
            "series__scope",
            "period_end",
            "value",
        )
        .union(
            Trajectory.objects.filter(
                *_OF_CELLS, is_active=True, points__period_end=Given("end", DateField())
            )
            .order_by()
            .values_list(
                Cast(Value("plan"), TextField()),
                "series__indicator_id",
                "series__scope",
                "points__period_end",
                "points__planned",
            ),
            all=True,
        )
    )
)


@dataclass(frozen=True, slots=True)
class Beside:
    """Official figures around one cell, in the indicator's unit; None where there is none."""

    last_year: Decimal | None = None
    previous: Decimal | None = None
    planned: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change over a year: in percent, or in points for what is a percentage itself."""

    amount: Decimal
    in_points: bool


def in_percent(indicator: Indicator) -> bool:
    """Whether changes of the indicator are points, not percent of a percentage."""
    try:
        return unit(indicator.unit).kind in (UnitKind.RATIO, UnitKind.POINTS)
    except UnitError:
        return False


def change_of(indicator: Indicator, before: Decimal | None, value: Decimal | None) -> Change | None:
    """How `value` stands against `before`; None when one is missing or `before` is zero."""
    if before is None or value is None:
        return None
    if in_percent(indicator):
        return Change(value - before, in_points=True)
    return Change(change_percent(before, value), in_points=False) if before else None


def beside(cells: Iterable[Cell], period: Period) -> dict[int, Beside]:
    """Official figures around each cell, by cell id. 1 query at any number of cells.

    The month's own figure of a running total is the difference of two totals; it has no plan.
    """
    cells = list(cells)
    ago, before = period.year_ago(), period.previous()
    lines: defaultdict[Address, dict[date, Decimal]] = defaultdict(dict)
    plans: dict[Address, Decimal] = {}
    for kind, indicator, scope, end, value in _AROUND(
        indicators={cell.indicator_id for cell in cells},
        scopes={cell.scope for cell in cells},
        ends=[ago.end, before.end, ago.previous().end, before.previous().end],
        end=period.end,
    ):
        if kind == "plan":
            plans[indicator, scope] = value
        else:
            lines[indicator, scope][end] = value
    found: dict[int, Beside] = {}
    for cell in cells:
        known = lines.get((cell.indicator_id, cell.scope), {})
        if cell.part:
            running = cell.indicator.value_mode == ValueMode.YTD
            found[cell.pk] = Beside(_own(known, ago, running), _own(known, before, running))
        else:
            plan = plans.get((cell.indicator_id, cell.scope))
            found[cell.pk] = Beside(known.get(ago.end), known.get(before.end), plan)
    return found


def series_of(cells: Iterable[Cell]) -> dict[Address, int]:
    """Series ids by indicator and scope. 1 query."""
    cells = list(cells)
    rows = Series.objects.filter(
        indicator__in={cell.indicator_id for cell in cells},
        scope__in={cell.scope for cell in cells},
    ).values_list("indicator_id", "scope", "pk")
    return {(indicator, scope): pk for indicator, scope, pk in rows}


def _own(known: Mapping[date, Decimal], period: Period, running: bool) -> Decimal | None:
    """The period's own part of a running total."""
    total = known.get(period.end)
    if total is None or not running or period.part == 1:
        return total
    earlier = known.get(period.previous().end)
    return None if earlier is None else total - earlier


def peers_of(indicator_id: int, scope: str, ends: Iterable[date]) -> dict[date, list[Decimal]]:
    """What the other zones reported at these period ends. 2 queries."""
    rows = Series.objects.filter(indicator=indicator_id, zone__isnull=False)
    others = list(rows.exclude(scope=scope).values_list("pk", flat=True))
    grouped: defaultdict[date, list[Decimal]] = defaultdict(list)
    for line in figures(others, ends=ends).values():
        for end, figure in line.items():
            grouped[end].append(figure.value)
    return dict(grouped)
