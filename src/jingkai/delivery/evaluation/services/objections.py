"""Objections of zones: drafted by the clerk, filed by the leader, answered by two of the office.

The window is `Run.objections_until`, the terms come from a reference table. No figure is changed
here: an upheld objection says what the next run has to show (`effect`), a correction slip changes
the figure, the ledger revokes the points.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, TransitionNotAllowed
from jingkai.core.files.public import Attachment, attach
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.masterdata.organisations.public import Zone

from .. import rules
from ..models import (
    LedgerState,
    Objection,
    ObjectionState,
    ObjectionSubject,
    Run,
    RunInput,
    RunState,
)
from ..people import office, office_and_leaders, people_of_zone, tell
from ..queries.objections import visible_objections
from ..rules import SHOWN_TO_ZONES
from ..states import OBJECTION_MOVES
from ..terms import terms_on
from ._checks import invalid, needs_text, same_revision
from .ledger import revoke_points

DECISIONS: Final = {
    ObjectionState.UPHELD.value: "uphold",
    ObjectionState.PARTLY.value: "uphold_partly",
    ObjectionState.REJECTED.value: "reject",
}
EFFECTS: Final[dict[str, tuple[dict[str, str], ...]]] = {
    ObjectionSubject.FIGURE.value: ({"figure": "corrected"}, {"figure": "void"}, {}),
    ObjectionSubject.POINTS.value: ({"points": "revoked"}, {}),
    ObjectionSubject.METHOD.value: ({},),
    ObjectionSubject.OTHER.value: ({},),
}
"""What an upheld objection may change in the next run, by what it is against."""
_LONG: Final = 2000


@transaction.atomic
def draft_objection(
    *,
    run_id: int,
    zone_id: int,
    subject: str,
    text: str,
    actor: User,
    now: datetime,
    node: str = "",
    entry_id: int | None = None,
    claimed: Decimal | None = None,
) -> Objection:
    """Draft an objection of a zone against a run that was given to it.

    Raises
    ------
    Http404
        The run was not given to this zone.
    NotPermitted
        Others object for this zone.
    TransitionNotAllowed
        The window is over.
    Conflict
        An objection against the same point is open already.
    InvalidInput
    """
    # Locked in share with others' drafts: the window cannot be moved meanwhile.
    run = Run.objects.select_for_update(no_key=True).filter(
        pk=run_id, state__in=SHOWN_TO_ZONES, results__zone=zone_id
    )
    found, zone = run.first(), Zone.objects.filter(pk=zone_id).first()
    if found is None or zone is None:
        raise Http404
    if not (verdict := rules.can_object(actor, zone.committee_id)):
        if not rules.can_see_all(actor, found):
            raise Http404
        require(verdict)
    must_be_open(found, now)
    objection = Objection(run=found, zone=zone, subject=subject, drafted_by=actor, drafted_at=now)
    _fill(objection, node=node, entry_id=entry_id, text=text, claimed=claimed)
    _once(objection)
    objection.save()
    audit.record(
        "evaluation.objection.drafted",
        actor=actor,
        target=objection,
        at=now,
        details={"run": found.pk, "zone": zone.code, "subject": subject, "node": node},
    )
    return objection


@transaction.atomic
def edit_objection(
    *,
    objection_id: int,
    text: str,
    actor: User,
    now: datetime,
    claimed: Decimal | None = None,
    revision: int | None = None,
) -> Objection:
    """Change the words of a draft. Raises as `draft_objection` does."""
    objection = _locked(objection_id, actor)
    require(rules.can_object(actor, objection.zone.committee_id))
    same_revision(objection, revision)
    if objection.state != ObjectionState.DRAFT:
        raise Conflict(_("It is filed: what it says stays as it is."))
    must_be_open(objection.run, now)
    _fill(objection, node=objection.node, entry_id=objection.entry_id, text=text, claimed=claimed)
    objection.revision += 1
    objection.save()
    audit.record("evaluation.objection.edited", actor=actor, target=objection, at=now)
    return objection


@transaction.atomic
def file_objection(
    *, objection_id: int, actor: User, now: datetime, revision: int | None = None
) -> Objection:
    """File a draft for the zone. From then on the answer is due.

    Raises Http404, NotPermitted, TransitionNotAllowed when the window is over, TableNotLoaded.
    """
    objection = _locked(objection_id, actor)
    require(rules.can_file_objection(actor, objection.zone.committee_id))
    same_revision(objection, revision)
    OBJECTION_MOVES.next_state(objection.state, "file")
    must_be_open(objection.run, now)
    today = timezone.localdate(now)
    _step(objection, "file", actor=actor, now=now)
    objection.filed_by, objection.filed_at = actor, now
    objection.answer_due = terms_on(today).answer_due(today)
    _save(objection)
    _tell(objection, office(), "file", actor, now)
    return objection


@transaction.atomic
def withdraw_objection(*, objection_id: int, actor: User, now: datetime) -> Objection:
    """Take an objection back: a draft by anybody of the zone, a filed one by its leader.

    Raises Http404, NotPermitted, TransitionNotAllowed.
    """
    objection = _locked(objection_id, actor)
    committee = objection.zone.committee_id
    drafted = objection.state == ObjectionState.DRAFT
    require(
        rules.can_object(actor, committee)
        if drafted
        else rules.can_file_objection(actor, committee)
    )
    _step(objection, "withdraw", actor=actor, now=now)
    _save(objection)
    if not drafted:
        _tell(objection, office(), "withdraw", actor, now)
    return objection


@transaction.atomic
def answer_objection(
    *,
    objection_id: int,
    proposed_state: str,
    answer: str,
    actor: User,
    now: datetime,
    effect: dict[str, str] | None = None,
    revision: int | None = None,
) -> Objection:
    """Propose the answer; a second person confirms it or sends it back.

    `effect` is one of `EFFECTS` for the subject; a rejected objection has none.
    Raises Http404, NotPermitted, TransitionNotAllowed, InvalidInput.
    """
    objection = _locked(objection_id, actor)
    require(rules.can_answer(actor))
    same_revision(objection, revision)
    effect = dict(effect or {})
    if proposed_state not in DECISIONS:
        raise invalid("proposed_state", _("Choose: upheld, partly upheld or rejected."))
    if proposed_state == ObjectionState.REJECTED and effect:
        raise invalid("effect", _("A rejected objection changes nothing."))
    if effect not in EFFECTS[objection.subject]:
        raise invalid("effect", _("This does not follow from what is objected to."))
    _step(objection, "answer", actor=actor, now=now, details={"proposed": proposed_state})
    objection.proposed_state = proposed_state
    objection.answer = needs_text("answer", answer, _LONG)
    objection.effect = effect
    objection.answered_by, objection.answered_at = actor, now
    _save(objection)
    _tell(objection, office_and_leaders(), "answer", actor, now)
    return objection


@transaction.atomic
def send_answer_back(
    *, objection_id: int, reason: str, actor: User, now: datetime, revision: int | None = None
) -> Objection:
    """The second person does not agree. Raises Http404, NotPermitted, TransitionNotAllowed."""
    objection = _locked(objection_id, actor)
    require(rules.can_confirm_answer(actor, objection))
    same_revision(objection, revision)
    _step(objection, "send_back", actor=actor, now=now, reason=reason)
    _save(objection)
    _tell(objection, [objection.answered_by], "send_back", actor, now)
    return objection


@transaction.atomic
def confirm_answer(
    *, objection_id: int, actor: User, now: datetime, revision: int | None = None
) -> Objection:
    """Confirm the proposed answer: the objection is decided and the zone told.

    Points that an upheld objection revokes are revoked here, where `actor` may.
    Raises Http404, NotPermitted, TransitionNotAllowed, Conflict.
    """
    objection = _locked(objection_id, actor)
    require(rules.can_confirm_answer(actor, objection))
    same_revision(objection, revision)
    action = DECISIONS.get(objection.proposed_state, "uphold")
    OBJECTION_MOVES.next_state(objection.state, action)
    if objection.effect.get("points") == "revoked":
        _revoke(objection, actor, now)
    _step(objection, action, actor=actor, now=now, details={"effect": objection.effect})
    objection.confirmed_by, objection.confirmed_at = actor, now
    _save(objection)
    concerned = [*people_of_zone(objection.zone.committee_id), *office()]
    _tell(objection, concerned, action, actor, now)
    return objection


@transaction.atomic
def attach_objection_paper(
    *, objection_id: int, upload: UploadedFile[bytes], actor: User, now: datetime, note: str = ""
) -> Attachment:
    """Put a paper to a draft. Raises Http404, NotPermitted, Conflict, InvalidInput."""
    objection = _locked(objection_id, actor)
    require(rules.can_object(actor, objection.zone.committee_id))
    if objection.state != ObjectionState.DRAFT:
        raise Conflict(_("It is filed: what it says stays as it is."))
    return attach(target=objection, upload=upload, actor=actor, now=now, note=note)


def must_be_open(run: Run, now: datetime) -> None:
    """Raise TransitionNotAllowed when zones may not object to `run` any more, saying why."""
    last = run.objections_until
    if run.state == RunState.CIRCULATED and last and timezone.localdate(now) <= last:
        return
    if run.state != RunState.CIRCULATED or last is None:
        message = _("This result is %(state)s: it is not with the zones for objections.") % {
            "state": run.get_state_display()
        }
    else:
        message = _("The time for objections ended on %(day)s.") % {"day": last.isoformat()}
    raise TransitionNotAllowed(action=_("object"), state=run.get_state_display(), message=message)


def _locked(objection_id: int, actor: User) -> Objection:
    objection = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("run", "zone__committee", "entry", "answered_by")
        .filter(pk=objection_id, pk__in=visible_objections(actor).values("pk"))
        .first()
    )
    if objection is None:
        raise Http404
    # Its state may have moved on while this call waited for the lock of another.
    objection.run.refresh_from_db(fields=["state", "objections_until"])
    return objection


def _fill(
    objection: Objection, *, node: str, entry_id: int | None, text: str, claimed: Decimal | None
) -> None:
    run, zone = objection.run, objection.zone
    if objection.subject not in ObjectionSubject.values:
        raise invalid("subject", _("Say what the objection is against."))
    on_figure = objection.subject == ObjectionSubject.FIGURE
    on_points = objection.subject == ObjectionSubject.POINTS
    if on_figure and not RunInput.objects.filter(run=run, zone=zone, node=node).exists():
        raise invalid("node", _("Say which figure is meant."), "required")
    if on_points and not run.ledger_lines.filter(zone=zone, entry=entry_id).exists():
        raise invalid("entry", _("Say which entry of the ledger is meant."), "required")
    known = {"", *(given["code"] for given in run.definition["nodes"])}
    if not on_points and node not in known:
        raise invalid("node", _("The scheme has no such node."))
    objection.node = node if not on_points else ""
    objection.entry_id = entry_id if on_points else None
    objection.claimed = claimed if on_figure else None
    objection.text = needs_text("text", text, _LONG)
    check_row(objection, exclude=("effect",))


def _once(objection: Objection) -> None:
    """Raise Conflict when the same point is objected to already."""
    twin = (
        Objection.objects.filter(
            run=objection.run,
            zone=objection.zone,
            subject=objection.subject,
            node=objection.node,
            entry=objection.entry_id,
        )
        .exclude(state__in=[ObjectionState.WITHDRAWN])
        .exclude(subject=ObjectionSubject.OTHER)
        .order_by("pk")
        .first()
    )
    if twin is not None:
        raise Conflict(
            _("Objection no. %(number)d is about the same point: it is %(state)s.")
            % {"number": twin.pk, "state": twin.get_state_display()},
            objection=twin.pk,
        )


def _revoke(objection: Objection, actor: User, now: datetime) -> None:
    entry = objection.entry
    assert entry is not None
    entry.refresh_from_db()
    if entry.state == LedgerState.REVOKED:
        return
    verdict = rules.can_decide_points(actor, entry)
    if not verdict:
        raise Conflict(
            _(
                "First entry no. %(number)d of the ledger must be revoked by another person of "
                "the office than who entered it."
            )
            % {"number": entry.pk}
        )
    revoke_points(
        entry_id=entry.pk,
        reason=_("Objection no. %(number)d upheld") % {"number": objection.pk},
        actor=actor,
        now=now,
    )


def _step(
    objection: Objection,
    action: str,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    move(
        objection,
        action,
        table=OBJECTION_MOVES,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"evaluation.objection.{action}",
        details=details,
    )


def _save(objection: Objection) -> None:
    objection.revision += 1
    check_row(objection, exclude=("effect",))
    objection.save()


def _tell(objection: Objection, people: list[Any], done: str, actor: User, now: datetime) -> None:
    def say() -> str:
        words = {
            "file": _("Objection to answer: no. %(n)d of %(zone)s"),
            "withdraw": _("Objection withdrawn: no. %(n)d of %(zone)s"),
            "answer": _("Answer to confirm: objection no. %(n)d of %(zone)s"),
            "send_back": _("Answer sent back: objection no. %(n)d of %(zone)s"),
            "uphold": _("Objection upheld: no. %(n)d of %(zone)s"),
            "uphold_partly": _("Objection partly upheld: no. %(n)d of %(zone)s"),
            "reject": _("Objection rejected: no. %(n)d of %(zone)s"),
        }
        return words[done] % {"n": objection.pk, "zone": objection.zone.short_name}

    tell(
        people,
        kind=f"objection.{done}",
        say=say,
        url=reverse("evaluation:objection", args=[objection.pk]),
        now=now,
        dedupe_key=f"eval-objection-{objection.pk}-{done}-{objection.revision}",
        but=actor,
    )
