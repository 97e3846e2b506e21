"""Validation rules of a pack as they lie in the database: a new edition for every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from django.core.exceptions import ValidationError
from django.utils import timezone

from jingkai.core.errors import InvalidInput
from jingkai.delivery.reporting.public import RuleDraft, ValidationRule, rule_fields, save_rule

from .model import Pack
from .stores import Fields, Store

REASON: Final = "随包载入"


class RuleStore(Store):
    """The newest edition of each rule. A rule that people switched off stays off."""

    def read_all(self) -> dict[str, Fields]:
        rows = ValidationRule.objects.order_by("code", "-number").distinct("code")
        return {row.code: rule_fields(row) for row in rows}

    def write(self, code: str, fields: Fields, *, create: bool) -> None:
        """Keep a new edition. Raises ValidationError when its examples refute it."""
        if create:
            draft = RuleDraft(**fields)
        else:
            draft = replace(RuleDraft(**self.read_all()[code]), **fields)
        try:
            save_rule(code=code, draft=draft, actor=None, now=timezone.now(), reason=REASON)
        except InvalidInput as error:
            raise ValidationError([str(problem.message) for problem in error.problems]) from error


VALIDATION_RULES = RuleStore(kind="validation-rule", model=ValidationRule, columns=())


def validation_rule_records(pack: Pack) -> Iterator[tuple[str, Fields]]:
    """Every rule as the plain fields its store holds."""
    sources = {source.id: source.title_zh for source in pack.sources}
    for position, row in enumerate(pack.validation_rules, 1):
        yield (
            row.code,
            {
                "kind": str(row.kind),
                "level": str(row.level),
                "title": row.title_zh,
                "title_en": row.title_en,
                "advice": row.advice_zh,
                "advice_en": row.advice_en,
                "indicators": list(row.indicators),
                "parameters": dict(row.parameters),
                "examples": [dict(example) for example in row.examples],
                "confidence": str(row.confidence),
                "source": sources.get(row.source, row.source),
                "position": position,
            },
        )
