"""Files of a run for people: made from its rows, marked, and written into the trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Role, User
from jingkai.core.audit import public as audit
from jingkai.core.errors import TransitionNotAllowed
from jingkai.core.verdicts import Verdict, require
from jingkai.masterdata.organisations.public import Body

from .. import rules
from ..models import Run
from ..outputs import Paper, bundle_of, paper_of, run_report, workbook_of, zone_report

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP: Final = "application/zip"


@dataclass(frozen=True, slots=True)
class Output:
    """A file to hand out."""

    name: str
    media_type: str
    content: bytes


def run_workbook(*, run_id: int, actor: User, now: datetime) -> Output:
    """The workbook with formulas. Raises NotPermitted, TransitionNotAllowed (no result yet)."""
    return _take(run_id, actor, now, "workbook", "xlsx", XLSX, lambda p: workbook_of(p))


def run_files(*, run_id: int, actor: User, now: datetime) -> Output:
    """The files for the console; raises as `run_workbook`."""
    return _take(run_id, actor, now, "files", "zip", ZIP, lambda p: bundle_of(p))


def run_circular(*, run_id: int, actor: User, now: datetime) -> Output:
    """The official report on all zones; raises as `run_workbook`."""
    day = timezone.localdate(now)
    return _take(
        run_id, actor, now, "report", "docx", DOCX,
        lambda p: run_report(p, issued_on=day, issuer=issuer_of(p.run)),
    )  # fmt: skip


def zone_letter(*, run_id: int, zone: str, actor: User, now: datetime) -> Output:
    """One zone's own report; the zone itself may take it. Raises as `run_workbook`, or KeyError."""
    day = timezone.localdate(now)
    return _take(
        run_id, actor, now, f"zone-{zone}", "docx", DOCX,
        lambda p: zone_report(p, zone, issued_on=day, issuer=issuer_of(p.run)), zone=zone,
    )  # fmt: skip


def issuer_of(run: Run) -> str:
    """The office in whose name a run was made."""
    office = Body.objects.filter(pk__in=run.created_by.body_ids(Role.OFFICE)).order_by("pk").first()
    return office.name if office else run.version.scheme.issuer


_CAN: Final[Mapping[str, Callable[[User, Run], Verdict]]] = {
    "workbook": rules.can_take_figures,
    "files": rules.can_take_figures,
    "report": rules.can_see_all,
}


@transaction.atomic
def _take(
    run_id: int,
    actor: User,
    now: datetime,
    what: str,
    ending: str,
    media_type: str,
    make: Callable[[Paper], bytes],
    *,
    zone: str = "",
) -> Output:
    run = Run.objects.select_related("version__scheme", "created_by").get(pk=run_id)
    if zone:
        result = run.results.select_related("zone").get(zone__code=zone)
        require(rules.can_see_zone(actor, run, result.zone.committee_id))
    else:
        require(_CAN[what](actor, run))
    if not run.result_digest:
        raise TransitionNotAllowed(action=_("Take out"), state=run.get_state_display())
    paper = paper_of(run)
    content = make(paper)
    audit.record(
        "evaluation.run.exported",
        actor=actor,
        target=run,
        at=now,
        summary=what,
        details={"what": what, "year": run.year, "kind": run.kind},
        row_count=1 if zone else len(paper.units),
    )
    name = f"{run.version.scheme.code}-{run.year}-{run.kind}{run.number}-{what}.{ending}"
    return Output(name, media_type, content)
