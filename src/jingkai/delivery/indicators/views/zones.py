"""The zones in one indicator, and who makes its distance: parts of its page sent on demand."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jingkai.core.http import AuthedRequest, page_or_fragment
from jingkai.engine.periods import Period

from ..labels import distance_text, period_label, silence, tone
from ..queries.page_parts import issued_by_zone, shares_of
from ..queries.zones import ZoneRow, ZonesBoard, zones_board
from .common import lens_of
from .panels import gap_chart, unit_of, zones_chart


@require_safe
def zones(request: AuthedRequest, code: str) -> HttpResponse:
    """Ranking of the zones, or with `?part=gap` their contributions to the gap."""
    lens = lens_of(request)
    board = zones_board(user=request.user, code=code, period=lens.period.code, as_of=lens.as_of)
    indicator = board.indicator
    issued = issued_by_zone(shares_of(request.user, indicator), lens.period.year)
    rows = [_zone_row(row, issued) for row in _ordered(board)]
    unit = unit_of(indicator)
    context = {
        "indicator": indicator,
        "lens": lens,
        "board": board,
        "zone_rows": rows,
        "zones_label": period_label(Period.parse(board.period), indicator),
        "has_issued": any(row["issued"] is not None for row in rows),
        "has_ties": _has_ties(board),
        "zones_chart": zones_chart(_ordered(board), unit) if board.reported else None,
        "gap_rows": _gap_rows(board),
        "gap_chart": gap_chart(board, unit) if board.gap is not None else None,
        "part": "gap" if request.GET.get("part") == "gap" else "zones",
    }
    return page_or_fragment(
        request,
        page="indicators/zones_page.html",
        fragment=f"indicators/_{context['part']}.html",
        context=context,
    )


def _ordered(board: ZonesBoard) -> list[ZoneRow]:
    """Best first; zones without a figure of the period last, in their own order."""
    return sorted(board.rows, key=lambda row: (not row.reported, row.rank or 0))


def _zone_row(row: ZoneRow, issued: dict[int, Any]) -> dict[str, Any]:
    light = row.status.light.light.value if row.reported else "grey"
    return {
        "zone": row.zone,
        "figure": row.status.figure if row.reported else None,
        "earlier": None if row.reported else row.status.figure,
        "planned": row.status.planned,
        "growth": row.status.growth if row.reported else None,
        "in_points": row.status.growth_in_points,
        "light": light,
        "silence": silence(row.status.light) if row.reported else _("not reported"),
        "distance": distance_text(row.status.distance) if row.reported else "—",
        "tone": tone(light),
        "share": row.share,
        "rank": row.rank if row.reported else None,
        "issued": issued.get(row.zone.pk),
    }


def _has_ties(board: ZonesBoard) -> bool:
    ranks = [row.rank for row in board.rows if row.rank is not None]
    return len(ranks) != len(set(ranks))


def _gap_rows(board: ZonesBoard) -> list[dict[str, Any]]:
    """Zones by what they add to the gap, worst first."""
    if board.gap is None:
        return []
    rows = {row.zone.code: row for row in board.rows}
    return [{"share": share, "row": rows[share.key]} for share in board.gap.zones]
