"""What the registers' own pages lack: tree, names, merges, industries, outlines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jingkai.core.errors import DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.register.public import Register, card_page, object_of
from jingkai.core.verdicts import require

from . import queries, rules, services
from .body_register import BODIES
from .forms import AliasForm, BoundaryForm, EndAliasForm, IndustriesForm, MergeForm, VerifyForm
from .models import BodyKind
from .zone_register import ZONES


def tree(request: AuthedRequest) -> HttpResponse:
    """Bodies by kind, each with those below it. 1 query beside the frame's."""
    require(rules.can_see(request.user))
    bodies = list(queries.visible_bodies(request.user).order_by("position", "code"))
    below: dict[int | None, list[Any]] = defaultdict(list)
    for body in bodies:
        below[body.parent_id].append(body)
    kinds = [
        {"label": kind.label, "bodies": [b for b in bodies if b.kind == kind]} for kind in BodyKind
    ]
    context = {
        "register": BODIES,
        "kinds": [k for k in kinds if k["bodies"]],
        "roots": _branches(below, None),
    }
    return render(request, "organisations/tree.html", context)


def _branches(below: dict[int | None, list[Any]], parent: int | None) -> list[dict[str, Any]]:
    return [{"body": b, "branches": _branches(below, b.pk)} for b in below.get(parent, [])]


def _cleaned(form: forms.Form) -> dict[str, Any]:
    """What the form holds, or InvalidInput with its own complaints."""
    if form.is_valid():
        return form.cleaned_data
    raise InvalidInput(
        _("Please correct what is marked."),
        problems=[
            FieldProblem(
                str(form.fields[name].label or name) if name in form.fields else "", str(text)
            )
            for name, said in form.errors.items()
            for text in said
        ],
    )


def _done(
    request: AuthedRequest,
    register: Register,
    obj: Any,
    tab: str,
    work: Callable[[], str],
    typed: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """Do `work`; then back to the card's tab, or the card with the refusal and what was typed."""
    try:
        said = work()
    except DomainError as error:
        fresh = object_of(request, register, getattr(obj, register.lookup))
        kept = typed if register.may_edit(request.user) else None
        return card_page(request, register, fresh, error=error, opened=tab, typed=kept)
    messages.success(request, said)
    return HttpResponseRedirect(f"{register.href(obj)}#tab-{tab}")


@require_POST
def add_alias(request: AuthedRequest, value: str) -> HttpResponse:
    body = object_of(request, BODIES, value)
    form = AliasForm(request.POST)

    def work() -> str:
        values = _cleaned(form)
        services.add_alias(body_id=body.pk, actor=request.user, now=timezone.now(), **values)
        return _("“%(name)s” now stands for %(body)s.") % {"name": values["name"], "body": body}

    return _done(request, BODIES, body, "names", work, {"alias_form": form})


@require_POST
def end_alias(request: AuthedRequest, value: str) -> HttpResponse:
    body = object_of(request, BODIES, value)

    def work() -> str:
        values = _cleaned(EndAliasForm(request.POST))
        alias = get_object_or_404(body.aliases, pk=values["alias"])
        services.end_alias(
            alias_id=alias.pk, last_day=values["last_day"], actor=request.user, now=timezone.now()
        )
        return _("“%(name)s” holds until %(day)s.") % {
            "name": alias.name,
            "day": values["last_day"],
        }

    return _done(request, BODIES, body, "names", work)


@require_POST
def merge(request: AuthedRequest, value: str) -> HttpResponse:
    body = object_of(request, BODIES, value)
    form = MergeForm(request.POST, body=body)

    def work() -> str:
        values = _cleaned(form)
        services.merge_bodies(
            from_id=body.pk,
            into_id=values["into"].pk,
            on=values["on"],
            reason=values["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        return _(
            "From %(day)s, %(into)s answers for %(body)s. Figures up to then stay as they are."
        ) % {"day": values["on"], "into": values["into"], "body": body}

    return _done(request, BODIES, body, "structure", work, {"merge_form": form})


@require_POST
def verify(request: AuthedRequest, value: str, what: str) -> HttpResponse:
    register = BODIES if what == "body" else ZONES
    obj = object_of(request, register, value)

    def work() -> str:
        values = _cleaned(VerifyForm(request.POST))
        said = {"verified": values["verified"], "source": values["source"]}
        if what == "body":
            services.mark_body(body_id=obj.pk, actor=request.user, now=timezone.now(), **said)
        else:
            services.mark_zone(zone_id=obj.pk, actor=request.user, now=timezone.now(), **said)
        return (
            _("The record is marked as verified.")
            if values["verified"]
            else _("The record is marked as unverified.")
        )

    return _done(request, register, obj, "history", work)


@require_POST
def industries(request: AuthedRequest, value: str) -> HttpResponse:
    zone = object_of(request, ZONES, value)
    form = IndustriesForm(request.POST)

    def work() -> str:
        names = _cleaned(form)["names"].splitlines()
        kept = services.set_industries(
            zone_id=zone.pk, names=names, actor=request.user, now=timezone.now()
        )
        return _("Leading industries: %(names)s.") % {
            "names": "、".join(i.name for i in kept) or "—"
        }

    return _done(request, ZONES, zone, "industries", work, {"form": form})


@require_POST
def boundary(request: AuthedRequest, value: str) -> HttpResponse:
    zone = object_of(request, ZONES, value)
    form = BoundaryForm(request.POST, request.FILES)

    def work() -> str:
        values = _cleaned(form)
        kept = services.add_boundary(
            zone_id=zone.pk,
            content=values["file"].read(),
            effective_from=values["effective_from"],
            source=values["source"],
            actor=request.user,
            now=timezone.now(),
        )
        return _("Outline version %(n)d is kept.") % {"n": kept.version}

    return _done(request, ZONES, zone, "boundary", work, {"form": form})
