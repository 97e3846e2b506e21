"""Working days: holidays, make-up workdays, and years nobody has published yet."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import InvalidInput
from jingkai.masterdata.reference import public, services
from jingkai.masterdata.reference.models import Confidence, ReferenceTable

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.fixture
def calendar(db: None) -> public.WorkingCalendar:
    public.seed_calendar(now=NOW)
    return public.WorkingCalendar()


@pytest.mark.parametrize(
    ("day", "working"),
    [
        # Spring Festival 2026: 15 to 23 February off; Saturdays 14 and 28 February worked.
        (date(2026, 2, 14), True),
        (date(2026, 2, 15), False),
        (date(2026, 2, 17), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        # National Day and Mid-Autumn 2025: 1 to 8 October off; 28 September and 11 October worked.
        (date(2025, 9, 28), True),
        (date(2025, 10, 1), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),
        (date(2025, 10, 12), False),
        # An ordinary Saturday and Monday.
        (date(2026, 3, 7), False),
        (date(2026, 3, 9), True),
    ],
)
def test_known_days(calendar: public.WorkingCalendar, day: date, working: bool) -> None:
    assert calendar.is_working_day(day) is working
    assert public.is_working_day(day) is working


def test_over_the_spring_festival(calendar: public.WorkingCalendar) -> None:
    assert calendar.add(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert calendar.add(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert calendar.between(date(2026, 2, 13), date(2026, 2, 28)) == 6
    assert calendar.add(date(2026, 2, 24), -1) == date(2026, 2, 14)


def test_a_year_not_loaded_is_an_error_and_never_monday_to_friday(
    calendar: public.WorkingCalendar,
) -> None:
    with pytest.raises(public.CalendarNotLoaded, match="2027"):
        public.is_working_day(date(2027, 1, 4))
    with pytest.raises(public.CalendarNotLoaded, match="2027"):
        public.add_working_days(date(2026, 12, 31), 1)
    with pytest.raises(public.CalendarNotLoaded, match="2027"):
        public.working_days_between(date(2026, 12, 30), date(2027, 1, 4))


@pytest.mark.django_db
def test_nothing_loaded_at_all() -> None:
    with pytest.raises(public.CalendarNotLoaded):
        public.is_working_day(date(2026, 3, 9))


def test_seeding_again_changes_nothing(calendar: public.WorkingCalendar) -> None:
    assert public.seed_calendar(now=NOW) == []


def test_the_office_loads_2027_itself(calendar: public.WorkingCalendar) -> None:
    office = UserFactory(role=Role.OFFICE)
    table = ReferenceTable.objects.get(code=public.CALENDAR)
    head = services.VersionHead(
        "2027", date(2027, 1, 1), date(2027, 12, 31), "通知", Confidence.CONFIRMED
    )
    draft = services.start_draft(table_id=table.pk, copy_of=None, head=head, actor=office, now=NOW)
    rows = [{"key": "2027-01-01", "kind": "放假", "name": "元旦"}]
    with pytest.raises(InvalidInput):  # without the row that says the whole year is there
        services.replace_rows(version_id=draft.pk, rows=rows, actor=office, now=NOW)
    rows.insert(0, {"key": "2027", "kind": "全年已载入"})
    services.replace_rows(version_id=draft.pk, rows=rows, actor=office, now=NOW)
    services.put_in_force(version_id=draft.pk, reason="国务院办公厅已公布", actor=office, now=NOW)
    assert public.is_working_day(date(2027, 1, 1)) is False
    assert public.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_a_make_up_workday_is_a_weekend(calendar: public.WorkingCalendar) -> None:
    office = UserFactory(role=Role.OFFICE)
    table = ReferenceTable.objects.get(code=public.CALENDAR)
    head = services.VersionHead("2027", date(2027, 1, 1), date(2027, 12, 31), "通知", "confirmed")
    draft = services.start_draft(table_id=table.pk, copy_of=None, head=head, actor=office, now=NOW)
    rows = [{"key": "2027", "kind": "year"}, {"key": "2027-01-04", "kind": "workday"}]
    with pytest.raises(InvalidInput) as caught:
        services.replace_rows(version_id=draft.pk, rows=rows, actor=office, now=NOW)
    assert "2027-01-04" in caught.value.problems[0].message
    assert draft.rows.count() == 0


days = st.dates(date(2008, 1, 1), date(2022, 12, 31))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(day=days, count=st.integers(-500, 500))
def test_between_is_the_inverse_of_add(
    calendar: public.WorkingCalendar, day: date, count: int
) -> None:
    there = calendar.add(day, count)
    assert calendar.between(day, there) == count
    assert count == 0 or calendar.is_working_day(there)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(a=days, b=days, c=days)
def test_distances_add_up_forwards(
    calendar: public.WorkingCalendar, a: date, b: date, c: date
) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)


def test_many_questions_cost_one_query_a_year(
    calendar: public.WorkingCalendar, django_assert_num_queries
) -> None:
    calendar.is_working_day(date(2026, 3, 9))  # reads the rows into this process
    fresh = public.WorkingCalendar()
    with django_assert_num_queries(1):
        for count in range(1, 100):
            fresh.add(date(2026, 3, 9), count)
