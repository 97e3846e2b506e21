"""Files of a run through the API: the same files, the same verdicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router

from jingkai.core.api import Problem
from jingkai.core.http import AuthedRequest

from .queries.runs import visible_results, visible_runs
from .services import outputs
from .views.outputs import attachment

router = Router(tags=["evaluation"])
ERRORS: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem}


def _add(name: str, operation: str, summary: str, make: Callable[..., outputs.Output]) -> None:
    @router.get(
        f"/runs/{{run_id}}/{name}",
        operation_id=operation,
        summary=summary,
        description=f"{summary}; the export is written into the trail.",
        response=ERRORS,
    )
    def download(request: AuthedRequest, run_id: int) -> HttpResponse:
        run = get_object_or_404(visible_runs(request.user), pk=run_id)
        return attachment(make(run_id=run.pk, actor=request.user, now=timezone.now()))


_add("workbook", "download_run_workbook", "The run as a workbook with formulas",
     outputs.run_workbook)  # fmt: skip
_add("files", "download_run_files", "The run's files for the console", outputs.run_files)
_add("report", "download_run_report", "The official report on a run", outputs.run_circular)


@router.get(
    "/runs/{run_id}/zones/{zone}/report",
    operation_id="download_zone_report",
    summary="One zone's own official report",
    response=ERRORS,
)
def zone_report(request: AuthedRequest, run_id: int, zone: str) -> HttpResponse:
    """One zone's own report as a Word file."""
    result = get_object_or_404(visible_results(request.user), run_id=run_id, zone__code=zone)
    return attachment(
        outputs.zone_letter(run_id=result.run_id, zone=zone, actor=request.user, now=timezone.now())
    )
