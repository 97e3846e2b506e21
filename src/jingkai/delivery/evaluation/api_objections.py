"""API of objections."""

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

from jingkai.core.accounts.public import CITY_WIDE, ZONE, User
from jingkai.core.api import cursor_page
from jingkai.core.register.public import export
from jingkai.core.verdicts import require
from jingkai.masterdata.organisations.public import Zone

from . import rules
from .api_shared import READ, WRITE, Figure, PaperOut, ReasonIn, caller
from .models import (
    Objection,
    ObjectionState,
    ObjectionSubject,
)
from .queries.objections import objection_for_page, objections_for_list
from .services.objections import (
    answer_objection,
    attach_objection_paper,
    confirm_answer,
    draft_objection,
    file_objection,
    send_answer_back,
    withdraw_objection,
)
from .views.objections import COLUMNS as OBJECTION_COLUMNS
from .views.objections import point_name

router = Router(tags=["evaluation"])


class ObjectionIn(Schema):
    run: int
    zone: str
    subject: ObjectionSubject
    text: str
    node: str = ""
    entry: int | None = None
    claimed: Figure | None = None


class ProposedIn(Schema):
    """`effect`: {"figure": "corrected"}, {"figure": "void"}, {"points": "revoked"} or {}."""

    decision: str
    answer: str
    effect: dict[str, str] = {}


class ObjectionOut(Schema):
    """An objection. Answer and effect are shown to the zone once a second person confirmed them."""

    id: int
    state: ObjectionState
    run: int
    zone: str
    subject: ObjectionSubject
    node: str
    entry: int | None
    against: str
    text: str
    claimed: Decimal | None
    filed_at: datetime | None
    answer_due: date | None
    answer: str
    effect: dict[str, str]
    confirmed_at: datetime | None
    settled_in: int | None


class ObjectionPage(Schema):
    items: list[ObjectionOut]
    next_cursor: str


class ObjectionFilter(Schema):
    run: str = ""
    zone: str = ""
    state: str = ""
    overdue: str = ""


def objection_out(found: Objection, user: User) -> dict[str, Any]:
    inside = user.has_role(*CITY_WIDE) or found.confirmed_at is not None
    return {
        "id": found.pk,
        "state": found.state,
        "run": found.run_id,
        "zone": found.zone.code,
        "subject": found.subject,
        "node": found.node,
        "entry": found.entry_id,
        "against": point_name(found),
        "text": found.text,
        "claimed": found.claimed,
        "filed_at": found.filed_at,
        "answer_due": found.answer_due,
        "answer": found.answer if inside else "",
        "effect": found.effect if inside else {},
        "confirmed_at": found.confirmed_at,
        "settled_in": found.settled_in_id,
    }


def _objection(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    user = caller(request)
    found = objection_for_page(user, objection_id)
    if found is None:
        raise Http404
    return objection_out(found, user)


def _on_objection(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    _objection(request, objection_id)
    return {"objection_id": objection_id, "actor": caller(request), "now": timezone.now()}


@router.get(
    "/objections",
    response={200: ObjectionPage, **READ},
    operation_id="list_evaluation_objections",
)
def list_objections(
    request: HttpRequest,
    asked: Query[ObjectionFilter],
    cursor: str = "",
    limit: int = 100,
    format: str = "",
) -> dict[str, Any] | HttpResponse:
    """Objections one may see, newest first."""
    user = caller(request)
    rows = objections_for_list(user, **asked.dict(), today=timezone.localdate())
    if format in ("xlsx", "csv"):
        return export(
            request,
            name="evaluation.objections",
            title=_("Objections"),
            columns=OBJECTION_COLUMNS,
            rows=rows,
            fmt=format,
        )
    found, after = cursor_page(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": [objection_out(one, user) for one in found], "next_cursor": after}


@router.post(
    "/objections",
    response={201: ObjectionOut, **WRITE},
    operation_id="draft_evaluation_objection",
)
def draft(request: HttpRequest, sent: ObjectionIn) -> Status[dict[str, Any]]:
    """Draft an objection of the own zone against one point of a result it was given."""
    user = caller(request)
    zone = get_object_or_404(Zone, code=sent.zone)
    if not user.has_role(*ZONE):
        require(rules.can_object(user, zone.committee_id))
    found = draft_objection(
        run_id=sent.run,
        zone_id=zone.pk,
        subject=sent.subject,
        node=sent.node,
        entry_id=sent.entry,
        text=sent.text,
        claimed=sent.claimed,
        actor=user,
        now=timezone.now(),
    )
    return Status(201, _objection(request, found.pk))


@router.get(
    "/objections/{objection_id}",
    response={200: ObjectionOut, **READ},
    operation_id="get_evaluation_objection",
)
def get_objection(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """One objection."""
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/file",
    response={200: ObjectionOut, **WRITE},
    operation_id="file_evaluation_objection",
)
def file_(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """File a draft for the zone."""
    file_objection(**_on_objection(request, objection_id))
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/withdraw",
    response={200: ObjectionOut, **WRITE},
    operation_id="withdraw_evaluation_objection",
)
def withdraw_(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """Take an objection back."""
    withdraw_objection(**_on_objection(request, objection_id))
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/answer",
    response={200: ObjectionOut, **WRITE},
    operation_id="answer_evaluation_objection",
)
def answer(request: HttpRequest, objection_id: int, sent: ProposedIn) -> dict[str, Any]:
    """Propose the answer; a second person confirms it."""
    answer_objection(
        **_on_objection(request, objection_id),
        proposed_state=sent.decision,
        answer=sent.answer,
        effect=sent.effect,
    )
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/send-back",
    response={200: ObjectionOut, **WRITE},
    operation_id="send_back_evaluation_answer",
)
def send_back(request: HttpRequest, objection_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Send a proposed answer back, with the reason."""
    send_answer_back(**_on_objection(request, objection_id), reason=sent.reason)
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/confirm",
    response={200: ObjectionOut, **WRITE},
    operation_id="confirm_evaluation_answer",
)
def confirm_(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """Confirm the proposed answer: the objection is decided."""
    confirm_answer(**_on_objection(request, objection_id))
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/evidence",
    response={201: PaperOut, **WRITE},
    operation_id="attach_objection_paper",
)
def paper(
    request: HttpRequest, objection_id: int, file: File[UploadedFile], note: Form[str] = ""
) -> Status[dict[str, Any]]:
    """Put a paper to a draft."""
    kept = attach_objection_paper(**_on_objection(request, objection_id), upload=file, note=note)
    return Status(201, {"id": kept.pk, "name": kept.name})
