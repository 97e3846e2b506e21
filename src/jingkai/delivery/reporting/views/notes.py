"""The paragraph of a return: drafted from its figures, edited, kept."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest, wants_fragment

from ..models import Return
from ..queries.notes import narrative_of
from ..services.notes import MAX_NOTE, attach_note
from .shared import grid_for, return_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def note_page(request: AuthedRequest, return_id: int) -> HttpResponse:
    """The note with its linked numbers, and for the filler the draft to begin from."""
    in_return = return_or_404(request, return_id)
    if request.method != "POST":
        return _show(request, in_return)
    text = request.POST.get("text", "")
    try:
        note = attach_note(
            return_id=in_return.pk, text=text, actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        return _show(request, in_return, error=error, typed=text)
    messages.success(
        request,
        _("The note is kept with the return; the signer reads it too.")
        if note
        else _("The note is taken away."),
    )
    return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]) + "#note")


def _show(
    request: AuthedRequest,
    in_return: Return,
    *,
    error: DomainError | None = None,
    typed: str | None = None,
) -> HttpResponse:
    grid = grid_for(request, in_return)
    narrative = narrative_of(grid)
    standing = narrative.note.text if narrative.note else narrative.draft.text
    return render(
        request,
        "reporting/_note.html" if wants_fragment(request) else "reporting/note.html",
        {
            "return": in_return,
            "grid": grid,
            "narrative": narrative,
            "text": standing if typed is None else typed,
            "limit": MAX_NOTE,
            "error": error,
        },
        status=error.status if error else 200,
    )
