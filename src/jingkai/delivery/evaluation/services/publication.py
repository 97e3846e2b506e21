"""From a computed run to a published one: given to the zones, approved by another, published.

Lock order: where other runs matter, all official runs of scheme and year in order of their keys.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import OFFICIALS, User, users_with_role
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, TransitionNotAllowed
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move

from .. import rules
from ..models import Run, RunKind, RunState
from ..people import office_and_leaders, people_of_zone, tell
from ..queries.publication import other_published, other_under_way, path_of
from ..states import RUN_MOVES
from ..terms import terms_on
from ..verifying import Verification, verify_run
from ._checks import invalid, same_revision

REPLACEABLE = (RunState.COMPUTED, RunState.CIRCULATED, RunState.APPROVED)


@transaction.atomic
def circulate_run(
    *,
    run_id: int,
    actor: User,
    now: datetime,
    until: date | None = None,
    revision: int | None = None,
) -> Run:
    """Give each zone its own result; zones may object until `until` (default: the table's term).

    A run that repeats another replaces it: the zones then look at the new one.

    Raises
    ------
    Http404, NotPermitted, TransitionNotAllowed, InvalidInput
    Conflict
        It is a trial; another run of scheme and year is with the zones or published; the run it
        repeats still has time for objections, or objections that are not decided.
    TableNotLoaded
        No terms or no calendar, and no `until`.
    """
    run, _others = _locked_among(run_id)
    require(rules.can_run(actor))
    same_revision(run, revision)
    if run.kind == RunKind.TRIAL:
        raise Conflict(_("A trial run is never circulated or published."))
    RUN_MOVES.next_state(run.state, "circulate")
    _alone(run)
    today = timezone.localdate(now)
    _heard_before(run, today)
    if until is None:
        until = terms_on(today).window_ends(today, repeated=run.repeats_id is not None)
    if until < today:
        raise invalid("until", _("This day is over."))
    before = run.repeats if run.repeats_id else None
    if before is not None and before.state in REPLACEABLE:
        _replace(before, run, actor, now)
    _step(run, "circulate", actor, now, {"until": until.isoformat()})
    run.circulated_at, run.objections_until = now, until
    _save(run)
    _tell_zones(run, until, actor, now)
    return run


@transaction.atomic
def approve_run(*, run_id: int, actor: User, now: datetime, revision: int | None = None) -> Run:
    """Approve the result; another person than who made the run.

    Raises Http404, NotPermitted, TransitionNotAllowed, and Conflict naming everything that is
    missing: time for objections, open objections, upheld ones that the run does not show.
    """
    run = _locked(run_id)
    if not rules.can_see_all(actor, run):
        raise Http404
    require(rules.can_approve(actor, run))
    same_revision(run, revision)
    RUN_MOVES.next_state(run.state, "approve")
    gaps = path_of(run, timezone.localdate(now)).approval_gaps
    if gaps:
        raise Conflict(" ".join(gaps), gaps=gaps)
    _step(run, "approve", actor, now, {"result_digest": run.result_digest})
    run.approved_by, run.approved_at = actor, now
    _save(run)
    _tell(run, office_and_leaders(), "approve", actor, now)
    return run


@transaction.atomic
def reopen_run(*, run_id: int, reason: str, actor: User, now: datetime) -> Run:
    """Take the approval back. Raises Http404, NotPermitted, TransitionNotAllowed, InvalidInput."""
    run = _locked(run_id)
    if not rules.can_see_all(actor, run):
        raise Http404
    require(rules.can_reopen(actor, run))
    _step(run, "reopen", actor, now, {}, reason)
    run.approved_by = run.approved_at = None
    _save(run)
    _tell(run, office_and_leaders(), "reopen", actor, now)
    return run


@transaction.atomic
def publish_run(*, run_id: int, actor: User, now: datetime, revision: int | None = None) -> Run:
    """Publish: the run is made again from its rows first, and stays as it is from then on.

    Other runs of the same scheme and year that have a result are replaced by it.

    Raises Http404, NotPermitted, TransitionNotAllowed, and Conflict when a result of scheme and
    year is published already, or the computation does not give the same result again.
    """
    run, others = _locked_among(run_id)
    require(rules.can_publish(actor))
    same_revision(run, revision)
    RUN_MOVES.next_state(run.state, "publish")
    _alone(run)
    found = verify_run(run)
    if not found.holds:
        raise Conflict(verification_sentence(found))
    for other in others:
        if other.state in REPLACEABLE:
            _replace(other, run, actor, now)
    _step(
        run,
        "publish",
        actor,
        now,
        {"inputs_digest": run.inputs_digest, "result_digest": run.result_digest},
    )
    run.published_by, run.published_at = actor, now
    # Old jobs are cleared away one day; nothing of a published run changes then.
    run.job = None
    _save(run)
    _tell(run, list(users_with_role(*OFFICIALS)), "publish", actor, now)
    return run


def recreate_run(*, run_id: int, actor: User, now: datetime) -> Verification:
    """Make a run again from its rows and compare; writes nothing but the trail.

    Raises Http404, NotPermitted, TransitionNotAllowed without a result.
    """
    run = Run.objects.select_related("version__scheme").filter(pk=run_id).first()
    if run is None or not rules.can_see_all(actor, run):
        raise Http404
    require(rules.can_run(actor))
    if not run.result_digest:
        raise TransitionNotAllowed(action=_("Make it again"), state=run.get_state_display())
    found = verify_run(run)
    audit.record(
        "evaluation.run.recreated",
        actor=actor,
        target=run,
        at=now,
        details={"holds": found.holds, "result_digest": found.result_now},
    )
    return found


def verification_sentence(found: Verification) -> str:
    """What came of making a run again, for people."""
    if found.holds:
        return _("Made again from its own rows: inputs and results agree to the last digit.")
    if found.error:
        return _("It cannot be computed from its rows: %(why)s") % {"why": found.error}
    if not found.inputs_hold:
        return _("The frozen inputs are not those the run was made from.")
    return _("The same inputs give another result than the one that is kept.")


def _locked(run_id: int) -> Run:
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("version__scheme", "repeats")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise Http404
    return run


def _locked_among(run_id: int) -> tuple[Run, list[Run]]:
    """The run and the other official runs of its scheme and year, all locked. Raises Http404.

    Two runs are never circulated or published side by side.
    """
    known = Run.objects.filter(pk=run_id).values_list("version__scheme", "year").first()
    if known is None:
        raise Http404
    scheme, year = known
    rows = list(
        Run.objects.select_for_update(of=("self",))
        .select_related("version__scheme", "repeats")
        .filter(Q(pk=run_id) | Q(kind=RunKind.OFFICIAL), version__scheme=scheme, year=year)
        .order_by("pk")
    )
    own = next(row for row in rows if row.pk == run_id)
    # The row that is locked, not the one that was joined before this call waited for the lock.
    own.repeats = next((row for row in rows if row.pk == own.repeats_id), own.repeats)
    return own, [row for row in rows if row.pk != run_id]


def _alone(run: Run) -> None:
    """Raise Conflict when another run of scheme and year is in the way."""
    if (published := other_published(run)) is not None:
        raise Conflict(
            _("Run no. %(number)d of this scheme is already published for %(year)d.")
            % {"number": published.number, "year": run.year},
            run=published.pk,
        )
    if (other := other_under_way(run)) is not None and run.state == RunState.COMPUTED:
        raise Conflict(
            _(
                "Run no. %(number)d of this scheme is with the zones for %(year)d. Repeat it, or "
                "cancel it first."
            )
            % {"number": other.number, "year": run.year},
            run=other.pk,
        )


def _heard_before(run: Run, today: date) -> None:
    """What the repeated run promised its zones is kept: time to object, and answers."""
    before = run.repeats if run.repeats_id else None
    if before is None or before.circulated_at is None:
        return
    path = path_of(before, today)
    if path.waiting:
        raise Conflict(
            " ".join(step.why for step in path.steps if step.code == "answered"), run=before.pk
        )
    if before.state == RunState.CIRCULATED and (
        before.objections_until is None or before.objections_until >= today
    ):
        raise Conflict(
            _("The run it repeats is open for objections until %(day)s.")
            % {"day": before.objections_until},
            run=before.pk,
        )


def _replace(other: Run, by: Run, actor: User, now: datetime) -> None:
    reason = _("Replaced by run no. %(number)d") % {"number": by.number}
    _step(other, "supersede", actor, now, {"by": by.pk}, reason)
    _save(other)


def _step(
    run: Run, action: str, actor: User, now: datetime, details: dict[str, object], reason: str = ""
) -> None:
    move(
        run,
        action,
        table=RUN_MOVES,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"evaluation.run.{action}",
        details=details,
    )


def _save(run: Run) -> None:
    run.revision += 1
    check_row(run, exclude=("analysis", "failure", "definition", "zones", "job"))
    run.save()


def _name(run: Run) -> str:
    return f"{local_name(run.version.scheme)} {run.year}"


def _tell_zones(run: Run, until: date, actor: User, now: datetime) -> None:
    """Each zone: its own report, and until when it may object. Others learn nothing of it."""

    def say() -> str:
        return _("Your result: %(what)s. Objections until %(day)s") % {
            "what": _name(run),
            "day": until.isoformat(),
        }

    for result in run.results.select_related("zone").order_by("zone__position", "zone__code"):
        tell(
            people_of_zone(result.zone.committee_id),
            kind="run.circulate",
            say=say,
            url=reverse("evaluation:report", args=[run.pk, result.zone.code]),
            now=now,
            dedupe_key=f"eval-run-{run.pk}-circulate-{result.zone_id}",
            but=actor,
            at_once=True,
        )


def _tell(run: Run, people: list[User], done: str, actor: User, now: datetime) -> None:
    tell(
        people,
        kind=f"run.{done}",
        say=partial(_said, run, done),
        url=reverse("evaluation:publication", args=[run.pk])
        if done != "publish"
        else reverse("evaluation:run", args=[run.pk]),
        now=now,
        dedupe_key=f"eval-run-{run.pk}-{done}-{run.revision}",
        but=actor,
    )


def _said(run: Run, done: str) -> str:
    words = {
        "approve": _("Evaluation approved: %(what)s"),
        "reopen": _("Approval taken back: %(what)s"),
        "publish": _("Evaluation published: %(what)s"),
    }
    return words[done] % {"what": _name(run)}
