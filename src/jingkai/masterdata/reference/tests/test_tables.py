"""Versions of reference tables: what holds on a date, what may change, and what never."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from jingkai.core.accounts.public import Role, User
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.workflow.public import history
from jingkai.masterdata.reference import public, services
from jingkai.masterdata.reference.models import (
    Confidence,
    ReferenceRow,
    ReferenceTable,
    ReferenceVersion,
    VersionState,
)

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
COLUMNS = [
    {"key": "factor", "title": "系数", "title_en": "Factor", "type": "decimal", "required": True},
    {"key": "since", "title": "起用", "type": "date"},
    {"key": "counts", "title": "计入", "type": "boolean"},
]


@pytest.fixture
def office(db: None) -> User:
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def table(db: None) -> ReferenceTable:
    return ReferenceTable.objects.create(
        code="FACTORS", title="折算系数", title_en="Factors", columns=COLUMNS
    )


def in_force(
    table: ReferenceTable,
    office: User,
    name: str,
    start: date,
    end: date | None = None,
    factor: str = "0.1229",
) -> ReferenceVersion:
    head = services.VersionHead(name, start, end, "测试来源", Confidence.UNVERIFIED)
    draft = services.start_draft(table_id=table.pk, copy_of=None, head=head, actor=office, now=NOW)
    rows = [{"key": "power", "factor": factor, "since": "2026-01-01", "counts": "是"}]
    services.replace_rows(version_id=draft.pk, rows=rows, actor=office, now=NOW)
    return services.put_in_force(version_id=draft.pk, reason="启用", actor=office, now=NOW)


def test_typed_values_on_a_date(table: ReferenceTable, office: User) -> None:
    in_force(table, office, "1", date(2026, 1, 1))
    row = public.lookup("FACTORS", "power", date(2026, 5, 1))
    assert row["factor"] == Decimal("0.1229")
    assert row["since"] == date(2026, 1, 1)
    assert row["counts"] is True
    assert public.is_unverified("FACTORS", date(2026, 5, 1))


def test_no_version_on_the_date_is_an_error(table: ReferenceTable, office: User) -> None:
    in_force(table, office, "1", date(2026, 1, 1))
    with pytest.raises(public.TableNotLoaded, match="FACTORS"):
        public.table_on("FACTORS", date(2025, 12, 31))
    with pytest.raises(public.TableNotLoaded):
        public.table_on("NOWHERE", date(2026, 1, 1))
    with pytest.raises(public.KeyNotInTable, match="gas"):
        public.lookup("FACTORS", "gas", date(2026, 1, 1))


def test_reading_twice_costs_one_query(
    table: ReferenceTable, office: User, django_assert_num_queries: Any
) -> None:
    in_force(table, office, "1", date(2026, 1, 1))
    public.table_on("FACTORS", date(2026, 5, 1))
    with django_assert_num_queries(1):
        public.lookup("FACTORS", "power", date(2026, 6, 1))


def test_a_new_version_ends_the_one_before(table: ReferenceTable, office: User) -> None:
    first = in_force(table, office, "1", date(2026, 1, 1))
    in_force(table, office, "2", date(2026, 7, 1), factor="0.2")
    first.refresh_from_db()
    assert first.effective_to == date(2026, 6, 30)
    assert public.lookup("FACTORS", "power", date(2026, 6, 30))["factor"] == Decimal("0.1229")
    assert public.lookup("FACTORS", "power", date(2026, 7, 1))["factor"] == Decimal("0.2")


def test_a_version_wholly_covered_is_withdrawn_with_its_reason(
    table: ReferenceTable, office: User
) -> None:
    first = in_force(table, office, "1", date(2026, 3, 1), date(2026, 4, 30))
    in_force(table, office, "2", date(2026, 1, 1))
    first.refresh_from_db()
    assert first.state == VersionState.WITHDRAWN
    assert "2" in history(first)[0].reason


def test_a_version_that_would_cut_a_later_one_is_refused(
    table: ReferenceTable, office: User
) -> None:
    in_force(table, office, "1", date(2026, 6, 1))
    with pytest.raises(Conflict, match="2026-06-01"):
        in_force(table, office, "2", date(2026, 1, 1), date(2026, 12, 31))
    assert ReferenceVersion.objects.get(version="2").state == VersionState.DRAFT


def test_rows_in_force_never_change(table: ReferenceTable, office: User) -> None:
    version = in_force(table, office, "1", date(2026, 1, 1))
    with pytest.raises(Conflict):
        services.replace_rows(
            version_id=version.pk, rows=[{"key": "a", "factor": 1}], actor=office, now=NOW
        )
    for attack in (
        lambda: ReferenceRow.objects.filter(version=version).update(values={}),
        lambda: ReferenceRow.objects.filter(version=version).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attack()
    assert public.lookup("FACTORS", "power", date(2026, 5, 1))["factor"] == Decimal("0.1229")


def test_withdrawn_is_not_read_although_it_was_kept_in_memory(
    table: ReferenceTable, office: User
) -> None:
    version = in_force(table, office, "1", date(2026, 1, 1))
    public.table_on("FACTORS", date(2026, 5, 1))
    with pytest.raises(InvalidInput):
        services.withdraw(version_id=version.pk, reason="", actor=office, now=NOW)
    services.withdraw(version_id=version.pk, reason="来源有误", actor=office, now=NOW)
    with pytest.raises(public.TableNotLoaded):
        public.table_on("FACTORS", date(2026, 5, 1))


@pytest.mark.parametrize("state", VersionState.values)
@pytest.mark.parametrize("action", ["put-in-force", "withdraw"])
def test_every_state_and_action(
    table: ReferenceTable, office: User, state: str, action: str
) -> None:
    version = ReferenceVersion.objects.create(
        table=table,
        version="x",
        effective_from=date(2026, 1, 1),
        source="s",
        confidence="confirmed",
        state=state,
        edited_at=NOW,
    )
    ReferenceRow.objects.create(version=version, key="power", position=0, values={"factor": "1"})
    service = {"put-in-force": services.put_in_force, "withdraw": services.withdraw}[action]
    if (state, action) in {("draft", "put-in-force"), ("in-force", "withdraw")}:
        assert service(version_id=version.pk, reason="r", actor=office, now=NOW).state != state
    else:
        with pytest.raises(TransitionNotAllowed):
            service(version_id=version.pk, reason="r", actor=office, now=NOW)


@pytest.mark.parametrize("role", [Role.LEADER, Role.DEPARTMENT_REVIEWER, Role.ZONE_CLERK])
def test_officials_read_and_do_not_write(table: ReferenceTable, office: User, role: str) -> None:
    version = in_force(table, office, "1", date(2026, 1, 1))
    person = UserFactory(role=role)
    with pytest.raises(NotPermitted):
        services.withdraw(version_id=version.pk, reason="r", actor=person, now=NOW)
    browser = signed_in(person)
    assert browser.get("/masterdata/reference/FACTORS/").status_code == 200
    assert browser.get("/masterdata/reference/FACTORS/new-draft/").status_code == 403


def test_a_draft_is_seen_by_the_office_alone(table: ReferenceTable, office: User) -> None:
    head = services.VersionHead("next", date(2027, 1, 1), None, "s", "confirmed")
    draft = services.start_draft(table_id=table.pk, copy_of=None, head=head, actor=office, now=NOW)
    url = f"/masterdata/reference/FACTORS/versions/{draft.pk}/"
    assert signed_in(office).get(url).status_code == 200
    assert signed_in(UserFactory(role=Role.LEADER)).get(url).status_code == 404


def test_the_grid_keeps_what_was_typed_and_writes_all_or_nothing(
    table: ReferenceTable, office: User
) -> None:
    head = services.VersionHead("next", date(2027, 1, 1), None, "s", "confirmed")
    draft = services.start_draft(table_id=table.pk, copy_of=None, head=head, actor=office, now=NOW)
    url = f"/masterdata/reference/FACTORS/versions/{draft.pk}/"
    browser = signed_in(office)
    data = {
        "version": "other-name",
        "effective_from": "2027-01-01",
        "source": "s",
        "confidence": "confirmed",
        "cell-key": ["power", "", "gas"],
        "cell-factor": ["0.5", "", "很多"],
        "cell-since": ["", "", ""],
        "cell-counts": ["否", "", ""],
    }
    refused = browser.post(url, data)
    assert refused.status_code == 422
    assert "很多" in refused.content.decode()
    draft.refresh_from_db()
    assert (draft.version, draft.rows.count()) == ("next", 0)
    assert browser.post(url, {**data, "cell-factor": ["0.5", "", "0.7"]}).status_code == 302
    assert list(draft.rows.values_list("key", flat=True)) == ["power", "gas"]
    assert draft.rows.get(key="power").values == {"factor": "0.5", "since": None, "counts": False}


def test_difference_of_two_versions_is_shown(table: ReferenceTable, office: User) -> None:
    first = in_force(table, office, "1", date(2026, 1, 1))
    second = in_force(table, office, "2", date(2026, 7, 1), factor="0.2")
    url = f"/masterdata/reference/FACTORS/?version={second.pk}&compare={first.pk}"
    rows = signed_in(office).get(url).context["differences"]
    assert [(r.key, r.kind, r.cells) for r in rows] == [
        ("power", "changed", (("系数", "0.1229", "0.2"),))
    ]


@pytest.mark.django_db
def test_list_and_table_cost_do_not_grow(office: User, django_assert_max_num_queries: Any) -> None:
    browser = signed_in(UserFactory(role=Role.LEADER))
    costs: list[tuple[int, int]] = []
    for size in (1, 12):
        for number in range(size):
            table = ReferenceTable.objects.create(
                code=f"T{size}-{number}", title=f"表{size}-{number}", title_en="T", columns=COLUMNS
            )
            for version in range(size):
                in_force(table, office, str(version), date(2026, 1, 1 + version))
        with django_assert_max_num_queries(15) as listed:
            assert browser.get("/masterdata/reference/").status_code == 200
        with django_assert_max_num_queries(15) as opened:
            assert browser.get(f"/masterdata/reference/T{size}-0/").status_code == 200
        costs.append((len(listed), len(opened)))
    assert costs[0] == costs[1]


def test_api_gives_the_version_of_a_day_or_says_there_is_none(
    table: ReferenceTable, office: User
) -> None:
    in_force(table, office, "1", date(2026, 1, 1))
    browser = signed_in(office)
    found = browser.get("/api/v1/reference/tables/FACTORS?on=2026-05-01").json()
    assert found["rows"][0]["values"]["factor"] == "0.1229"
    assert browser.get("/api/v1/reference/tables/FACTORS?on=2025-05-01").status_code == 409
    public.seed_calendar(now=NOW)
    after = browser.get("/api/v1/reference/working-days/2026-02-13/after?count=2").json()
    assert after["result"] == "2026-02-24"
    assert browser.get("/api/v1/reference/working-days/2031-01-06").status_code == 409


@pytest.mark.django_db(transaction=True)
def test_two_at_once_put_a_draft_in_force_once() -> None:
    office = UserFactory(role=Role.OFFICE)
    table = ReferenceTable.objects.create(code="F", title="F", title_en="F", columns=COLUMNS)
    head = services.VersionHead("1", date(2026, 1, 1), None, "s", "confirmed")
    draft = services.start_draft(table_id=table.pk, copy_of=None, head=head, actor=office, now=NOW)
    services.replace_rows(
        version_id=draft.pk, rows=[{"key": "a", "factor": 1}], actor=office, now=NOW
    )
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def attempt() -> None:
        try:
            start.wait()
            services.put_in_force(version_id=draft.pk, reason="r", actor=office, now=NOW)
            outcomes.append("done")
        except TransitionNotAllowed:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused", "refused", "refused"]
