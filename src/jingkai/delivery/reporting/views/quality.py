"""The league of reporting and the burden meter."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import FORMATS, Column, export

from .. import rules
from ..queries.burden import burden
from ..queries.league import league

SPANS = (3, 6, 12, 24)


def _since(request: AuthedRequest, today: date) -> tuple[date, int]:
    """The first day of the chosen number of months, and that number."""
    text = request.GET.get("months", "")
    months = int(text) if text.isdigit() and int(text) in SPANS else 12
    return today - timedelta(days=31 * months), months


@require_safe
def league_page(request: AuthedRequest) -> HttpResponse:
    """Completeness and timeliness by body. Never mixed with ranks of performance."""
    if not rules.can_follow(request.user):
        raise Http404
    today = timezone.localdate()
    since, months = _since(request, today)
    rows = league(request.user, since=since, today=today)
    fmt = request.GET.get("format")
    if fmt in FORMATS:
        columns = [
            Column("body", _("Body"), lambda row: row.name, width=30),
            Column("timeliness", _("In time (%)"), lambda row: row.timeliness, True, 1),
            Column("completeness", _("Complete (%)"), lambda row: row.completeness, True, 1),
            Column("late", _("Working days late"), lambda row: row.late_days, True, 0),
            Column("returned", _("Cells returned"), lambda row: row.returned, True, 0),
            Column("explained", _("Warnings explained"), lambda row: row.explained, True, 0),
            Column("corrected", _("Corrected later"), lambda row: row.corrected, True, 0),
        ]
        return export(
            request,
            name="reporting.league",
            title=_("Quality of reporting"),
            columns=columns,
            rows=rows,
            fmt=fmt,
        )
    return render(
        request,
        "reporting/league.html",
        {"rows": rows, "months": months, "spans": SPANS},
    )


@require_safe
def burden_page(request: AuthedRequest) -> HttpResponse:
    """Minutes per return, fields known elsewhere, share filled in beforehand."""
    if not rules.can_follow(request.user):
        raise Http404
    since, months = _since(request, timezone.localdate())
    return render(
        request,
        "reporting/burden.html",
        {"rows": burden(request.user, since=since), "months": months, "spans": SPANS},
    )
