"""Running jobs: the queue holds only the id, the row holds the progress."""

from __future__ import annotations

import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import close_old_connections, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import DomainError

from .models import Job, JobState

Work = Callable[["Progress", Mapping[str, Any]], dict[str, Any] | None]
_kinds: dict[str, Work] = {}


def register_job(kind: str, work: Work) -> None:
    """Make `work` runnable as a job. Raises ValueError when the kind is taken."""
    if kind in _kinds:
        raise ValueError(f"job kind {kind} is taken")
    _kinds[kind] = work


@dataclass
class Progress:
    """Given to the work: tells how far it is, seen at once although the work is one transaction.

    It writes through a connection of its own, at most twice a second.
    """

    job_id: uuid.UUID
    total: int = 0
    done: int = 0
    _last: float = field(default=0.0, init=False)

    def start(self, total: int, message: str = "") -> None:
        """Say how many steps there are."""
        self.total, self.done = total, 0
        self._write(message, force=True)

    def advance(self, steps: int = 1, message: str = "") -> None:
        """Say that `steps` more are done."""
        self.done = min(self.done + steps, self.total)
        self._write(message, force=self.done == self.total)

    def _write(self, message: str, *, force: bool) -> None:
        if not force and time.monotonic() - self._last < 0.5:
            return
        self._last = time.monotonic()
        apart = connections.create_connection("default")
        try:
            with apart.cursor() as cursor:
                cursor.execute(
                    "UPDATE jobs_job SET done = %s, total = %s, message = %s WHERE id = %s",
                    [self.done, self.total, message[:500], self.job_id],
                )
        finally:
            apart.close()


@transaction.atomic
def start_job(
    *,
    kind: str,
    title: str,
    arguments: Mapping[str, Any],
    owner: User | None,
    now: datetime,
) -> Job:
    """Queue a job inside the caller's transaction: it runs if, and only if, that commits.

    Raises KeyError for an unknown kind.
    """
    _kinds[kind]
    job = Job.objects.create(
        kind=kind, title=title[:200], arguments=dict(arguments), owner=owner, created_at=now
    )
    audit.record("jobs.started", actor=owner, target=job, at=now, details={"kind": kind})
    run_job.defer(job_id=str(job.pk))
    return job


@app.task(name="jingkai.run_job", queue="jobs")
def run_job(job_id: str) -> None:
    """Carry out one job; its failure is told in its row, in words for its owner."""
    close_old_connections()
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, started_at=timezone.now()
    )
    if not claimed:
        return
    job = Job.objects.get(pk=job_id)
    outcome: dict[str, Any] = {}
    try:
        with transaction.atomic():
            outcome = _kinds[job.kind](Progress(job.pk), job.arguments) or {}
        state, message = JobState.DONE, str(outcome.pop("message", ""))
    except DomainError as error:
        state, message = JobState.FAILED, str(error)
    except Exception as error:
        traceback.print_exc()
        state = JobState.FAILED
        message = _("It stopped because of an error (%(kind)s). Nothing was written.") % {
            "kind": type(error).__name__
        }
    now = timezone.now()
    job.refresh_from_db()
    job.state, job.message, job.finished_at = state, message[:500], now
    job.result_url = str(outcome.pop("url", ""))[:300]
    job.result = outcome
    if state == JobState.DONE and job.total:
        job.done = job.total
    job.save()
    audit.record(
        "jobs.finished", actor=None, target=job, at=now, details={"state": state, "kind": job.kind}
    )


def periodic(cron: str, name: str) -> Callable[[Callable[[datetime], object]], None]:
    """Register a function called with the server's time whenever `cron` says so."""

    def register(function: Callable[[datetime], object]) -> None:
        @app.periodic(cron=cron)
        @app.task(name=name, queue="clock", queueing_lock=name)
        def tick(timestamp: int) -> None:
            close_old_connections()
            function(timezone.now())

        tick.__doc__ = f"At {cron}, last asked for with {function.__name__}."

    return register
