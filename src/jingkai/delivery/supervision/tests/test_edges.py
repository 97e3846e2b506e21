"""Pages with and without htmx, exports, and the API, under the same verdicts."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.delivery.supervision import services
from jingkai.delivery.supervision.models import Meeting, Obligation, ObligationState
from jingkai.delivery.supervision.services import _steps

from .factories import GROUND, NOW, cast, evidence

pytestmark = pytest.mark.django_db
S = ObligationState
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _ground(monkeypatch, settings, tmp_path):
    """Pages run at the real time: no test of a page depends on which holidays are loaded."""
    monkeypatch.setattr(_steps, "ground_for", lambda today: GROUND)
    settings.FILES_DIR = tmp_path


def url(name, *args):
    return reverse(f"supervision:{name}", args=args)


@pytest.mark.parametrize(
    ("name", "args"),
    [("list", []), ("board", []), ("review", []), ("meetings", []), ("issue", [])],
)
def test_every_list_opens_for_the_office_even_empty(name, args) -> None:
    client = signed_in(UserFactory(role=Role.OFFICE))
    assert client.get(url(name, *args)).status_code == 200


@pytest.mark.parametrize("state", S.values)
def test_every_card_opens_in_every_state(state) -> None:
    c = cast(state)
    for person in (c.office, c.leader, c.clerk, c.reviewer):
        seen = state not in (S.REGISTERED, S.WITHDRAWN) or person in (c.office, c.leader)
        client = signed_in(person)
        for row in (c.share.pk, c.share.parent_id):
            assert client.get(url("obligation", row)).status_code == (200 if seen else 404)
        number = c.share.task.number
        assert client.get(url("task", number)).status_code == (200 if seen else 404)


def test_fragment_and_page() -> None:
    c = cast()
    client = signed_in(c.office)
    for target in (url("obligation", c.share.pk), url("list"), url("task", c.share.task.number)):
        page, part = client.get(target), client.get(target, **HTMX)
        assert b"<html" in page.content
        assert b"<html" not in part.content
        assert part.content
        assert "HX-Request" in part["Vary"]


def test_signing_by_form_redirects_and_says_what_is_next() -> None:
    c = cast(S.ISSUED)
    client = signed_in(c.reviewer)
    answer = client.post(url("act", c.share.pk, "sign"), follow=True)
    assert answer.redirect_chain == [(url("obligation", c.share.pk), 302)]
    assert b"notice-success" in answer.content
    assert Obligation.objects.get(pk=c.share.pk).state == S.ACTIVE
    again = client.post(url("act", c.share.pk, "sign"))
    assert again.status_code == 409
    assert c.reviewer.name in again.content.decode()


def test_signing_by_htmx_returns_the_card_as_it_is_now() -> None:
    c = cast(S.ISSUED)
    answer = signed_in(c.reviewer).post(url("act", c.share.pk, "sign"), **HTMX)
    assert answer.status_code == 200
    assert b'id="obligation"' in answer.content
    assert b"<html" not in answer.content
    assert b"notice-success" in answer.content


def test_what_was_typed_stays_when_refused() -> None:
    c = cast()
    client = signed_in(c.clerk)
    data = {"period": "2026-03", "progress": "140", "text": "完成了招标文件"}
    answer = client.post(url("act", c.share.pk, "report"), data)
    assert answer.status_code == 422
    assert "完成了招标文件" in answer.content.decode()
    assert b"field-error" in answer.content


def test_a_report_with_files_by_form() -> None:
    c = cast()
    data = {
        "period": "2026-03",
        "progress": "40",
        "text": "完成方案",
        "evidence": [evidence("甲.txt", "甲"), evidence("乙.txt", "乙")],
    }
    answer = signed_in(c.clerk).post(url("act", c.share.pk, "report"), data, follow=True)
    assert answer.status_code == 200
    assert "甲.txt" in answer.content.decode()
    assert "乙.txt" in answer.content.decode()


def test_a_disabled_action_says_why() -> None:
    c = cast(S.ISSUED)
    content = signed_in(c.clerk).get(url("obligation", c.share.pk)).content.decode()
    assert "disabled title=" in content
    answer = signed_in(c.clerk).post(url("act", c.share.pk, "sign"))
    assert answer.status_code == 403


def test_out_of_scope_is_not_found() -> None:
    c, other = cast(), cast()
    client = signed_in(other.clerk)
    assert client.get(url("obligation", c.share.pk)).status_code == 404
    assert client.post(url("act", c.share.pk, "report"), {}).status_code == 404
    assert client.post(url("act", other.share.pk, "no-such")).status_code == 404


def test_review_queue_to_acceptance() -> None:
    c = cast()
    report = services.report_progress(
        obligation_id=c.share.pk,
        progress=30,
        text="进展顺利",
        actor=c.clerk,
        now=NOW,
        ground=GROUND,
    )
    client = signed_in(c.reviewer)
    assert "进展顺利" in client.get(url("review")).content.decode()
    refused = client.post(url("decide-report", report.pk, "reject"), {"note": ""})
    assert refused.status_code == 422
    done = client.post(
        url("decide-report", report.pk, "accept"), {"note": "", "next": "review"}, follow=True
    )
    assert done.redirect_chain == [(url("review"), 302)]
    assert "进展顺利" not in done.content.decode()


def test_bulk_issue_by_form() -> None:
    c = cast(S.REGISTERED)
    client = signed_in(c.office)
    assert c.body.name in client.get(url("issue")).content.decode()
    nothing = client.post(url("issue"), {"due_on": "2099-12-01"})
    assert nothing.status_code == 422
    client.post(url("issue"), {"due_on": "2099-12-01", "obligations": [c.share.pk]})
    assert Obligation.objects.get(pk=c.share.pk).state == S.ISSUED
    assert signed_in(c.clerk).get(url("issue")).status_code == 403


def test_meeting_held_now() -> None:
    office = UserFactory(role=Role.OFFICE)
    client = signed_in(office)
    assert client.post(url("meetings"), {"title": ""}).status_code == 422
    answer = client.post(url("meetings"), {"title": "第三次调度会"}, follow=True)
    assert answer.status_code == 200
    meeting = Meeting.objects.get()
    assert client.get(url("meeting", meeting.pk)).status_code == 200
    assert (
        signed_in(UserFactory(role=Role.ENTERPRISE)).get(url("meeting", meeting.pk)).status_code
        == 404
    )
    assert (
        signed_in(UserFactory(role=Role.LEADER)).post(url("meetings"), {"title": "x"}).status_code
        == 403
    )


def test_assigning_the_lead_marks_the_office() -> None:
    c = cast()
    number = c.share.task.number
    answer = signed_in(c.office).post(
        url("roles", number), {"lead_body": c.body.pk, "reason": "职责所在"}, follow=True
    )
    assert answer.status_code == 200
    assert Obligation.objects.get(pk=c.share.parent_id).body_id == c.body.pk
    held = Obligation.objects.get(pk=c.share.pk).responsibility
    assert (held.role, held.assigned_by) == ("lead", "person")
    refused = signed_in(c.leader).post(
        url("roles", number), {"lead_body": c.body.pk, "reason": "x"}
    )
    assert refused.status_code == 403


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_export_is_what_the_list_shows_and_is_logged(fmt) -> None:
    c, _other = cast(), cast()
    answer = signed_in(c.clerk).get(url("list"), {"format": fmt})
    assert answer.status_code == 200
    event = AuditEvent.objects.get(action="list.exported")
    assert event.row_count == 1
    if fmt == "csv":
        assert c.body.name in answer.content.decode("utf-8-sig")


@pytest.mark.parametrize("rows", [1, 8])
def test_pages_cost_the_same_at_any_length(rows, django_assert_max_num_queries) -> None:
    first = cast()
    for _n in range(rows - 1):
        cast(parent=first.share.parent)
    client = signed_in(first.office)
    for target in (
        url("list"),
        url("list") + "?kind=share",
        url("board"),
        url("obligation", first.share.pk),
    ):
        client.get(target)
        with django_assert_max_num_queries(26):
            assert client.get(target).status_code == 200


# API


def api(client, method, path, data=None):
    call = getattr(client, method)
    if method == "get":
        return call(f"/api/v1/supervision{path}")
    return call(
        f"/api/v1/supervision{path}", json.dumps(data or {}), content_type="application/json"
    )


def test_api_list_and_card() -> None:
    c, _other = cast(), cast()
    client = signed_in(c.clerk)
    page = api(client, "get", "/obligations?kind=share").json()
    assert [item["id"] for item in page["items"]] == [c.share.pk]
    assert page["next_cursor"] == ""
    card = api(client, "get", f"/obligations/{c.share.pk}").json()
    assert set(card["actions"]) == {"report", "claim"}
    assert api(client, "get", f"/obligations/{_other.share.pk}").status_code == 404


def test_api_pages_by_cursor() -> None:
    office = UserFactory(role=Role.OFFICE)
    for _n in range(5):
        cast()
    client, seen, cursor = signed_in(office), [], ""
    while True:
        page = api(client, "get", f"/obligations?kind=share&limit=2&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert sorted(seen) == sorted(
        Obligation.objects.filter(kind="share").values_list("pk", flat=True)
    )
    assert len(seen) == len(set(seen)) == 5


def test_api_statuses() -> None:
    c, other = cast(S.ISSUED), cast(S.ISSUED)
    path = f"/obligations/{c.share.pk}/sign"
    assert api(signed_in(c.clerk), "post", path).status_code == 403
    assert api(signed_in(other.reviewer), "post", path).status_code == 404
    assert api(signed_in(c.reviewer), "post", path).status_code == 200
    late = api(signed_in(c.reviewer), "post", path)
    assert (late.status_code, late["Content-Type"]) == (409, "application/problem+json")
    assert c.reviewer.name in late.json()["detail"]
    bad = api(signed_in(c.office), "post", f"/obligations/{c.share.pk}/withdraw", {"reason": " "})
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "reason"


def test_api_report_and_review_and_changes() -> None:
    c = cast()
    sent = signed_in(c.clerk).post(
        f"/api/v1/supervision/obligations/{c.share.pk}/reports",
        {"progress": 20, "text": "进展", "evidence": [evidence()]},
    )
    assert sent.status_code == 200, sent.content
    done = api(
        signed_in(c.reviewer), "post", f"/reports/{sent.json()['id']}/review", {"accept": True}
    )
    assert done.json()["state"] == "accepted"
    board = api(signed_in(c.office), "get", "/board").json()
    assert [line["body_id"] for line in board["items"]] == [c.body.pk]
    assert api(signed_in(c.office), "get", "/changes").status_code == 200
    assert api(signed_in(c.office), "get", "/meetings").json()["items"] == []
