"""A clerk records a figure; a person judges one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jingkai.core.accounts.public import Role
from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.ui.public import localname
from jingkai.core.ui.templatetags.jingkai import LIGHTS, light_word, number
from jingkai.core.verdicts import require

from ..forms import JudgeForm, RecordForm, show_problems, style, units_for
from ..labels import period_label, scope_label
from ..models import Indicator, Light, Origin, Release, Series
from ..periods import own_period
from ..queries.indicator import judgements
from ..queries.page_record import (
    Beside,
    Recordable,
    beside_form,
    existing_series,
    lights_before,
    recordable,
)
from ..rules import can_judge
from ..services.entries import ValueEntry
from ..services.status import judge as judge_series
from ..services.values import RecordResult, record_values
from .common import indicator_or_404, lens_of, page_of_indicator

RECORDERS = frozenset({Role.OFFICE, Role.DEPARTMENT_CLERK, Role.ZONE_CLERK})


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: AuthedRequest) -> HttpResponse:
    """Choose a series, record one figure; the last twelve and the plan stand beside it."""
    user = request.user
    choices = recordable(user)
    if not user.has_role(*RECORDERS):
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    indicator = _chosen_indicator(choices, asked.get("indicator", ""))
    scope = asked.get("scope", "") or next(iter(choices.scopes), "")
    if scope and scope not in choices.scopes:
        raise Http404
    context: dict[str, Any] = {
        "choices": choices,
        "indicator": indicator,
        "scope": scope,
        "scopes": [(code, _scope_name(code, choices)) for code in choices.scopes],
    }
    if indicator is None or not scope:
        return render(request, "indicators/record.html", context)
    series = existing_series(indicator, scope)
    lines = beside_form(series, indicator, today=timezone.localdate())
    form = _record_form(request, indicator, lines)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            result = _save(request, indicator, scope, form)
        except DomainError as error:
            status = error.status
            if isinstance(error, InvalidInput):
                show_problems(form, error, prefix="entries.0.")
            else:
                form.add_error(None, str(error))
        else:
            messages.success(request, _said(result, series, form))
            for warning in result.warnings:
                messages.warning(request, warning.message)
            address = f"{reverse('indicators:record')}?indicator={indicator.code}&scope={scope}"
            return HttpResponseRedirect(address)
    elif request.method == "POST":
        status = 422
    style(form)
    context |= {"form": form, "series": series, "lines": lines[:12]}
    return render(request, "indicators/record.html", context, status=status)


def _chosen_indicator(choices: Recordable, code: str) -> Indicator | None:
    found = next((row for row in choices.indicators if row.code == code), None)
    if code and found is None:
        raise Http404
    return found


def _scope_name(code: str, choices: Recordable) -> str:
    return scope_label(code, {zone.code: zone for zone in choices.zones})


def _record_form(request: AuthedRequest, indicator: Indicator, lines: list[Beside]) -> RecordForm:
    ended = (line for line in lines if line.period.end < timezone.localdate())
    default = next(ended, lines[0])
    periods = [(line.period.code, period_label(line.period, indicator)) for line in lines]
    units = units_for(indicator.unit)
    if request.method == "POST":
        return RecordForm(request.POST, periods=periods, units=units)
    asked = request.GET.get("period", "")
    initial = {
        "period": asked if asked in dict(periods) else default.period.code,
        "unit": indicator.unit,
        "release": Release.FLASH,
    }
    return RecordForm(initial=initial, periods=periods, units=units)


def _save(
    request: AuthedRequest, indicator: Indicator, scope: str, form: RecordForm
) -> RecordResult:
    data = form.cleaned_data
    return record_values(
        entries=[ValueEntry(indicator.code, scope, data["period"], data["value"], data["unit"])],
        actor=request.user,
        now=timezone.now(),
        origin=Origin.ENTERED,
        release=Release(data["release"]),
        reason=data["reason"],
    )


def _said(result: RecordResult, series: Series, form: RecordForm) -> SafeString:
    """What was done, what followed from it, which lights changed, and where to look."""
    indicator, data = series.indicator, form.cleaned_data
    url = reverse("indicators:detail", args=[indicator.code])
    if not result.events:
        return format_html(
            '{} <a href="{}">{}</a>',
            _("Nothing new: this figure already stands."),
            url,
            localname(indicator),
        )
    event = result.events[0]
    what = _("Figure withdrawn") if event.value is None else _("Figure recorded")
    amount = number(event.value, indicator.decimals)
    figure = "" if event.value is None else f"{amount} {indicator.unit}"
    followed = (
        _("%(n)d computed figures followed.") % {"n": len(result.computed)}
        if result.computed
        else ""
    )
    return format_html(
        '{}：<a href="{}?scope={}">{}</a> {} {} {}。{}{}',
        what,
        url,
        series.scope,
        localname(indicator),
        data["period"],
        figure,
        Release(event.release).label,
        followed,
        _lights_said(result),
    )


def _lights_said(result: RecordResult) -> SafeString:
    before = lights_before(result.lights)
    changed = [voice for voice in result.lights if before.get(voice.pk, Light.GREY) != voice.light]
    if not changed:
        return format_html(" {}", _("No light changed.")) if result.lights else SafeString("")
    return format_html(
        " {} {}",
        _("Lights changed:"),
        format_html_join(
            "、",
            '<a href="{}?scope={}">{} {}→{} {}</a>',
            (
                (
                    reverse("indicators:detail", args=[voice.series.indicator.code]),
                    voice.series.scope,
                    localname(voice.series.indicator),
                    LIGHTS.get(before.get(voice.pk, "grey"), "○"),
                    LIGHTS[voice.light],
                    light_word(voice.light),
                )
                for voice in changed[:6]
            ),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: AuthedRequest, code: str) -> HttpResponse:
    """A person's own light on the figure shown, beside the rule's, with the reason."""
    indicator = indicator_or_404(request.user, code)
    require(can_judge(request.user, indicator))
    lens = lens_of(request)
    page = page_of_indicator(request.user, code, lens)
    chosen, figure = page.series, page.status.figure
    back = f"{reverse('indicators:detail', args=[code])}{lens.query}"
    if chosen is None:
        messages.warning(request, _("There is no figure to judge yet."))
        return HttpResponseRedirect(back)
    period = figure.at if figure is not None else own_period(indicator, lens.period)
    form = JudgeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                judge_series(
                    series=chosen,
                    period=period.code,
                    light=Light(form.cleaned_data["light"]),
                    reason=form.cleaned_data["reason"],
                    actor=request.user,
                    now=timezone.now(),
                )
            except InvalidInput as error:
                show_problems(form, error)
            else:
                said = _(
                    "Your judgement stands beside the rule light of %(indicator)s, %(period)s."
                )
                params = {
                    "indicator": localname(indicator),
                    "period": period_label(period, indicator),
                }
                messages.success(request, said % params)
                return HttpResponseRedirect(back)
    style(form)
    context = {
        "indicator": indicator,
        "page": page,
        "judgements": judgements(page.series),
        "form": form,
        "back": back,
        "lens": lens,
        "period_name": period_label(period, indicator),
        "lights": [(value, LIGHTS[value], light_word(value)) for value in Light.values],
        "scope_name": scope_label(chosen.scope, {s.scope: s.zone for s in page.scopes if s.zone}),
    }
    return render(request, "indicators/judge.html", context, status=status)
