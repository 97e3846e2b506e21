"""Policy objects for tests, and the whole Shenyang document as the pack has it."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml
from django.conf import settings
from factory import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from jingkai.delivery.policy.models import (
    Clause,
    Conflict,
    Document,
    KeyTask,
    Measure,
    Part,
    Responsibility,
    StandingRule,
    Wording,
)
from jingkai.masterdata.organisations.models import Body, BodyKind
from jingkai.masterdata.organisations.tests.factories import BodyFactory


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = Document

    code = Sequence(lambda n: f"document-{n}")
    title = Sequence(lambda n: f"测试意见{n}")
    title_en = Sequence(lambda n: f"Test opinions {n}")
    stage, version = "draft", "2026.1"


class PartFactory(DjangoModelFactory):
    class Meta:
        model = Part

    document = SubFactory(DocumentFactory)
    code = Sequence(lambda n: f"part-{n}")
    position = Sequence(lambda n: n % 30_000)
    title, title_en = "测试部分", "Test part"


class MeasureFactory(DjangoModelFactory):
    class Meta:
        model = Measure

    part = SubFactory(PartFactory)
    number = Sequence(lambda n: n % 30_000 + 1)
    code = Sequence(lambda n: f"measure-{n}")
    title = Sequence(lambda n: f"测试措施{n}")
    title_en = Sequence(lambda n: f"Test measure {n}")


class ClauseFactory(DjangoModelFactory):
    class Meta:
        model = Clause

    measure = SubFactory(MeasureFactory)
    code = Sequence(lambda n: f"clause-{n}")
    position = Sequence(lambda n: n % 30_000)
    title = Sequence(lambda n: f"测试分工{n}")
    title_en = Sequence(lambda n: f"Test clause {n}")
    wording = Wording.SHARED


class KeyTaskFactory(DjangoModelFactory):
    class Meta:
        model = KeyTask

    document = SubFactory(DocumentFactory)
    number = Sequence(lambda n: n % 30_000 + 1)
    code = Sequence(lambda n: f"task-{n}")
    group = 1
    group_title, group_title_en = "测试组", "Test group"
    title = Sequence(lambda n: f"测试任务{n}")
    title_en = Sequence(lambda n: f"Test task {n}")
    goal, goal_en = "测试目标", "Test goal"


class ResponsibilityFactory(DjangoModelFactory):
    """A body named for a clause; pass `task=` and `clause=None` for a task."""

    class Meta:
        model = Responsibility

    clause = SubFactory(ClauseFactory)
    body = SubFactory(BodyFactory)
    position = Sequence(lambda n: n % 30_000)


class ConflictFactory(DjangoModelFactory):
    """Two statements about one figure."""

    class Meta:
        model = Conflict

    document = SubFactory(DocumentFactory)
    code = Sequence(lambda n: f"K{n}")
    position = Sequence(lambda n: n % 30_000)
    kind, severity = "contradiction", "high"
    title = Sequence(lambda n: f"测试冲突{n}")
    title_en = Sequence(lambda n: f"Test conflict {n}")
    statements = LazyFunction(
        lambda: [
            {
                "key": f"s{n}",
                "place": f"annex1:{n}",
                "text": f"说法{n}",
                "text_en": f"Saying {n}",
                "value": value,
                "unit": "亿元",
                "horizon": 2030,
            }
            for n, value in enumerate(("1400", "1474"), start=1)
        ]
    )


@lru_cache
def _pack(name: str) -> Any:
    path = settings.PACKS_DIR / "shenyang" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


_KINDS = {"zone_committee": BodyKind.COMMITTEE, "enterprise": BodyKind.COMPANY}


def shenyang_document() -> Document:
    """The reference document from its pack: what the policy room needs of it, and no more."""
    head = _pack("pack")["document"]
    bodies = {
        b["code"]: Body.objects.create(
            code=b["code"],
            kind=_KINDS.get(b["kind"], b["kind"]),
            name=b["name_zh"],
            name_en=b["name_en"],
            position=position,
        )
        for position, b in enumerate(_pack("bodies")["bodies"])
    }
    document = Document.objects.create(
        code="shenyang",
        title=head["title_zh"],
        title_en=head["title_en"],
        stage="征求意见稿",
        version=_pack("pack")["version"],
        references=head["references"],
    )
    parts = {
        p["code"]: Part.objects.create(
            document=document,
            code=p["code"],
            position=position,
            title=p["title_zh"],
            title_en=p["title_en"],
        )
        for position, p in enumerate(head["parts"])
    }
    clauses: dict[str, Clause] = {}
    for m in _pack("measures")["measures"]:
        measure = Measure.objects.create(
            part=parts[m["part"]],
            number=m["number"],
            code=f"m{m['number']:02}",
            title=m["title_zh"],
            title_en=m["title_en"],
        )
        for position, c in enumerate(m["clauses"], start=1):
            clauses[c["id"]] = Clause.objects.create(
                measure=measure,
                code=c["id"],
                position=position,
                title=c["title_zh"],
                title_en=c["title_en"],
                wording=c["wording"],
            )
            _name(bodies, c["bodies"], clause=clauses[c["id"]])
    _tasks(document, bodies, clauses)
    for rule in _pack("standing_rules")["rules"]:
        StandingRule.objects.create(
            document=document,
            code=rule["id"],
            title=rule["title_zh"],
            title_en=rule["title_en"],
            place=rule["place"],
        ).bodies.set(bodies[code] for code in rule["bodies"])
    _conflicts(document, bodies)
    return document


def _name(bodies: dict[str, Body], codes: list[str], **thing: Any) -> None:
    for position, code in enumerate(codes, start=1):
        Responsibility.objects.create(body=bodies[code], position=position, **thing)


def _tasks(document: Document, bodies: dict[str, Body], clauses: dict[str, Clause]) -> None:
    data = _pack("tasks")
    goals = {goal["id"]: goal for goal in data["goals"]}
    groups = {g["code"]: (n, g) for n, g in enumerate(data["groups"], start=1)}
    for t in data["tasks"]:
        number, group = groups[t["group"]]
        goal = goals[t["goal"]]
        task = KeyTask.objects.create(
            document=document,
            number=t["number"],
            code=f"t{t['number']:02}",
            group=number,
            group_title=group["title_zh"],
            group_title_en=group["title_en"],
            title=t["title_zh"],
            title_en=t["title_en"],
            goal=goal["title_zh"],
            goal_en=goal["title_en"],
        )
        task.clauses.set(clauses[code] for code in t["clauses"])
        _name(bodies, t["bodies"], task=task)


def _conflicts(document: Document, bodies: dict[str, Body]) -> None:
    units = {unit["code"]: unit["name_zh"] for unit in _pack("indicators")["units"]}
    targets = {target["id"]: target for target in _pack("targets")["targets"]}

    def figure(code: str) -> dict[str, Any]:
        target = targets[code]
        value = target.get("value")
        return {
            "value": None if value is None else str(Decimal(str(value))),
            "unit": units.get(target.get("unit"), ""),
            "horizon": target.get("horizon"),
            "base_year": target.get("base_year"),
            "place": target["place"],
        }

    for position, c in enumerate(_pack("conflicts")["conflicts"], start=1):
        statements = []
        for n, said in enumerate(c["statements"], start=1):
            target = targets.get(said.get("target", ""), {})
            named = "、".join(bodies[code].name for code in said.get("bodies", ()))
            text = said.get("summary_zh") or target.get("title_zh") or said.get("written") or named
            english = said.get("summary_en") or target.get("title_en") or text
            numbers = figure(said["target"]) if "target" in said else {"value": said.get("value")}
            statements.append(
                {
                    "key": f"s{n}",
                    "place": said["place"],
                    "text": text,
                    "text_en": english,
                    "target": said.get("target"),
                    **numbers,
                }
            )
        steps = [
            {
                "id": s["id"],
                "formula": s["formula"],
                "base_year": s.get("base_year"),
                "inputs": s["inputs"],
                "title": s["title_zh"],
                "title_en": s["title_en"],
            }
            for s in c.get("arithmetic", ())
        ]
        used = {code for step in steps for code in step["inputs"].values()}
        arithmetic = {"inputs": {code: figure(code) for code in sorted(used)}, "steps": steps}
        Conflict.objects.create(
            document=document,
            code=c["id"],
            position=position,
            kind=c["kind"],
            severity=c["severity"],
            title=c["title_zh"],
            title_en=c["title_en"],
            statements=statements,
            arithmetic=arithmetic if steps else {},
        )
