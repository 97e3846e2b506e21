"""What a responsibility bracket says: who, in which role, and under which rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a bracket asks of a body."""

    LEAD = "lead"
    ASSIST = "assist"
    UNSPECIFIED = "unspecified"
    """Responsible, with no order stated."""


class Wording(StrEnum):
    """How a bracket puts it."""

    SINGLE = "single"
    SHARED = "shared"
    """按职责分工负责"""
    ETC = "etc"
    """The list is open: …等负责."""
    LISTED = "listed"
    """责任单位:… without a verb."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A body named in a bracket, where it stands, and its role."""

    name: str
    start: int
    end: int
    role: Role = Role.UNSPECIFIED


@dataclass(slots=True)
class Duty:
    """One responsibility bracket (or line). Offsets are those of the plain string."""

    start: int
    end: int
    mentions: list[Mention] = field(default_factory=list)
    wording: Wording = Wording.SINGLE
    standing_rule: str = ""
    """What it says once for everything that follows."""
    lead_first: bool = False
    """The rule says: of each list the first body leads."""
    deadline: str = ""
    closed: bool = True
    labelled: bool = False
    prose: bool = False
    """Stated by the running text, not by a bracket."""
