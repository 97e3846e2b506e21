"""Finding out what a change of one figure moves, by doing it and taking it back.

The figures are recorded by the very engine that would record them, inside a savepoint that is
rolled back: the preview and the deed cannot differ. Only numbers of sequences are used up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q

from jingkai.core.accounts.public import User
from jingkai.core.verdicts import ALLOWED, Verdict
from jingkai.delivery.indicators.public import (
    CurrentValue,
    Origin,
    RecordResult,
    Release,
    Series,
    StatusVoice,
    Target,
    ValueEntry,
    ValueEvent,
    ValueMode,
    Voice,
    record_values,
    statuses,
)
from jingkai.engine.periods import Period
from jingkai.engine.ranking import rank
from jingkai.engine.rounding import round_to
from jingkai.engine.semantics import Direction
from jingkai.masterdata.organisations.public import Zone

from .impact import (
    FigureMove,
    Impact,
    LaterFigure,
    LightMove,
    Place,
    RankMove,
    TargetMove,
    ask_for_uses,
)

Permit = Callable[[User, Series], Verdict]
_LEVELS = ("level", "floor", "cap")


def apply(
    *,
    series: Series,
    period: str,
    value: Decimal,
    release: Release,
    reason: str,
    actor: User,
    now: datetime,
    permit: Permit,
) -> tuple[RecordResult, Impact]:
    """Record the figure for good and tell what moved. The caller holds the transaction."""
    entry = ValueEntry(series.indicator.code, series.scope, period, value)
    result = record_values(
        entries=[entry],
        actor=actor,
        now=now,
        origin=Origin.ENTERED,
        release=release,
        reason=reason,
        permit=permit,
    )
    return result, _impact_of(result, series, period)


def preview(
    *,
    series: Series,
    period: str,
    value: Decimal,
    release: Release,
    reason: str,
    actor: User,
    now: datetime,
) -> Impact:
    """What would move, were the figure recorded. Nothing remains. About 35 queries.

    Raises InvalidInput where `record_values` would.
    """
    with transaction.atomic():
        _result, impact = apply(
            series=series,
            period=period,
            value=value,
            release=release,
            reason=reason,
            actor=actor,
            now=now,
            permit=lambda user, row: ALLOWED,
        )
        transaction.set_rollback(True)
    return impact


def _impact_of(result: RecordResult, series: Series, period: str) -> Impact:
    written = {(e.series_id, e.period): e for e in (*result.events, *result.computed)}
    if not written:
        return Impact()
    entered = {(e.series_id, e.period) for e in result.events}
    first = min(event.pk for event in written.values())
    before = _standing_before(written, first)
    places = {key: _place(event) for key, event in written.items()}
    figures = tuple(
        FigureMove(
            **asdict(places[key]),
            before=_text(before[key].value if key in before else None),
            after=_text(event.value),
            release_before=before[key].release if key in before else "",
            release_after=event.release,
            computed=key not in entered,
        )
        for key, event in written.items()
    )
    asked, uses = ask_for_uses(figures)
    return Impact(
        figures=figures,
        lights=_lights(result.lights, places),
        ranks=_ranks(written, before, (series.pk, period)),
        targets=_targets(written, before, places),
        later=_later(series, period, written, before),
        uses=uses,
        asked=asked,
        warnings=tuple(warning.message for warning in result.warnings),
    )


Key = tuple[int, str]
Events = Mapping[Key, ValueEvent]


def _pairs(keys: Iterable[Key]) -> Q:
    by_period: defaultdict[str, set[int]] = defaultdict(set)
    for series_id, period in keys:
        by_period[period].add(series_id)
    return reduce(or_, (Q(period=p, series_id__in=ids) for p, ids in by_period.items()))


def _standing_before(written: Events, first: int) -> dict[Key, ValueEvent]:
    """The last event of each cell before this call. 1 query."""
    rows = (
        ValueEvent.objects.filter(_pairs(written), pk__lt=first)
        .order_by("series_id", "period", "-id")
        .distinct("series_id", "period")
    )
    return {(row.series_id, row.period): row for row in rows}


def _place(event: ValueEvent) -> Place:
    series, indicator = event.series, event.series.indicator
    return Place(
        series.pk,
        indicator.code,
        indicator.name,
        indicator.name_en,
        indicator.unit,
        indicator.decimals,
        series.scope,
        series.zone.short_name if series.zone else "",
        event.period,
    )


def _text(value: Decimal | None) -> str | None:
    """Plain digits, the same for a value just written and one read back."""
    if value is None:
        return None
    return "0" if value == 0 else f"{value.normalize():f}"


def _lights(voices: Sequence[StatusVoice], places: Mapping[Key, Place]) -> tuple[LightMove, ...]:
    """1 query, and 6 for each period whose earlier light nobody has spoken."""
    if not voices:
        return ()
    keys = [(voice.series_id, voice.period) for voice in voices]
    rows = (
        StatusVoice.objects.filter(
            _pairs(keys), voice=Voice.RULE, pk__lt=min(voice.pk for voice in voices)
        )
        .order_by("series_id", "period", "-id")
        .distinct("series_id", "period")
    )
    before = {(row.series_id, row.period): (row.light, row.distance) for row in rows}
    before |= _unspoken([voice for voice in voices if _key(voice) not in before])
    return tuple(
        LightMove(
            **asdict(places[_key(voice)]),
            before=before[_key(voice)][0] if _key(voice) in before else "",
            after=voice.light,
            distance_before=_text(before[_key(voice)][1]) if _key(voice) in before else None,
            distance_after=_text(voice.distance),
        )
        for voice in voices
    )


def _key(voice: StatusVoice) -> Key:
    return voice.series_id, voice.period


def _unspoken(voices: Sequence[StatusVoice]) -> dict[Key, tuple[str, Decimal | None]]:
    """The lights pages showed a moment ago for figures whose rule voice never spoke."""
    found: dict[Key, tuple[str, Decimal | None]] = {}
    by_period: defaultdict[str, list[StatusVoice]] = defaultdict(list)
    for voice in voices:
        by_period[voice.period].append(voice)
    for period, group in by_period.items():
        series = [voice.series for voice in group]
        disputed = Target.objects.filter(
            indicator_id__in={row.indicator_id for row in series},
            scope="EDZ",
            is_leading=True,
            agreement="disputed",
        ).values_list("indicator_id", flat=True)
        then = statuses(
            series,
            Period.parse(period),
            as_of=group[0].at - timedelta(microseconds=1),
            disputed=list(disputed),
        )
        for row in series:
            status = then.of(row)
            if status.figure is not None and status.figure.period == period:
                distance = status.light.distance
                found[row.pk, period] = (
                    status.light.light.value,
                    None if distance is None else round_to(distance, 4),
                )
    return found


def _ranks(written: Events, before: Events, asked: Key) -> tuple[RankMove, ...]:
    """Places that change, and the corrected zone's own. 2 queries."""
    moved = {
        (event.series.indicator_id, event.period): event
        for event in written.values()
        if event.series.zone_id and event.series.indicator.direction != Direction.NONE
    }
    if not moved:
        return ()
    zones = {z.pk: z for z in Zone.objects.filter(evaluated=True, parent__isnull=True)}
    by_period: defaultdict[str, set[int]] = defaultdict(set)
    for indicator_id, period in moved:
        by_period[period].add(indicator_id)
    wanted = reduce(
        or_, (Q(period=p, series__indicator_id__in=ids) for p, ids in by_period.items())
    )
    rows = CurrentValue.objects.filter(wanted, series__zone__in=zones).select_related("series")
    after: defaultdict[Key, dict[str, Decimal | None]] = defaultdict(dict)
    owners: dict[tuple[int, str], Series] = {}
    for row in rows:
        after[row.series.indicator_id, row.period][row.series.scope] = row.value
        owners[row.series.indicator_id, row.series.scope] = row.series
    found: list[RankMove] = []
    for (indicator_id, period), event in moved.items():
        now = {
            scope: value
            for scope, value in after[indicator_id, period].items()
            if _counts(zones[owners[indicator_id, scope].zone_id or 0], event.period_end)
        }
        then = dict(now)
        for scope in now:
            own = (owners[indicator_id, scope].pk, period)
            if own in written:
                then[scope] = before[own].value if own in before else None
        direction = Direction(event.series.indicator.direction)
        old = {r.key: r.rank for r in rank(then, direction)}
        new = {r.key: r.rank for r in rank(now, direction)}
        place = _place(event)
        for scope in sorted(new, key=lambda s: (new[s] or 0, s)):
            owner = owners[indicator_id, scope]
            if old[scope] != new[scope] or (owner.pk, period) == asked:
                zone = zones[owner.zone_id or 0]
                spot = replace(place, series=owner.pk, scope=scope, scope_name=zone.short_name)
                found.append(
                    RankMove(**asdict(spot), before=old[scope], after=new[scope], of=len(now))
                )
    return tuple(found)


def _counts(zone: Zone, day: date) -> bool:
    return (zone.valid_from is None or zone.valid_from <= day) and (
        zone.valid_to is None or zone.valid_to >= day
    )


def _targets(
    written: Events, before: Events, places: Mapping[Key, Place]
) -> tuple[TargetMove, ...]:
    """Targets with a level, held against the latest figure of their series. 2 queries."""
    latest = dict(
        CurrentValue.objects.filter(series_id__in={key[0] for key in written})
        .order_by("series_id", "-period_end")
        .distinct("series_id")
        .values_list("series_id", "period")
    )
    last = {key: event for key, event in written.items() if latest.get(key[0]) == key[1]}
    if not last:
        return ()
    statements = (
        Target.objects.filter(
            indicator_id__in={event.series.indicator_id for event in last.values()},
            kind__in=_LEVELS,
            value__isnull=False,
        )
        .exclude(agreement="set-aside")
        .order_by("horizon", "position", "code")
    )
    found: list[TargetMove] = []
    for target in statements:
        for key, event in last.items():
            series = event.series
            fits = (target.indicator_id, target.scope, target.unit) == (
                series.indicator_id,
                series.scope,
                series.indicator.unit,
            )
            if fits and target.value:
                old = before[key].value if key in before else None
                found.append(
                    TargetMove(
                        **asdict(places[key]),
                        target=target.code,
                        horizon=target.horizon,
                        value=_text(target.value) or "",
                        before=_share(old, target.value),
                        after=_share(event.value, target.value),
                    )
                )
    return tuple(found)


def _share(value: Decimal | None, target: Decimal) -> str | None:
    return None if value is None else _text((value / target * 100).quantize(Decimal("0.01")))


def _later(series: Series, period: str, written: Events, before: Events) -> tuple[LaterFigure, ...]:
    """Running totals later in the year; the next one's own flow moves. 1 query."""
    event = written.get((series.pk, period))
    if event is None or series.indicator.value_mode != ValueMode.YTD:
        return ()
    rows = CurrentValue.objects.filter(
        series_id=series.pk, period_end__gt=event.period_end, period_end__year=event.period_end.year
    ).order_by("period_end")
    old = before[series.pk, period].value if (series.pk, period) in before else None
    place = _place(event)
    return tuple(
        LaterFigure(
            **asdict(replace(place, period=row.period)),
            value=_text(row.value) or "",
            own_before=_text(row.value - old) if index == 0 and old is not None else None,
            own_after=_text(row.value - event.value)
            if index == 0 and event.value is not None
            else None,
        )
        for index, row in enumerate(rows)
    )
