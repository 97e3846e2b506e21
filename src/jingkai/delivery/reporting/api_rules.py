"""API of the validation rules: what is checked, and how often it is right."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem

from . import rules
from .models import ValidationRule
from .queries.precision import Precision, precision_by_indicator, precisions, rule_rows

router = Router(tags=["reporting"])
READ: dict[int, Any] = {404: Problem, 422: Problem}


class PrecisionOut(Schema):
    """Alarms by what became of them; `percent` is changed of settled, null while none is."""

    raised: int
    waiting: int
    changed: int
    explained: int
    stood: int
    gone: int
    settled: int
    percent: Decimal | None


class RuleOut(Schema):
    code: str
    number: int
    kind: str
    level: str
    title: str
    title_en: str
    indicators: list[str]
    is_active: bool
    is_noisy: bool
    confidence: str
    source: str
    precision: PrecisionOut


class RuleList(Schema):
    items: list[RuleOut]


class EditionOut(Schema):
    number: int
    level: str
    is_active: bool
    reason: str
    created_at: datetime


class RuleCard(RuleOut):
    advice: str
    advice_en: str
    parameters: dict[str, Any]
    examples: list[dict[str, Any]]
    versions: list[EditionOut]


class IndicatorPrecision(Schema):
    indicator: str
    precision: PrecisionOut


class RulePrecision(Schema):
    code: str
    precision: PrecisionOut
    by_indicator: list[IndicatorPrecision]


def _official(request: HttpRequest) -> User:
    """404 for whom there is nothing to check, like the pages."""
    user = request.user
    if not isinstance(user, User) or not rules.can_follow(user):
        raise Http404
    return user


def _rule(row: ValidationRule, precision: Precision, noisy: bool) -> dict[str, Any]:
    names = ("code", "number", "kind", "level", "title", "title_en", "indicators", "is_active")
    return {
        **{name: getattr(row, name) for name in (*names, "confidence", "source")},
        "is_noisy": noisy,
        "precision": precision,
    }


@router.get("/rules", response={200: RuleList, **READ}, operation_id="list_validation_rules")
def list_rules(
    request: HttpRequest,
    kind: str = "",
    level: str = "",
    state: Literal["", "on", "off", "noisy"] = "",
) -> Any:
    """Every rule in its newest version, in their order; a city has some dozens of them."""
    _official(request)
    found = []
    for row in rule_rows(timezone.localdate()):
        now = "off" if not row.rule.is_active else "noisy" if row.noisy else "on"
        if kind in ("", row.rule.kind) and level in ("", row.rule.level) and state in ("", now):
            found.append(_rule(row.rule, row.precision, row.noisy))
    return {"items": found}


def _editions(code: str) -> list[ValidationRule]:
    editions = list(ValidationRule.objects.filter(code=code).order_by("-number"))
    if not editions:
        raise Http404
    return editions


@router.get("/rules/{code}", response={200: RuleCard, **READ}, operation_id="get_validation_rule")
def get_rule(request: HttpRequest, code: str) -> Any:
    """One rule with its parameters, the examples that prove it, and its versions."""
    _official(request)
    editions = _editions(code)
    (row,) = [each for each in rule_rows(timezone.localdate()) if each.rule.code == code]
    newest = editions[0]
    names = ("advice", "advice_en", "parameters", "examples")
    return {
        **_rule(newest, row.precision, row.noisy),
        **{name: getattr(newest, name) for name in names},
        "versions": editions,
    }


@router.get(
    "/rules/{code}/precision",
    response={200: RulePrecision, **READ},
    operation_id="get_rule_precision",
)
def get_precision(request: HttpRequest, code: str) -> Any:
    """How often a rule is right, over all its versions and by indicator."""
    _official(request)
    _editions(code)
    return {
        "code": code,
        "precision": precisions([code]).get(code, Precision()),
        "by_indicator": [
            {"indicator": indicator, "precision": precision}
            for indicator, precision in sorted(precision_by_indicator(code).items())
        ],
    }
