"""An edition of a scheme as people, packs and the API write it. Pure: no database.

`EditionDraft` says everything an edition says, with bodies of text by code; `edition_data` is its
JSON, which packs, the API and exports share. Numbers are texts there, so no digit is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from .definition import Definition, Node

ROOT: Final = "ROOT"


@dataclass(frozen=True, slots=True)
class NodeDraft:
    """One node; `parent` is a code, "" for the root. See `models.SchemeNode` for the words."""

    code: str
    name: str
    points: Decimal
    parent: str = ""
    name_en: str = ""
    is_leaf: bool = False
    direction: int | None = None
    indicator: str = ""
    period_rule: str = "year"
    growth_share: Decimal | None = None
    growth_rule: str = "percent"
    target: Decimal | None = None
    method: Mapping[str, Any] = field(default_factory=dict)
    verified: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """What an edition says: its years, its tree, how it computes, its rules of points and exit."""

    first_year: int
    nodes: tuple[NodeDraft, ...]
    method: Mapping[str, Any]
    last_year: int | None = None
    adjust: Mapping[str, Any] = field(default_factory=dict)
    ledger_rules: tuple[Mapping[str, Any], ...] = ()
    exit_rules: tuple[Mapping[str, Any], ...] = ()
    group_by: str = "level"
    min_group: int = 3
    min_coverage: Decimal = Decimal("0.6")
    verified: bool = False
    source: str = ""
    reason: str = ""

    def definition(self, scheme: str, number: int, units: Mapping[str, str]) -> Definition:
        """The definition a run would keep; `units` by indicator code, "" where unknown."""
        return Definition(
            scheme=scheme,
            number=number,
            nodes=tuple(
                Node(
                    code=n.code,
                    parent=n.parent,
                    name=n.name,
                    name_en=n.name_en,
                    points=n.points,
                    is_leaf=n.is_leaf,
                    direction=n.direction,
                    indicator=n.indicator,
                    unit=units.get(n.indicator, ""),
                    period_rule=n.period_rule,
                    growth_share=n.growth_share,
                    growth_rule=n.growth_rule,
                    target=n.target,
                    method=n.method,
                    verified=n.verified,
                )
                for n in self.nodes
            ),
            method=self.method,
            adjust=self.adjust,
            group_by=self.group_by,
            min_group=self.min_group,
            min_coverage=self.min_coverage,
            ledger_rules=self.ledger_rules,
            exit_rules=self.exit_rules,
        )

    @property
    def indicators(self) -> frozenset[str]:
        """Codes of the indicators that leaves name."""
        return frozenset(n.indicator for n in self.nodes if n.indicator)


def empty_edition(first_year: int, name: str) -> EditionDraft:
    """A draft with nothing but its root."""
    root = NodeDraft(ROOT, name, Decimal(100))
    return EditionDraft(first_year, (root,), {"normalise": "minmax", "aggregate": "arithmetic"})


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros or exponent.

    >>> plain(Decimal("30.0000")), plain(Decimal("1E+2"))
    (Decimal('30'), Decimal('100'))
    """
    return Decimal(f"{number.normalize():f}")


def text_of(number: Decimal | None) -> str | None:
    """A number as the shared JSON writes it."""
    return None if number is None else f"{plain(number)}"


def edition_data(edition: EditionDraft) -> dict[str, Any]:
    """The edition as JSON; `edition_of` reads it back to an equal one. `reason` is not part."""
    data: dict[str, Any] = {
        "first_year": edition.first_year,
        "last_year": edition.last_year,
        "group_by": edition.group_by,
        "min_group": edition.min_group,
        "min_coverage": text_of(edition.min_coverage),
        "verified": edition.verified,
        "source": edition.source,
        "method": edition.method,
        "adjust": edition.adjust,
        "ledger_rules": list(edition.ledger_rules),
        "exit_rules": list(edition.exit_rules),
        "nodes": [node_data(node) for node in edition.nodes],
    }
    plain_data: dict[str, Any] = json.loads(json.dumps(data))
    return plain_data


def node_data(node: NodeDraft) -> dict[str, Any]:
    """One node as JSON."""
    return {
        "code": node.code,
        "parent": node.parent,
        "name": node.name,
        "name_en": node.name_en,
        "points": text_of(node.points),
        "is_leaf": node.is_leaf,
        "direction": node.direction,
        "indicator": node.indicator,
        "period_rule": node.period_rule,
        "growth_share": text_of(node.growth_share),
        "growth_rule": node.growth_rule,
        "target": text_of(node.target),
        "method": dict(node.method),
        "verified": node.verified,
        "note": node.note,
    }


def edition_of(data: Mapping[str, Any]) -> EditionDraft:
    """The edition that `edition_data` wrote."""
    nodes = tuple(
        NodeDraft(
            **{
                **given,
                "points": Decimal(given["points"]),
                "growth_share": _number(given["growth_share"]),
                "target": _number(given["target"]),
            }
        )
        for given in data["nodes"]
    )
    return EditionDraft(
        **{
            **data,
            "nodes": nodes,
            "min_coverage": Decimal(data["min_coverage"]),
            "ledger_rules": tuple(data["ledger_rules"]),
            "exit_rules": tuple(data["exit_rules"]),
        }
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def in_tree_order(edition: EditionDraft) -> EditionDraft:
    """The same edition, each node right after its parent and what stands under its elder sisters.

    Nodes that no root reaches (unknown parent, cycle) follow at the end.
    """
    below: dict[str, list[NodeDraft]] = {}
    for node in edition.nodes:
        below.setdefault(node.parent, []).append(node)
    seen: list[NodeDraft] = []

    def walk(code: str) -> Iterator[NodeDraft]:
        for node in below.pop(code, ()):
            yield node
            yield from walk(node.code)

    seen.extend(walk(""))
    rest = [node for node in edition.nodes if node not in seen]
    return replace(edition, nodes=(*seen, *rest))
