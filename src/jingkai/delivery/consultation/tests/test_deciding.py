"""Topics and decisions: sorted, decided by two people, at once by several."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.delivery.consultation import services
from jingkai.delivery.consultation.models import (
    Comment,
    CommentState,
    Decision,
    DecisionState,
    SetApart,
)
from jingkai.delivery.consultation.rewriting import revised_text

from .factories import NOW, TEXT, opened, write

pytestmark = pytest.mark.django_db


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
