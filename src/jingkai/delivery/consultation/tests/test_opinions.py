"""Opinions of the public and of bodies: taken once, signed by another, kept without names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import Http404

from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.delivery.consultation import services
from jingkai.delivery.consultation.models import (
    Comment,
    CommentState,
    ConsultationState,
    InvitationState,
    Sender,
)

from .factories import NOW, opened, write

pytestmark = pytest.mark.django_db


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
