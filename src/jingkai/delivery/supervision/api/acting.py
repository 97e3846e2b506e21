"""Every action, under the same verdicts as the pages."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Schema
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


def _report_id(request: HttpRequest, report_id: int) -> int:
    return get_object_or_404(ProgressReport, pk=report_id, obligation__in=visible(request)).pk


def _same(_request_id: int, done: Any) -> Any:
    return done


def _count_extensions(obligation_id: int, _done: Any) -> Any:
    return {"count": Extension.objects.filter(obligation_id=obligation_id).count()}


@dataclass(frozen=True, slots=True)
class Act:
    """One action on one obligation or report: the address it is posted to, what is sent, which
    service does it, and what is answered. `named`: fields whose argument has another name.
    """

    name: str
    operation_id: str
    says: str
    service: Callable[..., Any]
    sent: type[Schema] | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    of: str = "obligation"
    gives: type[Schema] = ObligationOut
    answer: Callable[[int, Any], Any] = field(default=lambda number, _done: fresh(number))

    def do(self, request: HttpRequest, number: int, data: Schema | None) -> Any:
        own = (checked if self.of == "obligation" else _report_id)(request, number)
        sent = data.dict() if data is not None else {}
        done = self.service(
            **{f"{self.of}_id": own},
            **{self.named.get(name, name): value for name, value in sent.items()},
            actor=user_of(request),
            now=timezone.now(),
        )
        return self.answer(own, done)

    def register(self) -> None:
        """Hang the action onto the router, as if its function were written out."""
        if self.sent is None:

            def view(request: HttpRequest, **given: Any) -> Any:
                return self.do(request, given[number], None)

        else:

            def view(request: HttpRequest, **given: Any) -> Any:
                return self.do(request, given[number], given["data"])

        number = f"{self.of}_id"
        taken = [("request", HttpRequest), (number, int)]
        taken += [("data", self.sent)] if self.sent else []
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        view.__name__, view.__doc__ = self.name, self.says
        view.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, kind, annotation=what) for name, what in taken]
        )
        address = f"/{self.of}s/{{int:{number}}}/{self.path or self.name}"
        response = {200: self.gives, **WRITE}
        router.post(address, response=response, operation_id=self.operation_id)(view)


ACTS: Final = (
    Act("sign", "sign_obligation", "Sign for a share.", services.sign),
    Act(
        "dispute",
        "dispute_obligation",
        "Say that a share belongs to another body.",
        services.dispute,
        DisputeIn,
        {"proposed_body": "proposed_body_id"},
    ),
    Act(
        "settle",
        "settle_dispute",
        "Decide a dispute; answers with the share that holds afterwards.",
        services.settle_dispute,
        SettleIn,
        {"new_body": "new_body_id"},
        answer=_same,
    ),
    Act(
        "endorse",
        "endorse_completion",
        "The body's own check of a completion.",
        services.endorse_completion,
        NoteIn,
        of="report",
        gives=ReportOut,
        answer=_same,
    ),
    Act(
        "review",
        "review_report",
        "Accept or reject a report; never one's own.",
        services.review_report,
        ReviewIn,
        of="report",
        gives=ReportOut,
        answer=_same,
    ),
    Act(
        "extend",
        "request_extension",
        "Ask for a later date; answers with how many were asked for so far.",
        services.request_extension,
        ExtensionIn,
        path="extensions",
        gives=CountOut,
        answer=_count_extensions,
    ),
    Act(
        "urge",
        "urge_obligation",
        "Urge the body, or escalate past the limit; answers with the number of the urge.",
        services.urge,
        UrgeIn,
        gives=CountOut,
        answer=lambda _number, urged: {"count": urged.number},
    ),
    Act(
        "conclude",
        "conclude_task",
        "Complete a whole task whose shares are done.",
        services.conclude,
        NoteIn,
    ),
    Act(
        "exempt",
        "exempt_from_figure",
        "A leader's exemption from the next figure.",
        services.exempt_from_figure,
        ReasonIn,
    ),
    Act(
        "close",
        "close_obligation",
        "Strike a completed obligation off the list.",
        services.close,
        NoteIn,
    ),
    Act(
        "reopen",
        "reopen_obligation",
        "Take a completed or closed obligation up again.",
        services.reopen,
        ReopenIn,
    ),
    Act(
        "withdraw",
        "withdraw_obligation",
        "Take an obligation back.",
        services.withdraw,
        ReasonIn,
    ),
)
for act in ACTS:
    act.register()


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
