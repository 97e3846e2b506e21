"""A question of the reader becomes a conflict with its statements and its arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.intake import services
from jingkai.delivery.intake.building import Head, Plan, Taken, build
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceVersion
from jingkai.delivery.intake.tests.factories import read
from jingkai.delivery.policy.models import Conflict
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
TEXT = """测试市关于推动开发区高质量发展的若干措施
“十五五”期间，为推动开发区发展，制定以下措施。
一、总体要求
1.规模稳步扩大。到2030年，开发区生产总值达到5250亿元，单位土地生产总值达到8.6亿元/平方公里。
2.开放持续深入。到2030年，进出口总额达到1400亿元，占全市比重75%。
二、壮大产业
（一）做强主导产业。制定主导产业目录并动态调整。（市工业和信息化局负责）
附件
主要预期目标
序号 指标名称 单位 2028年目标 2028年年均增速 2030年目标 2030年年均增速
1 一般公共预算收入 亿元 360 5% 395 4.4%
2 进出口总额 亿元 1200 4% 1474 6.3%
"""
FACTS = {"code": "ceshi", "city": "210200", "approved_by": "GOV", "coordinator": "GOV"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> User:
    BodyFactory(code="GOV", name="市政府", name_en="Municipal Government")
    return UserFactory(role=Role.OFFICE)


@pytest.fixture
def client(office: User) -> Client:
    return signed_in(office)


def published(office: User, *, rejected: str = "", **corrected: str) -> SourceVersion:
    """`TEXT` taken over; findings stay open, `corrected` gives new values by place."""
    version = read(TEXT, actor=office)
    for item in version.items.exclude(kind=ItemKind.FINDING):
        place = str(item.read.get("place", "")).replace(":", "_")
        value = corrected.get(f"{place}_{item.read.get('value')}")
        action = "reject" if rejected and item.read.get("value") == rejected else "accept"
        services.decide_item(
            item_id=item.pk,
            action="correct" if value else action,
            fields={"value": value} if value else None,
            reason="重复" if action == "reject" else "",
            revision=None,
            actor=office,
            now=NOW,
        )
    version.publication = FACTS
    version.save()
    done = services.publish_version(version_id=version.pk, actor=office, now=NOW)
    assert done.state == "published", done.outcome
    return done


def told(client: Client, code: str) -> dict[str, object]:
    found: dict[str, object] = client.get(f"/api/v1/policy/conflicts/{code}").json()
    return found


def conflict_of(name: str) -> Conflict:
    return Conflict.objects.get(title__contains=name)


def test_bases_that_disagree_are_worked_out_where_they_are_decided(
    office: User, client: Client
) -> None:
    published(office)
    conflict = conflict_of("一般公共预算收入总量与增速")
    said = told(client, conflict.code)

    values = sorted(Decimal(s["value"]) for s in said["statements"])
    assert values == [Decimal("4.4"), Decimal(5), Decimal(360), Decimal(395)]
    steps = {step["title"]: step for step in said["arithmetic"]}
    assert set(steps) == {"由2028年目标推算2025年基数", "由2030年目标推算2025年基数"}
    one, two = steps.values()
    assert one["expression"] == "360 ÷ (1 + 5%)^3"
    assert [round(Decimal(s["result"]), 1) for s in (one, two)] == [
        Decimal("311.0"),
        Decimal("318.5"),
    ]
    (pair,) = said["comparisons"]
    assert round(Decimal(pair["difference"]), 1) == Decimal("7.5")
    assert [(r["from_year"], r["to_year"]) for r in said["readings"]] == [(2028, 2030)]
    page = client.get(f"/delivery/policy/conflicts/{conflict.code}/").content.decode()
    for shown in (
        "360 ÷ (1 + 5%)^3",
        "395 ÷ (1 + 4.4%)^5",
        "附件1第1行",
        "由2028年目标推算2025年基数",
    ):
        assert shown in page


def test_two_figures_for_one_goal_stand_side_by_side_with_their_distance(
    office: User, client: Client
) -> None:
    published(office)
    conflict = conflict_of("进出口总额两处数值")
    said = told(client, conflict.code)

    values = sorted(Decimal(s["value"]) for s in said["statements"])
    assert values == [Decimal(1400), Decimal(1474)]
    (pair,) = said["comparisons"]
    assert Decimal(pair["difference"]) == 74
    assert round(Decimal(pair["difference_percent"]), 1) == Decimal("5.3")


def test_a_denominator_that_follows_from_two_goals_is_shown(office: User, client: Client) -> None:
    published(office)
    said = told(client, conflict_of("分母").code)

    (step,) = said["arithmetic"]
    assert step["expression"] == "5250 ÷ 8.6"
    assert (round(Decimal(step["result"])), step["unit"]) == (610, "平方公里")


def test_a_corrected_figure_is_the_one_reckoned_with(office: User, client: Client) -> None:
    published(office, annex1_1_360="366")
    said = told(client, conflict_of("一般公共预算收入总量与增速").code)

    assert "366 ÷ (1 + 5%)^3" in [step["expression"] for step in said["arithmetic"]]


def test_the_side_that_was_not_taken_over_still_speaks(office: User, client: Client) -> None:
    """One of two statements was rejected: its place stands in the conflict all the same."""
    published(office, rejected="1474")
    said = told(client, conflict_of("进出口总额两处数值").code)

    assert len(said["statements"]) == 2
    assert "1474" in said["statements"][1]["text"]


def test_a_note_that_a_person_keeps_becomes_a_conflict(office: User, client: Client) -> None:
    version = read(TEXT, actor=office)
    for item in version.items.exclude(kind=ItemKind.FINDING):
        services.decide_item(item_id=item.pk, action="accept", revision=None, actor=office, now=NOW)
    note = next(i for i in version.items.all() if i.read.get("kind") == "implied_whole")
    services.decide_item(item_id=note.pk, action="accept", revision=None, actor=office, now=NOW)
    version.publication = FACTS
    version.save()
    services.publish_version(version_id=version.pk, actor=office, now=NOW)
    note.refresh_from_db()
    said = told(client, note.match)

    assert [step["expression"] for step in said["arithmetic"]] == ["1400 ÷ 75%", "1474 ÷ 75%"]
    assert note.state == ItemState.ACCEPTED


def test_part_share_and_whole_are_compared_with_what_is_stated() -> None:
    """A share that does not fit: built from decided things, without a database behind."""
    body = Taken("body", "body:市商务局", {"name": "市商务局"})
    common = {"modality": "plain", "year": 2030}
    items = [
        Taken(
            "target",
            "target:1",
            {
                **common,
                "indicator": "技术收入",
                "kind": "level",
                "value": "60",
                "unit": "亿元",
                "place": "text:1",
            },
            start=0,
            end=10,
        ),
        Taken(
            "target",
            "target:2",
            {
                **common,
                "indicator": "技术收入",
                "kind": "share",
                "value": "50",
                "unit": "%",
                "benchmark": "总收入",
                "place": "text:2",
            },
            start=10,
            end=20,
        ),
        Taken(
            "target",
            "target:3",
            {
                **common,
                "indicator": "总收入",
                "kind": "level",
                "value": "100",
                "unit": "亿元",
                "place": "text:3",
            },
            start=20,
            end=30,
        ),
    ]
    places = [
        {"start": n * 10, "end": n * 10 + 10, "text": "", "place": f"text:{n + 1}"}
        for n in range(3)
    ]
    finding = Taken(
        "finding",
        "finding:1",
        {
            "kind": "parts_disagree",
            "severity": "high",
            "params": {"indicator": "技术收入", "year": 2030, "values": "60亿元 / 50% / 100亿元"},
            "locations": places,
            "arithmetic": [],
        },
    )
    head = Head("law", "某市措施", "Law", "210200", "SHI_SHANG_WU_JU", "SHI_SHANG_WU_JU")
    built = build(Plan(head, (body, *items), open_findings=(finding,)), None)

    (row,) = [c for c in built.files["conflicts.yaml"]["conflicts"] if c.get("arithmetic")]
    (step,) = row["arithmetic"]
    assert step["formula"] == "part_from_share"
    assert list(step["inputs"]) == ["level", "share", "whole"]
