"""Each file of a pack into its dataclasses: which fields there are, and of what type."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from . import model as m
from . import parsing_figures
from . import vocabulary as v
from .forms import form
from .reading import Reading
from .schema import Record
from .schemes import scheme
from .validation_rules import validation_rule

T = TypeVar("T")
FILES: Final = (
    "pack.yaml",
    "sources.yaml",
    "bodies.yaml",
    "zones.yaml",
    "indicators.yaml",
    "targets.yaml",
    "measures.yaml",
    "tasks.yaml",
    "standing_rules.yaml",
    "conflicts.yaml",
    "light_rules.yaml",
    "reference.yaml",
    "clusters.yaml",
    "forms.yaml",
    "validation_rules.yaml",
    "schemes.yaml",
)


def parse_pack(readings: Mapping[str, Reading]) -> m.Pack:
    """Build the pack. Mistakes are noted in the readings; the result is then unusable."""
    roots = {name: Record(readings[name], readings[name].value, "") for name in FILES}
    lines = {f"{r.file}#{path}": n for r in readings.values() for path, n in r.lines.items()}

    def all_of(file: str, key: str, build: Callable[[Record], T]) -> tuple[T, ...]:
        return tuple(build(record) for record in roots[file].records(key))

    root = roots["pack.yaml"]
    pack = m.Pack(
        id=root.code("id"),
        title_zh=root.text("title_zh"),
        title_en=root.text("title_en"),
        version=root.text("version"),
        city=root.text("city", low=6, high=6),
        digest=_digest(readings),
        document=_document(root),
        expected=_expected(root),
        sources=all_of("sources.yaml", "sources", _source),
        bodies=all_of("bodies.yaml", "bodies", _body),
        zones=all_of("zones.yaml", "zones", _zone),
        neighbours=all_of("zones.yaml", "neighbours", _neighbour),
        units=all_of("indicators.yaml", "units", parsing_figures.unit),
        indicators=all_of("indicators.yaml", "indicators", parsing_figures.indicator),
        targets=all_of("targets.yaml", "targets", parsing_figures.target),
        measures=all_of("measures.yaml", "measures", _measure),
        goals=all_of("tasks.yaml", "goals", _goal),
        task_groups=all_of("tasks.yaml", "groups", _task_group),
        tasks=all_of("tasks.yaml", "tasks", _task),
        standing_rules=all_of("standing_rules.yaml", "rules", _standing_rule),
        conflicts=all_of("conflicts.yaml", "conflicts", parsing_figures.conflict),
        light_rules=all_of("light_rules.yaml", "rules", parsing_figures.light_rule),
        references=all_of("reference.yaml", "tables", parsing_figures.reference),
        clusters=all_of("clusters.yaml", "clusters", _cluster),
        forms=all_of("forms.yaml", "forms", form),
        validation_rules=all_of("validation_rules.yaml", "rules", validation_rule),
        schemes=all_of("schemes.yaml", "schemes", scheme),
        lines=lines,
        prefix=root.text("prefix", required=False, high=20),
    )
    for record in roots.values():
        record.finish()
    return pack


def _digest(readings: Mapping[str, Reading]) -> str:
    content = {name: readings[name].value for name in FILES}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _document(root: Record) -> m.PackDocument:
    r = root.record("document") or Record(root.reading, {}, "document")
    document = m.PackDocument(
        at=r.at,
        title_zh=r.text("title_zh"),
        title_en=r.text("title_en"),
        status=r.choice("status", v.DocumentStatus),
        approved_by=r.code("approved_by"),
        coordinator=r.code("coordinator"),
        references=tuple(_citation(c) for c in r.records("references")),
        parts=tuple(_part(p) for p in r.records("parts", low=1)),
    )
    r.finish()
    return document


def _citation(r: Record) -> m.PackCitation:
    return m.PackCitation(
        at=r.at,
        number=r.text("number"),
        issuer_zh=r.text("issuer_zh"),
        issuer_en=r.text("issuer_en"),
        title_zh=r.text("title_zh"),
        title_en=r.text("title_en"),
        text_seen=r.flag("text_seen"),
    )


def _part(r: Record) -> m.PackPart:
    return m.PackPart(
        at=r.at,
        code=r.code("code"),
        number_zh=r.empty_text("number_zh"),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
        measures=r.integers("measures"),
    )


def _expected(root: Record) -> m.PackExpected:
    r = root.record("expected") or Record(root.reading, {}, "expected")
    expected = m.PackExpected(
        at=r.at,
        measures=r.integer("measures"),
        clauses=r.integer("clauses"),
        standing_clauses=r.integer("standing_clauses"),
        tasks=r.integers("tasks"),
        annex1_rows=r.integer("annex1_rows"),
    )
    r.finish()
    return expected


def _source(r: Record) -> m.PackSource:
    return m.PackSource(
        at=r.at,
        id=r.code("id"),
        kind=r.choice("kind", v.SourceKind),
        title_zh=r.text("title_zh"),
        title_en=r.text("title_en"),
        where=r.text("where", required=False),
        note=r.text("note", required=False),
    )


def _body(r: Record) -> m.PackBody:
    kind = r.choice("kind", v.BodyKind)
    members_kind = r.take("members_kind", required=False)
    return m.PackBody(
        at=r.at,
        code=r.code("code"),
        kind=kind,
        name_zh=r.text("name_zh", low=2, high=60),
        name_en=r.text("name_en"),
        parent=r.optional_code("parent"),
        hosted_by=r.optional_code("hosted_by"),
        gb_code=r.text("gb_code", required=False, low=6, high=6),
        members_kind=r.choice("members_kind", v.MembersKind) if members_kind else None,
        members=r.texts("members", required=False),
        aliases=tuple(_alias(a) for a in r.records("aliases", required=False)),
        note=r.text("note", required=False),
    )


def _alias(r: Record) -> m.PackAlias:
    return m.PackAlias(
        at=r.at,
        name=r.text("name", low=2, high=60),
        kind=r.choice("kind", v.AliasKind),
        valid_from=r.optional_day("from"),
        valid_to=r.optional_day("to"),
        note=r.text("note", required=False),
    )


def _zone(r: Record) -> m.PackZone:
    return m.PackZone(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=2, high=40),
        name_en=r.text("name_en"),
        short_zh=r.text("short_zh", low=2, high=40),
        level=r.choice("level", v.ZoneLevel),
        level_verified=r.flag("level_verified"),
        host=r.code("host"),
        committee=r.code("committee"),
        catalogue_code=r.optional_code("catalogue_code"),
        planned_ha=r.optional_number("planned_ha"),
        controlled_ha=r.optional_number("controlled_ha"),
        approved_ha=r.optional_number("approved_ha"),
        leading_industries=r.texts("leading_industries"),
        verified=r.flag("verified"),
        source=r.code("source"),
        note=r.text("note", required=False),
        facts=tuple(_fact(f) for f in r.records("facts", required=False)),
        parts=tuple(_zone_part(p) for p in r.records("parts", required=False)),
    )


def _zone_part(r: Record) -> m.PackZonePart:
    return m.PackZonePart(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=2, high=40),
        name_en=r.text("name_en"),
        short_zh=r.text("short_zh", low=2, high=40),
        verified=r.flag("verified"),
        source=r.code("source"),
        facts=tuple(_fact(f) for f in r.records("facts", required=False)),
    )


def _fact(r: Record) -> m.PackFact:
    return m.PackFact(
        at=r.at,
        key=r.code("key"),
        value=r.scalar("value"),
        unit=r.text("unit", required=False),
        period=r.text("period", required=False),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
        source=r.code("source"),
        note=r.text("note", required=False),
    )


def _neighbour(r: Record) -> m.PackNeighbour:
    return m.PackNeighbour(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=2, high=40),
        name_en=r.text("name_en"),
        kind=r.choice("kind", v.NeighbourKind),
        host=r.code("host"),
        source=r.code("source"),
    )


def _measure(r: Record) -> m.PackMeasure:
    return m.PackMeasure(
        at=r.at,
        number=r.integer("number", 1, 99),
        ordinal_zh=r.text("ordinal_zh"),
        part=r.code("part"),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
        clauses=tuple(_clause(c) for c in r.records("clauses")),
    )


def _clause(r: Record) -> m.PackClause:
    return m.PackClause(
        at=r.at,
        id=r.code("id"),
        title_zh=r.text("title_zh", low=8, high=25),
        title_en=r.text("title_en"),
        bodies=r.texts("bodies", low=1),
        wording=r.choice("wording", v.Wording),
        standing=r.flag("standing", default=False),
        lead=r.optional_code("lead"),
        assist=r.texts("assist", required=False),
    )


def _goal(r: Record) -> m.PackGoal:
    return m.PackGoal(
        at=r.at,
        id=r.code("id"),
        title_zh=r.text("title_zh", low=6, high=25),
        title_en=r.text("title_en"),
        targets=r.texts("targets"),
    )


def _task_group(r: Record) -> m.PackTaskGroup:
    return m.PackTaskGroup(
        at=r.at,
        code=r.code("code"),
        ordinal_zh=r.text("ordinal_zh"),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
    )


def _task(r: Record) -> m.PackTask:
    return m.PackTask(
        at=r.at,
        number=r.integer("number", 1, 999),
        group=r.code("group"),
        goal=r.code("goal"),
        title_zh=r.text("title_zh", low=8, high=25),
        title_en=r.text("title_en"),
        bodies=r.texts("bodies", low=1),
        open_list=r.flag("open_list", default=False),
        measure=r.integer("measure", 1, 99),
        clauses=r.texts("clauses"),
        targets=r.texts("targets", required=False),
        indicators=r.texts("indicators", required=False),
        lead=r.optional_code("lead"),
        assist=r.texts("assist", required=False),
    )


def _standing_rule(r: Record) -> m.PackStandingRule:
    return m.PackStandingRule(
        at=r.at,
        id=r.code("id"),
        applies_to=r.choice("applies_to", v.RuleScope),
        from_clause=r.optional_code("from_clause"),
        bodies=r.texts("bodies", low=1),
        place=r.place("place"),
        title_zh=r.text("title_zh", low=8, high=25),
        title_en=r.text("title_en"),
    )


def _cluster(r: Record) -> m.PackCluster:
    return m.PackCluster(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=2, high=40),
        name_en=r.text("name_en"),
        verified=r.flag("verified"),
        source=r.code("source"),
        note=r.text("note", required=False),
    )
