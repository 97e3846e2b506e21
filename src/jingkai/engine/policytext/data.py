"""A reading as plain data: the shape of `jingkai policy parse --json`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .model import BodyMention, ClauseText, Finding, Location, Reading
from .target import Target


def as_data(reading: Reading, message: Callable[[Finding], str] | None = None) -> dict[str, Any]:
    """The reading as dictionaries, lists, strings and numbers; decimals as strings.

    `message` makes a sentence of a finding; without it a finding has none.
    """
    return {
        "title": reading.title,
        "number": reading.number,
        "issuer": reading.issuer,
        "draft": reading.draft,
        "counts": {
            "parts": len(reading.parts),
            "measures": len(reading.measures),
            "brackets": reading.brackets,
            "standing_brackets": reading.standing_brackets,
            "targets": len(reading.targets),
            "tasks": len(reading.tasks),
            "bodies": len(reading.bodies),
            "findings": len(reading.findings),
            "open_questions": len(reading.open_questions),
        },
        "references": [
            {"title": r.title, "number": r.number, "start": r.start, "end": r.end}
            for r in reading.references
        ],
        "parts": [
            {
                "number": p.number,
                "printed": p.printed,
                "title": p.title,
                "kind": p.kind,
                "measures": p.measures,
                "start": p.start,
                "end": p.end,
            }
            for p in reading.parts
        ],
        "measures": [
            {
                "id": m.id,
                "number": m.number,
                "printed": m.printed,
                "title": m.title,
                "part": m.part if m.part >= 0 else None,
                "start": m.start,
                "end": m.end,
                "clauses": [_clause(c) for c in m.clauses],
            }
            for m in reading.measures
        ],
        "targets": [_target(t) for t in reading.targets],
        "tasks": [
            {
                "number": t.number,
                "group": t.group,
                "group_title": t.group_title,
                "goal": t.goal,
                "title": t.title,
                "bodies": [_body(b) for b in t.bodies],
                "standing_rule": t.standing_rule or None,
                "deadline": t.deadline or None,
                "place": t.place,
                "start": t.start,
                "end": t.end,
            }
            for t in reading.tasks
        ],
        "bodies": [
            {
                "canonical": b.canonical,
                "aliases": list(b.aliases),
                "count": b.count,
                "known": b.known,
            }
            for b in reading.bodies
        ],
        "annexes": [{"number": n, "title": t} for n, t in reading.annexes],
        "programmes": [
            {"name": p.name, "start": p.start, "end": p.end} for p in reading.programmes
        ],
        "deadlines": [
            {"text": d.text, "year": d.year, "month": d.month, "start": d.start, "end": d.end}
            for d in reading.deadlines
        ],
        "standing_rules": [
            {
                "text": s.text,
                "kind": s.kind,
                "bodies": list(s.bodies),
                "start": s.start,
                "end": s.end,
            }
            for s in reading.standing_rules
        ],
        "findings": [_finding(f, message) for f in reading.findings],
    }


def _clause(clause: ClauseText) -> dict[str, Any]:
    bracket = clause.bracket
    return {
        "text": clause.text,
        "start": clause.start,
        "end": clause.end,
        "bodies": [_body(b) for b in clause.bodies],
        "standing_rule": clause.standing_rule or None,
        "deadline": clause.deadline or None,
        "bracket": None
        if bracket is None
        else {
            "text": bracket.text,
            "wording": bracket.wording,
            "closed": bracket.closed,
            "start": bracket.start,
            "end": bracket.end,
        },
    }


def _body(body: BodyMention) -> dict[str, Any]:
    return {
        "name": body.name,
        "canonical": body.canonical,
        "role": str(body.role),
        "start": body.start,
        "end": body.end,
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _target(target: Target) -> dict[str, Any]:
    return {
        "indicator": target.indicator,
        "value": _number(target.value),
        "high": _number(target.high),
        "unit": target.unit,
        "comparator": str(target.comparator),
        "modality": str(target.modality),
        "year": target.year,
        "year_stated": target.year_stated,
        "first_year": target.first_year,
        "base_year": target.base_year,
        "kind": str(target.kind),
        "benchmark": target.benchmark or None,
        "annual": target.annual,
        "scope": target.scope or None,
        "place": target.place,
        "clause": target.clause,
        "start": target.start,
        "end": target.end,
    }


def _location(location: Location) -> dict[str, Any]:
    return {
        "start": location.start,
        "end": location.end,
        "text": location.text,
        "place": location.place or None,
    }


def _finding(finding: Finding, message: Callable[[Finding], str] | None) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": finding.kind, "severity": str(finding.severity)}
    if message is not None:
        made["message"] = message(finding)
    made["params"] = {k: v if isinstance(v, int) else str(v) for k, v in finding.params.items()}
    made["locations"] = [_location(place) for place in finding.locations]
    made["arithmetic"] = [
        {
            "operation": operation,
            "numbers": {k: _number(v) for k, v in numbers.items()},
            "result": _number(round(result, 6)),
        }
        for operation, numbers, result in finding.arithmetic
    ]
    return made
