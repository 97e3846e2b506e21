"""What is different between two editions of a scheme, node by node. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from .definition import Definition, Node

_SAID: Final = (
    "name", "parent", "points", "direction", "indicator", "period_rule", "growth_share",
    "growth_rule", "target", "method",
)  # fmt: skip
_WHOLE: Final = ("method", "adjust", "group_by", "min_group", "min_coverage")


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` "added" or "removed" is about the node itself; `node` "" is the scheme as a whole."""

    node: str
    name: str
    field: str
    before: Any = None
    after: Any = None


def differences(before: Definition, after: Definition) -> tuple[Difference, ...]:
    """From one edition to the other, in the order of the second."""
    found: list[Difference] = [
        Difference("", "", name, getattr(before, name), getattr(after, name))
        for name in _WHOLE
        if getattr(before, name) != getattr(after, name)
    ]
    for node in after.nodes:
        old = before.by_code.get(node.code)
        if old is None:
            found.append(Difference(node.code, node.name, "added", after=node.points))
            continue
        found += _of_node(old, node)
    found += [
        Difference(node.code, node.name, "removed", before=node.points)
        for node in before.nodes
        if node.code not in after.by_code
    ]
    return tuple(found)


def _of_node(old: Node, new: Node) -> list[Difference]:
    return [
        Difference(new.code, new.name, name, getattr(old, name), getattr(new, name))
        for name in _SAID
        if getattr(old, name) != getattr(new, name)
    ]
