"""What other rooms may use of evaluation."""

from .models import Run, RunInput, RunState, ZoneResult
from .queries.runs import visible_results, visible_runs
from .services.runs import compute_run, freeze_run, repeat_run
from .verifying import Verification, verify_run

__all__ = [
    "Run",
    "RunInput",
    "RunState",
    "Verification",
    "ZoneResult",
    "compute_run",
    "freeze_run",
    "repeat_run",
    "verify_run",
    "visible_results",
    "visible_runs",
]
