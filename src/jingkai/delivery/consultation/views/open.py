"""Pages without sign-in: the list, the draft with its clauses, the form, the results, the receipt.

Nothing here reads a session, sets a message or writes who is asking.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jingkai.core.accounts.public import client_address
from jingkai.core.errors import DomainError
from jingkai.core.http import page_of, wants_fragment

from .. import queries, services
from ..answers import answer_for
from ..exports import FORMATS, table_response
from ..forms import PublicForm, ReceiptForm, show_problems
from ..models import Consultation, ConsultationState
from ..receipts import key_of_ticket, new_ticket
from ..terms import months_after, terms_on
from .common import clauses_of


@require_safe
def open_list(request: HttpRequest) -> HttpResponse:
    """Rounds the public is asked in: open ones first, the next to close on top. 3 queries."""
    now = timezone.now()
    today = timezone.localdate(now)
    rows = queries.consultations_for_all()
    return render(
        request,
        "consultation/open_list.html",
        {
            "running": [
                (row, (row.closes_on - today).days)
                for row in rows.filter(state=ConsultationState.OPEN, closes_on__gte=today).order_by(
                    "closes_on", "pk"
                )
            ],
            "page_obj": page_of(
                request,
                rows.exclude(state=ConsultationState.OPEN, closes_on__gte=today).order_by("-pk"),
                size=20,
            ),
        },
    )


def _public_or_404(consultation_id: int) -> Consultation:
    return get_object_or_404(queries.public_consultations(), pk=consultation_id)


def _takes_opinions(row: Consultation) -> bool:
    return row.state == ConsultationState.OPEN and timezone.now() < row.deadline


@require_safe
def open_text(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """The draft with a place to comment at each clause. 4 queries at any length."""
    row = _public_or_404(consultation_id)
    figures = queries.figures_of(row)
    return render(
        request,
        "consultation/open_text.html",
        {
            "round": row,
            "blocks": queries.blocks_of(row),
            "figures": figures,
            "takes": _takes_opinions(row),
            "days_left": (row.closes_on - timezone.localdate()).days,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def open_comment(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """The form for one clause or the whole draft; sent, it shows the receipt code once."""
    row = _public_or_404(consultation_id)
    clauses = clauses_of(row)
    error: DomainError | None = None
    if request.method == "POST":
        form = PublicForm(request.POST, clauses=clauses)
        try:
            taken = _send(request, row, form)
        except DomainError as refused:
            show_problems(form, refused)
            error = refused
        else:
            if taken is not None:
                return _private(
                    render(
                        request,
                        "consultation/_open_sent.html"
                        if wants_fragment(request)
                        else "consultation/open_sent.html",
                        {"round": row, "taken": taken},
                    )
                )
        # What was typed stays; the form gets a ticket that is fresh.
        form.data = {**request.POST.dict(), "ticket": new_ticket()}
    else:
        if not _takes_opinions(row):
            raise Http404
        form = PublicForm(
            clauses=clauses,
            initial={"clause": request.GET.get("clause", ""), "ticket": new_ticket()},
        )
    terms = terms_on(timezone.localdate())
    context: dict[str, Any] = {
        "round": row,
        "form": form,
        "error": error,
        "anchor": dict(clauses).get(form["clause"].value() or ""),
        "clause": form["clause"].value() or "",
        "erased_on": months_after(row.closes_on, terms.personal_data_months),
    }
    page = (
        "consultation/_open_form.html"
        if wants_fragment(request)
        else "consultation/open_comment.html"
    )
    status = error.status if error else 422 if request.method == "POST" else 200
    return _private(render(request, page, context, status=status))


def _send(request: HttpRequest, row: Consultation, form: PublicForm) -> services.Taken | None:
    """Take what was sent; None when the form itself is not in order."""
    services.knock(address=client_address(request), door="send", now=timezone.now())
    if not form.is_valid():
        return None
    data = form.cleaned_data
    return services.send_public(
        consultation_id=row.pk,
        key=key_of_ticket(data["ticket"]),
        anchor_key=data["clause"],
        text=data["text"],
        proposal=data["proposal"],
        sender_kind=data["sender_kind"],
        name=data["name"],
        contact=data["contact"],
        now=timezone.now(),
    )


@require_safe
def open_results(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """The adoption table without personal data, once it is published; `?format=xlsx|docx`."""
    row = get_object_or_404(
        queries.public_consultations(), pk=consultation_id, state=ConsultationState.PUBLISHED
    )
    fmt = request.GET.get("format", "")
    if fmt in FORMATS:
        return table_response(request, row, fmt, for_public=True)
    return render(
        request,
        "consultation/open_results.html",
        {
            "round": row,
            "rows": queries.adoption_rows(row, for_public=True),
            "statistics": queries.statistics_line(queries.figures_of(row)),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """What became of an opinion, for whoever holds its code. By POST: codes enter no log."""
    form = ReceiptForm(request.POST or None)
    answer, error, status = None, "", 200
    if request.method == "POST":
        status = 422
        try:
            services.knock(address=client_address(request), door="look", now=timezone.now())
            if form.is_valid():
                answer = answer_for(form.cleaned_data["code"])
                status = 200 if answer else 404
                if answer is None:
                    error = _("No opinion has this code. Check each character and try again.")
        except services.TooMany as refused:
            error, status = str(refused), refused.status
    return _private(
        render(
            request,
            "consultation/open_receipt.html",
            {"form": form, "answer": answer, "error": error},
            status=status,
        )
    )


def _private(response: HttpResponse) -> HttpResponse:
    """Kept by no cache on the way."""
    patch_cache_control(response, private=True, no_store=True)
    return response
