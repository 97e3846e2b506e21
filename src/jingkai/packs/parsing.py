"""Each file of a pack into its dataclasses: which fields there are, and of what type."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from . import model as m
from . import vocabulary as v
from .reading import Reading
from .schema import Record

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
)
TITLE: Final = {"low": 2, "high": 40}


def parse_pack(readings: Mapping[str, Reading]) -> m.Pack:
    """Build the pack from its files. Mistakes are noted in the readings; the result is then unusable."""
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
        units=all_of("indicators.yaml", "units", _unit),
        indicators=all_of("indicators.yaml", "indicators", _indicator),
        targets=all_of("targets.yaml", "targets", _target),
        measures=all_of("measures.yaml", "measures", _measure),
        goals=all_of("tasks.yaml", "goals", _goal),
        task_groups=all_of("tasks.yaml", "groups", _task_group),
        tasks=all_of("tasks.yaml", "tasks", _task),
        standing_rules=all_of("standing_rules.yaml", "rules", _standing_rule),
        conflicts=all_of("conflicts.yaml", "conflicts", _conflict),
        light_rules=all_of("light_rules.yaml", "rules", _light_rule),
        references=all_of("reference.yaml", "tables", _reference),
        clusters=all_of("clusters.yaml", "clusters", _cluster),
        lines=lines,
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
        title_zh=r.text("title_zh", **TITLE),
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
        name_zh=r.text("name_zh", **TITLE),
        name_en=r.text("name_en"),
        short_zh=r.text("short_zh", **TITLE),
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
        name_zh=r.text("name_zh", **TITLE),
        name_en=r.text("name_en"),
        short_zh=r.text("short_zh", **TITLE),
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
        title_zh=r.text("title_zh", **TITLE),
        title_en=r.text("title_en"),
        source=r.code("source"),
        note=r.text("note", required=False),
    )


def _neighbour(r: Record) -> m.PackNeighbour:
    return m.PackNeighbour(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", **TITLE),
        name_en=r.text("name_en"),
        kind=r.choice("kind", v.NeighbourKind),
        host=r.code("host"),
        source=r.code("source"),
    )


def _unit(r: Record) -> m.PackUnit:
    return m.PackUnit(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh"),
        name_en=r.text("name_en"),
        dimension=r.code("dimension"),
    )


def _indicator(r: Record) -> m.PackIndicator:
    formula = r.record("formula", required=False)
    return m.PackIndicator(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", **TITLE),
        name_en=r.text("name_en"),
        unit=r.code("unit"),
        kind=r.choice("kind", v.IndicatorKind),
        direction=r.choice("direction", v.Direction),
        scope=r.choice("scope", v.Scope),
        frequency=r.choice("frequency", v.Frequency),
        value_mode=r.choice("value_mode", v.ValueMode),
        time_aggregation=r.choice("time_aggregation", v.Aggregation),
        place_aggregation=r.choice("place_aggregation", v.Aggregation),
        price_basis=r.choice("price_basis", v.PriceBasis),
        price_base_year=r.optional_integer("price_base_year", 1990, 2100),
        base_year=r.optional_integer("base_year", 1990, 2100),
        decimals=r.integer("decimals", 0, 6),
        formula=_formula(formula) if formula else None,
        responsible=r.code("responsible"),
        verifying=r.code("verifying"),
        definition_zh=r.text("definition_zh", low=6, high=200),
        verified=r.flag("verified"),
    )


def _formula(r: Record) -> m.PackFormula:
    scale = r.optional_number("scale")
    formula = m.PackFormula(
        at=r.at,
        type=r.choice("type", v.FormulaType),
        numerator=r.optional_code("numerator"),
        denominator=r.optional_code("denominator"),
        scale=Decimal(1) if scale is None else scale,
        terms=r.texts("terms", required=False),
    )
    r.finish()
    return formula


def _target(r: Record) -> m.PackTarget:
    measured_as = r.take("measured_as", required=False)
    return m.PackTarget(
        at=r.at,
        id=r.code("id"),
        group=r.code("group"),
        indicator=r.optional_code("indicator"),
        kind=r.choice("kind", v.TargetKind),
        modality=r.choice("modality", v.Modality),
        value=r.optional_number("value"),
        unit=r.optional_code("unit"),
        benchmark=r.optional_code("benchmark"),
        measured_as=r.choice("measured_as", v.MeasuredAs) if measured_as else None,
        horizon=r.optional_integer("horizon", 2000, 2100),
        period_from=r.optional_integer("period_from", 2000, 2100),
        base_year=r.optional_integer("base_year", 1990, 2100),
        base_note=r.text("base_note", required=False),
        place=r.place("place"),
        status=r.choice("status", v.TargetStatus),
        title_zh=r.text("title_zh", low=6, high=25),
        title_en=r.text("title_en"),
        note=r.text("note", required=False),
    )


def _measure(r: Record) -> m.PackMeasure:
    return m.PackMeasure(
        at=r.at,
        number=r.integer("number", 1, 99),
        ordinal_zh=r.text("ordinal_zh"),
        part=r.code("part"),
        title_zh=r.text("title_zh", **TITLE),
        title_en=r.text("title_en"),
        clauses=tuple(_clause(c) for c in r.records("clauses", low=1)),
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
    )


def _goal(r: Record) -> m.PackGoal:
    return m.PackGoal(
        at=r.at,
        id=r.code("id"),
        title_zh=r.text("title_zh", low=6, high=25),
        title_en=r.text("title_en"),
        targets=r.texts("targets", low=1),
    )


def _task_group(r: Record) -> m.PackTaskGroup:
    return m.PackTaskGroup(
        at=r.at,
        code=r.code("code"),
        ordinal_zh=r.text("ordinal_zh"),
        title_zh=r.text("title_zh", **TITLE),
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


def _conflict(r: Record) -> m.PackConflict:
    return m.PackConflict(
        at=r.at,
        id=r.code("id"),
        kind=r.choice("kind", v.ConflictKind),
        severity=r.choice("severity", v.ConflictSeverity),
        group=r.optional_code("group"),
        title_zh=r.text("title_zh", low=8, high=25),
        title_en=r.text("title_en"),
        statements=tuple(_statement(s) for s in r.records("statements", low=2)),
        arithmetic=tuple(_arithmetic(a) for a in r.records("arithmetic", required=False)),
        decision=r.text("decision", required=False, high=500) or None,
    )


def _statement(r: Record) -> m.PackStatement:
    statement = m.PackStatement(
        at=r.at,
        place=r.place("place"),
        target=r.optional_code("target"),
        summary_zh=r.text("summary_zh", required=False, high=40),
        summary_en=r.text("summary_en", required=False),
        value=r.optional_number("value"),
        unit=r.optional_code("unit"),
        written=r.text("written", required=False),
        bodies=r.texts("bodies", required=False),
    )
    if not (statement.target or statement.summary_zh or statement.written or statement.bodies):
        r.problem("", "The statement says nothing.", "Give target, bodies, written or summary_zh.")
    if bool(statement.summary_zh) != bool(statement.summary_en):
        r.problem("", "The summary is in one language only.", "Give summary_zh and summary_en.")
    return statement


def _arithmetic(r: Record) -> m.PackArithmetic:
    formula = r.choice("formula", v.ArithmeticFormula)
    roles = ARITHMETIC_ROLES[formula]
    inputs = r.record("inputs")
    given = {role: inputs.code(role) for role in roles} if inputs else {}
    if inputs:
        inputs.finish()
    return m.PackArithmetic(
        at=r.at,
        id=r.code("id"),
        formula=formula,
        inputs=given,
        base_year=r.optional_integer("base_year", 1990, 2100),
        title_zh=r.text("title_zh", low=6, high=25),
        title_en=r.text("title_en"),
    )


ARITHMETIC_ROLES: Final = {
    v.ArithmeticFormula.BASE_FROM_GROWTH: ("level", "growth"),
    v.ArithmeticFormula.RATE_BETWEEN: ("from", "to"),
    v.ArithmeticFormula.TOTAL_FROM_SHARE: ("level", "share"),
    v.ArithmeticFormula.DENOMINATOR_FROM_RATIO: ("numerator", "ratio"),
}


def _light_rule(r: Record) -> m.PackLightRule:
    return m.PackLightRule(
        at=r.at,
        id=r.code("id"),
        applies_to=r.choice("applies_to", v.LightSubject),
        title_zh=r.text("title_zh", **TITLE),
        title_en=r.text("title_en"),
        version=r.text("version"),
        effective_from=r.day("effective_from"),
        source=r.code("source"),
        confidence=r.choice("confidence", v.Confidence),
        cases=tuple(_light_case(c) for c in r.records("cases", low=1)),
        otherwise=r.choice("otherwise", v.Light),
    )


def _light_case(r: Record) -> m.PackLightCase:
    return m.PackLightCase(
        at=r.at,
        light=r.choice("light", v.Light),
        title_zh=r.text("title_zh", **TITLE),
        title_en=r.text("title_en"),
        any=tuple(_condition(c) for c in r.records("any", low=1)),
    )


def _condition(r: Record) -> m.PackCondition:
    value = r.scalar("value", required=False)
    condition = m.PackCondition(
        at=r.at,
        fact=r.code("fact"),
        op=r.choice("op", v.Operator),
        value=None if isinstance(value, str) else value,
        threshold=r.optional_code("threshold"),
    )
    if isinstance(value, str):
        r.problem("value", "A number or true/false is expected.", "Remove the quotes.")
    if (value is None) == (condition.threshold is None):
        r.problem("", "A condition needs either a value or a threshold.", "Give exactly one.")
    return condition


def _reference(r: Record) -> m.PackReference:
    return m.PackReference(
        at=r.at,
        code=r.code("code"),
        title_zh=r.text("title_zh", **TITLE),
        title_en=r.text("title_en"),
        version=r.text("version"),
        effective_from=r.day("effective_from"),
        effective_to=r.optional_day("effective_to"),
        source=r.code("source"),
        confidence=r.choice("confidence", v.Confidence),
        rows=tuple(_reference_row(row) for row in r.records("rows", low=1)),
    )


def _reference_row(r: Record) -> m.PackReferenceRow:
    return m.PackReferenceRow(
        at=r.at,
        key=r.code("key"),
        value=r.scalar("value"),
        unit=r.text("unit", required=False),
        title_zh=r.text("title_zh", **TITLE),
        title_en=r.text("title_en"),
        note=r.text("note", required=False),
    )


def _cluster(r: Record) -> m.PackCluster:
    return m.PackCluster(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", **TITLE),
        name_en=r.text("name_en"),
        verified=r.flag("verified"),
        source=r.code("source"),
        note=r.text("note", required=False),
    )
