"""What goes over the wire. Numbers are strings of decimals: nothing is lost on the way."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from ninja import Field, Schema

from .models import Light, Release, Shape


class DefinitionOut(Schema):
    number: int
    effective_from: date
    definition: str
    numerator: str | None
    denominator: str | None
    denominator_scope: str
    multiplier: Decimal
    terms: list[str]
    is_break: bool
    verified: bool
    source: str


class IndicatorOut(Schema):
    code: str
    name: str
    name_en: str
    unit: str
    decimals: int
    direction: str
    frequency: str
    value_mode: str
    time_aggregation: str
    place_aggregation: str
    price_basis: str
    is_headline: bool
    responsible: str | None
    compiler: str | None


class IndicatorDetail(IndicatorOut):
    definitions: list[DefinitionOut]


class IndicatorPageOut(Schema):
    items: list[IndicatorOut]
    next_cursor: str = ""


class FigureOut(Schema):
    event_id: int
    period: str
    period_end: date
    value: Decimal
    release: str
    origin: str
    recorded_at: datetime
    observed: int | None
    expected: int | None


class ValuesOut(Schema):
    indicator: str
    scope: str
    unit: str
    as_of: datetime | None
    items: list[FigureOut]
    next_cursor: str = ""


class Window(Schema):
    """Period ends from one day to another, both included."""

    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")


class EntryIn(Schema):
    indicator: str
    scope: str
    period: str
    value: Decimal | None
    unit: str | None = None
    comment: str = ""


class ValuesIn(Schema):
    entries: list[EntryIn] = Field(min_length=1, max_length=20_000)
    release: Release = Release.FLASH
    reason: str = ""


class WarningOut(Schema):
    field: str
    message: str
    code: str


class RecordedOut(Schema):
    recorded: int
    computed: int
    unchanged: int
    lights: int
    event_ids: list[int]
    warnings: list[WarningOut]


class TargetOut(Schema):
    code: str
    kind: str
    modality: str
    value: Decimal | None
    unit: str
    horizon: str
    text: str
    place: str
    agreement: str
    conflict: str


class StatusOut(Schema):
    scope: str
    period: str
    value: Decimal | None
    unit: str
    release: str
    event_id: int | None
    observed: int | None
    expected: int | None
    age: int | None
    planned: Decimal | None
    distance: Decimal | None
    distance_in_points: bool
    growth: Decimal | None
    light: str
    reason: str
    judgement: str


class BoardRowOut(Schema):
    indicator: str
    name: str
    responsible: str | None
    target: TargetOut
    others: list[TargetOut]
    year_plan: Decimal | None
    status: StatusOut


class BoardOut(Schema):
    period: str
    as_of: datetime | None
    lights: dict[str, int]
    items: list[BoardRowOut]
    next_cursor: str = ""


class ZoneRowOut(Schema):
    zone: str
    name: str
    reported: bool
    rank: int | None
    share: Decimal | None
    year_plan: Decimal | None
    status: StatusOut


class GapOut(Schema):
    zone: str
    gap: Decimal
    percent_of_gap: Decimal | None


class ZonesOut(Schema):
    indicator: str
    period: str
    reported: int
    expected: int
    total: StatusOut
    gap: Decimal | None
    rest: Decimal | None
    contributions: list[GapOut]
    items: list[ZoneRowOut]
    next_cursor: str = ""


class PointOut(Schema):
    period: str
    planned: Decimal


class HorizonOut(Schema):
    period: str
    value: Decimal
    target: str = ""


class TrajectoryOut(Schema):
    indicator: str
    scope: str
    version: int
    shape: str
    base_period: str
    base_value: Decimal
    base_origin: str
    reason: str
    created_at: datetime
    horizons: list[HorizonOut]
    points: list[PointOut]


class TrajectoryIn(Schema):
    scope: str = "EDZ"
    shape: Shape
    base_period: str
    base_value: Decimal | None = None
    horizons: list[HorizonOut] | None = None
    steps: dict[str, Decimal] = {}
    drawn: dict[str, Decimal] = {}
    reason: str = ""


class JudgementIn(Schema):
    scope: str = "EDZ"
    period: str
    light: Light
    reason: str


class JudgementOut(Schema):
    id: int
    period: str
    light: str
    reason: str
    actor: str
    at: datetime


class AllocationIn(Schema):
    indicator: str
    horizon: str
    method: str
    base_period: str
    total: Decimal | None = None


class LineOut(Schema):
    id: int
    zone: str
    base: Decimal | None
    computed: Decimal | None
    proposed: Decimal | None
    proposed_reason: str
    issued: Decimal | None
    issued_reason: str


class AllocationOut(Schema):
    id: int
    indicator: str
    horizon: str
    method: str
    base_period: str
    state: str
    total: Decimal
    allocated: Decimal | None
    gap: Decimal | None
    lines: list[LineOut]


class AllocationPageOut(Schema):
    items: list[AllocationOut]
    next_cursor: str = ""


class ProposalIn(Schema):
    value: Decimal
    reason: str = ""


class SharesIn(Schema):
    issued: dict[str, Decimal | None]
    reason: str = ""


class ReasonIn(Schema):
    reason: str = ""


class CorrectionOut(Schema):
    before: Decimal | None
    after: Decimal | None
    release: str
    reason: str
    actor: str
    at: datetime


class TrailOut(Schema):
    event_id: int
    digest: str


class LineageNodeOut(Schema):
    event_id: int
    indicator_code: str
    indicator: str
    unit: str
    scope: str
    scope_name: str
    period: str
    value: Decimal | None
    release: str
    origin: str
    actor: str
    reason: str
    recorded_at: datetime | None
    definition: str
    definition_number: int
    definition_from: date
    definition_verified: bool
    formula: str
    observed: int | None
    expected: int | None
    missing: list[str]
    is_carried: bool
    is_hidden: bool
    corrections: list[CorrectionOut]
    trail: TrailOut | None
    parts: list[LineageNodeOut]


class LineageOut(Schema):
    root: LineageNodeOut
    targets: list[TargetOut]


class PolicyTargetOut(TargetOut):
    """A statement of a target with where it stands and what it belongs to."""

    indicator: str
    indicator_name: str
    scope: str
    base_year: str
    base_value: Decimal | None
    stated_rate: Decimal | None
    benchmark: str | None
    clause: str | None
    group: str
    is_leading: bool


class PolicyTargets(Schema):
    items: list[PolicyTargetOut]
    next_cursor: str
