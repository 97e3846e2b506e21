"""The hierarchy: indicators below, one index on top, weights between.

Nodes are numbered: indicators first, then aggregates, each in the order they were given. Every
array over nodes in this package uses that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from .arrays import Floats
from .errors import TreeError, WeightError


@dataclass(frozen=True, slots=True)
class Element:
    """One indicator (level 1) or aggregate (higher levels)."""

    code: str
    level: int
    parent: str = ""
    """Code of the aggregate above; empty for the index."""
    direction: int | None = None
    """+1 more is better, −1 less is better. Required of indicators."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Named numbers: weights, target, goalposts. In the indicator's own unit; absent = unknown."""
    denominator: str = ""
    """Column the indicator is divided by."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One aggregate and its direct children."""

    node: int
    """Number of the aggregate among all nodes."""
    code: str
    level: int
    children: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A checked hierarchy. Make it with `Tree.of`."""

    elements: tuple[Element, ...]
    """By node number: indicators, then aggregates."""
    n_indicators: int
    groups: tuple[Group, ...]
    """In the order of computation: lower levels first."""

    @staticmethod
    def of(elements: Iterable[Element]) -> Tree:
        """Check the elements and number them.

        Raises
        ------
        TreeError
            Two elements share a code, a parent is unknown or not above its child, there is a
            cycle, no index or several, an aggregate without children, or an indicator without
            direction. The message names the element.

        >>> tree = Tree.of([Element("a", 1, "i", 1), Element("b", 1, "i", -1), Element("i", 2)])
        >>> tree.index, tree.groups[0].children
        ('i', (0, 1))
        """
        given = tuple(elements)
        by_code = _by_code(given)
        for element in given:
            _check_element(element, by_code)
        _check_cycles(by_code)
        roots = [element.code for element in given if not element.parent]
        if len(roots) != 1:
            said = ", ".join(roots) or "none"
            raise TreeError(
                f"there must be exactly one element without parent, the index; found: {said}",
                code="roots",
                element=roots[1] if len(roots) > 1 else "",
            )
        indicators = [element for element in given if element.level == 1]
        aggregates = [element for element in given if element.level > 1]
        ordered = (*indicators, *aggregates)
        number = {element.code: n for n, element in enumerate(ordered)}
        groups = []
        for element in sorted(aggregates, key=lambda a: a.level):
            children = tuple(n for n, child in enumerate(ordered) if child.parent == element.code)
            if not children:
                raise TreeError(
                    f"aggregate “{element.code}” (level {element.level}) has no children",
                    code="childless",
                    element=element.code,
                )
            groups.append(Group(number[element.code], element.code, element.level, children))
        if not indicators:
            raise TreeError("there is no element of level 1: nothing to measure", code="empty")
        return Tree(ordered, len(indicators), tuple(groups))

    @property
    def indicators(self) -> tuple[str, ...]:
        """Codes of the indicators."""
        return tuple(element.code for element in self.elements[: self.n_indicators])

    @property
    def aggregates(self) -> tuple[str, ...]:
        """Codes of the aggregates, in the order they were given."""
        return tuple(element.code for element in self.elements[self.n_indicators :])

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of all nodes, by number."""
        return tuple(element.code for element in self.elements)

    @property
    def index(self) -> str:
        """Code of the index."""
        return next(element.code for element in self.elements if not element.parent)

    @property
    def index_node(self) -> int:
        """Number of the index."""
        return self.codes.index(self.index)

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels that are computed, ascending."""
        return tuple(sorted({group.level for group in self.groups}))

    @property
    def directions(self) -> Floats:
        """+1 or −1 per indicator."""
        return np.array([e.direction for e in self.elements[: self.n_indicators]], dtype=float)

    def node(self, code: str) -> int:
        """Number of an element.

        Raises TreeError when there is none, with the nearest code.
        """
        try:
            return self.codes.index(code)
        except ValueError:
            raise TreeError(
                f"there is no element “{code}”{nearest(code, self.codes)}", element=code
            ) from None

    def numbers(self, name: str) -> Floats:
        """Named number of each indicator, NaN where it has none."""
        return np.array(
            [e.numbers.get(name, np.nan) for e in self.elements[: self.n_indicators]], dtype=float
        )

    def weights(self, name: str) -> Floats:
        """Weights of all nodes from the named number; the index's own weight does not matter.

        Raises
        ------
        WeightError
            A weight is missing, negative or infinite, or all children of a node have weight zero.
        """
        weights = np.array([e.numbers.get(name, np.nan) for e in self.elements], dtype=float)
        if np.isnan(weights).all():
            known = sorted({key for e in self.elements for key in e.numbers})
            raise WeightError(
                f"no element has a number “{name}” to be its weight{nearest(name, known)}",
                code="no_weights",
                column=name,
            )
        if np.isnan(weights[self.index_node]):
            weights[self.index_node] = 1.0
        self.check_weights(weights, name)
        return weights

    def check_weights(self, weights: Floats, name: str = "weight") -> None:
        """Raise WeightError unless all weights are usable; shape (..., nodes)."""
        flat = weights.reshape(-1, len(self.elements))
        bad = ~np.isfinite(flat) | (flat < 0)
        if bad.any():
            n = int(np.argmax(bad.any(axis=0)))
            value = flat[int(np.argmax(bad[:, n])), n]
            said = "is missing" if np.isnan(value) else f"is {value:g}: it must be zero or more"
            raise WeightError(
                f"the {name} of “{self.elements[n].code}” {said}",
                code="bad_weight",
                element=self.elements[n].code,
                column=name,
            )
        for group in self.groups:
            if (flat[:, group.children].sum(axis=1) <= 0).any():
                raise WeightError(
                    f"all children of “{group.code}” have weight zero",
                    code="zero_weights",
                    element=group.code,
                    column=name,
                )

    def effective_weights(self, weights: Floats) -> Floats:
        """Share of each node in the index: products of the shares on its way up.

        Parameters
        ----------
        weights : shape (..., nodes)

        Returns
        -------
        effective : shape (..., nodes)
            1 for the index; those of the indicators sum to 1.
        """
        effective = np.zeros_like(weights, dtype=float)
        effective[..., self.index_node] = 1.0
        for group in reversed(self.groups):
            children = list(group.children)
            own = weights[..., children]
            shares = own / own.sum(axis=-1, keepdims=True)
            effective[..., children] = shares * effective[..., [group.node]]
        return effective

    def leaves(self, code: str) -> tuple[int, ...]:
        """Numbers of the indicators under (or equal to) an element."""
        node = self.node(code)
        if node < self.n_indicators:
            return (node,)
        group = next(g for g in self.groups if g.node == node)
        return tuple(leaf for child in group.children for leaf in self.leaves(self.codes[child]))

    def without(self, code: str) -> Tree:
        """The tree after removing an element with all below it, and parents left childless."""
        gone = {self.elements[n].code for n in self._below(self.node(code))}
        kept = [e for e in self.elements if e.code not in gone]
        while childless := {e.code for e in kept if e.level > 1} - {e.parent for e in kept}:
            kept = [e for e in kept if e.code not in childless]
        if not kept:
            raise TreeError(f"without “{code}” nothing is left", element=code)
        return Tree.of(kept)

    def _below(self, node: int) -> set[int]:
        found = {node}
        for group in self.groups:
            if group.node == node:
                for child in group.children:
                    found |= self._below(child)
        return found


def nearest(word: str, known: Sequence[str]) -> str:
    """` ; did you mean …?` for the closest of the known words, or nothing.

    >>> nearest("wieght", ["weight", "target"])
    '; did you mean “weight”?'
    """
    lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), lower, n=1, cutoff=0.5)
    return f"; did you mean “{lower[close[0]]}”?" if close else ""


def _by_code(elements: Sequence[Element]) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for element in elements:
        if not element.code:
            raise TreeError("an element has no code", code="no_code", element="")
        if element.code in found:
            raise TreeError(
                f"element “{element.code}” is listed twice", code="twice", element=element.code
            )
        found[element.code] = element
    return found


def _check_element(element: Element, by_code: Mapping[str, Element]) -> None:
    code = element.code
    if element.level < 1:
        raise TreeError(
            f"the level of “{code}” is {element.level}: it must be 1 or more",
            code="level",
            element=code,
        )
    if element.level == 1 and element.direction not in (1, -1):
        said = (
            "has no direction"
            if element.direction is None
            else (f"has direction {element.direction}")
        )
        raise TreeError(
            f"indicator “{code}” {said}: write 1 (more is better) or -1 (less is better)",
            code="direction",
            element=code,
        )
    if element.level == 1 and not element.parent:
        raise TreeError(f"indicator “{code}” has no parent", code="orphan", element=code)
    if element.parent and element.parent not in by_code:
        raise TreeError(
            f"“{code}” has the unknown parent “{element.parent}”"
            f"{nearest(element.parent, list(by_code))}",
            code="parent",
            element=code,
        )


def _check_cycles(by_code: Mapping[str, Element]) -> None:
    for start in by_code.values():
        way, at = [start.code], start
        while at.parent:
            at = by_code[at.parent]
            if at.code in way:
                circle = " → ".join([*way[way.index(at.code) :], at.code])
                raise TreeError(
                    f"the elements form a circle: {circle}", code="cycle", element=start.code
                )
            way.append(at.code)
    for element in by_code.values():
        if element.parent and by_code[element.parent].level <= element.level:
            above = by_code[element.parent]
            raise TreeError(
                f"“{element.code}” (level {element.level}) lies under “{above.code}” "
                f"(level {above.level}): a parent's level must be higher",
                code="level",
                element=element.code,
            )
