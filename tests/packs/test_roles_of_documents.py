"""Who leads and who assists by the document's own word: from the pack to the supervised task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.intake import services
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceVersion
from jingkai.delivery.intake.services.publishing import check_publication
from jingkai.delivery.intake.tests.factories import read
from jingkai.delivery.policy.models import AssignedBy, Clause, KeyTask
from jingkai.delivery.policy.public import assign_roles, remove_roles
from jingkai.delivery.supervision.models import Obligation
from jingkai.delivery.supervision.public import register_obligations
from jingkai.delivery.supervision.queries.cards import shares_of
from jingkai.masterdata.organisations.models import Body
from jingkai.masterdata.organisations.tests.factories import BodyFactory
from jingkai.packs.loading import compare, load
from jingkai.packs.model import Pack
from jingkai.packs.public import check_pack

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
DOCUMENT = """测试市关于推动开发区高质量发展的若干措施
为推动开发区发展，制定以下措施。
一、壮大产业
（一）做强主导产业。制定主导产业目录并动态调整。（市工业和信息化局牵头，市财政局、市发展改革委配合）
（二）加快科技创新。布局建设市级以上创新平台和中试基地。（市科技局、市财政局牵头）
附件
重点任务分工表
序号 重点任务 目标 牵头单位 配合单位 完成时限
1 制定主导产业目录并动态调整 形成目录 市工业和信息化局 市财政局、市发展改革委 2026年底
"""
DUE = date(2027, 6, 30)
TASK = 9
pytestmark = pytest.mark.django_db


def saying(
    pack: Pack, bodies: Sequence[str], *, lead: str | None = None, assist: Sequence[str] = ()
) -> Pack:
    """The shipped pack whose ninth task names `bodies` in these roles."""
    tasks = tuple(
        replace(task, bodies=tuple(bodies), lead=lead, assist=tuple(assist))
        if task.number == TASK
        else task
        for task in pack.tasks
    )
    return replace(pack, tasks=tasks)


def roles() -> dict[str, tuple[str, str, str]]:
    """Body → role now, who said so, and the document's own word."""
    duties = KeyTask.objects.get(number=TASK).responsibilities.order_by("position", "pk")
    return {d.body.code: (d.role, d.assigned_by, d.stated_role) for d in duties}


@pytest.fixture
def office() -> User:
    return UserFactory(role=Role.OFFICE)


def test_lead_assist_and_order_come_from_the_document(pack: Pack) -> None:
    said = saying(pack, ["FINANCE", "DRC", "COMMERCE"], lead="DRC", assist=["COMMERCE"])
    load(said, actor=None, now=NOW)

    assert list(roles().items()) == [
        ("FINANCE", ("unspecified", "document", "unspecified")),
        ("DRC", ("lead", "document", "lead")),
        ("COMMERCE", ("assist", "document", "assist")),
    ]
    assert compare(said) == []
    again = load(said, actor=None, now=NOW)
    assert (again.created, again.updated, again.kept) == (0, 0, [])


def test_a_pack_loaded_before_packs_named_assisting_bodies_takes_them(pack: Pack) -> None:
    from jingkai.packs.models import LoadedRecord

    load(saying(pack, ["FINANCE", "DRC"]), actor=None, now=NOW)
    for record in LoadedRecord.objects.filter(kind="task"):
        record.fields.pop("assist")
        record.save()
    report = load(saying(pack, ["FINANCE", "DRC"], assist=["DRC"]), actor=None, now=NOW)

    assert not report.kept
    assert roles()["DRC"] == ("assist", "document", "assist")


def test_roles_that_turn_around_turn_around(pack: Pack) -> None:
    load(saying(pack, ["FINANCE", "DRC"], lead="FINANCE", assist=["DRC"]), actor=None, now=NOW)
    load(saying(pack, ["DRC", "FINANCE"], lead="DRC", assist=["FINANCE"]), actor=None, now=NOW)

    assert list(roles().items()) == [
        ("DRC", ("lead", "document", "lead")),
        ("FINANCE", ("assist", "document", "assist")),
    ]


def test_the_supervised_task_follows_the_document_and_says_so(pack: Pack, office: User) -> None:
    first = saying(pack, ["FINANCE", "DRC", "COMMERCE"], lead="FINANCE", assist=["COMMERCE"])
    load(first, actor=office, now=NOW)
    task = KeyTask.objects.get(number=TASK)
    register_obligations(document=task.document, due_on=DUE, actor=office, now=NOW)
    whole = Obligation.objects.get(task=task, kind="task")
    assert (whole.body.code, whole.responsibility.assigned_by) == ("FINANCE", AssignedBy.DOCUMENT)
    shares = list(shares_of(whole, user=office))
    assert [share.body.code for share in shares[:3]] == ["FINANCE", "DRC", "COMMERCE"]
    assert shares[2].responsibility.role == "assist"

    load(saying(pack, ["FINANCE", "DRC", "COMMERCE"], lead="DRC"), actor=office, now=NOW)

    whole.refresh_from_db()
    assert (whole.body.code, whole.responsibility.role) == ("DRC", "lead")


def test_a_body_the_next_version_drops_keeps_its_share(pack: Pack, office: User) -> None:
    load(saying(pack, ["FINANCE", "DRC"], lead="FINANCE"), actor=office, now=NOW)
    task = KeyTask.objects.get(number=TASK)
    register_obligations(document=task.document, due_on=DUE, actor=office, now=NOW)

    load(saying(pack, ["DRC"]), actor=office, now=NOW)

    share = Obligation.objects.get(task=task, kind="share", body__code="FINANCE")
    whole = Obligation.objects.get(task=task, kind="task")
    assert (share.state, share.responsibility) == ("registered", None)
    assert (whole.body, whole.responsibility) == (None, None)


def test_the_office_s_lead_stands_before_a_document_s_new_one(pack: Pack, office: User) -> None:
    load(saying(pack, ["FINANCE", "DRC"]), actor=None, now=NOW)
    task = KeyTask.objects.get(number=TASK)
    lead = Body.objects.get(code="FINANCE")
    assign_roles(
        task_id=task.pk,
        lead_body_id=lead.pk,
        assist_body_ids=[],
        actor=office,
        now=NOW,
        reason="会议议定",
    )

    load(saying(pack, ["FINANCE", "DRC"], lead="DRC"), actor=None, now=NOW)

    assert roles() == {
        "FINANCE": ("lead", "person", "unspecified"),
        "DRC": ("unspecified", "person", "lead"),
    }
    remove_roles(task_id=task.pk, actor=office, now=NOW, reason="按文件执行")
    assert roles() == {
        "FINANCE": ("unspecified", "document", "unspecified"),
        "DRC": ("lead", "document", "lead"),
    }


@pytest.mark.parametrize(
    ("roles_said", "field", "words"),
    [
        ("lead: DATA, assist: [DATA]", "assist[0]", "leads and cannot assist"),
        ("assist: [COMMERCE]", "assist[0]", "is not one of the bodies"),
        ("assist: [NOBODY]", "assist[0]", "There is no body"),
    ],
)
def test_roles_that_cannot_be_are_told(
    folder: Path, roles_said: str, field: str, words: str
) -> None:
    path = folder / "measures.yaml"
    text = path.read_text(encoding="utf-8")
    named = "bodies: [INDUSTRY, DATA]"
    path.write_text(text.replace(named, f"{named}, {roles_said}", 1), encoding="utf-8")

    found = [p for p in check_pack(folder) if p.field.endswith(field)]
    assert words in " ".join(p.message for p in found)


def test_a_document_s_roles_reach_the_duties_it_becomes(office: User) -> None:
    BodyFactory(code="GOV", name="市政府", name_en="Municipal Government")
    version = read(DOCUMENT, actor=office)
    for item in version.items.exclude(kind=ItemKind.FINDING):
        two = item.read.get("gap") == "two_leads"
        services.decide_item(
            item_id=item.pk,
            action="correct" if two else "accept",
            fields={"bodies": "牵头 市科技局\n配合 市财政局"} if two else None,
            revision=None,
            actor=office,
            now=NOW,
        )
    facts = {"code": "ceshi", "city": "210200", "approved_by": "GOV", "coordinator": "GOV"}
    SourceVersion.objects.filter(pk=version.pk).update(publication=facts)
    done = services.publish_version(version_id=version.pk, actor=office, now=NOW)

    assert done.state == "published", done.outcome
    said = [
        [(d.body.name, d.role) for d in clause.responsibilities.order_by("position")]
        for clause in Clause.objects.order_by("code")
    ]
    first = [("市工业和信息化局", "lead"), ("市财政局", "assist"), ("市发展改革委", "assist")]
    assert said == [first, [("市科技局", "lead"), ("市财政局", "assist")]]
    task = KeyTask.objects.get()
    assert [(d.body.name, d.role) for d in task.responsibilities.order_by("position")] == first


def test_two_leads_are_asked_about_and_never_taken_over(office: User) -> None:
    version = read(DOCUMENT, actor=office)
    (item,) = version.items.filter(read__gap="two_leads")
    services.accept_all(version_id=version.pk, kind=ItemKind.CLAUSE, actor=office, now=NOW)
    item.refresh_from_db()
    assert item.state == ItemState.PENDING
    for left in version.items.filter(state=ItemState.PENDING).exclude(kind=ItemKind.FINDING):
        services.decide_item(item_id=left.pk, action="accept", revision=None, actor=office, now=NOW)

    problems = check_publication(version).problems
    assert [(p["item"], p["field"]) for p in problems] == [(item.key, "bodies")]
