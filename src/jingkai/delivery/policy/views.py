"""Pages of the document. Whoever may not read it gets 404 everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest, page_of, page_or_fragment
from jingkai.core.register.public import FORMATS, export
from jingkai.masterdata.organisations.public import Body

from . import exports, queries, rules, services
from .forms import DecisionForm, RolesForm
from .labels import kind_label, severity_label
from .models import Clause, Conflict, ConflictState, KeyTask, Measure, Part, ResponsibilityRole
from .registry import SENTENCE_KINDS, sentences_about

P = ParamSpec("P")
M = TypeVar("M", Measure, KeyTask)
View = Callable[Concatenate[AuthedRequest, P], HttpResponse]


def readers_only(view: View[P]) -> View[P]:
    """404 for everybody who may not read the document: that it exists is not told."""

    @wraps(view)
    def guarded(request: AuthedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not rules.can_read(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@readers_only
def document_page(request: AuthedRequest) -> HttpResponse:
    found = queries.document_map(user=request.user, code=request.GET.get("document", ""))
    if found is None and request.GET.get("document"):
        raise Http404
    others = found.others if found else []
    return render(request, "policy/map.html", {"map": found, "others": others})


def _first_of(rows: QuerySet[M], document: str, named: str) -> M:
    """Of rows with one number the one of the document named, else of the one that came first."""
    of_document = rows.filter(**{f"{document}__code": named}) if named else rows
    for found in of_document.order_by(document)[:1]:
        return found
    raise Http404


@require_safe
@readers_only
def measure_page(request: AuthedRequest, number: int) -> HttpResponse:
    measures = queries.visible_measures(request.user).select_related("part")
    named = request.GET.get("document", "")
    measure = _first_of(measures.filter(number=number), "part__document", named)
    row = list(measures.filter(part__document=measure.part.document_id).order_by("number", "pk"))
    at = row.index(measure)
    context = {
        "section": queries.measure_block(user=request.user, measure=measure),
        "previous": row[at - 1] if at else None,
        "next": row[at + 1] if at + 1 < len(row) else None,
    }
    return render(request, "policy/measure.html", context)


@require_safe
@readers_only
def clauses_page(request: AuthedRequest) -> HttpResponse:
    keys = ("q", "part", "measure", "body", "role")
    given = {key: request.GET.get(key, "") for key in keys}
    rows = queries.clauses_for_list(user=request.user, **given)
    if (fmt := request.GET.get("format")) in FORMATS:
        return export(
            request,
            name="policy.clauses",
            title=_("Clauses and responsible bodies"),
            columns=exports.clause_columns(),
            rows=rows,
            fmt=str(fmt),
        )
    measures = queries.visible_measures(request.user).order_by("number")
    bodies = Body.objects.filter(
        pk__in=queries.visible_clauses(request.user).values("responsibilities__body")
    )
    context = {
        "page_obj": page_of(request, rows),
        "given": given,
        "measures": measures,
        "parts": Part.objects.filter(measures__in=measures).distinct(),
        "bodies": bodies,
        "roles": ResponsibilityRole.choices,
    }
    return page_or_fragment(
        request, page="policy/clauses.html", fragment="policy/_clauses.html", context=context
    )


@require_safe
@readers_only
def clause_page(request: AuthedRequest, code: str) -> HttpResponse:
    clause = _clause(request, code)
    return page_or_fragment(
        request,
        page="policy/clause.html",
        fragment="policy/_clause_drawer.html",
        context=_clause_context(request, clause),
    )


def _clause(request: AuthedRequest, code: str) -> Clause:
    rows = queries.visible_clauses(request.user).select_related("measure__part__document")
    return get_object_or_404(rows, code=code)


def _clause_context(request: AuthedRequest, clause: Clause) -> dict[str, Any]:
    block = queries.measure_block(user=request.user, measure=clause.measure)
    row = next(row for row in block.rows if row.clause.pk == clause.pk)
    url = reverse("policy:clause-roles", args=[clause.code])
    return {"clause": clause, "row": row, **_roles_context(request, row.duties, url)}


def _roles_context(request: AuthedRequest, duties: list[Any], url: str) -> dict[str, Any]:
    bodies = queries.candidate_bodies()
    return {
        "duties": duties,
        "roles_url": url,
        "roles_form": RolesForm(request.POST or None, duties=duties, bodies=bodies),
        "can_assign": rules.can_assign_roles(request.user),
        "assigned": any(duty.assigned_by == "person" for duty in duties),
        "reason_given": request.POST.get("reason", ""),
    }


@require_POST
@readers_only
def clause_roles(request: AuthedRequest, code: str) -> HttpResponse:
    clause = _clause(request, code)
    context = _clause_context(request, clause)
    back = reverse("policy:clause", args=[code])
    return _change_roles(request, context, back, page="policy/clause.html", clause_id=clause.pk)


@require_POST
@readers_only
def task_roles(request: AuthedRequest, number: int) -> HttpResponse:
    context = _task_context(request, number)
    task: KeyTask = context["row"].task
    back = task.url
    return _change_roles(request, context, back, page="policy/task.html", task_id=task.pk)


def _change_roles(
    request: AuthedRequest, context: dict[str, Any], back: str, *, page: str, **thing: int
) -> HttpResponse:
    form: RolesForm = context["roles_form"]
    reason = request.POST.get("reason", "")
    actor, now = request.user, timezone.now()
    status, problem = 200, form.problem()
    if problem:
        status, context["roles_error"] = 422, problem
    else:
        try:
            if "remove" in request.POST:
                services.remove_roles(**thing, actor=actor, now=now, reason=reason)
                said = _("The assignment is taken back; the document's own statement holds.")
            else:
                services.assign_roles(
                    **thing,
                    lead_body_id=form.cleaned_data["lead"],
                    assist_body_ids=form.cleaned_data["assist"],
                    actor=actor,
                    now=now,
                    reason=reason,
                )
                said = _("Lead and assisting bodies are assigned. The matrix shows all.")
            messages.success(request, said)
        except DomainError as error:
            status, context["roles_error"] = error.status, error
    if status == 200:
        return HttpResponseRedirect(back)
    return render(request, page, context, status=status)


@require_safe
@readers_only
def tasks_page(request: AuthedRequest) -> HttpResponse:
    document = queries.main_document(request.user, request.GET.get("document", ""))
    tasks = queries.visible_tasks(request.user)
    if document is not None:
        others = queries.loaded_documents(request.user).exclude(pk=document.pk)
        tasks = tasks.exclude(document__in=others)
    rows = queries.tasks_for_list(user=request.user, tasks=tasks)
    if (fmt := request.GET.get("format")) in FORMATS:
        return export(
            request,
            name="policy.tasks",
            title=_("Key tasks"),
            columns=exports.task_columns(),
            rows=rows,
            fmt=str(fmt),
        )
    return render(request, "policy/tasks.html", {"rows": rows, "document": document})


@require_safe
@readers_only
def task_page(request: AuthedRequest, number: int) -> HttpResponse:
    return render(request, "policy/task.html", _task_context(request, number))


def _task_context(request: AuthedRequest, number: int) -> dict[str, Any]:
    tasks = queries.visible_tasks(request.user)
    named = request.GET.get("document", "")
    task = _first_of(tasks.filter(number=number), "document", named)
    found = tasks.filter(pk=task.pk)
    rows = queries.tasks_for_list(user=request.user, tasks=found)
    query = f"?document={named}" if named else ""
    url = reverse("policy:task-roles", args=[number]) + query
    return {"row": rows[0], **_roles_context(request, rows[0].duties, url)}


@require_safe
@readers_only
def body_page(request: AuthedRequest, code: str) -> HttpResponse:
    body = get_object_or_404(Body, code=code)
    found = queries.body_duties(user=request.user, body=body)
    return render(request, "policy/body.html", {"found": found, "body": body})


@require_safe
@readers_only
def sentence_page(request: AuthedRequest, kind: str, code: str) -> HttpResponse:
    """What the document says about a clause, a key task or a target, word for word."""
    if kind not in SENTENCE_KINDS:
        raise Http404
    context = {"code": code, "sentences": sentences_about(request.user, kind, code)}
    return page_or_fragment(
        request, page="policy/sentence.html", fragment="policy/_sentences.html", context=context
    )


@require_safe
@readers_only
def graph_page(request: AuthedRequest) -> HttpResponse:
    only = queries.GraphFilter(
        measure=_number(request.GET.get("measure", "")),
        body=request.GET.get("body", ""),
        task=_number(request.GET.get("task", "")),
    )
    graph = queries.policy_graph(user=request.user, only=only)
    clauses = queries.visible_clauses(request.user)
    tasks = queries.visible_tasks(request.user)
    named = clauses.values("responsibilities__body"), tasks.values("responsibilities__body")
    context = {
        "graph": graph,
        "option": queries.chart_option(graph),
        "size": queries.drawing_size(graph),
        "outline": queries.outline(graph),
        "only": only,
        "measures": queries.visible_measures(request.user).order_by("number"),
        "tasks": tasks.order_by("number"),
        "bodies": Body.objects.filter(pk__in=named[0]) | Body.objects.filter(pk__in=named[1]),
    }
    return page_or_fragment(
        request, page="policy/graph.html", fragment="policy/_graph.html", context=context
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 5 else None


@require_safe
@readers_only
def matrix_page(request: AuthedRequest) -> HttpResponse:
    matrix = queries.body_matrix(user=request.user)
    if (fmt := request.GET.get("format")) in FORMATS:
        return export(
            request,
            name="policy.matrix",
            title=_("Bodies and measures"),
            columns=exports.matrix_columns(matrix),
            rows=matrix.rows,
            fmt=str(fmt),
        )
    return render(request, "policy/matrix.html", {"matrix": matrix})


@require_safe
@readers_only
def conflicts_page(request: AuthedRequest) -> HttpResponse:
    given = {key: request.GET.get(key, "") for key in ("q", "state", "kind", "severity")}
    rows = queries.conflicts_for_list(user=request.user, **given)
    if (fmt := request.GET.get("format")) in FORMATS:
        return export(
            request,
            name="policy.conflicts",
            title=_("Conflicts of the document"),
            columns=exports.conflict_columns(),
            rows=rows,
            fmt=str(fmt),
        )
    every = queries.visible_conflicts(request.user)
    kinds = every.order_by("kind").values_list("kind", flat=True).distinct()
    context = {
        "page_obj": page_of(request, rows),
        "given": given,
        "open_count": every.filter(state=ConflictState.OPEN).count(),
        "total": every.count(),
        "kinds": [(kind, kind_label(kind)) for kind in kinds],
        "severities": [(name, severity_label(name)) for name in ("high", "medium", "low")],
        "states": ConflictState.choices,
    }
    return page_or_fragment(
        request, page="policy/conflicts.html", fragment="policy/_conflicts.html", context=context
    )


@require_safe
@readers_only
def conflict_page(request: AuthedRequest, code: str) -> HttpResponse:
    return _conflict_answer(request, _conflict(request, code))


def _conflict(request: AuthedRequest, code: str) -> Conflict:
    rows = queries.visible_conflicts(request.user).select_related("decided_by", "document")
    return get_object_or_404(rows, code=code)


def _conflict_answer(
    request: AuthedRequest, conflict: Conflict, error: DomainError | None = None
) -> HttpResponse:
    decided = request.method == "POST" and error is None
    context = {
        "sheet": queries.conflict_sheet(conflict),
        "conflict": conflict,
        "can_decide": rules.can_decide_conflict(request.user),
        "form": DecisionForm(request.POST if error else None),
        "error": error,
    }
    return page_or_fragment(
        request,
        page="policy/conflict.html",
        fragment="policy/_conflict.html",
        context=context,
        status=error.status if error else 200,
        after_post=reverse("policy:conflict", args=[conflict.code]) if decided else None,
    )


@require_POST
@readers_only
def decide(request: AuthedRequest, code: str) -> HttpResponse:
    conflict = _conflict(request, code)
    try:
        services.decide_conflict(
            conflict_id=conflict.pk,
            chosen=request.POST.get("chosen", ""),
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return _conflict_answer(request, _conflict(request, code), error)
    messages.success(request, _("Decided. What depends on this conflict follows the decision now."))
    return _conflict_answer(request, _conflict(request, code))


@require_POST
@readers_only
def reopen(request: AuthedRequest, code: str) -> HttpResponse:
    conflict = _conflict(request, code)
    try:
        services.reopen_conflict(
            conflict_id=conflict.pk,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return _conflict_answer(request, _conflict(request, code), error)
    messages.success(request, _("Reopened. The decision taken back stays in the history."))
    return _conflict_answer(request, _conflict(request, code))
