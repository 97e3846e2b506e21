"""The office plans paths, and looks at what the document says of a target."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jingkai.core.errors import Conflict, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.ui.public import localname
from jingkai.core.verdicts import require
from jingkai.engine.periods import Period

from ..forms import PathForm, PointsForm, ReasonForm, TargetForm, show_problems, style
from ..labels import scope_label
from ..models import Shape, Target, ValueMode
from ..queries.figures import paths
from ..queries.indicator import IndicatorPage
from ..queries.page_plan import Preview, preview_path
from ..queries.pages import cells_of
from ..rules import can_plan, can_set_target_agreement
from ..services.targets import change_target, contradictions
from ..services.trajectories import draw_points, plan_trajectory, recorded_base
from .common import lens_of, page_of_indicator
from .panels import trajectory_chart

_SHAPED = {Shape.STEP: "steps", Shape.DRAWN: "drawn"}


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: AuthedRequest, code: str) -> HttpResponse:
    """Choose a shape, look at its path, save it as a new version; or move single points."""
    require(can_plan(request.user))
    lens = lens_of(request)
    page = page_of_indicator(request.user, code, lens)
    back = f"{reverse('indicators:detail', args=[code])}{lens.query}"
    if page.series is None:
        messages.warning(request, _("There is no figure to start a path from yet."))
        return HttpResponseRedirect(back)
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    form = _path_form(request, page, bound=doing in {"preview", "save"})
    by_year = _year_points(request, page, bound=doing in {"preview", "save"})
    moved, why = _moved_form(request, page, bound=doing == "move")
    status, preview = 200, None
    if doing in {"preview", "save"}:
        valid = form.is_valid() and by_year.is_valid()
        try:
            if not valid:
                raise InvalidInput(_("Please correct what is marked."))
            preview = _preview(page, form, by_year)
            if doing == "save":
                _save_path(request, page, form, by_year)
                return HttpResponseRedirect(back)
        except InvalidInput as error:
            status = 422
            if valid:
                show_problems(form, error)
    elif doing == "move":
        if moved is not None and moved.is_valid() and why.is_valid():
            try:
                return _move(request, page, moved, why, back)
            except InvalidInput as error:
                show_problems(why, error)
        status = 422
    elif page.trajectory is None:
        preview = _first_preview(page, form)
    for one in (form, by_year, moved, why):
        if one is not None:
            style(one)
    asked = cells_of(page.statements).get(page.indicator.pk, {})
    chart = trajectory_chart(
        page, asked, proposed=preview.at_year_ends() if preview is not None else None
    )
    context = {
        "page": page,
        "indicator": page.indicator,
        "form": form,
        "by_year": by_year,
        "moved": moved,
        "why": why,
        "preview": preview,
        "chart": chart,
        "back": back,
        "lens": lens,
        "doing": doing,
        "preview_rows": _preview_rows(page, preview),
        "scope_name": scope_label(page.scope, {s.scope: s.zone for s in page.scopes if s.zone}),
    }
    return render(request, "indicators/plan.html", context, status=status)


def _path_form(request: AuthedRequest, page: IndicatorPage, *, bound: bool) -> PathForm:
    this_year = timezone.localdate().year
    years = [str(year) for year in range(this_year - 1, this_year - 7, -1)]
    current = page.trajectory
    if current is not None and current.base_period not in years:
        years.append(current.base_period)
    flow = page.indicator.value_mode != ValueMode.STOCK
    shape = Shape.SEASONAL if flow and page.indicator.frequency != "year" else Shape.STRAIGHT
    initial = {
        "shape": current.shape if current is not None else shape,
        "base_period": current.base_period if current is not None else years[0],
        "base_value": _base_by_hand(page),
    }
    return PathForm(
        request.POST if bound else None, bases=[(y, y) for y in years], flow=flow, initial=initial
    )


def _base_by_hand(page: IndicatorPage) -> Decimal | None:
    """The base of the path in force where no recorded value gives it."""
    if page.trajectory is None or page.series is None:
        return None
    start = Period.parse(page.trajectory.base_period)
    recorded = recorded_base(page.series, start)
    return page.trajectory.base_value if recorded is None else None


def _year_points(request: AuthedRequest, page: IndicatorPage, *, bound: bool) -> PointsForm:
    """One cell per year between now and the last horizon, for the shapes that need points."""
    horizons = sorted(t.horizon[:4] for t in page.targets if t.horizon[:4].isdigit())
    last = int(horizons[-1]) if horizons else timezone.localdate().year + 4
    fixed = {*horizons}
    first = timezone.localdate().year
    given: dict[str, Any] = {}
    if page.trajectory is not None:
        key = _SHAPED.get(Shape(page.trajectory.shape), "")
        given = page.trajectory.parameters.get(key) or {}
    points = {
        str(year): Decimal(str(given[str(year)])) if str(year) in given else None
        for year in range(first, last)
        if str(year) not in fixed
    }
    return PointsForm(request.POST if bound else None, points=points, required=False)


def _moved_form(
    request: AuthedRequest, page: IndicatorPage, *, bound: bool
) -> tuple[PointsForm | None, ReasonForm]:
    """The path in force in the data period's year, point by point."""
    why = ReasonForm(request.POST if bound else None, prefix="move")
    if page.trajectory is None or page.series is None:
        return None, why
    year, base = int(page.period[:4]), Period.parse(page.trajectory.base_period)
    route = paths({page.series.pk: page.trajectory}).get(page.series.pk, {})
    points = {
        point.period: point.planned
        for end, point in route.items()
        if end.year == year and end > base.end
    }
    if not points:
        return None, why
    return PointsForm(request.POST if bound else None, points=points), why


def _parameters(form: PathForm, by_year: PointsForm) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if form.cleaned_data.get("even"):
        found["profile"] = "even"
    key = _SHAPED.get(Shape(form.cleaned_data["shape"]))
    if key is not None:
        points = {
            code: str(value) for code, value in by_year.cleaned_data.items() if value is not None
        }
        found[key] = points
    return found


def _preview(page: IndicatorPage, form: PathForm, by_year: PointsForm) -> Preview:
    assert page.series is not None
    return preview_path(
        page.series,
        shape=Shape(form.cleaned_data["shape"]),
        base_period=form.cleaned_data["base_period"],
        base_value=form.cleaned_data["base_value"],
        parameters=_parameters(form, by_year),
    )


def _first_preview(page: IndicatorPage, form: PathForm) -> Preview | None:
    """What the suggested shape would give, where it can be drawn at all."""
    assert page.series is not None
    try:
        return preview_path(
            page.series,
            shape=Shape(form.initial["shape"]),
            base_period=form.initial["base_period"],
            base_value=None,
            parameters={},
        )
    except InvalidInput:
        return None


def _preview_rows(page: IndicatorPage, preview: Preview | None) -> list[dict[str, Any]]:
    """New path beside the one in force, by year."""
    if preview is None:
        return []
    old = {Period.of(y.year): y.planned for y in page.years}
    through = {h.period[:4] for h in preview.horizons}
    return [
        {
            "year": period.year,
            "new": value,
            "old": old.get(period),
            "is_base": period == preview.start,
            "is_horizon": str(period.year) in through,
        }
        for period, value in preview.at_year_ends().items()
    ]


def _save_path(
    request: AuthedRequest, page: IndicatorPage, form: PathForm, by_year: PointsForm
) -> None:
    assert page.series is not None
    data = form.cleaned_data
    saved = plan_trajectory(
        series=page.series,
        shape=Shape(data["shape"]),
        base_period=data["base_period"],
        base_value=data["base_value"],
        parameters=_parameters(form, by_year),
        actor=request.user,
        now=timezone.now(),
        reason=data["reason"],
    )
    messages.success(
        request,
        _("Version %(n)d of the path is in force; the lights follow it. The one before is kept.")
        % {"n": saved.version},
    )


def _move(
    request: AuthedRequest, page: IndicatorPage, moved: PointsForm, why: ReasonForm, back: str
) -> HttpResponse:
    assert page.series is not None
    points = moved.changed_points
    if not points:
        raise InvalidInput(_("No point was moved."))
    saved = draw_points(
        series=page.series,
        points=points,
        actor=request.user,
        now=timezone.now(),
        reason=why.cleaned_data["reason"],
    )
    messages.success(
        request,
        _("%(count)d points moved: version %(n)d of the path is in force.")
        % {"count": len(points), "n": saved.version},
    )
    return HttpResponseRedirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def targets(request: AuthedRequest, code: str) -> HttpResponse:
    """All statements about the indicator's targets, what contradicts what, and which one leads."""
    page = page_of_indicator(request.user, code, lens_of(request))
    verdict = can_set_target_agreement(request.user)
    statements = list(
        Target.objects.filter(indicator=page.indicator)
        .select_related("indicator", "benchmark", "conflict")
        .order_by("horizon", "position", "code")
    )
    chosen = next((t for t in statements if t.code == request.GET.get("edit", "")), None)
    form, status = None, 200
    if chosen is not None and verdict:
        form = TargetForm(
            request.POST if request.method == "POST" else None,
            initial={name: getattr(chosen, name) for name in TargetForm.base_fields},
        )
    if request.method == "POST":
        require(verdict)
        status = 422
        if chosen is not None and form is not None and form.is_valid():
            try:
                change_target(
                    target_id=chosen.pk,
                    fields=form.cleaned_data,
                    actor=request.user,
                    now=timezone.now(),
                )
            except InvalidInput as error:
                show_problems(form, error)
            except Conflict as error:
                status = error.status
                form.add_error(None, str(error))
            else:
                messages.success(
                    request,
                    _(
                        "The statement %(code)s is corrected; the path and the lights look at it "
                        "now. Plan the path anew where its level changed."
                    )
                    % {"code": chosen.code},
                )
                return HttpResponseRedirect(reverse("indicators:targets", args=[code]))
    if form is not None:
        style(form)
    found = {
        (item.kind, tuple(sorted(item.statements))): item
        for target in statements
        for item in contradictions(target)
    }
    names = {target.code: target for target in statements}
    context = {
        "page": page,
        "indicator": page.indicator,
        "statements": statements,
        "form": form,
        "chosen": chosen,
        "verdict": verdict,
        "contradictions": [
            {
                "kind": str(item.kind),
                "targets": [names[c] for c in item.statements if c in names],
                "difference": item.difference_percent,
            }
            for item in found.values()
        ],
        "title": localname(page.indicator),
    }
    return render(request, "indicators/targets.html", context, status=status)
