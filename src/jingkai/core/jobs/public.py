"""What other rooms may use of jobs."""

from .models import Job, JobState
from .runner import (
    HEARTBEAT_SECONDS,
    STALLED_SECONDS,
    Progress,
    periodic,
    register_job,
    run_job,
    start_job,
)

__all__ = [
    "HEARTBEAT_SECONDS",
    "STALLED_SECONDS",
    "Job",
    "JobState",
    "Progress",
    "periodic",
    "register_job",
    "run_job",
    "start_job",
]
