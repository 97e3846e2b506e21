"""Pages and API: who gets in, what is kept, what is never shown, and what lists cost."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.core.documents import read_document
from jingkai.delivery.consultation import queries, rules, services
from jingkai.delivery.consultation.models import Comment, Consultation, ConsultationState, Decision
from jingkai.masterdata.organisations.tests.factories import BodyFactory

from .factories import TEXT, in_state, opened

pytestmark = pytest.mark.django_db
S = ConsultationState


def url(name, *args):
    return reverse(f"consultation:{name}", args=args)


def ticket_in(page) -> str:
    return re.search(r'name="ticket" value="([^"]+)"', page.content.decode())[1]


def code_in(page) -> str:
    return re.search(r'receipt-code">([A-Z0-9-]+)<', page.content.decode())[1]


def send(client, r, **fields):
    form = client.get(url("open-comment", r.row.pk), {"clause": "m01.c01"})
    given = {"ticket": ticket_in(form), "clause": "m01.c01", "text": "建议提高目标",
             "sender_kind": "citizen", **fields}  # fmt: skip
    return given, client.post(url("open-comment", r.row.pk), given)


# The open door


def test_a_stranger_reads_comments_and_looks_up_without_signing_in() -> None:
    r = opened(real_time=True)
    client = Client()
    assert r.row.title in client.get(url("open-list")).content.decode()
    page = client.get(url("open", r.row.pk)).content.decode()
    assert 'id="m01.c01"' in page
    assert "sessionid" not in client.cookies
    given, sent = send(client, r, name="王小明")
    code = code_in(sent)
    again = client.post(url("open-comment", r.row.pk), given)
    assert code_in(again) == code
    assert Comment.objects.count() == 1
    found = client.post(url("receipt"), {"code": code.lower().replace("-", " ")})
    assert "建议提高目标" in found.content.decode()
    assert "王小明" not in found.content.decode()
    assert client.post(url("receipt"), {"code": "AAAA-BBBB-CCCC-DDDD"}).status_code == 404
    assert "no-store" in sent["Cache-Control"]


@pytest.mark.parametrize("state", S.values)
def test_what_a_stranger_sees_follows_the_state(state) -> None:
    r = in_state(state, real_time=True)
    client = Client()
    shown = state not in (S.DRAFT, S.CANCELLED)
    assert client.get(url("open", r.row.pk)).status_code == (200 if shown else 404)
    assert client.get(url("open-comment", r.row.pk)).status_code == (
        200 if state == S.OPEN else 404
    )
    results = client.get(url("open-results", r.row.pk))
    assert results.status_code == (200 if state == S.PUBLISHED else 404)


def test_a_round_of_bodies_is_no_page_for_strangers() -> None:
    r = opened(real_time=True)
    Consultation.objects.filter(pk=r.row.pk).update(is_public=False)
    client = Client()
    for name in ("open", "open-comment"):
        assert client.get(url(name, r.row.pk)).status_code == 404
    assert r.row.title not in client.get(url("open-list")).content.decode()


def test_everything_else_asks_a_stranger_to_sign_in() -> None:
    r = opened(real_time=True)
    for name in ("list", "new"):
        assert "/account/sign-in/" in Client().get(url(name))["Location"]
    for name in ("detail", "desk", "table", "opinion"):
        assert "/account/sign-in/" in Client().get(url(name, r.row.pk))["Location"]


def test_what_was_typed_is_kept_with_a_ticket_that_is_fresh() -> None:
    r = opened(real_time=True)
    client = Client()
    for fields in ({"ticket": "forged"}, {"text": ""}):
        given, answer = send(client, r, proposal="改为一百四十", **fields)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "改为一百四十" in page
        assert ticket_in(answer) != given["ticket"]
    assert not Comment.objects.exists()


def test_after_the_deadline_the_form_says_so() -> None:
    r = opened(real_time=True)
    client = Client()
    form = client.get(url("open-comment", r.row.pk))
    Consultation.objects.filter(pk=r.row.pk).update(
        opens_on=r.row.opens_on - timedelta(days=40), closes_on=r.row.opens_on - timedelta(days=1)
    )
    given = {"ticket": ticket_in(form), "text": "晚了", "sender_kind": "citizen"}
    answer = client.post(url("open-comment", r.row.pk), given)
    assert answer.status_code == 409
    assert "晚了" in answer.content.decode()
    assert "comment/" not in client.get(url("open", r.row.pk)).content.decode()


def test_one_address_cannot_flood(monkeypatch) -> None:
    from jingkai.delivery.consultation.services import public
    from jingkai.delivery.consultation.terms import Terms

    monkeypatch.setattr(public, "terms_on", lambda day: Terms(sends_per_hour=2, looks_per_hour=1))
    r = opened(real_time=True)
    client = Client()
    statuses = [send(client, r)[1].status_code for _n in range(3)]
    assert statuses == [200, 200, 429]
    assert client.post(url("receipt"), {"code": "x"}).status_code == 404
    assert client.post(url("receipt"), {"code": "x"}).status_code == 429


def test_the_answer_is_shown_with_the_results_and_not_before() -> None:
    r = opened(real_time=True)
    client = Client()
    _given, sent = send(client, r)
    code = code_in(sent)
    r.decide(r.topic(Comment.objects.get()), "rejected", reason="与上位规划一致")
    hidden = client.post(url("receipt"), {"code": code}).content.decode()
    assert "与上位规划一致" not in hidden
    services.close_early(consultation_id=r.row.pk, reason="演示", actor=r.office, now=r.later())
    services.finish(consultation_id=r.row.pk, actor=r.office, now=r.later())
    services.publish(consultation_id=r.row.pk, actor=r.office, now=r.later())
    assert "与上位规划一致" in client.post(url("receipt"), {"code": code}).content.decode()
    assert "与上位规划一致" in client.get(url("open-results", r.row.pk)).content.decode()


def published_with_names():
    r = opened(real_time=True)
    said = r.say("建议提高目标", name="王小明", contact="13800000000")
    services.write_opinion(
        invitation_id=r.invitation.pk, text="建议明确口径", anchor_key="m01.c01", actor=r.clerk,
        now=r.later(0),
    )  # fmt: skip
    services.send_opinions(invitation_id=r.invitation.pk, actor=r.reviewer, now=r.later(0))
    of_body = Comment.objects.get(origin="body")
    r.decide(r.topic(said, of_body, title="目标与口径"))
    services.close_early(consultation_id=r.row.pk, reason="演示", actor=r.office, now=r.later())
    services.finish(consultation_id=r.row.pk, actor=r.office, now=r.later())
    services.publish(consultation_id=r.row.pk, actor=r.office, now=r.later())
    return r


def text_of(data: bytes, fmt: str) -> str:
    if fmt == "docx":
        return read_document(data).text
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return str(book.get_sheet_by_index(0).to_python())


@pytest.mark.parametrize("fmt", ["xlsx", "docx"])
def test_the_table_as_a_file_holds_everything_but_persons(fmt) -> None:
    r = published_with_names()
    office = signed_in(r.office).get(url("table", r.row.pk), {"format": fmt})
    inside = text_of(office.content, fmt)
    for words in ("目标与口径", r.body.name, "公民1条", "采纳", "意见来源", "共收到意见2条"):
        assert words in inside
    public = Client().get(url("open-results", r.row.pk), {"format": fmt})
    outside = text_of(public.content, fmt)
    assert "目标与口径" in outside
    assert r.body.name not in outside
    for made in (inside, outside, Client().get(url("open-results", r.row.pk)).content.decode()):
        assert "王小明" not in made
        assert "13800000000" not in made
    (event,) = AuditEvent.objects.filter(action="consultation.table.exported")
    assert event.actor == r.office


def test_a_formula_in_an_opinion_stays_text() -> None:
    r = opened(real_time=True)
    r.topic(r.say("=1+1"))
    data = signed_in(r.office).get(url("table", r.row.pk), {"format": "xlsx"}).content
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


# Names are for the office alone


def test_names_are_seen_by_the_office_alone() -> None:
    r = opened(real_time=True)
    said = r.say("建议提高目标", name="王小明", contact="13800000000")
    assert "王小明" in signed_in(r.office).get(url("comment", said.pk)).content.decode()
    assert "王小明" not in signed_in(r.leader).get(url("comment", said.pk)).content.decode()
    for person in (r.clerk, UserFactory(role=Role.ENTERPRISE), UserFactory(role=Role.AUDIT_ADMIN)):
        assert signed_in(person).get(url("comment", said.pk)).status_code == 404
    for path in ("opinions", "opinions?format=csv", "table"):
        answer = signed_in(r.office).get(f"/api/v1/consultation/rounds/{r.row.pk}/{path}")
        assert answer.status_code == 200
        assert "王小明" not in answer.content.decode()


def test_the_querysets_say_what_the_rules_say() -> None:
    rounds = [in_state(state) for state in S.values]
    draft = services.write_opinion(
        invitation_id=rounds[1].invitation.pk, text="起草中", actor=rounds[1].clerk,
        now=rounds[1].later(),
    )  # fmt: skip
    people = [
        UserFactory(), *(UserFactory(role=role) for role in Role),
        *(p for r in rounds for p in (r.clerk, r.reviewer)),
    ]  # fmt: skip
    seen = 0
    for person in people:
        visible = set(queries.visible_consultations(person))
        assert visible == {c for c in Consultation.objects.all() if rules.can_see(person, c)}
        comments = set(queries.visible_comments(person))
        known = Comment.objects.select_related("invitation")
        assert comments == {c for c in known if rules.can_see_comment(person, c)}
        seen += len(visible) + len(comments)
    assert seen > len(people)
    assert draft not in queries.visible_comments(rounds[1].office)
    assert draft in queries.visible_comments(rounds[1].reviewer)


# Pages


@pytest.mark.parametrize("state", S.values)
def test_every_page_opens_in_every_state(state) -> None:
    r = in_state(state, real_time=True)
    for person in (r.office, r.leader):
        client = signed_in(person)
        assert client.get(url("list")).status_code == 200
        for name in ("detail", "desk", "duplicates", "table", "effect"):
            assert client.get(url(name, r.row.pk)).status_code == 200, name
        for topic in r.row.topics.all():
            assert client.get(url("topic", topic.pk)).status_code == 200
    shown = state not in (S.DRAFT, S.CANCELLED)
    answer = signed_in(r.clerk).get(url("opinion", r.row.pk))
    assert answer.status_code == (200 if shown else 404)
    assert signed_in(r.clerk).get(url("desk", r.row.pk)).status_code == 404
    other = UserFactory(role=Role.DEPARTMENT_CLERK, body=BodyFactory())
    assert signed_in(other).get(url("opinion", r.row.pk)).status_code == 404


def test_the_office_works_through_pages_from_duplicates_to_confirmation() -> None:
    r = opened(real_time=True)
    goal = next(a for a in r.row.anchors.all() if "1400亿元" in r.row.text[a.start : a.end])
    words = "建议将进出口总额目标由1400亿元调整为1474亿元，与正文保持一致"
    one, two = r.say(words, clause=goal.key), r.say(words + "。", clause=goal.key)
    client = signed_in(r.office)
    page = client.get(url("duplicates", r.row.pk)).content.decode()
    assert page.count('name="comments"') == 2
    client.post(
        url("sort", r.row.pk), {"comments": [one.pk, two.pk], "do": "join", "title": "统一目标值"}
    )
    topic = r.row.topics.get()
    assert client.get(url("duplicates", r.row.pk)).content.decode().count('name="comments"') == 0
    new = "到2030年，园区进出口总额达到1474亿元，工业增加值达到100亿元。"
    given = {"outcome": "partly", "reason": "采用1474亿元", "wording": new,
             "seen": f"{one.pk},{two.pk}"}  # fmt: skip
    tried = client.post(url("topic-act", topic.pk, "preview"), given)
    assert tried.status_code == 200
    assert "1474亿元" in tried.content.decode()
    assert not Decision.objects.exists()
    refused = client.post(url("topic-act", topic.pk, "propose"), {**given, "reason": ""})
    assert refused.status_code == 422
    assert "1474亿元，工业" in refused.content.decode()
    client.post(url("topic-act", topic.pk, "propose"), given)
    decision = Decision.objects.get()
    assert client.post(url("decision-act", decision.pk, "confirm")).status_code == 403
    signed_in(r.leader).post(url("decision-act", decision.pk, "confirm"))
    decision.refresh_from_db()
    assert decision.state == "confirmed"
    effect = client.get(url("effect", r.row.pk)).content.decode()
    assert "1400亿元" in effect
    revised = client.get(url("revised", r.row.pk)).content
    assert read_document(revised).text == TEXT.replace("1400亿元", "1474亿元")


def test_untouched_words_are_no_change() -> None:
    r = opened(real_time=True)
    topic = r.topic(r.say("好"))
    present = r.row.text[topic.anchor.start : topic.anchor.end]
    signed_in(r.office).post(
        url("topic-act", topic.pk, "propose"),
        {"outcome": "adopted", "reason": "已在实施中", "wording": present + "\r\n", "seen": ""},
    )
    assert Decision.objects.get().wording == ""


def test_a_refused_move_keeps_what_was_typed() -> None:
    r = opened(real_time=True)
    client = signed_in(r.office)
    answer = client.post(
        url("act", r.row.pk, "extend"), {"closes_on": "2026-01-02", "reason": "企业要求延长"}
    )
    assert answer.status_code == 422
    assert "企业要求延长" in answer.content.decode()
    leader = signed_in(r.leader).post(url("act", r.row.pk, "cancel"), {"reason": "x"})
    assert leader.status_code == 403


def test_a_body_writes_and_another_signs_by_form() -> None:
    r = opened(real_time=True)
    clerk, reviewer = signed_in(r.clerk), signed_in(r.reviewer)
    assert clerk.post(url("opinion-act", r.row.pk, "save"), {"text": ""}).status_code == 422
    clerk.post(
        url("opinion-act", r.row.pk, "save"), {"clause": "m02.c02", "text": "建议增加牵头单位"}
    )
    assert clerk.post(url("opinion-act", r.row.pk, "send")).status_code == 403
    clerk.post(url("opinion-act", r.row.pk, "ask"))
    reviewer.post(url("opinion-act", r.row.pk, "send"))
    assert Comment.objects.get().state == "received"
    page = signed_in(r.office).get(url("desk", r.row.pk)).content.decode()
    assert "建议增加牵头单位" in page


# The API


def call(client, path, body=None, **headers):
    if body is None:
        return client.get(f"/api/v1/consultation{path}")
    return client.post(
        f"/api/v1/consultation{path}", json.dumps(body), content_type="application/json", **headers
    )


def test_the_open_api_takes_an_opinion_once() -> None:
    r = opened(real_time=True)
    client = Client()
    (row,) = call(client, "/open/").json()["items"]
    assert row["id"] == r.row.pk
    keys = {clause["key"] for clause in call(client, f"/open/{row['id']}").json()["clauses"]}
    assert "m02.c02" in keys
    key = {"HTTP_IDEMPOTENCY_KEY": "3f9c1e7a-5b2d-4c8e"}
    body = {"text": "建议提高目标", "clause": "m01.c01"}
    path = f"/open/{row['id']}/opinions"
    answers = [call(client, path, body, **key).json() for _n in range(2)]
    assert [a["repeated"] for a in answers] == [False, True]
    assert answers[0]["code"] == answers[1]["code"]
    found = call(client, "/open/receipt", {"code": answers[0]["code"]}).json()
    assert found["state"] == "received"
    assert call(client, path, body).status_code == 422
    assert call(client, path, body, HTTP_IDEMPOTENCY_KEY="a" * 20).status_code == 422
    assert call(client, "/rounds").status_code == 401


def test_the_api_decides_under_the_same_verdicts() -> None:
    r = opened(real_time=True)
    said = r.say("建议提高目标")
    office, leader = signed_in(r.office), signed_in(r.leader)
    path = f"/rounds/{r.row.pk}"
    topic = call(office, f"{path}/topics", {"comments": [said.pk], "title": "目标"}).json()["id"]
    proposal = {"outcome": "rejected", "reason": "与规划一致", "seen": [said.pk]}
    decision = call(office, f"/topics/{topic}/decisions", proposal).json()["id"]
    assert call(office, f"/decisions/{decision}/confirm", {}).status_code == 403
    assert call(leader, f"/decisions/{decision}/confirm", {}).json()["state"] == "confirmed"
    assert call(leader, f"/decisions/{decision}/confirm", {}).status_code == 409
    (line,) = call(office, f"{path}/table").json()["items"]
    assert line["outcome"] == "rejected"
    assert call(signed_in(r.clerk), f"{path}/table").status_code == 404


def test_the_api_of_a_body() -> None:
    r = opened(real_time=True)
    clerk, reviewer = signed_in(r.clerk), signed_in(r.reviewer)
    path = f"/rounds/{r.row.pk}/opinion"
    assert call(clerk, path, {"text": "建议明确口径"}).status_code == 200
    assert call(clerk, f"{path}/send", {}).status_code == 403
    assert call(reviewer, f"{path}/send", {}).json()["state"] == "replied"
    assert call(signed_in(r.office), path, {"text": "x"}).status_code == 404


# Cost


@pytest.mark.parametrize("size", [1, 12])
def test_pages_cost_the_same_at_any_length(size, django_assert_max_num_queries) -> None:
    r = opened(real_time=True)
    for n in range(size):
        comment = r.say(f"第{n}条：{'甲乙丙丁戊己庚辛壬癸子丑'[n] * 12}")
        if n % 2 == 0:
            r.decide(r.topic(comment), "noted")
    office = signed_in(r.office)
    office.get(url("list"))
    for name, most in (
        ("detail", 16), ("desk", 14), ("duplicates", 10), ("table", 13), ("effect", 9),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            assert office.get(url(name, r.row.pk)).status_code == 200
    with django_assert_max_num_queries(7):
        assert Client().get(url("open", r.row.pk)).status_code == 200
    with django_assert_max_num_queries(4):
        assert Client().get(url("open-list")).status_code == 200
    clerk = signed_in(r.clerk)
    with django_assert_max_num_queries(12):
        assert clerk.get(url("opinion", r.row.pk)).status_code == 200
