"""Shapes of the API, field by field. Senders appear in none of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Schema

from .models import (
    Comment,
    CommentState,
    ConsultationState,
    DecisionState,
    InvitationState,
    Origin,
    Outcome,
    SenderKind,
)


class RoundOut(Schema):
    id: int
    title: str
    state: ConsultationState
    is_public: bool
    asks_bodies: bool
    opens_on: date | None
    closes_on: date
    intro: str
    contact: str
    version: int
    opinions: int
    asked: int
    answered: int

    @staticmethod
    def resolve_version(obj: Any) -> int:
        return int(obj.version_id)


class RoundPage(Schema):
    items: list[RoundOut]
    next_cursor: str


class RoundIn(Schema):
    version: int
    title: str
    contact: str
    closes_on: date
    intro: str = ""
    is_public: bool = True
    asks_bodies: bool = True
    short_reason: str = ""


class AmendIn(Schema):
    title: str
    contact: str
    closes_on: date
    intro: str = ""
    is_public: bool = True
    asks_bodies: bool = True
    short_reason: str = ""


class StateOut(Schema):
    id: int
    state: ConsultationState
    closes_on: date


class BodiesIn(Schema):
    bodies: list[int]


class CountOut(Schema):
    count: int


class ReasonIn(Schema):
    reason: str


class NoteIn(Schema):
    note: str


class ExtendIn(Schema):
    closes_on: date
    reason: str


class PublishIn(Schema):
    conclusion: str = ""


class CommentOut(Schema):
    id: int
    number: int
    clause: str
    clause_heading: str
    origin: Origin
    body: str
    sender_kind: Literal["", "citizen", "enterprise", "association", "expert", "other"]
    text: str
    proposal: str
    state: CommentState
    topic: int | None
    received_at: datetime
    hidden_reason: str

    @staticmethod
    def resolve_clause(obj: Comment) -> str:
        return obj.anchor.key if obj.anchor is not None else ""

    @staticmethod
    def resolve_clause_heading(obj: Comment) -> str:
        return obj.anchor.heading if obj.anchor is not None else ""

    @staticmethod
    def resolve_body(obj: Comment) -> str:
        return obj.invitation.body.code if obj.invitation is not None else ""

    @staticmethod
    def resolve_topic(obj: Comment) -> int | None:
        return obj.topic_id


class CommentPage(Schema):
    items: list[CommentOut]
    next_cursor: str


class CommentFilter(Schema):
    clause: str = ""
    origin: Literal["", "public", "body"] = ""
    state: Literal["", "received", "sorted", "answered", "hidden"] = ""
    topic: int | None = None
    text: str = ""


class AlikeOut(Schema):
    comments: list[int]
    likeness: int


class AlikesOut(Schema):
    items: list[AlikeOut]


class CommentsIn(Schema):
    comments: list[int]


class SortIn(Schema):
    comments: list[int]
    topic: int | None = None
    title: str = ""


class TopicOut(Schema):
    id: int
    number: int
    title: str
    clause: str

    @staticmethod
    def resolve_clause(obj: Any) -> str:
        return obj.anchor.key if obj.anchor is not None else ""


class TopicIn(Schema):
    title: str
    clause: str = ""


class DecisionOut(Schema):
    id: int
    topic: int
    outcome: Outcome
    reason: str
    base: str
    wording: str
    state: DecisionState
    effect: dict[str, Any]

    @staticmethod
    def resolve_topic(obj: Any) -> int:
        return int(obj.topic_id)


class DecisionIn(Schema):
    outcome: Outcome
    reason: str = ""
    wording: str = ""
    seen: list[int] | None = None


class WordingIn(Schema):
    wording: str


class EffectOut(Schema):
    """What changed words do: `engine.policytext` read both texts. Empty when nothing differs."""

    effect: dict[str, Any]


class LineOut(Schema):
    number: int
    clause: str
    source: str
    content: str
    outcome: str
    reason: str
    wording: str


class TableOut(Schema):
    title: str
    statistics: str
    items: list[LineOut]


class InvitationOut(Schema):
    id: int
    body: str
    state: InvitationState
    is_late: bool
    replied_at: datetime | None

    @staticmethod
    def resolve_body(obj: Any) -> str:
        return str(obj.body.code)


class OpinionIn(Schema):
    text: str
    clause: str = ""
    proposal: str = ""


class PublicRoundOut(Schema):
    id: int
    title: str
    state: ConsultationState
    intro: str
    contact: str
    opens_on: date
    closes_on: date
    opinions: int


class PublicRoundPage(Schema):
    items: list[PublicRoundOut]
    next_cursor: str


class ClauseOut(Schema):
    key: str
    heading: str
    text: str
    is_heading: bool
    opinions: int


class PublicTextOut(Schema):
    id: int
    title: str
    state: ConsultationState
    closes_on: date
    takes_opinions: bool
    clauses: list[ClauseOut]


class PublicOpinionIn(Schema):
    text: str
    clause: str = ""
    proposal: str = ""
    sender_kind: SenderKind = SenderKind.CITIZEN
    name: str = ""
    contact: str = ""


class ReceiptOut(Schema):
    """The code is shown here only; the same key gives the same code again."""

    number: int
    code: str
    repeated: bool


class CodeIn(Schema):
    code: str


class AnswerOut(Schema):
    title: str
    number: int
    clause: str
    text: str
    proposal: str
    received_at: datetime
    state: CommentState
    outcome: str
    reason: str
    wording: str
    hidden_reason: str
