"""The frame, the first page and the house's health."""

from __future__ import annotations

import pytest
from django.test import Client

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit import public as audit
from jingkai.core.ui import search

pytestmark = pytest.mark.django_db


def test_health_names_each_part(client: Client) -> None:
    report = client.get("/healthz").json()
    assert report["ok"] is True
    assert report["migrations"] == {"ok": True, "pending": 0}
    assert set(report) == {"ok", "database", "migrations", "jobs", "audit", "disk"}


def test_health_counts_what_waits_for_its_seal(client: Client) -> None:
    from django.utils import timezone

    before = client.get("/healthz").json()["audit"]["unsealed"]
    audit.record("files.read", actor=None, at=timezone.now())
    assert client.get("/healthz").json()["audit"]["unsealed"] == before + 1


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.LEADER, "/cockpit/"),
        (Role.OFFICE, "/cockpit/"),
        (Role.ZONE_CLERK, "/cockpit/my-work/"),
        (Role.AUDIT_ADMIN, "/admin/audit/"),
        (Role.SYSTEM_ADMIN, "/admin/users/"),
        (Role.ENTERPRISE, "/cockpit/my-work/"),
    ],
)
def test_each_role_has_its_first_page(role: Role, place: str) -> None:
    assert signed_in(UserFactory(role=role)).get("/")["Location"] == place


def test_pages_carry_a_strict_content_policy(client: Client) -> None:
    policy = client.get("/account/sign-in/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy.split("style-src-attr")[0]


def test_search_asks_each_room_once_and_shows_what_it_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def provider(user: object, query: str, limit: int) -> list[search.Hit]:
        asked.append(query)
        return [search.Hit("工业增加值", "/x/", "IND_VA")]

    monkeypatch.setattr(search, "_providers", {})
    search.register_search("test", "指标", provider)
    client = signed_in(UserFactory(role=Role.OFFICE))
    page = client.get("/search/suggest/", {"q": "  工业  增加 "}).content.decode()
    assert asked == ["工业 增加"]
    assert "工业增加值" in page
    assert client.get("/search/suggest/", {"q": " "}).content.decode().strip() == ""
