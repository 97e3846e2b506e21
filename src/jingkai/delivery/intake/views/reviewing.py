"""The review: the document left, the things read right, one decision at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest, page_or_fragment, wants_fragment

from .. import rules, services
from ..correcting import bodies_text, fields_of
from ..joining import choices
from ..knowledge import existing
from ..models import ItemKind, SourceItem, SourceState, SourceVersion
from ..queries.documents import visible_items
from ..queries.review import counts_of, review, rows_of, where_to_begin
from ..services.reading import title_in
from ..texts import refusal_text
from .common import readers_only, version_of, whole

_STATES = ("open", "decided", "questions")


@require_safe
@readers_only
def version_page(request: AuthedRequest, version_id: int) -> HttpResponse:
    """Progress while it is read, the refusal when it cannot be, else the review."""
    version = version_of(request, version_id)
    base = {"version": version, "can_decide": rules.can_decide(request.user)}
    if version.state in (SourceState.READING, SourceState.UNREADABLE) or not version.sections:
        said = refusal_text(version.refusal, version.refusal_params) if version.refusal else ""
        return page_or_fragment(
            request,
            page="intake/reading.html",
            fragment="intake/_reading.html",
            context={**base, "refusal": said, "job": version.job},
        )
    if wants_fragment(request):
        # The reading is over while somebody watched it: the whole page is another one now.
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    given = {name: request.GET.get(name, "") for name in ("kind", "state", "all")}
    found = review(
        user=request.user,
        version=version,
        at=whole(request.GET["page"], 1) - 1
        if "page" in request.GET
        else where_to_begin(user=request.user, version=version),
        kind=given["kind"],
        state=given["state"],
        whole=bool(given["all"]),
    )
    context = {
        **base,
        "review": found,
        "read_title": title_in(str(version.reading.get("title") or "")),
        "given": given,
        "open": rules.is_open(version),
        "can_publish": rules.can_publish(request.user),
        "kinds": ItemKind.choices,
        "here": request.get_full_path(),
    }
    return render(request, "intake/review.html", context)


def _item(request: AuthedRequest, item_id: int) -> SourceItem:
    rows = visible_items(request.user).select_related("version__document__policy", "decided_by")
    rows = rows.defer("version__text", "version__reading")
    return get_object_or_404(rows, pk=item_id)


def _back(item: SourceItem, version: SourceVersion, given: str) -> str:
    """The page it was decided on, at its place; only a page of this version."""
    page = reverse("intake:version", args=[version.pk])
    if not given.startswith(page):
        given = f"{page}?{urlencode({'page': item.section + 1})}"
    return f"{given.partition('#')[0]}#item-{item.pk}"


def _item_context(request: AuthedRequest, item: SourceItem) -> dict[str, Any]:
    version = item.version
    return {
        "version": version,
        "row": rows_of(version, [item])[0],
        "can_decide": rules.can_decide(request.user),
        "open": rules.is_open(version),
        "here": request.POST.get("next") or request.GET.get("next", ""),
    }


@require_safe
@readers_only
def item_page(request: AuthedRequest, item_id: int) -> HttpResponse:
    """Everything about one thing, with the forms to correct it and to join it."""
    item = _item(request, item_id)
    return page_or_fragment(
        request,
        page="intake/item.html",
        fragment="intake/_item_drawer.html",
        context={**_item_context(request, item), **_form(item, {})},
    )


def _form(item: SourceItem, typed: dict[str, str], error: DomainError | None = None) -> Any:
    wrong = {
        problem.field: problem.message
        for problem in (error.problems if isinstance(error, InvalidInput) else ())
    }
    data = item.data
    fields = []
    for field in fields_of(item.kind):
        value = data.get(field.name)
        if field.widget == "lines":
            value = bodies_text(value or ())
        shown = typed.get(field.name, "" if value is None else value)
        fields.append({"field": field, "value": shown, "wrong": wrong.get(field.name, "")})
    indicators = (
        existing(None, timezone.localdate()).indicators if item.kind == ItemKind.TARGET else ()
    )
    return {
        "fields": fields,
        "indicators": indicators,
        "choices": sorted(choices(item.version, item.kind).items(), key=lambda pair: pair[1]),
        "error": error,
    }


@require_POST
@readers_only
def decide(request: AuthedRequest, item_id: int) -> HttpResponse:
    """One decision: accept, correct, join, reject or undo."""
    item = _item(request, item_id)
    action = request.POST.get("action", "")
    names = {field.name for field in fields_of(item.kind)}
    typed = {name: str(value) for name, value in request.POST.items() if name in names}
    revision = request.POST.get("revision", "")
    try:
        services.decide_item(
            item_id=item.pk,
            action=action,
            revision=whole(revision) if revision else None,
            match=request.POST.get("match", ""),
            fields=typed if action == "correct" else None,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        return _refused(request, item, typed, error)
    item = _item(request, item_id)
    if wants_fragment(request):
        context = _item_context(request, item)
        context["counts"] = counts_of(item.version)
        return render(request, "intake/_decided.html", context)
    messages.success(request, _("Decided: %(what)s.") % {"what": item.get_state_display()})
    return HttpResponseRedirect(_back(item, item.version, request.POST.get("next", "")))


def _refused(
    request: AuthedRequest, item: SourceItem, typed: dict[str, str], error: DomainError
) -> HttpResponse:
    fresh = _item(request, item.pk)
    context = {**_item_context(request, fresh), **_form(fresh, typed, error)}
    template = "intake/_item.html" if wants_fragment(request) else "intake/item.html"
    return render(request, template, context, status=error.status)


@require_POST
@readers_only
def accept_kind(request: AuthedRequest, version_id: int) -> HttpResponse:
    """Take everything of one kind that nothing puts in question."""
    version = version_of(request, version_id)
    taken, left = services.accept_all(
        version_id=version.pk,
        kind=request.POST.get("kind", ""),
        actor=request.user,
        now=timezone.now(),
    )
    said = ngettext("%(n)d thing is accepted.", "%(n)d things are accepted.", taken) % {"n": taken}
    if left:
        said += " " + ngettext(
            "%(n)d with open questions is left to you.",
            "%(n)d with open questions are left to you.",
            left,
        ) % {"n": left}
    messages.success(request, said)
    given = request.POST.get("next", "")
    page = reverse("intake:version", args=[version.pk])
    return HttpResponseRedirect(given if given.startswith(page) else page)
