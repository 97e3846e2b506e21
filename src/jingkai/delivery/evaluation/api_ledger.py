"""API of the ledger of points, objections, publication, warnings and earlier results."""

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

from jingkai.core.accounts.public import CITY_WIDE, ZONE, User
from jingkai.core.api import Problem, cursor_page
from jingkai.core.register.public import add_card, add_import, add_list, export
from jingkai.core.verdicts import require
from jingkai.masterdata.organisations.public import Zone

from . import rules
from .models import (
    LedgerEntry,
    LedgerKind,
    LedgerState,
    Objection,
    ObjectionState,
    ObjectionSubject,
    Run,
    RunState,
    Scheme,
)
from .past_register import PAST
from .queries.ledger import entries_for_list, entry_for_page
from .queries.objections import objection_for_page, objections_for_list
from .queries.publication import path_of
from .queries.warnings import generations
from .services.ledger import (
    attach_case_evidence,
    confirm_points,
    propose_points,
    refuse_points,
    revoke_points,
    withdraw_points,
)
from .services.objections import (
    answer_objection,
    attach_objection_paper,
    confirm_answer,
    draft_objection,
    file_objection,
    send_answer_back,
    withdraw_objection,
)
from .services.past import verify_past_result
from .services.publication import approve_run, circulate_run, publish_run, reopen_run
from .views.ledger import COLUMNS as LEDGER_COLUMNS
from .views.objections import COLUMNS as OBJECTION_COLUMNS
from .views.objections import point_name
from .views.warnings import COLUMNS as WARNING_COLUMNS
from .views.warnings import lines_of

router = Router(tags=["evaluation"])
READ: dict[int, Any] = {404: Problem, 422: Problem}
WRITE: dict[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Figure = Annotated[Decimal, Field(max_digits=24, decimal_places=6)]


def _user(request: HttpRequest) -> User:
    """The caller; 404 for whom there are no evaluations, like the pages."""
    user = request.user
    if not isinstance(user, User) or not rules.can_follow(user):
        raise Http404
    return user


class ReasonIn(Schema):
    reason: str


class AnswerTextIn(Schema):
    answer: str = ""


class PaperOut(Schema):
    id: int
    name: str


class EntryIn(Schema):
    scheme: str
    zone: str
    year: int = Field(ge=1990, le=2100)
    rule: str
    reason: str
    happened_on: date | None = None
    outside_year: str = ""
    another_case: bool = False


class EntryOut(Schema):
    """A case. `points` without sign: the kind is the sign; a veto has 0."""

    id: int
    state: LedgerState
    scheme: str
    zone: str
    year: int
    kind: LedgerKind
    rule: str
    points: Decimal
    happened_on: date | None
    outside_year: str
    reason: str
    entered_for: str
    entered_at: datetime
    decided_at: datetime | None
    answer: str


class EntryPage(Schema):
    items: list[EntryOut]
    next_cursor: str


class EntryFilter(Schema):
    scheme: str = ""
    year: str = ""
    zone: str = ""
    kind: str = ""
    state: str = ""


def entry_out(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "state": entry.state,
        "scheme": entry.scheme.code,
        "zone": entry.zone.code,
        "year": entry.year,
        "kind": entry.kind,
        "rule": entry.rule,
        "points": entry.points,
        "happened_on": entry.happened_on,
        "outside_year": entry.outside_year,
        "reason": entry.reason,
        "entered_for": entry.body.code if entry.body else "",
        "entered_at": entry.entered_at,
        "decided_at": entry.decided_at,
        "answer": entry.answer,
    }


def _entry(request: HttpRequest, entry_id: int) -> LedgerEntry:
    entry = entry_for_page(_user(request), entry_id)
    if entry is None:
        raise Http404
    return entry


def _on_entry(request: HttpRequest, entry_id: int) -> dict[str, Any]:
    entry = _entry(request, entry_id)
    return {"entry_id": entry.pk, "actor": _user(request), "now": timezone.now()}


@router.get("/ledger", response={200: EntryPage, **READ}, operation_id="list_evaluation_points")
def list_points(
    request: HttpRequest,
    asked: Query[EntryFilter],
    cursor: str = "",
    limit: int = 100,
    format: str = "",
) -> dict[str, Any] | HttpResponse:
    """Cases in the ledger of points that one may see, newest first."""
    rows = entries_for_list(_user(request), **asked.dict())
    if format in ("xlsx", "csv"):
        return export(
            request,
            name="evaluation.ledger",
            title=_("Ledger of points"),
            columns=LEDGER_COLUMNS,
            rows=rows,
            fmt=format,
        )
    found, after = cursor_page(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": [entry_out(entry) for entry in found], "next_cursor": after}


@router.post("/ledger", response={201: EntryOut, **WRITE}, operation_id="propose_evaluation_points")
def propose(
    request: HttpRequest, sent: Form[EntryIn], evidence: File[UploadedFile] | None = None
) -> Status[dict[str, Any]]:
    """Enter a case; a department sends its evidence along."""
    user = _user(request)
    require(rules.can_propose_points(user))
    given = sent.dict()
    scheme = get_object_or_404(Scheme, code=given.pop("scheme"))
    zone = get_object_or_404(Zone, code=given.pop("zone"))
    entry = propose_points(
        **given,
        scheme_id=scheme.pk,
        zone_id=zone.pk,
        evidence=[] if evidence is None else [evidence],
        actor=user,
        now=timezone.now(),
    )
    return Status(201, entry_out(_entry(request, entry.pk)))


@router.get(
    "/ledger/{entry_id}", response={200: EntryOut, **READ}, operation_id="get_evaluation_points"
)
def get_points(request: HttpRequest, entry_id: int) -> dict[str, Any]:
    """One case."""
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/confirm",
    response={200: EntryOut, **WRITE},
    operation_id="confirm_evaluation_points",
)
def confirm(request: HttpRequest, entry_id: int, sent: AnswerTextIn) -> dict[str, Any]:
    """Confirm a case: it counts in every run frozen from now on."""
    confirm_points(**_on_entry(request, entry_id), answer=sent.answer)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/refuse",
    response={200: EntryOut, **WRITE},
    operation_id="refuse_evaluation_points",
)
def refuse(request: HttpRequest, entry_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Refuse a case, with the reason."""
    refuse_points(**_on_entry(request, entry_id), reason=sent.reason)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/withdraw",
    response={200: EntryOut, **WRITE},
    operation_id="withdraw_evaluation_points",
)
def withdraw(request: HttpRequest, entry_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Take back a case of one's own body, with the reason."""
    withdraw_points(**_on_entry(request, entry_id), reason=sent.reason)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/revoke",
    response={200: EntryOut, **WRITE},
    operation_id="revoke_evaluation_points",
)
def revoke(request: HttpRequest, entry_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Revoke a confirmed case: runs that are frozen keep it, later ones do not count it."""
    revoke_points(**_on_entry(request, entry_id), reason=sent.reason)
    return entry_out(_entry(request, entry_id))


@router.post(
    "/ledger/{entry_id}/evidence",
    response={201: PaperOut, **WRITE},
    operation_id="attach_evaluation_evidence",
)
def evidence(
    request: HttpRequest, entry_id: int, file: File[UploadedFile], note: Form[str] = ""
) -> Status[dict[str, Any]]:
    """Put a paper to a case that waits."""
    kept = attach_case_evidence(**_on_entry(request, entry_id), upload=file, note=note)
    return Status(201, {"id": kept.pk, "name": kept.name})


class ObjectionIn(Schema):
    run: int
    zone: str
    subject: ObjectionSubject
    text: str
    node: str = ""
    entry: int | None = None
    claimed: Figure | None = None


class ProposedIn(Schema):
    """`effect`: {"figure": "corrected"}, {"figure": "void"}, {"points": "revoked"} or {}."""

    decision: str
    answer: str
    effect: dict[str, str] = {}


class ObjectionOut(Schema):
    """An objection. Answer and effect are shown to the zone once a second person confirmed them."""

    id: int
    state: ObjectionState
    run: int
    zone: str
    subject: ObjectionSubject
    node: str
    entry: int | None
    against: str
    text: str
    claimed: Decimal | None
    filed_at: datetime | None
    answer_due: date | None
    answer: str
    effect: dict[str, str]
    confirmed_at: datetime | None
    settled_in: int | None


class ObjectionPage(Schema):
    items: list[ObjectionOut]
    next_cursor: str


class ObjectionFilter(Schema):
    run: str = ""
    zone: str = ""
    state: str = ""
    overdue: str = ""


def objection_out(found: Objection, user: User) -> dict[str, Any]:
    inside = user.has_role(*CITY_WIDE) or found.confirmed_at is not None
    return {
        "id": found.pk,
        "state": found.state,
        "run": found.run_id,
        "zone": found.zone.code,
        "subject": found.subject,
        "node": found.node,
        "entry": found.entry_id,
        "against": point_name(found),
        "text": found.text,
        "claimed": found.claimed,
        "filed_at": found.filed_at,
        "answer_due": found.answer_due,
        "answer": found.answer if inside else "",
        "effect": found.effect if inside else {},
        "confirmed_at": found.confirmed_at,
        "settled_in": found.settled_in_id,
    }


def _objection(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    user = _user(request)
    found = objection_for_page(user, objection_id)
    if found is None:
        raise Http404
    return objection_out(found, user)


def _on_objection(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    _objection(request, objection_id)
    return {"objection_id": objection_id, "actor": _user(request), "now": timezone.now()}


@router.get(
    "/objections",
    response={200: ObjectionPage, **READ},
    operation_id="list_evaluation_objections",
)
def list_objections(
    request: HttpRequest,
    asked: Query[ObjectionFilter],
    cursor: str = "",
    limit: int = 100,
    format: str = "",
) -> dict[str, Any] | HttpResponse:
    """Objections one may see, newest first."""
    user = _user(request)
    rows = objections_for_list(user, **asked.dict(), today=timezone.localdate())
    if format in ("xlsx", "csv"):
        return export(
            request,
            name="evaluation.objections",
            title=_("Objections"),
            columns=OBJECTION_COLUMNS,
            rows=rows,
            fmt=format,
        )
    found, after = cursor_page(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": [objection_out(one, user) for one in found], "next_cursor": after}


@router.post(
    "/objections",
    response={201: ObjectionOut, **WRITE},
    operation_id="draft_evaluation_objection",
)
def draft(request: HttpRequest, sent: ObjectionIn) -> Status[dict[str, Any]]:
    """Draft an objection of the own zone against one point of a result it was given."""
    user = _user(request)
    zone = get_object_or_404(Zone, code=sent.zone)
    if not user.has_role(*ZONE):
        require(rules.can_object(user, zone.committee_id))
    found = draft_objection(
        run_id=sent.run,
        zone_id=zone.pk,
        subject=sent.subject,
        node=sent.node,
        entry_id=sent.entry,
        text=sent.text,
        claimed=sent.claimed,
        actor=user,
        now=timezone.now(),
    )
    return Status(201, _objection(request, found.pk))


@router.get(
    "/objections/{objection_id}",
    response={200: ObjectionOut, **READ},
    operation_id="get_evaluation_objection",
)
def get_objection(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """One objection."""
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/file",
    response={200: ObjectionOut, **WRITE},
    operation_id="file_evaluation_objection",
)
def file_(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """File a draft for the zone."""
    file_objection(**_on_objection(request, objection_id))
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/withdraw",
    response={200: ObjectionOut, **WRITE},
    operation_id="withdraw_evaluation_objection",
)
def withdraw_(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """Take an objection back."""
    withdraw_objection(**_on_objection(request, objection_id))
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/answer",
    response={200: ObjectionOut, **WRITE},
    operation_id="answer_evaluation_objection",
)
def answer(request: HttpRequest, objection_id: int, sent: ProposedIn) -> dict[str, Any]:
    """Propose the answer; a second person confirms it."""
    answer_objection(
        **_on_objection(request, objection_id),
        proposed_state=sent.decision,
        answer=sent.answer,
        effect=sent.effect,
    )
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/send-back",
    response={200: ObjectionOut, **WRITE},
    operation_id="send_back_evaluation_answer",
)
def send_back(request: HttpRequest, objection_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Send a proposed answer back, with the reason."""
    send_answer_back(**_on_objection(request, objection_id), reason=sent.reason)
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/confirm",
    response={200: ObjectionOut, **WRITE},
    operation_id="confirm_evaluation_answer",
)
def confirm_(request: HttpRequest, objection_id: int) -> dict[str, Any]:
    """Confirm the proposed answer: the objection is decided."""
    confirm_answer(**_on_objection(request, objection_id))
    return _objection(request, objection_id)


@router.post(
    "/objections/{objection_id}/evidence",
    response={201: PaperOut, **WRITE},
    operation_id="attach_objection_paper",
)
def paper(
    request: HttpRequest, objection_id: int, file: File[UploadedFile], note: Form[str] = ""
) -> Status[dict[str, Any]]:
    """Put a paper to a draft."""
    kept = attach_objection_paper(**_on_objection(request, objection_id), upload=file, note=note)
    return Status(201, {"id": kept.pk, "name": kept.name})


class StepOut(Schema):
    code: str
    label: str
    who: str
    done: bool
    missing: str


class PublicationOut(Schema):
    """Where a run stands on its way to publication."""

    run: int
    state: RunState
    objections_until: date | None
    inputs_digest: str
    result_digest: str
    steps: list[StepOut]


class CirculateIn(Schema):
    until: date | None = None


def _path(request: HttpRequest, run_id: int) -> dict[str, Any]:
    user = _user(request)
    run = get_object_or_404(Run.objects.select_related("version__scheme", "repeats"), pk=run_id)
    if not user.has_role(*CITY_WIDE) or not rules.can_see_all(user, run):
        raise Http404
    return {
        "run": run.pk,
        "state": run.state,
        "objections_until": run.objections_until,
        "inputs_digest": run.inputs_digest,
        "result_digest": run.result_digest,
        "steps": [
            {"code": s.code, "label": s.label, "who": s.who, "done": s.is_done, "missing": s.why}
            for s in path_of(run, timezone.localdate()).steps
        ],
    }


def _on_run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    _path(request, run_id)
    return {"run_id": run_id, "actor": _user(request), "now": timezone.now()}


@router.get(
    "/runs/{run_id}/publication",
    response={200: PublicationOut, **READ},
    operation_id="get_evaluation_publication",
)
def get_publication(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """What is done, what is missing, who must act."""
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/circulate",
    response={200: PublicationOut, **WRITE},
    operation_id="circulate_evaluation_run",
)
def circulate(request: HttpRequest, run_id: int, sent: CirculateIn) -> dict[str, Any]:
    """Give each zone its own result; they may object until `until` (default: the table's term)."""
    circulate_run(**_on_run(request, run_id), until=sent.until)
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/approve",
    response={200: PublicationOut, **WRITE},
    operation_id="approve_evaluation_run",
)
def approve(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Approve the result; another person than who made it."""
    approve_run(**_on_run(request, run_id))
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/reopen",
    response={200: PublicationOut, **WRITE},
    operation_id="reopen_evaluation_run",
)
def reopen(request: HttpRequest, run_id: int, sent: ReasonIn) -> dict[str, Any]:
    """Take the approval back, with the reason."""
    reopen_run(**_on_run(request, run_id), reason=sent.reason)
    return _path(request, run_id)


@router.post(
    "/runs/{run_id}/publish",
    response={200: PublicationOut, **WRITE},
    operation_id="publish_evaluation_run",
)
def publish(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Publish: computed again first, and never changed from then on."""
    publish_run(**_on_run(request, run_id))
    return _path(request, run_id)


class GapOut(Schema):
    year: int
    why: str


class WarningOut(Schema):
    """What one rule says of one zone. `outcome`: applies, near, clear or unknown."""

    scheme: str
    edition: int
    zone: str
    rule: str
    effect: str
    outcome: str
    words: str
    until: int
    years: list[int]
    missing: list[GapOut]
    average: Decimal | None
    source: str
    verified: bool


class WarningList(Schema):
    items: list[WarningOut]
    next_cursor: str


@router.get(
    "/warnings", response={200: WarningList, **READ}, operation_id="list_evaluation_warnings"
)
def list_warnings(request: HttpRequest, format: str = "") -> dict[str, Any] | HttpResponse:
    """Where the zones one may see stand under the exit rules of every edition; one page."""
    lines = [line for one in generations(_user(request)) for line in lines_of(one)]
    if format in ("xlsx", "csv"):
        return export(
            request,
            name="evaluation.warnings",
            title=_("Warnings and exit rules"),
            columns=WARNING_COLUMNS,
            rows=lines,
            fmt=format,
        )
    items = [
        {
            **{name: line[name] for name in ("edition", "words", "until", "years", "missing",
                                             "average", "source", "verified")},
            "scheme": line["scheme"].code,
            "zone": line["zone"].code,
            "rule": line["rule"].code,
            "effect": line["rule"].effect.value,
            "outcome": line["code"],
        }
        for line in lines
    ]  # fmt: skip
    return {"items": items, "next_cursor": ""}


class PastOut(Schema):
    """A result made elsewhere. `rank` of `field` zones, within `group` when it has one."""

    id: int
    scheme: str
    zone: str
    year: int
    group: str
    rank: int | None
    field: int | None
    score: Decimal | None
    source: str
    verified: bool

    @staticmethod
    def resolve_scheme(obj: Any) -> str:
        return str(obj.scheme.code)

    @staticmethod
    def resolve_zone(obj: Any) -> str:
        return str(obj.zone.code)


add_list(
    router,
    PAST,
    "/past",
    item=PastOut,
    order=("-year", "-id"),
    operation_id="list_past_results",
    summary="Results made elsewhere, with their sources.",
)
add_import(
    router,
    PAST,
    "/past/import",
    operation_id="import_past_results",
    summary="Enter results made elsewhere by scheme, zone, year and group, all or none.",
)


@router.post(
    "/past/{value}/verify", response={200: PastOut, **WRITE}, operation_id="verify_past_result"
)
def verify_past(request: HttpRequest, value: str) -> Any:
    """Say that a result agrees with its source; another person than who entered it."""
    user = _user(request)
    found = get_object_or_404(PAST.visible(user), slug=value)
    return verify_past_result(result_id=found.pk, actor=user, now=timezone.now())


add_card(
    router,
    PAST,
    "/past/{value}",
    item=PastOut,
    operation_id="get_past_result",
    summary="One result made elsewhere.",
)
