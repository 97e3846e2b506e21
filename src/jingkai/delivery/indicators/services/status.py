"""Three voices on one figure: the rule light, a likelihood, a person's judgement.

The likelihood voice has its place in the table and is not spoken here: nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.core.verdicts import require
from jingkai.engine.lights import LightResult
from jingkai.engine.periods import Period
from jingkai.engine.rounding import round_to

from ..light_rules import judge_value, rule_for, rules_on
from ..models import (
    Agreement,
    CurrentValue,
    Light,
    Series,
    StatusVoice,
    Target,
    TargetKind,
    TrajectoryPoint,
    Voice,
)
from ..periods import fitting_period
from ..rules import can_judge

_WIDEST = Decimal(10) ** 9  # a distance further than this is a broken plan, not a distance

Spoken = tuple[Series, str, date, Decimal | None]
"""Series, period code, its end, the value that now stands (None: withdrawn)."""


def speak_rule_lights(cells: Iterable[Spoken], *, now: datetime) -> list[StatusVoice]:
    """Write the rule's voice for each cell on a path, where it says something new. 6 queries."""
    last = {(series.pk, code): (series, end, value) for series, code, end, value in cells}
    if not last:
        return []
    planned = _planned({key[0] for key in last}, {key[1] for key in last})
    planned |= _benchmarks([series for series, _end, _value in last.values()], set(last))
    on_path = [key for key in last if key in planned]
    if not on_path:
        return []
    disputed = disputed_indicators({last[key][0].indicator_id for key in on_path})
    spoken = _last_rule_voices(on_path)
    rules = rules_on(timezone.localdate(now))
    voices: list[StatusVoice] = []
    for key in on_path:
        series, end, value = last[key]
        result = judge_value(
            rule_for(rules, series.indicator),
            series.indicator,
            value,
            planned[key],
            period=Period.parse(key[1]),
            disputed=series.scope == "EDZ" and series.indicator_id in disputed,
        )
        voice = _voice(series, key[1], end, result, now=now)
        before = spoken.get(key)
        if before != (voice.light, voice.distance, voice.reason_code):
            voices.append(voice)
    return StatusVoice.objects.bulk_create(voices)


def _voice(
    series: Series, period: str, end: date, result: LightResult, *, now: datetime
) -> StatusVoice:
    distance = result.distance
    if distance is not None and abs(distance) > _WIDEST:
        distance = _WIDEST.copy_sign(distance)
    return StatusVoice(
        series=series,
        period=period,
        period_end=end,
        voice=Voice.RULE,
        light=result.light.value,
        distance=None if distance is None else round_to(distance, 4),
        reason_code=str(result.params.get("why", result.reason.value)),
        details={name: str(value) for name, value in result.params.items()},
        at=now,
    )


def _planned(series_ids: Iterable[int], periods: Iterable[str]) -> dict[tuple[int, str], Decimal]:
    points = TrajectoryPoint.objects.filter(
        trajectory__is_active=True, trajectory__series_id__in=series_ids, period__in=periods
    ).values_list("trajectory__series_id", "period", "planned")
    return {(series_id, period): planned for series_id, period, planned in points}


def _benchmarks(
    series: Iterable[Series], cells: set[tuple[int, str]]
) -> dict[tuple[int, str], Decimal]:
    """Planned values of series whose leading target is relative: the benchmark's own figures."""
    by_indicator = {row.indicator_id: row.pk for row in series if row.scope == "EDZ"}
    relative: dict[int, int] = {
        target.benchmark_id or 0: by_indicator[target.indicator_id]
        for target in Target.objects.filter(
            indicator_id__in=by_indicator,
            scope="EDZ",
            is_leading=True,
            kind=TargetKind.RELATIVE,
            benchmark__unit=F("unit"),
        )
    }
    if not relative:
        return {}
    rows = CurrentValue.objects.filter(
        series__scope="CITY", series__indicator_id__in=relative, period__in={c for _s, c in cells}
    ).values_list("series__indicator_id", "period", "value")
    found = {(relative[benchmark], period): value for benchmark, period, value in rows}
    return {cell: value for cell, value in found.items() if cell in cells}


def _last_rule_voices(
    keys: Sequence[tuple[int, str]],
) -> dict[tuple[int, str], tuple[str, Decimal | None, str]]:
    rows = (
        StatusVoice.objects.filter(
            voice=Voice.RULE,
            series_id__in={key[0] for key in keys},
            period__in={key[1] for key in keys},
        )
        .order_by("series_id", "period", "-id")
        .distinct("series_id", "period")
        .values_list("series_id", "period", "light", "distance", "reason_code")
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


def disputed_indicators(ids: Iterable[int]) -> set[int]:
    """Those whose leading target is an open conflict. 1 query."""
    return set(
        Target.objects.filter(
            indicator_id__in=ids, scope="EDZ", is_leading=True, agreement=Agreement.DISPUTED
        ).values_list("indicator_id", flat=True)
    )


def relight(series: Iterable[Series], *, now: datetime) -> list[StatusVoice]:
    """Speak again for each series' latest value, after its path or target changed."""
    by_id = {row.pk: row for row in series}
    latest = (
        CurrentValue.objects.filter(series_id__in=by_id)
        .order_by("series_id", "-period_end")
        .distinct("series_id")
    )
    return speak_rule_lights(
        [(by_id[v.series_id], v.period, v.period_end, v.value) for v in latest], now=now
    )


@transaction.atomic
def judge(
    *,
    series: Series,
    period: str,
    light: Light,
    reason: str,
    actor: User,
    now: datetime,
) -> StatusVoice:
    """Add a person's judgement of a series in a period, beside the rule light.

    Raises NotPermitted; InvalidInput without a reason or for a period that does not fit.
    """
    require(can_judge(actor, series.indicator))
    if not reason.strip():
        message = _("Give a reason: others will read it.")
        raise InvalidInput(message, problems=[FieldProblem("reason", message, "required")])
    parsed = fitting_period(series.indicator, period)
    voice = StatusVoice(
        series=series,
        period=parsed.code,
        period_end=parsed.end,
        voice=Voice.PERSON,
        light=Light(light),
        reason=reason.strip(),
        actor=actor,
        at=now,
    )
    voice.full_clean()
    voice.save()
    audit.record(
        "indicators.status.judged",
        actor=actor,
        target=series,
        at=now,
        summary=reason.strip(),
        details={"period": parsed.code, "light": voice.light, "voice": voice.pk},
    )
    return voice
