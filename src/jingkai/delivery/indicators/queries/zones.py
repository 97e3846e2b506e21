"""Zones beside each other in one indicator, and all indicators of one zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.http import Http404

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, User
from jingkai.engine.periods import Period
from jingkai.engine.ranking import GapBreakdown, gap_contributions, rank
from jingkai.engine.semantics import Direction
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import EDZ, counts_on, direction_of, zones_counted
from ..models import Indicator, ScopeKind, Series
from ..periods import any_period, own_period
from ..rules import zone_committee_ids
from .board import Status, Statuses, statuses, targets_by_indicator
from .figures import Figure, figures
from .visibility import visible_indicators, visible_series

MAX_RANKED_ZONES = 50
"""Beyond this many zones a zone's page shows no ranks: they would read every zone's figures."""


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone in one indicator. `reported` is false when the data period has no value of it."""

    zone: Zone
    status: Status
    reported: bool
    year_plan: Decimal | None
    share: Decimal | None
    """Of the total of all zones, in %; None where shares mean nothing."""
    rank: int | None


@dataclass(frozen=True, slots=True)
class ZonesBoard:
    """The zones a reader may see, in their order, and how many reported."""

    indicator: Indicator
    period: str
    total: Status
    rows: tuple[ZoneRow, ...]
    reported: int
    expected: int
    ranked: int
    """How many zones are in the order; a zone sees its rank among them, not the others' figures."""
    gap: GapBreakdown | None
    """Who makes the distance to the plan; None where it does not add up or for a zone."""


def zones_board(*, user: User, code: str, period: str, as_of: datetime | None = None) -> ZonesBoard:
    """All zones in one indicator at its own last period. 9 queries at any number of zones.

    Raises Http404 for an indicator the user may not see.
    """
    indicator = visible_indicators(user).filter(code=code).select_related("responsible").first()
    if indicator is None:
        raise Http404
    now = any_period(period)
    own = own_period(indicator, now)
    zones = [zone for zone in zones_counted() if counts_on(zone, own.end)]
    series = {
        s.scope: s
        for s in Series.objects.filter(indicator=indicator).exclude(scope_kind=ScopeKind.CITY)
    }
    for item in series.values():
        item.indicator = indicator
    leading = targets_by_indicator([indicator.pk]).get(indicator.pk, [])
    disputed = {indicator.pk} if leading and leading[0].is_disputed else set()
    found = statuses(list(series.values()), now, as_of=as_of, disputed=disputed)
    total = found.of(series[EDZ]) if EDZ in series else found.nothing(indicator)
    values = {zone.code: _exact(found, series.get(zone.code), own.end) for zone in zones}
    ranks = ranks_of(indicator, {code: f.value if f else None for code, f in values.items()})
    mine = _own_zones(user, zones)
    rows = tuple(
        _row(zone, indicator, series.get(zone.code), found, total, ranks, now) for zone in mine
    )
    return ZonesBoard(
        indicator,
        own.code,
        total,
        rows,
        sum(figure is not None for figure in values.values()),
        len(zones),
        sum(place is not None for place in ranks.values()),
        _gap(indicator, zones, series, found, values, total, own)
        if len(mine) == len(zones)
        else None,
    )


def _own_zones(user: User, zones: Sequence[Zone]) -> list[Zone]:
    if user.has_role(*CITY_WIDE, *DEPARTMENT):
        return list(zones)
    committees = zone_committee_ids(user)
    return [zone for zone in zones if zone.committee_id in committees]


def _exact(found: Statuses, series: Series | None, end: date) -> Figure | None:
    return found.line(series).get(end)


def _row(
    zone: Zone,
    indicator: Indicator,
    series: Series | None,
    found: Statuses,
    total: Status,
    ranks: Mapping[str, int | None],
    now: Period,
) -> ZoneRow:
    status = found.of(series) if series else found.nothing(indicator)
    reported = status.figure is not None and status.age == 0
    year_end = found.path(series).get(date(now.year, 12, 31))
    share = None
    if (
        reported
        and status.figure
        and total.figure
        and total.figure.value
        and total.figure.period == status.figure.period
        and indicator.place_aggregation == "sum"
    ):
        share = status.figure.value / total.figure.value * 100
    return ZoneRow(
        zone,
        status,
        reported,
        year_end.planned if year_end else None,
        share,
        ranks.get(zone.code),
    )


def ranks_of(indicator: Indicator, values: Mapping[str, Decimal | None]) -> dict[str, int | None]:
    """Rank by zone, ties share one; nobody is ranked where neither more nor less is better."""
    direction = direction_of(indicator)
    if direction is Direction.NONE:
        return dict.fromkeys(values)
    return {ranked.key: ranked.rank for ranked in rank(values, direction)}


def _gap(
    indicator: Indicator,
    zones: Sequence[Zone],
    series: Mapping[str, Series],
    found: Statuses,
    values: Mapping[str, Figure | None],
    total: Status,
    own: Period,
) -> GapBreakdown | None:
    direction = direction_of(indicator)
    if indicator.place_aggregation != "sum" or direction is Direction.NONE:
        return None
    planned: dict[str, Decimal | None] = {}
    for zone in zones:
        point = found.path(series.get(zone.code)).get(own.end)
        planned[zone.code] = point.planned if point else None
    at_hand = total.figure is not None and total.age == 0 and total.planned is not None
    if not at_hand and not any(planned.values()):
        return None
    return gap_contributions(
        {code: figure.value if figure else None for code, figure in values.items()},
        planned,
        direction,
        city_actual=total.figure.value if at_hand and total.figure else None,
        city_planned=total.planned if at_hand else None,
    )


@dataclass(frozen=True, slots=True)
class ZoneIndicatorRow:
    """One indicator of one zone."""

    status: Status
    reported: bool
    year_plan: Decimal | None
    rank: int | None
    ranked: int

    @property
    def indicator(self) -> Indicator:
        return self.status.indicator


def zone_board(
    *, user: User, zone: Zone, period: str, as_of: datetime | None = None
) -> tuple[ZoneIndicatorRow, ...]:
    """Every indicator that has a series of this zone, in their order. 8 queries.

    Raises Http404 when the user may not see this zone's figures.
    """
    if not _own_zones(user, [zone]):
        raise Http404
    now = any_period(period)
    series = list(
        visible_series(user)
        .filter(zone=zone)
        .select_related("indicator", "indicator__responsible")
        .order_by("indicator__position", "indicator__code")
    )
    found = statuses(series, now, as_of=as_of)
    ranked = zones_counted() if len(series) else []
    places = (
        _places({item.indicator for item in series}, now, as_of)
        if len(ranked) <= MAX_RANKED_ZONES
        else defaultdict(dict)
    )
    rows = []
    for item in series:
        status = found.of(item)
        year_end = found.path(item).get(date(now.year, 12, 31))
        ranks = places[item.indicator_id]
        rows.append(
            ZoneIndicatorRow(
                status,
                status.figure is not None and status.age == 0,
                year_end.planned if year_end else None,
                ranks.get(zone.code),
                sum(place is not None for place in ranks.values()),
            )
        )
    return tuple(rows)


def _places(
    indicators: set[Indicator], now: Period, as_of: datetime | None
) -> dict[int, dict[str, int | None]]:
    """Rank of each zone in each indicator at the indicator's own last period. 2 queries."""
    series = Series.objects.filter(
        indicator__in=[row.pk for row in indicators], scope_kind=ScopeKind.ZONE
    ).values_list("pk", "indicator_id", "scope")
    owners = {pk: (indicator_id, scope) for pk, indicator_id, scope in series}
    by_id = {row.pk: row for row in indicators}
    last = {row.pk: own_period(row, now).end for row in indicators}
    lines = figures(owners, ends=last.values(), as_of=as_of)
    values: defaultdict[int, dict[str, Decimal | None]] = defaultdict(dict)
    for pk, (indicator_id, scope) in owners.items():
        figure = lines.get(pk, {}).get(last[indicator_id])
        values[indicator_id][scope] = figure.value if figure else None
    return {pk: ranks_of(row, values[pk]) for pk, row in by_id.items()}
