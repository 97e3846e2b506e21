"""What several pages share: columns, reasons of lights, and the obligation page itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest, page_or_fragment

from .. import queries, rules
from ..actions import offers
from ..columns import LIGHT_REASONS
from ..models import Obligation


def officials_or_404(request: AuthedRequest) -> None:
    if not rules.can_follow(request.user):
        raise Http404


def visible_or_404(request: AuthedRequest, obligation_id: int) -> Obligation:
    return get_object_or_404(
        queries.visible_obligations(request.user).select_related(
            "task__document", "body", "parent", "responsibility", "exempted_by"
        ),
        pk=obligation_id,
    )


def obligation_page(
    request: AuthedRequest,
    obligation: Obligation,
    *,
    bound: tuple[str, forms.Form] | None = None,
    error: DomainError | None = None,
    after_post: str | None = None,
) -> HttpResponse:
    """The card of one obligation, whole or as a fragment."""
    now = timezone.now()
    today = timezone.localdate(now)
    status = error.status if error else 422 if bound is not None else 200
    context: dict[str, Any] = {
        "obligation": obligation,
        "card": queries.obligation_card(obligation, user=request.user, today=today),
        "offers": offers(request.user, obligation, now, bound=bound),
        "can_answer": rules.can_answer_urge(request.user, obligation),
        "can_administer": rules.can_administer(request.user),
        "error": error,
        "today": today,
        "reasons": LIGHT_REASONS,
    }
    return page_or_fragment(
        request,
        page="supervision/obligation.html",
        fragment="supervision/_obligation.html",
        context=context,
        status=status,
        after_post=after_post,
    )


def show_problems(form: forms.Form, error: DomainError) -> None:
    """Put each problem of `error` beside its field where the form has one."""
    if not isinstance(error, InvalidInput):
        return
    for problem in error.problems:
        if problem.field in form.fields:
            form.add_error(problem.field, problem.message)
