"""Figures beside a task: which targets it serves and how their indicators stand."""

from __future__ import annotations

from typing import Any

from jingkai.delivery.indicators import public as indicators
from jingkai.delivery.policy.public import KeyTask


def indicator_lines(task: KeyTask) -> list[dict[str, Any]]:
    """{"title", "url", "light", "words"} of each target `task` serves. 2 queries."""
    links = getattr(indicators, "TargetTask", None)
    if links is None:
        return []
    from django.urls import NoReverseMatch, reverse

    voices = {
        voice.series.indicator_id: voice.light
        for voice in indicators.StatusVoice.objects.filter(
            series__indicator__targets__task_links__task=task, series__scope="EDZ", voice="rule",
        ).select_related("series").order_by("pk")
    }
    lines = []
    for link in links.objects.filter(task=task).select_related("target__indicator").order_by(
        "target__position", "pk"
    ):
        target = link.target
        try:
            url = reverse("indicators:card", args=[target.indicator.code])
        except NoReverseMatch:
            url = ""
        lines.append(
            {"indicator": target.indicator, "target": target, "url": url,
             "light": voices.get(target.indicator_id, "grey")}
        )
    return lines
