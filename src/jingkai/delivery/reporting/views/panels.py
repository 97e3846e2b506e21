"""One cell in the drawer: its past, doubts, remarks and evidence; every form works as a page."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest, page_or_fragment, wants_fragment
from jingkai.core.verdicts import require

from .. import rules
from ..doors import cell_out
from ..queries.cell_panel import panel_of
from ..services import attach_evidence, comment, confirm_prefilled, explain
from .shared import cell_or_404, grid_for, return_or_404


@require_safe
def cell_panel(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """Everything about one cell."""
    return _show(request, cell_id)


def _show(
    request: AuthedRequest,
    cell_id: int,
    *,
    error: DomainError | None = None,
    kept: str = "",
) -> HttpResponse:
    cell = cell_or_404(request, cell_id)
    in_return = return_or_404(request, cell.in_return_id)
    grid = grid_for(request, in_return)
    changed = request.method == "POST" and not error and wants_fragment(request)
    response = page_or_fragment(
        request,
        page="reporting/cell.html",
        fragment="reporting/_panel.html",
        context={
            "panel": panel_of(grid, cell.pk, request.user),
            "grid": grid,
            "return": in_return,
            "error": error,
            "kept": kept,
            "changed": changed,
        },
        status=error.status if error else 200,
        after_post=None if error else reverse("reporting:cell-page", args=[cell_id]),
    )
    if changed:
        # The table beside the drawer takes over revision and origin: its next change builds on it.
        detail = {"cell-changed": {"cell": cell_out(cell)}}
        response["HX-Trigger"] = json.dumps(detail)
    return response


def _done(request: AuthedRequest, cell_id: int, said: str) -> HttpResponse:
    if not wants_fragment(request):
        messages.success(request, said)
    return _show(request, cell_id)


@require_POST
def explain_cell(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """Say why a doubted figure is right; what was said last time may be used again."""
    cell_or_404(request, cell_id)
    text, reused = request.POST.get("text", ""), request.POST.get("reused_from", "")
    try:
        explain(
            cell_id=cell_id,
            rule=request.POST.get("rule", ""),
            text=text,
            actor=request.user,
            now=timezone.now(),
            reused_from=int(reused) if reused.isdigit() else None,
        )
    except DomainError as error:
        return _show(request, cell_id, error=error, kept=text)
    return _done(request, cell_id, _("The explanation is kept with this figure."))


@require_POST
def comment_cell(request: AuthedRequest, cell_id: int) -> HttpResponse:
    cell_or_404(request, cell_id)
    text = request.POST.get("text", "")
    try:
        comment(cell_id=cell_id, text=text, actor=request.user, now=timezone.now())
    except DomainError as error:
        return _show(request, cell_id, error=error, kept=text)
    return _done(request, cell_id, _("Your comment is kept."))


@require_POST
def confirm_cell(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """Say that this one figure, filled in beforehand, is right."""
    cell = cell_or_404(request, cell_id)
    try:
        confirm_prefilled(
            return_id=cell.in_return_id,
            cell_ids=[cell_id],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return _show(request, cell_id, error=error)
    return _done(request, cell_id, _("The figure is confirmed."))


@require_POST
def prove_cell(request: AuthedRequest, cell_id: int) -> HttpResponse:
    """Attach one file to the cell."""
    cell = cell_or_404(request, cell_id)
    require(rules.can_fill(request.user, cell.in_return))
    upload = request.FILES.get("file")
    try:
        if upload is None:
            message = _("Choose a file first.")
            raise InvalidInput(message, problems=[FieldProblem("file", message, "required")])
        attach_evidence(
            cell_id=cell_id,
            upload=upload,
            actor=request.user,
            now=timezone.now(),
            note=request.POST.get("note", ""),
        )
    except DomainError as error:
        return _show(request, cell_id, error=error)
    return _done(request, cell_id, _("The file is attached."))
