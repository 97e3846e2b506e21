"""What a reading of a policy document consists of. Offsets are those of the extracted text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from .duty import Role
from .target import Target


class Severity(StrEnum):
    """How much a finding matters. Everything but INFO is an open question."""

    HIGH = "high"
    """A verdict or a duty depends on it."""
    MEDIUM = "medium"
    """The owner of the document must be asked."""
    LOW = "low"
    """A slip of drafting; the reader must know."""
    INFO = "info"
    """Stated for the record; nothing to decide."""


@dataclass(frozen=True, slots=True)
class Location:
    """A stretch of the extracted text, with the words found there."""

    start: int
    end: int
    text: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the document leaves open, says in two ways, or gets wrong.

    `kind` and `params` are what a user interface makes a sentence of: the engine knows no
    language. `arithmetic` lists each step as (operation, named numbers, result).
    """

    kind: str
    severity: Severity
    params: Mapping[str, object] = field(default_factory=dict)
    locations: tuple[Location, ...] = ()
    arithmetic: tuple[tuple[str, Mapping[str, Decimal], Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class BodyMention:
    """A body as named in one place."""

    name: str
    canonical: str | None
    role: Role
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """A responsibility bracket."""

    start: int
    end: int
    text: str
    wording: str
    closed: bool = True


@dataclass(frozen=True, slots=True)
class ClauseText:
    """Words of a measure up to and with their responsibility bracket; `bodies` may be empty, and
    may be named by the words themselves, without a bracket."""

    text: str
    start: int
    end: int
    bodies: tuple[BodyMention, ...] = ()
    bracket: Bracket | None = None
    standing_rule: str = ""
    deadline: str = ""


@dataclass(frozen=True, slots=True)
class MeasureText:
    """A numbered measure."""

    id: str
    number: int | None
    printed: str
    title: str
    part: int
    """Index in `Reading.parts`; −1 where there is none."""
    start: int
    end: int
    clauses: tuple[ClauseText, ...] = ()


@dataclass(frozen=True, slots=True)
class PartText:
    """A part of the document."""

    number: int | None
    printed: str
    title: str
    kind: str
    """general | measures | closing"""
    start: int
    end: int
    measures: int = 0


@dataclass(frozen=True, slots=True)
class TaskText:
    """A row of the task list."""

    number: int
    group: str
    group_title: str
    goal: str
    title: str
    bodies: tuple[BodyMention, ...]
    start: int
    end: int
    deadline: str = ""
    standing_rule: str = ""
    annex: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class BodyCount:
    """A body over the whole document."""

    canonical: str
    aliases: tuple[str, ...]
    count: int
    known: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document that is named: by title, by number, or both."""

    title: str
    number: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Programme:
    """A named programme in quotation marks: “…”行动."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day or month by which something is due."""

    text: str
    year: int
    month: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StandingRule:
    """Said once, holds for what follows (or for all): who implements, or who leads."""

    text: str
    kind: str
    """implements | first_leads"""
    bodies: tuple[str, ...]
    start: int
    end: int


@dataclass(slots=True)
class Reading:
    """Everything read from one document."""

    title: str = ""
    number: str = ""
    issuer: str = ""
    draft: bool = False
    year: int | None = None
    parts: list[PartText] = field(default_factory=list)
    measures: list[MeasureText] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    tasks: list[TaskText] = field(default_factory=list)
    bodies: list[BodyCount] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    programmes: list[Programme] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    standing_rules: list[StandingRule] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    annexes: list[tuple[int | None, str]] = field(default_factory=list)
    registry: bool = False
    """Whether the caller's registry of bodies was used."""

    @property
    def brackets(self) -> int:
        """Responsibility brackets in the measures that do not state a standing rule."""
        return sum(1 for m in self.measures for c in m.clauses if c.bracket and not c.standing_rule)

    @property
    def standing_brackets(self) -> int:
        """Responsibility brackets that also state a rule for everything after them."""
        return sum(1 for m in self.measures for c in m.clauses if c.bracket and c.standing_rule)

    @property
    def open_questions(self) -> list[Finding]:
        """Findings somebody must decide."""
        return [f for f in self.findings if f.severity is not Severity.INFO]
