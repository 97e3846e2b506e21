"""Rule lights that turned since a moment, from what the rule said then and says now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from jingkai.core.accounts.public import User

from ..catalogue import EDZ
from ..models import Indicator, StatusVoice, Voice
from .visibility import visible_series


@dataclass(frozen=True, slots=True)
class LightTurn:
    """A headline indicator of all zones whose rule light changed."""

    indicator: Indicator
    before: str
    after: str
    period: str


def last_rule_lights(series_ids: Iterable[int], *, until: date) -> dict[int, str]:
    """The rule's last word on each series at or before `until`. 1 query."""
    spoken = StatusVoice.objects.filter(
        series_id__in=list(series_ids), voice=Voice.RULE, period_end__lte=until
    )
    rows = spoken.order_by("series_id", "-period_end", "-id").distinct("series_id")
    return dict(rows.values_list("series_id", "light"))


def light_turns(moment: datetime, *, user: User) -> list[LightTurn]:
    """Headline lights that are not what they were at `moment`, in the indicators' order.

    3 queries. An indicator that had no light at `moment` is left out.
    """
    series = {
        row.pk: row.indicator
        for row in visible_series(user)
        .filter(scope=EDZ, indicator__is_headline=True)
        .select_related("indicator")
    }
    spoken = StatusVoice.objects.filter(series_id__in=series, voice=Voice.RULE)
    last = spoken.order_by("series_id", "-period_end", "-id").distinct("series_id")
    then = {row.series_id: row for row in last.filter(at__lte=moment)}
    turns = [
        LightTurn(series[row.series_id], then[row.series_id].light, row.light, row.period)
        for row in last
        if row.series_id in then and row.light != then[row.series_id].light
    ]
    return sorted(turns, key=lambda turn: (turn.indicator.position, turn.indicator.code))
