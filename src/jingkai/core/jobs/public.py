"""What other rooms may use of jobs."""

from .models import Job, JobState
from .runner import Progress, periodic, register_job, run_job, start_job

__all__ = ["Job", "JobState", "Progress", "periodic", "register_job", "run_job", "start_job"]
