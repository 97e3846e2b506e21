"""Schemes by API: an edition goes out and comes back the same; refusals name the node."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in

from .factories import YEAR, stage
from .scheme_scenes import drafted, edition, indicators, office, published

pytestmark = pytest.mark.django_db
BASE = "/api/v1/evaluation/schemes"


def send(client: Client, method: str, path: str, data: Any = None) -> Any:
    answer = client.generic(method, f"{BASE}{path}", json.dumps(data), "application/json")
    return answer.status_code, json.loads(answer.content) if answer.content else None


def test_an_edition_goes_out_and_comes_back_the_same() -> None:
    actor = office()
    published(actor, edition([row.code for row in indicators()]))
    client = signed_in(actor)
    __, sent = send(client, "GET", "/TEST/1")
    status, draft = send(client, "POST", "/TEST/draft", {"copy_of": 1})
    assert (status, draft["number"], draft["state"]) == (200, 2, "draft")
    assert draft["edition"] == sent["edition"]
    body = {"revision": draft["revision"], "edition": sent["edition"]}
    status, saved = send(client, "PUT", "/TEST/2", body)
    assert status == 200
    assert saved["edition"] == sent["edition"]
    assert saved["revision"] == draft["revision"]  # nothing was said anew
    assert send(client, "DELETE", "/TEST/2")[0] == 204
    assert send(client, "GET", "/TEST/2")[0] == 404


def test_a_scheme_is_made_checked_mended_and_published() -> None:
    client = signed_in(office())
    status, made = send(client, "POST", "", {"code": "NEW", "name": "新方案"})
    assert status == 201
    nodes = made["edition"]["nodes"]
    nodes += [
        {"code": "A", "parent": "ROOT", "name": "甲", "points": "60", "is_leaf": True,
         "direction": 1},
        {"code": "B", "parent": "ROOT", "name": "乙", "points": "39.5", "is_leaf": True},
    ]  # fmt: skip
    body = {"revision": made["revision"], "edition": made["edition"], "reason": "首版"}
    status, saved = send(client, "PUT", "/NEW/1", body)
    assert status == 200
    __, found = send(client, "POST", "/NEW/1/check")
    assert not found["can_be_published"]
    assert {(p["node"], p["code"]) for p in found["problems"]} == {
        ("ROOT", "sum"), ("B", "no_direction"),
    }  # fmt: skip
    assert {h["code"] for h in found["hints"]} == {"no_indicator"}
    status, refused = send(client, "POST", "/NEW/1/publish", {"reason": "首版"})
    assert status == 422
    assert "ROOT" in json.dumps(refused, ensure_ascii=False)
    nodes[2] |= {"points": "40", "direction": -1}
    body["revision"] = saved["revision"]
    assert send(client, "PUT", "/NEW/1", body)[0] == 200
    assert send(client, "PUT", "/NEW/1", {**body, "reason": "旧页"})[0] == 409
    assert send(client, "POST", "/NEW/1/publish", {"reason": "首版"})[0] == 200
    assert send(client, "POST", "/NEW/1/publish", {"reason": "首版"})[0] == 409
    assert send(client, "POST", "/NEW/1/retire", {"reason": "不用"})[1]["state"] == "retired"


def test_what_no_edition_can_say_is_refused() -> None:
    actor = office()
    drafted(actor)
    client = signed_in(actor)
    __, draft = send(client, "GET", "/TEST/1")

    def put(change: Any) -> int:
        given = json.loads(json.dumps(draft["edition"]))
        change(given)
        body = {"revision": draft["revision"], "edition": given}
        return int(send(client, "PUT", "/TEST/1", body)[0])

    for change in (
        lambda e: e.update(wieght=1),
        lambda e: e["nodes"][0].update(points="many"),
        lambda e: e["nodes"][1].update(parent="NOWHERE"),
        lambda e: e["nodes"][2].update(code="A"),
        lambda e: e["nodes"][2].update(direction=2),
        lambda e: e["nodes"][2].update(indicator="NOBODY"),
        lambda e: e.update(nodes=[]),
        lambda e: e.update(first_year=1800),
    ):
        assert put(change) == 422


def test_who_may_read_and_write() -> None:
    published(office())
    drafted(office(), code="HIDDEN", name="未发布")
    for role, sees in ((Role.LEADER, 200), (Role.ZONE_CLERK, 200), (Role.ENTERPRISE, 404)):
        client = signed_in(UserFactory(role=role))
        assert send(client, "GET", "/TEST/1")[0] == sees
        assert send(client, "GET", "/HIDDEN/1")[0] == 404
        status, listed = send(client, "GET", "")
        assert status == sees
        if sees == 200:
            assert [row["code"] for row in listed["items"]] == ["TEST"]
            assert send(client, "POST", "/TEST/draft", {})[0] == 403
            assert send(client, "GET", "/compare?one=TEST-1&two=TEST-1&year=2025")[0] == 403


def test_two_schemes_are_compared() -> None:
    scene = stage()
    code = scene.scheme.code
    client = signed_in(scene.office)
    status, found = send(client, "GET", f"/compare?one={code}-1&two={code}-1&year={YEAR}")
    assert status == 200
    assert found["movers"] == 0
    assert [row["ranks"] for row in found["items"]] == [[n, n] for n in range(1, 6)]
    assert send(client, "GET", f"/compare?one={code}-9&two={code}-1&year={YEAR}")[0] == 404
