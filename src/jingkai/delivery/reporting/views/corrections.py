"""Correction slips: the list, asking for one with its preview, the slip, deciding."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.accounts.public import User
from jingkai.core.errors import Conflict, DomainError, InvalidInput
from jingkai.core.files.public import attachments_of
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import localname
from jingkai.core.workflow.public import history
from jingkai.delivery.indicators.public import (
    Origin,
    Series,
    visible_indicators,
    visible_series,
)

from .. import rules
from ..forms_corrections import AnswerForm, CorrectionForm, PaperForm
from ..impact import Impact
from ..labels_corrections import period_text, scope_text
from ..models import Correction, CorrectionState
from ..queries.corrections import (
    correction_for_page,
    corrections_for_list,
    open_slip,
    parts_of,
    standing,
    visible_corrections,
)
from ..services.correction_trials import correctable, impact_now, preview_correction
from ..services.corrections import (
    approve_correction,
    attach_evidence,
    refuse_correction,
    request_correction,
    withdraw_correction,
)


def officials_or_404(request: AuthedRequest) -> None:
    if not rules.can_follow(request.user):
        raise Http404


COLUMNS = (
    Column("number", gettext_lazy("No."), lambda c: c.pk),
    Column("state", gettext_lazy("state"), lambda c: c.get_state_display()),
    Column(
        "indicator", gettext_lazy("indicator"), lambda c: localname(c.series.indicator), width=24
    ),
    Column("scope", gettext_lazy("scope"), lambda c: scope_text(c.series)),
    Column("period", gettext_lazy("period"), lambda c: c.period),
    Column("old", gettext_lazy("old value"), lambda c: c.old_value, numeric=True, decimals=2),
    Column("new", gettext_lazy("new value"), lambda c: c.new_value, numeric=True, decimals=2),
    Column("unit", gettext_lazy("unit"), lambda c: localname(c.series.indicator, "unit")),
    Column("code", gettext_lazy("reason"), lambda c: c.get_code_display()),
    Column("reason", gettext_lazy("explanation"), lambda c: c.reason, width=40),
    Column("asked", gettext_lazy("asked by"), lambda c: c.requested_by.name),
    Column("asked_at", gettext_lazy("asked at"), lambda c: c.requested_at, width=18),
    Column(
        "decided",
        pgettext_lazy("correction", "Decided by"),
        lambda c: c.decided_by.name if c.decided_by else "",
    ),
    Column("decided_at", gettext_lazy("decided at"), lambda c: c.decided_at, width=18),
    Column("answer", gettext_lazy("answer"), lambda c: c.answer, width=30),
)


@require_safe
def correction_list(request: AuthedRequest) -> HttpResponse:
    """Slips about figures the person may see."""
    officials_or_404(request)
    asked = {name: request.GET.get(name, "") for name in ("state", "indicator", "scope", "period")}
    rows = corrections_for_list(request.user, **asked)
    if request.GET.get("format") in FORMATS:
        return export(
            request,
            name="reporting.corrections",
            title=_("Correction slips"),
            columns=COLUMNS,
            rows=rows,
            fmt=request.GET["format"],
        )
    page = page_of(request, rows)
    waiting = visible_corrections(request.user).filter(state=CorrectionState.REQUESTED).count()
    return render(
        request,
        "reporting/corrections.html",
        {
            "page_obj": page,
            "rows": [
                {
                    "slip": slip,
                    "scope": scope_text(slip.series),
                    "period": period_text(slip.period, slip.series.indicator),
                    "change": slip.new_value - slip.old_value,
                }
                for slip in page
            ],
            "asked": asked,
            "is_filtered": any(asked.values()),
            "states": CorrectionState.choices,
            "waiting": waiting,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correction_new(request: AuthedRequest) -> HttpResponse:
    """Ask for a correction. GET with `new_value` shows what would move, and writes nothing."""
    officials_or_404(request)
    given = request.POST if request.method == "POST" else request.GET
    indicator, scope, period = (given.get(name, "") for name in ("indicator", "scope", "period"))
    if not (indicator and scope and period):
        return _choose(request, indicator, scope)
    series = get_object_or_404(
        visible_series(request.user).select_related("indicator__compiler", "zone"),
        indicator__code=indicator,
        scope=scope,
    )
    wanted = request.method == "POST" or "new_value" in given
    form = CorrectionForm(given if wanted else None)
    if request.method != "POST" and wanted:
        for name in ("code", "reason"):  # not needed to see what would move
            form.fields[name].required = False
    impact: Impact | None = None
    error: DomainError | None = None
    try:
        if not form.is_bound:
            correctable(series, period)
        elif form.is_valid():
            figure = {
                "series_id": series.pk,
                "period": period,
                "new_value": form.cleaned_data["new_value"],
                "actor": request.user,
                "now": timezone.now(),
            }
            if request.method == "POST":
                slip = request_correction(
                    **figure, code=form.cleaned_data["code"], reason=form.cleaned_data["reason"]
                )
                messages.success(
                    request,
                    _("Asked for. Add the evidence below; a second person then decides."),
                )
                return HttpResponseRedirect(reverse("reporting:correction", args=[slip.pk]))
            impact = shown(preview_correction(**figure), request.user)
    except DomainError as refused:
        error = refused
        _beside(form, refused)
    return render(
        request,
        "reporting/correction_new.html",
        {
            **_figure_context(series, period),
            "form": form,
            "error": error,
            "impact": impact,
            "may_ask": rules.can_request_correction(request.user, series),
            "waiting": open_slip(series, period),
            "closed": error is not None and not form.is_bound,
            "parts": _parts(series, period, request.user),
        },
        status=error.status if error else 422 if form.is_bound and form.errors else 200,
    )


def _parts(series: Series, period: str, user: User) -> list[dict[str, Any]]:
    """What a computed figure follows from, as far as the person may see it. At most 3 queries."""
    current = standing(series, period)
    if current is None or current.event.origin != Origin.COMPUTED:
        return []
    found = parts_of(current.event)
    seen = set(
        visible_series(user)
        .filter(pk__in={event.series_id for event in found})
        .values_list("pk", flat=True)
    )
    return [
        {"event": event, "scope_name": scope_text(event.series)}
        for event in found
        if event.series_id in seen
    ]


def _choose(request: AuthedRequest, indicator: str, scope: str) -> HttpResponse:
    """Which figure: an indicator, a scope, a period."""
    rows = visible_series(request.user).select_related("zone")
    own = rows.order_by("scope", "pk").distinct("scope")
    return render(
        request,
        "reporting/correction_choose.html",
        {
            "indicators": visible_indicators(request.user).order_by("position", "code"),
            "scopes": [(series.scope, scope_text(series)) for series in own],
            "indicator": indicator,
            "scope": scope,
        },
    )


def _figure_context(series: Series, period: str) -> dict[str, Any]:
    current = standing(series, period)
    return {
        "series": series,
        "indicator": series.indicator,
        "scope_name": scope_text(series),
        "period": period,
        "period_name": period_text(period, series.indicator),
        "current": current,
    }


def _beside(form: forms.Form, error: DomainError) -> None:
    """Put each problem beside its field where the form has one."""
    if isinstance(error, InvalidInput) and form.is_bound:
        form.is_valid()
        for problem in error.problems:
            if problem.field in form.fields:
                form.add_error(problem.field, problem.message)


def shown(impact: Impact, user: User) -> Impact:
    """What of it lies in series the person may see. 1 query."""
    seen = visible_series(user).filter(pk__in=impact.series()).values_list("pk", flat=True)
    return impact.seen_by(set(seen))


@require_safe
def correction_detail(request: AuthedRequest, correction_id: int) -> HttpResponse:
    return _slip_page(request, correction_id)


def _slip_page(
    request: AuthedRequest,
    correction_id: int,
    *,
    error: DomainError | None = None,
    answer: str = "",
) -> HttpResponse:
    slip = correction_for_page(request.user, correction_id)
    if slip is None:
        raise Http404
    user, waits = request.user, slip.state == CorrectionState.REQUESTED
    impact: Impact | None = None
    stale: DomainError | None = None
    if waits:
        try:
            impact = impact_now(slip, actor=user, now=timezone.now())
        except (Conflict, InvalidInput) as gone:
            stale = gone
    elif slip.impact:
        impact = Impact.from_json(slip.impact)
    return render(
        request,
        "reporting/correction.html",
        {
            "slip": slip,
            "waits": waits,
            "indicator": slip.series.indicator,
            "scope_name": scope_text(slip.series),
            "period_name": period_text(slip.period, slip.series.indicator),
            "change": slip.new_value - slip.old_value,
            "percent": (slip.new_value - slip.old_value) / slip.old_value * 100
            if slip.old_value
            else None,
            "impact": shown(impact, user) if impact else None,
            "stale": stale,
            "files": attachments_of(slip),
            "steps": history(slip),
            "can_decide": rules.can_decide_correction(user, slip),
            "can_withdraw": rules.can_withdraw_correction(user, slip),
            "can_attach": rules.can_request_correction(user, slip.series),
            "answer_form": AnswerForm({"answer": answer} if answer else None),
            "paper_form": PaperForm(),
            "error": error,
        },
        status=error.status if error else 200,
    )


@require_POST
def correction_act(request: AuthedRequest, correction_id: int, action: str) -> HttpResponse:
    """Withdraw, refuse or approve a slip, or put a paper to it."""
    slip = get_object_or_404(visible_corrections(request.user), pk=correction_id)
    answer = request.POST.get("answer", "")[:500]
    now = timezone.now()
    try:
        said = _run(request, slip, action, answer, now)
    except DomainError as error:
        return _slip_page(request, correction_id, error=error, answer=answer)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("reporting:correction", args=[slip.pk]))


def _run(request: AuthedRequest, slip: Correction, action: str, answer: str, now: datetime) -> str:
    """Carry out one action; what to say of it."""
    given: dict[str, Any] = {"correction_id": slip.pk, "actor": request.user, "now": now}
    match action:
        case "approve":
            done = approve_correction(**given, answer=answer)
            moved = len(Impact.from_json(done.impact).figures) - 1
            return _(
                "Approved: the new figure stands, the old one is kept. %(n)d figures followed; "
                "zone, compiling body and office have been told."
            ) % {"n": moved}
        case "refuse":
            refuse_correction(**given, reason=answer)
            return _("Refused. Whoever asked has been told why.")
        case "withdraw":
            withdraw_correction(**given)
            return _("Withdrawn. The figure stays as it was.")
        case "evidence":
            form = PaperForm(request.POST, request.FILES)
            if not form.is_valid():
                raise InvalidInput(_("Choose a file first."))
            attach_evidence(
                **given, upload=form.cleaned_data["file"], note=form.cleaned_data["note"]
            )
            return _("The paper is attached.")
        case _:
            raise Http404
