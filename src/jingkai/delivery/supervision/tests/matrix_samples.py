"""Real objects for the permission matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jingkai.core.files.public import Attachment, attach
from jingkai.delivery.supervision.models import (
    Extension,
    Meeting,
    Obligation,
    ObligationState,
    ProgressReport,
    Urge,
)
from jingkai.masterdata.organisations.models import Body

from .factories import DUE, NOW, KeyTaskFactory, after, cast, evidence


@dataclass(frozen=True)
class Papers:
    """A running share and one of each paper about it, all waiting."""

    share: Obligation
    report: ProgressReport
    proof: Attachment
    extension: Extension
    urge: Urge


def papers(world: Any, body: Body, number: int) -> Papers:
    # The rooms' factories count for themselves; a code of its own keeps the task apart.
    task = KeyTaskFactory(code=f"matrix-{number}", number=number)
    people = cast(ObligationState.ACTIVE, body=body, parent__task=task)
    share = people.share
    report = ProgressReport.objects.create(
        obligation=share, period="2026-03", progress=40, text="已开工",
        submitted_by=people.clerk, submitted_at=NOW,
    )  # fmt: skip
    extension = Extension.objects.create(
        obligation=share, from_date=DUE, to_date=after(200).date(), reason="用地手续未完",
        requested_by=people.clerk, requested_at=NOW,
    )  # fmt: skip
    urge = Urge.objects.create(
        obligation=share, number=1, text="请加快", answer_by=DUE,
        sent_by=world.users["office"], sent_at=NOW,
    )  # fmt: skip
    proof = attach(target=report, upload=evidence(), actor=people.clerk, now=NOW)
    return Papers(share, report, proof, extension, urge)


def samples(world: Any) -> dict[str, dict[str, object]]:
    """The department's share and papers for the pages, those of the zone for the API.

    So the rows say of either side's people what they reach and that the other's stays shut. The
    file is the department's evidence.
    """
    pages, api = papers(world, world.department, 901), papers(world, world.zone.committee, 902)
    meeting = Meeting.objects.create(held_at=NOW, title="第一次调度会")
    task, share = {"number": pages.share.task.number}, {"obligation_id": api.share.pk}
    operations = (
        "get_obligation", "sign_obligation", "dispute_obligation", "settle_dispute",
        "report_progress", "claim_completion", "request_extension", "urge_obligation",
        "conclude_task", "exempt_from_figure", "close_obligation", "reopen_obligation",
        "withdraw_obligation",
    )  # fmt: skip
    return {
        "files:download": {"attachment_id": pages.proof.pk},
        "supervision:task": task,
        "supervision:roles": task,
        "assign_task_roles": task,
        "supervision:obligation": {"obligation_id": pages.share.pk},
        "supervision:act": {"obligation_id": pages.share.pk, "name": "sign"},
        "supervision:decide-report": {"report_id": pages.report.pk, "decision": "accept"},
        "supervision:decide-extension": {"extension_id": pages.extension.pk},
        "supervision:answer-urge": {"urge_id": pages.urge.pk},
        "supervision:meeting": {"meeting_id": meeting.pk},
        **dict.fromkeys(operations, share),
        "endorse_completion": {"report_id": api.report.pk},
        "review_report": {"report_id": api.report.pk},
        "decide_extension": {"extension_id": api.extension.pk},
        "answer_urge": {"urge_id": api.urge.pk},
    }
