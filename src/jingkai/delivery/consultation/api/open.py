"""Without sign-in: the rounds, the draft, one opinion, its answer. Nothing else is open."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header
from pydantic import Field

from jingkai.core.accounts.public import client_address
from jingkai.core.api import cursor_page
from jingkai.core.errors import FieldProblem, InvalidInput

from .. import exports, queries, services
from ..answers import answer_for
from ..models import ConsultationState
from ..schemas import (
    AnswerOut,
    CodeIn,
    PublicOpinionIn,
    PublicRoundPage,
    PublicTextOut,
    ReceiptOut,
    TableOut,
)
from .base import OPEN, READ, router


@router.get(
    "/open/", auth=None, response={200: PublicRoundPage, **READ},
    operation_id="list_open_consultations",
)  # fmt: skip
def list_open(request: HttpRequest, cursor: str = "", limit: int = 100) -> Any:
    """Rounds the public is or was asked in, newest first."""
    rows, after = cursor_page(
        queries.consultations_for_all(), order=("-pk",), cursor=cursor, limit=limit
    )
    return {"items": rows, "next_cursor": after}


@router.get(
    "/open/{int:consultation_id}", auth=None, response={200: PublicTextOut, **READ},
    operation_id="get_open_consultation",
)  # fmt: skip
def get_open(request: HttpRequest, consultation_id: int) -> Any:
    """The frozen draft by clause, with the keys opinions are sent with."""
    row = get_object_or_404(queries.public_consultations(), pk=consultation_id)
    return {
        "id": row.pk,
        "title": row.title,
        "state": row.state,
        "closes_on": row.closes_on,
        "takes_opinions": row.state == ConsultationState.OPEN and timezone.now() < row.deadline,
        "clauses": [
            {
                "key": block.anchor.key,
                "heading": block.anchor.heading,
                "text": block.text,
                "is_heading": block.anchor.is_heading,
                "opinions": block.opinions,
            }
            for block in queries.blocks_of(row)
        ],
    }


@router.post(
    "/open/{int:consultation_id}/opinions", auth=None, response={200: ReceiptOut, **OPEN},
    operation_id="send_open_opinion",
)  # fmt: skip
def send_open(
    request: HttpRequest,
    consultation_id: int,
    data: PublicOpinionIn,
    idempotency_key: Header[Annotated[str, Field(min_length=16, max_length=100)]],
) -> Any:
    """Send one opinion. The header Idempotency-Key makes it count once; keep it secret."""
    get_object_or_404(queries.public_consultations(), pk=consultation_id)
    services.knock(address=client_address(request), door="send", now=timezone.now())
    if len(set(idempotency_key)) < 6:
        message = _("Choose the key at random: whoever guesses it can read the answer.")
        raise InvalidInput(message, problems=[FieldProblem("Idempotency-Key", message)])
    taken = services.send_public(
        consultation_id=consultation_id,
        key=f"api:{idempotency_key}",
        anchor_key=data.clause,
        text=data.text,
        proposal=data.proposal,
        sender_kind=data.sender_kind,
        name=data.name,
        contact=data.contact,
        now=timezone.now(),
    )
    return {"number": taken.comment.number, "code": taken.code, "repeated": taken.repeated}


@router.post(
    "/open/receipt", auth=None, response={200: AnswerOut, **OPEN}, operation_id="look_up_receipt"
)
def look_up(request: HttpRequest, data: CodeIn) -> Any:
    """What became of an opinion, for whoever holds its code."""
    services.knock(address=client_address(request), door="look", now=timezone.now())
    answer = answer_for(data.code)
    if answer is None:
        raise Http404
    return answer


@router.get(
    "/open/{int:consultation_id}/results", auth=None, response={200: TableOut, **READ},
    operation_id="get_open_results",
)  # fmt: skip
def results(request: HttpRequest, consultation_id: int) -> Any:
    """The adoption table without names, once it is published."""
    row = get_object_or_404(
        queries.public_consultations(), pk=consultation_id, state=ConsultationState.PUBLISHED
    )
    return {
        "title": exports.title_of(row),
        "statistics": queries.statistics_line(queries.figures_of(row)),
        "items": queries.adoption_rows(row, for_public=True),
    }
