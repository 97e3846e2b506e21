"""Objections: the list, drafting one, one objection with its answer, the moves of both sides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.accounts.public import ZONE, User
from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.files.public import attachments_of
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name
from jingkai.core.workflow.public import history
from jingkai.masterdata.organisations.public import Zone

from .. import rules
from ..forms_ledger import AnswerForm, ObjectionForm, TextForm
from ..models import Objection, ObjectionState, ObjectionSubject, Run, RunInput
from ..queries.objections import (
    OPEN,
    figures_of,
    lines_of,
    objection_for_page,
    objections_for_list,
    open_runs,
    visible_objections,
)
from ..rules import SHOWN_TO_ZONES
from ..services.objections import (
    answer_objection,
    attach_objection_paper,
    confirm_answer,
    draft_objection,
    edit_objection,
    file_objection,
    send_answer_back,
    withdraw_objection,
)
from ..typing_in import whole
from .ledger import _beside, officials_or_404

COLUMNS = (
    Column("number", gettext_lazy("No."), lambda o: o.pk),
    Column("state", gettext_lazy("state"), lambda o: o.get_state_display()),
    Column("run", gettext_lazy("evaluation run"), lambda o: run_name(o.run), width=34),
    Column("zone", gettext_lazy("zone"), lambda o: local_name(o.zone), width=24),
    Column("against", gettext_lazy("against"), lambda o: point_name(o), width=30),
    Column("text", gettext_lazy("objection"), lambda o: o.text, width=60),
    Column("filed", gettext_lazy("filed at"), lambda o: o.filed_at, width=18),
    Column("due", gettext_lazy("answer due"), lambda o: o.answer_due),
    Column(
        "answer",
        gettext_lazy("answer"),
        lambda o: o.answer if o.confirmed_at else "",
        width=60,
    ),
    Column(
        "decided", pgettext_lazy("objection", "decided at"), lambda o: o.confirmed_at, width=18
    ),
)  # fmt: skip


def run_name(run: Run) -> str:
    """Scheme, data year and number, for people."""
    return _("%(scheme)s %(year)d, run %(number)d") % {
        "scheme": local_name(run.version.scheme),
        "year": run.year,
        "number": run.number,
    }


def node_names(run: Run) -> dict[str, str]:
    """Names of the nodes of the frozen scheme."""
    return {node["code"]: str(node["name"]) for node in run.definition["nodes"]}


def point_name(objection: Objection) -> str:
    """What is objected to, for people."""
    if objection.node:
        nodes = objection.run.definition["nodes"]
        found = (str(node["name"]) for node in nodes if node["code"] == objection.node)
        return next(found, objection.node)
    if objection.entry is not None:
        return _("entry no. %(n)d of the ledger") % {"n": objection.entry_id}
    return objection.get_subject_display()


@require_safe
def objection_list(request: AuthedRequest) -> HttpResponse:
    """Objections the person may see; for a zone also the results it may still object to."""
    officials_or_404(request)
    user, today = request.user, timezone.localdate()
    asked = {name: request.GET.get(name, "") for name in ("run", "zone", "state", "overdue")}
    rows = objections_for_list(user, **asked, today=today)
    if request.GET.get("format") in FORMATS:
        return export(
            request,
            name="evaluation.objections",
            title=_("Objections"),
            columns=COLUMNS,
            rows=rows,
            fmt=request.GET["format"],
        )
    page = page_of(request, rows)
    return render(
        request,
        "evaluation/objections.html",
        {
            "page_obj": page,
            "rows": [
                {
                    "objection": found,
                    "run": run_name(found.run),
                    "point": point_name(found),
                    "late": found.state in OPEN
                    and found.answer_due is not None
                    and found.answer_due < today,
                }
                for found in page
            ],
            "asked": asked,
            "is_filtered": any(asked.values()),
            "states": ObjectionState.choices,
            "zones": Zone.objects.filter(pk__in=visible_objections(user).values("zone")).order_by(
                "position", "code"
            ),
            "open": [(run, run_name(run)) for run in open_runs(user, today)],
            "waiting": visible_objections(user).filter(state__in=OPEN).count(),
            "of_zone": user.has_role(*ZONE),
        },
    )


def _own_result(user: User, run_id: str, zone: str) -> tuple[Run, Any]:
    """The run and the user's zone in it. Raises Http404."""
    number = whole(run_id)
    if number is None:
        raise Http404
    run = get_object_or_404(
        Run.objects.select_related("version__scheme"), pk=number, state__in=SHOWN_TO_ZONES
    )
    results = run.results.filter(zone__committee__in=user.body_ids(*ZONE)).select_related(
        "zone__committee"
    )
    if zone:
        results = results.filter(zone__code=zone)
    result = results.order_by("zone__position", "zone__code").first()
    if result is None:
        raise Http404
    return run, result.zone


@require_http_methods(["GET", "HEAD", "POST"])
def objection_new(request: AuthedRequest) -> HttpResponse:
    """Draft an objection against one point of the zone's own result."""
    officials_or_404(request)
    given = request.POST if request.method == "POST" else request.GET
    run, zone = _own_result(request.user, given.get("run", ""), given.get("zone", ""))
    form = ObjectionForm(
        request.POST if request.method == "POST" else None,
        points=_points(run, zone.pk),
        initial={"point": request.GET.get("point", "")},
    )
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        subject, _sep, what = form.cleaned_data["point"].partition(":")
        try:
            objection = draft_objection(
                run_id=run.pk,
                zone_id=zone.pk,
                subject=subject,
                node="" if subject == ObjectionSubject.POINTS else what,
                entry_id=int(what) if subject == ObjectionSubject.POINTS else None,
                text=form.cleaned_data["text"],
                claimed=form.cleaned_data["claimed"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as refused:
            error = refused
            _beside(form, refused)
        else:
            messages.success(
                request, _("Drafted. Add what proves it; the zone's leader then files it.")
            )
            return HttpResponseRedirect(reverse("evaluation:objection", args=[objection.pk]))
    return render(
        request,
        "evaluation/objection_new.html",
        {"run": run, "run_name": run_name(run), "zone": zone, "form": form, "error": error},
        status=error.status if error else 422 if form.is_bound else 200,
    )


def _points(run: Run, zone_id: int) -> list[Any]:
    """What can be objected to, in groups."""
    names = node_names(run)
    figures = [
        (f"figure:{row.node}", names.get(row.node, row.node)) for row in figures_of(run, zone_id)
    ]
    lines = [
        (f"points:{line.entry_id}", f"{line.get_kind_display()} {line.points.normalize():f}："
         f"{line.text[:40]}")
        for line in lines_of(run, zone_id)
    ]  # fmt: skip
    groups: list[Any] = [("", pgettext("select", "Choose")), (_("figures"), figures)]
    if lines:
        groups.append((_("points of the ledger"), lines))
    others = [
        ("method:", _("how it was computed")),
        ("other:", pgettext("objection", "something else")),
    ]
    return [*groups, (_("other"), others)]


@require_safe
def objection_detail(request: AuthedRequest, objection_id: int) -> HttpResponse:
    return _objection_page(request, objection_id)


def _objection_page(
    request: AuthedRequest,
    objection_id: int,
    *,
    error: DomainError | None = None,
    form: Any = None,
    status: int = 200,
) -> HttpResponse:
    officials_or_404(request)
    user, today = request.user, timezone.localdate()
    found = objection_for_page(user, objection_id)
    if found is None:
        raise Http404
    draft = found.state == ObjectionState.DRAFT
    committee = found.zone.committee_id
    own = committee in user.body_ids(*ZONE)
    figure = (
        RunInput.objects.filter(
            run=found.run, zone=found.zone, node=found.node, year=found.run.year
        ).select_related("event__series__indicator").first()
        if found.subject == ObjectionSubject.FIGURE
        else None
    )  # fmt: skip
    until = found.run.objections_until
    return render(
        request,
        "evaluation/objection.html",
        {
            "objection": found,
            "run_name": run_name(found.run),
            "point": point_name(found),
            "figure": figure,
            "draft": draft,
            "own": own,
            "in_time": until is not None and until >= today,
            "late": found.state in OPEN
            and found.answer_due is not None
            and found.answer_due < today,
            "files": attachments_of(found),
            "steps": history(found),
            # The zone reads an answer once a second person has confirmed it.
            "show_answer": bool(found.answer) and (not own or found.confirmed_at is not None),
            "can_edit": draft and rules.can_object(user, committee),
            "can_file": rules.can_file_objection(user, committee),
            "can_answer": rules.can_answer(user),
            "can_confirm": rules.can_confirm_answer(user, found),
            "waits_answer": found.state in OPEN,
            "answered": found.state == ObjectionState.ANSWERED,
            "text_form": form
            if isinstance(form, TextForm)
            else TextForm(initial={"text": found.text, "claimed": found.claimed}),
            "answer_form": form
            if isinstance(form, AnswerForm)
            else AnswerForm(
                objection=found,
                initial={
                    "proposed_state": found.proposed_state,
                    "answer": found.answer,
                    "effect": ":".join(next(iter(found.effect.items()), ())),
                },
            ),
            "effect_words": _effect_words(found),
            # A result that was replaced or cancelled is not shown to its zone any more.
            "sees_report": bool(rules.can_see_zone(user, found.run, committee)),
            "error": error,
        },
        status=error.status if error else status,
    )


def _effect_words(objection: Objection) -> str:
    words = {
        ("figure", "corrected"): _("the figure is corrected by slip; the next run takes it"),
        ("figure", "void"): _("the figure does not count"),
        ("points", "revoked"): _("the points are revoked"),
    }
    return "；".join(words[item] for item in objection.effect.items() if item in words)


@require_POST
def objection_act(request: AuthedRequest, objection_id: int, action: str) -> HttpResponse:
    """Edit, file, withdraw; answer, send back, confirm; put a paper to a draft."""
    officials_or_404(request)
    found = get_object_or_404(
        visible_objections(request.user).select_related("run", "zone"), pk=objection_id
    )
    form: Any = None
    if action == "answer":
        form = AnswerForm(request.POST, objection=found)
    elif action == "edit":
        form = TextForm(request.POST)
    if form is not None and not form.is_valid():
        return _objection_page(request, objection_id, form=form, status=422)
    try:
        said = _run(request, found.pk, action, form, timezone.now())
    except DomainError as error:
        if form is not None:
            _beside(form, error)
        return _objection_page(request, objection_id, error=error, form=form)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("evaluation:objection", args=[found.pk]))


def _run(request: AuthedRequest, objection_id: int, action: str, form: Any, now: datetime) -> str:
    """Carry out one action; what to say of it."""
    given: dict[str, Any] = {"objection_id": objection_id, "actor": request.user, "now": now}
    same: dict[str, Any] = {"revision": whole(request.POST.get("revision", ""))}
    match action:
        case "edit":
            data = form.cleaned_data
            edit_objection(**given, **same, text=data["text"], claimed=data["claimed"])
            return _("Kept. It is still a draft.")
        case "file":
            found = file_objection(**given, **same)
            return _("Filed. The office answers by %(day)s.") % {"day": found.answer_due}
        case "withdraw":
            withdraw_objection(**given)
            return _("Withdrawn.")
        case "answer":
            data = form.cleaned_data
            answer_objection(
                **given,
                **same,
                proposed_state=data["proposed_state"],
                answer=data["answer"],
                effect=form.chosen_effect(),
            )
            return _("Proposed. A second person confirms it, then the zone is told.")
        case "send-back":
            send_answer_back(**given, **same, reason=request.POST.get("reason", ""))
            return _("Sent back to whoever proposed the answer.")
        case "confirm":
            confirm_answer(**given, **same)
            return _("Confirmed. The zone has been told.")
        case "evidence":
            upload = request.FILES.get("file")
            if upload is None:
                raise InvalidInput(_("Choose a file first."))
            attach_objection_paper(**given, upload=upload, note=request.POST.get("note", ""))
            return _("The paper is attached.")
        case _:
            raise Http404
