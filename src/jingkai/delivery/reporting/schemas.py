"""What the API of returns takes and gives, field by field."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Field, Schema

from jingkai.core.api import FieldProblemOut

from .doors import CellOut, FindingOut
from .models import ReturnReason, ReturnState


class ReturnOut(Schema):
    """What one body owes in one collection. `revision` guards against lost changes."""

    id: int
    campaign_id: int
    form: str = Field(alias="campaign.form.code")
    form_name: str = Field(alias="campaign.form.name")
    version: int = Field(alias="campaign.version.number")
    period: str = Field(alias="campaign.period")
    body: str = Field(alias="body.code")
    zone: str | None = Field(None, alias="zone.code")
    state: ReturnState
    revision: int
    due_on: date
    late_days: int
    submitted_at: datetime | None
    signed_at: datetime | None
    verified_at: datetime | None


class ReturnPage(Schema):
    items: list[ReturnOut]
    next_cursor: str


class ReturnDetailOut(Schema):
    """A return with its figures, what the rules say, and what else keeps it from being sent.

    `digest` (SM3) stands for the figures: whoever signs names it, so that nothing else is signed.
    """

    item: ReturnOut
    cells: list[CellOut]
    findings: list[FindingOut]
    may_be_sent: bool
    gaps: list[FieldProblemOut]
    digest: str


class CellsIn(Schema):
    cells: list[int] | None = None


class ExplainIn(Schema):
    rule: str
    text: str
    reused_from: int | None = None


class ExplainedOut(Schema):
    explanation: int
    findings: list[FindingOut]
    may_be_sent: bool


class TextIn(Schema):
    text: str


class CommentOut(Schema):
    id: int
    text: str
    who: str
    at: datetime


class SubmitIn(Schema):
    revision: int | None = None


class SignIn(Schema):
    digest: str | None = None


class SignatureOut(Schema):
    id: int
    at: datetime
    algorithm: str
    digest: str


class ReasonIn(Schema):
    reason: str


class VerifyIn(Schema):
    cells: list[int]
    bulk: bool = False


class VerifiedOut(Schema):
    verified: list[CellOut]
    events: int
    lights: int


class ReturnCellsIn(Schema):
    cells: list[int]
    code: ReturnReason
    text: str


class ReturnedOut(Schema):
    returned: int


class UnlockIn(Schema):
    cells: list[int]
    reason: str


class DecideUnlockIn(Schema):
    grant: bool
    hours: int = 24
    reason: str = ""


class UnlockOut(Schema):
    id: int
    state: str
    reason: str
    answer: str
    requested_at: datetime
    expires_at: datetime | None


class WorkbookIn(Schema):
    send: bool = Field(False, description="Send the return when nothing stands in its way.")
    unsigned: bool = Field(False, description="A table of one's own, meant for this return.")
    unit: str = Field("", description="“亿元=万元”: figures asked in 亿元 are written in 万元.")


class MarkOut(Schema):
    """One thing said about a place in the workbook."""

    level: str
    sheet: str
    cell: str
    message: str
    code: str
    cell_id: int | None


class UnitChoiceOut(Schema):
    unit: str
    guess: str
    fits: int
    of: int


class AnswerOut(Schema):
    """What came of a workbook. `outcome` refused or asked: nothing was written."""

    id: int
    outcome: str
    saved: int
    check_code: str
    marks: list[MarkOut]
    choices: list[UnitChoiceOut]
    findings: list[FindingOut]
    may_be_sent: bool
    unsent: str
    revision: int
