"""Unlock tickets to decide, and deputies for signing."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.accounts.public import DEPARTMENT, ZONE, users_with_role
from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest, page_of
from jingkai.masterdata.organisations.public import Body

from .. import rules, services
from ..models import Delegation, UnlockTicket
from ..queries import visible_returns


@require_safe
def unlocks_page(request: AuthedRequest) -> HttpResponse:
    """Unlock tickets one may see, those that wait first."""
    return _tickets(request)


def _tickets(request: AuthedRequest, error: DomainError | None = None) -> HttpResponse:
    if not rules.can_follow(request.user):
        raise Http404
    tickets = (
        UnlockTicket.objects.filter(in_return__in=visible_returns(request.user))
        .select_related(
            "in_return__campaign__form",
            "in_return__zone",
            "in_return__body",
            "requested_by",
            "decided_by",
        )
        .prefetch_related("cells__indicator", "cells__item__verifier", "cells__item__indicator")
        .order_by(F("decided_at").desc(nulls_first=True), "-pk")
    )
    shown = page_of(request, tickets, size=20)
    lines = [
        (
            ticket,
            rules.can_decide_unlock(
                request.user, ticket, {rules.verifier_id(c.item) for c in ticket.cells.all()}
            )
            if ticket.state == "requested"
            else None,
        )
        for ticket in shown.object_list
    ]
    return render(
        request,
        "reporting/unlocks.html",
        {"page_obj": shown, "lines": lines, "error": error},
        status=error.status if error else 200,
    )


@require_POST
def unlock_act(request: AuthedRequest, ticket_id: int) -> HttpResponse:
    """Allow or refuse one ticket."""
    ticket = get_object_or_404(
        UnlockTicket, pk=ticket_id, in_return__in=visible_returns(request.user)
    )
    now = timezone.now()
    try:
        if request.POST.get("decision") == "grant":
            hours = request.POST.get("hours", "")
            if not hours.isdigit():
                message = _("Write a number of hours.")
                raise InvalidInput(message, problems=[FieldProblem("hours", message)])
            services.grant_unlock(
                ticket_id=ticket.pk, hours=int(hours[:6]), actor=request.user, now=now
            )
            messages.success(request, _("The cells are open. They close by themselves."))
        else:
            services.refuse_unlock(
                ticket_id=ticket.pk,
                reason=request.POST.get("reason", ""),
                actor=request.user,
                now=now,
            )
            messages.success(request, _("Refused. The asker has been told why."))
    except DomainError as error:
        return _tickets(request, error)
    return HttpResponseRedirect(reverse("reporting:unlocks"))


def delegations_page(request: AuthedRequest) -> HttpResponse:
    """Who signs for whom: name a deputy, end a delegation, see what is given and held."""
    if not rules.can_follow(request.user):
        raise Http404
    error: DomainError | None = None
    bodies = list(
        Body.objects.filter(pk__in=request.user.body_ids(*rules.SIGNERS)).order_by("position", "pk")
    )
    if request.method == "POST":
        try:
            _delegate(request)
        except DomainError as refused:
            error = refused
        else:
            return HttpResponseRedirect(reverse("reporting:delegations"))
    own = Delegation.objects.select_related("giver", "deputy", "body")
    colleagues = (
        users_with_role(*DEPARTMENT, *ZONE, body_ids=[body.pk for body in bodies]).exclude(
            pk=request.user.pk
        )
        if bodies
        else []
    )
    return render(
        request,
        "reporting/delegations.html",
        {
            "bodies": bodies,
            "colleagues": colleagues,
            "given": own.filter(giver=request.user),
            "held": own.filter(deputy=request.user, revoked_at__isnull=True),
            "today": timezone.localdate(),
            "error": error,
            "sent": request.POST,
        },
        status=error.status if error else 200,
    )


def _delegate(request: AuthedRequest) -> None:
    now = timezone.now()
    body, deputy = request.POST.get("body", ""), request.POST.get("deputy", "")
    if not body.isdigit() or not deputy.isdigit():
        message = _("Choose a body and a deputy.")
        raise InvalidInput(message, problems=[FieldProblem("deputy", message, "required")])
    try:
        start = parse_date(request.POST.get("from_date", ""))
        end = parse_date(request.POST.get("to_date", ""))
    except ValueError:
        start = end = None
    if start is None or end is None:
        message = _("Write a date like 2026-11-20.")
        raise InvalidInput(message, problems=[FieldProblem("from_date", message, "required")])
    services.give_delegation(
        body_id=int(body),
        deputy_id=int(deputy),
        from_date=start,
        to_date=end,
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=now,
    )
    messages.success(request, _("The deputy is named and has been told."))


@require_POST
def delegation_end(request: AuthedRequest, delegation_id: int) -> HttpResponse:
    """End one's own delegation at once."""
    services.revoke_delegation(delegation_id=delegation_id, actor=request.user, now=timezone.now())
    messages.success(request, _("The delegation has ended."))
    return HttpResponseRedirect(reverse("reporting:delegations"))
