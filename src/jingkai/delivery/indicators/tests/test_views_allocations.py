"""Sharing out: the list of rounds and the workbench, as office, zone, department and outsider."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.indicators.models import Allocation, AllocationState

from .factories import TargetFactory
from .scenes import RECORDED, indicator_scene, page, text

pytestmark = pytest.mark.django_db
S = AllocationState


@pytest.fixture
def office(scene):
    return signed_in(scene.office)


@pytest.fixture
def zone(folk):
    return signed_in(folk["zone-clerk"])


@pytest.fixture
def opened(scene, office):
    """A round of 395, shared out in proportion to 2025: 1 : 2 : 3 : 4 : 5."""
    response = office.post(
        page("open-allocation", scene.indicator.code),
        {"horizon": "2030", "base_period": "2025", "method": "base", "total": ""},
    )
    assert response.status_code == 302
    return Allocation.objects.get()


def act(client, row, action, **fields):
    return client.post(page("allocation-action", row.pk, action), fields, follow=True)


def shares_of(row):
    return [line.issued for line in row.lines.order_by("zone__position", "pk")]


def test_opening_computes_the_shares_and_leaves_no_gap(opened, office):
    assert shares_of(opened) == [
        Decimal(n) for n in ("26.33", "52.67", "79.00", "105.33", "131.67")
    ]
    response = office.get(page("allocation", opened.pk))
    assert response.context["sums"]["gap"] == 0
    assert "● 0" in text(response)
    assert "各区已全部承接" in text(response)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"horizon": "2024"}, "2024"),
        ({"total": "lots"}, "不是数值"),
        ({"method": "dice"}, "dice"),
        ({"base_period": "2023"}, "没有基数"),
    ],
)
def test_a_round_that_cannot_be_opened_is_explained(scene, office, fields, said):
    given = {"horizon": "2030", "base_period": "2025", "method": "base", "total": "", **fields}
    response = office.post(page("open-allocation", scene.indicator.code), given)
    assert response.status_code == 422
    assert said in text(response)
    assert not Allocation.objects.exists()


def test_the_same_target_is_not_shared_out_twice(scene, office, opened):
    response = office.post(
        page("open-allocation", scene.indicator.code),
        {"horizon": "2030", "base_period": "2025", "method": "hand", "total": "100"},
    )
    assert response.status_code == 409
    assert "已在分解中" in text(response)


@pytest.mark.parametrize("who", ["leader", "stat-clerk", "zone-clerk", "outsider"])
def test_only_the_office_opens_a_round(scene, folk, who):
    response = signed_in(folk[who]).get(page("open-allocation", scene.indicator.code))
    assert response.status_code == 403


def test_another_method_is_shown_and_not_saved(opened, office):
    before = shares_of(opened)
    response = office.get(page("allocation", opened.pk, method="growth"))
    assert response.context["is_preview"]
    assert "尚未保存" in text(response)
    assert shares_of(opened) == before
    alone = office.get(page("allocation", opened.pk, method="hand"), headers={"HX-Request": "true"})
    assert "<html" not in text(alone)
    assert alone.context["sums"]["gap"] == opened.total


def test_a_share_set_by_hand_leaves_its_gap_in_sight(scene, opened, office):
    code = scene.zones[0].code
    sent = {
        f"line-{z.code}": str(value)
        for z, value in zip(scene.zones, shares_of(opened), strict=True)
    }
    response = act(office, opened, "save", **{**sent, f"line-{code}": "20"}, reason="暂缓")
    assert response.context["sums"]["gap"] == Decimal("6.33")
    assert "■ 6.33" in text(response)
    assert opened.lines.get(zone__code=code).issued_reason == "暂缓"
    assert not opened.lines.exclude(zone__code=code).filter(issued_reason="暂缓").exists()


def test_taking_too_much_is_said_too(scene, opened, office):
    sent = {f"line-{z.code}": "100" for z in scene.zones}
    response = act(office, opened, "save", **sent)
    assert response.context["sums"]["tone"] == "over"
    assert "▲" in text(response)


@pytest.mark.parametrize(("typed", "said"), [("x", "不是数值"), ("-1", "不能为负")])
def test_a_bad_share_is_refused_beside_its_zone(scene, opened, office, typed, said):
    before, code = shares_of(opened), scene.zones[0].code
    response = act(office, opened, "save", **{f"line-{code}": typed})
    assert response.status_code == 422
    assert said in " ".join(response.context["form"].errors[code])
    assert f'value="{typed}"' in text(response)
    assert shares_of(opened) == before


def test_a_draft_is_not_shown_to_zones(opened, zone, folk):
    assert zone.get(page("allocation", opened.pk)).status_code == 404
    assert list(zone.get(page("allocations")).context["page_obj"]) == []
    assert signed_in(folk["outsider"]).get(page("allocation", opened.pk)).status_code == 404


def test_a_zone_proposes_seeing_only_itself(scene, opened, office, zone):
    act(office, opened, "collect")
    response = zone.get(page("allocation", opened.pk))
    body = text(response)
    assert [cell["line"].zone for cell in response.context["rows"]] == [scene.zones[1]]
    assert response.context["sums"] is None
    assert "统筹缺口" not in body
    assert "尚未下达" in body
    for other in (*scene.zones[:1], *scene.zones[2:]):
        assert other.name not in body
    refused = act(zone, opened, "propose", value="40")
    assert refused.status_code == 422
    assert "请说明理由" in text(refused)
    assert 'value="40"' in text(refused)
    act(zone, opened, "propose", value="40", reason="在建项目减少")
    line = opened.lines.get(zone=scene.zones[1])
    assert (line.proposed, line.proposed_reason) == (Decimal(40), "在建项目减少")
    seen = text(office.get(page("allocation", opened.pk)))
    assert "▼ 40.00" in seen
    assert "在建项目减少" in seen


def test_a_zone_neither_saves_nor_issues(opened, office, zone):
    act(office, opened, "collect")
    for action in ("save", "collect", "issue", "withdraw"):
        assert act(zone, opened, action, **{f"{action}-reason": "x"}).status_code == 403


def test_the_office_does_not_propose_for_a_zone(opened, office):
    act(office, opened, "collect")
    assert act(office, opened, "propose", value="40").status_code == 403


def test_issuing_needs_a_reason_and_gives_every_zone_its_path(scene, opened, office, zone):
    refused = act(office, opened, "issue")
    assert refused.status_code == 422
    assert refused.context["forms"]["issue"].errors
    response = act(office, opened, "issue", **{"issue-reason": "经领导小组审定"})
    assert "已下达" in text(response)
    opened.refresh_from_db()
    assert opened.state == S.ISSUED
    assert response.context["form"] is None, "issued shares are not edited"
    body = text(zone.get(page("allocation", opened.pk)))
    assert "52.67" in body
    row = zone.get(page("zones", scene.indicator.code)).context["zone_rows"][0]
    assert row["issued"] == Decimal("52.67")


def test_an_issued_round_is_not_issued_again_but_withdrawn(opened, office):
    act(office, opened, "issue", **{"issue-reason": "审定"})
    assert act(office, opened, "issue", **{"issue-reason": "再来"}).status_code == 409
    act(office, opened, "withdraw", **{"withdraw-reason": "目标调整"})
    opened.refresh_from_db()
    assert opened.state == S.WITHDRAWN
    assert "目标调整" in text(office.get(page("allocation", opened.pk)))


def test_an_unknown_step_does_not_exist(opened, office):
    assert act(office, opened, "explode").status_code == 404
    assert office.get(page("allocation-action", opened.pk, "issue")).status_code == 405


def test_the_list_says_the_gap_to_the_city_and_the_own_share_to_a_zone(opened, office, zone):
    act(office, opened, "collect")
    assert office.get(page("allocations")).context["page_obj"][0].gap == 0
    assert "统筹缺口" in text(office.get(page("allocations")))
    body = text(zone.get(page("allocations")))
    assert "统筹缺口" not in body
    assert "待上报" in body
    assert "统筹缺口" not in zone.get(page("allocations", format="csv")).content.decode("utf-8-sig")


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_a_round_goes_out_as_a_file(opened, office, fmt):
    response = office.get(page("allocation", opened.pk, format=fmt))
    assert "attachment" in response["Content-Disposition"]


def test_costs_do_not_grow(scene, opened, office):
    def cost(client, address):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    small = cost(office, page("allocations")), cost(office, page("allocation", opened.pk))
    other = indicator_scene(zones=9)
    for horizon in ("2028", "2029"):
        TargetFactory(indicator=other.indicator, horizon=horizon, value=Decimal(300))
        Allocation.objects.create(
            indicator=other.indicator,
            horizon=horizon,
            base_period="2025",
            total=Decimal(300),
            created_at=RECORDED,
        )
    office.post(
        page("open-allocation", other.indicator.code),
        {"horizon": "2030", "base_period": "2025", "method": "hand", "total": "900"},
    )
    bigger = Allocation.objects.get(indicator=other.indicator, horizon="2030")
    large = cost(office, page("allocations")), cost(office, page("allocation", bigger.pk))
    assert large == small


def test_a_leader_reads_and_changes_nothing(opened, folk):
    leader = signed_in(folk["leader"])
    response = leader.get(page("allocation", opened.pk))
    assert response.status_code == 200
    assert response.context["form"] is None
    assert not response.context["actions"]
    assert signed_in(UserFactory(role=Role.INSPECTOR)).get(page("allocations")).status_code == 404
