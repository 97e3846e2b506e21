"""The way of a run to its publication: what is missing, who must act, and the buttons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jingkai.core.accounts.public import CITY_WIDE
from jingkai.core.errors import Conflict, DomainError, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.core.workflow.public import history

from .. import rules
from ..forms_ledger import CirculateForm
from ..models import Run, RunKind, RunState
from ..queries.publication import path_of
from ..queries.runs import LARGE
from ..services.publication import (
    approve_run,
    circulate_run,
    publish_run,
    recreate_run,
    reopen_run,
    verification_sentence,
)
from ..services.runs import cancel_run, repeat_run
from ..states import RUN_MOVES
from ..terms import terms_on
from ..typing_in import whole
from .ledger import officials_or_404
from .objections import point_name, run_name


def _run_or_404(request: AuthedRequest, run_id: int) -> Run:
    """The run, for whoever decides about it. Raises Http404."""
    officials_or_404(request)
    if not request.user.has_role(*CITY_WIDE):
        raise Http404
    run = get_object_or_404(
        Run.objects.select_related("version__scheme", "created_by", "approved_by", "published_by")
        .prefetch_related(Prefetch("repeats", Run.objects.defer(*LARGE)))
        .defer(*LARGE),
        pk=run_id,
    )
    if not rules.can_see_all(request.user, run):
        raise Http404
    return run


@require_safe
def publication(request: AuthedRequest, run_id: int) -> HttpResponse:
    return _page(request, _run_or_404(request, run_id))


def _page(
    request: AuthedRequest, run: Run, *, error: DomainError | None = None, reason: str = ""
) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    path = path_of(run, today)
    open_now = set(RUN_MOVES.open_actions(run.state))
    terms, until, no_terms = None, None, None
    if "circulate" in open_now and run.kind == RunKind.OFFICIAL:
        try:
            terms = terms_on(today)
            until = terms.window_ends(today, repeated=run.repeats_id is not None)
        except Conflict as missing:
            no_terms = missing
    return render(
        request,
        "evaluation/publication.html",
        {
            "run": run,
            "run_name": run_name(run),
            "path": path,
            "trial": run.kind == RunKind.TRIAL,
            "published": run.state == RunState.PUBLISHED,
            "open": open_now,
            "gaps": path.approval_gaps,
            "objections": [(one, point_name(one)) for one in path.objections],
            "behind": {one.pk for one in path.unsettled},
            "steps": history(run),
            "form": CirculateForm(initial={"until": until}),
            "terms": terms,
            "no_terms": no_terms,
            "can_run": rules.can_run(user),
            "can_approve": rules.can_approve(user, run),
            "can_reopen": rules.can_reopen(user, run),
            "can_publish": rules.can_publish(user),
            "later": run.repeated_by.defer(*LARGE).order_by("-pk").first(),
            "error": error,
            "reason": reason,
        },
        status=error.status if error else 200,
    )


@require_POST
def publication_act(request: AuthedRequest, run_id: int, action: str) -> HttpResponse:
    """Circulate, approve, reopen, publish, repeat, cancel, or make the run again and compare."""
    run = _run_or_404(request, run_id)
    reason = request.POST.get("reason", "")
    try:
        said, to = _do(request, run, action, reason, timezone.now())
    except DomainError as error:
        run.refresh_from_db()
        return _page(request, run, error=error, reason=reason)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("evaluation:publication", args=[to]))


def _do(
    request: AuthedRequest, run: Run, action: str, reason: str, now: datetime
) -> tuple[str, int]:
    """Carry out one action; what to say of it, and whose page comes next."""
    given: dict[str, Any] = {"run_id": run.pk, "actor": request.user, "now": now}
    same: dict[str, Any] = {"revision": whole(request.POST.get("revision", ""))}
    match action:
        case "circulate":
            form = CirculateForm(request.POST)
            if not form.is_valid():
                raise InvalidInput(" ".join(str(e) for e in form.errors.get("until", ())))
            done = circulate_run(**given, **same, until=form.cleaned_data["until"])
            said = _("Each zone has been given its own result. They may object until %(day)s.")
            return said % {"day": done.objections_until}, run.pk
        case "approve":
            approve_run(**given, **same)
            return _("Approved. The office can publish it now."), run.pk
        case "reopen":
            reopen_run(**given, reason=reason)
            return _("The approval is taken back."), run.pk
        case "publish":
            publish_run(**given, **same)
            return _("Published. From now on nothing of it changes."), run.pk
        case "repeat":
            new = repeat_run(**given, note=reason)
            return _("A new run is frozen. Compute it, then give it to the zones."), new.pk
        case "cancel":
            cancel_run(**given, reason=reason)
            return _("Cancelled. It stays readable to the office."), run.pk
        case "recreate":
            found = recreate_run(**given)
            if not found.holds:
                raise Conflict(verification_sentence(found))
            return verification_sentence(found), run.pk
        case _:
            raise Http404
