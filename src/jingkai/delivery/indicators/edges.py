"""Targets and indicators as part of the document's graph: task → target → indicator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from jingkai.core.ui.public import local_name
from jingkai.delivery.policy.public import Edge, part_node, task_node

from .catalogue import EDZ
from .models import Agreement, StatusVoice, Target, TargetTask, Voice

GOALS_PART = "goals"
"""Code of the part whose items state the goals in the text itself."""


def provide_edges(_clause_ids: Sequence[int], task_ids: Sequence[int]) -> Iterator[Edge]:
    """Edges from the given key tasks, and from the part of goals, to targets and indicators.

    Lights are those of all zones together, which every reader of the document may see. 1 query.
    """
    spoken = (
        StatusVoice.objects.filter(
            voice=Voice.RULE, series__scope=EDZ, series__indicator=OuterRef("indicator")
        )
        .order_by("-period_end", "-id")
        .values("light")[:1]
    )
    wanted = Q(task_links__task_id__in=task_ids)
    targets = list(
        Target.objects.annotate(
            light=Coalesce(Subquery(spoken), Value("")),
            tasks=ArrayAgg("task_links__task_id", filter=wanted, default=Value([])),
        )
        .filter(Q(pk__in=_serving(task_ids)) | Q(place__startswith="text:"))
        .exclude(agreement=Agreement.SET_ASIDE)
        .select_related("indicator", "conflict")
        .order_by("position", "code")
    )
    for target in targets:
        for task_id in target.tasks:
            yield _to_target(task_node(task_id), target)
    for target in targets:
        if target.place.startswith("text:"):
            yield _to_target(part_node(GOALS_PART), target)
        yield Edge(
            "indicator",
            f"target:{target.code}",
            f"indicator:{target.indicator.code}",
            local_name(target.indicator),
            reverse("indicators:detail", args=[target.indicator.code]),
            target.light,
        )


def _serving(task_ids: Sequence[int]) -> QuerySet[TargetTask, int]:
    return TargetTask.objects.filter(task_id__in=task_ids).values_list("target_id", flat=True)


def _to_target(source: str, target: Any) -> Edge:
    if target.agreement == Agreement.DISPUTED and target.conflict is not None:
        url = reverse("policy:conflict", args=[target.conflict.code])
    else:
        url = reverse("indicators:detail", args=[target.indicator.code])
    label = local_name(target, "text") or local_name(target.indicator)
    return Edge(
        "target",
        source,
        f"target:{target.code}",
        label,
        url,
        target.light,
    )
