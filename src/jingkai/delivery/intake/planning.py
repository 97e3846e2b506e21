"""The plan of a pack from a version's decisions and from what the product knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jingkai.delivery.indicators.public import Indicator
from jingkai.delivery.policy.public import Document
from jingkai.masterdata.organisations.public import Body

from .building import Head, KnownBody, Plan, Taken
from .models import ItemKind, ItemState, SourceItem, SourceStage, SourceVersion
from .states import TAKEN


def plan_of(version: SourceVersion, catalogue: Mapping[str, Mapping[str, Any]]) -> Plan:
    """What is to be built; `catalogue` as the publisher gives it. ≤ 7 queries."""
    items = list(version.items.order_by("position", "pk"))
    bodies = {
        body.code: KnownBody(
            body.code,
            body.name,
            body.name_en,
            "enterprise" if body.kind == "company" else body.kind,
            tuple(alias.name for alias in body.aliases.all()),
        )
        for body in Body.objects.prefetch_related("aliases")
    }
    return Plan(
        head=_head(version),
        taken=tuple(_taken(item) for item in items if item.state in TAKEN),
        open_findings=tuple(
            _question(item)
            for item in items
            if item.kind == ItemKind.FINDING and item.state == ItemState.PENDING
        ),
        parts=tuple(version.reading.get("parts", ())),
        references=tuple(version.reading.get("references", ())),
        bodies=bodies,
        indicators=frozenset(Indicator.objects.values_list("code", flat=True)),
        catalogue=catalogue,
    )


def _head(version: SourceVersion) -> Head:
    document, said = version.document, version.publication
    policy = document.policy
    code = policy.code if policy else str(said.get("code") or "draft")
    # The first document of a product has bare codes; each further one begins its own with its code.
    first = not Document.objects.exclude(code=code).exists()
    return Head(
        code=code,
        title=document.title,
        title_en=str(said.get("title_en") or document.title),
        city=str(said.get("city") or "000000"),
        approved_by=str(said.get("approved_by") or ""),
        coordinator=str(said.get("coordinator") or ""),
        status="in_force" if version.stage == SourceStage.FINAL else "draft",
        prefix="" if first else f"{code}-",
        year=version.uploaded_at.year,
    )


def _taken(item: SourceItem) -> Taken:
    return Taken(
        kind=item.kind,
        key=item.key,
        data=item.data,
        match=item.match,
        parent=item.parent,
        corrected=frozenset(item.corrected),
        start=item.start or 0,
        end=item.end or 0,
    )


def _question(item: SourceItem) -> Taken:
    """An open question nobody settled: the known conflict it surely is, else a new one."""
    sure = item.proposal if (item.likeness or 0) >= 70 else ""
    return Taken(
        kind=item.kind,
        key=item.key,
        data=item.data,
        match=item.match or sure,
        start=item.start or 0,
        end=item.end or 0,
    )
