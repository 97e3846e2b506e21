"""One indicator across all zones, side by side, for the department that verifies it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet

from jingkai.core.accounts.public import User
from jingkai.core.files.public import Attachment, attachments_by_target
from jingkai.delivery.indicators.public import CurrentValue, Indicator, Trajectory, ValueMode
from jingkai.engine.periods import Period
from jingkai.masterdata.organisations.public import Zone

from ..models import (
    Alarm,
    AlarmOutcome,
    Campaign,
    Cell,
    CellState,
    Explanation,
    Level,
    SourceFigure,
)
from .cells import with_parts
from .visibility import visible_cells

PAGE_SIZE = 100
CITY, EDZ = "CITY", "EDZ"


@dataclass(frozen=True, slots=True)
class Line:
    """One zone's figure with everything a reviewer looks at beside it. Growth in percent."""

    cell: Cell
    name: str
    month: Decimal | None
    previous: Decimal | None
    year_ago: Decimal | None
    growth: Decimal | None
    planned: Decimal | None
    source: Decimal | None
    source_gap: Decimal | None
    alarms: tuple[Alarm, ...]
    explanations: tuple[Explanation, ...]
    files: tuple[Attachment, ...]

    @property
    def is_doubtful(self) -> bool:
        """Must be looked at by itself."""
        return any(
            alarm.level != Level.HINT
            and alarm.outcome in (AlarmOutcome.OPEN, AlarmOutcome.EXPLAINED)
            for alarm in self.alarms
        )

    @property
    def waits(self) -> bool:
        return self.cell.state == CellState.SIGNED


@dataclass(frozen=True, slots=True)
class Verification:
    """A page of lines, and the whole: the sum of what is reported beside what stands."""

    campaign: Campaign
    indicator: Indicator
    period: Period
    lines: tuple[Line, ...]
    page: Page[int]
    reported: Decimal | None
    year_ago_total: Decimal | None
    city: Decimal | None
    waiting: int
    clean_ids: tuple[int, ...]


def verification(
    user: User, campaign: Campaign, indicator: Indicator, *, page: str | int | None = 1
) -> Verification:
    """Cells of one indicator in one collection. At most 14 queries at any size.

    `clean_ids`: signed cells without a doubt, over all pages: those may be verified in bulk.
    """
    period = Period.parse(campaign.period)
    seen = visible_cells(user).filter(in_return__campaign=campaign, indicator=indicator)
    figures = seen.filter(part="")
    doubts = Alarm.objects.filter(
        cell=OuterRef("pk"),
        level__in=[Level.FIX, Level.EXPLAIN],
        outcome__in=[AlarmOutcome.OPEN, AlarmOutcome.EXPLAINED],
    )
    everything = list(
        figures.order_by("in_return__zone__position", "in_return", "scope", "pk").values_list(
            "pk", "state", "value", "scope", Exists(doubts)
        )
    )
    shown = Paginator([row[0] for row in everything], PAGE_SIZE).get_page(page)
    cells = list(_ordered(figures.filter(pk__in=shown.object_list)))
    scopes = [cell.scope for cell in cells]
    values = _values(indicator, [*scopes, EDZ, CITY], period)
    lines = _lines(indicator, period, cells, values, seen)
    signed = {pk: doubtful for pk, state, *_r, doubtful in everything if state == CellState.SIGNED}
    told = [v for _pk, _s, v, scope, _d in everything if v is not None and scope != CITY]
    adds_up = indicator.place_aggregation == "sum"
    return Verification(
        campaign,
        indicator,
        period,
        tuple(lines),
        shown,
        sum(told, Decimal(0)) if told and adds_up else None,
        values.get((EDZ, period.year_ago().code)),
        values.get((CITY, period.code)),
        len(signed),
        tuple(pk for pk, doubtful in signed.items() if not doubtful),
    )


def _ordered(cells: QuerySet[Cell]) -> QuerySet[Cell]:
    return (
        with_parts(cells)
        .select_related(
            "item__verifier",
            "indicator__compiler",
            "entered_by",
            "signed_by",
            "verified_by",
            "in_return__zone",
            "in_return__body",
            "in_return__campaign",
        )
        .order_by("in_return__zone__position", "in_return", "scope", "pk")
    )


def _values(
    indicator: Indicator, scopes: Sequence[str], period: Period
) -> Mapping[tuple[str, str], Decimal]:
    """Standing figures by scope and period: a year ago, the period before, now. 1 query."""
    rows = CurrentValue.objects.filter(
        series__indicator=indicator,
        series__scope__in=scopes,
        period__in=[period.code, period.previous().code, period.year_ago().code],
    ).values_list("series__scope", "period", "value")
    return {(scope, code): value for scope, code, value in rows}


def _lines(
    indicator: Indicator,
    period: Period,
    cells: Sequence[Cell],
    values: Mapping[tuple[str, str], Decimal],
    seen: QuerySet[Cell],
) -> list[Line]:
    ids = [cell.pk for cell in cells]
    scopes = [cell.scope for cell in cells]
    owners = [cell.in_return_id for cell in cells]
    months = dict(
        seen.filter(part="month", in_return__in=owners).values_list("in_return_id", "value")
    )
    planned = dict(
        Trajectory.objects.filter(
            is_active=True,
            series__indicator=indicator,
            series__scope__in=scopes,
            points__period=period.code,
        ).values_list("series__scope", "points__planned")
    )
    sources = {
        row.scope: row.value
        for row in SourceFigure.objects.filter(
            indicator=indicator, period=period.code, scope__in=scopes
        ).order_by("id")
    }
    alarms, explanations = _doubts(cells)
    files = attachments_by_target(Cell, ids)
    names = {c.scope: c.in_return.zone.short_name for c in cells if c.in_return.zone}
    if len(names) < len(cells):
        names |= dict(Zone.objects.filter(code__in=scopes).values_list("code", "short_name"))
    same_year = period.part > 1 or indicator.value_mode != ValueMode.YTD
    lines = []
    for cell in cells:
        year_ago = values.get((cell.scope, period.year_ago().code))
        source = sources.get(cell.scope)
        lines.append(
            Line(
                cell,
                names.get(cell.scope, cell.scope),
                months.get(cell.in_return_id),
                values.get((cell.scope, period.previous().code)) if same_year else None,
                year_ago,
                _percent(cell.value, year_ago),
                planned.get(cell.scope),
                source,
                _percent(cell.value, source),
                tuple(alarms.get(cell.pk, ())),
                tuple(explanations.get(cell.pk, ())),
                tuple(files.get(cell.pk, ())),
            )
        )
    return lines


def _doubts(
    cells: Sequence[Cell],
) -> tuple[dict[int, list[Alarm]], dict[int, list[Explanation]]]:
    """Alarms that stand and explanations of the present figure, by cell. 2 queries."""
    alarms: defaultdict[int, list[Alarm]] = defaultdict(list)
    for alarm in Alarm.objects.filter(
        cell__in=cells, outcome__in=[AlarmOutcome.OPEN, AlarmOutcome.EXPLAINED, AlarmOutcome.STOOD]
    ).select_related("rule"):
        alarms[alarm.cell_id].append(alarm)
    present = {cell.pk: cell.value for cell in cells}
    said: defaultdict[int, list[Explanation]] = defaultdict(list)
    for row in Explanation.objects.filter(cell__in=cells).select_related("actor").order_by("pk"):
        if row.value == present[row.cell_id]:
            said[row.cell_id].append(row)
    return alarms, said


def _percent(value: Decimal | None, base: Decimal | None) -> Decimal | None:
    """How far `value` lies above `base`, in percent; None without a positive base."""
    if value is None or base is None or base <= 0:
        return None
    return (value / base - 1) * 100
