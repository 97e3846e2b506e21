"""A case, an objection, a run with the zones and an earlier result of the matrix's zone."""

from __future__ import annotations

from typing import Any

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.files.public import attach
from jingkai.delivery.evaluation.models import LedgerEntry, PastResult
from jingkai.delivery.evaluation.services.objections import answer_objection
from jingkai.delivery.evaluation.terms import terms_from

from .factories import NOW, YEAR, stage
from .scenes import TERMS, Zone, circulated, department, drafted, filed, paper, propose


def ledger_samples(world: Any) -> dict[str, dict[str, object]]:
    """Objects that the people of the matrix may act on, each in its own way."""
    made, own = stage(zones=3), {"zone_id": world.zone.pk}
    zone = Zone(world.users["zone-clerk"], world.users["zone-leader"])
    with terms_from(TERMS):
        entry = propose(made, department(), **own)
        run = circulated(made)
        found = filed(made, run, zone, **own)
        draft = drafted(made, run, zone.clerk, node="JOBS", **own)
        answer_objection(
            objection_id=found.pk, proposed_state="rejected", answer="不成立", actor=made.second,
            now=NOW,
        )  # fmt: skip
    attach(target=draft, upload=paper("说明.pdf"), actor=zone.clerk, now=NOW)
    attach(target=entry, upload=paper("证据.pdf"), actor=made.office, now=NOW)
    LedgerEntry.objects.filter(pk=entry.pk).update(body=world.department)
    past = PastResult.objects.create(
        zone=world.zone, scheme=made.scheme, year=YEAR - 1, rank=3, field=40, source="测试来源",
        entered_by=UserFactory(role=Role.OFFICE), entered_at=NOW,
    )  # fmt: skip
    case, objection = {"entry_id": entry.pk}, {"objection_id": found.pk}
    one, result = {"run_id": run.pk}, {"value": str(past.pk)}
    return {
        "evaluation:entry": case,
        "evaluation:entry-act": {**case, "action": "confirm"},
        "evaluation:objection": objection,
        "evaluation:objection-act": {**objection, "action": "confirm"},
        "evaluation:publication": one,
        "evaluation:publication-act": {**one, "action": "circulate"},
        "evaluation:past-result": result,
        "evaluation:past-result-edit": result,
        "evaluation:past-verify": {"result_id": past.pk},
        "verify_past_result": result,
        "get_past_result": result,
        **dict.fromkeys(
            (
                "get_evaluation_points", "confirm_evaluation_points", "refuse_evaluation_points",
                "withdraw_evaluation_points", "revoke_evaluation_points",
                "attach_evaluation_evidence",
            ),
            case,
        ),
        **dict.fromkeys(
            (
                "get_evaluation_objection", "file_evaluation_objection",
                "withdraw_evaluation_objection", "answer_evaluation_objection",
                "send_back_evaluation_answer", "confirm_evaluation_answer",
                "attach_objection_paper",
            ),
            objection,
        ),
        **dict.fromkeys(
            (
                "get_evaluation_publication", "circulate_evaluation_run",
                "approve_evaluation_run", "reopen_evaluation_run", "publish_evaluation_run",
            ),
            one,
        ),
    }  # fmt: skip
