"""Looking a return through as a whole: the filler's self-check and the leader's signature."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest

from .. import rules
from ..models import Delegation, Return, Signature
from ..queries.checkup import checkup_of
from ..queries.grid import Grid
from ..queries.notes import narrative_of
from ..services import gaps, sign_return
from ..services import send_back as send_return_back
from ..showing import kept_text
from .shared import grid_for, return_or_404


@require_safe
def check_page(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Everything that is doubted, missing, moved or changed, each linked to its cell."""
    in_return = return_or_404(request, return_id)
    return render(request, "reporting/check.html", _context(request, in_return))


@require_http_methods(["GET", "HEAD", "POST"])
def sign_page(request: AuthedRequest, return_id: int) -> HttpResponse:
    """What the leader signs, word for word, with its digest. Works on a phone."""
    in_return = return_or_404(request, return_id)
    if request.method != "POST":
        return _show_sign(request, in_return)
    try:
        signature = sign_return(
            return_id=in_return.pk,
            actor=request.user,
            now=timezone.now(),
            digest=request.POST.get("digest") or None,
        )
    except DomainError as error:
        return _show_sign(request, return_or_404(request, return_id), error=error)
    messages.success(
        request, _("Signed. The verifying departments have been told. This is your receipt.")
    )
    return HttpResponseRedirect(reverse("reporting:receipt", args=[in_return.pk, signature.pk]))


@require_POST
def send_back(request: AuthedRequest, return_id: int) -> HttpResponse:
    """The leader sends the return back to the clerk, with the reason."""
    in_return = return_or_404(request, return_id)
    reason = request.POST.get("reason", "")
    try:
        send_return_back(
            return_id=in_return.pk, reason=reason, actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        fresh = return_or_404(request, return_id)
        return _show_sign(request, fresh, error=error, reason=reason)
    messages.success(request, _("Sent back. The clerk has been told why."))
    return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]))


@require_safe
def receipt(request: AuthedRequest, return_id: int, signature_id: int) -> HttpResponse:
    """One signature: who, when, for whom, and the check code of exactly what was signed."""
    in_return = return_or_404(request, return_id)
    signature = get_object_or_404(
        Signature.objects.select_related("actor", "body", "delegation__giver"),
        pk=signature_id,
        in_return=in_return,
    )
    grid = grid_for(request, in_return)
    shown = {cell.id: cell for cell in grid.cells}
    rows = [
        (row, shown.get(row["cell"]), kept_text(row["value"] or "")) for row in signature.snapshot
    ]
    return render(
        request,
        "reporting/receipt.html",
        {"return": in_return, "signature": signature, "rows": rows, "grid": grid},
    )


def _show_sign(
    request: AuthedRequest,
    in_return: Return,
    *,
    error: DomainError | None = None,
    reason: str = "",
) -> HttpResponse:
    context = _context(request, in_return)
    context |= {
        "error": error,
        "reason": reason,
        "deputy_of": _deputy(request, in_return, context["grid"]),
    }
    return render(request, "reporting/sign.html", context, status=error.status if error else 200)


def _deputy(request: AuthedRequest, in_return: Return, grid: Grid) -> Delegation | None:
    """The delegation the reader would sign by; None when by their own role, or not at all."""
    if not grid.actions.sign:
        return None
    standing = rules.signing_for(request.user, in_return.body_id, timezone.localdate())
    return standing if isinstance(standing, Delegation) else None


def _context(request: AuthedRequest, in_return: Return) -> dict[str, Any]:
    grid = grid_for(request, in_return)
    missing = gaps([shown.cell for shown in grid.cells], grid.judgement)
    return {
        "return": in_return,
        "grid": grid,
        "check": checkup_of(grid, missing),
        "narrative": narrative_of(grid),
    }
