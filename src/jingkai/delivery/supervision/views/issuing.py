"""Putting the key tasks of a document under supervision, and issuing their shares."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require
from jingkai.delivery.policy.public import Document

from .. import rules, services
from ..forms import BulkIssueForm, RegisterForm
from ..models import Obligation, ObligationKind, ObligationState
from .shared import show_problems


def documents_with_tasks() -> QuerySet[Document]:
    """Documents that have key tasks, each with how many are not under supervision yet."""
    held = Obligation.objects.filter(kind=ObligationKind.TASK).values("task")
    waiting = Count("key_tasks", filter=~Q(key_tasks__in=held))
    rows = Document.objects.filter(key_tasks__isnull=False)
    return rows.annotate(waiting=waiting).order_by("pk")


@require_POST
def register(request: AuthedRequest) -> HttpResponse:
    """Put the key tasks of a document under supervision; again adds what a new version named."""
    require(rules.can_administer(request.user))
    form = RegisterForm(request.POST, documents=documents_with_tasks())
    if not form.is_valid():
        return bulk_issue_page(request, registering=form, status=422)
    done = services.register_obligations(
        document=form.cleaned_data["document"],
        due_on=form.cleaned_data["due_on"],
        actor=request.user,
        now=timezone.now(),
    )
    said = _("%(tasks)d tasks and %(shares)d shares are registered. Issue the shares next.")
    if not done.tasks and not done.shares:
        said = _("Everything the document names is registered already.")
    messages.success(request, said % {"tasks": done.tasks, "shares": done.shares})
    return HttpResponseRedirect(reverse("supervision:issue"))


def bulk_issue(request: AuthedRequest) -> HttpResponse:
    """Choose registered shares, by task or by body, and issue them with one date."""
    require(rules.can_administer(request.user))
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    form = BulkIssueForm(request.POST or None)
    error: DomainError | None = None
    chosen: set[int] = set()
    if request.method == "POST":
        chosen = {int(v) for v in request.POST.getlist("obligations") if v.isdigit()}
        if form.is_valid():
            try:
                count = services.issue_many(
                    obligation_ids=sorted(chosen),
                    due_on=form.cleaned_data["due_on"],
                    sign_by=form.cleaned_data["sign_by"],
                    actor=request.user,
                    now=timezone.now(),
                )
            except DomainError as refused:
                show_problems(form, refused)
                error = refused
            else:
                messages.success(
                    request,
                    _("%(n)d shares issued. Their bodies sign for them next.") % {"n": count},
                )
                target = reverse("supervision:list")
                return HttpResponseRedirect(f"{target}?kind=share&state=issued")
    status = error.status if error else 422 if request.method == "POST" else 200
    return bulk_issue_page(request, form=form, error=error, chosen=chosen, status=status)


def bulk_issue_page(
    request: AuthedRequest,
    *,
    form: BulkIssueForm | None = None,
    registering: RegisterForm | None = None,
    error: DomainError | None = None,
    chosen: set[int] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Registered shares by document and task, and the documents that wait for supervision."""
    waiting = (
        Obligation.objects.filter(kind=ObligationKind.SHARE, state=ObligationState.REGISTERED)
        .select_related("task__document", "body")
        .order_by("task__document", "task__number", "body__position", "pk")
    )
    tasks: dict[int, dict[str, Any]] = {}
    for row in waiting:
        tasks.setdefault(row.task_id, {"task": row.task, "rows": []})["rows"].append(row)
    documents = documents_with_tasks()
    return render(
        request,
        "supervision/issue.html",
        {
            "tasks": list(tasks.values()),
            "form": form or BulkIssueForm(),
            "error": error,
            "chosen": chosen or set(),
            "count": sum(len(entry["rows"]) for entry in tasks.values()),
            "documents": list(documents),
            "registering": registering or RegisterForm(documents=documents),
        },
        status=status,
    )
