"""What a filler asks for: closed cells opened again, more time."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest

from ..models import CellState, Return, ReturnExtension, UnlockTicket
from ..services import request_extension, request_unlock
from .shared import grid_for, return_or_404

_CLOSED = frozenset({CellState.SIGNED, CellState.VERIFIED})


@require_http_methods(["GET", "HEAD", "POST"])
def ask_unlock(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Name closed cells and say why they must change."""
    in_return = return_or_404(request, return_id)
    chosen = {int(pk) for pk in _values(request, "cell") if pk.isdigit()}
    reason = request.POST.get("reason", "")
    error: DomainError | None = None
    if request.method == "POST":
        try:
            request_unlock(
                return_id=in_return.pk,
                cell_ids=sorted(chosen),
                reason=reason,
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(
                request, _("Asked. The office and the verifying department have been told.")
            )
            return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]))
    grid = grid_for(request, in_return)
    tickets = (
        UnlockTicket.objects.filter(in_return=in_return)
        .select_related("requested_by", "decided_by")
        .prefetch_related("cells__indicator")[:10]
    )
    return render(
        request,
        "reporting/ask_unlock.html",
        {
            "return": in_return,
            "grid": grid,
            "closed": [cell for cell in grid.cells if cell.cell.state in _CLOSED],
            "chosen": chosen,
            "reason": reason,
            "tickets": tickets,
            "error": error,
        },
        status=error.status if error else 200,
    )


def _values(request: AuthedRequest, name: str) -> list[str]:
    return (request.POST if request.method == "POST" else request.GET).getlist(name)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_time(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Ask for a later due date, with the reason."""
    in_return = return_or_404(request, return_id)
    reason, day = request.POST.get("reason", ""), request.POST.get("to_date", "")
    error: DomainError | None = None
    if request.method == "POST":
        try:
            request_extension(
                return_id=in_return.pk,
                to_date=_day(day),
                reason=reason,
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Asked. The office decides and you will be told."))
            return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]))
    grid = grid_for(request, in_return)
    return render(
        request,
        "reporting/ask_time.html",
        {
            "return": in_return,
            "grid": grid,
            "requests": _requests(in_return),
            "reason": reason,
            "day": day,
            "error": error,
        },
        status=error.status if error else 200,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = _("Give the new due date as a day, like 2026-11-20.")
        raise InvalidInput(message, problems=[FieldProblem("to_date", message)]) from None


def _requests(in_return: Return) -> list[ReturnExtension]:
    return list(in_return.extensions.select_related("requested_by", "decided_by"))
