"""API of circulation, approval and publication."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema

from jingkai.core.accounts.public import CITY_WIDE

from . import rules
from .api_shared import READ, WRITE, ReasonIn, caller
from .models import (
    Run,
    RunState,
)
from .queries.publication import path_of
from .services.publication import approve_run, circulate_run, publish_run, reopen_run

router = Router(tags=["evaluation"])


class StepOut(Schema):
    code: str
    label: str
    who: str
    done: bool
    missing: str


class PublicationOut(Schema):
    """Where a run stands on its way to publication."""

    run: int
    state: RunState
    objections_until: date | None
    inputs_digest: str
    result_digest: str
    steps: list[StepOut]


class CirculateIn(Schema):
    until: date | None = None


def _path(request: HttpRequest, run_id: int) -> dict[str, Any]:
    user = caller(request)
    run = get_object_or_404(Run.objects.select_related("version__scheme", "repeats"), pk=run_id)
    if not user.has_role(*CITY_WIDE) or not rules.can_see_all(user, run):
        raise Http404
    return {
        "run": run.pk,
        "state": run.state,
        "objections_until": run.objections_until,
        "inputs_digest": run.inputs_digest,
        "result_digest": run.result_digest,
        "steps": [
            {"code": s.code, "label": s.label, "who": s.who, "done": s.is_done, "missing": s.why}
            for s in path_of(run, timezone.localdate()).steps
        ],
    }


def _on_run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    _path(request, run_id)
    return {"run_id": run_id, "actor": caller(request), "now": timezone.now()}


@router.get(
    "/runs/{run_id}/publication",
    response={200: PublicationOut, **READ},
    operation_id="get_evaluation_publication",
)
def get_publication(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """What is done, what is missing, who must act."""
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/circulate",
    response={200: PublicationOut, **WRITE},
    operation_id="circulate_evaluation_run",
)
def circulate(request: HttpRequest, run_id: int, sent: CirculateIn) -> dict[str, Any]:
    """Give each zone its own result; they may object until `until` (default: the table's term)."""
    circulate_run(**_on_run(request, run_id), until=sent.until)
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/approve",
    response={200: PublicationOut, **WRITE},
    operation_id="approve_evaluation_run",
)
def approve(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Approve the result; another person than who made it."""
    approve_run(**_on_run(request, run_id))
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/reopen",
    response={200: PublicationOut, **WRITE},
    operation_id="reopen_evaluation_run",
)
def reopen(request: HttpRequest, run_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Take the approval back, with the reason."""
    reopen_run(**_on_run(request, run_id), reason=sent.reason)
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/publish",
    response={200: PublicationOut, **WRITE},
    operation_id="publish_evaluation_run",
)
def publish(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Publish: computed again first, and never changed from then on."""
    publish_run(**_on_run(request, run_id))
    return _path(request, run_id)
