"""Statements written once say what the ORM would have said, for every value, from any thread."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import DateField, TextField

from jingkai.core.accounts.models import ApiToken, Membership, User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.statements import (
    Given,
    RowMark,
    Statement,
    insert_rows,
    one_of,
    update_rows,
)
from jingkai.masterdata.organisations.tests.factories import BodyFactory

Body: Any = BodyFactory._meta.model
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db
HOSTILE = 'a"b\\c{d,e}\nNULL \t’‘经开%s$1'


def event(**fields: Any) -> AuditEvent:
    return AuditEvent(**{"at": NOW, "action": "record.read", **fields})


def test_a_statement_answers_for_the_values_of_each_run() -> None:
    bodies = BodyFactory.create_batch(3)
    named = Statement(lambda: Body.objects.filter(code=Given("code", TextField())))
    for body in bodies:
        assert named(code=body.code) == [body]
    assert named(code="nobody") == []
    with pytest.raises(KeyError):
        named(other=1)


def test_it_brings_what_is_joined_and_lists_of_columns() -> None:
    user = UserFactory(role=Role.OFFICE)
    held = Statement(
        lambda: Membership.objects.filter(user=Given("user")).select_related("user", "body")
    )
    (row,) = held(user=user.pk)
    with CountNothing():
        assert (row.user.name, row.body.code) == (user.name, row.body.code)
    codes = Statement(
        lambda: Body.objects.filter(one_of("pk", "ids")).order_by("pk").values_list("pk", "code")
    )
    assert codes(ids=[row.body_id]) == [(row.body_id, row.body.code)]
    assert codes(ids=[]) == []
    texts = Statement(lambda: Body.objects.filter(one_of("code", "codes")))
    assert texts(codes={row.body.code, HOSTILE}) == [row.body]


class CountNothing:
    """Nothing is asked of the database inside."""

    def __enter__(self) -> None:
        self.block = connection.execute_wrapper(self._refuse)
        self.block.__enter__()

    def __exit__(self, *error: object) -> None:
        self.block.__exit__(*error)

    @staticmethod
    def _refuse(*_args: Any) -> Any:
        raise AssertionError("a query")


def test_dates_and_empty_values_are_compared_as_the_column_does() -> None:
    body = BodyFactory(valid_from=date(2026, 1, 1))
    since = Statement(
        lambda: Body.objects.filter(pk=Given("pk"), valid_from__lte=Given("day", DateField()))
    )
    assert since(pk=body.pk, day=date(2026, 1, 1)) == [body]
    assert since(pk=body.pk, day=date(2025, 12, 31)) == []
    assert since(pk=body.pk, day=None) == []


def test_a_locking_statement_needs_a_transaction(transactional_db: None) -> None:
    body = BodyFactory()
    locked = Statement(lambda: Body.objects.select_for_update().filter(pk=Given("pk")))
    with transaction.atomic():
        assert locked(pk=body.pk) == [body]
    with pytest.raises(transaction.TransactionManagementError):
        locked(pk=body.pk)


def test_threads_share_a_statement(transactional_db: None) -> None:
    bodies = BodyFactory.create_batch(4)
    named = Statement(lambda: Body.objects.filter(pk=Given("pk")))
    gate, found = threading.Barrier(4), {}

    def ask(body: Body) -> None:
        gate.wait()
        found[body.pk] = [named(pk=body.pk)[0].code for _turn in range(20)]
        connection.close()

    threads = [threading.Thread(target=ask, args=[body]) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {body.pk: [body.code] * 20 for body in bodies}


def test_a_statement_outlives_a_refused_one_and_a_rollback(transactional_db: None) -> None:
    body = BodyFactory()
    named = Statement(lambda: Body.objects.filter(pk=Given("pk")))
    assert named(pk=body.pk) == [body]
    with pytest.raises(DatabaseError), transaction.atomic():
        named(pk="no number")
    assert named(pk=body.pk) == [body]
    connection.close()
    assert named(pk=body.pk) == [body]


def test_a_connection_for_one_request_prepares_nothing(monkeypatch: Any) -> None:
    body = BodyFactory()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    named = Statement(lambda: Body.objects.filter(pk=Given("pk"), kind=HOSTILE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        before = cursor.fetchone()
        assert named(pk=body.pk) == []
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == before


def test_what_is_inserted_is_what_was_given() -> None:
    actor = UserFactory()
    rows = [
        event(summary=HOSTILE, details={"数": [1, None, HOSTILE, 0.5]}, actor=actor, row_count=0),
        event(address="192.0.2.7", at=NOW + timedelta(microseconds=1)),
        event(address="2001:db8::1", summary="", details={}),
    ]
    insert_rows(rows)
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    for row in rows:
        kept = AuditEvent.objects.get(pk=row.pk)
        for name in ("at", "action", "actor_id", "summary", "details", "row_count", "address"):
            assert getattr(kept, name) == getattr(row, name), name
        assert kept.txid > 0
    insert_rows([])


def test_what_does_not_fit_is_refused_not_cut() -> None:
    for wrong in ({"action": "x" * 81}, {"row_count": -1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            insert_rows([event(**wrong)])
    assert not AuditEvent.objects.exists()


def test_rows_are_updated_each_with_its_own_values() -> None:
    first, second, third = UserFactory.create_batch(3)
    first.name, first.locked_until = HOSTILE, NOW
    second.name, second.locked_until = "乙", None
    update_rows([first, second], ["name", "locked_until"])
    assert list(User.objects.order_by("pk").values_list("name", "locked_until")) == [
        (HOSTILE, NOW),
        ("乙", None),
        (third.name, None),
    ]
    token = ApiToken.objects.create(
        user=first, name="t", prefix="p", digest="d", scopes=[], expires_at=NOW
    )
    token.scopes = ["a:read", HOSTILE]
    update_rows([token], ["scopes"])
    token.refresh_from_db()
    assert token.scopes == ["a:read", HOSTILE]


def test_an_update_of_a_row_that_is_gone_or_wrong_is_refused() -> None:
    person = UserFactory()
    gone = User(pk=person.pk + 1000, name="x")
    with pytest.raises(DatabaseError, match="gone"), transaction.atomic():
        update_rows([person, gone], ["name"])
    person.username = UserFactory().username
    with pytest.raises(IntegrityError), transaction.atomic():
        update_rows([person], ["username"])


def test_a_mark_changes_with_its_row_whoever_changes_it() -> None:
    parent = BodyFactory()
    body = BodyFactory(parent=parent)
    marks = Statement(
        lambda: Body.objects.filter(pk=Given("pk")).values_list(
            RowMark("code"), RowMark("parent__code")
        )
    )
    seen = [marks(pk=body.pk)]
    assert marks(pk=body.pk) == seen[0]
    Body.objects.filter(pk=body.pk).update(name_en="twice")
    seen.append(marks(pk=body.pk))
    Body.objects.filter(pk=body.pk).update(name_en="and once more")
    seen.append(marks(pk=body.pk))
    Body.objects.filter(pk=parent.pk).update(name_en="from afar")
    seen.append(marks(pk=body.pk))
    assert len({str(mark) for mark in seen}) == 4


def test_decimals_keep_their_digits() -> None:
    given = Statement(
        lambda: (
            Body.objects.filter(pk=Given("pk"))
            .annotate(n=Given("n", models.DecimalField(max_digits=24, decimal_places=6)))
            .values_list("n", flat=True)
        )
    )
    body = BodyFactory()
    number = Decimal("123456789012345678.123456")
    assert given(pk=body.pk, n=number) == [number]
