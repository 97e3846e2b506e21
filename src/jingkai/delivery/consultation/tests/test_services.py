"""Every use case: who, when, twice, at once, and what it leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.delivery.consultation import services
from jingkai.delivery.consultation.models import (
    Comment,
    CommentState,
    ConsultationState,
    Decision,
    DecisionState,
    InvitationState,
    InvitedBody,
    Sender,
    SetApart,
)
from jingkai.delivery.consultation.rewriting import revised_text
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.masterdata.reference import public as reference

from .factories import CLOSES, NOW, TEXT, opened, version

pytestmark = pytest.mark.django_db


def prepared(**fields):
    reference.seed_calendar(now=NOW)
    office = UserFactory(role=Role.OFFICE)
    given = {
        "version_id": version(actor=office).pk, "title": "征求意见", "contact": "办公室",
        "closes_on": CLOSES, "actor": office, "now": NOW,
    }  # fmt: skip
    return services.prepare(**{**given, **fields})


# Preparing and opening


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


# The open door


def test_an_opinion_is_taken_once_for_one_form() -> None:
    r = opened()
    sent = [
        services.send_public(
            consultation_id=r.row.pk, key="same", text=words, anchor_key="m01.c01", now=NOW
        )
        for words in ("提高目标", "提高目标", "另一句话")
    ]
    assert Comment.objects.count() == 1
    assert [s.repeated for s in sent] == [False, True, True]
    assert len({s.code for s in sent}) == 1
    assert sent[0].code not in str(Comment.objects.values().get())


def test_nothing_about_the_sender_enters_the_trail() -> None:
    r = opened()
    with_name = r.say("提高目标", name="王小明", contact="13800000000")
    event = AuditEvent.objects.get(action="consultation.comment.sent")
    assert event.address is None
    assert event.actor is None
    assert "王小明" not in f"{event.details}{event.summary}{event.target_label}"
    assert with_name.sender.name == "王小明"
    anonymous = r.say("完善配套")
    assert not Sender.objects.filter(comment=anonymous).exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "长" * 3001}, "text"),
        ({"anchor_key": "m99.c01"}, "clause"),
        ({"sender_kind": "king"}, "sender_kind"),
        ({"contact": "x" * 121}, "contact"),
    ],
)
def test_wrong_input_names_its_field(fields, field) -> None:
    r = opened()
    given = {"consultation_id": r.row.pk, "key": "k", "text": "好", "now": NOW}
    with pytest.raises(InvalidInput) as caught:
        services.send_public(**{**given, **fields})
    assert field in {p.field for p in caught.value.problems}
    assert not Comment.objects.exists()


def test_a_heading_is_no_clause() -> None:
    r = opened()
    heading = r.row.anchors.filter(is_heading=True).first()
    with pytest.raises(InvalidInput):
        r.say("好", clause=heading.key)


def test_the_deadline_is_the_end_of_the_last_day_even_if_the_clock_has_not_run() -> None:
    r = opened()
    last = r.row.deadline - timedelta(seconds=1)
    assert r.say("最后一刻", now=last).pk
    with pytest.raises(TransitionNotAllowed, match="2026-04-01"):
        r.say("晚了", now=r.row.deadline)
    assert r.fresh().state == ConsultationState.OPEN


def test_a_round_of_bodies_alone_has_no_open_door() -> None:
    r = opened()
    type(r.row).objects.filter(pk=r.row.pk).update(is_public=False)
    with pytest.raises(Http404):
        r.say("好")


def test_one_address_is_counted_by_the_hour_and_forgotten_after_a_day() -> None:
    from jingkai.delivery.consultation.models import Knock

    for _n in range(20):
        services.knock(address="192.0.2.7", door="send", now=NOW)
    with pytest.raises(services.TooMany):
        services.knock(address="192.0.2.7", door="send", now=NOW)
    services.knock(address="192.0.2.8", door="send", now=NOW)
    services.knock(address="192.0.2.7", door="look", now=NOW)
    services.knock(address="192.0.2.7", door="send", now=NOW + timedelta(hours=1))
    assert "192.0.2" not in str(list(Knock.objects.values()))
    services.erase(now=NOW + timedelta(days=2))
    assert not Knock.objects.exists()


# Bodies


def write(r, text="建议增加责任单位", **fields):
    return services.write_opinion(
        invitation_id=r.invitation.pk, text=text,
        **{"actor": r.clerk, "now": r.later(), "anchor_key": "m02.c02", **fields},
    )  # fmt: skip


def test_the_clerk_writes_another_signs_and_sends() -> None:
    r = opened()
    draft = write(r)
    write(r, "改后的意见", comment_id=draft.pk)
    for person in (r.clerk, r.office):
        with pytest.raises(NotPermitted):
            services.send_opinions(invitation_id=r.invitation.pk, actor=person, now=r.later())
    services.send_opinions(invitation_id=r.invitation.pk, actor=r.reviewer, now=r.later())
    r.invitation.refresh_from_db()
    assert (r.invitation.state, r.invitation.is_late) == (InvitationState.REPLIED, False)
    (comment,) = Comment.objects.all()
    assert (comment.text, comment.state) == ("改后的意见", CommentState.RECEIVED)
    with pytest.raises(TransitionNotAllowed):
        write(r, "还有")
    with pytest.raises(TransitionNotAllowed):
        services.send_opinions(invitation_id=r.invitation.pk, actor=r.reviewer, now=r.later())


def test_who_wrote_does_not_sign() -> None:
    r = opened()
    write(r, actor=r.reviewer)
    with pytest.raises(NotPermitted):
        services.send_opinions(invitation_id=r.invitation.pk, actor=r.reviewer, now=r.later())


def test_no_opinion_is_declared_by_who_signs_and_not_beside_opinions() -> None:
    r = opened()
    with pytest.raises(NotPermitted):
        services.declare_no_opinion(invitation_id=r.invitation.pk, actor=r.clerk, now=r.later())
    draft = write(r)
    with pytest.raises(InvalidInput):
        services.declare_no_opinion(invitation_id=r.invitation.pk, actor=r.reviewer, now=r.later())
    services.remove_opinion(
        invitation_id=r.invitation.pk, comment_id=draft.pk, actor=r.clerk, now=r.later()
    )
    services.declare_no_opinion(invitation_id=r.invitation.pk, actor=r.reviewer, now=r.later())
    r.invitation.refresh_from_db()
    assert r.invitation.state == InvitationState.NO_OPINION


def test_silence_is_marked_at_the_deadline_and_a_late_reply_stays_late() -> None:
    r = opened()
    r.closed()
    r.invitation.refresh_from_db()
    assert r.invitation.state == InvitationState.SILENT
    late = r.row.deadline + timedelta(hours=1)
    services.declare_no_opinion(invitation_id=r.invitation.pk, actor=r.reviewer, now=late)
    r.invitation.refresh_from_db()
    assert (r.invitation.state, r.invitation.is_late) == (InvitationState.NO_OPINION, True)


def test_urging_has_its_limits() -> None:
    r = opened()
    services.urge(consultation_id=r.row.pk, actor=r.office, now=r.later())
    with pytest.raises(Conflict):
        services.urge(consultation_id=r.row.pk, actor=r.office, now=r.later())
    for day in (2, 3):
        services.urge(consultation_id=r.row.pk, actor=r.office, now=r.later(day))
    with pytest.raises(Conflict):
        services.urge(consultation_id=r.row.pk, actor=r.office, now=r.later(4))


# The clock


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


# Sorting


def test_opinions_go_to_topics_and_an_empty_topic_goes() -> None:
    r = opened()
    one, two = r.say("提高目标"), r.say("目标要提高")
    topic = r.topic(one)
    assert topic.anchor == one.anchor
    joined = r.topic(one, two, title="建议提高目标")
    assert set(joined.comments.all()) == {one, two}
    assert not type(topic).objects.filter(pk=topic.pk).exists()
    services.take_out(comment_id=two.pk, actor=r.office, now=r.later())
    two.refresh_from_db()
    assert (two.state, two.topic) == (CommentState.RECEIVED, None)


def test_a_decided_topic_takes_nothing_in_and_gives_nothing_out() -> None:
    r = opened()
    one, two = r.say("提高目标"), r.say("降低目标")
    topic = r.topic(one)
    r.decide(topic)
    with pytest.raises(Conflict):
        r.topic(two, topic_id=topic.pk)
    with pytest.raises(Conflict):
        r.topic(one)
    with pytest.raises(Conflict):
        services.hide(comment_id=one.pk, reason="辱骂", actor=r.office, now=r.later())


def test_what_is_abusive_is_hidden_with_a_reason_and_never_removed() -> None:
    r = opened()
    one = r.say("骂人的话")
    with pytest.raises(InvalidInput):
        services.hide(comment_id=one.pk, reason=" ", actor=r.office, now=r.later())
    services.hide(comment_id=one.pk, reason="含辱骂内容", actor=r.office, now=r.later())
    with pytest.raises(Conflict):
        r.topic(one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=one.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=one.pk).update(text="好话")
    services.show_again(comment_id=one.pk, actor=r.office, now=r.later())
    assert r.topic(one)


def test_what_is_told_apart_is_kept() -> None:
    r = opened()
    chosen = [r.say(f"意见{n}").pk for n in range(3)]
    for _n in range(2):
        services.tell_apart(
            consultation_id=r.row.pk, comment_ids=chosen, actor=r.office, now=r.later()
        )
    assert SetApart.objects.count() == 3


def test_a_body_s_draft_cannot_be_sorted() -> None:
    r = opened()
    draft = write(r)
    with pytest.raises(Http404):
        r.topic(draft)


# Deciding


def test_two_people_decide_and_every_opinion_of_the_topic_is_answered() -> None:
    r = opened()
    one, two = r.say("提高目标"), r.say("目标要提高")
    topic = r.topic(one, two)
    row = services.propose(
        topic_id=topic.pk, outcome="rejected", reason="与规划一致", actor=r.office, now=r.later()
    )
    with pytest.raises(NotPermitted):
        services.confirm(decision_id=row.pk, actor=r.office, now=r.later())
    with pytest.raises(NotPermitted):
        services.confirm(decision_id=row.pk, actor=r.clerk, now=r.later())
    services.confirm(decision_id=row.pk, actor=r.leader, now=r.later())
    assert set(Comment.objects.values_list("state", flat=True)) == {CommentState.ANSWERED}
    with pytest.raises(TransitionNotAllowed):
        services.confirm(decision_id=row.pk, actor=r.second, now=r.later())


@pytest.mark.parametrize("outcome", ["partly", "rejected", "noted", "adopted"])
def test_a_reason_is_obligatory_unless_changed_words_speak(outcome) -> None:
    r = opened()
    topic = r.topic(r.say("提高目标"))
    with pytest.raises(InvalidInput) as caught:
        services.propose(
            topic_id=topic.pk, outcome=outcome, reason=" ", actor=r.office, now=r.later()
        )
    assert {p.field for p in caught.value.problems} == {"reason"}


def test_only_what_is_adopted_changes_the_text_and_it_must_change() -> None:
    r = opened()
    topic = r.topic(r.say("提高目标"))
    anchor = topic.anchor
    for outcome, words in (
        ("rejected", "别的话"),
        ("adopted", TEXT[anchor.start : anchor.end]),
    ):
        with pytest.raises(InvalidInput) as caught:
            services.propose(
                topic_id=topic.pk, outcome=outcome, reason="有", wording=words, actor=r.office,
                now=r.later(),
            )  # fmt: skip
        assert {p.field for p in caught.value.problems} == {"wording"}


def goal(r):
    return next(a for a in r.row.anchors.all() if "1400亿元" in r.row.text[a.start : a.end])


def test_the_changed_words_are_in_the_text_and_close_the_conflict() -> None:
    r = opened()
    topic = r.topic(r.say("与正文不一致", clause=goal(r).key))
    decision = r.decide(
        topic, wording="到2030年，园区进出口总额达到1474亿元，工业增加值达到100亿元。", reason=""
    )
    assert [c["after"] for c in decision.effect["changes"]] == ["1474亿元"]
    assert "two_values" in {q["kind"] for q in decision.effect["closed"]}
    row = r.fresh()
    assert revised_text(row) == TEXT.replace("1400亿元", "1474亿元")
    assert row.effect["changes"] == list(decision.effect["changes"])
    services.withdraw(decision_id=decision.pk, note="另议", actor=r.office, now=r.later(2))
    row = r.fresh()
    assert revised_text(row) == TEXT
    assert row.effect["empty"]
    assert Comment.objects.get().state == CommentState.SORTED


def test_two_changes_of_one_clause_are_not_confirmed_over_each_other() -> None:
    r = opened()
    key = goal(r).key
    topics = [r.topic(r.say(f"意见{n}", clause=key)) for n in range(2)]
    rows = [
        services.propose(
            topic_id=topic.pk, outcome="adopted", reason="", actor=r.office, now=r.later(),
            wording=f"到2030年，园区进出口总额达到{value}亿元。",
        )
        for topic, value in zip(topics, (1474, 1500), strict=True)
    ]  # fmt: skip
    services.confirm(decision_id=rows[0].pk, actor=r.second, now=r.later())
    with pytest.raises(Conflict):
        services.confirm(decision_id=rows[1].pk, actor=r.second, now=r.later())
    services.send_back(decision_id=rows[1].pk, note="请合并", actor=r.second, now=r.later())
    later = r.decide(topics[1], wording="到2030年，园区进出口总额达到1500亿元。")
    assert "1474亿元" in later.base
    with pytest.raises(Conflict):
        services.withdraw(decision_id=rows[0].pk, note="x", actor=r.office, now=r.later(3))


def test_a_proposal_is_for_the_opinions_that_were_seen() -> None:
    r = opened()
    one = r.say("提高目标")
    topic = r.topic(one)
    r.topic(r.say("另一条"), topic_id=topic.pk)
    with pytest.raises(Conflict):
        services.propose(
            topic_id=topic.pk, outcome="noted", reason="x", seen=[one.pk], actor=r.office,
            now=r.later(),
        )  # fmt: skip
    assert not Decision.objects.exists()


def test_what_is_sent_back_can_be_proposed_anew() -> None:
    r = opened()
    topic = r.topic(r.say("提高目标"))
    row = services.propose(
        topic_id=topic.pk, outcome="noted", reason="研究", actor=r.office, now=r.later()
    )
    with pytest.raises(Conflict):
        services.propose(
            topic_id=topic.pk, outcome="rejected", reason="x", actor=r.second, now=r.later()
        )
    with pytest.raises(InvalidInput):
        services.send_back(decision_id=row.pk, note="", actor=r.second, now=r.later())
    services.send_back(decision_id=row.pk, note="说明理由", actor=r.second, now=r.later())
    assert Notice.objects.filter(kind="consultation.returned", recipient=r.office).count() == 1
    r.decide(topic, "rejected")
    assert list(Decision.objects.order_by("pk").values_list("state", flat=True)) == [
        DecisionState.RETURNED,
        DecisionState.CONFIRMED,
    ]


# Ending


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


# At once


def together(*calls):
    def run(call):
        try:
            return call()
        except Conflict as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_opinion() -> None:
    r = opened()

    def send():
        return services.send_public(
            consultation_id=r.row.pk, key="one", text="提高目标", now=NOW
        ).repeated

    assert sorted(together(send, send, send)) == [False, True, True]
    assert Comment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told() -> None:
    r = opened()
    topic = r.topic(r.say("提高目标"))

    def decide(person, outcome):
        return lambda: services.propose(
            topic_id=topic.pk, outcome=outcome, reason="理由", actor=person, now=r.later()
        )

    results = together(decide(r.office, "noted"), decide(r.second, "rejected"))
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_is_told() -> None:
    r = opened()
    topic = r.topic(r.say("提高目标"))
    row = services.propose(
        topic_id=topic.pk, outcome="noted", reason="理由", actor=r.office, now=r.later()
    )
    results = together(
        *(
            lambda person=person: services.confirm(decision_id=row.pk, actor=person, now=r.later())
            for person in (r.second, r.leader)
        )
    )
    assert sum(isinstance(result, TransitionNotAllowed) for result in results) == 1
    row.refresh_from_db()
    assert row.state == DecisionState.CONFIRMED
