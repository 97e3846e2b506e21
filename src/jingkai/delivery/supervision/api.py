"""API of supervision: the list, the card and every action, under the same verdicts as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from jingkai.core.accounts.public import User
from jingkai.core.api import Problem, cursor_page
from jingkai.core.register.public import export

from . import queries, rules, services
from .columns import COLUMNS
from .models import (
    Extension,
    Meeting,
    Obligation,
    ObligationKind,
    ObligationState,
    ProgressReport,
    Urge,
)
from .schemas import (
    AnswerIn,
    BoardOut,
    CardOut,
    ChangesOut,
    CountOut,
    DecideIn,
    DisputeIn,
    ExtensionIn,
    FilterIn,
    IssueIn,
    MeetingPage,
    NoteIn,
    ObligationOut,
    ObligationPage,
    ReasonIn,
    ReopenIn,
    ReportOut,
    ReviewIn,
    RolesIn,
    SettleIn,
    UrgeIn,
)

router = Router(tags=["supervision"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _official(request: HttpRequest) -> User:
    """404 for whom there is nothing to follow, like the pages."""
    user = _user(request)
    if not rules.can_follow(user):
        raise Http404
    return user


def _visible(request: HttpRequest) -> QuerySet[Obligation]:
    return queries.visible_obligations(_user(request)).select_related("task", "body", "parent")


def _check(request: HttpRequest, obligation_id: int) -> int:
    """404 before anything else: what is out of scope does not exist."""
    return get_object_or_404(_visible(request), pk=obligation_id).pk


def _fresh(obligation_id: int) -> Obligation:
    return Obligation.objects.select_related("task", "body").get(pk=obligation_id)


@router.get("/obligations", response={200: ObligationPage, **READ}, operation_id="list_obligations")
def list_obligations(
    request: HttpRequest,
    filters: Query[FilterIn],
    cursor: str = "",
    limit: int = 100,
    format: Literal["", "xlsx", "csv"] = "",
) -> Any:
    """Visible obligations by number of the task; `format` gives a file instead."""
    user, today = _official(request), timezone.localdate()
    rows = queries.obligations_for_list(
        user=user, filters=queries.Filters(**filters.dict()), today=today
    )
    if format:
        return _download(request, rows, user, today, format)
    items, after = cursor_page(rows, order=("task__number", "pk"), cursor=cursor, limit=limit)
    return {"items": items, "next_cursor": after}


def _download(
    request: HttpRequest, rows: QuerySet[Obligation], user: User, today: date, fmt: str
) -> HttpResponse:
    return export(
        request,
        name="supervision.obligations",
        title=_("Supervision list"),
        columns=COLUMNS,
        rows=queries.rows_of(rows, user=user, today=today),
        fmt=fmt,
    )


@router.get(
    "/obligations/{int:obligation_id}",
    response={200: CardOut, **READ},
    operation_id="get_obligation",
)
def get_obligation(request: HttpRequest, obligation_id: int) -> Any:
    """One obligation with its reports, its trail, and the actions open to the caller."""
    from .actions import offers

    user, now = _user(request), timezone.now()
    row = get_object_or_404(_visible(request).select_related("responsibility"), pk=obligation_id)
    card = queries.obligation_card(row, user=user, today=timezone.localdate(now))
    return {
        "obligation": row,
        "reports": [line.report for line in card.reports],
        "trail": [
            {
                "at": step.at,
                "label": str(step.label),
                "who": step.who,
                "reason": step.reason,
                "light": step.light,
            }
            for step in card.trail
        ],
        "actions": [offer.action.name for offer in offers(user, row, now) if offer.verdict],
    }


@router.get("/board", response={200: BoardOut, **READ}, operation_id="supervision_board")
def get_board(request: HttpRequest) -> Any:
    """Bodies by light and late days."""
    return {"items": queries.body_board(user=_official(request))}


@router.get("/changes", response={200: ChangesOut, **READ}, operation_id="supervision_changes")
def get_changes(
    request: HttpRequest, since: datetime | None = None, until: datetime | None = None
) -> Any:
    """What changed after `since` (default: the last meeting) up to `until` (default: now)."""
    user = _official(request)
    if since is None:
        last = queries.last_meeting()
        since = last.held_at if last else None
    found = queries.changes_since(since, user=user, until=until or timezone.now())
    moved = ("issued", "signed", "completed", "closed", "reopened", "withdrawn")
    return {
        "since": found.since,
        "until": found.until,
        **{
            name: [
                {"obligation": m.item.pk, "at": m.at, "who": m.who, "reason": m.reason}
                for m in getattr(found, name)
            ]
            for name in moved
        },
        **{
            name: [
                {"obligation": r.item.pk, "before": r.before, "after": r.after, "reason": r.reason}
                for r in getattr(found, name)
            ]
            for name in ("worse", "better")
        },
        "grown": [
            {"obligation": g.item.pk, "task_days": g.task_days, "report_days": g.report_days}
            for g in found.grown
        ],
    }


@router.get("/meetings", response={200: MeetingPage, **READ}, operation_id="list_meetings")
def list_meetings(request: HttpRequest, cursor: str = "", limit: int = 100) -> Any:
    """Meetings held, the earliest first."""
    _official(request)
    items, after = cursor_page(
        Meeting.objects.all(), order=("held_at", "pk"), cursor=cursor, limit=limit
    )
    return {"items": items, "next_cursor": after}


@router.post("/issue", response={200: CountOut, **WRITE}, operation_id="issue_obligations")
def issue(request: HttpRequest, data: IssueIn) -> Any:
    """Issue registered shares, all or none."""
    for obligation_id in data.obligations:
        _check(request, obligation_id)
    return {
        "count": services.issue_many(
            obligation_ids=data.obligations,
            due_on=data.due_on,
            sign_by=data.sign_by,
            actor=_user(request),
            now=timezone.now(),
        )
    }


@router.post(
    "/obligations/{int:obligation_id}/sign",
    response={200: ObligationOut, **WRITE},
    operation_id="sign_obligation",
)
def sign(request: HttpRequest, obligation_id: int) -> Any:
    """Sign for a share."""
    services.sign(
        obligation_id=_check(request, obligation_id), actor=_user(request), now=timezone.now()
    )
    return _fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/dispute",
    response={200: ObligationOut, **WRITE},
    operation_id="dispute_obligation",
)
def dispute(request: HttpRequest, obligation_id: int, data: DisputeIn) -> Any:
    """Say that a share belongs to another body."""
    services.dispute(
        obligation_id=_check(request, obligation_id),
        reason=data.reason,
        proposed_body_id=data.proposed_body,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/settle",
    response={200: ObligationOut, **WRITE},
    operation_id="settle_dispute",
)
def settle(request: HttpRequest, obligation_id: int, data: SettleIn) -> Any:
    """Decide a dispute; answers with the share that holds afterwards."""
    return services.settle_dispute(
        obligation_id=_check(request, obligation_id),
        keep=data.keep,
        note=data.note,
        new_body_id=data.new_body,
        actor=_user(request),
        now=timezone.now(),
    )


@router.post(
    "/obligations/{int:obligation_id}/reports",
    response={200: ReportOut, **WRITE},
    operation_id="report_progress",
)
def report(
    request: HttpRequest,
    obligation_id: int,
    progress: Form[int],
    text: Form[str],
    period: Form[str] = "",
    next_step: Form[str] = "",
    problems: Form[str] = "",
    evidence: File[list[UploadedFile]] = [],  # noqa: B006 -- read by ninja, never changed
) -> Any:
    """Report progress, as a form with files."""
    return services.report_progress(
        obligation_id=_check(request, obligation_id),
        progress=progress,
        text=text,
        period=period,
        next_step=next_step,
        problems=problems,
        evidence=evidence,
        actor=_user(request),
        now=timezone.now(),
    )


@router.post(
    "/obligations/{int:obligation_id}/claim",
    response={200: ReportOut, **WRITE},
    operation_id="claim_completion",
)
def claim(
    request: HttpRequest,
    obligation_id: int,
    text: Form[str],
    evidence: File[list[UploadedFile]] = [],  # noqa: B006 -- read by ninja, never changed
) -> Any:
    """Claim completion, with evidence."""
    return services.claim_completion(
        obligation_id=_check(request, obligation_id),
        text=text,
        evidence=evidence,
        actor=_user(request),
        now=timezone.now(),
    )


def _report_id(request: HttpRequest, report_id: int) -> int:
    return get_object_or_404(ProgressReport, pk=report_id, obligation__in=_visible(request)).pk


@router.post(
    "/reports/{int:report_id}/endorse",
    response={200: ReportOut, **WRITE},
    operation_id="endorse_completion",
)
def endorse(request: HttpRequest, report_id: int, data: NoteIn) -> Any:
    """The body's own check of a completion."""
    return services.endorse_completion(
        report_id=_report_id(request, report_id),
        note=data.note,
        actor=_user(request),
        now=timezone.now(),
    )


@router.post(
    "/reports/{int:report_id}/review",
    response={200: ReportOut, **WRITE},
    operation_id="review_report",
)
def review(request: HttpRequest, report_id: int, data: ReviewIn) -> Any:
    """Accept or reject a report; never one's own."""
    return services.review_report(
        report_id=_report_id(request, report_id),
        accept=data.accept,
        note=data.note,
        actor=_user(request),
        now=timezone.now(),
    )


@router.post(
    "/obligations/{int:obligation_id}/extensions",
    response={200: CountOut, **WRITE},
    operation_id="request_extension",
)
def extend(request: HttpRequest, obligation_id: int, data: ExtensionIn) -> Any:
    """Ask for a later date; answers with how many were asked for so far."""
    services.request_extension(
        obligation_id=_check(request, obligation_id),
        to_date=data.to_date,
        reason=data.reason,
        actor=_user(request),
        now=timezone.now(),
    )
    return {"count": Extension.objects.filter(obligation_id=obligation_id).count()}


@router.post(
    "/extensions/{int:extension_id}/decide",
    response={200: ObligationOut, **WRITE},
    operation_id="decide_extension",
)
def decide(request: HttpRequest, extension_id: int, data: DecideIn) -> Any:
    """Grant or refuse more time."""
    found = get_object_or_404(Extension, pk=extension_id, obligation__in=_visible(request))
    services.decide_extension(
        extension_id=found.pk,
        grant=data.grant,
        note=data.note,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(found.obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/urge",
    response={200: CountOut, **WRITE},
    operation_id="urge_obligation",
)
def urge(request: HttpRequest, obligation_id: int, data: UrgeIn) -> Any:
    """Urge the body, or escalate past the limit; answers with the number of the urge."""
    found = services.urge(
        obligation_id=_check(request, obligation_id),
        text=data.text,
        actor=_user(request),
        now=timezone.now(),
    )
    return {"count": found.number}


@router.post(
    "/urges/{int:urge_id}/answer",
    response={200: ObligationOut, **WRITE},
    operation_id="answer_urge",
)
def answer(request: HttpRequest, urge_id: int, data: AnswerIn) -> Any:
    """Answer an urge."""
    found = get_object_or_404(Urge, pk=urge_id, obligation__in=_visible(request))
    services.answer_urge(
        urge_id=found.pk, answer=data.answer, actor=_user(request), now=timezone.now()
    )
    return _fresh(found.obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/conclude",
    response={200: ObligationOut, **WRITE},
    operation_id="conclude_task",
)
def conclude(request: HttpRequest, obligation_id: int, data: NoteIn) -> Any:
    """Complete a whole task whose shares are done."""
    services.conclude(
        obligation_id=_check(request, obligation_id),
        note=data.note,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/exempt",
    response={200: ObligationOut, **WRITE},
    operation_id="exempt_from_figure",
)
def exempt(request: HttpRequest, obligation_id: int, data: ReasonIn) -> Any:
    """A leader's exemption from the next figure."""
    services.exempt_from_figure(
        obligation_id=_check(request, obligation_id),
        reason=data.reason,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/close",
    response={200: ObligationOut, **WRITE},
    operation_id="close_obligation",
)
def close(request: HttpRequest, obligation_id: int, data: NoteIn) -> Any:
    """Strike a completed obligation off the list."""
    services.close(
        obligation_id=_check(request, obligation_id),
        note=data.note,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/reopen",
    response={200: ObligationOut, **WRITE},
    operation_id="reopen_obligation",
)
def reopen(request: HttpRequest, obligation_id: int, data: ReopenIn) -> Any:
    """Take a completed or closed obligation up again."""
    services.reopen(
        obligation_id=_check(request, obligation_id),
        due_on=data.due_on,
        reason=data.reason,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/withdraw",
    response={200: ObligationOut, **WRITE},
    operation_id="withdraw_obligation",
)
def withdraw(request: HttpRequest, obligation_id: int, data: ReasonIn) -> Any:
    """Take an obligation back."""
    services.withdraw(
        obligation_id=_check(request, obligation_id),
        reason=data.reason,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(obligation_id)


@router.post(
    "/tasks/{int:number}/roles",
    response={200: ObligationOut, **WRITE},
    operation_id="assign_task_roles",
)
def roles(request: HttpRequest, number: int, data: RolesIn) -> Any:
    """Name lead and assisting bodies of a key task."""
    whole = get_object_or_404(
        _visible(request).exclude(state=ObligationState.WITHDRAWN),
        task__number=number,
        kind=ObligationKind.TASK,
    )
    services.assign_roles(
        task_id=whole.task_id,
        lead_body_id=data.lead_body,
        assist_body_ids=data.assist_bodies,
        reason=data.reason,
        actor=_user(request),
        now=timezone.now(),
    )
    return _fresh(whole.pk)
