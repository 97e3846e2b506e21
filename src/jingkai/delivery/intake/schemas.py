"""What the API of documents takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema


class VersionOut(Schema):
    """A version; `counts` are the reading's, `refusal` says why it cannot be read."""

    id: int
    document: str
    title: str
    policy: str
    number: int
    stage: str
    state: str
    file_name: str
    format: str
    characters_sha256: str
    uploaded_at: datetime
    refusal: str
    refusal_message: str
    items: int
    decided: int
    job_state: str
    job_done: int
    job_total: int
    outcome: dict[str, Any]


class VersionPage(Schema):
    items: list[VersionOut]
    next_cursor: str


class ReadingOut(Schema):
    """The reading as `jingkai policy parse --json` prints it, findings with sentences."""

    source: dict[str, Any]
    reading: dict[str, Any]


class ItemOut(Schema):
    """A thing read. `data` is what counts: as read, with corrections. Offsets are of the text."""

    id: int
    kind: str
    key: str
    title: str
    parent: str
    start: int | None
    end: int | None
    state: str
    match: str
    proposal: str
    likeness: int | None
    data: dict[str, Any]
    corrected: list[str]
    questions: list[str]
    reason: str
    decided_at: datetime | None
    revision: int


class ItemPage(Schema):
    items: list[ItemOut]
    next_cursor: str


class DecisionIn(Schema):
    """`action`: accept, correct, join, reject or undo. `revision` is that of the item as seen."""

    action: str
    revision: int
    match: str = ""
    fields: dict[str, Any] = {}
    reason: str = ""


class AcceptIn(Schema):
    kind: str


class AcceptedOut(Schema):
    taken: int
    left: int


class PublicationIn(Schema):
    """Needed only for a document that begins a policy of its own."""

    code: str = ""
    title_en: str = ""
    city: str = ""
    approved_by: str = ""
    coordinator: str = ""


class SegmentOut(Schema):
    op: str
    text: str


class FieldChangeOut(Schema):
    name: str
    before: str
    after: str


class ChangeOut(Schema):
    """Spans are [start, end) in the older and the newer text."""

    kind: str
    what: str
    title: str
    place: str
    fields: list[FieldChangeOut]
    diff: list[SegmentOut]
    before: tuple[int, int] | None
    after: tuple[int, int] | None


class ComparisonOut(Schema):
    old: int
    new: int
    unchanged: dict[str, int]
    changes: list[ChangeOut]
