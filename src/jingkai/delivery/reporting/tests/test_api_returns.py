"""The API of returns, from listing to verification, with a department's token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jingkai.core.accounts.models import User
from jingkai.core.accounts.public import create_token
from jingkai.delivery.reporting.models import CellState, ReturnState
from jingkai.delivery.reporting.tests.factories import RuleFactory, people_of, sent, signed, stage
from jingkai.delivery.reporting.tests.workbooks import put, template

pytestmark = pytest.mark.django_db
BASE = "/api/v1/reporting"


class Api:
    """A system that speaks for one person."""

    def __init__(self, user: User) -> None:
        _row, secret = create_token(
            user=user,
            name="上报系统",
            scopes=["reporting:read", "reporting:write"],
            days=30,
            actor=user,
            now=datetime.now(UTC),
        )
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str) -> Any:
        return self.client.get(BASE + path)

    def send(self, method: str, path: str, **body: Any) -> Any:
        call = getattr(self.client, method)
        return call(BASE + path, body, content_type="application/json")


def test_one_return_from_the_list_to_the_official_figure() -> None:
    world = stage()
    RuleFactory(code="not-negative")
    clerk, leader, verifier = Api(world.clerk), Api(world.leader), Api(world.verifier)
    (listed,) = clerk.get("/returns?mine=true").json()["items"]
    assert (listed["period"], listed["state"], listed["revision"]) == ("2026-09", "draft", 0)
    path = f"/returns/{listed['id']}"
    detail = clerk.get(path).json()
    assert [gap["code"] for gap in detail["gaps"]] == ["unanswered", "unanswered"]
    cells = [cell["id"] for cell in detail["cells"]]

    wrong = clerk.send("put", f"{path}/cells", changes=[{"cell": cells[0], "raw": "-5"}]).json()
    assert [f["rule"] for f in wrong["findings"]] == ["not-negative"]
    assert not wrong["may_be_sent"]
    changes = [{"cell": cell, "raw": f"{n}000万元"} for n, cell in enumerate(cells, 1)]
    saved = clerk.send("put", f"{path}/cells", changes=changes, revision=1).json()
    assert [cell["value"] for cell in saved["saved"]] == ["0.1", "0.2"]
    again = clerk.send("put", f"{path}/cells", changes=changes, revision=2).json()
    assert (again["saved"], again["unchanged"], again["revision"]) == ([], 2, 2)
    assert clerk.send("put", f"{path}/cells", changes=changes, revision=1).status_code == 409

    assert clerk.send("post", f"{path}/submit", revision=2).json()["state"] == "submitted"
    assert clerk.send("post", f"{path}/submit").status_code == 200  # a repeat changes nothing
    assert leader.send("post", f"{path}/submit").status_code == 403
    digest = leader.get(path).json()["digest"]
    assert leader.send("post", f"{path}/sign", digest="0" * 64).status_code == 409
    assert leader.send("post", f"{path}/sign", digest=digest).json()["digest"] == digest
    assert clerk.send("post", "/cells/verify", cells=cells).status_code == 403
    done = verifier.send("post", "/cells/verify", cells=cells).json()
    assert (done["events"], [c["state"] for c in done["verified"]]) == (2, ["verified"] * 2)
    assert world.own.state == ReturnState.VERIFIED


def test_taking_back_and_sending_back() -> None:
    world = stage()
    sent(world)
    path = f"/returns/{world.own.pk}"
    assert Api(world.clerk).send("post", f"{path}/take-back").json()["state"] == "draft"
    Api(world.clerk).send("post", f"{path}/submit")
    assert Api(world.leader).send("post", f"{path}/send-back", reason=" ").status_code == 422
    back = Api(world.leader).send("post", f"{path}/send-back", reason="请核对单位")
    assert back.json()["state"] == "draft"


def test_single_cells_return_and_are_unlocked() -> None:
    world = stage()
    signed(world)
    first, second = world.cell(0), world.cell(1)
    verifier, clerk = Api(world.verifier), Api(world.clerk)
    assert verifier.send("post", "/cells/return", cells=[first.pk], code="unit", text="x").json()
    assert world.cell(0).state == CellState.RETURNED
    path = f"/returns/{world.own.pk}/unlocks"
    asked = clerk.send("post", path, cells=[second.pk], reason="录入有误").json()
    assert asked["state"] == "requested"
    decide = f"/unlocks/{asked['id']}/decide"
    assert clerk.send("post", decide, grant=True).status_code == 403
    assert Api(world.office).send("post", decide, grant=True, hours=8).json()["expires_at"]
    assert world.cell(1).state == CellState.UNLOCKED


def test_a_workbook_by_the_api() -> None:
    world = stage()
    api = Api(world.clerk)
    got = api.get(f"/returns/{world.own.pk}/template")
    assert got.content.startswith(b"PK")
    path = f"{BASE}/returns/{world.own.pk}/workbooks"

    def send(content: bytes, **fields: Any) -> Any:
        file = SimpleUploadedFile("表.xlsx", content)
        return api.client.post(path, {"file": file, **fields})

    refused = send(template(world.own, put(E6="约", E7=2))).json()
    assert (refused["outcome"], [m["cell"] for m in refused["marks"]]) == ("refused", ["E6"])
    assert api.get(f"/workbooks/{refused['id']}/painted").content.startswith(b"PK")
    taken = send(template(world.own, put(E6=1, E7=2)), send=True).json()
    assert (taken["outcome"], taken["saved"], taken["revision"]) == ("sent", 2, 1)
    damaged = send(b"PK")
    assert damaged.status_code == 422
    assert damaged.json()["errors"][0]["code"] == "damaged"


def test_what_is_out_of_scope_does_not_exist() -> None:
    world = stage()
    other, _leader = people_of(world.zones[1])
    api, number, cell = Api(other), world.own.pk, world.cell(0).pk
    assert [row["id"] for row in api.get("/returns").json()["items"]] == [
        world.of(world.zones[1]).pk
    ]
    assert api.get(f"/returns/{number}").status_code == 404
    assert api.get(f"/returns/{number}/template").status_code == 404
    assert api.send("put", f"/returns/{number}/cells", changes=[]).status_code == 404
    assert api.send("post", "/cells/verify", cells=[cell]).status_code == 404
    assert api.send("post", f"/cells/{cell}/comments", text="x").status_code == 404


@pytest.mark.parametrize("rows", [2, 12])
def test_the_list_costs_the_same_at_any_length(
    rows: int, django_assert_max_num_queries: Any
) -> None:
    world = stage(zones=rows)
    api = Api(world.office)
    with django_assert_max_num_queries(9):
        assert len(api.get("/returns").json()["items"]) == rows
    assert api.get("/returns?format=csv").content.decode("utf-8-sig").count("\n") == rows + 1
