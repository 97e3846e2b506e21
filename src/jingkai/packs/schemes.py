"""The evaluation schemes of a pack: `schemes.yaml` into dataclasses; what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jingkai.delivery.evaluation.public import (
    EditionDraft,
    Facts,
    NodeDraft,
    Problem,
    problems_of,
    sentence,
)

from .base import Placed
from .schema import Record

if TYPE_CHECKING:
    from .model import Pack

Mistake = tuple[Placed, str, str, str]


@dataclass(frozen=True, slots=True)
class PackNode(Placed):
    """One node with what stands under it; a node with `direction` is a leaf."""

    code: str
    name_zh: str
    name_en: str
    points: Decimal
    direction: str
    indicator: str | None
    period_rule: str
    growth_share: Decimal | None
    growth_rule: str
    target: Decimal | None
    method: Mapping[str, Any]
    verified: bool
    note: str
    parts: tuple[PackNode, ...]


@dataclass(frozen=True, slots=True)
class PackScheme(Placed):
    code: str
    name_zh: str
    name_en: str
    issuer_zh: str
    first_year: int
    last_year: int | None
    group_by: str
    min_group: int
    min_coverage: Decimal
    verified: bool
    source: str
    method: Mapping[str, Any]
    adjust: Mapping[str, Any]
    ledger_rules: tuple[Mapping[str, Any], ...]
    exit_rules: tuple[Mapping[str, Any], ...]
    tree: PackNode | None


def scheme(r: Record) -> PackScheme:
    """Take a scheme."""
    tree = r.record("tree")
    return PackScheme(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=4, high=60),
        name_en=r.text("name_en"),
        issuer_zh=r.text("issuer_zh", required=False, high=80),
        first_year=r.integer("first_year", 1990, 2200),
        last_year=r.optional_integer("last_year", 1990, 2200),
        group_by=r.text("group_by"),
        min_group=r.integer("min_group", 2, 1000),
        min_coverage=r.optional_number("min_coverage") or Decimal("0.6"),
        verified=r.flag("verified"),
        source=r.code("source"),
        method=_mapping(r, "method"),
        adjust=_mapping(r, "adjust", required=False),
        ledger_rules=_rules(r, "ledger_rules", _ledger_rule),
        exit_rules=_rules(r, "exit_rules", plain),
        tree=_node(tree) if tree else None,
    )


def _node(r: Record) -> PackNode:
    node = PackNode(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=2, high=120),
        name_en=r.text("name_en", required=False),
        points=_points(r),
        direction=r.text("direction", required=False),
        indicator=r.optional_code("indicator"),
        period_rule=r.text("period_rule", required=False) or "year",
        growth_share=r.optional_number("growth_share"),
        growth_rule=r.text("growth_rule", required=False) or "percent",
        target=r.optional_number("target"),
        method=_mapping(r, "method", required=False),
        verified=r.flag("verified", default=False),
        note=r.text("note", required=False, high=300),
        parts=tuple(_node(part) for part in r.records("parts", required=False)),
    )
    if node.direction not in ("", "up", "down"):
        r.problem("direction", f"“{node.direction}” is not allowed.", "Write up or down.")
    r.finish()
    return node


def _points(r: Record) -> Decimal:
    r.take("points", required=True)
    points = r.optional_number("points")
    if points is not None and not 0 <= points <= 100:
        r.problem("points", f"{points} points: a node has 0 to 100.", "Correct it.")
    return points if points is not None else Decimal(0)


def _mapping(r: Record, key: str, *, required: bool = True) -> dict[str, Any]:
    value = r.take(key, required=required)
    if value is None:
        return {}
    if not isinstance(value, dict):
        r.problem(key, "A group of fields is expected.", "Write key: value.")
        return {}
    found = plain(value)
    return found if isinstance(found, dict) else {}


def _rules(r: Record, key: str, read: Any) -> tuple[dict[str, Any], ...]:
    value = r.take(key, required=False)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        r.problem(key, "A list of rules is expected.", "Write - {code, name, kind, …}.")
        return ()
    return tuple(read(each) for each in value)


def _ledger_rule(value: Mapping[str, Any]) -> dict[str, Any]:
    """Points stay texts, so that no digit is lost; what is left out is empty."""
    rule = {"name_en": "", "basis": "", "verified": False, **value}
    for name in ("points", "cap"):
        number = value.get(name)
        rule[name] = format(number, "f") if isinstance(number, Decimal) else number
    rule["points"] = rule["points"] or "0"
    return rule


def plain(value: Any) -> Any:
    """A value of YAML as the engine's grammar takes it: numbers as numbers.

    >>> plain({"range": [Decimal("60"), Decimal("100")], "noise": Decimal("0.25")})
    {'range': [60, 100], 'noise': 0.25}
    """
    match value:
        case bool() | None:
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {str(name): plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return str(value)


def nodes_of(row: PackScheme) -> Iterator[tuple[PackNode, str]]:
    """Every node with the code of what it stands under, in tree order."""

    def walk(node: PackNode, parent: str) -> Iterator[tuple[PackNode, str]]:
        yield node, parent
        for part in node.parts:
            yield from walk(part, node.code)

    if row.tree is not None:
        yield from walk(row.tree, "")


def edition(row: PackScheme, sources: Mapping[str, str]) -> EditionDraft:
    """The scheme as the product keeps it; `sources` by id."""
    directions = {"up": 1, "down": -1}
    return EditionDraft(
        first_year=row.first_year,
        last_year=row.last_year,
        nodes=tuple(
            NodeDraft(
                code=node.code,
                parent=parent,
                name=node.name_zh,
                name_en=node.name_en,
                points=node.points,
                is_leaf=bool(node.direction) or not node.parts,
                direction=directions.get(node.direction),
                indicator=node.indicator or "",
                period_rule=node.period_rule,
                growth_share=node.growth_share,
                growth_rule=node.growth_rule,
                target=node.target,
                method=node.method,
                verified=node.verified,
                note=node.note,
            )
            for node, parent in nodes_of(row)
        ),
        method=row.method,
        adjust=row.adjust,
        ledger_rules=row.ledger_rules,
        exit_rules=tuple(
            {**rule, "source": sources.get(rule.get("source", ""), rule.get("source", ""))}
            for rule in row.exit_rules
        ),
        group_by=row.group_by,
        min_group=row.min_group,
        min_coverage=row.min_coverage,
        verified=row.verified,
        source=sources.get(row.source, row.source),
    )


def scheme_mistakes(pack: Pack) -> Iterator[Mistake]:
    """What forbids publishing a scheme, at the line of its node: row, field, what, remedy."""
    facts = _facts(pack)
    for row in pack.schemes:
        definition = edition(row, {}).definition(row.code, 1, {})
        at = {node.code: node for node, __ in nodes_of(row)}
        for problem in problems_of(definition, facts):
            place = at.get(problem.node)
            field = _field(problem) if place else ""
            yield place or row, field, sentence(problem, definition), "Correct the scheme."
        if row.group_by not in ("none", "level"):
            yield row, "group_by", f"“{row.group_by}” is not allowed.", "Write none or level."


def _field(problem: Problem) -> str:
    fields = {
        "sum": "points",
        "not_hundred": "points",
        "twice": "code",
        "unknown_indicator": "indicator",
        "whole_city_only": "indicator",
    }
    return fields.get(problem.code, "")


def _facts(pack: Pack) -> dict[str, Facts]:
    directions = {"up": "higher", "down": "lower", "none": "none"}
    found = {}
    for row in pack.indicators:
        # As in the product: a yearly running total is the year's own figure.
        yearly = row.frequency == "year" and row.value_mode == "ytd"
        found[row.code] = Facts(
            name=row.name_zh,
            unit=row.unit,
            is_benchmark=row.scope == "city",
            is_judged=False,
            direction=directions[row.direction],
            frequency=str(row.frequency),
            value_mode="period" if yearly else str(row.value_mode),
            time_aggregation=str(row.time_aggregation),
        )
    return found
