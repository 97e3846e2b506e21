"""What runs hang onto other rooms: the job that computes them, and their words in the trail."""

from __future__ import annotations

from jingkai.core.jobs.public import register_job

from . import audit_runs  # noqa: F401  # registers its words
from .services.runs import JOB_KIND, run_computing


def connect_runs() -> None:
    register_job(JOB_KIND, run_computing)
