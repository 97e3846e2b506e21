"""Long work: queued with its transaction, progress visible, failure told in words."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.errors import InvalidInput
from jingkai.core.jobs import runner
from jingkai.core.jobs.models import Job, JobState

NOW = datetime(2026, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_kinds", {})


def queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return int(cursor.fetchone()[0])


def start(kind: str, owner: Any = None) -> Job:
    return runner.start_job(kind=kind, title="试", arguments={"n": 3}, owner=owner, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_job_is_queued_only_if_its_transaction_commits() -> None:
    runner.register_job("ok", lambda progress, arguments: None)

    def start_then_fail() -> None:
        with transaction.atomic():
            start("ok")
            raise RuntimeError

    before = queued()  # the queue's tables are not emptied between tests
    with pytest.raises(RuntimeError):
        start_then_fail()
    assert (queued() - before, Job.objects.count()) == (0, 0)
    start("ok")
    assert (queued() - before, Job.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_while_the_work_is_still_one_transaction() -> None:
    seen: list[tuple[int, int]] = []

    def work(progress: runner.Progress, arguments: Any) -> dict[str, str]:
        progress.start(3)
        for _ in range(arguments["n"]):
            progress.advance()
        seen.append(Job.objects.values_list("done", "total").get())
        return {"url": "/x/", "message": "好了"}

    runner.register_job("steps", work)
    job = start("steps")
    runner.run_job(job_id=str(job.pk))
    job.refresh_from_db()
    assert seen == [(3, 3)]
    assert (job.state, job.message, job.result_url) == (JobState.DONE, "好了", "/x/")


@pytest.mark.parametrize(
    ("error", "words"),
    [(InvalidInput("第3行缺单位"), "第3行缺单位"), (ZeroDivisionError(), "ZeroDivisionError")],
)
@pytest.mark.django_db(transaction=True)
def test_a_failed_job_says_so_and_leaves_nothing_behind(error: Exception, words: str) -> None:
    def work(progress: runner.Progress, arguments: Any) -> None:
        UserFactory(username="half-written")
        raise error

    runner.register_job("bad", work)
    job = start("bad")
    runner.run_job(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert words in job.message
    assert not type(UserFactory.build()).objects.filter(username="half-written").exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_once_however_often_it_is_delivered() -> None:
    runs: list[int] = []
    runner.register_job("once", lambda progress, arguments: runs.append(1))
    job = start("once")
    runner.run_job(job_id=str(job.pk))
    runner.run_job(job_id=str(job.pk))
    assert runs == [1]


@pytest.mark.django_db(transaction=True)
def test_a_job_that_lost_its_worker_is_begun_again_and_not_for_ever() -> None:
    runs: list[int] = []
    runner.register_job("again", lambda progress, arguments: runs.append(1))
    job = start("again")
    for attempts, state, count in ((1, JobState.DONE, 1), (3, JobState.FAILED, 1)):
        Job.objects.update(state=JobState.RUNNING, attempts=attempts)
        runner.run_job(job_id=str(job.pk))
        job.refresh_from_db()
        assert (job.state, len(runs)) == (state, count)
    assert "3" in job.message


@pytest.mark.django_db(transaction=True)
def test_a_job_somebody_is_at_work_on_is_left_to_them() -> None:
    begun, go_on = threading.Event(), threading.Event()
    runs: list[str] = []

    def work(progress: runner.Progress, arguments: Any) -> None:
        runs.append(threading.current_thread().name)
        begun.set()
        assert go_on.wait(20)

    def carry_out() -> None:
        try:
            runner.run_job(job_id=str(job.pk))
        finally:
            connection.close()

    runner.register_job("long", work)
    job = start("long")
    threads = [threading.Thread(target=carry_out, name=name) for name in ("first", "second")]
    threads[0].start()
    assert begun.wait(20)
    threads[1].start()
    time.sleep(0.3)
    go_on.set()
    for thread in threads:
        thread.join(20)
    job.refresh_from_db()
    assert (runs, job.state, job.attempts) == (["first"], JobState.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_done_is_written_in_the_transaction_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    runner.register_job("ok", lambda progress, arguments: UserFactory(username="kept") and None)
    job = start("ok")
    monkeypatch.setattr(runner.audit, "record", lambda *given, **named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        runner.run_job(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert not type(UserFactory.build()).objects.filter(username="kept").exists()


@pytest.mark.django_db(transaction=True)
def test_work_that_did_nothing_says_so() -> None:
    runner.register_job("no", lambda progress, arguments: {"failed": True, "message": "两处不对"})
    job = start("no")
    runner.run_job(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.message, job.result) == (JobState.FAILED, "两处不对", {})


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_worker_held_is_queued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runner.register_job("ok", lambda progress, arguments: None)
    job = start("ok")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES "
            "(now() - interval '1 hour') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        held = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE args = %s"
        cursor.execute(held, [worker, json.dumps({"job_id": str(job.pk)})])

    async def recover() -> None:
        await runner.recover.func(SimpleNamespace(app=runner.app), 0)
        await sync_to_async(lambda: connection.close())()  # of the thread the queue was asked in

    # In a thread: another test of this process may keep an event loop running in this one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, recover()).result()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, attempts FROM procrastinate_jobs WHERE args = %s",
            [json.dumps({"job_id": str(job.pk)})],
        )
        assert cursor.fetchall() == [("todo", 1)]


@pytest.mark.django_db
def test_only_the_owner_and_the_system_administrator_watch() -> None:
    runner.register_job("ok", lambda progress, arguments: None)
    owner, other = UserFactory(role=Role.OFFICE), UserFactory(role=Role.LEADER)
    job = start("ok", owner)
    url = f"/jobs/{job.pk}/"
    for user, status in ((owner, 200), (other, 404), (UserFactory(role=Role.SYSTEM_ADMIN), 200)):
        assert signed_in(user).get(url).status_code == status
    client = signed_in(owner)
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "every 1s" in fragment
    assert "<html" not in fragment
    Job.objects.update(state=JobState.DONE, finished_at=NOW)
    assert "every 1s" not in client.get(url, headers={"HX-Request": "true"}).content.decode()
