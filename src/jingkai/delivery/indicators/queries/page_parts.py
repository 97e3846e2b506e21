"""Parts of an indicator's page beside `indicator.indicator_page` and `zones.zones_board`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Window
from django.db.models.functions import RowNumber

from jingkai.core.accounts.public import User
from jingkai.engine.periods import Period

from ..catalogue import is_percentage
from ..labels import period_label
from ..models import (
    Allocation,
    AllocationLine,
    AllocationState,
    Indicator,
    Series,
    ValueEvent,
    ValueMode,
)
from .indicator import IndicatorPage, value_events
from .visibility import visible_allocations, visible_lines


@dataclass(frozen=True, slots=True)
class Change:
    """Change against a year earlier, in % or, for a percentage, in points."""

    value: Decimal | None
    in_points: bool = False
    broken: bool = False
    """The definition changed in between: the two do not compare, and `value` is None."""

    @property
    def arrow(self) -> str:
        if not self.value:
            return ""
        return "↑" if self.value > 0 else "↓"


def change_of(page: IndicatorPage) -> Change:
    """The figure against the same period a year earlier, unless the definition broke between."""
    status = page.status
    figure = status.figure
    if figure is None or status.growth is None:
        return Change(None, status.growth_in_points)
    before = figure.at.year_ago().end
    broke = any(
        v.is_break and before < v.effective_from <= figure.period_end for v in page.definitions
    )
    if broke:
        return Change(None, status.growth_in_points, broken=True)
    return Change(status.growth, status.growth_in_points)


def adds_up_in_year(indicator: Indicator) -> bool:
    """Whether its running total is a sum of periods, so that what is missing can be said."""
    return (
        indicator.value_mode == ValueMode.YTD
        and not is_percentage(indicator)
        and indicator.place_aggregation != "weighted_ratio"
    )


@dataclass(frozen=True, slots=True)
class Rolling:
    """What stands for the year that has not ended: a sum of twelve months, or the latest value."""

    period: Period
    value: Decimal
    is_sum: bool


def rolling_of(page: IndicatorPage) -> Rolling | None:
    """The year of the latest figure while it has not ended; None when nothing fair can stand."""
    figure = page.status.figure
    if figure is None or figure.period_end.month == 12:
        return None
    if not adds_up_in_year(page.indicator):
        flow = page.indicator.value_mode == ValueMode.PERIOD
        return None if flow else Rolling(figure.at, figure.value, False)
    by_year = {year.year: year for year in page.years}
    before = by_year.get(figure.period_end.year - 1)
    ago_end = figure.at.year_ago().end
    ago = next((p.actual for p in page.points if p.period_end == ago_end), None)
    if before is None or not before.is_complete or before.actual is None or ago is None:
        return None
    return Rolling(figure.at, figure.value + before.actual - ago, True)


@dataclass(frozen=True, slots=True)
class Vintage:
    """One statement of one period's figure, and what it changed."""

    event: ValueEvent
    before: Decimal | None
    is_first: bool

    @property
    def change(self) -> Decimal | None:
        if self.before is None or self.event.value is None:
            return None
        return self.event.value - self.before


@dataclass(frozen=True, slots=True)
class Vintages:
    """All that was ever said about one period, oldest first."""

    period: Period
    indicator: Indicator
    said: list[Vintage]

    @property
    def label(self) -> str:
        return period_label(self.period, self.indicator)


def vintages_of(
    series: Series | None, *, now: Period, as_of: datetime | None = None, limit: int = 24
) -> list[Vintages]:
    """Statements about each of the latest periods, newest period first. 1 query."""
    if series is None:
        return []
    rows = value_events(series, as_of).filter(period_end__lte=now.end)
    ends = rows.order_by("-period_end").values("period_end").distinct()[:limit]
    grouped: dict[str, Vintages] = {}
    for event in rows.filter(period_end__in=ends).order_by("-period_end", "id"):
        own = grouped.setdefault(
            event.period, Vintages(Period.parse(event.period), series.indicator, [])
        )
        before = own.said[-1].event.value if own.said else None
        own.said.append(Vintage(event, before, not own.said))
    return list(grouped.values())


LINES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Share:
    """One round of sharing out, and the first lines of it that are shown to the person."""

    allocation: Allocation
    lines: Sequence[AllocationLine]
    more: bool
    """Whether the round has lines beyond these."""


def shares_of(user: User, indicator: Indicator) -> list[Share]:
    """Rounds of one indicator, the nearest horizon first. 2 queries at any number of zones."""
    rounds = list(visible_allocations(user).filter(indicator=indicator).order_by("horizon", "-pk"))
    lines: defaultdict[int, list[AllocationLine]] = defaultdict(list)
    order = ("zone__position", "pk")
    numbered = Window(RowNumber(), partition_by="allocation", order_by=order)
    for line in (
        visible_lines(user)
        .filter(allocation__in=rounds)
        .annotate(number=numbered)
        .filter(number__lte=LINES_SHOWN + 1)
        .select_related("zone")
        .order_by(*order)
    ):
        lines[line.allocation_id].append(line)
    return [
        Share(row, lines[row.pk][:LINES_SHOWN], len(lines[row.pk]) > LINES_SHOWN) for row in rounds
    ]


def issued_by_zone(
    user: User, indicator: Indicator, zones: Collection[int], year: int
) -> dict[int, Decimal]:
    """What was issued to these zones for `year`, or for the nearest horizon after it. 1 query."""
    rows = (
        visible_lines(user)
        .filter(
            allocation__indicator=indicator,
            allocation__state=AllocationState.ISSUED,
            allocation__horizon__gte=str(year),
            zone__in=zones,
            issued__isnull=False,
        )
        .order_by("allocation__horizon", "-allocation_id")
    )
    found: dict[int, Decimal] = {}
    for zone, issued in rows.values_list("zone_id", "issued"):
        if issued is not None:
            found.setdefault(zone, issued)
    return found
