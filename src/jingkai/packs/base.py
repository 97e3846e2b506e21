"""What every record of a pack has: its place in the file, and places of the document."""

from __future__ import annotations

from dataclasses import dataclass, field

from .vocabulary import (
    PlaceKind,
)


@dataclass(frozen=True, slots=True)
class PackPlace:
    """A place of the document: kind and number or code, such as annex1 row 5."""

    kind: PlaceKind
    ref: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}"


@dataclass(frozen=True, slots=True)
class Placed:
    """Everything that stands in a pack file knows where."""

    at: str = field(compare=False, repr=False)
