"""The clock: late days never fall, lights follow data, a tick may be repeated or late."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from jingkai.core.errors import Conflict
from jingkai.core.notices.models import Notice
from jingkai.delivery.supervision import services
from jingkai.delivery.supervision.clock import daily_tick
from jingkai.delivery.supervision.ground import Ground, OfficialCalendar
from jingkai.delivery.supervision.lights import (
    Facts,
    LightCase,
    LightRuleError,
    expected_progress,
    judge,
)
from jingkai.delivery.supervision.models import LateMark, LightEvent, Obligation, ObligationState
from jingkai.delivery.supervision.rulebook import DEFAULT_CASES, load_rulebook
from jingkai.masterdata.reference.public import seed_calendar

from .factories import GROUND, NOW, TODAY, WeekCalendar, after, at, cast, evidence

S = ObligationState


def fresh(obligation: Obligation) -> Obligation:
    return Obligation.objects.get(pk=obligation.pk)


def tick(day: date, ground: Ground = GROUND):
    return daily_tick(now=at(day), ground=ground)


# Lights, without a database


@pytest.mark.parametrize(
    ("facts", "light"),
    [
        (Facts(), "green"),
        (Facts(overdue_days=1), "red"),
        (Facts(rejections=1), "green"),
        (Facts(rejections=2), "red"),
        (Facts(report_late_days=1), "yellow"),
        (Facts(report_late_days=3), "yellow"),
        (Facts(report_late_days=4), "red"),
        (Facts(schedule_gap_percent=Decimal("10")), "green"),
        (Facts(schedule_gap_percent=Decimal("10.1")), "yellow"),
        (Facts(working_days_left=11), "green"),
        (Facts(working_days_left=10), "yellow"),
        (Facts(working_days_left=None), "green"),
        (Facts(working_days_left=5, overdue_days=2), "red"),
    ],
)
def test_the_suggested_rule(facts: Facts, light: str) -> None:
    assert judge(facts, DEFAULT_CASES)[0] == light


def test_another_rule_is_only_data() -> None:
    rows = {
        "slow": {"light": "red", "fact": "schedule_gap_percent", "op": ">", "value": 5},
        "else": {"light": "grey", "fact": "otherwise", "op": "", "value": 0},
    }
    book = load_rulebook(TODAY, lambda code, day: rows if code == "SUPERVISION_LIGHTS" else None)
    assert judge(Facts(schedule_gap_percent=Decimal(6)), book.cases, book.otherwise) == (
        "red",
        "slow",
    )
    assert judge(Facts(overdue_days=9), book.cases, book.otherwise) == ("grey", "")


@pytest.mark.parametrize(
    "case", [("purple", "rejections", ">"), ("red", "mood", ">"), ("red", "rejections", "~")]
)
def test_a_rule_that_means_nothing_is_refused(case) -> None:
    light, fact, op = case
    with pytest.raises(LightRuleError):
        LightCase("x", light, fact, op, Decimal(1))


def test_terms_and_limits_come_from_tables() -> None:
    tables = {
        "URGE_LIMITS": {
            "max_count": {"value": 1, "unit": "次"},
            "answer_working_days": {"value": 4, "unit": "工作日"},
        },
        "SUPERVISION_TERMS": {"late_days": {"value": 1, "unit": "工作日"}},
        "FEEDBACK_INTERVALS": {
            "red": {"value": 7, "unit": "天"},
            "green": {"value": 30, "unit": "天"},
        },
    }
    book = load_rulebook(TODAY, lambda code, day: tables.get(code))
    assert (book.urge_max, book.urge_answer.days, book.late_basis) == (1, 4, "working")
    assert (book.interval("red").days, book.interval("red").basis) == (7, "calendar")
    assert book.interval("yellow").days == 30
    assert book.extension_max == 2  # the default, as no table says otherwise


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 60))
def test_even_progress_never_falls(day: int, span: int, more: int) -> None:
    due = TODAY + timedelta(days=span)
    first = expected_progress(TODAY, due, TODAY + timedelta(days=day))
    later = expected_progress(TODAY, due, TODAY + timedelta(days=day + more))
    assert 0 <= first <= later <= 100


def test_thresholds_of_the_usual_cases_come_from_their_table() -> None:
    rows = {"schedule_gap_percent": {"value": "25", "unit": "%"}}
    book = load_rulebook(TODAY, lambda code, day: rows if code == "TASK_LIGHT_THRESHOLDS" else None)
    assert judge(Facts(schedule_gap_percent=Decimal(20)), book.cases)[0] == "green"
    assert judge(Facts(schedule_gap_percent=Decimal(26)), book.cases)[0] == "yellow"
    assert judge(Facts(rejections=2), book.cases)[0] == "red"


@pytest.mark.django_db
def test_the_official_calendar_knows_make_up_days_and_its_own_end() -> None:
    seed_calendar(now=NOW)
    calendar = OfficialCalendar()
    # Spring Festival 2026: off from 15 to 23 February, at work on Saturday 28 February.
    assert calendar.add_working_days(date(2026, 2, 14), 1) == date(2026, 2, 24)
    assert calendar.working_days_between(date(2026, 2, 27), date(2026, 2, 28)) == 1
    assert calendar.working_days_between(date(2026, 2, 16), date(2026, 2, 20)) == 0
    with pytest.raises(Conflict, match="2090"):
        calendar.add_working_days(date(2090, 1, 1), 1)


# The tick


@pytest.mark.django_db
def test_late_days_grow_with_the_clock_and_only_once_a_day() -> None:
    c = cast(original_due_on=date(2026, 3, 10), next_report_due=date(2026, 5, 1))
    tick(date(2026, 3, 10))
    assert fresh(c.share).late_days == 0
    tick(date(2026, 3, 12))
    tick(date(2026, 3, 12))
    share = fresh(c.share)
    assert (share.late_days, share.report_late_days, share.light) == (2, 0, "red")
    assert LateMark.objects.filter(obligation=share).count() == 1
    assert LightEvent.objects.filter(obligation=share, after="red").count() == 1
    tick(date(2026, 3, 20))  # a week without the machine
    assert fresh(c.share).late_days == 10


@pytest.mark.django_db
def test_late_reporting_and_a_late_task_are_two_things() -> None:
    c = cast(next_report_due=date(2026, 3, 10))
    tick(date(2026, 3, 15))
    share = fresh(c.share)
    assert (share.late_days, share.report_late_days) == (0, 5)
    assert share.light_reason == "report-very-late"


@pytest.mark.django_db
def test_working_days_count_when_the_data_say_so() -> None:
    book = load_rulebook(
        TODAY,
        lambda code, day: (
            {"late_days": {"value": 1, "unit": "工作日"}} if code == "SUPERVISION_TERMS" else None
        ),
    )
    c = cast(original_due_on=date(2026, 3, 6))  # a Friday
    tick(date(2026, 3, 9), Ground(WeekCalendar(), book))
    assert fresh(c.share).late_days == 1


@pytest.mark.django_db
def test_late_days_survive_completion() -> None:
    c = cast(original_due_on=date(2026, 3, 10))
    tick(date(2026, 3, 13))
    share = fresh(c.share)
    share.state, share.completed_at = S.COMPLETED, at(date(2026, 3, 13))
    share.save()
    tick(date(2026, 4, 30))
    assert fresh(c.share).late_days == 3


@pytest.mark.django_db
def test_the_database_keeps_marks_and_light_events() -> None:
    c = cast(original_due_on=date(2026, 3, 10))
    tick(date(2026, 3, 13))
    for table in ("supervision_latemark", "supervision_lightevent"):
        with (
            pytest.raises(IntegrityError, match=table),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table}")
    assert c.share.late_marks.count() == 1


@pytest.mark.django_db
def test_a_worse_light_asks_for_the_next_report_sooner() -> None:
    c = cast(original_due_on=date(2026, 3, 10), next_report_due=date(2026, 3, 30))
    tick(date(2026, 3, 11))
    assert fresh(c.share).next_report_due == date(2026, 3, 18)  # five working days, not twenty


@pytest.mark.django_db
def test_a_year_without_calendar_stops_one_obligation_not_the_tick() -> None:
    class Ends(WeekCalendar):
        def working_days_between(self, start, end):
            if end.year > 2026:
                raise Conflict("2027 is not loaded")
            return super().working_days_between(start, end)

    soon = cast(original_due_on=date(2027, 1, 8), next_report_due=date(2027, 1, 8))
    late = cast(original_due_on=date(2026, 12, 1), next_report_due=date(2027, 1, 8))
    report = tick(date(2026, 12, 28), Ground(Ends(), GROUND.book))
    assert len(report.problems) == 1  # its whole task, due in June, is judged
    assert fresh(late.share).late_days == 27
    assert fresh(soon.share).light == "grey"


@pytest.mark.django_db
def test_reminders_are_said_once_per_stage() -> None:
    c = cast(next_report_due=date(2026, 3, 10))
    for _again in range(3):
        tick(date(2026, 3, 5))
    assert Notice.objects.filter(recipient=c.clerk, kind="supervision.report-due").count() == 1
    tick(date(2026, 3, 9))
    tick(date(2026, 3, 12))
    assert Notice.objects.filter(recipient=c.clerk, kind="supervision.report-due").count() == 3


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.sampled_from(["tick", "report", "reject", "claim", "time"])
        ),
        min_size=1,
        max_size=9,
    )
)
def test_late_days_never_fall_whatever_happens(steps) -> None:
    c = cast(original_due_on=date(2026, 3, 10), next_report_due=date(2026, 3, 6))
    now, seen = NOW, (0, 0)
    for gap, what in steps:
        now += timedelta(days=gap)
        share = fresh(c.share)
        waiting = share.reports.filter(state__in=("submitted", "endorsed")).first()
        try:
            if what == "report":
                services.report_progress(
                    obligation_id=share.pk,
                    progress=10,
                    text="进展",
                    actor=c.clerk,
                    now=now,
                    period=now.date().isoformat(),
                    ground=GROUND,
                )
            elif what == "reject" and waiting:
                services.review_report(
                    report_id=waiting.pk,
                    accept=False,
                    note="退回",
                    actor=c.reviewer,
                    now=now,
                    ground=GROUND,
                )
            elif what == "claim":
                services.claim_completion(
                    obligation_id=share.pk,
                    text="完成",
                    evidence=[evidence(text=str(now))],
                    actor=c.clerk,
                    now=now,
                    ground=GROUND,
                )
            elif what == "time":
                asked = services.request_extension(
                    obligation_id=share.pk,
                    to_date=share.due_on + timedelta(days=5),
                    reason="需要",
                    actor=c.reviewer,
                    now=now,
                    ground=GROUND,
                )
                services.decide_extension(
                    extension_id=asked.pk, grant=True, actor=c.office, now=now, ground=GROUND
                )
            else:
                daily_tick(now=now, ground=GROUND)
        except Conflict:
            continue
        share = fresh(c.share)
        assert share.late_days >= seen[0]
        assert share.report_late_days >= seen[1]
        seen = (share.late_days, share.report_late_days)
        assert share.original_due_on == date(2026, 3, 10)


@pytest.mark.django_db
def test_whole_task_moves_with_its_shares() -> None:
    c = cast()
    cast(parent=c.share.parent)
    Obligation.objects.filter(pk=c.share.pk).update(progress=50, claimed_progress=80)
    daily_tick(now=after(1), ground=GROUND)
    whole = Obligation.objects.get(pk=c.share.parent_id)
    assert (whole.progress, whole.claimed_progress) == (25, 40)


@pytest.mark.django_db
def test_not_signing_does_not_keep_a_task_on_schedule() -> None:
    c = cast(S.ISSUED)
    tick(date(2026, 5, 1))
    assert fresh(c.share).light_reason == "behind-schedule"
    assert Obligation.objects.get(pk=c.share.parent_id).light == "yellow"
