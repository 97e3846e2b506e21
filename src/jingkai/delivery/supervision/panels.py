"""Figures beside a task: which targets it serves, how they stand, what came after completion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse

from jingkai.delivery.indicators.public import (
    CurrentValue,
    Indicator,
    StatusVoice,
    Target,
    TargetTask,
    Voice,
)

ALL_ZONES = "EDZ"


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """A target the task serves, with the rule light of its indicator for all zones."""

    indicator: Indicator
    target: Target
    light: str
    url: str


def indicator_lines(task_id: int) -> list[IndicatorLine]:
    """Targets of a task in the order of the document. 2 queries."""
    links = list(
        TargetTask.objects.filter(task_id=task_id)
        .select_related("target__indicator")
        .order_by("target__position", "pk")
    )
    ids = [link.target.indicator_id for link in links]
    lights = dict(
        StatusVoice.objects.filter(
            series__indicator_id__in=ids, series__scope=ALL_ZONES, voice=Voice.RULE
        )
        .order_by("series__indicator_id", "-pk")
        .distinct("series__indicator_id")
        .values_list("series__indicator_id", "light")
    )
    return [
        IndicatorLine(
            link.target.indicator,
            link.target,
            lights.get(link.target.indicator_id, "grey"),
            _url(link.target.indicator),
        )
        for link in links
    ]


def has_next_figure(task_id: int, since: datetime) -> bool | None:
    """Whether an indicator of the task has a figure recorded after `since`; None: none linked."""
    indicators = list(
        TargetTask.objects.filter(task_id=task_id)
        .exclude(target__value__isnull=True)
        .values_list("target__indicator_id", flat=True)
    )
    if not indicators:
        return None
    return CurrentValue.objects.filter(
        series__indicator_id__in=indicators, event__recorded_at__gt=since
    ).exists()


def _url(indicator: Indicator) -> str:
    try:
        return reverse("indicators:detail", args=[indicator.code])
    except NoReverseMatch:
        return ""
