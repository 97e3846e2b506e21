"""Overview, list of runs, making one, its ranking, and what the office does with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jingkai.core.accounts.public import ZONE, Role
from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest, page_of
from jingkai.core.jobs.public import JobState
from jingkai.core.register.public import FORMATS, Column, export
from jingkai.core.ui.public import local_name
from jingkai.core.workflow.public import history

from .. import rules
from ..forms_runs import RunForm
from ..links import run_url, zone_url
from ..models import Run, RunKind, RunState, ZoneResult
from ..presenting.names import Names
from ..presenting.ranking import (
    changed_since,
    few_peers_words,
    notices_of,
    rows_of,
    verdict_sentences,
)
from ..queries.runs import (
    LARGE,
    groups_of,
    light_runs,
    runs_for_list,
    runs_for_ranking,
    visible_results,
    visible_runs,
)
from ..services.runs import REPEATABLE, cancel_run, freeze_run, repeat_run, start_computing
from ..verifying import verify_run
from ..words_runs import WHY, word

_PAGE = 50

RUN_COLUMNS = (
    Column("number", gettext_lazy("No."), lambda r: r.pk),
    Column("scheme", gettext_lazy("scheme"), lambda r: local_name(r.version.scheme), width=30),
    Column("version", gettext_lazy("version"), lambda r: r.version.number, numeric=True),
    Column("year", gettext_lazy("data year"), lambda r: r.year, numeric=True),
    Column("kind", gettext_lazy("kind"), lambda r: r.get_kind_display()),
    Column("run", gettext_lazy("number of the run"), lambda r: r.number, numeric=True),
    Column("state", gettext_lazy("state"), lambda r: r.get_state_display()),
    Column("as_of", gettext_lazy("figures as of"), lambda r: r.as_of, width=18),
    Column("digest", gettext_lazy("digest of the result"), lambda r: r.result_digest, width=40),
)
RESULT_COLUMNS = (
    Column("zone", gettext_lazy("zone"), lambda r: r.name, width=26),
    Column("group", gettext_lazy("group"), lambda r: r.group),
    Column("score", gettext_lazy("score"), lambda r: r.result.score, numeric=True, decimals=4),
    Column("before", gettext_lazy("score before bonus and deduction"),
           lambda r: r.result.before_points, numeric=True, decimals=4),
    Column("rank", pgettext_lazy("audit", "rank"), lambda r: r.result.rank, numeric=True),
    Column("low", gettext_lazy("rank from (5 %)"), lambda r: r.result.rank_low, numeric=True,
           decimals=1),
    Column("high", gettext_lazy("rank to (95 %)"), lambda r: r.result.rank_high, numeric=True,
           decimals=1),
    Column("group_rank", gettext_lazy("rank in the group"), lambda r: r.result.group_rank,
           numeric=True),
    Column("coverage", gettext_lazy("observed share of points"), lambda r: r.result.coverage,
           numeric=True, decimals=4),
    Column("why", gettext_lazy("why not ranked"), lambda r: r.why),
)  # fmt: skip


def follower_or_404(request: AuthedRequest) -> None:
    if not rules.can_follow(request.user):
        raise Http404


def run_or_404(request: AuthedRequest, run_id: int) -> Run:
    """The run, if the person may know of it."""
    return get_object_or_404(visible_runs(request.user).select_related("job"), pk=run_id)


def office_run_or_404(request: AuthedRequest, run_id: int) -> Run:
    """A run for what the office alone does: others do not learn that there is such a page."""
    if not rules.can_run(request.user):
        raise Http404
    return run_or_404(request, run_id)


@require_safe
def overview(request: AuthedRequest) -> HttpResponse:
    """What is there for this person: a zone's own results, the work at hand for the office."""
    follower_or_404(request)
    user = request.user
    runs = list(light_runs(user).exclude(state=RunState.CANCELLED)[:12])
    own = user.body_ids(*ZONE)
    mine: list[ZoneResult] = []
    if own:
        mine = list(
            visible_results(user)
            .filter(zone__committee__in=own)
            .exclude(run__state__in=(RunState.CANCELLED, RunState.SUPERSEDED))
            .select_related("run__version__scheme")
            .defer("detail", *(f"run__{name}" for name in LARGE))
            .order_by("-run__year", "-run_id")[:6]
        )
    return render(
        request,
        "evaluation/overview.html",
        {
            "runs": runs,
            "mine": [
                {"result": one, "url": zone_url(one.run_id, one.zone.code),
                 "why": word(WHY, one.why_unranked)}
                for one in mine
            ],
            "is_office": bool(rules.can_run(user)),
            "is_zone": bool(own),
            "sees_ledger": user.has_role(Role.OFFICE, Role.LEADER)
            or bool(rules.can_propose_points(user)),
        },
    )  # fmt: skip


@require_safe
def run_list(request: AuthedRequest) -> HttpResponse:
    follower_or_404(request)
    asked = {name: request.GET.get(name, "") for name in ("year", "kind", "state", "scheme")}
    rows = runs_for_list(request.user, **asked)
    if request.GET.get("format") in FORMATS:
        return export(
            request, name="evaluation.runs", title=_("Evaluation runs"), columns=RUN_COLUMNS,
            rows=rows, fmt=request.GET["format"],
        )  # fmt: skip
    known = visible_runs(request.user)
    return render(
        request,
        "evaluation/run_list.html",
        {
            "page_obj": page_of(request, rows),
            "asked": asked,
            "is_filtered": any(asked.values()),
            "years": known.order_by("-year").values_list("year", flat=True).distinct(),
            "kinds": RunKind.choices if rules.can_run(request.user) else (),
            "states": RunState.choices,
            "is_office": bool(rules.can_run(request.user)),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def run_new(request: AuthedRequest) -> HttpResponse:
    """Freeze and queue the computation at once."""
    if not rules.can_run(request.user):
        raise Http404
    year = timezone.localdate().year - 1
    form = RunForm(
        request.POST or None,
        initial={"year": year, "version": request.GET.get("version"), "kind": RunKind.TRIAL},
    )
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        said: dict[str, Any] = dict(form.cleaned_data)
        now = timezone.now()
        try:
            run = freeze_run(version_id=said.pop("version").pk, actor=request.user, now=now, **said)
            start_computing(run_id=run.pk, actor=request.user, now=now)
        except DomainError as refused:
            error = refused
        else:
            messages.success(
                request, _("The figures are frozen. The results are being computed: watch below.")
            )
            return HttpResponseRedirect(run_url(run.pk))
    status = error.status if error else 422 if form.is_bound else 200
    return render(request, "evaluation/run_new.html", {"form": form, "error": error}, status=status)


@require_safe
def run_detail(request: AuthedRequest, run_id: int) -> HttpResponse:
    """The ranking, for whoever sees all; a zone before publication is led to its own report."""
    run = get_object_or_404(runs_for_ranking(request.user), pk=run_id)
    results = visible_results(request.user).filter(run=run).defer("detail")
    if not rules.can_see_all(request.user, run):
        own = results.first()
        if own is None:
            raise Http404
        return HttpResponseRedirect(zone_url(run.pk, own.zone.code))
    names = Names(run)
    group = request.GET.get("group", "")
    shown = ordered(results.filter(group=group) if group else results)
    sizes = groups_of(results)
    field = sum(one.ranked for one in sizes.values())
    if request.GET.get("format") in FORMATS:
        return export(
            request, name="evaluation.results",
            title=_("Evaluation results %(year)s") % {"year": run.year}, columns=RESULT_COLUMNS,
            rows=rows_of(names, shown, field), fmt=request.GET["format"],
        )  # fmt: skip
    page = page_of(request, shown, size=_PAGE)
    extras: Any = run  # what `runs_for_ranking` annotates
    is_office = bool(rules.can_run(request.user))
    return render(
        request,
        "evaluation/run.html",
        {
            "run": run,
            "names": names,
            "page_obj": page,
            "rows": rows_of(names, page, field),
            "group": group,
            "groups": [(label, names.group(label)) for label in sizes if label],
            "few_peers": few_peers_words(names, {key: one.size for key, one in sizes.items()}),
            "notices": notices_of(names, extras.notices or ()),
            "verdicts": verdict_sentences(names, extras.verdict) if is_office else [],
            "has_analysis": extras.verdict is not None,
            "changed": changed_since(run, names.definition) if is_office else None,
            "is_office": is_office,
            "is_busy": is_busy(run),
            "history": history(run)[:8] if is_office else (),
            "may_repeat": is_office and run.state in REPEATABLE and bool(run.result_digest),
            "may_cancel": is_office
            and run.state not in (RunState.PUBLISHED, RunState.CANCELLED, RunState.SUPERSEDED),
            "others": light_runs(request.user)
            .filter(version__scheme=run.version.scheme_id)
            .exclude(pk=run.pk)
            .exclude(result_digest="")[:8],
        },
    )


def ordered(results: QuerySet[ZoneResult]) -> QuerySet[ZoneResult]:
    """By rank; zones without one last, in their order."""
    return results.order_by(F("rank").asc(nulls_last=True), "zone__position", "zone__code")


def is_busy(run: Run) -> bool:
    return run.job is not None and run.job.state in (JobState.QUEUED, JobState.RUNNING)


@require_safe
def run_progress(request: AuthedRequest, run_id: int) -> HttpResponse:
    """The bar alone, asked for every second while the run is being computed."""
    run = office_run_or_404(request, run_id)
    response = render(
        request, "evaluation/_progress.html", {"run": run, "job": run.job, "is_busy": is_busy(run)}
    )
    if not is_busy(run):
        response["HX-Refresh"] = "true"
    return response


@require_POST
def run_act(request: AuthedRequest, run_id: int, action: str) -> HttpResponse:
    """Compute, verify, repeat or cancel."""
    run = office_run_or_404(request, run_id)
    now = timezone.now()
    target = run.pk
    match action:
        case "compute":
            start_computing(run_id=run.pk, actor=request.user, now=now)
            messages.success(request, _("The computation is queued."))
        case "verify":
            _tell_verification(request, run)
        case "repeat":
            target = _repeat(request, run, now)
            messages.success(
                request,
                _("The new run takes in what was upheld and later figures; it is being computed."),
            )
        case "cancel":
            cancel_run(
                run_id=run.pk, reason=request.POST.get("reason", ""), actor=request.user, now=now
            )
            messages.success(request, _("The run is cancelled; it stays readable to the office."))
        case _:
            raise Http404
    return HttpResponseRedirect(reverse("evaluation:run", args=[target]))


def _repeat(request: AuthedRequest, run: Run, now: datetime) -> int:
    again = repeat_run(run_id=run.pk, actor=request.user, now=now)
    start_computing(run_id=again.pk, actor=request.user, now=now)
    return again.pk


def _tell_verification(request: AuthedRequest, run: Run) -> None:
    found = verify_run(run)
    if found.holds:
        messages.success(
            request,
            _(
                "Made again from its own rows: inputs and results agree to the last digit. "
                "Digest %(digest)s."
            )
            % {"digest": found.result_now},
        )
    elif found.error:
        messages.error(request, _("It cannot be made again: %(error)s") % {"error": found.error})
    elif not found.inputs_hold:
        messages.error(
            request,
            _(
                "The frozen rows are not those the run was made from. "
                "Tell the system administrator."
            ),
        )
    elif not run.result_digest:
        messages.warning(request, _("The inputs agree; there is no result yet to compare."))
    else:
        messages.error(
            request,
            _("The same inputs now give another result (%(now)s, kept: %(kept)s; computed with "
              "version %(engine)s).")
            % {"now": found.result_now[:12], "kept": found.result_kept[:12],
               "engine": found.engine_kept},
        )  # fmt: skip
