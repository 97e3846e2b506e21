"""Lists, the table, what looks alike, and what the changes do."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query

from jingkai.core.api import cursor_page
from jingkai.core.register.public import export

from .. import exports, queries
from ..columns import COMMENT_COLUMNS, ROUND_COLUMNS
from ..models import ConsultationState
from ..schemas import (
    AlikesOut,
    CommentFilter,
    CommentPage,
    EffectOut,
    InvitationOut,
    RoundOut,
    RoundPage,
    TableOut,
)
from ..terms import terms_on
from .base import READ, desk_of, official, round_of, router


@router.get("/rounds", response={200: RoundPage, **READ}, operation_id="list_consultations")
def list_rounds(
    request: HttpRequest,
    state: ConsultationState | None = None,
    cursor: str = "",
    limit: int = 100,
    format: Literal["", "xlsx", "csv"] = "",
) -> Any:
    """Rounds the caller may see, newest first; `format` gives a file instead."""
    rows = queries.consultations_for_list(user=official(request), state=state or "")
    if format:
        return export(
            request, name="consultation.rounds", title=_("Consultations"), columns=ROUND_COLUMNS,
            rows=rows, fmt=format,
        )  # fmt: skip
    items, after = cursor_page(rows, order=("-pk",), cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": after}


@router.get(
    "/rounds/{int:consultation_id}", response={200: RoundOut, **READ},
    operation_id="get_consultation",
)  # fmt: skip
def get_round(request: HttpRequest, consultation_id: int) -> Any:
    """One round with its counts."""
    row = round_of(request, consultation_id)
    return queries.consultations_for_list(user=official(request)).get(pk=row.pk)


@router.get(
    "/rounds/{int:consultation_id}/bodies", response={200: list[InvitationOut], **READ},
    operation_id="list_bodies_asked",
)  # fmt: skip
def bodies(request: HttpRequest, consultation_id: int) -> Any:
    """Bodies that were asked, and their replies."""
    return list(queries.invitations_of(desk_of(request, consultation_id)))


@router.get(
    "/rounds/{int:consultation_id}/opinions", response={200: CommentPage, **READ},
    operation_id="list_opinions",
)  # fmt: skip
def opinions(
    request: HttpRequest,
    consultation_id: int,
    filters: Query[CommentFilter],
    cursor: str = "",
    limit: int = 100,
    format: Literal["", "xlsx", "csv"] = "",
) -> Any:
    """Opinions in the order they came, without names and contacts."""
    row = desk_of(request, consultation_id)
    rows = queries.comments_for_desk(row, queries.DeskFilters(**filters.dict()))
    if format:
        return export(
            request, name="consultation.opinions", title=_("Opinions"), columns=COMMENT_COLUMNS,
            rows=rows, fmt=format,
        )  # fmt: skip
    items, after = cursor_page(rows, order=("number",), cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": after}


@router.get(
    "/rounds/{int:consultation_id}/alike", response={200: AlikesOut, **READ},
    operation_id="list_alike_opinions",
)  # fmt: skip
def alike(request: HttpRequest, consultation_id: int) -> Any:
    """Groups of opinions that look alike and are not one topic yet."""
    row = desk_of(request, consultation_id)
    found, _cut = queries.duplicates_of(row, terms_on(timezone.localdate()))
    return {
        "items": [
            {"comments": [comment.pk for comment in group.comments], "likeness": group.likeness}
            for group in found
        ]
    }


@router.get(
    "/rounds/{int:consultation_id}/table", response={200: TableOut, **READ},
    operation_id="get_adoption_table",
)  # fmt: skip
def table(
    request: HttpRequest, consultation_id: int, format: Literal["", "xlsx", "docx"] = ""
) -> Any:
    """The adoption table; `format` gives the Excel or the official Word file."""
    row = desk_of(request, consultation_id)
    if format:
        return exports.table_response(request, row, format)
    return {
        "title": exports.title_of(row),
        "statistics": queries.statistics_line(queries.figures_of(row)),
        "items": queries.adoption_rows(row),
    }


@router.get(
    "/rounds/{int:consultation_id}/effect", response={200: EffectOut, **READ},
    operation_id="get_consultation_effect",
)  # fmt: skip
def effect(request: HttpRequest, consultation_id: int) -> Any:
    """What all confirmed changes together do to targets, tasks, duties and open questions."""
    return {"effect": desk_of(request, consultation_id).effect}


@router.get(
    "/rounds/{int:consultation_id}/revised", response={200: str, **READ},
    operation_id="get_revised_draft",
)  # fmt: skip
def revised(
    request: HttpRequest, consultation_id: int, format: Literal["", "txt", "docx"] = ""
) -> Any:
    """The draft with all confirmed changes for the next version: text, or Word with marks."""
    return exports.revised_response(request, desk_of(request, consultation_id), format or "txt")
