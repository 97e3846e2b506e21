"""A return: looking at it, taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.http import AuthedRequest

from ..services import take_back as take_return_back
from .shared import return_or_404, show_grid


@require_safe
def return_page(request: AuthedRequest, return_id: int) -> HttpResponse:
    """The table of a return, editable where it is open for the reader."""
    return show_grid(request, return_or_404(request, return_id))


@require_POST
def take_back(request: AuthedRequest, return_id: int) -> HttpResponse:
    in_return = return_or_404(request, return_id)
    take_return_back(return_id=in_return.pk, actor=request.user, now=timezone.now())
    messages.success(request, _("Taken back. Mend it and send it again."))
    return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]))
