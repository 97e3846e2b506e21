"""The zones in one indicator, and who makes its distance: parts of its page sent on demand."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jingkai.core.http import AuthedRequest, page_or_fragment
from jingkai.engine.periods import Period

from ..labels import distance_text, period_label, silence, tone
from ..queries.page_parts import issued_by_zone
from ..queries.zones import ZoneOrder, ZoneRow, ZonesBoard, zones_board
from .common import Lens, lens_of
from .panels import gap_chart, unit_of, zones_chart

ROWS_SHOWN = 50


@require_safe
def zones(request: AuthedRequest, code: str) -> HttpResponse:
    """Ranking of the zones, or with `?part=gap` their contributions to the gap; 50 a page."""
    lens = lens_of(request)
    part = "gap" if request.GET.get("part") == "gap" else "zones"
    page = _page_asked(request)
    board = zones_board(
        user=request.user,
        code=code,
        period=lens.period.code,
        as_of=lens.as_of,
        order=ZoneOrder.GAP if part == "gap" else ZoneOrder.RANK,
        with_gap=part == "gap",
        offset=(page - 1) * ROWS_SHOWN,
        limit=ROWS_SHOWN,
    )
    indicator = board.indicator
    context = {
        "indicator": indicator,
        "lens": lens,
        "board": board,
        "zones_label": period_label(Period.parse(board.period), indicator),
        "part": part,
        "detail_url": reverse("indicators:detail", args=[code]),
        "page_obj": Paginator(range(board.seen), ROWS_SHOWN).get_page(page),
    }
    context |= _gap_context(board) if part == "gap" else _ranking_context(request, board, lens)
    return page_or_fragment(
        request,
        page="indicators/zones_page.html",
        fragment=f"indicators/_{part}.html",
        context=context,
    )


def _page_asked(request: AuthedRequest) -> int:
    """`?page=`; nonsense gives the first one."""
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _ranking_context(request: AuthedRequest, board: ZonesBoard, lens: Lens) -> dict[str, Any]:
    shown = [row.zone.pk for row in board.rows]
    issued = issued_by_zone(request.user, board.indicator, shown, lens.period.year)
    rows = [_zone_row(row, issued) for row in board.rows]
    return {
        "zone_rows": rows,
        "has_issued": any(row["issued"] is not None for row in rows),
        "zones_chart": zones_chart(board, unit_of(board.indicator)) if board.reported else None,
    }


def _gap_context(board: ZonesBoard) -> dict[str, Any]:
    if board.gap is None:
        return {"zone_rows": board.rows, "gap_rows": [], "gap_chart": None}
    shares = {share.key: share for share in board.gap.zones}
    return {
        "zone_rows": board.rows,
        "gap_rows": [
            {"share": shares[row.zone.code], "row": row}
            for row in board.rows
            if row.zone.code in shares
        ],
        "gap_chart": gap_chart(board, unit_of(board.indicator)),
    }


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
