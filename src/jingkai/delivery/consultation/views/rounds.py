"""Pages of the office: the list of rounds, one round, preparing it, and its moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User
from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, export
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import history
from jingkai.delivery.intake.public import SourceState, SourceVersion
from jingkai.masterdata.organisations.public import Body, BodyKind

from .. import queries, rules, services
from ..columns import ROUND_COLUMNS
from ..forms import ExtendForm, PublishForm, ReasonForm, RoundForm, show_problems
from ..models import ConsultationState
from ..states import CONSULTATION_MOVES, DESK_STATES
from ..terms import terms_on, working_day_from
from .common import chosen_ids, did, officials_or_404, round_or_404

S = ConsultationState


@require_safe
def round_list(request: AuthedRequest) -> HttpResponse:
    """Rounds this person may see. 5 queries at any length."""
    officials_or_404(request)
    state = request.GET.get("state", "")
    rows = queries.consultations_for_list(
        user=request.user, state=state if state in S.values else ""
    )
    fmt = request.GET.get("format", "")
    if fmt in FORMATS:
        return export(
            request, name="consultation.rounds", title=_("Consultations"), columns=ROUND_COLUMNS,
            rows=rows, fmt=fmt,
        )  # fmt: skip
    own = {i.consultation_id: i for i in queries.own_invitations(request.user)}
    page = page_of(request, rows)
    return render(
        request,
        "consultation/list.html",
        {
            "page_obj": page,
            "rows": [(row, own.get(row.pk)) for row in page.object_list],
            "states": S.choices,
            "state": state,
            "may_administer": rules.can_administer(request.user),
            "sees_all": rules.can_see_all(request.user),
        },
    )


def _versions() -> Any:
    return (
        SourceVersion.objects.exclude(text="")
        .exclude(state__in=[SourceState.UNREADABLE, SourceState.DISCARDED, SourceState.READING])
        .select_related("document")
    )


def edit(request: AuthedRequest, consultation_id: int | None = None) -> HttpResponse:
    """Prepare a round, or change one that is not open yet."""
    officials_or_404(request)
    require(rules.can_administer(request.user))
    row = round_or_404(request, consultation_id) if consultation_id is not None else None
    now = timezone.now()
    days = terms_on(timezone.localdate(now)).public_days
    initial: dict[str, Any] = {
        "closes_on": working_day_from(timezone.localdate(now) + timedelta(days=days)),
        "version": request.GET.get("version"),
    }
    if row is not None:
        fields = ("title", "intro", "contact", "closes_on", "short_reason", "is_public")
        initial = {name: getattr(row, name) for name in (*fields, "asks_bodies")}
    form = RoundForm(
        request.POST or None, versions=_versions(), fixed=row is not None, initial=initial
    )
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        version = data.pop("version", None)
        try:
            if row is None:
                saved = services.prepare(version_id=version.pk, actor=request.user, now=now, **data)
            else:
                saved = services.amend(consultation_id=row.pk, actor=request.user, now=now, **data)
        except DomainError as refused:
            show_problems(form, refused)
            error = refused
        else:
            messages.success(request, _("Saved. Choose the bodies next, then open it."))
            return HttpResponseRedirect(reverse("consultation:detail", args=[saved.pk]))
    status = error.status if error else 422 if request.method == "POST" else 200
    return render(
        request,
        "consultation/edit.html",
        {"form": form, "round": row, "error": error, "days": days, "has_versions": _versions()},
        status=status,
    )


Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a round as the page offers it."""

    name: str
    label: StrOrPromise
    states: frozenset[str]
    form: type[forms.Form] | None
    run: Callable[[int, Data, User, datetime], object]
    done: StrOrPromise
    confirm: StrOrPromise = ""


def _label(name: str) -> StrOrPromise:
    return CONSULTATION_MOVES.transitions[name].label


def _sources(name: str) -> frozenset[str]:
    return CONSULTATION_MOVES.transitions[name].sources


MOVES: Final = {
    move.name: move
    for move in (
        Move(
            "open", _label("open"), _sources("open"), None,
            lambda pk, d, u, t: services.open_round(consultation_id=pk, actor=u, now=t),
            gettext_lazy("Open. The text is frozen, bodies have been told."),
            gettext_lazy("Open it now? The text is frozen and can be read by all who are asked."),
        ),
        Move(
            "extend", pgettext_lazy("consultation", "Extend"), frozenset({S.OPEN}), ExtendForm,
            lambda pk, d, u, t: services.extend(consultation_id=pk, actor=u, now=t, **d),
            gettext_lazy("Extended. Bodies that have not replied have been told."),
        ),
        Move(
            "urge", pgettext_lazy("consultation", "Urge bodies"), frozenset({S.OPEN, S.CLOSED}),
            None,
            lambda pk, d, u, t: services.urge(consultation_id=pk, actor=u, now=t),
            gettext_lazy("The bodies without a reply have been urged."),
        ),
        Move(
            "close", _label("close"), _sources("close"), ReasonForm,
            lambda pk, d, u, t: services.close_early(consultation_id=pk, actor=u, now=t, **d),
            gettext_lazy("Closed. Sort and decide the opinions next."),
            gettext_lazy("Close before the deadline? No opinion of the public is taken any more."),
        ),
        Move(
            "finish", _label("finish"), _sources("finish"), None,
            lambda pk, d, u, t: services.finish(consultation_id=pk, actor=u, now=t),
            gettext_lazy("Every opinion is answered. Publish the results next."),
        ),
        Move(
            "publish", _label("publish"), _sources("publish"), PublishForm,
            lambda pk, d, u, t: services.publish(consultation_id=pk, actor=u, now=t, **d),
            gettext_lazy("Published. Everybody who was asked can read the results."),
            gettext_lazy("Publish the results? They cannot be taken back."),
        ),
        Move(
            "resume", _label("resume"), _sources("resume"), ReasonForm,
            lambda pk, d, u, t: services.resume(consultation_id=pk, actor=u, now=t, **d),
            gettext_lazy("Taken up again. Opinions can be sorted and decided."),
        ),
        Move(
            "cancel", _label("cancel"), _sources("cancel"), ReasonForm,
            lambda pk, d, u, t: services.cancel(consultation_id=pk, actor=u, now=t, **d),
            gettext_lazy("Cancelled. What came in stays on record."),
            gettext_lazy("Cancel the consultation? It cannot be taken up again."),
        ),
    )
}  # fmt: skip


def detail(
    request: AuthedRequest,
    consultation_id: int,
    *,
    bound: tuple[str, forms.Form] | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """One round: its state, what came in, the bodies, what can be done. 12 queries."""
    row = round_or_404(request, consultation_id)
    if not rules.can_see_all(request.user):
        return HttpResponseRedirect(reverse("consultation:opinion", args=[row.pk]))
    may = rules.can_administer(request.user)
    offers = [
        (move, bound[1] if bound and bound[0] == name else move.form() if move.form else None,
         bool(bound and bound[0] == name))
        for name, move in MOVES.items()
        if row.state in move.states and (name != "urge" or row.asks_bodies)
    ]  # fmt: skip
    asked = list(queries.invitations_of(row))
    chosen = {invitation.body_id for invitation in asked}
    groups = []
    if may and row.asks_bodies and row.state in (S.DRAFT, S.OPEN):
        for kind, label in (
            (BodyKind.DEPARTMENT, _("Departments")),
            (BodyKind.COMMITTEE, _("Zone committees")),
            (BodyKind.DISTRICT, _("Districts")),
        ):
            bodies = [b for b in _bodies() if b.kind == kind]
            if bodies:
                groups.append((label, bodies, sum(b.pk in chosen for b in bodies)))
    context = {
        "round": row,
        "figures": queries.figures_of(row),
        "asked": asked,
        "chosen": chosen,
        "body_groups": groups,
        "offers": offers,
        "trail": history(row),
        "may": may,
        "error": error,
        "at_desk": row.state in DESK_STATES,
        "days_left": (row.closes_on - timezone.localdate()).days,
        "moves": {name: t.label for name, t in CONSULTATION_MOVES.transitions.items()},
    }
    status = error.status if error else 422 if bound is not None else 200
    return render(request, "consultation/detail.html", context, status=status)


def _bodies() -> list[Body]:
    kinds = [BodyKind.DEPARTMENT, BodyKind.COMMITTEE, BodyKind.DISTRICT]
    return list(Body.objects.filter(kind__in=kinds).order_by("position", "pk"))


@require_POST
def act(request: AuthedRequest, consultation_id: int, name: str) -> HttpResponse:
    """Carry out one move; a refusal keeps what was typed."""
    row = round_or_404(request, consultation_id)
    move = MOVES.get(name)
    if move is None:
        raise Http404
    require(rules.can_administer(request.user))
    form = move.form(request.POST) if move.form else None
    if form is not None and not form.is_valid():
        return detail(request, row.pk, bound=(name, form))
    data = form.cleaned_data if form is not None else {}
    try:
        move.run(row.pk, data, request.user, timezone.now())
    except DomainError as refused:
        if form is not None:
            show_problems(form, refused)
        return detail(
            request, row.pk, bound=(name, form) if form is not None else None, error=refused
        )
    messages.success(request, str(move.done))
    return HttpResponseRedirect(reverse("consultation:detail", args=[row.pk]))


@require_POST
def set_bodies(request: AuthedRequest, consultation_id: int) -> HttpResponse:
    """Choose the bodies that are asked."""
    row = round_or_404(request, consultation_id)
    require(rules.can_administer(request.user))
    ids = chosen_ids(request, "bodies")
    done = ngettext("%(n)d body is asked.", "%(n)d bodies are asked.", len(ids)) % {"n": len(ids)}
    return did(
        request,
        done,
        reverse("consultation:detail", args=[row.pk]),
        lambda: services.ask_bodies(
            consultation_id=row.pk, body_ids=ids, actor=request.user, now=timezone.now()
        ),
    )
