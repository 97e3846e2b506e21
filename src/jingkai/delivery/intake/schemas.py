"""What the API of documents takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema


class DocumentVersionOut(Schema):
    """A version; `counts` are the reading's, `refusal` says why it cannot be read."""

    id: int
    document: str
    title: str
    title_from: Literal["file", "text", "person"]
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


class DocumentTitleIn(Schema):
    title: str


class DocumentVersionPage(Schema):
    items: list[DocumentVersionOut]
    next_cursor: str


class DocumentReadingOut(Schema):
    """The reading as `jingkai policy parse --json` prints it, findings with sentences."""

    source: dict[str, Any]
    reading: dict[str, Any]


class DocumentItemOut(Schema):
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


class DocumentItemPage(Schema):
    items: list[DocumentItemOut]
    next_cursor: str


class DocumentDecisionIn(Schema):
    """`action`: accept, correct, join, reject or undo. `revision` is that of the item as seen."""

    action: str
    revision: int
    match: str = ""
    fields: dict[str, Any] = {}
    reason: str = ""


class DocumentAcceptIn(Schema):
    kind: str


class DocumentAcceptedOut(Schema):
    taken: int
    left: int


class DocumentPublicationIn(Schema):
    """Needed only for a document that begins a policy of its own."""

    code: str = ""
    title_en: str = ""
    city: str = ""
    approved_by: str = ""
    coordinator: str = ""


class DocumentSegmentOut(Schema):
    op: str
    text: str


class DocumentFieldChangeOut(Schema):
    name: str
    before: str
    after: str


class DocumentChangeOut(Schema):
    """Spans are [start, end) in the older and the newer text."""

    kind: str
    what: str
    title: str
    place: str
    fields: list[DocumentFieldChangeOut]
    diff: list[DocumentSegmentOut]
    before: tuple[int, int] | None
    after: tuple[int, int] | None


class DocumentComparisonOut(Schema):
    old: int
    new: int
    unchanged: dict[str, int]
    changes: list[DocumentChangeOut]
