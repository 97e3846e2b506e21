"""Pages that do: every one ends in a redirect that says what was done, or beside the form."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest, wants_fragment
from jingkai.delivery.policy.public import KeyTask

from .. import queries, services
from ..actions import BY_NAME
from ..forms import AnswerForm, NoteForm, RolesForm
from ..models import Extension, ProgressReport, Urge
from .reading import of_named_document, task_card
from .shared import obligation_page, show_problems, visible_or_404


def act(request: AuthedRequest, obligation_id: int, name: str) -> HttpResponse:
    """One action of one obligation; what was typed stays when it is refused."""
    obligation = visible_or_404(request, obligation_id)
    action = BY_NAME.get(name)
    if action is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(reverse("supervision:obligation", args=[obligation.pk]))
    form = action.form(request.POST, request.FILES, auto_id=f"{name}_%s")
    if not form.is_valid():
        return obligation_page(request, obligation, bound=(name, form))
    try:
        action.run(obligation, form.cleaned_data, request.user, timezone.now())
    except DomainError as error:
        show_problems(form, error)
        fresh = visible_or_404(request, obligation_id)
        return obligation_page(request, fresh, bound=(name, form), error=error)
    messages.success(request, str(action.done))
    return _after(request, obligation_id)


def _after(request: AuthedRequest, obligation_id: int) -> HttpResponse:
    """The card as it is now, for htmx; a redirect to it otherwise."""
    target = reverse("supervision:obligation", args=[obligation_id])
    if wants_fragment(request):
        return obligation_page(request, visible_or_404(request, obligation_id))
    return HttpResponseRedirect(target)


@require_POST
def decide_report(request: AuthedRequest, report_id: int, decision: str) -> HttpResponse:
    """Endorse, accept or reject a report, from its card or from the queue."""
    report = get_object_or_404(
        ProgressReport.objects.select_related("obligation"),
        pk=report_id,
        obligation__in=queries.visible_obligations(request.user),
    )
    form = NoteForm(request.POST)
    form.is_valid()
    note = form.cleaned_data.get("note", "")
    now = timezone.now()
    said = {
        "endorse": _("Checked and passed on to the office."),
        "accept": _("Accepted."),
        "reject": _("Rejected. The body has been told why."),
    }
    if decision not in said:
        raise Http404
    try:
        if decision == "endorse":
            services.endorse_completion(report_id=report.pk, actor=request.user, now=now, note=note)
        else:
            services.review_report(
                report_id=report.pk,
                accept=decision == "accept",
                note=note,
                actor=request.user,
                now=now,
            )
    except DomainError as error:
        return obligation_page(request, visible_or_404(request, report.obligation_id), error=error)
    messages.success(request, said[decision])
    if request.POST.get("next") == "review":
        return HttpResponseRedirect(reverse("supervision:review"))
    return _after(request, report.obligation_id)


@require_POST
def decide_extension(request: AuthedRequest, extension_id: int) -> HttpResponse:
    found = get_object_or_404(
        Extension, pk=extension_id, obligation__in=queries.visible_obligations(request.user)
    )
    grant = request.POST.get("decision") == "grant"
    try:
        services.decide_extension(
            extension_id=found.pk,
            grant=grant,
            note=request.POST.get("note", "")[:1000],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return obligation_page(request, visible_or_404(request, found.obligation_id), error=error)
    messages.success(
        request,
        _("Granted. The original date stays on record.") if grant else _("Refused."),
    )
    return _after(request, found.obligation_id)


@require_POST
def answer_urge(request: AuthedRequest, urge_id: int) -> HttpResponse:
    found = get_object_or_404(
        Urge, pk=urge_id, obligation__in=queries.visible_obligations(request.user)
    )
    form = AnswerForm(request.POST)
    form.is_valid()
    try:
        services.answer_urge(
            urge_id=found.pk,
            answer=form.cleaned_data.get("answer", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return obligation_page(request, visible_or_404(request, found.obligation_id), error=error)
    messages.success(request, _("Answered. The office has been told."))
    return _after(request, found.obligation_id)


@require_POST
def assign_roles(request: AuthedRequest, number: int) -> HttpResponse:
    """Name the lead of a task and who assists; marked as the office's decision."""
    named = of_named_document(request)
    obligations = queries.visible_obligations(request.user).filter(**named)
    tasks = KeyTask.objects.filter(number=number, pk__in=obligations.values("task"))
    task = tasks.order_by("document").first()
    if task is None:
        raise Http404
    form = RolesForm(request.POST, task=task)
    if not form.is_valid():
        return task_card(request, number, roles_form=form)
    try:
        services.assign_roles(
            task_id=task.pk,
            lead_body_id=form.cleaned_data["lead_body"].pk,
            assist_body_ids=[
                body.pk
                for body in form.cleaned_data["assist_bodies"]
                if body != form.cleaned_data["lead_body"]
            ],
            reason=form.cleaned_data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return task_card(request, number, roles_form=form, error=error)
    messages.success(request, _("Assigned. It is marked as decided by the office."))
    return HttpResponseRedirect(reverse("supervision:task", args=[number]) + task.of_document)
