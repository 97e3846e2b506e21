"""Where the zones stand in an indicator: values and plans read lean, ranks counted by an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from jingkai.engine.semantics import Direction
from jingkai.masterdata.organisations.public import Zone

from ..models import CurrentValue, Indicator, ScopeKind, TrajectoryPoint, ValueEvent


@dataclass(frozen=True, slots=True)
class ZoneKey:
    """What an order of zones needs of each; the rest is read for the zones that are shown."""

    pk: int
    code: str
    committee_id: int | None


def zone_keys(day: date) -> list[ZoneKey]:
    """Zones that count on `day`, in their order. 1 query."""
    rows = counted_on(day).order_by("position", "code")
    return [ZoneKey(*row) for row in rows.values_list("pk", "code", "committee_id")]


def counted_on(day: date) -> QuerySet[Zone]:
    """The twin of `catalogue.zones_counted` with `counts_on`."""
    return Zone.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day),
        Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        evaluated=True,
        parent__isnull=True,
    )


def values_at(
    indicator: Indicator, end: date, *, as_of: datetime | None = None
) -> dict[int, Decimal]:
    """Values of the zones at one period end, by zone id. 1 query."""
    if as_of is None:
        current = CurrentValue.objects.filter(
            indicator=indicator, period_end=end, zone__isnull=False
        ).order_by()
        return {zone: value for zone, value in current.values_list("zone_id", "value") if zone}
    said = (
        ValueEvent.objects.filter(
            series__indicator=indicator,
            series__scope_kind=ScopeKind.ZONE,
            period_end=end,
            recorded_at__lte=as_of,
        )
        .order_by("series_id", "-id")
        .distinct("series_id")
        .values_list("series__zone_id", "value")
    )
    return {zone: value for zone, value in said if zone and value is not None}


def plans_at(
    indicator: Indicator, end: date, *, as_of: datetime | None = None
) -> dict[int, Decimal]:
    """What the zones' paths plan for one period end, by zone id. 1 query."""
    points = TrajectoryPoint.objects.filter(
        trajectory__series__indicator=indicator,
        trajectory__series__scope_kind=ScopeKind.ZONE,
        period_end=end,
    )
    zone = F("trajectory__series__zone_id")
    if as_of is None:
        active = points.filter(trajectory__is_active=True).order_by()
        return dict(active.values_list(zone, "planned"))
    latest = (
        points.filter(trajectory__created_at__lte=as_of)
        .order_by("trajectory__series_id", "-trajectory__version")
        .distinct("trajectory__series_id")
    )
    return dict(latest.values_list(zone, "planned"))


@dataclass(frozen=True, slots=True)
class Place:
    """A zone's rank in one indicator, None when it has no value, and how many are ranked."""

    rank: int | None
    ranked: int


def places(
    cells: Mapping[Indicator, tuple[date, Decimal | None]], *, as_of: datetime | None = None
) -> dict[int, Place]:
    """Where a value stands among the zones, by indicator id. 2 queries at any number of zones.

    `cells` names, for each indicator, a period end and the value there. Ties share a rank; an
    indicator without a direction is left out. As known today the database counts entries of one
    index; as of a day it reads one event per zone and indicator.
    """
    asked = {
        indicator.pk: (indicator, *cell)
        for indicator, cell in cells.items()
        if indicator.direction != Direction.NONE
    }
    if not asked:
        return {}
    ends = {end for _indicator, end, _value in asked.values()}
    left_out = _not_counted(ends)
    parameters: dict[str, Any] = {
        "indicators": list(asked),
        "ends": [end for _indicator, end, _value in asked.values()],
        "values": [value for _indicator, _end, value in asked.values()],
        "higher": [row.direction == Direction.HIGHER for row, _end, _value in asked.values()],
        "zones": [zone for zone, _end in left_out],
        "zone_ends": [end for _zone, end in left_out],
        "as_of": as_of,
    }
    statement = (_PLACES if as_of is None else _PLACES_AS_OF).format(
        left_out=_LEFT_OUT if left_out else ""
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        counted = cursor.fetchall()
    found = {pk: Place(None, 0) for pk in asked}
    for pk, better, ranked in counted:
        _indicator, _end, value = asked[pk]
        found[pk] = Place(None if value is None else better + 1, ranked)
    return found


def _not_counted(ends: Collection[date]) -> list[tuple[int, date]]:
    """Pairs of a zone and a period end at which it does not count. 1 query; mostly none."""
    plain = Q(evaluated=True, parent__isnull=True, valid_to__isnull=True) & (
        Q(valid_from__isnull=True) | Q(valid_from__lte=min(ends))
    )
    odd = Zone.objects.exclude(plain).values_list(
        "pk", "evaluated", "parent_id", "valid_from", "valid_to"
    )
    return [
        (pk, end)
        for pk, evaluated, parent, first, last in odd
        for end in sorted(ends)
        if not evaluated
        or parent is not None
        or (first is not None and first > end)
        or (last is not None and last < end)
    ]


_LEFT_OUT = """
    AND NOT EXISTS (
        SELECT FROM unnest(%(zones)s::bigint[], %(zone_ends)s::date[]) x(zone_id, period_end)
        WHERE x.zone_id = o.zone_id AND x.period_end = m.period_end)
"""
_CELLS = """
    unnest(%(indicators)s::bigint[], %(ends)s::date[], %(values)s::numeric[], %(higher)s::bool[])
        m(indicator_id, period_end, value, higher)
"""
_OTHERS = """
    SELECT count(*) FROM indicators_currentvalue o WHERE o.indicator_id = m.indicator_id
        AND o.period_end = m.period_end AND o.zone_id IS NOT NULL {left_out}
"""
_PLACES = f"""
    SELECT m.indicator_id,
        CASE WHEN m.higher THEN ({_OTHERS} AND o.value > m.value)
            ELSE ({_OTHERS} AND o.value < m.value) END,
        ({_OTHERS})
    FROM {_CELLS}
"""
_PLACES_AS_OF = f"""
    SELECT m.indicator_id,
        count(*) FILTER (WHERE CASE WHEN m.higher THEN o.value > m.value
            ELSE o.value < m.value END),
        count(*)
    FROM {_CELLS}
    JOIN indicators_series s ON s.indicator_id = m.indicator_id AND s.scope_kind = 'zone'
    CROSS JOIN LATERAL (
        SELECT e.value, s.zone_id FROM indicators_valueevent e
        WHERE e.series_id = s.id AND e.period_end = m.period_end AND e.recorded_at <= %(as_of)s
        ORDER BY e.id DESC LIMIT 1) o
    WHERE o.value IS NOT NULL {{left_out}} GROUP BY m.indicator_id
"""
