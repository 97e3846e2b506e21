"""API of corrections and revisions, under the same verdicts as the pages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem, asked_first, cursor_page
from jingkai.core.register.public import export
from jingkai.core.verdicts import require
from jingkai.delivery.indicators.public import Series, visible_series
from jingkai.engine.revisions import Statistics

from . import rules
from .impact import Impact
from .models import Correction, CorrectionReason, CorrectionState
from .queries.corrections import correction_for_page, corrections_for_list, visible_corrections
from .queries.revisions import revision_page
from .services.correction_trials import impact_now, preview_correction
from .services.corrections import (
    approve_correction,
    attach_evidence,
    refuse_correction,
    request_correction,
    withdraw_correction,
)
from .views.corrections import COLUMNS, shown

router = Router(tags=["reporting"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Figure = Annotated[Decimal, Field(max_digits=24, decimal_places=6)]


def _user(request: HttpRequest) -> User:
    """The caller; 404 for whom there are no figures, like the pages."""
    user = request.user
    if not isinstance(user, User) or not rules.can_follow(user):
        raise Http404
    return user


class PreviewIn(Schema):
    indicator: str
    scope: str
    period: str
    new_value: Figure


class CorrectionIn(PreviewIn):
    code: CorrectionReason
    reason: str


class AnswerIn(Schema):
    answer: str = ""


class RefuseIn(Schema):
    reason: str


class PlaceOut(Schema):
    indicator: str
    scope: str
    period: str


class FigureMoveOut(PlaceOut):
    before: Decimal | None
    after: Decimal | None
    release_before: str
    release_after: str
    computed: bool


class LightMoveOut(PlaceOut):
    before: str
    after: str
    distance_before: Decimal | None
    distance_after: Decimal | None


class RankMoveOut(PlaceOut):
    before: int | None
    after: int | None
    of: int


class TargetMoveOut(PlaceOut):
    target: str
    horizon: str
    value: Decimal
    before: Decimal | None
    after: Decimal | None


class LaterOut(PlaceOut):
    value: Decimal
    own_before: Decimal | None
    own_after: Decimal | None


class UseOut(Schema):
    room: str
    title: str
    text: str
    url: str


class ImpactOut(Schema):
    """What moves; `asked` names the rooms that were asked for published uses."""

    figures: list[FigureMoveOut]
    lights: list[LightMoveOut]
    ranks: list[RankMoveOut]
    targets: list[TargetMoveOut]
    later: list[LaterOut]
    uses: list[UseOut]
    asked: list[str]
    warnings: list[str]


class CorrectionOut(Schema):
    id: int
    state: CorrectionState
    indicator: str
    scope: str
    period: str
    unit: str
    old_value: Decimal
    new_value: Decimal
    code: CorrectionReason
    reason: str
    old_event: int
    new_event: int | None
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    answer: str


class CorrectionDetailOut(CorrectionOut):
    impact: ImpactOut | None
    """While it waits: what it would move now; decided: what it moved."""


class CorrectionPage(Schema):
    items: list[CorrectionOut]
    next_cursor: str


class FileOut(Schema):
    id: int
    name: str


class StatisticsOut(Schema):
    """Revisions from the first to a later value, in the unit of the indicator; shares in %."""

    count: int
    revised: int
    mean: Decimal | None
    mean_absolute: Decimal | None
    relative: Decimal | None
    share_revised: Decimal | None
    share_up: Decimal | None
    smallest: Decimal | None
    largest: Decimal | None
    spread: Decimal | None
    bias: str


class RevisionRowOut(Schema):
    period: str
    first_day: date
    values: list[Decimal | None]
    now: Decimal | None
    changes: int


class RevisionsOut(Schema):
    indicator: str
    scope: str
    maturities: list[int]
    rows: list[RevisionRowOut]
    overall: StatisticsOut
    by_maturity: dict[int, StatisticsOut]


def correction_out(slip: Correction) -> dict[str, Any]:
    indicator = slip.series.indicator
    return {
        "id": slip.pk,
        "state": slip.state,
        "indicator": indicator.code,
        "scope": slip.series.scope,
        "period": slip.period,
        "unit": indicator.unit,
        "old_value": slip.old_value,
        "new_value": slip.new_value,
        "code": slip.code,
        "reason": slip.reason,
        "old_event": slip.old_event_id,
        "new_event": slip.new_event_id,
        "requested_by": slip.requested_by.name,
        "requested_at": slip.requested_at,
        "decided_by": slip.decided_by.name if slip.decided_by else "",
        "decided_at": slip.decided_at,
        "answer": slip.answer,
    }


def _fresh(request: HttpRequest, correction_id: int) -> dict[str, Any]:
    slip = correction_for_page(_user(request), correction_id)
    if slip is None:
        raise Http404
    return correction_out(slip)


def _impact(impact: Impact, user: User) -> dict[str, Any]:
    return shown(impact, user).to_json()


def _series(request: HttpRequest, sent: PreviewIn) -> Series:
    return get_object_or_404(
        visible_series(_user(request)), indicator__code=sent.indicator, scope=sent.scope
    )


class CorrectionFilter(Schema):
    state: str = ""
    indicator: str = ""
    scope: str = ""
    period: str = ""


@router.get("/corrections", response={200: CorrectionPage, **READ}, operation_id="list_corrections")
def list_corrections(
    request: HttpRequest,
    asked: Query[CorrectionFilter],
    cursor: str = "",
    limit: int = 100,
    format: str = "",
) -> dict[str, Any] | HttpResponse:
    """Correction slips about figures one may see, newest first."""
    rows = corrections_for_list(_user(request), **asked.dict())
    if format in ("xlsx", "csv"):
        return export(
            request,
            name="reporting.corrections",
            title=_("Correction slips"),
            columns=COLUMNS,
            rows=rows,
            fmt=format,
        )
    found, after = cursor_page(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": [correction_out(slip) for slip in found], "next_cursor": after}


@router.post(
    "/corrections/preview", response={200: ImpactOut, **WRITE}, operation_id="preview_correction"
)
def preview(request: HttpRequest, sent: PreviewIn) -> dict[str, Any]:
    """Exactly what a correction would move. Nothing is written."""
    impact = preview_correction(
        series_id=_series(request, sent).pk,
        period=sent.period,
        new_value=sent.new_value,
        actor=_user(request),
        now=timezone.now(),
    )
    return _impact(impact, _user(request))


@router.post(
    "/corrections", response={201: CorrectionOut, **WRITE}, operation_id="request_correction"
)
def request_(request: HttpRequest, sent: CorrectionIn) -> Status[dict[str, Any]]:
    """Ask for a correction of a figure that stands."""
    slip = request_correction(
        series_id=_series(request, sent).pk,
        period=sent.period,
        new_value=sent.new_value,
        code=sent.code,
        reason=sent.reason,
        actor=_user(request),
        now=timezone.now(),
    )
    return Status(201, _fresh(request, slip.pk))


@router.get(
    "/corrections/{correction_id}",
    response={200: CorrectionDetailOut, 409: Problem, **READ},
    operation_id="get_correction",
)
def get_correction(request: HttpRequest, correction_id: int) -> dict[str, Any]:
    """One slip with what it moves. 409 when the figure changed since it was written."""
    user = _user(request)
    slip = correction_for_page(user, correction_id)
    if slip is None:
        raise Http404
    impact: Impact | None = None
    if slip.state == CorrectionState.REQUESTED:
        impact = impact_now(slip, actor=user, now=timezone.now())
    elif slip.impact:
        impact = Impact.from_json(slip.impact)
    return {**correction_out(slip), "impact": _impact(impact, user) if impact else None}


def _visible(request: HttpRequest, correction_id: int) -> dict[str, Any]:
    slip = get_object_or_404(visible_corrections(_user(request)), pk=correction_id)
    return {"correction_id": slip.pk, "actor": _user(request), "now": timezone.now()}


@router.post(
    "/corrections/{correction_id}/approve",
    response={200: CorrectionOut, **WRITE},
    operation_id="approve_correction",
)
def approve(request: HttpRequest, correction_id: int, sent: AnswerIn) -> dict[str, Any]:
    """Approve a slip: the new figure is recorded beside the old one."""
    approve_correction(**_visible(request, correction_id), answer=sent.answer)
    return _fresh(request, correction_id)


@router.post(
    "/corrections/{correction_id}/refuse",
    response={200: CorrectionOut, **WRITE},
    operation_id="refuse_correction",
)
def refuse(request: HttpRequest, correction_id: int, sent: RefuseIn) -> dict[str, Any]:
    """Refuse a slip, with the reason."""
    refuse_correction(**_visible(request, correction_id), reason=sent.reason)
    return _fresh(request, correction_id)


@router.post(
    "/corrections/{correction_id}/withdraw",
    response={200: CorrectionOut, **WRITE},
    operation_id="withdraw_correction",
)
def withdraw(request: HttpRequest, correction_id: int) -> dict[str, Any]:
    """Take back one's own slip."""
    withdraw_correction(**_visible(request, correction_id))
    return _fresh(request, correction_id)


def _may_prove(request: HttpRequest, correction_id: int) -> None:
    slip = get_object_or_404(
        visible_corrections(_user(request)).select_related("series__zone", "series__indicator"),
        pk=correction_id,
    )
    require(rules.can_request_correction(_user(request), slip.series))


@router.post(
    "/corrections/{correction_id}/evidence",
    response={201: FileOut, **WRITE},
    operation_id="attach_correction_evidence",
)
def evidence(
    request: HttpRequest,
    correction_id: Annotated[int, asked_first(_may_prove)],
    file: File[UploadedFile],
    note: Form[str] = "",
) -> Status[dict[str, Any]]:
    """Put a paper to a slip that waits."""
    kept = attach_evidence(**_visible(request, correction_id), upload=file, note=note)
    return Status(201, {"id": kept.pk, "name": kept.name})


@router.get("/revisions/{code}", response={200: RevisionsOut, **READ}, operation_id="get_revisions")
def get_revisions(request: HttpRequest, code: str, scope: str = "") -> dict[str, Any]:
    """The revision triangle of an indicator in a scope one may see."""
    page = revision_page(user=_user(request), code=code, scope=scope, today=timezone.localdate())
    return {
        "indicator": page.indicator.code,
        "scope": page.series.scope if page.series else "",
        "maturities": list(page.triangle.maturities),
        "rows": [
            {
                "period": row.period.code,
                "first_day": row.first_day,
                "values": list(row.values),
                "now": row.now,
                "changes": row.steps,
            }
            for row in page.triangle.rows
        ],
        "overall": _statistics(page.overall),
        "by_maturity": {months: _statistics(s) for months, s in page.maturities.items()},
    }


def _statistics(found: Statistics) -> dict[str, Any]:
    return {name: getattr(found, name) for name in StatisticsOut.model_fields}
