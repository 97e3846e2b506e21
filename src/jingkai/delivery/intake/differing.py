"""What a change between two readings consists of, and two texts laid over each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
_FINE: Final = 4_000_000
"""Character pairs up to which a difference is shown by characters; above, by sentences."""
_CHARACTERS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|.", re.DOTALL)
_PHRASES: Final = re.compile(r"[^,，。;；\n]*[,，。;；\n]?")


@dataclass(frozen=True, slots=True)
class Segment:
    """`op`: equal, delete (only before) or insert (only after)."""

    op: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was. Spans are offsets in the older and the newer text."""

    kind: str
    what: str
    title: str
    place: str = ""
    fields: tuple[FieldChange, ...] = ()
    diff: tuple[Segment, ...] = ()
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Changes by kind, each in the order of the newer text."""

    targets: Sequence[Change] = ()
    tasks: Sequence[Change] = ()
    duties: Sequence[Change] = ()
    bodies: Sequence[Change] = ()
    measures: Sequence[Change] = ()
    clauses: Sequence[Change] = ()
    unchanged: Mapping[str, int] = field(default_factory=dict)

    @property
    def groups(self) -> list[tuple[str, Sequence[Change]]]:
        """Kinds in the order of the page, each with its changes."""
        return [
            ("target", self.targets),
            ("task", self.tasks),
            ("duty", self.duties),
            ("body", self.bodies),
            ("measure", self.measures),
            ("clause", self.clauses),
        ]

    @property
    def all(self) -> list[Change]:
        return [change for _kind, changes in self.groups for change in changes]


def difference(old: str, new: str) -> tuple[Segment, ...]:
    """`old` and `new` as one text with what was struck out and what was put in.

    By characters, figures whole; long texts by phrases. Joining what is not "insert" gives `old`,
    what is not "delete" gives `new`.

    >>> [(s.op, s.text) for s in difference("达到1400亿元", "达到1474亿元")]
    [('equal', '达到'), ('delete', '1400'), ('insert', '1474'), ('equal', '亿元')]
    """
    pieces = _CHARACTERS if len(old) * len(new) <= _FINE else _PHRASES
    one, two = pieces.findall(old), pieces.findall(new)
    made: list[Segment] = []
    for op, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        before, after = "".join(one[a:b]), "".join(two[c:d])
        if op == "equal":
            made.append(Segment("equal", before))
            continue
        if before:
            made.append(Segment("delete", before))
        if after:
            made.append(Segment("insert", after))
    return tuple(made)
