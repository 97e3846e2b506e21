"""Running jobs: the queue holds only the id, the row holds the progress."""

from __future__ import annotations

import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import close_old_connections, connection, connections, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import DomainError

from .models import Job, JobState

Work = Callable[["Progress", Mapping[str, Any]], dict[str, Any] | None]
_kinds: dict[str, Work] = {}
ATTEMPTS: Final = 3
HEARTBEAT_SECONDS: Final = 5.0
STALLED_SECONDS: Final = 20.0


def register_job(kind: str, work: Work) -> None:
    """Make `work` runnable as a job. Raises ValueError when the kind is taken.

    `work(progress, arguments)` may return `message`, `url` and `failed` (true: it did nothing, and
    says why in `message`); the rest is kept as its result. A job whose worker dies is begun again.
    """
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
    """Carry out one job; its failure is told in its row, in words for its owner.

    Who holds the job's advisory lock is at work on it. The lock ends with its connection, and so
    does the work: a job found running whose lock is free lost its worker, nothing of it was
    written, and it is begun again, three times at most. "Done" is written in the transaction of
    the work itself: there is no moment between the two.
    """
    close_old_connections()
    with _alone(job_id):
        job = _claimed(job_id)
        if job is None:
            return
        try:
            with transaction.atomic():
                outcome = _kinds[job.kind](Progress(job.pk), job.arguments) or {}
                failed = outcome.pop("failed", False)
                _finish(job.pk, JobState.FAILED if failed else JobState.DONE, outcome)
        except DomainError as error:
            _finish(job.pk, JobState.FAILED, {"message": str(error)})
        except Exception as error:
            traceback.print_exc()
            message = _("It stopped because of an error (%(kind)s). Nothing was written.")
            _finish(job.pk, JobState.FAILED, {"message": message % {"kind": type(error).__name__}})


@contextmanager
def _alone(job_id: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"job {job_id}"])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"job {job_id}"]
                )


def _claimed(job_id: str) -> Job | None:
    """The job, if it is to be run now; one that lost its worker too often is told as failed."""
    job = Job.objects.filter(pk=job_id, state__in=(JobState.QUEUED, JobState.RUNNING)).first()
    if job is None:
        return None
    if job.attempts >= ATTEMPTS:
        message = _(
            "The worker ended %(count)d times while this was running. Nothing was written; "
            "tell the system administrator."
        )
        _finish(job.pk, JobState.FAILED, {"message": message % {"count": job.attempts}})
        return None
    Job.objects.filter(pk=job_id).update(
        state=JobState.RUNNING, started_at=timezone.now(), attempts=F("attempts") + 1, done=0
    )
    return job


@transaction.atomic
def _finish(job_id: uuid.UUID, state: JobState, outcome: dict[str, Any]) -> None:
    now = timezone.now()
    job = Job.objects.select_for_update().get(pk=job_id)
    job.state, job.finished_at = state, now
    job.message = str(outcome.pop("message", ""))[:500]
    job.result_url = str(outcome.pop("url", ""))[:300]
    job.result = outcome
    if state == JobState.DONE and job.total:
        job.done = job.total
    job.save()
    audit.record(
        "jobs.finished", actor=None, target=job, at=now, details={"state": state, "kind": job.kind}
    )


@app.periodic(cron="* * * * * */10")
@app.task(name="jobs.recover", queue="clock", queueing_lock="jobs.recover", pass_context=True)
async def recover(context: JobContext, timestamp: int) -> None:
    """Queue again what was in the hands of a worker that ended without a word.

    A worker that gives no sign of life for STALLED_SECONDS is taken for dead. Ticks of the clock
    are not repeated: the next one comes.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.task_name == run_job.name:
            await manager.retry_job(job)
        else:
            await manager.finish_job(job, Status.FAILED, delete_job=False)


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
