"""Pages of the roof: parse the data period, ask the rooms below, render."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jingkai.core.accounts.public import CITY_WIDE, OFFICIALS, ZONE, Role
from jingkai.core.http import AuthedRequest, wants_fragment
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name
from jingkai.delivery.evaluation import public as evaluation
from jingkai.delivery.indicators import public as indicators
from jingkai.delivery.policy import public as policy
from jingkai.delivery.reporting import public as reporting
from jingkai.delivery.supervision import public as supervision
from jingkai.engine.periods import Period
from jingkai.masterdata.organisations.public import Body, Zone, visible_bodies, visible_zones

from . import queries
from .period import DataPeriod, data_period, label_of
from .rows import Row, board_row, row_of

CHANGES_SHOWN = 9


def _officials_only(request: AuthedRequest) -> None:
    if not request.user.has_role(*OFFICIALS):
        raise Http404


@require_safe
def overview(request: AuthedRequest) -> HttpResponse:
    """The leaders' page. 15 queries at any size; three parts arrive as fragments."""
    _officials_only(request)
    now = data_period(request)
    board = indicators.headline_board(user=request.user, period=now.period.code, as_of=now.as_of)
    rows = [board_row(row) for row in board.rows]
    fmt = request.GET.get("format")
    if fmt in FORMATS:
        return export(
            request,
            name="cockpit.targets",
            title=_("Main targets"),
            columns=_columns(),
            rows=rows,
            fmt=fmt,
        )
    tasks = supervision.totals(user=request.user, kind="task")
    return render(
        request,
        "cockpit/overview.html",
        {
            "data_period": now,
            "as_of_label": _as_of_label(now),
            "query": request.GET.urlencode(),
            "board": board,
            "rows": rows,
            "lights": queries.light_counts(row.light for row in rows),
            "months_left": queries.months_left(now.period),
            "tasks": {
                "total": tasks.total,
                "on_schedule": tasks.green + tasks.done,
                "late_days": tasks.late_days,
            },
            "reporting": queries.reporting(board.rows, now.period.code),
            "open_conflicts": policy.visible_conflicts(request.user).filter(state="open").count(),
            "bodies": queries.task_bodies(request.user),
            "worst": queries.worst_row(board.rows),
        },
    )


def _as_of_label(now: DataPeriod) -> str:
    if now.as_of is None:
        return ""
    return _("as known on %(day)s") % {"day": f"{now.as_of - timedelta(days=1):%Y-%m-%d}"}


def _columns() -> list[Column]:
    words = {
        "green": _("on path"),
        "yellow": _("behind"),
        "red": _("far behind"),
        "grey": _("not judged"),
    }
    return [
        Column("light", _("Light"), lambda row: words[row.light], width=10),
        Column("indicator", _("Target"), lambda row: local_name(row.indicator), width=30),
        Column("aim", _("Aim"), lambda row: f"{row.aim}{row.aim_unit}", width=20),
        Column("horizon", _("Horizon"), lambda row: row.horizon),
        Column("value", _("Now"), lambda row: row.figure and row.figure.value, True, 2),
        Column("unit", _("Unit"), lambda row: row.unit),
        Column("period", _("Period"), lambda row: row.period_label),
        Column("release", _("Data"), lambda row: row.release),
        Column(
            "distance", _("Against path"), lambda row: row.distance and row.distance.amount, True, 2
        ),
        Column("growth", _("Year on year"), lambda row: row.growth, True, 2),
        Column("responsible", _("Responsible"), lambda row: local_name(row.responsible), width=24),
    ]


@require_safe
def zones_fragment(request: AuthedRequest) -> HttpResponse:
    """Zones with their lights. 10 queries at any size."""
    _officials_only(request)
    now = data_period(request)
    return render(
        request, "cockpit/_zones.html", {"zones": queries.zone_lines(request.user, now.period)}
    )


@require_safe
def gap_fragment(request: AuthedRequest, code: str) -> HttpResponse:
    """Who makes the distance of one target. 15 queries at any size."""
    _officials_only(request)
    now = data_period(request)
    board = indicators.zones_board(
        user=request.user,
        code=code,
        period=now.period.code,
        as_of=now.as_of,
        order=indicators.ZoneOrder.GAP,
        limit=queries.GAP_ZONES_SHOWN,
    )
    rows = queries.gap_rows(board)
    option = {
        "grid": {"left": 8, "right": 72, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "axisLabel": {"show": False}},
        "yAxis": {"type": "category", "inverse": True, "data": [name for name, _value in rows]},
        "series": [
            {
                "type": "bar",
                "barMaxWidth": 18,
                "data": [
                    {
                        "value": float(value),
                        "itemStyle": {"color": "@red" if value < 0 else "@green"},
                    }
                    for _name, value in rows
                ],
                "label": {"show": True, "position": "right", "color": "@text"},
            }
        ],
    }
    return render(
        request,
        "cockpit/_gap.html",
        {
            "indicator": board.indicator,
            "rows": rows,
            "gap": board.gap.gap if board.gap else None,
            "option": option,
            "label": _("Contribution of each zone to the gap"),
            "period_label": label_of(
                Period.parse(board.period), cumulative=board.indicator.value_mode == "ytd"
            ),
        },
    )


@require_safe
def changes(request: AuthedRequest) -> HttpResponse:
    """What changed since the last meeting; short as a fragment of the overview."""
    _officials_only(request)
    meeting = supervision.last_meeting()
    found = queries.changes(
        request.user,
        since=meeting.held_at if meeting else None,
        now=timezone.now(),
        period=data_period(request).period.code,
    )
    short = wants_fragment(request) and "short" in request.GET
    shown = found[:CHANGES_SHOWN] if short else found
    return render(
        request,
        "cockpit/_changes.html" if short else "cockpit/changes.html",
        {"meeting": meeting, "changes": shown, "more": len(found) - len(shown)},
    )


@require_safe
def my_work(request: AuthedRequest) -> HttpResponse:
    """Waiting for me, late, coming; and my own figures."""
    today = timezone.localdate()
    items: list[supervision.WorkItem | reporting.ReturnWork | evaluation.EvaluationWork] = [
        *reporting.return_work(request.user, today),
        *supervision.my_work(request.user, today),
        *evaluation.evaluation_work(request.user, today),
    ]
    groups = [
        {
            "key": key,
            "title": title,
            "empty": empty,
            "items": [item for item in items if item.group == key],
        }
        for key, title, empty in (
            ("waiting", _("Waiting for me"), _("Nothing waits for you.")),
            ("late", _("Late"), _("Nothing is late.")),
            ("coming", _("Coming"), _("Nothing is due soon.")),
        )
    ]
    now = data_period(request)
    return render(
        request,
        "cockpit/my_work.html",
        {
            "data_period": now,
            "groups": groups,
            "rows": _my_rows(request, now),
            "can_record": request.user.has_role(
                Role.OFFICE, Role.DEPARTMENT_CLERK, Role.ZONE_CLERK
            ),
            "notices": request.user.notices.filter(read_at__isnull=True)[:6],
        },
    )


def _my_rows(request: AuthedRequest, now: DataPeriod) -> list[Row]:
    user = request.user
    if user.has_role(*CITY_WIDE) or not user.has_role(*OFFICIALS):
        return []
    membership = user.primary_membership
    if membership is None:
        return []
    if user.has_role(*ZONE):
        zone = Zone.objects.filter(committee_id=membership.body_id).first()
        return _zone_rows(request, zone, now) if zone else []
    board = indicators.body_board(user=user, body=membership.body, period=now.period.code)
    return [board_row(row) for row in board.rows]


def _zone_rows(request: AuthedRequest, zone: Zone, now: DataPeriod) -> list[Row]:
    found = indicators.zone_board(
        user=request.user, zone=zone, period=now.period.code, as_of=now.as_of
    )
    return [
        row_of(
            row.status,
            aim=f"{row.year_plan:,.{row.indicator.decimals}f}" if row.year_plan is not None else "",
            aim_unit=row.indicator.unit if row.year_plan is not None else "",
            horizon=str(now.period.year) if row.year_plan is not None else "",
            rank=row.rank,
            ranked=row.ranked,
        )
        for row in found
    ]


@require_safe
def body(request: AuthedRequest, code: str) -> HttpResponse:
    """All one body answers for."""
    _officials_only(request)
    found = get_object_or_404(visible_bodies(request.user), code=code)
    now = data_period(request)
    board = indicators.body_board(
        user=request.user, body=found, period=now.period.code, as_of=now.as_of
    )
    return _board_page(
        request,
        now,
        subject=found,
        body=found,
        rows=[board_row(row) for row in board.rows],
        kind=_("Body"),
        chips=[found.get_kind_display()],
        actions=[
            {"url": reverse("organisations:body", args=[found.code]), "label": _("Master data")}
        ],
        about=[],
    )


@require_safe
def zone(request: AuthedRequest, code: str) -> HttpResponse:
    """All one zone owes and delivers."""
    _officials_only(request)
    found = get_object_or_404(
        visible_zones(request.user).select_related("committee", "host_district"), code=code
    )
    now = data_period(request)
    industries = [industry.name for industry in found.industries.all()]
    return _board_page(
        request,
        now,
        subject=found,
        body=found.committee,
        rows=_zone_rows(request, found, now),
        kind=_("Zone"),
        chips=[found.get_level_display()]
        + ([] if found.verified else [_("master data not verified")]),
        actions=[
            {"url": reverse("organisations:zone", args=[found.code]), "label": _("Master data")}
        ],
        about=[
            (_("Host district"), local_name(found.host_district)),
            (_("Committee"), local_name(found.committee)),
            (_("Leading industries"), "、".join(industries) or _("not yet named")),
        ],
        show_rank=True,
    )


def _board_page(
    request: AuthedRequest, now: DataPeriod, *, body: Body, rows: list[Row], **context: Any
) -> HttpResponse:
    obligations = list(
        supervision.visible_obligations(request.user)
        .filter(body=body, issued_at__isnull=False)
        .select_related("task")
        .order_by("task__number", "pk")
    )
    late = sum(item.late_days for item in obligations)
    return render(
        request,
        "cockpit/board_page.html",
        {
            "data_period": now,
            "rows": rows,
            "lights": queries.light_counts(row.light for row in rows),
            "facts": [
                (_("Obligations"), len(obligations), False),
                (_("Late days in all"), late, late > 0),
            ],
            "obligations": obligations,
            **context,
        },
    )
