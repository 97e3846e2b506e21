"""API of warnings and of results made elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from jingkai.core.register.public import add_card, add_import, add_list, export

from .api_shared import READ, WRITE, caller
from .past_register import PAST
from .queries.warnings import generations
from .services.past import verify_past_result
from .views.warnings import COLUMNS as WARNING_COLUMNS
from .views.warnings import lines_of

router = Router(tags=["evaluation"])


class GapOut(Schema):
    year: int
    why: str


class WarningOut(Schema):
    """What one rule says of one zone. `outcome`: applies, near, clear or unknown."""

    scheme: str
    edition: int
    zone: str
    rule: str
    effect: str
    outcome: str
    words: str
    until: int
    years: list[int]
    missing: list[GapOut]
    average: Decimal | None
    source: str
    verified: bool


class WarningList(Schema):
    items: list[WarningOut]
    next_cursor: str


@router.get(
    "/warnings", response={200: WarningList, **READ}, operation_id="list_evaluation_warnings"
)
def list_warnings(request: HttpRequest, format: str = "") -> dict[str, Any] | HttpResponse:
    """Where the zones one may see stand under the exit rules of every edition; one page."""
    lines = [line for one in generations(caller(request)) for line in lines_of(one)]
    if format in ("xlsx", "csv"):
        return export(
            request,
            name="evaluation.warnings",
            title=_("Warnings and exit rules"),
            columns=WARNING_COLUMNS,
            rows=lines,
            fmt=format,
        )
    items = [
        {
            **{name: line[name] for name in ("edition", "words", "until", "years", "missing",
                                             "average", "source", "verified")},
            "scheme": line["scheme"].code,
            "zone": line["zone"].code,
            "rule": line["rule"].code,
            "effect": line["rule"].effect.value,
            "outcome": line["code"],
        }
        for line in lines
    ]  # fmt: skip
    return {"items": items, "next_cursor": ""}


class PastOut(Schema):
    """A result made elsewhere. `rank` of `field` zones, within `group` when it has one."""

    id: int
    scheme: str
    zone: str
    year: int
    group: str
    rank: int | None
    field: int | None
    score: Decimal | None
    source: str
    verified: bool

    @staticmethod
    def resolve_scheme(obj: Any) -> str:
        return str(obj.scheme.code)

    @staticmethod
    def resolve_zone(obj: Any) -> str:
        return str(obj.zone.code)


add_list(
    router,
    PAST,
    "/past",
    item=PastOut,
    order=("-year", "-id"),
    operation_id="list_past_results",
    summary="Results made elsewhere, with their sources.",
)
add_import(
    router,
    PAST,
    "/past/import",
    operation_id="import_past_results",
    summary="Enter results made elsewhere by scheme, zone, year and group, all or none.",
)


@router.post(
    "/past/{value}/verify", response={200: PastOut, **WRITE}, operation_id="verify_past_result"
)
def verify_past(request: HttpRequest, value: str) -> Any:
    """Say that a result agrees with its source; another person than who entered it."""
    user = caller(request)
    found = get_object_or_404(PAST.visible(user), slug=value)
    return verify_past_result(result_id=found.pk, actor=user, now=timezone.now())


add_card(
    router,
    PAST,
    "/past/{value}",
    item=PastOut,
    operation_id="get_past_result",
    summary="One result made elsewhere.",
)
