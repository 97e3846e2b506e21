"""API of a return in words: the draft from its figures and the note its filler keeps."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem

from .models import Return
from .queries import visible_returns
from .queries.grid import Grid, grid_of
from .queries.notes import narrative_of
from .services.notes import attach_note

router = Router(tags=["reporting"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


class PieceOut(Schema):
    """A stretch of words; `cell` is 0 where it says no figure of the return.

    `kind`: `value`, `change` over a year, `planned`, or `cell` for words about it.
    """

    text: str
    cell: int
    kind: str
    is_stale: bool
    is_loose: bool


class ReturnNoteOut(Schema):
    """`stale` numbers say figures that are others by now, `loose` ones stand in no cell."""

    text: str
    pieces: list[PieceOut]
    stale: int
    loose: int
    who: str
    at: datetime


class NarrativeOut(Schema):
    """The draft in the language asked for, sentence by sentence, and the note that stands."""

    draft: str
    sentences: list[list[PieceOut]]
    note: ReturnNoteOut | None


class ReturnNoteIn(Schema):
    text: str


def _return(request: HttpRequest, return_id: int) -> tuple[User, Return]:
    assert isinstance(request.user, User)
    rows = visible_returns(request.user).select_related(
        "campaign__form", "campaign__version", "body", "zone"
    )
    return request.user, get_object_or_404(rows, pk=return_id)


def _grid(user: User, in_return: Return) -> Grid:
    return grid_of(in_return, user, timezone.now(), timezone.localdate())


def _out(grid: Grid) -> dict[str, Any]:
    found = narrative_of(grid)
    note = found.note
    return {
        "draft": found.draft.text,
        "sentences": [[asdict(piece) for piece in one] for one in found.draft.sentences],
        "note": note
        and {
            "text": note.text,
            "pieces": [asdict(piece) for piece in found.pieces],
            "stale": found.stale,
            "loose": found.loose,
            "who": note.actor.name,
            "at": note.at,
        },
    }


@router.get(
    "/returns/{int:return_id}/narrative",
    response={200: NarrativeOut, **READ},
    operation_id="get_return_narrative",
)
def get_narrative(request: HttpRequest, return_id: int) -> Any:
    """A paragraph drafted from the figures, every number tied to its cell, and the note kept."""
    return _out(_grid(*_return(request, return_id)))


@router.put(
    "/returns/{int:return_id}/narrative",
    response={200: NarrativeOut, **WRITE},
    operation_id="put_return_note",
)
def put_note(request: HttpRequest, return_id: int, payload: ReturnNoteIn) -> Any:
    """Keep a text as the return's note; an empty one takes it away. Again changes nothing."""
    user, in_return = _return(request, return_id)
    attach_note(return_id=in_return.pk, text=payload.text, actor=user, now=timezone.now())
    return _out(_grid(user, in_return))
