"""Desks of those who run collections: overview, one collection, opening, extending, urging."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.engine.periods import Frequency, Period

from .. import rules, services
from ..models import (
    Campaign,
    ExtensionState,
    Form,
    Return,
    ReturnExtension,
    ReturnState,
    VersionState,
)
from ..queries import overview as reads
from ..queries import visible_campaigns, visible_returns


def _officials_only(request: AuthedRequest) -> None:
    if not rules.can_follow(request.user):
        raise Http404


@require_safe
def overview(request: AuthedRequest) -> HttpResponse:
    """Who has filed, verified, returned. 15 queries at any size."""
    _officials_only(request)
    today = timezone.localdate()
    found = reads.overview(
        request.user,
        month=_date(request.GET.get("month")),
        today=today,
        page=request.GET.get("page"),
    )
    fmt = request.GET.get("format")
    if fmt in FORMATS:
        rows = visible_returns(request.user).filter(campaign__in=found.campaigns)
        return export(
            request,
            name="reporting.overview",
            title=_("Returns"),
            columns=_columns(),
            rows=rows.select_related("campaign__form", "zone", "body").order_by("pk"),
            fmt=fmt,
        )
    may_administer = bool(rules.can_administer(request.user))
    return render(
        request,
        "reporting/overview.html",
        {
            "overview": found,
            "today": today,
            "may_administer": may_administer,
            "openable": _openable(today) if may_administer else [],
            "page_obj": found.page,
        },
    )


def _columns() -> list[Column]:
    return [
        Column("form", _("Form"), lambda row: row.campaign.form.name, width=30),
        Column("period", _("Period"), lambda row: row.campaign.period),
        Column("body", _("Body"), lambda row: row.body.name, width=30),
        Column("state", _("State"), lambda row: row.get_state_display()),
        Column("due", _("Due"), lambda row: row.due_on),
        Column("sent", _("First sent"), lambda row: row.first_submitted_at),
        Column("late", _("Working days late"), lambda row: row.late_days, True, 0),
    ]


def _date(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def _openable(today: date) -> list[tuple[Form, str]]:
    """The newest ended period of each form that is not collected yet. 2 queries."""
    forms = list(
        Form.objects.filter(is_active=True, versions__state=VersionState.PUBLISHED).distinct()
    )
    open_already = set(Campaign.objects.exclude(state="cancelled").values_list("form_id", "period"))
    found = []
    for form in forms:
        frequency = Frequency(form.frequency)
        part = (today.month - 1) // frequency.length + 1
        period = Period.of(today.year, frequency, part)
        period = period.previous() if period.end >= today else period
        if form.joins_january and frequency is Frequency.MONTH and period.part == 1:
            continue
        if (form.pk, period.code) not in open_already:
            found.append((form, period.code))
    return found


@require_POST
def open_campaign(request: AuthedRequest) -> HttpResponse:
    """Open a form for a period."""
    _officials_only(request)
    form_id = request.POST.get("form", "")
    if not form_id.isdigit():
        raise Http404
    campaign = services.open_campaign(
        form_id=int(form_id),
        period=request.POST.get("period", ""),
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(
        request,
        _("Opened: %(form)s %(period)s. Everybody who fills it in has been told.")
        % {"form": campaign.form.name, "period": campaign.period},
    )
    return HttpResponseRedirect(reverse("reporting:campaign", args=[campaign.pk]))


def campaign_page(
    request: AuthedRequest, campaign_id: int, error: DomainError | None = None
) -> HttpResponse:
    """One collection: its returns, how far each indicator is, requests for time."""
    campaign = _campaign(request, campaign_id)
    today = timezone.localdate()
    state = request.GET.get("state", "")
    rows = reads.returns_for_list(request.user, campaign, state=state, today=today)
    fmt = request.GET.get("format")
    if fmt in FORMATS:
        return export(
            request,
            name="reporting.campaign",
            title=f"{campaign.form.name} {campaign.period}",
            columns=_columns(),
            rows=rows.select_related("campaign__form", "zone", "body"),
            fmt=fmt,
        )
    totals = reads.totals_of(visible_returns(request.user).filter(campaign=campaign), today)
    extensions = (
        ReturnExtension.objects.filter(
            in_return__in=visible_returns(request.user).filter(campaign=campaign),
            state=ExtensionState.REQUESTED,
        )
        .select_related("in_return__zone", "in_return__body", "requested_by")
        .order_by("pk")
    )
    context: dict[str, Any] = {
        "campaign": campaign,
        "totals": totals.get(campaign.pk, reads.Totals()),
        "items": reads.item_progress(campaign, request.user),
        "page_obj": page_of(request, rows),
        "state": state,
        "states": ReturnState.choices,
        "today": today,
        "extensions": extensions,
        "may_administer": bool(rules.can_administer(request.user)),
        "error": error,
    }
    status = error.status if error is not None else 200
    return render(request, "reporting/campaign.html", context, status=status)


def _campaign(request: AuthedRequest, campaign_id: int) -> Campaign:
    return get_object_or_404(
        visible_campaigns(request.user).select_related("form", "version", "published_by"),
        pk=campaign_id,
    )


@require_POST
def campaign_act(request: AuthedRequest, campaign_id: int, name: str) -> HttpResponse:
    """Publish, cancel, urge, extend; what is refused is shown on the collection's page."""
    campaign = _campaign(request, campaign_id)
    acts = {
        "publish": _publish,
        "cancel": _cancel,
        "urge": _urge,
        "extend": _extend,
        "extension": _decide_extension,
    }
    if name not in acts:
        raise Http404
    try:
        done = acts[name](request, campaign)
    except DomainError as error:
        return campaign_page(request, campaign_id, error)
    messages.success(request, done)
    if request.POST.get("next") == "overview":
        return HttpResponseRedirect(reverse("reporting:overview"))
    return HttpResponseRedirect(reverse("reporting:campaign", args=[campaign.pk]))


def _publish(request: AuthedRequest, campaign: Campaign) -> str:
    services.publish_campaign(campaign_id=campaign.pk, actor=request.user, now=timezone.now())
    return _("Published. From now on figures change by correction slip only.")


def _cancel(request: AuthedRequest, campaign: Campaign) -> str:
    services.cancel_campaign(
        campaign_id=campaign.pk,
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=timezone.now(),
    )
    return _("Cancelled.")


def _urge(request: AuthedRequest, campaign: Campaign) -> str:
    asked = [int(pk) for pk in request.POST.getlist("returns") if pk.isdigit()]
    rows = Return.objects.filter(campaign=campaign)
    rows = rows.filter(pk__in=asked) if asked else rows.filter(first_submitted_at__isnull=True)
    told = services.urge_returns(
        return_ids=list(rows.values_list("pk", flat=True)),
        actor=request.user,
        now=timezone.now(),
        text=request.POST.get("text", ""),
    )
    if not told:
        return _("All of them were urged today already.")
    return ngettext("%(n)d body was urged.", "%(n)d bodies were urged.", told) % {"n": told}


def _extend(request: AuthedRequest, campaign: Campaign) -> str:
    row = get_object_or_404(Return, campaign=campaign, pk=_number(request.POST.get("return")))
    to_date = _date(request.POST.get("to_date"))
    if to_date is None:
        raise _no_date()
    services.extend_return(
        return_id=row.pk,
        to_date=to_date,
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=timezone.now(),
    )
    return _("More time is given. Days late that were counted already stay.")


def _no_date() -> DomainError:
    message = _("Write a date like 2026-11-20.")
    return InvalidInput(message, problems=[FieldProblem("to_date", message, "required")])


def _decide_extension(request: AuthedRequest, campaign: Campaign) -> str:
    row = get_object_or_404(
        ReturnExtension, in_return__campaign=campaign, pk=_number(request.POST.get("extension"))
    )
    grant = request.POST.get("decision") == "grant"
    services.decide_extension(
        extension_id=row.pk,
        grant=grant,
        answer=request.POST.get("answer", ""),
        actor=request.user,
        now=timezone.now(),
    )
    return _("Granted. The original date stays on record.") if grant else _("Refused.")


def _number(text: str | None) -> int:
    if not (text or "").isdigit():
        raise Http404
    return int(text or 0)
