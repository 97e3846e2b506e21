"""The API: the same verdicts and figures as the page, as problem+json where refused."""

from __future__ import annotations

import pytest

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.indicators.models import Series
from jingkai.delivery.indicators.public import targets_payload
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import IndicatorFactory, TargetFactory
from .test_record import say

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/indicators"


@pytest.fixture
def ground():
    office = UserFactory(role=Role.OFFICE)
    zones = ZoneFactory.create_batch(2)
    row = IndicatorFactory(code="REV", is_headline=True)
    TargetFactory(indicator=row)
    say(office, *[(row.code, z.code, "2026-10", "10.5") for z in zones])
    return signed_in(office), zones, row


def test_reading(ground) -> None:
    client, zones, _row = ground
    assert client.get(ROOT).json()["items"][0]["code"] == "REV"
    assert client.get(f"{ROOT}/REV").json()["definitions"][0]["number"] == 1
    values = client.get(f"{ROOT}/REV/values?from=2026-01-01").json()
    assert values["items"][0]["value"] == "21.000000"
    assert client.get(f"{ROOT}/REV/values?as_of=2020-01-01T00:00:00Z").json()["items"] == []
    assert client.get(f"{ROOT}/REV/values?to=2026-01-01").json()["items"] == []
    board = client.get(f"{ROOT}/board?period=2026-10").json()
    assert board["items"][0]["status"]["value"] == "21.000000"
    ranks = client.get(f"{ROOT}/REV/zones?period=2026-10").json()
    assert [item["rank"] for item in ranks["items"]] == [1, 1]
    tree = client.get(f"{ROOT}/values/{values['items'][0]['event_id']}/lineage").json()
    assert [part["scope"] for part in tree["root"]["parts"]] == [z.code for z in zones]
    sheet = client.get(f"{ROOT}/REV/values?format=csv")
    assert "21.000000" in sheet.content.decode()
    assert client.get(f"{ROOT}/REV/values?format=xlsx").content[:2] == b"PK"
    assert client.get(f"{ROOT}/board?period=soon").status_code == 422
    assert client.get(f"{ROOT}/REV/trajectory").status_code == 404


def test_writing_is_judged_like_everywhere(ground) -> None:
    _client, zones, _row = ground
    clerk = signed_in(UserFactory(role=Role.ZONE_CLERK, body=zones[0].committee))

    def post(who, **entry):
        entry = {"indicator": "REV", "scope": zones[0].code, "period": "2026-10"} | entry
        return who.post(f"{ROOT}/values", {"entries": [entry]}, content_type="application/json")

    done = post(clerk, value="12.5")
    assert done.json()["recorded"] == 1
    assert done.json()["computed"] == 1
    assert post(clerk, scope=zones[1].code, value="1").status_code == 403
    wrong = post(clerk, period="2026-Q3", value="1")
    assert wrong.status_code == 422
    assert wrong["Content-Type"] == "application/problem+json"
    assert wrong.json()["errors"][0]["field"] == "entries.0.period"
    assert clerk.get(f"{ROOT}/REV/values?scope={zones[1].code}").status_code == 404
    admin = signed_in(UserFactory(role=Role.SYSTEM_ADMIN))
    assert admin.get(f"{ROOT}/REV").status_code in (403, 404)


def test_paths_judgements_and_shares(ground) -> None:
    client, zones, _row = ground

    def post(path, **body):
        return client.post(f"{ROOT}/{path}", body, content_type="application/json")

    path = post("REV/trajectory", shape="straight", base_period="2025", base_value="18")
    assert path.json()["points"][-1] == {"period": "2030-12", "planned": "395.000000"}
    assert client.get(f"{ROOT}/REV/trajectory").json()["version"] == 1
    voice = post("REV/judgements", period="2026-10", light="yellow", reason="集中入库")
    assert voice.json()["light"] == "yellow"
    assert post("REV/judgements", period="2026-10", light="red", reason="").status_code == 422
    opened = post("allocations", indicator="REV", horizon="2030", method="hand", base_period="2025")
    assert opened.json()["gap"] == "395.000000"
    number = opened.json()["id"]
    adjusted = post(f"allocations/{number}/shares", issued={zones[0].code: "200"})
    assert adjusted.json()["gap"] == "195.000000"
    assert post(f"allocations/{number}/collect").json()["state"] == "collecting"
    assert post(f"allocations/{number}/issue", reason="会议").json()["state"] == "issued"
    assert post(f"allocations/{number}/issue", reason="会议").status_code == 409
    clerk = signed_in(UserFactory(role=Role.ZONE_CLERK, body=zones[0].committee))
    (mine,) = clerk.get(f"{ROOT}/allocations").json()["items"]
    assert [line["zone"] for line in mine["lines"]] == [zones[0].code]
    assert mine["gap"] is None


def test_targets_for_the_policy_door(ground) -> None:
    assert ground
    (target,) = targets_payload(UserFactory(role=Role.LEADER))
    assert (target["indicator"], target["horizon"], target["is_leading"]) == ("REV", "2030", True)
    assert targets_payload(UserFactory(role=Role.ENTERPRISE)) == []
    assert Series.objects.count() == 3
