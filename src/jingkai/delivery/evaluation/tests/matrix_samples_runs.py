"""Two published runs of the matrix's zone and a trial run, for the matrix of permissions."""

from __future__ import annotations

from typing import Any

from jingkai.delivery.evaluation.models import Run, RunKind, RunState
from jingkai.delivery.evaluation.services.runs import compute_run, freeze_run

from .factories import NOW, YEAR, stage


def run_samples(world: Any) -> dict[str, dict[str, object]]:
    made = stage(zones=3)
    runs = []
    for year in (YEAR - 1, YEAR):
        run = freeze_run(
            version_id=made.version.pk, year=year, kind=RunKind.OFFICIAL, as_of=NOW, seed=1,
            replications=100, actor=made.office, now=NOW,
        )  # fmt: skip
        compute_run(run_id=run.pk, actor=made.office, now=NOW)
        Run.objects.filter(pk=run.pk).update(
            state=RunState.PUBLISHED, approved_by=made.second, published_by=made.second
        )
        runs.append(run)
    before, run = runs
    one = {"run_id": run.pk}
    zone = made.zones[0].code
    both = {"run_id": before.pk, "other_id": run.pk}
    operations = (
        "get_evaluation_run", "compute_evaluation_run", "repeat_evaluation_run",
        "cancel_evaluation_run", "verify_evaluation_run", "list_evaluation_results",
        "download_run_workbook", "download_run_files", "download_run_report",
        "evaluation:run-workbook", "evaluation:run-files", "evaluation:run-report-file",
    )  # fmt: skip
    return {
        "evaluation:run": one,
        "evaluation:run-progress": one,
        "evaluation:run-act": {**one, "action": "verify"},
        "evaluation:sensitivity": one,
        "evaluation:compare": both,
        "compare_evaluation_runs": both,
        "evaluation:report": {**one, "zone_code": zone},
        "evaluation:report-lifts": {**one, "zone_code": zone},
        "get_evaluation_report": {**one, "zone": zone},
        "evaluation:zone-report-file": {**one, "zone": zone},
        "download_zone_report": {**one, "zone": zone},
        **dict.fromkeys(operations, one),
    }
