"""A scheme as plain frozen data: what a run keeps, what the engine takes, what digests are of.

Pure: no database. `problems` says everything that is wrong, each with the node it concerns; a
version with problems is not published and a run of it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SM3, Hash

from jingkai.engine.composite import (
    CompositeError,
    Element,
    Method,
    Tree,
    check_method,
    parse_method,
)

WHOLE: Final = Decimal(100)
"""Points of the root."""
GROUP_COLUMN: Final = "group"
ADJUST_COLUMNS: Final = {"bonus": "bonus", "deduction": "deduction", "veto": "veto"}


def base_column(code: str) -> str:
    """Column with the figure of the year before.

    >>> base_column("GDP")
    'GDP.base'
    """
    return f"{code}.base"


@dataclass(frozen=True, slots=True)
class Node:
    """One node; `parent` is "" for the root. Leaves have a direction and a rule of the period."""

    code: str
    parent: str
    name: str
    points: Decimal
    name_en: str = ""
    is_leaf: bool = False
    direction: int | None = None
    indicator: str = ""
    unit: str = ""
    period_rule: str = "year"
    growth_share: Decimal | None = None
    growth_rule: str = "percent"
    target: Decimal | None = None
    method: Mapping[str, Any] = field(default_factory=dict)
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong; `node` "" = the scheme as a whole. `code` and `params` make the words."""

    code: str
    node: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A whole scheme. Nodes stand in the order of the tables."""

    scheme: str
    number: int
    nodes: tuple[Node, ...]
    method: Mapping[str, Any]
    adjust: Mapping[str, Any] = field(default_factory=dict)
    group_by: str = "level"
    min_group: int = 3
    min_coverage: Decimal = Decimal("0.6")
    ledger_rules: tuple[Mapping[str, Any], ...] = ()
    exit_rules: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def by_code(self) -> dict[str, Node]:
        return {node.code: node for node in self.nodes}

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.is_leaf)

    @cached_property
    def root(self) -> Node:
        return next(node for node in self.nodes if not node.parent)

    def children(self, code: str) -> tuple[Node, ...]:
        """Direct children in order."""
        return tuple(node for node in self.nodes if node.parent == code)

    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong with the scheme, tree first, then method."""
        found = tuple(_tree_problems(self))
        return found or tuple(_method_problems(self))

    def tree(self) -> Tree:
        """The engine's tree. Raises TreeError."""
        heights = _heights(self)
        return Tree.of(
            Element(
                node.code,
                heights[node.code],
                node.parent,
                node.direction if node.is_leaf else None,
                {
                    "weight": float(node.points),
                    **({} if node.target is None else {"target": float(node.target)}),
                },
                label=node.name,
            )
            for node in self.nodes
        )

    def method_data(self) -> dict[str, Any]:
        """The method in the engine's grammar, as it is also written for the console."""
        data: dict[str, Any] = json.loads(json.dumps(dict(self.method)))
        own = {n.code: dict(n.method) for n in self.nodes if n.method}
        scales = {c: m for c, m in own.items() if self.by_code[c].is_leaf}
        rules = {c: m for c, m in own.items() if not self.by_code[c].is_leaf}
        if scales:
            data["normalise"] = _mapping(data.get("normalise", "minmax")) | {"indicators": scales}
        if rules:
            data["aggregate"] = _mapping(data.get("aggregate", "arithmetic")) | {"nodes": rules}
        split = {
            n.code: {
                "base": base_column(n.code),
                "growth_share": float(n.growth_share),
                "rule": n.growth_rule,
            }
            for n in self.leaves
            if n.growth_share
        }
        if split:
            data["split"] = split
        if self.group_by != "none":
            data["groups"] = GROUP_COLUMN
        data["adjust"] = {**ADJUST_COLUMNS, **self.adjust}
        return data

    def engine_method(self) -> Method:
        """Raises MethodError or InfeasibleError."""
        return parse_method(self.method_data())

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data; `from_data` reads it back to an equal definition."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return data

    def digest(self) -> str:
        """SM3 over the canonical text of `as_data`, in hexadecimal."""
        return sm3(canonical(self.as_data()))


def from_data(data: Mapping[str, Any]) -> Definition:
    """The definition that `as_data` wrote."""
    decimals = ("points", "growth_share", "target")

    def node(given: Mapping[str, Any]) -> Node:
        fields: dict[str, Any] = dict(given)
        for key in decimals:
            if fields[key] is not None:
                fields[key] = Decimal(fields[key])
        return Node(**fields)

    return Definition(
        **{
            **data,
            "nodes": tuple(node(given) for given in data["nodes"]),
            "min_coverage": Decimal(data["min_coverage"]),
            "ledger_rules": tuple(data["ledger_rules"]),
            "exit_rules": tuple(data["exit_rules"]),
        }
    )


def canonical(data: Any) -> str:
    """One text for equal data: sorted keys, no spaces, numbers as they stand."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def sm3(text: str) -> str:
    """SM3 in hexadecimal (GB/T 32905)."""
    digest = Hash(SM3())
    digest.update(text.encode())
    return digest.finalize().hex()


def _mapping(entry: Any) -> dict[str, Any]:
    return {"method": entry} if isinstance(entry, str) else dict(entry)


def _heights(definition: Definition) -> dict[str, int]:
    """1 for leaves, one more than the highest child for the others; call only without cycles."""
    heights: dict[str, int] = {}

    def height(code: str) -> int:
        if code not in heights:
            below = definition.children(code)
            heights[code] = 1 + max((height(n.code) for n in below), default=0)
        return heights[code]

    for node in definition.nodes:
        height(node.code)
    return heights


def _tree_problems(definition: Definition) -> Iterator[Problem]:
    codes: set[str] = set()
    for node in definition.nodes:
        if node.code in codes:
            yield Problem("twice", node.code)
        codes.add(node.code)
    roots = [n for n in definition.nodes if not n.parent]
    if len(roots) != 1:
        yield Problem("roots", params={"number": str(len(roots))})
        return
    for node in definition.nodes:
        if node.parent and node.parent not in codes:
            yield Problem("unknown_parent", node.code, {"parent": node.parent})
            return
    for node in definition.nodes:
        seen, above = {node.code}, node.parent
        while above:
            if above in seen:
                yield Problem("cycle", node.code, {"through": above})
                return
            seen.add(above)
            above = definition.by_code[above].parent
    if roots[0].points != WHOLE:
        yield Problem("not_hundred", roots[0].code, {"points": str(roots[0].points)})
    for node in definition.nodes:
        yield from _node_problems(definition, node)


def _node_problems(definition: Definition, node: Node) -> Iterator[Problem]:
    children = definition.children(node.code)
    if node.is_leaf:
        if children:
            yield Problem("leaf_with_children", node.code)
        if node.direction not in (1, -1):
            yield Problem("no_direction", node.code)
        return
    if not children:
        yield Problem("childless", node.code)
        return
    total = sum((child.points for child in children), Decimal(0))
    if total != node.points:
        yield Problem("sum", node.code, {"points": str(node.points), "sum": str(total)})


def _method_problems(definition: Definition) -> Iterator[Problem]:
    try:
        check_method(definition.engine_method(), definition.tree())
    except CompositeError as error:
        element = str(error.params.get("element", ""))
        place = {"code": error.code, "path": str(error.params.get("path", ""))}
        yield Problem("method", element, {"message": str(error), **place})
