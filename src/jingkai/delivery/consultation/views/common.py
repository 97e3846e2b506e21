"""What several pages share: whom a page is for, and finding what is visible or 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django_stubs_ext import StrOrPromise

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest

from .. import queries, rules
from ..models import Consultation, Topic


def officials_or_404(request: AuthedRequest) -> None:
    """For others there is no such page."""
    if not rules.can_follow(request.user):
        raise Http404


def round_or_404(request: AuthedRequest, consultation_id: int) -> Consultation:
    """A round this person may see."""
    rows = queries.visible_consultations(request.user).select_related("version__document")
    return get_object_or_404(rows, pk=consultation_id)


def desk_or_404(request: AuthedRequest, consultation_id: int) -> Consultation:
    """A round whose opinions this person may read."""
    rows = queries.desk_consultations(request.user).select_related("version__document")
    return get_object_or_404(rows, pk=consultation_id)


def topic_or_404(request: AuthedRequest, topic_id: int) -> Topic:
    rows = queries.visible_topics(request.user).select_related("consultation", "anchor")
    return get_object_or_404(rows, pk=topic_id)


def clauses_of(consultation: Consultation) -> list[tuple[str, str]]:
    """Choices of a clause: key and heading."""
    return [(anchor.key, anchor.heading) for anchor in queries.commentable(consultation)]


def did(
    request: AuthedRequest, done: StrOrPromise, url: str, work: Callable[[], Any]
) -> HttpResponse:
    """Carry out `work`, say what was done or why not, and go to `url`.

    For actions without typed words: a refusal loses nothing.
    """
    try:
        work()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(done))
    return HttpResponseRedirect(url)


def chosen_ids(request: AuthedRequest, name: str) -> list[int]:
    """Ids of ticked boxes; what is no number is left out."""
    return [int(v) for v in request.POST.getlist(name) if v.isascii() and v.isdigit()]
