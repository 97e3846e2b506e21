"""The card of one object, and the pages that add, change or move it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jingkai.core.accounts.public import User
from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.files import public as files
from jingkai.core.http import AuthedRequest
from jingkai.core.verdicts import require

from .background import provide_importer
from .declare import Register, cell_html
from .edges import edges_of
from .history import history_of
from .importer import Importer
from .importing import import_page
from .lists import list_page


def object_of(request: AuthedRequest, register: Register, value: Any) -> Any:
    """The object of a card, or 404 when it is not there or not for this person."""
    return get_object_or_404(register.visible(request.user), **{register.lookup: value})


def card_page(
    request: AuthedRequest,
    register: Register,
    obj: Any,
    *,
    error: DomainError | None = None,
    opened: str = "",
    typed: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Facts left, state and actions right, tabs for panels, edges, files and history.

    After a refusal: `error` on top, the panel `opened` in front, its context changed by `typed` so
    that what was entered is still there.
    """
    may_edit = register.may_edit(request.user)
    if request.method == "POST" and error is None:
        return _attach(request, register, obj)
    context = {
        "register": register,
        "obj": obj,
        "facts": [(column, cell_html(column, obj)) for column in register.facts],
        "chips": list(register.chips(obj)),
        "links": list(register.links(request.user, obj)),
        "may_edit": may_edit,
        "edit_url": register.url_of("edit", obj) if register.form else "",
        "actions": _actions(register, request.user, obj),
        "panels": [
            {
                "panel": panel,
                "context": {
                    **panel.context(request.user, obj),
                    **((typed or {}) if panel.key == opened else {}),
                },
            }
            for panel in register.panels
        ],
        "edge_groups": edges_of(request.user, obj),
        "attachments": list(files.attachments_of(obj)),
        "history": history_of(obj, words=register.words, transitions=register.transitions),
        "error": error,
        "opened": opened or (register.panels[0].key if register.panels else "history"),
    }
    return render(request, "register/card.html", context, status=error.status if error else 200)


def _actions(register: Register, user: User, obj: Any) -> list[dict[str, Any]]:
    if register.transitions is None or register.act is None:
        return []
    return [
        {
            "name": name,
            "transition": register.transitions.transitions[name],
            "verdict": register.may_act(user, obj, name),
            "url": register.url_of("act", obj),
        }
        for name in register.transitions.open_actions(obj.state)
    ]


def _attach(request: AuthedRequest, register: Register, obj: Any) -> HttpResponse:
    require(register.may_edit(request.user))
    upload = request.FILES.get("file")
    if upload is None:
        message = _("Choose a file.")
        raise InvalidInput(message, problems=[FieldProblem("file", message, "required")])
    files.attach(
        target=obj,
        upload=upload,
        actor=request.user,
        now=timezone.now(),
        note=request.POST.get("note", ""),
    )
    messages.success(request, _("“%(name)s” is attached.") % {"name": upload.name})
    return HttpResponseRedirect(f"{register.href(obj)}#tab-files")


def edit_page(request: AuthedRequest, register: Register, obj: Any | None) -> HttpResponse:
    """The form that adds (`obj` None) or changes an object; what was typed stays when refused."""
    if register.form is None or register.save is None:
        raise Http404
    require(register.may_edit(request.user))
    # The service changes a row it locks itself; the form gets a copy of its own to scribble on.
    form = register.form(request.POST or None, instance=copy(obj))
    if request.method == "POST" and form.is_valid():
        try:
            saved = register.save(
                obj_id=obj.pk if obj is not None else None,
                values=dict(form.cleaned_data),
                actor=request.user,
                now=timezone.now(),
            )
        except InvalidInput as error:
            for problem in error.problems or (FieldProblem("", str(error)),):
                form.add_error(
                    problem.field if problem.field in form.fields else None, problem.message
                )
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": saved})
            return HttpResponseRedirect(register.href(saved))
    context = {"register": register, "obj": obj, "form": form}
    status = 422 if form.errors else 200
    return render(request, "register/edit.html", context, status=status)


def act_page(request: AuthedRequest, register: Register, obj: Any) -> HttpResponse:
    """Move one object; a refusal is shown on its card."""
    if register.act is None:
        raise Http404
    action = request.POST.get("action", "")
    if register.transitions is None or action not in register.transitions.transitions:
        raise InvalidInput(_("This request is not understood. Reload the page."))
    moved = register.act(
        obj_id=obj.pk,
        action=action,
        reason=request.POST.get("reason", ""),
        actor=request.user,
        now=timezone.now(),
    )
    label = register.transitions.transitions[action].label
    messages.success(request, _("Done: %(action)s “%(name)s”.") % {"action": label, "name": moved})
    return HttpResponseRedirect(register.href(moved))


def guard_attachments(register: Register) -> None:
    """Let those who see an object read what is attached to it. Called once, at start."""
    files.register_guard(
        register.model._meta.label_lower,
        lambda user, obj_id: register.visible(user).filter(pk=obj_id).exists(),
    )


def register_urls(register: Register, prefix: str, *, card: Any = None) -> list[URLPattern]:
    """URL patterns of a register under `prefix`; `card` replaces the card's view."""
    names = (register.list_url.split(":")[-1], register.card_url.split(":")[-1])
    one = f"{prefix}<slug:value>/"

    def show_list(request: HttpRequest) -> HttpResponse:
        return list_page(request, register)  # type: ignore[arg-type]  # behind SignedInMiddleware

    def show_card(request: HttpRequest, value: str) -> HttpResponse:
        return card_page(request, register, object_of(request, register, value))  # type: ignore[arg-type]

    def add(request: HttpRequest) -> HttpResponse:
        return edit_page(request, register, None)  # type: ignore[arg-type]

    def edit(request: HttpRequest, value: str) -> HttpResponse:
        return edit_page(request, register, object_of(request, register, value))  # type: ignore[arg-type]

    @transaction.non_atomic_requests
    @require_POST
    def act(request: HttpRequest, value: str) -> HttpResponse:
        return act_page(request, register, object_of(request, register, value))  # type: ignore[arg-type]

    def bring_in(request: HttpRequest) -> HttpResponse:
        return import_page(request, importer_of(request.user, register))  # type: ignore[arg-type]

    patterns = [path(prefix, show_list, name=names[0])]
    if register.form is not None:
        patterns.append(path(f"{prefix}new/", add, name=f"{names[0]}-new"))
    if register.sheet is not None:
        provide_importer(register.key, lambda user: importer_of(user, register))
        patterns.append(path(f"{prefix}import/", bring_in, name=f"{names[0]}-import"))
    if register.form is not None:
        patterns.append(path(f"{one}edit/", edit, name=f"{names[1]}-edit"))
    if register.act is not None:
        patterns.append(path(f"{one}act/", act, name=f"{names[1]}-act"))
    patterns.append(path(one, card or show_card, name=names[1]))
    return patterns


def importer_of(user: User, register: Register) -> Importer:
    """The import flow of a register's own sheet. Raises NotPermitted."""
    assert register.sheet is not None
    require(register.sheet.may(user))
    return Importer(
        key=register.key,
        title=register.title,
        columns=register.sheet.columns,
        run=register.sheet.run,
        back_url=register.url("list"),
        rows=lambda: register.visible(user).order_by(*register.order),
    )
