"""What the API of policy takes and gives, field by field."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ninja import Schema


class DutyOut(Schema):
    body: str
    name: str
    role: str
    assigned_by: str
    document_says: str
    assigned_at: datetime | None
    reason: str


class EdgeOut(Schema):
    kind: str
    node: str
    label: str
    url: str
    light: str


class ClauseOut(Schema):
    code: str
    title: str
    title_en: str
    wording: str
    sentence: str
    bodies: list[DutyOut]
    tasks: list[int]
    conflicts: list[str]
    links: list[EdgeOut]


class MeasureOut(Schema):
    number: int
    code: str
    part: str
    title: str
    title_en: str
    clauses: list[ClauseOut]
    conflicts: list[str]


class MeasurePage(Schema):
    items: list[MeasureOut]
    next_cursor: str


class TaskOut(Schema):
    number: int
    code: str
    group: int
    group_title: str
    title: str
    title_en: str
    goal: str
    goal_en: str
    bodies: list[DutyOut]
    clauses: list[str]
    conflicts: list[str]
    links: list[EdgeOut]


class TaskPage(Schema):
    items: list[TaskOut]
    next_cursor: str


class StatementOut(Schema):
    key: str
    place: str
    text: str
    value: Decimal | None
    unit: str
    horizon: str
    rate: Decimal | None
    base_year: str


class StepOut(Schema):
    id: str
    formula: str
    title: str
    expression: str
    result: Decimal | None
    unit: str
    problem: str


class ComparisonOut(Schema):
    """Two numbers that should be one."""

    title: str
    first: Decimal
    second: Decimal
    unit: str
    difference: Decimal
    difference_percent: Decimal | None


class ReadingOut(Schema):
    """What the later level would be if its rate were counted from the earlier level."""

    from_year: int
    to_year: int
    expression: str
    reached: Decimal
    stated: Decimal
    unit: str
    difference: Decimal
    difference_percent: Decimal


class ConflictOut(Schema):
    code: str
    kind: str
    severity: str
    title: str
    title_en: str
    state: str
    statements: list[StatementOut]
    arithmetic: list[StepOut]
    comparisons: list[ComparisonOut]
    readings: list[ReadingOut]
    chosen: str
    reason: str
    decided_by: str
    decided_at: datetime | None


class ConflictPage(Schema):
    items: list[ConflictOut]
    next_cursor: str


class DecisionIn(Schema):
    chosen: str = ""
    reason: str


class ReopeningIn(Schema):
    reason: str


class RolesIn(Schema):
    """Codes of bodies; no lead and no assisting body takes the assignment back."""

    lead: str = ""
    assist: list[str] = []
    reason: str


class NodeOut(Schema):
    id: str
    kind: str
    label: str
    url: str
    column: int
    light: str


class LinkOut(Schema):
    source: str
    target: str
    kind: str
    role: str
    count: int


class GraphOut(Schema):
    nodes: list[NodeOut]
    links: list[LinkOut]
    detail: bool


class ReferenceDocumentOut(Schema):
    code: str
    title: str
    title_en: str
    number: str
    issuer: str
    stage: str
    version: str


class DocumentPage(Schema):
    items: list[ReferenceDocumentOut]
    next_cursor: str
