"""API of runs and results, under the same visibility as the pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem, cursor_page
from jingkai.core.register.public import export

from . import rules
from .models import Run, RunKind, RunState, ZoneResult
from .presenting.moves import moves_between
from .presenting.names import Names
from .presenting.ranking import rows_of
from .queries.runs import runs_for_list, sees_figures, visible_results, visible_runs
from .services.runs import cancel_run, freeze_run, repeat_run, start_computing
from .verifying import verify_run
from .views.runs import RESULT_COLUMNS, RUN_COLUMNS, ordered

router = Router(tags=["evaluation"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


class RunOut(Schema):
    id: int
    scheme: str
    version: int
    year: int
    kind: RunKind
    number: int
    state: RunState
    as_of: datetime
    seed: int
    replications: int
    inputs_digest: str
    result_digest: str
    repeats: int | None
    created_at: datetime


class RunPage(Schema):
    items: list[RunOut]
    next_cursor: str


class RunIn(Schema):
    """What to freeze; `version` is the edition's id. Empty `as_of`: now; empty `seed`: drawn."""

    version: int
    year: int
    kind: RunKind
    as_of: AwareDatetime | None = None
    seed: int | None = None
    replications: int = 10_000
    note: str = ""


class RepeatIn(Schema):
    as_of: AwareDatetime | None = None


class CancelIn(Schema):
    reason: str


class ResultOut(Schema):
    """One zone. `rank` null says why in `why_unranked`."""

    zone: str
    name: str
    score: Decimal | None
    before_points: Decimal | None
    rank: int | None
    rank_low: Decimal | None
    rank_high: Decimal | None
    group: str
    group_rank: int | None
    group_size: int
    coverage: Decimal
    why_unranked: str


class ResultPage(Schema):
    items: list[ResultOut]
    next_cursor: str


class NodeOut(Schema):
    """One node; figures of another zone stay null."""

    code: str
    points: str | None = None
    score: str | None = None
    raw: str | None = None
    base: str | None = None
    growth: str | None = None


class WaterfallOut(Schema):
    """start + Σ amounts = end; parts as [node, kind, amount]."""

    start: str
    parts: list[tuple[str, str, str]]
    end: str


class LiftOut(Schema):
    node: str
    change: str
    rank_after: int
    bound: str


class ReportOut(ResultOut):
    """Floats as `repr` writes them, so that nothing is lost."""

    nodes: list[NodeOut]
    contributions: dict[str, str | None]
    vs_median: WaterfallOut | None
    vs_last_year: WaterfallOut | None
    frequencies: list[tuple[int, str]]
    lifts: list[LiftOut] | None
    strongest: list[str]
    weakest: list[str]


class JobOut(Schema):
    job: str


class VerificationOut(Schema):
    holds: bool
    inputs_kept: str
    inputs_now: str
    result_kept: str
    result_now: str
    engine_kept: str
    engine_now: str
    error: str


class MoveOut(Schema):
    zone: str
    name: str
    score_before: Decimal | None
    score_after: Decimal | None
    rank_before: int | None
    rank_after: int | None
    causes: list[str]


class MovesOut(Schema):
    moved: int
    scheme_differs: bool
    moves: list[MoveOut]


class RunFilter(Schema):
    year: str = ""
    kind: str = ""
    state: str = ""
    scheme: str = ""


def _user(request: HttpRequest) -> User:
    """The caller; 404 for whom there are no evaluations, like the pages."""
    user = request.user
    if not isinstance(user, User) or not rules.can_follow(user):
        raise Http404
    return user


def _run(request: HttpRequest, run_id: int) -> Run:
    return get_object_or_404(visible_runs(_user(request)), pk=run_id)


def run_out(run: Run) -> dict[str, Any]:
    return {
        "id": run.pk, "scheme": run.version.scheme.code, "version": run.version.number,
        "year": run.year, "kind": run.kind, "number": run.number, "state": run.state,
        "as_of": run.as_of, "seed": run.seed, "replications": run.replications,
        "inputs_digest": run.inputs_digest, "result_digest": run.result_digest,
        "repeats": run.repeats_id, "created_at": run.created_at,
    }  # fmt: skip


def result_out(result: ZoneResult, names: Names) -> dict[str, Any]:
    code = result.zone.code
    return {
        "zone": code, "name": names.zones.get(code, code), "score": result.score,
        "before_points": result.before_points, "rank": result.rank, "rank_low": result.rank_low,
        "rank_high": result.rank_high, "group": result.group, "group_rank": result.group_rank,
        "group_size": result.group_size, "coverage": result.coverage,
        "why_unranked": result.why_unranked,
    }  # fmt: skip


@router.get("/runs", response={200: RunPage, **READ}, operation_id="list_evaluation_runs")
def list_runs(
    request: HttpRequest,
    asked: Query[RunFilter],
    cursor: str = "",
    limit: int = 100,
    format: str = "",
) -> dict[str, Any] | HttpResponse:
    """Runs one may see, newest data year first."""
    rows = runs_for_list(_user(request), **asked.dict())
    if format in ("xlsx", "csv"):
        return export(
            request, name="evaluation.runs", title=_("Evaluation runs"), columns=RUN_COLUMNS,
            rows=rows, fmt=format,
        )  # fmt: skip
    page, following = cursor_page(rows, order=("-year", "-id"), cursor=cursor, limit=limit)
    return {"items": [run_out(run) for run in page], "next_cursor": following}


@router.post("/runs", response={201: RunOut, **WRITE}, operation_id="freeze_evaluation_run")
def create_run(request: HttpRequest, sent: RunIn) -> Status[dict[str, Any]]:
    """Freeze a run; compute it with a second call."""
    said = sent.dict()
    run = freeze_run(
        version_id=said.pop("version"), actor=_user(request), now=timezone.now(), **said
    )
    return Status(201, run_out(run))


@router.get("/runs/{run_id}", response={200: RunOut, **READ}, operation_id="get_evaluation_run")
def get_run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """One run."""
    return run_out(_run(request, run_id))


@router.post(
    "/runs/{run_id}/compute", response={202: JobOut, **WRITE}, operation_id="compute_evaluation_run"
)
def compute(request: HttpRequest, run_id: int) -> Status[dict[str, Any]]:
    """Queue the computation."""
    run = _run(request, run_id)
    job = start_computing(run_id=run.pk, actor=_user(request), now=timezone.now())
    return Status(202, {"job": str(job.pk)})


@router.post(
    "/runs/{run_id}/repeat", response={201: RunOut, **WRITE}, operation_id="repeat_evaluation_run"
)
def repeat(request: HttpRequest, run_id: int, sent: RepeatIn) -> Status[dict[str, Any]]:
    """Freeze the run once more with what was upheld and later figures."""
    run = _run(request, run_id)
    again = repeat_run(run_id=run.pk, as_of=sent.as_of, actor=_user(request), now=timezone.now())
    return Status(201, run_out(again))


@router.post(
    "/runs/{run_id}/cancel", response={200: RunOut, **WRITE}, operation_id="cancel_evaluation_run"
)
def cancel(request: HttpRequest, run_id: int, sent: CancelIn) -> dict[str, Any]:
    """Put a run aside."""
    run = _run(request, run_id)
    cancel_run(run_id=run.pk, reason=sent.reason, actor=_user(request), now=timezone.now())
    return run_out(_run(request, run_id))


@router.get(
    "/runs/{run_id}/verify",
    response={200: VerificationOut, 403: Problem, **READ},
    operation_id="verify_evaluation_run",
)
def verify(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Compute the run again from its own rows and compare digests; anyone who sees all may."""
    run = _run(request, run_id)
    if not rules.can_see_all(_user(request), run):
        raise Http404
    found = verify_run(run)
    return {
        "holds": found.holds, "inputs_kept": found.inputs_kept, "inputs_now": found.inputs_now,
        "result_kept": found.result_kept, "result_now": found.result_now,
        "engine_kept": found.engine_kept, "engine_now": found.engine_now, "error": found.error,
    }  # fmt: skip


@router.get(
    "/runs/{run_id}/results",
    response={200: ResultPage, **READ},
    operation_id="list_evaluation_results",
)
def list_results(
    request: HttpRequest, run_id: int, cursor: str = "", limit: int = 100, format: str = ""
) -> dict[str, Any] | HttpResponse:
    """Results of the zones one may see, in order of the zones' codes; as a file by rank."""
    run = _run(request, run_id)
    rows = visible_results(_user(request)).filter(run=run)
    names = Names(run)
    if format in ("xlsx", "csv"):
        field = rows.filter(rank__isnull=False).count()
        return export(
            request, name="evaluation.results",
            title=_("Evaluation results %(year)s") % {"year": run.year}, columns=RESULT_COLUMNS,
            rows=rows_of(names, ordered(rows), field), fmt=format,
        )  # fmt: skip
    page, following = cursor_page(
        rows.defer("detail"), order=("zone__code",), cursor=cursor, limit=limit
    )
    return {"items": [result_out(row, names) for row in page], "next_cursor": following}


@router.get(
    "/runs/{run_id}/zones/{zone}",
    response={200: ReportOut, **READ},
    operation_id="get_evaluation_report",
)
def zone_report(request: HttpRequest, run_id: int, zone: str) -> dict[str, Any]:
    """The report of one zone; raw figures and lifts only of whom one may see figures."""
    user = _user(request)
    rows = visible_results(user).select_related("run__version__scheme")
    result = get_object_or_404(rows, run=run_id, zone__code=zone)
    detail, figures = result.detail, sees_figures(user, result)
    shown = ("points", "score", "raw", "base", "growth") if figures else ("points", "score")
    return {
        **result_out(result, Names(result.run)),
        "nodes": [
            {"code": code, **{key: node.get(key) for key in shown}}
            for code, node in detail["nodes"].items()
        ],
        "contributions": detail["contributions"],
        "vs_median": detail["vs_median"],
        "vs_last_year": detail["vs_last_year"],
        "frequencies": detail["frequencies"],
        "lifts": detail["lifts"] if figures else None,
        "strongest": detail["strongest"],
        "weakest": detail["weakest"],
    }


@router.get(
    "/runs/{run_id}/compare/{other_id}",
    response={200: MovesOut, **READ},
    operation_id="compare_evaluation_runs",
)
def compare(request: HttpRequest, run_id: int, other_id: int) -> dict[str, Any]:
    """Who moved from the first run to the second."""
    user = _user(request)
    run, other = _run(request, run_id), _run(request, other_id)
    for one in (run, other):
        if not rules.can_see_all(user, one) or not one.result_digest:
            raise Http404
    found = moves_between(run, other, figures=rules.is_city_side(user))
    return {
        "moved": found.moved,
        "scheme_differs": found.scheme_differs,
        "moves": [
            {
                "zone": m.code, "name": m.name, "score_before": m.score_before,
                "score_after": m.score_after, "rank_before": m.rank_before,
                "rank_after": m.rank_after, "causes": list(m.causes),
            }
            for m in found.moves(found.order)
        ],
    }  # fmt: skip
