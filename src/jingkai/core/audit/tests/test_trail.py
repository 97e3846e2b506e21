"""The trail: its chain finds every change, and only the audit administrator reads it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent, AuditSeal
from jingkai.core.audit.public import (
    Sealer,
    record,
    record_read,
    seal_pending,
    unsealed_count,
    verify_chain,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def write(count: int = 5, *, action: str = "record.read", **fields: Any) -> list[AuditEvent]:
    return [
        record(action, actor=None, at=NOW + timedelta(hours=n), **{"summary": f"no {n}", **fields})
        for n in range(count)
    ]


@contextmanager
def tampering(*statements: str) -> Iterator[None]:
    """Do what somebody with the keys of the database could: switch the guard off and change."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")
    yield


def found() -> list[tuple[str, int | None]]:
    return [(problem.kind, problem.event_id) for problem in verify_chain().problems]


def test_an_untouched_chain_holds() -> None:
    write()
    assert seal_pending(now=NOW) == 5
    assert seal_pending(now=NOW) == 0
    report = verify_chain()
    assert (report.ok, report.checked, report.unsealed) == (True, 5, 0)
    assert report.head == AuditSeal.objects.get(position=5).digest


@pytest.mark.parametrize(
    "verb", ["UPDATE audit_auditevent SET summary = ''", "DELETE FROM audit_auditevent"]
)
def test_the_database_refuses_to_change_the_trail(verb: str) -> None:
    write(1)
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        connection.cursor().execute(verb)


@pytest.mark.parametrize(
    "column",
    ["summary = 'x'", "actor_label = 'x'", "at = at + interval '1 second'", "row_count = 7",
     "details = '{\"a\": 1}'", "action = 'x'", "address = '192.0.2.1'"],
)  # fmt: skip
def test_a_changed_row_is_named(column: str) -> None:
    events = write()
    seal_pending(now=NOW)
    with tampering(f"UPDATE audit_auditevent SET {column} WHERE id = {events[2].pk}"):
        assert found() == [("changed", events[2].pk)]


def test_a_removed_row_is_named() -> None:
    events = write()
    seal_pending(now=NOW)
    with tampering(f"DELETE FROM audit_auditevent WHERE id = {events[2].pk}"):
        assert found() == [("removed", events[2].pk)]


def test_a_row_removed_with_its_seal_is_found() -> None:
    events = write()
    seal_pending(now=NOW)
    with tampering(
        f"DELETE FROM audit_auditevent WHERE id = {events[2].pk}",
        f"DELETE FROM audit_auditseal WHERE event_id = {events[2].pk}",
    ):
        problems = verify_chain().problems
        assert [(p.kind, p.position) for p in problems] == [("removed", 4)]
        assert "3" in problems[0].message


def test_swapped_rows_are_both_named() -> None:
    events = write()
    seal_pending(now=NOW)
    a, b = events[1].pk, events[3].pk
    with tampering(
        f"UPDATE audit_auditevent SET id = -1 WHERE id = {a}",
        f"UPDATE audit_auditevent SET id = {a} WHERE id = {b}",
        f"UPDATE audit_auditevent SET id = {b} WHERE id = -1",
    ):
        assert found() == [("changed", a), ("changed", b)]


def test_reordered_seals_are_named() -> None:
    events = write()
    seal_pending(now=NOW)
    with tampering(
        "UPDATE audit_auditseal SET position = -1 WHERE position = 2",
        "UPDATE audit_auditseal SET position = 2 WHERE position = 3",
        "UPDATE audit_auditseal SET position = 3 WHERE position = -1",
    ):
        kinds = found()
        assert {kind for kind, _event in kinds} == {"reordered"}
        assert {events[1].pk, events[2].pk} <= {event for _kind, event in kinds}


def test_a_forged_seal_breaks_its_successor() -> None:
    events = write()
    seal_pending(now=NOW)
    with tampering(
        f"UPDATE audit_auditseal SET digest = repeat('0', 64) WHERE event_id = {events[2].pk}"
    ):
        assert found() == [("changed", events[2].pk), ("reordered", events[3].pk)]


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain() -> None:
    write(300)
    barrier, sealed = threading.Barrier(3), []

    def seal() -> None:
        barrier.wait()
        for _ in range(5):
            sealed.append(seal_pending(now=NOW, limit=50))
        connection.close()

    threads = [threading.Thread(target=seal) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while rest := seal_pending(now=NOW):
        sealed.append(rest)
    assert sum(sealed) == 300
    assert verify_chain().ok


@pytest.mark.django_db(transaction=True)
def test_writers_do_not_wait_for_the_sealer() -> None:
    write(20)
    sealing, written = threading.Event(), threading.Event()
    outcome: list[bool] = []

    def seal_slowly() -> None:
        with transaction.atomic():
            seal_pending(now=NOW)
            sealing.set()
            outcome.append(written.wait(10))
        connection.close()

    thread = threading.Thread(target=seal_slowly)
    thread.start()
    assert sealing.wait(10)
    write(5)  # while the sealer's transaction is still open
    written.set()
    thread.join()
    assert outcome == [True]
    assert unsealed_count() == 5
    assert seal_pending(now=NOW) == 5
    assert verify_chain().ok


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_sealed_later() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            write(1, summary="late")
            begun.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert begun.wait(10)
    write(3)
    assert seal_pending(now=NOW) == 3
    go_on.set()
    thread.join()
    assert seal_pending(now=NOW) == 1
    late = AuditEvent.objects.get(summary="late")
    assert AuditSeal.objects.get(event_id=late.pk).position == 4
    assert verify_chain().ok


@pytest.mark.django_db(transaction=True)
def test_a_sealer_misses_nothing_that_commits_after_it_has_passed() -> None:
    begun, go_on = threading.Event(), threading.Event()
    sealer = Sealer()

    def write_slowly() -> None:
        with transaction.atomic():
            write(1, summary="late")
            begun.set()
            go_on.wait(10)
        connection.close()

    write(2)
    assert sealer.seal(now=NOW) == 2
    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert begun.wait(10)
    write(3)
    assert sealer.seal(now=NOW) == 3
    assert sealer.seal(now=NOW) == 0
    go_on.set()
    thread.join()
    assert sealer.seal(now=NOW) == 1
    assert unsealed_count() == 0
    assert verify_chain().ok


def test_a_pass_that_does_not_reach_the_end_is_gone_on_with() -> None:
    write(5)
    sealer = Sealer()
    assert [sealer.seal(now=NOW, limit=2) for _pass in range(4)] == [2, 2, 1, 0]
    write(2)
    assert sealer.seal(now=NOW) == 2


def test_only_the_first_pass_looks_at_the_whole_trail() -> None:
    sealer = Sealer()
    write(4)
    asked = []
    for _pass in range(2):
        with CaptureQueriesContext(connection) as queries:
            sealer.seal(now=NOW)
        asked += [q["sql"] for q in queries if '"txid" >= ' in q["sql"]]
    assert ['"txid" >= 0' in sql for sql in asked] == [True, False]


@pytest.fixture
def auditor() -> User:
    return UserFactory(role=Role.AUDIT_ADMIN)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDIT_ADMIN])
def test_others_do_not_read_the_trail(role: Role) -> None:
    (event,) = write(1)
    client = signed_in(UserFactory(role=role))
    for path in ("", f"events/{event.pk}/", "?format=csv"):
        assert client.get(f"/admin/audit/{path}").status_code == 403
    assert client.post("/admin/audit/verify/").status_code == 403
    assert client.get("/api/v1/audit/events").status_code == 403
    assert client.get(f"/api/v1/audit/events/{event.pk}").status_code == 403


def test_the_trail_is_paged_both_ways_without_gap(auditor: User) -> None:
    write(120)
    client = signed_in(auditor)
    seen: list[int] = []
    path = "/admin/audit/?action=record.read"
    page = client.get(path).context["page"]
    while True:
        seen += [event.pk for event in page.rows]
        if page.older_than is None:
            break
        page = client.get(f"{path}&before={page.older_than}").context["page"]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 120
    back = client.get(f"{path}&after={page.newer_than}").context["page"]
    assert [event.pk for event in back.rows] == seen[50:100]
    first = client.get(f"{path}&after={back.newer_than}").context["page"]
    assert [event.pk for event in first.rows] == seen[:50]
    assert first.newer_than is None


def test_the_trail_is_searched(auditor: User) -> None:
    person = UserFactory(name="赵某")
    record("record.read", actor=person, target=auditor, at=NOW, summary="企业档案")
    write(2, action="audit.verified")
    client = signed_in(auditor)

    def count(query: str) -> int:
        return len(client.get(f"/admin/audit/?{query}").context["rows"])

    assert count("actor=赵某") == 1
    assert count("q=企业档案") == 1
    assert count("action=audit.") == 2
    assert count("action=record.read") == 1
    assert count(f"target=accounts.user:{auditor.pk}") == 1
    assert count("target=accounts.user:0") == 0
    assert count("since=2026-03-02&until=2026-03-02") == 3
    assert count("until=2026-03-01") == 0
    assert count("since=nonsense") == 3


def test_days_are_local_days(auditor: User) -> None:
    record("record.read", actor=None, at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))  # 00:30 there
    client = signed_in(auditor)
    assert len(client.get("/admin/audit/?since=2026-03-02&until=2026-03-02").context["rows"]) == 1
    assert len(client.get("/admin/audit/?until=2026-03-01").context["rows"]) == 0


def test_the_drawer_shows_change_and_seal(auditor: User) -> None:
    (event,) = write(1, details={"before": {"name": "旧"}, "after": {"name": "新"}, "n": 1})
    client = signed_in(auditor)
    drawer = client.get(f"/admin/audit/events/{event.pk}/", headers={"HX-Request": "true"})
    text = drawer.content.decode()
    assert "<html" not in text
    assert "旧" in text
    assert "新" in text
    assert drawer.context["seal"] is None
    seal_pending(now=NOW)
    sealed = client.get(f"/admin/audit/events/{event.pk}/")
    assert AuditSeal.objects.get().digest in sealed.content.decode()


def test_verifying_on_the_page_names_the_row_and_is_written_down(auditor: User) -> None:
    events = write()
    seal_pending(now=NOW)
    client = signed_in(auditor)
    assert client.post("/admin/audit/verify/").context["report"].ok
    with tampering(f"UPDATE audit_auditevent SET summary = 'x' WHERE id = {events[3].pk}"):
        shown = client.post("/admin/audit/verify/", headers={"HX-Request": "true"})
    assert str(events[3].pk) in shown.content.decode()
    last = AuditEvent.objects.first()
    assert last is not None
    assert (last.action, last.actor_id, last.details["problems"]) == (
        "audit.verified",
        auditor.pk,
        1,
    )


def test_the_export_is_itself_written_down(auditor: User) -> None:
    write(3)
    client = signed_in(auditor)
    out = client.get("/admin/audit/?format=csv&action=record.read")
    assert out.content.decode("utf-8-sig").count("\n") == 4
    assert AuditEvent.objects.get(action="list.exported").row_count == 3


def test_the_api_pages_and_verifies(auditor: User) -> None:
    write(5)
    seal_pending(now=NOW)
    client = signed_in(auditor)
    first = client.get("/api/v1/audit/events?limit=3&action=record.read").json()
    rest = client.get(
        f"/api/v1/audit/events?limit=3&action=record.read&cursor={first['next_cursor']}"
    ).json()
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert len(ids) == 5
    assert ids == sorted(ids, reverse=True)
    assert rest["next_cursor"] == ""
    report = client.post("/api/v1/audit/verification").json()
    assert report["ok"]
    assert report["checked"] >= 5


def test_reading_something_sensitive_is_written_down(auditor: User, rf: Any) -> None:
    request = rf.get("/x/")
    request.user = auditor
    event = record_read(request, "档案", target=auditor, rows=7)
    assert (event.action, event.actor_id, event.row_count) == ("record.read", auditor.pk, 7)
    assert event.at <= timezone.now()
