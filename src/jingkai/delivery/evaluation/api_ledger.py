"""API of the ledger of points."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from jingkai.core.api import cursor_page
from jingkai.core.register.public import export
from jingkai.core.verdicts import require
from jingkai.masterdata.organisations.public import Zone

from . import rules
from .api_shared import READ, WRITE, AnswerTextIn, PaperOut, ReasonIn, caller
from .models import (
    LedgerEntry,
    LedgerKind,
    LedgerState,
    Scheme,
)
from .queries.ledger import entries_for_list, entry_for_page
from .services.ledger import (
    attach_case_evidence,
    confirm_points,
    propose_points,
    refuse_points,
    revoke_points,
    withdraw_points,
)
from .views.ledger import COLUMNS as LEDGER_COLUMNS

router = Router(tags=["evaluation"])


class EntryIn(Schema):
    scheme: str
    zone: str
    year: int = Field(ge=1990, le=2100)
    rule: str
    reason: str
    happened_on: date | None = None
    outside_year: str = ""
    another_case: bool = False


class EntryOut(Schema):
    """A case. `points` without sign: the kind is the sign; a veto has 0."""

    id: int
    state: LedgerState
    scheme: str
    zone: str
    year: int
    kind: LedgerKind
    rule: str
    points: Decimal
    happened_on: date | None
    outside_year: str
    reason: str
    entered_for: str
    entered_at: datetime
    decided_at: datetime | None
    answer: str


class EntryPage(Schema):
    items: list[EntryOut]
    next_cursor: str


class EntryFilter(Schema):
    scheme: str = ""
    year: str = ""
    zone: str = ""
    kind: str = ""
    state: str = ""


def entry_out(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "state": entry.state,
        "scheme": entry.scheme.code,
        "zone": entry.zone.code,
        "year": entry.year,
        "kind": entry.kind,
        "rule": entry.rule,
        "points": entry.points,
        "happened_on": entry.happened_on,
        "outside_year": entry.outside_year,
        "reason": entry.reason,
        "entered_for": entry.body.code if entry.body else "",
        "entered_at": entry.entered_at,
        "decided_at": entry.decided_at,
        "answer": entry.answer,
    }


def _entry(request: HttpRequest, entry_id: int) -> LedgerEntry:
    entry = entry_for_page(caller(request), entry_id)
    if entry is None:
        raise Http404
    return entry


def _on_entry(request: HttpRequest, entry_id: int) -> dict[str, Any]:
    entry = _entry(request, entry_id)
    return {"entry_id": entry.pk, "actor": caller(request), "now": timezone.now()}


@router.get("/ledger", response={200: EntryPage, **READ}, operation_id="list_evaluation_points")
def list_points(
    request: HttpRequest,
    asked: Query[EntryFilter],
    cursor: str = "",
    limit: int = 100,
    format: str = "",
) -> dict[str, Any] | HttpResponse:
    """Cases in the ledger of points that one may see, newest first."""
    rows = entries_for_list(caller(request), **asked.dict())
    if format in ("xlsx", "csv"):
        return export(
            request,
            name="evaluation.ledger",
            title=_("Ledger of points"),
            columns=LEDGER_COLUMNS,
            rows=rows,
            fmt=format,
        )
    found, after = cursor_page(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": [entry_out(entry) for entry in found], "next_cursor": after}


@router.post("/ledger", response={201: EntryOut, **WRITE}, operation_id="propose_evaluation_points")
def propose(
    request: HttpRequest, sent: Form[EntryIn], evidence: File[UploadedFile] | None = None
) -> Status[dict[str, Any]]:
    """Enter a case; a department sends its evidence along."""
    user = caller(request)
    require(rules.can_propose_points(user))
    given = sent.dict()
    scheme = get_object_or_404(Scheme, code=given.pop("scheme"))
    zone = get_object_or_404(Zone, code=given.pop("zone"))
    entry = propose_points(
        **given,
        scheme_id=scheme.pk,
        zone_id=zone.pk,
        evidence=[] if evidence is None else [evidence],
        actor=user,
        now=timezone.now(),
    )
    return Status(201, entry_out(_entry(request, entry.pk)))


@router.get(
    "/ledger/{entry_id}", response={200: EntryOut, **READ}, operation_id="get_evaluation_points"
)
def get_points(request: HttpRequest, entry_id: int) -> dict[str, Any]:
    """One case."""
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/confirm",
    response={200: EntryOut, **WRITE},
    operation_id="confirm_evaluation_points",
)
def confirm(request: HttpRequest, entry_id: int, sent: AnswerTextIn) -> dict[str, Any]:
    """Confirm a case: it counts in every run frozen from now on."""
    confirm_points(**_on_entry(request, entry_id), answer=sent.answer)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/refuse",
    response={200: EntryOut, **WRITE},
    operation_id="refuse_evaluation_points",
)
def refuse(request: HttpRequest, entry_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Refuse a case, with the reason."""
    refuse_points(**_on_entry(request, entry_id), reason=sent.reason)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/withdraw",
    response={200: EntryOut, **WRITE},
    operation_id="withdraw_evaluation_points",
)
def withdraw(request: HttpRequest, entry_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Take back a case of one's own body, with the reason."""
    withdraw_points(**_on_entry(request, entry_id), reason=sent.reason)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/revoke",
    response={200: EntryOut, **WRITE},
    operation_id="revoke_evaluation_points",
)
def revoke(request: HttpRequest, entry_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Revoke a confirmed case: runs that are frozen keep it, later ones do not count it."""
    revoke_points(**_on_entry(request, entry_id), reason=sent.reason)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/evidence",
    response={201: PaperOut, **WRITE},
    operation_id="attach_evaluation_evidence",
)
def evidence(
    request: HttpRequest, entry_id: int, file: File[UploadedFile], note: Form[str] = ""
) -> Status[dict[str, Any]]:
    """Put a paper to a case that waits."""
    kept = attach_case_evidence(**_on_entry(request, entry_id), upload=file, note=note)
    return Status(201, {"id": kept.pk, "name": kept.name})
