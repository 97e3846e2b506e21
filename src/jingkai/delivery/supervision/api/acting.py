"""Every action, under the same verdicts as the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form
from ninja.files import UploadedFile

from .. import services
from ..models import (
    Extension,
    ObligationKind,
    ObligationState,
    ProgressReport,
    Urge,
)
from ..schemas import (
    AnswerIn,
    CountOut,
    DecideIn,
    DisputeIn,
    ExtensionIn,
    IssueIn,
    NoteIn,
    ObligationOut,
    ReasonIn,
    ReopenIn,
    ReportOut,
    ReviewIn,
    RolesIn,
    SettleIn,
    UrgeIn,
)
from .base import WRITE, checked, fresh, router, user_of, visible


@router.post("/issue", response={200: CountOut, **WRITE}, operation_id="issue_obligations")
def issue(request: HttpRequest, data: IssueIn) -> Any:
    """Issue registered shares, all or none."""
    for obligation_id in data.obligations:
        checked(request, obligation_id)
    return {
        "count": services.issue_many(
            obligation_ids=data.obligations,
            due_on=data.due_on,
            sign_by=data.sign_by,
            actor=user_of(request),
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
        obligation_id=checked(request, obligation_id),
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/dispute",
    response={200: ObligationOut, **WRITE},
    operation_id="dispute_obligation",
)
def dispute(request: HttpRequest, obligation_id: int, data: DisputeIn) -> Any:
    """Say that a share belongs to another body."""
    services.dispute(
        obligation_id=checked(request, obligation_id),
        reason=data.reason,
        proposed_body_id=data.proposed_body,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/settle",
    response={200: ObligationOut, **WRITE},
    operation_id="settle_dispute",
)
def settle(request: HttpRequest, obligation_id: int, data: SettleIn) -> Any:
    """Decide a dispute; answers with the share that holds afterwards."""
    return services.settle_dispute(
        obligation_id=checked(request, obligation_id),
        keep=data.keep,
        note=data.note,
        new_body_id=data.new_body,
        actor=user_of(request),
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
        obligation_id=checked(request, obligation_id),
        progress=progress,
        text=text,
        period=period,
        next_step=next_step,
        problems=problems,
        evidence=evidence,
        actor=user_of(request),
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
        obligation_id=checked(request, obligation_id),
        text=text,
        evidence=evidence,
        actor=user_of(request),
        now=timezone.now(),
    )


def _report_id(request: HttpRequest, report_id: int) -> int:
    return get_object_or_404(ProgressReport, pk=report_id, obligation__in=visible(request)).pk


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
        actor=user_of(request),
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
        actor=user_of(request),
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
        obligation_id=checked(request, obligation_id),
        to_date=data.to_date,
        reason=data.reason,
        actor=user_of(request),
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
    found = get_object_or_404(Extension, pk=extension_id, obligation__in=visible(request))
    services.decide_extension(
        extension_id=found.pk,
        grant=data.grant,
        note=data.note,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(found.obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/urge",
    response={200: CountOut, **WRITE},
    operation_id="urge_obligation",
)
def urge(request: HttpRequest, obligation_id: int, data: UrgeIn) -> Any:
    """Urge the body, or escalate past the limit; answers with the number of the urge."""
    found = services.urge(
        obligation_id=checked(request, obligation_id),
        text=data.text,
        actor=user_of(request),
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
    found = get_object_or_404(Urge, pk=urge_id, obligation__in=visible(request))
    services.answer_urge(
        urge_id=found.pk, answer=data.answer, actor=user_of(request), now=timezone.now()
    )
    return fresh(found.obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/conclude",
    response={200: ObligationOut, **WRITE},
    operation_id="conclude_task",
)
def conclude(request: HttpRequest, obligation_id: int, data: NoteIn) -> Any:
    """Complete a whole task whose shares are done."""
    services.conclude(
        obligation_id=checked(request, obligation_id),
        note=data.note,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/exempt",
    response={200: ObligationOut, **WRITE},
    operation_id="exempt_from_figure",
)
def exempt(request: HttpRequest, obligation_id: int, data: ReasonIn) -> Any:
    """A leader's exemption from the next figure."""
    services.exempt_from_figure(
        obligation_id=checked(request, obligation_id),
        reason=data.reason,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/close",
    response={200: ObligationOut, **WRITE},
    operation_id="close_obligation",
)
def close(request: HttpRequest, obligation_id: int, data: NoteIn) -> Any:
    """Strike a completed obligation off the list."""
    services.close(
        obligation_id=checked(request, obligation_id),
        note=data.note,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/reopen",
    response={200: ObligationOut, **WRITE},
    operation_id="reopen_obligation",
)
def reopen(request: HttpRequest, obligation_id: int, data: ReopenIn) -> Any:
    """Take a completed or closed obligation up again."""
    services.reopen(
        obligation_id=checked(request, obligation_id),
        due_on=data.due_on,
        reason=data.reason,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(obligation_id)


@router.post(
    "/obligations/{int:obligation_id}/withdraw",
    response={200: ObligationOut, **WRITE},
    operation_id="withdraw_obligation",
)
def withdraw(request: HttpRequest, obligation_id: int, data: ReasonIn) -> Any:
    """Take an obligation back."""
    services.withdraw(
        obligation_id=checked(request, obligation_id),
        reason=data.reason,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(obligation_id)


@router.post(
    "/tasks/{int:number}/roles",
    response={200: ObligationOut, **WRITE},
    operation_id="assign_task_roles",
)
def roles(request: HttpRequest, number: int, data: RolesIn) -> Any:
    """Name lead and assisting bodies of a key task."""
    whole = get_object_or_404(
        visible(request).exclude(state=ObligationState.WITHDRAWN),
        task__number=number,
        kind=ObligationKind.TASK,
    )
    services.assign_roles(
        task_id=whole.task_id,
        lead_body_id=data.lead_body,
        assist_body_ids=data.assist_bodies,
        reason=data.reason,
        actor=user_of(request),
        now=timezone.now(),
    )
    return fresh(whole.pk)
