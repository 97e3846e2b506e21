"""Targets and indicators as part of the document's graph: task → target → indicator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Q
from django.urls import reverse

from jingkai.core.ui.public import local_name
from jingkai.delivery.policy.public import Edge, part_node, task_node

from .catalogue import EDZ
from .models import Agreement, StatusVoice, Target, TargetTask, Voice

GOALS_PART = "goals"
"""Code of the part whose items state the goals in the text itself."""


def provide_edges(_clause_ids: Sequence[int], task_ids: Sequence[int]) -> Iterator[Edge]:
    """Edges from the given key tasks, and from the part of goals, to targets and indicators.

    Lights are those of all zones together, which every reader of the document may see. 3 queries.
    """
    links = list(
        TargetTask.objects.filter(task_id__in=task_ids).values_list("task_id", "target_id")
    )
    targets = {
        target.pk: target
        for target in Target.objects.filter(
            Q(pk__in={target_id for _task, target_id in links}) | Q(place__startswith="text:")
        )
        .exclude(agreement=Agreement.SET_ASIDE)
        .select_related("indicator", "conflict")
        .order_by("position", "code")
    }
    lights = _lights({target.indicator_id for target in targets.values()})
    for task_id, target_id in links:
        if target_id in targets:
            yield _to_target(task_node(task_id), targets[target_id], lights)
    for target in targets.values():
        if target.place.startswith("text:"):
            yield _to_target(part_node(GOALS_PART), target, lights)
        yield Edge(
            "indicator",
            f"target:{target.code}",
            f"indicator:{target.indicator.code}",
            local_name(target.indicator),
            reverse("indicators:detail", args=[target.indicator.code]),
            lights.get(target.indicator_id, ""),
        )


def _to_target(source: str, target: Target, lights: dict[int, str]) -> Edge:
    if target.agreement == Agreement.DISPUTED and target.conflict is not None:
        url = reverse("policy:conflict", args=[target.conflict.code])
    else:
        url = reverse("indicators:detail", args=[target.indicator.code])
    label = local_name(target, "text") or local_name(target.indicator)
    return Edge(
        "target", source, f"target:{target.code}", label, url,
        lights.get(target.indicator_id, ""),
    )


def _lights(indicator_ids: set[int]) -> dict[int, str]:
    """The last rule light of all zones by indicator."""
    spoken = StatusVoice.objects.filter(
        voice=Voice.RULE, series__scope=EDZ, series__indicator_id__in=indicator_ids
    )
    rows = spoken.order_by("series_id", "-period_end", "-id").distinct("series_id")
    return dict(rows.values_list("series__indicator_id", "light"))
