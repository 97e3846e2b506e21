"""Zones beside each other in one indicator, and all indicators of one zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404

from jingkai.core.accounts.public import User
from jingkai.engine.periods import Period
from jingkai.engine.ranking import GapBreakdown, gap_contributions, rank
from jingkai.engine.semantics import Direction
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import EDZ, direction_of
from ..models import Agreement, Indicator, Series, Target
from ..periods import any_period, own_period
from ..rules import zone_committee_ids
from .board import Status, Statuses, statuses
from .standing import Place, ZoneKey, places, plans_at, values_at, zone_keys
from .visibility import sees_every_series, visible_indicators


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
    """One page of the zones a reader may see, and what is true of all of them."""

    indicator: Indicator
    period: str
    total: Status
    rows: tuple[ZoneRow, ...]
    seen: int
    """How many zones the reader may see; `rows` is a page of them."""
    reported: int
    expected: int
    ranked: int
    """How many zones are in the order; a zone sees its rank among them, not the others' figures."""
    has_ties: bool
    gap: GapBreakdown | None
    """Who makes the distance to the plan, of all zones; None where it does not add up, where it
    was not asked for, or for a zone."""


class ZoneOrder(StrEnum):
    """In which order a board pages through the zones."""

    OWN = "own"
    RANK = "rank"
    """Best first; zones without a figure of the period last, in their own order."""
    GAP = "gap"
    """Worst part of the gap first; zones without value or plan last."""


def _leading() -> QuerySet[Target]:
    """What leads an outer indicator: the order of `board.leading_first`."""
    said = Target.objects.filter(indicator=OuterRef("pk"), scope=EDZ)
    return said.exclude(agreement=Agreement.SET_ASIDE).order_by(
        "-is_leading", "-horizon", "position", "code"
    )


def zones_board(
    *,
    user: User,
    code: str,
    period: str,
    as_of: datetime | None = None,
    order: ZoneOrder = ZoneOrder.OWN,
    with_gap: bool = True,
    offset: int = 0,
    limit: int | None = None,
) -> ZonesBoard:
    """Zones in one indicator at its own last period, `limit` of them from `offset` on.

    11 queries at any number of zones, 12 with the gap, one more where some are silent. Raises
    Http404 for an indicator the user may not see.
    """
    indicator = (
        visible_indicators(user)
        .filter(code=code)
        .annotate(leading=Subquery(_leading().values("agreement")[:1]))
        .select_related("responsible")
        .first()
    )
    if indicator is None:
        raise Http404
    disputed = {indicator.pk} if indicator.leading == Agreement.DISPUTED else set()
    now = any_period(period)
    own = own_period(indicator, now)
    zones = zone_keys(own.end)
    mine = _own_zones(user, zones)
    by_zone = values_at(indicator, own.end, as_of=as_of)
    values = {zone.code: by_zone.get(zone.pk) for zone in zones}
    ranks = ranks_of(indicator, values)
    planned: dict[str, Decimal | None] = {}
    if with_gap and len(mine) == len(zones) and _adds_up(indicator):
        plans = plans_at(indicator, own.end, as_of=as_of)
        planned = {zone.code: plans.get(zone.pk) for zone in zones}
    ordered = _in_order(mine, order, direction_of(indicator), values, ranks, planned)
    shown = ordered[offset:] if limit is None else ordered[offset : offset + limit]
    total, rows = _rows(indicator, shown, ranks, now, as_of, disputed)
    ranked = [place for place in ranks.values() if place is not None]
    return ZonesBoard(
        indicator,
        own.code,
        total,
        rows,
        len(mine),
        sum(value is not None for value in values.values()),
        len(zones),
        len(ranked),
        len(ranked) != len(set(ranked)),
        _gap(indicator, values, planned, total) if planned else None,
    )


def _own_zones(user: User, zones: Sequence[ZoneKey]) -> list[ZoneKey]:
    if sees_every_series(user):
        return list(zones)
    committees = zone_committee_ids(user)
    return [zone for zone in zones if zone.committee_id in committees]


def _adds_up(indicator: Indicator) -> bool:
    """Whether a distance of all zones is the sum of the zones' distances."""
    return indicator.place_aggregation == "sum" and direction_of(indicator) is not Direction.NONE


def _in_order(
    zones: Sequence[ZoneKey],
    order: ZoneOrder,
    direction: Direction,
    values: Mapping[str, Decimal | None],
    ranks: Mapping[str, int | None],
    planned: Mapping[str, Decimal | None],
) -> list[ZoneKey]:
    sign = direction.sign

    def gap(zone: ZoneKey) -> tuple[bool, Decimal, str]:
        value, plan = values[zone.code], planned.get(zone.code)
        if value is None or plan is None:
            return True, Decimal(0), zone.code
        return False, sign * (value - plan), zone.code

    if order is ZoneOrder.RANK:
        return sorted(zones, key=lambda z: (values[z.code] is None, ranks[z.code] or 0))
    return sorted(zones, key=gap) if order is ZoneOrder.GAP else list(zones)


def _rows(
    indicator: Indicator,
    shown: Sequence[ZoneKey],
    ranks: Mapping[str, int | None],
    now: Period,
    as_of: datetime | None,
    disputed: set[int],
) -> tuple[Status, tuple[ZoneRow, ...]]:
    """The status of all zones together, and what a table shows of these zones."""
    scopes = [EDZ, *(zone.code for zone in shown)]
    series = {s.scope: s for s in Series.objects.filter(indicator=indicator, scope__in=scopes)}
    for item in series.values():
        item.indicator = indicator
    zones = Zone.objects.in_bulk([zone.pk for zone in shown])
    found = statuses(list(series.values()), now, as_of=as_of, disputed=disputed, lean=True)
    total = found.of(series[EDZ]) if EDZ in series else found.nothing(indicator)
    return total, tuple(
        _row(zones[key.pk], indicator, series.get(key.code), found, total, ranks, now)
        for key in shown
    )


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
    values: Mapping[str, Decimal | None],
    planned: Mapping[str, Decimal | None],
    total: Status,
) -> GapBreakdown | None:
    at_hand = total.figure is not None and total.age == 0 and total.planned is not None
    if not at_hand and not any(planned.values()):
        return None
    return gap_contributions(
        values,
        planned,
        direction_of(indicator),
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
    if not sees_every_series(user) and zone.committee_id not in zone_committee_ids(user):
        raise Http404
    now = any_period(period)
    series = list(
        Series.objects.filter(zone=zone)
        .select_related("indicator", "indicator__responsible")
        .order_by("indicator__position", "indicator__code")
    )
    found = statuses(series, now, as_of=as_of, lean=True)
    cells: dict[Indicator, tuple[date, Decimal | None]] = {}
    for item in series:
        end = own_period(item.indicator, now).end
        figure = found.line(item).get(end)
        cells[item.indicator] = (end, figure.value if figure else None)
    stand = places(cells, as_of=as_of)
    return tuple(_zone_row(item, found, stand.get(item.indicator_id), now) for item in series)


def _zone_row(
    series: Series, found: Statuses, place: Place | None, now: Period
) -> ZoneIndicatorRow:
    status = found.of(series)
    year_end = found.path(series).get(date(now.year, 12, 31))
    return ZoneIndicatorRow(
        status,
        status.figure is not None and status.age == 0,
        year_end.planned if year_end else None,
        place.rank if place else None,
        place.ranked if place else 0,
    )
