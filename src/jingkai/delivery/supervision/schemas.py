"""Shapes of the API, field by field."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from django.utils import timezone
from ninja import Schema

from .models import Obligation, ObligationKind, ObligationState, ProgressReport
from .queries.lists import expected_of


class BodyOut(Schema):
    code: str
    name: str


class ObligationOut(Schema):
    """Claim, evidence and schedule are apart: claimed_progress, progress, due dates and light."""

    id: int
    kind: ObligationKind
    document: str
    """Code of the document: the number of a task is unique within it."""
    task: int
    title: str
    body: BodyOut | None
    role: Literal["lead", "assist", "unspecified", ""]
    """Of its body in the task; "" where only a rule for all binds it."""
    role_from: Literal["document", "person", ""]
    """Who said so: the document itself, or a person of the office."""
    state: ObligationState
    light: Literal["green", "yellow", "red", "grey"]
    light_reason: str
    claim: str
    claimed_progress: int
    progress: int
    expected_progress: float | None
    issued_at: datetime | None
    sign_by: date | None
    original_due_on: date
    due_on: date
    next_report_due: date | None
    completed_at: datetime | None
    closed_at: datetime | None
    late_days: int
    report_late_days: int

    @staticmethod
    def resolve_task(obj: Obligation) -> int:
        return obj.task.number

    @staticmethod
    def resolve_document(obj: Obligation) -> str:
        return obj.task.document.code

    @staticmethod
    def resolve_title(obj: Obligation) -> str:
        return obj.task.title

    @staticmethod
    def resolve_role(obj: Obligation) -> str:
        return obj.responsibility.role if obj.responsibility else ""

    @staticmethod
    def resolve_role_from(obj: Obligation) -> str:
        return obj.responsibility.assigned_by if obj.responsibility else ""

    @staticmethod
    def resolve_expected_progress(obj: Obligation) -> float | None:
        expected = expected_of(obj, timezone.localdate())
        return None if expected is None else round(float(expected), 1)


class ObligationPage(Schema):
    items: list[ObligationOut]
    next_cursor: str


class ReportOut(Schema):
    id: int
    period: str
    progress: int
    text: str
    next_step: str
    problems: str
    is_completion: bool
    state: str
    due_on: date | None
    late_days: int
    submitted_by: str
    submitted_at: datetime
    reviewed_at: datetime | None
    review_note: str

    @staticmethod
    def resolve_submitted_by(obj: ProgressReport) -> str:
        return obj.submitted_by.name


class StepOut(Schema):
    at: datetime
    label: str
    who: str
    reason: str
    light: str


class CardOut(Schema):
    obligation: ObligationOut
    reports: list[ReportOut]
    trail: list[StepOut]
    actions: list[str]


class BodyLineOut(Schema):
    body_id: int
    name: str
    green: int
    yellow: int
    red: int
    grey: int
    done: int
    unsigned: int
    late_days: int
    report_late_days: int


class BoardOut(Schema):
    items: list[BodyLineOut]


class MovedOut(Schema):
    obligation: int
    at: datetime
    who: str
    reason: str


class RelitOut(Schema):
    obligation: int
    before: str
    after: str
    reason: str


class GrownOut(Schema):
    obligation: int
    task_days: int
    report_days: int


class ChangesOut(Schema):
    since: datetime | None
    until: datetime
    issued: list[MovedOut]
    signed: list[MovedOut]
    completed: list[MovedOut]
    closed: list[MovedOut]
    reopened: list[MovedOut]
    withdrawn: list[MovedOut]
    worse: list[RelitOut]
    better: list[RelitOut]
    grown: list[GrownOut]


class MeetingOut(Schema):
    id: int
    title: str
    held_at: datetime
    note: str


class MeetingPage(Schema):
    items: list[MeetingOut]
    next_cursor: str


class IssueIn(Schema):
    obligations: list[int]
    due_on: date
    sign_by: date | None = None


class CountOut(Schema):
    count: int


class ReasonIn(Schema):
    reason: str


class NoteIn(Schema):
    note: str = ""


class DisputeIn(Schema):
    reason: str
    proposed_body: int | None = None


class SettleIn(Schema):
    keep: bool
    note: str
    new_body: int | None = None


class ExtensionIn(Schema):
    to_date: date
    reason: str


class DecideIn(Schema):
    grant: bool
    note: str = ""


class UrgeIn(Schema):
    text: str


class AnswerIn(Schema):
    answer: str


class ReopenIn(Schema):
    due_on: date
    reason: str


class ReviewIn(Schema):
    accept: bool
    note: str = ""


class RolesIn(Schema):
    lead_body: int
    assist_bodies: list[int] = []
    reason: str


class FilterIn(Schema):
    kind: Literal["", "task", "share"] = ""
    document: str = ""
    group: int | None = None
    task: int | None = None
    body: int | None = None
    light: Literal["", "green", "yellow", "red", "grey"] = ""
    state: str = ""
    late: bool = False
    mine: bool = False
    text: str = ""
