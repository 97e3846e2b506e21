"""From what queries return to what goes over the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, User

from .catalogue import EDZ
from .models import Agreement, Allocation, Indicator, IndicatorVersion, Target
from .queries.board import BoardRow, Status, TargetText, target_text
from .queries.visibility import visible_indicators, visible_lines
from .queries.zones import ZoneRow


def indicator_payload(row: Indicator) -> dict[str, Any]:
    names = (
        "code",
        "name",
        "name_en",
        "unit",
        "decimals",
        "direction",
        "frequency",
        "value_mode",
        "time_aggregation",
        "place_aggregation",
        "price_basis",
        "is_headline",
    )
    return {name: getattr(row, name) for name in names} | {
        "responsible": row.responsible.name if row.responsible else None,
        "compiler": row.compiler.name if row.compiler else None,
    }


def definition_payload(version: IndicatorVersion) -> dict[str, Any]:
    names = (
        "number",
        "effective_from",
        "definition",
        "denominator_scope",
        "multiplier",
        "terms",
        "is_break",
        "verified",
        "source",
    )
    return {name: getattr(version, name) for name in names} | {
        "numerator": version.numerator.code if version.numerator else None,
        "denominator": version.denominator.code if version.denominator else None,
    }


def target_payload(target: TargetText) -> dict[str, Any]:
    return {
        "code": target.code,
        "kind": target.kind,
        "modality": target.modality,
        "value": target.value,
        "unit": target.unit,
        "horizon": target.horizon,
        "text": target.text,
        "place": target.place,
        "agreement": target.agreement,
        "conflict": target.conflict_code,
    }


def status_payload(status: Status) -> dict[str, Any]:
    figure, gap = status.figure, status.distance
    return {
        "scope": status.scope,
        "period": figure.period if figure else "",
        "value": figure.value if figure else None,
        "unit": status.indicator.unit,
        "release": figure.release if figure else "",
        "event_id": figure.event_id if figure else None,
        "observed": figure.observed if figure else None,
        "expected": figure.expected if figure else None,
        "age": status.age,
        "planned": status.planned,
        "distance": gap.amount if gap else None,
        "distance_in_points": bool(gap and gap.in_points),
        "growth": status.growth,
        "light": status.light.light.value,
        "reason": str(status.light.params.get("why", status.light.reason.value)),
        "judgement": status.person.light if status.person else "",
    }


def board_row_payload(row: BoardRow) -> dict[str, Any]:
    return {
        "indicator": row.indicator.code,
        "name": row.indicator.name,
        "responsible": row.responsible.name if row.responsible else None,
        "target": target_payload(row.target),
        "others": [target_payload(other) for other in row.others],
        "year_plan": row.year_plan,
        "status": status_payload(row.status),
    }


def zone_row_payload(row: ZoneRow) -> dict[str, Any]:
    return {
        "zone": row.zone.code,
        "name": row.zone.name,
        "reported": row.reported,
        "rank": row.rank,
        "share": row.share,
        "year_plan": row.year_plan,
        "status": status_payload(row.status),
    }


def allocation_payload(allocation: Allocation, user: User) -> dict[str, Any]:
    """A round as its reader may see it: a zone sees its own line and no sum. 1 query."""
    lines = list(visible_lines(user).filter(allocation=allocation).select_related("zone"))
    whole = user.has_role(*CITY_WIDE, *DEPARTMENT)
    allocated = sum((line.issued for line in lines if line.issued is not None), Decimal(0))
    return {
        "id": allocation.pk,
        "indicator": allocation.indicator.code,
        "horizon": allocation.horizon,
        "method": allocation.method,
        "base_period": allocation.base_period,
        "state": allocation.state,
        "total": allocation.total,
        "allocated": allocated if whole else None,
        "gap": allocation.total - allocated if whole else None,
        "lines": [
            {
                "id": line.pk,
                "zone": line.zone.code,
                "base": line.base,
                "computed": line.computed,
                "proposed": line.proposed,
                "proposed_reason": line.proposed_reason,
                "issued": line.issued,
                "issued_reason": line.issued_reason,
            }
            for line in lines
        ],
    }


def targets_payload(user: User) -> list[dict[str, Any]]:
    """Every statement of every target, set-aside ones included, in the document's order. 2 queries.

    Each item: indicator, indicator_name, scope, code, kind, modality, value, unit, horizon,
    base_year, base_value, stated_rate, benchmark, text, place, clause, group, agreement,
    is_leading, conflict.
    """
    rows = (
        Target.objects.filter(indicator__in=visible_indicators(user))
        .select_related("indicator", "benchmark", "clause", "conflict")
        .order_by("position", "code")
    )
    return [
        {
            **target_payload(target_text(row)),
            "indicator": row.indicator.code,
            "indicator_name": row.indicator.name,
            "scope": row.scope or EDZ,
            "base_year": row.base_year,
            "base_value": row.base_value,
            "stated_rate": row.stated_rate,
            "benchmark": row.benchmark.code if row.benchmark else None,
            "clause": row.clause.code if row.clause else None,
            "group": row.statement_group,
            "is_leading": row.is_leading,
            "is_disputed": row.agreement == Agreement.DISPUTED,
        }
        for row in rows
    ]
