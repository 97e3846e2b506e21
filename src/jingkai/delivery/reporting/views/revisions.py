"""How much first figures change: the revision triangle of an indicator."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import localname
from jingkai.core.ui.templatetags.jingkai import number, signed
from jingkai.engine.revisions import Bias, Row

from ..labels_corrections import period_text, scope_text
from ..queries.revisions import RevisionPage, revision_page
from .corrections import officials_or_404

BIAS = {
    Bias.TOO_FEW: gettext_lazy("too few revisions to say"),
    Bias.NONE: gettext_lazy("no bias found"),
    Bias.TOO_LOW: gettext_lazy("first figures are too low"),
    Bias.TOO_HIGH: gettext_lazy("first figures are too high"),
}
_SHOWN = 36


@require_safe
def revisions(request: AuthedRequest, code: str) -> HttpResponse:
    """The revision triangle of one indicator in one scope, with its statistics."""
    officials_or_404(request)
    page = revision_page(
        user=request.user,
        code=code,
        scope=request.GET.get("scope", ""),
        today=timezone.localdate(),
    )
    if request.GET.get("format") in FORMATS:
        return _export(request, page)
    newest = list(reversed(page.triangle.rows))
    return render(
        request,
        "reporting/revisions.html",
        {
            "page": page,
            "indicator": page.indicator,
            "scope": page.series.scope if page.series else "",
            "scope_name": scope_text(page.series) if page.series else "",
            "scopes": [(s.scope, scope_text(s)) for s in page.scopes],
            "maturities": page.triangle.maturities,
            "rows": [
                {
                    "label": period_text(row.period.code, page.indicator),
                    "row": row,
                    "cells": _cells(row),
                    "change": _change(row),
                }
                for row in newest[:_SHOWN]
            ],
            "hidden": max(len(newest) - _SHOWN, 0),
            "overall": page.overall,
            "bias": BIAS[page.overall.bias],
            "by_maturity": [
                {"months": months, "stats": stats, "bias": BIAS[stats.bias]}
                for months, stats in page.maturities.items()
            ],
            "chart": _chart(page) if page.overall.count else None,
        },
    )


def _change(row: Row) -> Decimal | None:
    """Today's value minus the first; None where they are the same or one is missing."""
    if row.now is None or row.first is None:
        return None
    return (row.now - row.first) or None


def _cells(row: Row) -> list[dict[str, Any]]:
    """Each value, and what changed since the column before."""
    cells: list[dict[str, Any]] = []
    before: Decimal | None = None
    for value in row.values:
        change = value - before if value is not None and before is not None else None
        cells.append({"value": value, "change": change or None})
        before = value if value is not None else before
    return cells


def _chart(page: RevisionPage) -> dict[str, Any]:
    """Latest minus first value by reference period. Colours are tokens of the theme."""
    indicator = page.indicator
    unit, decimals = localname(indicator, "unit"), indicator.decimals
    points = [
        (row, row.now - row.first)
        for row in page.triangle.rows
        if row.first is not None and row.now is not None
    ][-_SHOWN:]
    return {
        "grid": {"left": 8, "right": 20, "top": 30, "bottom": 4, "containLabel": True},
        "tooltip": {
            "trigger": "item",
            "confine": True,
            "formatter": "{b}",
            "backgroundColor": "@surface",
            "borderColor": "@line",
            "textStyle": {"color": "@text", "fontSize": 12},
        },
        "xAxis": {
            "type": "category",
            "data": [row.period.code for row, _change in points],
            "axisLabel": {"color": "@text", "hideOverlap": True},
        },
        "yAxis": {"type": "value", "name": unit, "nameTextStyle": {"color": "@muted"}},
        "series": [
            {
                "type": "bar",
                "name": _("Latest minus first"),
                "barMaxWidth": 22,
                "data": [
                    {
                        "name": f"{row.period.code}　{escape(number(row.first, decimals))} → "
                        f"{escape(number(row.now, decimals))}（{signed(change, decimals)} "
                        f"{escape(unit)}）",
                        "value": float(change),
                        "itemStyle": {"color": "@accent" if change >= 0 else "@target"},
                    }
                    for row, change in points
                ],
            }
        ],
    }


def _export(request: AuthedRequest, page: RevisionPage) -> HttpResponse:
    indicator, found = page.indicator, page.triangle

    def value_at(index: int) -> Any:
        return lambda row: row.values[index]

    columns = [
        Column("period", _("period"), lambda row: row.period.code),
        Column("first_day", _("first release"), lambda row: row.first_day),
        *(
            Column(
                f"m{months}",
                _("after %(n)d months") % {"n": months} if months else _("first value"),
                value_at(index),
                numeric=True,
                decimals=indicator.decimals,
            )
            for index, months in enumerate(found.maturities)
        ),
        Column(
            "now", _("value today"), lambda row: row.now, numeric=True, decimals=indicator.decimals
        ),
        Column("steps", _("changes"), lambda row: row.steps, numeric=True, decimals=0),
    ]
    return export(
        request,
        name=f"reporting.revisions.{indicator.code}",
        title=_("Revisions of %(indicator)s") % {"indicator": localname(indicator)},
        columns=columns,
        rows=found.rows,
        fmt=request.GET["format"],
    )
