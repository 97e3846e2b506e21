"""API of organisations: bodies, zones, and what a name means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem
from jingkai.core.register.public import add_card, add_import, add_list
from jingkai.core.verdicts import require

from . import rules
from .body_register import BODIES
from .models import Body, Zone
from .resolving import resolve_body
from .zone_register import ZONES

router = Router(tags=["organisations"])


class BodyOut(Schema):
    code: str
    kind: str
    name: str
    name_en: str
    parent: str | None
    merged_into: str | None
    admin_code: str
    valid_from: date | None
    valid_to: date | None
    verified: bool
    source: str

    @staticmethod
    def resolve_parent(body: Body) -> str | None:
        return body.parent.code if body.parent else None

    @staticmethod
    def resolve_merged_into(body: Body) -> str | None:
        return body.merged_into.code if body.merged_into else None


class ZoneOut(Schema):
    """Areas in hectares."""

    code: str
    name: str
    short_name: str
    name_en: str
    level: str
    committee: str
    host_district: str
    parent: str | None
    planned_area: Decimal | None
    controlled_area: Decimal | None
    approved_area: Decimal | None
    industries: list[str]
    evaluated: bool
    verified: bool
    source: str

    @staticmethod
    def resolve_committee(zone: Zone) -> str:
        return zone.committee.code

    @staticmethod
    def resolve_host_district(zone: Zone) -> str:
        return zone.host_district.code

    @staticmethod
    def resolve_parent(zone: Zone) -> str | None:
        return zone.parent.code if zone.parent else None

    @staticmethod
    def resolve_industries(zone: Zone) -> list[str]:
        return [industry.name for industry in zone.industries.all()]


class SuggestionOut(Schema):
    code: str
    name: str
    score: float


class ResolutionOut(Schema):
    """`kind`: exact, alias, normalised or unknown. `code` is empty exactly when unknown."""

    name: str
    on: date
    kind: str
    code: str
    official_name: str
    merged_from: str
    suggestions: list[SuggestionOut]


@router.get(
    "/bodies/resolve",
    response={200: ResolutionOut, 403: Problem, 422: Problem},
    operation_id="resolve_body",
)
def resolve(request: HttpRequest, name: str, on: date | None = None) -> ResolutionOut:
    """The body a name means on a day (today without `on`); suggestions when it is not known."""
    user: User = request.user  # type: ignore[assignment]  # API_AUTHENTICATION
    require(rules.can_see(user))
    day = on or timezone.localdate()
    found = resolve_body(name, on=day)
    return ResolutionOut(
        name=name,
        on=day,
        kind=found.kind,
        code=found.body.code if found.body else "",
        official_name=found.body.name if found.body else "",
        merged_from=found.merged_from.code if found.merged_from else "",
        suggestions=[
            SuggestionOut(code=s.body.code, name=s.name, score=s.score) for s in found.suggestions
        ],
    )


add_list(
    router,
    BODIES,
    "/bodies",
    item=BodyOut,
    order=("position", "code"),
    operation_id="list_bodies",
    summary="Bodies with their codes and names.",
)
add_import(
    router,
    BODIES,
    "/bodies/import",
    operation_id="import_bodies",
    summary="Add or change bodies by code, all or none.",
)
add_card(
    router, BODIES, "/bodies/{value}", item=BodyOut, operation_id="get_body", summary="One body."
)
add_list(
    router,
    ZONES,
    "/zones",
    item=ZoneOut,
    order=("position", "code"),
    operation_id="list_zones",
    summary="Zones with areas and leading industries.",
)
add_import(
    router,
    ZONES,
    "/zones/import",
    operation_id="import_zones",
    summary="Add or change zones by code, all or none.",
)
add_card(
    router, ZONES, "/zones/{value}", item=ZoneOut, operation_id="get_zone", summary="One zone."
)
