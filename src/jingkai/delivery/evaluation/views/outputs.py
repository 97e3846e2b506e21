"""Downloads of a run."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.views.decorators.http import require_GET

from jingkai.core.http import AuthedRequest

from ..queries.runs import visible_results, visible_runs
from ..services import outputs

View = Callable[..., HttpResponse]


def attachment(output: outputs.Output) -> HttpResponse:
    """A file as a download that no browser opens inline."""
    response = HttpResponse(output.content, content_type=output.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(output.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _of_run(make: Callable[..., outputs.Output]) -> View:
    @login_required
    @require_GET
    def view(request: AuthedRequest, run_id: int) -> HttpResponse:
        run = get_object_or_404(visible_runs(request.user), pk=run_id)
        return attachment(make(run_id=run.pk, actor=request.user, now=timezone.now()))

    return view


workbook = _of_run(outputs.run_workbook)
files = _of_run(outputs.run_files)
report = _of_run(outputs.run_circular)


@login_required
@require_GET
def zone_report(request: AuthedRequest, run_id: int, zone: str) -> HttpResponse:
    """One zone's own report as a Word file."""
    result = get_object_or_404(visible_results(request.user), run_id=run_id, zone__code=zone)
    return attachment(
        outputs.zone_letter(run_id=result.run_id, zone=zone, actor=request.user, now=timezone.now())
    )
