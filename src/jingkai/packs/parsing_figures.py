"""Indicators, targets, conflicts and rule tables of a pack: which fields, of what type."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from . import figures as f
from . import vocabulary as v
from .schema import Record


def unit(r: Record) -> f.PackUnit:
    """Take a unit of measure."""
    return f.PackUnit(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh"),
        name_en=r.text("name_en"),
        dimension=r.code("dimension"),
    )


def indicator(r: Record) -> f.PackIndicator:
    """Take an indicator."""
    formula = r.record("formula", required=False)
    return f.PackIndicator(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=2, high=40),
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


def _formula(r: Record) -> f.PackFormula:
    scale = r.optional_number("scale")
    formula = f.PackFormula(
        at=r.at,
        type=r.choice("type", v.FormulaType),
        numerator=r.optional_code("numerator"),
        denominator=r.optional_code("denominator"),
        scale=Decimal(1) if scale is None else scale,
        terms=r.texts("terms", required=False),
    )
    r.finish()
    return formula


def target(r: Record) -> f.PackTarget:
    """Take one statement of a goal."""
    measured_as = r.take("measured_as", required=False)
    return f.PackTarget(
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


def conflict(r: Record) -> f.PackConflict:
    """Take a conflict."""
    return f.PackConflict(
        at=r.at,
        id=r.code("id"),
        kind=r.choice("kind", v.ConflictKind),
        severity=r.choice("severity", v.ConflictSeverity),
        group=r.optional_code("group"),
        title_zh=r.text("title_zh", low=8, high=25),
        title_en=r.text("title_en"),
        statements=tuple(_statement(s) for s in r.records("statements", low=1)),
        arithmetic=tuple(_arithmetic(a) for a in r.records("arithmetic", required=False)),
        decision=r.text("decision", required=False, high=500) or None,
    )


def _statement(r: Record) -> f.PackStatement:
    statement = f.PackStatement(
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


def _arithmetic(r: Record) -> f.PackArithmetic:
    formula = r.choice("formula", v.ArithmeticFormula)
    roles = ARITHMETIC_ROLES[formula]
    inputs = r.record("inputs")
    given = {role: inputs.code(role) for role in roles} if inputs else {}
    if inputs:
        inputs.finish()
    return f.PackArithmetic(
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
    v.ArithmeticFormula.PART_FROM_SHARE: ("level", "share", "whole"),
}


def light_rule(r: Record) -> f.PackLightRule:
    """Take a light rule."""
    return f.PackLightRule(
        at=r.at,
        id=r.code("id"),
        applies_to=r.choice("applies_to", v.LightSubject),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
        version=r.text("version"),
        effective_from=r.day("effective_from"),
        source=r.code("source"),
        confidence=r.choice("confidence", v.Confidence),
        cases=tuple(_light_case(c) for c in r.records("cases", low=1)),
        otherwise=r.choice("otherwise", v.Light),
    )


def _light_case(r: Record) -> f.PackLightCase:
    return f.PackLightCase(
        at=r.at,
        light=r.choice("light", v.Light),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
        any=tuple(_condition(c) for c in r.records("any", low=1)),
    )


def _condition(r: Record) -> f.PackCondition:
    value = r.scalar("value", required=False)
    condition = f.PackCondition(
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


def reference(r: Record) -> f.PackReference:
    """Take one version of a reference table."""
    return f.PackReference(
        at=r.at,
        code=r.code("code"),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
        version=r.text("version"),
        effective_from=r.day("effective_from"),
        effective_to=r.optional_day("effective_to"),
        source=r.code("source"),
        confidence=r.choice("confidence", v.Confidence),
        rows=tuple(_reference_row(row) for row in r.records("rows", low=1)),
    )


def _reference_row(r: Record) -> f.PackReferenceRow:
    return f.PackReferenceRow(
        at=r.at,
        key=r.code("key"),
        value=r.scalar("value"),
        unit=r.text("unit", required=False),
        title_zh=r.text("title_zh", low=2, high=40),
        title_en=r.text("title_en"),
        note=r.text("note", required=False),
    )
