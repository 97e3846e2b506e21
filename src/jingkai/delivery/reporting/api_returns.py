"""The API door of returns, for systems of bodies: the same services and verdicts as the pages.

A bearer token with the scope `reporting:read` lists and reads, `reporting:write` does the rest,
always as the person the token belongs to. A repeated request changes nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import File, Form, Router
from ninja.files import UploadedFile

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem, asked_first, cursor_page
from jingkai.core.audit import public as audit
from jingkai.core.files.public import XLSX
from jingkai.core.register.public import Column, export
from jingkai.core.verdicts import require

from . import doors, rules, services
from .excel.receiving import Answer, painted_again, receive_file
from .excel.template import template_for
from .judging import judge_return
from .models import CellOrigin, Return, ReturnFile, ReturnState, UnlockTicket
from .queries import cells_of, visible_cells, visible_returns
from .schemas import (
    AnswerOut,
    CellsIn,
    CommentOut,
    DecideUnlockIn,
    ExplainedOut,
    ExplainIn,
    ReasonIn,
    ReturnCellsIn,
    ReturnDetailOut,
    ReturnedOut,
    ReturnOut,
    ReturnPage,
    SignatureOut,
    SignIn,
    SubmitIn,
    TextIn,
    UnlockIn,
    UnlockOut,
    VerifiedOut,
    VerifyIn,
    WorkbookIn,
)
from .snapshots import snapshot_of

router = Router(tags=["reporting"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _official(request: HttpRequest) -> User:
    """404 for whom there is nothing to report, like the pages."""
    user = _user(request)
    if not rules.can_follow(user):
        raise Http404
    return user


def _visible(request: HttpRequest) -> QuerySet[Return]:
    return visible_returns(_user(request)).select_related(
        "campaign__form", "campaign__version", "body", "zone"
    )


def _check(request: HttpRequest, return_id: int) -> int:
    """404 before anything else: what is out of scope does not exist."""
    return get_object_or_404(_visible(request), pk=return_id).pk


def _may_fill(request: HttpRequest, return_id: int) -> None:
    require(rules.can_fill(_user(request), get_object_or_404(_visible(request), pk=return_id)))


def _check_cells(request: HttpRequest, ids: list[int]) -> list[int]:
    if visible_cells(_user(request)).filter(pk__in=ids).count() != len(set(ids)):
        raise Http404
    return ids


def _fresh(return_id: int) -> Return:
    return Return.objects.select_related("campaign__form", "campaign__version", "body", "zone").get(
        pk=return_id
    )


COLUMNS = (
    Column("form", gettext_lazy("Form"), lambda row: row.campaign.form.name, width=24),
    Column("period", gettext_lazy("Period"), lambda row: row.campaign.period),
    Column("body", gettext_lazy("Reporting body"), lambda row: row.body.name, width=28),
    Column("state", gettext_lazy("State"), lambda row: row.get_state_display()),
    Column("due_on", gettext_lazy("Due on"), lambda row: row.due_on),
    Column("late", gettext_lazy("Working days late"), lambda row: row.late_days, numeric=True),
)


@router.get("/returns", response={200: ReturnPage, **READ}, operation_id="list_returns")
def list_returns(
    request: HttpRequest,
    state: ReturnState | None = None,
    period: str = "",
    form: str = "",
    mine: bool = False,
    cursor: str = "",
    limit: int = 100,
    format: Literal["", "xlsx", "csv"] = "",
) -> Any:
    """Visible returns, the latest period first; `mine`: those the caller fills in."""
    user = _official(request)
    rows = _visible(request)
    if state:
        rows = rows.filter(state=state)
    if period:
        rows = rows.filter(campaign__period=period)
    if form:
        rows = rows.filter(campaign__form__code=form)
    if mine:
        rows = rows.filter(body_id__in=user.body_ids(*rules.CLERKS))
    order = ("-campaign__period_end", "pk")
    if format:
        return export(
            request,
            name="reporting.returns",
            title=_("Returns"),
            columns=COLUMNS,
            rows=rows.order_by(*order),
            fmt=format,
        )
    items, after = cursor_page(rows, order=order, cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": after}


@router.get(
    "/returns/{int:return_id}", response={200: ReturnDetailOut, **READ}, operation_id="get_return"
)
def get_return(request: HttpRequest, return_id: int) -> Any:
    """One return with its figures, the findings, and what keeps it from being sent."""
    row = get_object_or_404(_visible(request), pk=return_id)
    cells = cells_of(row)
    judgement = judge_return(row, cells=cells)
    return {
        "item": row,
        "cells": [doors.cell_out(cell) for cell in cells],
        **doors.judged_out(judgement),
        "gaps": doors.gaps_out(services.gaps(cells, judgement)),
        "digest": snapshot_of(cells).digest,
    }


@router.get("/returns/{int:return_id}/template", response=READ, operation_id="get_return_template")
def get_template(request: HttpRequest, return_id: int) -> HttpResponse:
    """The signed xlsx template of a return, with what stands in it now."""
    row, now = get_object_or_404(_visible(request), pk=return_id), timezone.now()
    content = template_for(row, now=now)
    audit.record("reporting.template.issued", actor=_user(request), target=row, at=now)
    name = f"{row.campaign.form.name}-{row.campaign.period}-{row.body.name}.xlsx"
    return _workbook(content, name)


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(name)}"
    return response


@router.put(
    "/returns/{int:return_id}/cells",
    response={200: doors.SavedOut, **WRITE},
    operation_id="put_return_cells",
)
def put_cells(request: HttpRequest, return_id: int, payload: doors.ChangesIn) -> Any:
    """Write figures: all of them, or none with every reason named as `cells.<id>`."""
    result = doors.save_written(
        return_id=return_id,
        sent=payload,
        actor=_user(request),
        now=timezone.now(),
        origin=CellOrigin.API,
    )
    return doors.saved_out(result)


@router.post(
    "/returns/{int:return_id}/confirm",
    response={200: doors.SavedOut, **WRITE},
    operation_id="confirm_prefilled_cells",
)
def confirm(request: HttpRequest, return_id: int, payload: CellsIn) -> Any:
    """Say that figures filled in beforehand are right: the named ones, or all."""
    result = services.confirm_prefilled(
        return_id=_check(request, return_id),
        cell_ids=payload.cells,
        actor=_user(request),
        now=timezone.now(),
    )
    return doors.saved_out(result)


@router.post(
    "/returns/{int:return_id}/workbooks",
    response={200: AnswerOut, **WRITE},
    operation_id="send_return_workbook",
)
def send_workbook(
    request: HttpRequest,
    return_id: Annotated[int, asked_first(_may_fill)],
    file: File[UploadedFile],
    payload: Form[WorkbookIn],
) -> Any:
    """Send a filled workbook in: judged whole, then taken whole or answered with every mark."""
    asked, _equals, written = payload.unit.partition("=")
    answer = receive_file(
        return_id=return_id,
        upload=file,
        actor=_user(request),
        now=timezone.now(),
        send=payload.send,
        unsigned=payload.unsigned,
        units={asked: written} if asked and written else None,
    )
    return _answer_out(answer)


def _answer_out(answer: Answer) -> dict[str, Any]:
    record = answer.record
    return {
        "id": record.pk,
        "outcome": record.outcome,
        "saved": record.saved_cells,
        "check_code": record.check_code,
        "marks": answer.marks,
        "choices": answer.choices,
        **doors.judged_out(answer.judgement),
        "unsent": answer.unsent,
        "revision": Return.objects.values_list("revision", flat=True).get(pk=record.in_return_id),
    }


@router.get("/workbooks/{int:file_id}/painted", response=READ, operation_id="get_painted_workbook")
def get_painted(request: HttpRequest, file_id: int) -> HttpResponse:
    """A workbook that was sent in, with every mark of its answer painted into it."""
    record = get_object_or_404(
        ReturnFile.objects.select_related("file"), pk=file_id, in_return__in=_visible(request)
    )
    return _workbook(painted_again(record), record.name)


@router.post(
    "/cells/{int:cell_id}/explanations",
    response={200: ExplainedOut, **WRITE},
    operation_id="explain_cell",
)
def explain(request: HttpRequest, cell_id: int, payload: ExplainIn) -> Any:
    """Say why a figure is right although a rule doubts it."""
    (number,) = _check_cells(request, [cell_id])
    row = services.explain(
        cell_id=number,
        rule=payload.rule,
        text=payload.text,
        reused_from=payload.reused_from,
        actor=_user(request),
        now=timezone.now(),
    )
    judgement = judge_return(_fresh(row.cell.in_return_id))
    return {"explanation": row.pk, **doors.judged_out(judgement)}


@router.post(
    "/cells/{int:cell_id}/comments",
    response={200: CommentOut, **WRITE},
    operation_id="comment_cell",
)
def comment(request: HttpRequest, cell_id: int, payload: TextIn) -> Any:
    """Leave a remark on a figure."""
    (number,) = _check_cells(request, [cell_id])
    row = services.comment(
        cell_id=number, text=payload.text, actor=_user(request), now=timezone.now()
    )
    return {"id": row.pk, "text": row.text, "who": row.actor.name, "at": row.at}


@router.post(
    "/returns/{int:return_id}/submit",
    response={200: ReturnOut, **WRITE},
    operation_id="submit_return",
)
def submit(request: HttpRequest, return_id: int, payload: SubmitIn) -> Any:
    """Send a return for signature; what the caller sent already stays sent."""
    return services.submit_return(
        return_id=return_id,
        revision=payload.revision,
        again=True,
        actor=_user(request),
        now=timezone.now(),
    )


@router.post(
    "/returns/{int:return_id}/take-back",
    response={200: ReturnOut, **WRITE},
    operation_id="take_back_return",
)
def take_back(request: HttpRequest, return_id: int) -> Any:
    """Take a sent return back before it is signed."""
    number = _check(request, return_id)
    services.take_back(return_id=number, actor=_user(request), now=timezone.now())
    return _fresh(number)


@router.post(
    "/returns/{int:return_id}/sign",
    response={200: SignatureOut, **WRITE},
    operation_id="sign_return",
)
def sign(request: HttpRequest, return_id: int, payload: SignIn) -> Any:
    """Sign a return as it stands; `digest` says which figures the signer saw."""
    return services.sign_return(
        return_id=_check(request, return_id),
        digest=payload.digest,
        actor=_user(request),
        now=timezone.now(),
    )


@router.post(
    "/returns/{int:return_id}/send-back",
    response={200: ReturnOut, **WRITE},
    operation_id="send_back_return",
)
def send_back(request: HttpRequest, return_id: int, payload: ReasonIn) -> Any:
    """The signer sends a return back to its clerk, with the reason."""
    number = _check(request, return_id)
    services.send_back(
        return_id=number, reason=payload.reason, actor=_user(request), now=timezone.now()
    )
    return _fresh(number)


@router.post(
    "/cells/verify", response={200: VerifiedOut, **WRITE}, operation_id="verify_return_cells"
)
def verify(request: HttpRequest, payload: VerifyIn) -> Any:
    """Verify signed figures: they become official in the same transaction."""
    result = services.verify_cells(
        cell_ids=_check_cells(request, payload.cells),
        bulk=payload.bulk,
        actor=_user(request),
        now=timezone.now(),
    )
    return {
        "verified": [doors.cell_out(cell) for cell in result.verified],
        "events": result.events,
        "lights": result.lights,
    }


@router.post(
    "/cells/return", response={200: ReturnedOut, **WRITE}, operation_id="return_return_cells"
)
def return_cells(request: HttpRequest, payload: ReturnCellsIn) -> Any:
    """Send single figures back to their clerks, with reason and text."""
    rows = services.return_cells(
        cell_ids=_check_cells(request, payload.cells),
        code=payload.code,
        text=payload.text,
        actor=_user(request),
        now=timezone.now(),
    )
    return {"returned": len(rows)}


@router.post(
    "/returns/{int:return_id}/unlocks",
    response={200: UnlockOut, **WRITE},
    operation_id="request_unlock",
)
def request_unlock(request: HttpRequest, return_id: int, payload: UnlockIn) -> Any:
    """Ask to change named figures that are signed or verified."""
    return services.request_unlock(
        return_id=_check(request, return_id),
        cell_ids=payload.cells,
        reason=payload.reason,
        actor=_user(request),
        now=timezone.now(),
    )


@router.post(
    "/unlocks/{int:ticket_id}/decide",
    response={200: UnlockOut, **WRITE},
    operation_id="decide_unlock",
)
def decide_unlock(request: HttpRequest, ticket_id: int, payload: DecideUnlockIn) -> Any:
    """Open the named figures for some hours, or refuse with the reason."""
    ticket = get_object_or_404(UnlockTicket, pk=ticket_id, in_return__in=_visible(request))
    if payload.grant:
        return services.grant_unlock(
            ticket_id=ticket.pk, hours=payload.hours, actor=_user(request), now=timezone.now()
        )
    return services.refuse_unlock(
        ticket_id=ticket.pk, reason=payload.reason, actor=_user(request), now=timezone.now()
    )
