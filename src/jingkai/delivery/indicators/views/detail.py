"""One indicator, and where its figures come from."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jingkai.core.accounts.public import User
from jingkai.core.http import AuthedRequest, page_or_fragment
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import localname
from jingkai.engine.periods import Period

from ..labels import distance_text, period_label, scope_label, silence, tone
from ..models import Origin, Release
from ..queries.indicator import SCOPES_SHOWN, IndicatorPage, series_history, series_of
from ..queries.lineage import lineage as lineage_of
from ..queries.page_parts import (
    adds_up_in_year,
    change_of,
    shares_of,
    vintages_of,
)
from ..queries.pages import cells_of
from ..rules import can_allocate, can_judge, can_plan, can_record, can_set_target_agreement
from .common import indicator_or_404, lens_of, page_of_indicator
from .panels import (
    path_table,
    trajectory_chart,
    year_chart,
    year_table,
)


@require_safe
def detail(request: AuthedRequest, code: str) -> HttpResponse:
    """One indicator in one scope: figure, path, tasks, definition; the rest comes when opened."""
    user, lens = request.user, lens_of(request)
    page = page_of_indicator(user, code, lens)
    indicator = page.indicator
    if request.GET.get("format") in FORMATS:
        return _export(request, page)
    status = page.status
    asked = cells_of(page.statements).get(indicator.pk, {})
    years = year_table(page)
    context = {
        "page": page,
        "indicator": indicator,
        "lens": lens,
        "scope": page.scope,
        "scopes": [(s.scope, s.zone) for s in page.scopes],
        "more_scopes": reverse("indicators:zones", args=[indicator.code]) + lens.query
        if sum(s.zone is not None for s in page.scopes) >= SCOPES_SHOWN
        else "",
        "scope_name": scope_label(page.scope, {s.scope: s.zone for s in page.scopes if s.zone}),
        "period_name": period_label(status.figure.at, indicator) if status.figure else "",
        "asked": sorted(asked.items()),
        "light": status.light.light.value,
        "silence": silence(status.light),
        "distance": distance_text(status.distance),
        "tone": tone(status.light.light.value),
        "change": change_of(page),
        "in_force": _in_force(page),
        "run_rate": page.run_rate if adds_up_in_year(indicator) else None,
        "trajectory_chart": trajectory_chart(page, asked) if page.points else None,
        "path_table": path_table(page, asked),
        "year_chart": year_chart(page, years) if years else None,
        "year_table": years,
        "adds_up": indicator.place_aggregation == "sum",
        "record_scope": _record_scope(user, page),
        "can_judge": can_judge(user, indicator),
        "can_plan": can_plan(user),
        "can_set_agreement": can_set_target_agreement(user),
    }
    return render(request, "indicators/detail.html", context)


@require_safe
def part(request: AuthedRequest, code: str, part: str) -> HttpResponse:
    """One tab of the page that is sent when it is opened: `shares` or `revisions`."""
    user, lens = request.user, lens_of(request)
    if part not in ("shares", "revisions"):
        raise Http404
    indicator = indicator_or_404(user, code)
    context: dict[str, object] = {"indicator": indicator, "lens": lens, "part": part}
    if part == "shares":
        context |= {
            "shares": shares_of(user, indicator),
            "can_allocate": can_allocate(user),
        }
    else:
        series = series_of(user, indicator, lens.scope)
        context["vintages"] = vintages_of(series, now=lens.period, as_of=lens.as_of)
        context["detail_url"] = reverse("indicators:detail", args=[code])
    return page_or_fragment(
        request,
        page="indicators/part_page.html",
        fragment=f"indicators/_{part}.html",
        context=context,
    )


def _record_scope(user: User, page: IndicatorPage) -> str:
    """The scope this person may record: the one shown where it is theirs, else their own zone."""
    if any(v.numerator_id for v in page.definitions):
        return ""  # it follows from its parts
    shown = [s for s in page.scopes if s.scope == page.scope]
    for row in (*shown, *page.scopes):
        row.indicator = page.indicator
        if can_record(user, row):
            return row.scope
    return ""


def _in_force(page: IndicatorPage) -> int | None:
    """The definition that holds at the end of the figure's period."""
    day = page.status.figure.period_end if page.status.figure else Period.parse(page.period).end
    held = [v for v in page.definitions if v.effective_from <= day]
    return max(held, key=lambda v: (v.effective_from, v.number)).pk if held else None


def _export(request: AuthedRequest, page: IndicatorPage) -> HttpResponse:
    """Every figure of the series with its plan."""
    indicator = page.indicator
    planned = {point.period_end: point.planned for point in page.points}
    columns = [
        Column("period", _("period"), lambda f: f.period),
        Column("value", _("value"), lambda f: f.value, numeric=True, decimals=indicator.decimals),
        Column("unit", _("unit"), lambda _f: localname(indicator, "unit")),
        Column("release", _("release"), lambda f: Release(f.release).label),
        Column(
            "planned",
            _("plan"),
            lambda f: planned.get(f.period_end),
            numeric=True,
            decimals=indicator.decimals,
        ),
        Column("origin", _("origin"), lambda f: Origin(f.origin).label),
        Column("recorded_at", _("recorded at"), lambda f: f.recorded_at, width=18),
        Column("event", _("number of the statement"), lambda f: f.event_id),
    ]
    rows = (
        series_history(
            user=request.user,
            code=indicator.code,
            scope=page.scope,
            as_of=page.as_of,
            until=Period.parse(page.period).end,
        )
        if page.series is not None
        else ()
    )
    return export(
        request,
        name=f"indicators.{indicator.code}",
        title=f"{localname(indicator)} {page.scope}",
        columns=columns,
        rows=rows,
        fmt=request.GET["format"],
    )


@require_safe
def lineage(request: AuthedRequest, event_id: int) -> HttpResponse:
    """Where one figure comes from: in the drawer, or as a page of its own."""
    found = lineage_of(event_id, request.user)
    root = found.root
    return page_or_fragment(
        request,
        page="indicators/lineage.html",
        fragment="indicators/_lineage.html",
        context={
            "lineage": found,
            "root": root,
            "period_name": root.period,
            "targets": found.targets,
            "missing": root.missing,
        },
    )
