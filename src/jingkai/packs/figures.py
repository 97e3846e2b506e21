"""The figures of a pack: indicators, targets, their conflicts, the tables that rules read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .base import PackPlace, Placed
from .vocabulary import (
    Aggregation,
    ArithmeticFormula,
    Confidence,
    ConflictKind,
    ConflictSeverity,
    Direction,
    FormulaType,
    Frequency,
    IndicatorKind,
    Light,
    LightSubject,
    MeasuredAs,
    Modality,
    Operator,
    PriceBasis,
    Scope,
    TargetKind,
    TargetStatus,
    ValueMode,
)


@dataclass(frozen=True, slots=True)
class PackUnit(Placed):
    code: str
    name_zh: str
    name_en: str
    dimension: str


@dataclass(frozen=True, slots=True)
class PackFormula(Placed):
    """ratio: numerator / denominator * scale; sum: the terms added."""

    type: FormulaType
    numerator: str | None
    denominator: str | None
    scale: Decimal
    terms: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Codes of the indicators that go in."""
        return (*(c for c in (self.numerator, self.denominator) if c), *self.terms)


@dataclass(frozen=True, slots=True)
class PackIndicator(Placed):
    code: str
    name_zh: str
    name_en: str
    unit: str
    kind: IndicatorKind
    direction: Direction
    scope: Scope
    frequency: Frequency
    value_mode: ValueMode
    time_aggregation: Aggregation
    place_aggregation: Aggregation
    price_basis: PriceBasis
    price_base_year: int | None
    base_year: int | None  # of a reduction
    decimals: int
    formula: PackFormula | None
    responsible: str
    verifying: str
    definition_zh: str
    verified: bool


@dataclass(frozen=True, slots=True)
class PackTarget(Placed):
    """One statement of a goal. Statements with one `group` speak of one quantity."""

    id: str
    group: str
    indicator: str | None
    kind: TargetKind
    modality: Modality
    value: Decimal | None  # in `unit`
    unit: str | None
    benchmark: str | None
    measured_as: MeasuredAs | None
    horizon: int | None
    period_from: int | None
    base_year: int | None  # None: the document does not state it
    base_note: str
    place: PackPlace
    status: TargetStatus
    title_zh: str
    title_en: str
    note: str


@dataclass(frozen=True, slots=True)
class PackStatement(Placed):
    """What one place says. A `target` brings value and unit with it."""

    place: PackPlace
    target: str | None
    summary_zh: str
    summary_en: str
    value: Decimal | None
    unit: str | None
    written: str
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackArithmetic(Placed):
    """Inputs of a computation that shows the conflict; `inputs` maps a role to a target id."""

    id: str
    formula: ArithmeticFormula
    inputs: Mapping[str, str]
    base_year: int | None
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class PackConflict(Placed):
    id: str
    kind: ConflictKind
    severity: ConflictSeverity
    group: str | None
    title_zh: str
    title_en: str
    statements: tuple[PackStatement, ...]
    arithmetic: tuple[PackArithmetic, ...]
    decision: str | None


@dataclass(frozen=True, slots=True)
class PackCondition(Placed):
    """fact op value, or fact op the row `threshold` (TABLE.key) of a reference table."""

    fact: str
    op: Operator
    value: Decimal | bool | None
    threshold: str | None


@dataclass(frozen=True, slots=True)
class PackLightCase(Placed):
    light: Light
    title_zh: str
    title_en: str
    any: tuple[PackCondition, ...]


@dataclass(frozen=True, slots=True)
class PackLightRule(Placed):
    id: str
    applies_to: LightSubject
    title_zh: str
    title_en: str
    version: str
    effective_from: date
    source: str
    confidence: Confidence
    cases: tuple[PackLightCase, ...]
    otherwise: Light


@dataclass(frozen=True, slots=True)
class PackReferenceRow(Placed):
    key: str
    value: str | Decimal | bool | None
    unit: str
    title_zh: str
    title_en: str
    note: str


@dataclass(frozen=True, slots=True)
class PackReference(Placed):
    """One version of a reference table."""

    code: str
    title_zh: str
    title_en: str
    version: str
    effective_from: date
    effective_to: date | None
    source: str
    confidence: Confidence
    rows: tuple[PackReferenceRow, ...]
