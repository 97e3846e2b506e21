"""What goes into the builder, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Files = dict[str, Any]
"""File name → content: texts, Decimals, booleans, dates, None, lists and mappings."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a person says about the pack. `approved_by` and `coordinator` are bodies' codes."""

    code: str
    title: str
    title_en: str
    city: str
    approved_by: str
    coordinator: str
    status: str = "draft"
    prefix: str = ""
    """Before the codes of the document's own records, where another document has the bare ones."""
    year: int = 2026


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A body of the product's register; `kind` in the pack's words."""

    code: str
    name: str
    name_en: str
    kind: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A thing that was accepted, corrected or joined (`match`: the record's code)."""

    kind: str
    key: str
    data: Mapping[str, Any]
    match: str = ""
    parent: str = ""
    corrected: frozenset[str] = frozenset()
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    head: Head
    taken: tuple[Taken, ...]
    open_findings: tuple[Taken, ...] = ()
    """Findings nobody settled: each is, or becomes, an open conflict."""
    parts: tuple[Mapping[str, Any], ...] = ()
    references: tuple[Mapping[str, Any], ...] = ()
    bodies: Mapping[str, KnownBody] = field(default_factory=dict)
    """Of the product, by code."""
    indicators: frozenset[str] = frozenset()
    """Codes taken in the product."""
    catalogue: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Indicators of all packs by code, as their files have them; "unit" is the unit's record."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What stands in the way: at which thing, in which field, and what to do."""

    item: str
    field: str
    message: str


@dataclass(slots=True)
class Built:
    """`codes`: each thing's key → its code in the product. `origins`: `file#path` → key."""

    files: Files
    codes: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    changed: bool = False


def figure(value: Any) -> Decimal | None:
    """A figure of a thing read; None for none. Raises decimal.InvalidOperation."""
    return None if value in (None, "") else Decimal(str(value))


@dataclass(slots=True)
class Draft:
    """The pack under way: its files, its records by the code each has in the product."""

    plan: Plan
    files: Files
    built: Built
    by_code: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Every spelling of a body of this pack → its code."""
    made: dict[int, str] = field(default_factory=dict)
    """id() of each record made or changed → key of its thing."""

    def rows(self, file: str, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.files[file][key]
        return found

    def mistake(self, item: Taken, field_name: str, message: str) -> None:
        self.built.mistakes.append(Mistake(item.key, field_name, message))

    def of(self, *kinds: str) -> Sequence[Taken]:
        return [item for item in self.plan.taken if item.kind in kinds]
