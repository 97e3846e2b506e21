"""A whole pack as typed, frozen values: what the loader and the checker read.

Codes are the pack's own stable keys. `at` is `file#path` of the record, the key of its line in
`Pack.lines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .base import PackPlace, Placed
from .figures import (
    PackConflict,
    PackIndicator,
    PackLightRule,
    PackReference,
    PackTarget,
    PackUnit,
)
from .forms import PackForm
from .schemes import PackScheme
from .validation_rules import PackRule
from .vocabulary import (
    AliasKind,
    BodyKind,
    DocumentStatus,
    MembersKind,
    NeighbourKind,
    RuleScope,
    SourceKind,
    Wording,
    ZoneLevel,
)


@dataclass(frozen=True, slots=True)
class PackCitation(Placed):
    """A higher document; `text_seen` tells whether its text was available to the pack's authors."""

    number: str
    issuer_zh: str
    issuer_en: str
    title_zh: str
    title_en: str
    text_seen: bool


@dataclass(frozen=True, slots=True)
class PackPart(Placed):
    code: str
    number_zh: str  # as printed; "" when the heading has none
    title_zh: str
    title_en: str
    measures: tuple[int, ...]  # first and last number, or empty


@dataclass(frozen=True, slots=True)
class PackDocument(Placed):
    title_zh: str
    title_en: str
    status: DocumentStatus
    approved_by: str
    coordinator: str
    references: tuple[PackCitation, ...]
    parts: tuple[PackPart, ...]


@dataclass(frozen=True, slots=True)
class PackExpected(Placed):
    """Counts of a complete reading. `clauses` does not include the standing ones."""

    measures: int
    clauses: int
    standing_clauses: int
    tasks: tuple[int, ...]  # per group
    annex1_rows: int


@dataclass(frozen=True, slots=True)
class PackSource(Placed):
    id: str
    kind: SourceKind
    title_zh: str
    title_en: str
    where: str
    note: str


@dataclass(frozen=True, slots=True)
class PackAlias(Placed):
    name: str
    kind: AliasKind
    valid_from: date | None
    valid_to: date | None
    note: str


@dataclass(frozen=True, slots=True)
class PackBody(Placed):
    """A body. A group stands for many: `members`, or all bodies of `members_kind`."""

    code: str
    kind: BodyKind
    name_zh: str
    name_en: str
    parent: str | None
    hosted_by: str | None
    gb_code: str  # GB/T 2260, or ""
    members_kind: MembersKind | None
    members: tuple[str, ...]
    aliases: tuple[PackAlias, ...]
    note: str


@dataclass(frozen=True, slots=True)
class PackFact(Placed):
    """A confirmed figure about a zone; never a reported value."""

    key: str
    value: str | Decimal | bool | None
    unit: str
    period: str
    title_zh: str
    title_en: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class PackZonePart(Placed):
    """A park inside a zone."""

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    verified: bool
    source: str
    facts: tuple[PackFact, ...]


@dataclass(frozen=True, slots=True)
class PackZone(Placed):
    code: str
    name_zh: str
    name_en: str
    short_zh: str
    level: ZoneLevel
    level_verified: bool
    host: str  # body code of the district
    committee: str  # body code
    catalogue_code: str | None
    planned_ha: Decimal | None
    controlled_ha: Decimal | None
    approved_ha: Decimal | None
    leading_industries: tuple[str, ...]
    verified: bool
    source: str
    note: str
    facts: tuple[PackFact, ...]
    parts: tuple[PackZonePart, ...]


@dataclass(frozen=True, slots=True)
class PackNeighbour(Placed):
    """An area named beside the zones that is none of them."""

    code: str
    name_zh: str
    name_en: str
    kind: NeighbourKind
    host: str
    source: str


@dataclass(frozen=True, slots=True)
class PackClause(Placed):
    """One responsibility bracket; `bodies` in the order of the document."""

    id: str
    title_zh: str
    title_en: str
    bodies: tuple[str, ...]
    wording: Wording
    standing: bool
    lead: str | None = None  # of `bodies`, where the document names one
    assist: tuple[str, ...] = ()  # of `bodies`, those the document lets assist


@dataclass(frozen=True, slots=True)
class PackMeasure(Placed):
    number: int
    ordinal_zh: str
    part: str
    title_zh: str
    title_en: str
    clauses: tuple[PackClause, ...]


@dataclass(frozen=True, slots=True)
class PackGoal(Placed):
    id: str
    title_zh: str
    title_en: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackTaskGroup(Placed):
    code: str
    ordinal_zh: str
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class PackTask(Placed):
    number: int
    group: str
    goal: str
    title_zh: str
    title_en: str
    bodies: tuple[str, ...]
    open_list: bool  # the document ends the list with 等
    measure: int
    clauses: tuple[str, ...]
    targets: tuple[str, ...]  # beside those of the goal
    indicators: tuple[str, ...]
    lead: str | None = None  # of `bodies`, where the document names one
    assist: tuple[str, ...] = ()  # of `bodies`, those the document lets assist


@dataclass(frozen=True, slots=True)
class PackStandingRule(Placed):
    id: str
    applies_to: RuleScope
    from_clause: str | None
    bodies: tuple[str, ...]
    place: PackPlace
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class PackCluster(Placed):
    code: str
    name_zh: str
    name_en: str
    verified: bool
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Pack:
    """One policy as data. `digest` changes exactly when the content does, not its layout."""

    id: str
    title_zh: str
    title_en: str
    version: str
    city: str  # GB/T 2260
    digest: str  # SHA-256, hexadecimal
    document: PackDocument
    expected: PackExpected
    sources: tuple[PackSource, ...]
    bodies: tuple[PackBody, ...]
    zones: tuple[PackZone, ...]
    neighbours: tuple[PackNeighbour, ...]
    units: tuple[PackUnit, ...]
    indicators: tuple[PackIndicator, ...]
    targets: tuple[PackTarget, ...]
    measures: tuple[PackMeasure, ...]
    goals: tuple[PackGoal, ...]
    task_groups: tuple[PackTaskGroup, ...]
    tasks: tuple[PackTask, ...]
    standing_rules: tuple[PackStandingRule, ...]
    conflicts: tuple[PackConflict, ...]
    light_rules: tuple[PackLightRule, ...]
    references: tuple[PackReference, ...]
    clusters: tuple[PackCluster, ...]
    forms: tuple[PackForm, ...]
    validation_rules: tuple[PackRule, ...]
    schemes: tuple[PackScheme, ...]
    lines: Mapping[str, int] = field(compare=False, repr=False)
    prefix: str = ""
    """Before the codes of the document's own records, where another document has the bare ones."""

    @property
    def clauses(self) -> tuple[PackClause, ...]:
        """All clauses in the order of the document."""
        return tuple(clause for measure in self.measures for clause in measure.clauses)
