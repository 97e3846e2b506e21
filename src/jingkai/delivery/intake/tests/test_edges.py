"""Pages and API: what they show, what they cost, and closed to outsiders."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.intake import services
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceItem

from .factories import NOW, SYNTHETIC, as_upload, office, read

ROOT = "/delivery/documents/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def me(db):
    return office()


@pytest.fixture
def client(me):
    return signed_in(me)


def page_of(version, query: str = "") -> str:
    return f"{ROOT}versions/{version.pk}/{query}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_open_in_both_languages(me, client, language) -> None:
    version = read(actor=me)
    second = read(SYNTHETIC.replace("880", "900"), actor=me, document_id=version.document_id)
    item = version.items.filter(kind=ItemKind.TARGET).first()
    client.cookies["django_language"] = language
    pages = [
        ROOT,
        page_of(version),
        page_of(version, "?page=2&state=questions"),
        page_of(version, "?all=1&kind=finding"),
        page_of(version, "publish/"),
        f"{ROOT}items/{item.pk}/",
        f"{ROOT}compare/?new={second.pk}",
        f"{ROOT}compare/?document={version.document_id}",
        f"/delivery/policy/sentences/target/{item.key.replace(':', '-')}/",
    ]
    for page in pages:
        answer = client.get(page)
        text = answer.content.decode()
        assert answer.status_code == 200, page
        assert 'style="' not in text
        assert "<script>" not in text


def test_upload_leads_to_the_review(me, client) -> None:
    answer = client.post(
        f"{ROOT}upload/",
        {"file": as_upload(SYNTHETIC), "stage": "draft", "title": "某市措施"},
    )

    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert "hx-trigger" in page.content.decode()


def test_a_refused_upload_keeps_what_was_chosen(client) -> None:
    answer = client.post(
        f"{ROOT}upload/",
        {"file": as_upload(b"\x89PNG\r\n\x1a\n0", "a.png"), "stage": "final", "title": "某市措施"},
    )

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "某市措施" in text
    assert 'role="alert"' in text


def test_decisions_with_and_without_javascript(me, client) -> None:
    version = read(actor=me)
    one, two = version.items.filter(kind=ItemKind.MEASURE)[:2]
    url = f"{ROOT}items/{one.pk}/decide/"
    plain = client.post(url, {"action": "accept", "revision": 0})
    piece = client.post(
        f"{ROOT}items/{two.pk}/decide/", {"action": "accept", "revision": 0}, headers=HTMX
    )

    assert plain.status_code == 302
    assert plain["Location"].endswith(f"#item-{one.pk}")
    assert piece.status_code == 200
    assert 'id="review-progress"' in piece.content.decode()
    stale = client.post(url, {"action": "reject", "reason": "x", "revision": 0}, headers=HTMX)
    assert stale.status_code == 409


def test_a_wrong_correction_is_shown_with_what_was_typed(me, client) -> None:
    item = read(actor=me).items.get(key="target:1")
    answer = client.post(
        f"{ROOT}items/{item.pk}/decide/",
        {"action": "correct", "revision": 0, "value": "大约九百", "unit": "亿元"},
    )

    assert answer.status_code == 422
    assert "大约九百" in answer.content.decode()
    item.refresh_from_db()
    assert item.state == ItemState.PENDING


def test_a_redirect_stays_inside(me, client) -> None:
    item = read(actor=me).items.first()
    answer = client.post(
        f"{ROOT}items/{item.pk}/decide/",
        {"action": "accept", "revision": 0, "next": "https://example.org/"},
    )

    assert answer["Location"].startswith(ROOT)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.INSPECTOR, Role.SYSTEM_ADMIN])
def test_outsiders_do_not_learn_that_documents_exist(role) -> None:
    version = read()
    outsider = signed_in(UserFactory(role=role))

    for page in (ROOT, page_of(version), f"{ROOT}items/{version.items.first().pk}/"):
        assert outsider.get(page).status_code == 404


@pytest.mark.django_db
def test_officials_read_and_see_no_buttons() -> None:
    version = read()
    reader = signed_in(UserFactory(role=Role.DEPARTMENT_CLERK))
    text = reader.get(page_of(version, "?page=2")).content.decode()

    assert "data-accept" not in text
    assert 'class="mark' in text


def cost(client, page: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert client.get(page).status_code == 200
    return len(counted)


def test_the_review_costs_the_same_at_any_size(me, client) -> None:
    small = read(actor=me)
    many = "".join(
        f"（{n}）做强产业之{n}。"
        + "".join(f"推进第{n}批{k}类工程建设并形成实效。（市商务局负责）" for k in "甲乙丙丁戊")
        + "\n"
        for n in "一二三四五六七八九"
    )
    large = read(SYNTHETIC.split("（一）")[0] + many, actor=me)
    client.get(page_of(small))

    assert large.items.count() > 2 * small.items.count()
    for query in ("?all=1", "?page=2", "?all=1&state=questions"):
        assert cost(client, page_of(large, query)) <= cost(client, page_of(small, query)) + 1
    assert cost(client, page_of(large, "?all=1")) <= 30


def test_a_long_document_is_paged(me, client) -> None:
    text = SYNTHETIC + "\n".join("各单位要认真落实本措施，形成工作合力。" for _n in range(6000))
    version = read(text, actor=me)
    answer = client.get(page_of(version))

    assert len(version.sections) > 8
    assert len(answer.content) < 400_000


# --- API


def test_the_whole_way_through_the_api(me, client) -> None:
    version = read(actor=me)
    api = "/api/v1/documents"
    found = client.get(f"{api}/versions/{version.pk}").json()
    assert (found["state"], found["number"]) == ("review", 1)
    reading = client.get(f"{api}/versions/{version.pk}/reading").json()["reading"]
    assert reading["counts"]["measures"] == 3
    assert all(finding["message"] for finding in reading["findings"])
    page = client.get(f"{api}/versions/{version.pk}/items?kind=measure&limit=2").json()
    assert len(page["items"]) == 2
    assert page["next_cursor"]
    item = page["items"][0]
    body = {"action": "accept", "revision": item["revision"]}
    decided = client.post(f"{api}/items/{item['id']}/decide", json.dumps(body), "application/json")
    assert decided.json()["state"] == "accepted"
    body = {"action": "reject", "reason": "重复", "revision": 0}
    stale = client.post(f"{api}/items/{item['id']}/decide", json.dumps(body), "application/json")
    assert stale.status_code == 409
    assert stale["Content-Type"] == "application/problem+json"
    taken = client.post(
        f"{api}/versions/{version.pk}/accept", json.dumps({"kind": "measure"}), "application/json"
    )
    assert taken.json() == {"taken": 2, "left": 0}
    early = client.post(f"{api}/versions/{version.pk}/publish", "{}", "application/json")
    assert early.status_code == 409


def test_upload_by_api(client) -> None:
    answer = client.post(
        "/api/v1/documents/versions",
        {"file": as_upload(SYNTHETIC), "stage": "draft", "title": "某市措施"},
    )

    assert answer.status_code == 201
    assert answer.json()["state"] == "reading"


def test_changes_as_page_table_and_api(me, client) -> None:
    old = read(actor=me)
    new = read(SYNTHETIC.replace("880亿元", "920亿元"), actor=me, document_id=old.document_id)
    query = f"?old={old.pk}&new={new.pk}"
    page = client.get(f"{ROOT}compare/{query}").content.decode()
    assert re.search(r"<del>880</del>\s*<ins>920</ins>", page)
    sheet = client.get(f"{ROOT}compare/{query}&format=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0)
    assert any("920" in map(str, row) or 920 in row for row in rows.to_python())
    assert "920" in client.get(f"{ROOT}compare/{query}&format=csv").content.decode("utf-8-sig")
    told = client.get(f"/api/v1/documents/compare{query}").json()
    assert [c["kind"] for c in told["changes"]] == ["target"]


def test_a_discarded_version_takes_no_decisions(me, client) -> None:
    version = read(actor=me)
    services.discard_version(version_id=version.pk, reason="传错", actor=me, now=NOW)
    item = SourceItem.objects.filter(version=version).first()
    answer = client.post(
        f"{ROOT}items/{item.pk}/decide/", {"action": "accept", "revision": 0}, headers=HTMX
    )

    assert answer.status_code == 409
