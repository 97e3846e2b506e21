"""A round: prepared, opened, extended, closed by the clock, answered, published, cancelled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.http import Http404

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.delivery.consultation import services
from jingkai.delivery.consultation.models import (
    Comment,
    ConsultationState,
    InvitedBody,
    Sender,
)
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.masterdata.reference import public as reference

from .factories import CLOSES, NOW, TEXT, opened, version, write

pytestmark = pytest.mark.django_db


def prepared(**fields):
    reference.seed_calendar(now=NOW)
    office = UserFactory(role=Role.OFFICE)
    given = {
        "version_id": version(actor=office).pk, "title": "征求意见", "contact": "办公室",
        "closes_on": CLOSES, "actor": office, "now": NOW,
    }  # fmt: skip
    return services.prepare(**{**given, **fields})


def test_opening_freezes_the_text_with_its_clauses() -> None:
    r = opened()
    assert r.row.text == TEXT
    assert r.row.opens_on == date(2026, 3, 2)
    keys = set(r.row.anchors.values_list("key", flat=True))
    assert {"m01.c01", "m02.c01", "m02.c02"} <= keys
    type(r.row.version).objects.filter(pk=r.row.version_id).update(text="改了")
    assert r.fresh().text == TEXT


def test_a_term_is_checked_against_calendar_and_habit() -> None:
    with pytest.raises(InvalidInput, match="2026-04-05"):
        prepared(closes_on=date(2026, 4, 5))  # a Sunday, and a holiday
    with pytest.raises(InvalidInput):
        prepared(closes_on=date(2026, 3, 20))
    assert prepared(closes_on=date(2026, 3, 20), short_reason="时限要求").pk
    with pytest.raises(reference.CalendarNotLoaded):
        prepared(closes_on=date(2031, 3, 3))
    with pytest.raises(InvalidInput):
        prepared(closes_on=date(2026, 2, 27))


def test_only_a_version_with_a_text_and_once_at_a_time() -> None:
    with pytest.raises(InvalidInput):
        prepared(version_id=version(text="").pk)
    first = prepared()
    with pytest.raises(Conflict):
        prepared(version_id=first.version_id)
    with pytest.raises(Conflict):
        prepared(is_public=False, asks_bodies=False)


def test_only_the_office_prepares_and_opens() -> None:
    row = prepared()
    leader = UserFactory(role=Role.LEADER)
    with pytest.raises(NotPermitted):
        services.open_round(consultation_id=row.pk, actor=leader, now=NOW)
    with pytest.raises(NotPermitted):
        prepared(actor=leader, version_id=version().pk)


def test_a_round_for_bodies_alone_needs_bodies() -> None:
    row = prepared(is_public=False)
    with pytest.raises(InvalidInput):
        services.open_round(consultation_id=row.pk, actor=row.created_by, now=NOW)


def test_bodies_are_told_once_and_those_added_later_too() -> None:
    r = opened()
    assert {n.recipient for n in Notice.objects.filter(kind="consultation.asked")} == {
        r.clerk, r.reviewer,
    }  # fmt: skip
    other = BodyFactory()
    clerk = UserFactory(role=Role.DEPARTMENT_CLERK, body=other)
    services.ask_bodies(
        consultation_id=r.row.pk, body_ids=[other.pk], actor=r.office, now=r.later()
    )
    assert InvitedBody.objects.filter(consultation=r.row).count() == 2
    told = Notice.objects.filter(kind="consultation.asked", recipient=clerk)
    assert told.count() == 1
    assert Notice.objects.filter(kind="consultation.asked").count() == 3


def test_extension_moves_the_deadline_and_the_erasure() -> None:
    r = opened()
    r.say("意见", name="张三")
    with pytest.raises(InvalidInput):
        services.extend(
            consultation_id=r.row.pk, closes_on=CLOSES, reason="x", actor=r.office, now=r.later()
        )
    services.extend(
        consultation_id=r.row.pk, closes_on=date(2026, 4, 15), reason="企业要求", actor=r.office,
        now=r.later(),
    )  # fmt: skip
    assert r.fresh().closes_on == date(2026, 4, 15)
    assert Sender.objects.get().erase_on == date(2026, 10, 15)


def test_closing_by_the_clock_happens_once_and_catches_up() -> None:
    r = opened()
    assert services.close_due(now=r.row.deadline - timedelta(seconds=1)) == 0
    assert services.close_due(now=r.row.deadline + timedelta(days=3)) == 1
    assert services.close_due(now=r.row.deadline + timedelta(days=3)) == 0
    assert r.fresh().state == ConsultationState.CLOSED


def test_bodies_are_reminded_once_two_working_days_before() -> None:
    r = opened()
    monday = r.row.deadline - timedelta(days=3)  # the last day is a Wednesday
    assert services.remind(now=monday - timedelta(days=1)) == 0
    for _n in range(2):
        services.remind(now=monday)
    assert Notice.objects.filter(kind="consultation.reminder").count() == 2  # clerk and reviewer


def test_names_are_erased_when_their_time_is_over_and_opinions_stay() -> None:
    r = opened()
    comment = r.say("提高目标", name="张三", contact="110")
    due = Sender.objects.get().erase_on
    assert due == date(2026, 10, 1)
    assert services.erase(now=r.row.deadline) == 0
    after = r.row.deadline + (due - CLOSES)
    assert services.erase(now=after) == 1
    assert not Sender.objects.exists()
    assert Comment.objects.get() == comment


def test_a_round_is_answered_when_every_opinion_is_and_then_published() -> None:
    r = opened()
    one, two, bad = r.say("提高目标"), r.say("降低目标"), r.say("骂人")
    services.hide(comment_id=bad.pk, reason="辱骂", actor=r.office, now=r.later())
    r.decide(r.topic(one))
    r.closed()
    now = r.row.deadline + timedelta(days=1)
    with pytest.raises(Conflict):
        services.finish(consultation_id=r.row.pk, actor=r.office, now=now)
    r.decide(r.topic(two), "rejected")
    services.finish(consultation_id=r.row.pk, actor=r.office, now=now)
    with pytest.raises(TransitionNotAllowed):
        r.topic(two)
    services.publish(consultation_id=r.row.pk, conclusion="感谢", actor=r.office, now=now)
    with pytest.raises(TransitionNotAllowed):
        services.publish(consultation_id=r.row.pk, actor=r.office, now=now)
    assert r.fresh().state == ConsultationState.PUBLISHED


def test_a_cancelled_round_takes_nothing_more() -> None:
    r = opened()
    with pytest.raises(InvalidInput):
        services.cancel(consultation_id=r.row.pk, reason="", actor=r.office, now=r.later())
    services.cancel(consultation_id=r.row.pk, reason="另行起草", actor=r.office, now=r.later())
    with pytest.raises(Http404):
        r.say("好")
    with pytest.raises(TransitionNotAllowed):
        write(r)
