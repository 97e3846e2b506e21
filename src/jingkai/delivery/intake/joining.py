"""The records a thing read may be joined with: those of its kind in the document it feeds."""

from __future__ import annotations

from collections.abc import Mapping

from jingkai.delivery.indicators.public import Target
from jingkai.delivery.policy.public import Clause, Conflict, KeyTask, Measure, StandingRule
from jingkai.masterdata.organisations.public import Body

from .knowledge import targets_of_document
from .models import ItemKind, SourceItem, SourceVersion


def known_codes(item: SourceItem) -> frozenset[str]:
    """Codes of the records the item may be joined with. 1–3 queries."""
    return frozenset(choices(item.version, item.kind))


def choices(version: SourceVersion, kind: str) -> Mapping[str, str]:
    """Code → name of the records of `kind` that something in `version` may be joined with."""
    if kind == ItemKind.BODY:
        return dict(Body.objects.filter(merged_into=None).values_list("code", "name"))
    policy = version.document.policy
    if policy is None:
        return {}
    match kind:
        case ItemKind.MEASURE:
            measures = Measure.objects.filter(part__document=policy).order_by("number")
            return {m.code: f"{m.number} {m.title}" for m in measures}
        case ItemKind.CLAUSE:
            clauses = Clause.objects.filter(measure__part__document=policy)
            rows = clauses.order_by("measure__number", "position").values_list("code", "title")
            return {code: f"{code} {title}" for code, title in rows}
        case ItemKind.TASK:
            tasks = KeyTask.objects.filter(document=policy).order_by("number")
            return {t.code: f"{t.number} {t.title}" for t in tasks}
        case ItemKind.TARGET:
            targets = Target.objects.filter(code__in=targets_of_document(policy))
            return {t.code: f"{t.code} {t.text}" for t in targets.order_by("position", "code")}
        case ItemKind.STANDING:
            rules = StandingRule.objects.filter(document=policy).order_by("code")
            return dict(rules.values_list("code", "title"))
        case ItemKind.FINDING:
            conflicts = Conflict.objects.filter(document=policy).order_by("position")
            return {c.code: f"{c.code} {c.title}" for c in conflicts}
    return {}


def titles_of(version: SourceVersion, codes: Mapping[str, set[str]]) -> dict[tuple[str, str], str]:
    """Names of the records that things are joined with, or might be: (kind, code) → name."""
    return {
        (kind, code): name
        for kind, wanted in codes.items()
        if wanted
        for code, name in choices(version, kind).items()
        if code in wanted
    }
