"""What is done to a round of sharing out: save, collect, propose, issue, withdraw."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jingkai.core.errors import Conflict, DomainError, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require

from ..forms import ProposalForm, ReasonForm, show_problems
from ..models import Allocation, AllocationLine
from ..rules import can_allocate, can_propose
from ..services import allocation as service
from .workbench import lines_form, round_or_404, workbench


@require_POST
def allocation_action(request: AuthedRequest, pk: int, action: str) -> HttpResponse:
    """One step of a round: save shares, collect, propose, issue, withdraw."""
    row, lines = round_or_404(request, pk)
    do = {
        "save": _save,
        "collect": _collect,
        "propose": _propose,
        "issue": _issue,
        "withdraw": _withdraw,
    }.get(action)
    if do is None:
        raise Http404
    return do(request, row, lines)


def _done(request: AuthedRequest, row: Allocation, text: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(reverse("indicators:allocation", args=[row.pk]))


def _save(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    require(can_allocate(request.user))
    form = lines_form(lines, {line.zone.code: line.issued for line in lines}, request.POST)
    status = 422
    if form.is_valid():
        changed = {code: form.values[code] for code in form.changed_data}
        if not changed:
            return _done(request, row, _("Nothing was changed."))
        try:
            state = service.adjust_shares(
                allocation_id=row.pk,
                issued=changed,
                actor=request.user,
                now=timezone.now(),
                reason=request.POST.get("reason", ""),
            )
        except DomainError as error:
            status = error.status
            if isinstance(error, InvalidInput):
                show_problems(form, error)
            else:
                form.add_error(None, str(error))
        else:
            if not state.gap:
                return _done(request, row, _("Saved. The shares add up to the city target."))
            return _done(
                request,
                row,
                _("Saved. A gap of %(gap)s stays for the city to coordinate.")
                % {"gap": f"{state.gap.normalize():f}"},
            )
    return workbench(request, row, lines, form=form, status=status)


def _collect(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    service.collect_proposals(allocation_id=row.pk, actor=request.user, now=timezone.now())
    return _done(
        request, row, _("The zones are asked for their proposals; each is told in its inbox.")
    )


def _propose(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    own = next((line for line in lines if can_propose(request.user, line)), None)
    if own is None:
        require(can_propose(request.user, lines[0]))
        raise Http404
    form, status = ProposalForm(request.POST), 422
    if form.is_valid():
        try:
            service.propose_share(
                line_id=own.pk,
                value=form.cleaned_data["value"],
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except (InvalidInput, Conflict) as error:
            status = error.status
            if isinstance(error, InvalidInput):
                show_problems(form, error)
            else:
                form.add_error(None, str(error))
        else:
            return _done(
                request,
                row,
                _("Your proposal is recorded; it can be changed until the round is issued."),
            )
    return workbench(request, row, lines, forms={"propose": form}, status=status)


def _issue(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    return _with_reason(
        request,
        row,
        lines,
        "issue",
        service.issue_allocation,
        _("Issued. Every zone has its path now and is told."),
    )


def _withdraw(request: AuthedRequest, row: Allocation, lines: list[AllocationLine]) -> HttpResponse:
    return _with_reason(
        request,
        row,
        lines,
        "withdraw",
        service.withdraw_allocation,
        _("Withdrawn: the paths it issued have ended. Another round can be opened."),
    )


def _with_reason(
    request: AuthedRequest,
    row: Allocation,
    lines: list[AllocationLine],
    name: str,
    act: Any,
    said: str,
) -> HttpResponse:
    require(can_allocate(request.user))
    form, status = ReasonForm(request.POST, prefix=name), 422
    if form.is_valid():
        try:
            act(
                allocation_id=row.pk,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except (InvalidInput, Conflict) as error:
            status = error.status
            form.add_error(None, str(error))
        else:
            return _done(request, row, said)
    return workbench(request, row, lines, forms={name: form}, status=status)
