"""The frame, the first page and the house's health."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import NoReverseMatch

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit import public as audit
from jingkai.core.ui import navigation, search
from jingkai.core.ui.navigation import navigation_for

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


@pytest.mark.parametrize("role", list(Role))
def test_every_entry_of_the_navigation_opens(role: Role) -> None:
    """What a role is shown, it may open; entries of the house that lead nowhere fail here."""
    person = UserFactory(role=role)
    client = signed_in(person)
    entries = [entry for wing in navigation_for(person, "/") for entry in wing["items"]]
    assert entries
    for entry in entries:
        page = client.get(entry["url"])
        assert page.status_code == 200, entry["url"]
        marked = [
            e for w in navigation_for(person, entry["url"]) for e in w["items"] if e["current"]
        ]
        assert [e["url"] for e in marked] == [entry["url"]]


def test_the_navigation_names_only_pages_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    wing = navigation.Wing("x", (navigation.Item("x", "nowhere:page"),))
    monkeypatch.setattr(navigation, "wings", lambda: (wing,))
    with pytest.raises(NoReverseMatch):
        navigation_for(UserFactory(), "/")
