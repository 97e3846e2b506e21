"""What the API of schemes takes and gives."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from .drafting import EditionDraft, NodeDraft

Points = Annotated[Decimal, Field(ge=0, le=100)]
Text = Annotated[str, Field(max_length=500)]


class SchemeOut(Schema):
    """`version`: number of the edition a reader sees first; null before there is any."""

    code: str
    name: str
    name_en: str
    issuer: str
    version: int | None
    state: str
    editions: int
    leaves: int
    points_supplied: Decimal
    unverified: int


class SchemeList(Schema):
    items: list[SchemeOut]


class NodeData(Schema):
    """One node. `parent` is a code, "" for the root; numbers are decimal texts."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=40)]
    parent: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=120)]
    name_en: Annotated[str, Field(max_length=200)] = ""
    points: Points
    is_leaf: bool = False
    direction: Literal[1, -1] | None = None
    indicator: Annotated[str, Field(max_length=40)] = ""
    period_rule: Literal["year", "last", "mean"] = "year"
    growth_share: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    growth_rule: Literal["percent", "difference", "symmetric", "log"] = "percent"
    target: Decimal | None = None
    method: dict[str, Any] = {}
    verified: bool = False
    note: Annotated[str, Field(max_length=300)] = ""


class EditionData(Schema):
    """All that an edition says, as `get_scheme_edition` gives and `save_scheme_draft` takes it."""

    model_config = ConfigDict(extra="forbid")

    first_year: Annotated[int, Field(ge=1990, le=2200)]
    last_year: Annotated[int, Field(ge=1990, le=2200)] | None = None
    group_by: Literal["none", "level"] = "level"
    min_group: Annotated[int, Field(ge=2, le=1000)] = 3
    min_coverage: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.6")
    verified: bool = False
    source: Annotated[str, Field(max_length=300)] = ""
    method: dict[str, Any]
    adjust: dict[str, Any] = {}
    ledger_rules: Annotated[list[dict[str, Any]], Field(max_length=60)] = []
    exit_rules: Annotated[list[dict[str, Any]], Field(max_length=30)] = []
    nodes: Annotated[list[NodeData], Field(max_length=400)]

    def draft(self, reason: str) -> EditionDraft:
        """What was sent, as the services take it."""
        return EditionDraft(
            first_year=self.first_year,
            last_year=self.last_year,
            nodes=tuple(NodeDraft(**node.model_dump()) for node in self.nodes),
            method=self.method,
            adjust=self.adjust,
            ledger_rules=tuple(self.ledger_rules),
            exit_rules=tuple(self.exit_rules),
            group_by=self.group_by,
            min_group=self.min_group,
            min_coverage=self.min_coverage,
            verified=self.verified,
            source=self.source,
            reason=reason,
        )


class EditionHead(Schema):
    number: int
    state: str
    first_year: int
    last_year: int | None
    verified: bool
    published_at: datetime | None
    digest: str
    reason: str
    revision: int


class EditionOut(EditionHead):
    scheme: str
    edition: EditionData


class SchemeCard(Schema):
    code: str
    name: str
    name_en: str
    issuer: str
    editions: list[EditionHead]


class SchemeIn(Schema):
    """`copy_of`: SCHEME-NUMBER of an edition to begin with."""

    code: Annotated[str, Field(max_length=40)]
    name: Annotated[str, Field(max_length=120)]
    name_en: Annotated[str, Field(max_length=200)] = ""
    issuer: Annotated[str, Field(max_length=80)] = ""
    copy_of: Annotated[str, Field(max_length=60)] = ""


class DraftIn(Schema):
    """`copy_of`: number of the edition to begin with; null for the newest."""

    copy_of: int | None = None


class SaveIn(Schema):
    revision: int
    reason: Text = ""
    edition: EditionData


class ReasonIn(Schema):
    reason: Text


class PublishIn(ReasonIn):
    revision: int | None = None


class Finding(Schema):
    """`node` "" = the scheme as a whole."""

    code: str
    node: str
    message: str


class CheckOut(Schema):
    """`problems` forbid publishing, `hints` do not."""

    can_be_published: bool
    problems: list[Finding]
    hints: list[Finding]


class MovedOut(Schema):
    """One part; `beyond`: against the zones' mean.

    `indicator` "" = the scales begin at different scores; "+" = bonus, deduction and veto.
    """

    indicator: str
    name: str
    points: float
    beyond: float


class ComparedZone(Schema):
    """First and second scheme; null = no score, not ranked. `parts` sum to the difference.

    `ledger`: what bonus, deduction and veto make of each score. `intervals`: 5 % and 95 % of each
    rank.
    """

    zone: str
    scores: tuple[float | None, float | None]
    ledger: tuple[float, float]
    ranks: tuple[int | None, int | None]
    intervals: tuple[tuple[float, float] | None, tuple[float, float] | None]
    coverage: tuple[float, float]
    moved: int | None
    parts: list[MovedOut]


class ComparisonOut(Schema):
    """`movers`: zones whose rank changes; `firm`: those whose rank intervals lie apart."""

    one: str
    two: str
    year: int
    as_of: datetime
    movers: int
    firm: int
    agreement: float | None
    items: list[ComparedZone]
