"""Where the zones stand in an indicator: values and plans read lean, ranks counted by an index."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Where a value stands among the zones, by indicator id. 1 query at any number of zones.

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
    parameters: dict[str, Any] = {
        "indicators": list(asked),
        "ends": [end for _indicator, end, _value in asked.values()],
        "values": [value for _indicator, _end, value in asked.values()],
        "higher": [row.direction == Direction.HIGHER for row, _end, _value in asked.values()],
        "as_of": as_of,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLACES if as_of is None else _PLACES_AS_OF, parameters)
        counted = cursor.fetchall()
    found = {pk: Place(None, 0) for pk in asked}
    for pk, better, ranked in counted:
        _indicator, _end, value = asked[pk]
        found[pk] = Place(None if value is None else better + 1, ranked)
    return found


# The twin of `counted_on`: zones and the period ends at which they do not count; mostly none.
_ODD = """
    WITH odd AS (
        SELECT z.id AS zone_id, e.period_end
        FROM organisations_zone z, (SELECT DISTINCT unnest(%(ends)s::date[]) AS period_end) e
        WHERE NOT z.evaluated OR z.parent_id IS NOT NULL
            OR z.valid_from > e.period_end OR z.valid_to < e.period_end)
"""
_COUNTS = """
    (NOT EXISTS (SELECT FROM odd)
        OR (o.zone_id, o.period_end) NOT IN (SELECT zone_id, period_end FROM odd))
"""
_CELLS = """
    unnest(%(indicators)s::bigint[], %(ends)s::date[], %(values)s::numeric[], %(higher)s::bool[])
        m(indicator_id, period_end, value, higher)
"""
_OTHERS = f"""
    SELECT count(*) FROM indicators_currentvalue o WHERE o.indicator_id = m.indicator_id
        AND o.period_end = m.period_end AND o.zone_id IS NOT NULL AND {_COUNTS}
"""
_PLACES = f"""
    {_ODD}
    SELECT m.indicator_id,
        CASE WHEN m.higher THEN ({_OTHERS} AND o.value > m.value)
            ELSE ({_OTHERS} AND o.value < m.value) END,
        ({_OTHERS})
    FROM {_CELLS}
"""
_PLACES_AS_OF = f"""
    {_ODD}
    SELECT m.indicator_id,
        count(*) FILTER (WHERE CASE WHEN m.higher THEN o.value > m.value
            ELSE o.value < m.value END),
        count(*)
    FROM {_CELLS}
    JOIN indicators_series s ON s.indicator_id = m.indicator_id AND s.scope_kind = 'zone'
    CROSS JOIN LATERAL (
        SELECT e.value, s.zone_id, e.period_end FROM indicators_valueevent e
        WHERE e.series_id = s.id AND e.period_end = m.period_end AND e.recorded_at <= %(as_of)s
        ORDER BY e.id DESC LIMIT 1) o
    WHERE o.value IS NOT NULL AND {_COUNTS} GROUP BY m.indicator_id
"""
