"""Runs: freeze, compute, repeat, cancel. Publishing them is the business of `publication`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai import __version__
from jingkai.core.accounts.public import User
from jingkai.core.checks import check_row
from jingkai.core.errors import Conflict, TransitionNotAllowed
from jingkai.core.jobs.public import Job, JobState, Progress, start_job
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.engine.composite import CompositeError, Result, build
from jingkai.masterdata.organisations.public import Zone

from .. import rules
from ..computing import (
    evaluate,
    result_digest,
    run_definition,
    run_table,
)
from ..computing.analysis import analyse
from ..computing.table import run_units
from ..computing.typical import year_before
from ..definition import Definition
from ..links import run_url
from ..models import Objection, Run, RunState
from ..people import people_of_zone, tell
from ..queries.objections import UPHELD, chain_of
from ..refusals import refusal_of
from ..rules import SHOWN_TO_ZONES
from ..states import RUN_MOVES
from ..storing import store_results
from ._freezing import (
    UNCHECKED,
    check_arguments,
    freeze,
    lock_version,
    sound_definition,
    voided,
    wrong,
)

JOB_KIND: Final = "evaluation.compute"
_STEPS: Final = 7
REPEATABLE: Final = (
    RunState.COMPUTED, RunState.CIRCULATED, RunState.APPROVED, RunState.CANCELLED,
)  # fmt: skip


@transaction.atomic
def freeze_run(
    *,
    version_id: int,
    year: int,
    kind: str,
    as_of: datetime | None,
    seed: int | None = None,
    replications: int = 10_000,
    note: str = "",
    actor: User,
    now: datetime,
) -> Run:
    """Keep scheme, figures, ledger and seed as they are known at `as_of` (default: now).

    Everything that would stop the computation is found first: then nothing is written. The same
    number of queries at any size.

    Raises
    ------
    NotPermitted
        Only the office makes runs.
    InvalidInput
        A scheme with problems, a year without figures, a method that these figures do not fit: the
        problem names the node (`nodes.<code>`) and the zone.
    """
    require(rules.can_run(actor))
    version = lock_version(version_id)
    check_arguments(version, year, kind, as_of, seed, replications, now)
    return freeze(
        version=version,
        definition=sound_definition(version),
        year=year,
        kind=kind,
        as_of=as_of or now,
        seed=secrets.randbits(31) if seed is None else seed,
        replications=replications,
        note=note,
        actor=actor,
        now=now,
    )


@transaction.atomic
def repeat_run(
    *, run_id: int, as_of: datetime | None = None, actor: User, now: datetime, note: str = ""
) -> Run:
    """The same evaluation once more, after objections: their effects, later figures, later ledger.

    Scheme, seed and replications are the old run's own, so that only what was upheld moves.
    Upheld objections against it and the runs it repeats are marked as settled in the new run;
    figures they made void stay out. A cancelled run can be repeated: what it promised is kept.

    Raises NotPermitted, InvalidInput, or TransitionNotAllowed when the run has no result, is
    published or was replaced.
    """
    require(rules.can_run(actor))
    old = lock_run(run_id)
    if old.state not in REPEATABLE or not old.result_digest:
        raise TransitionNotAllowed(action=_("Repeat"), state=old.get_state_display())
    if as_of is not None and as_of > now:
        raise wrong("as_of", _("The moment lies in the future."))
    # Also those against the runs it repeats: one that was upheld late, or whose repetition was
    # cancelled, is taken up by the next.
    upheld = list(
        Objection.objects.select_for_update(of=("self",))
        .filter(run__in=chain_of(old), state__in=UPHELD)
        .select_related("zone")
        .order_by("pk")
    )
    run = freeze(
        version=lock_version(old.version_id),
        definition=run_definition(old),
        year=old.year,
        kind=old.kind,
        as_of=as_of or now,
        seed=old.seed,
        replications=old.replications,
        note=note,
        actor=actor,
        now=now,
        repeats=old,
        voided=voided(old, upheld),
    )
    for objection in upheld:
        objection.settled_in = run
        objection.revision += 1
        objection.save(update_fields=["settled_in", "revision"])
    return run


@transaction.atomic
def start_computing(*, run_id: int, actor: User, now: datetime) -> Job:
    """Queue the computation. Raises NotPermitted, TransitionNotAllowed, or Conflict when it is
    under way already."""
    require(rules.can_run(actor))
    run = lock_run(run_id)
    RUN_MOVES.next_state(run.state, "compute")
    if run.job is not None and run.job.state in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict(_("This run is being computed already."))
    run.job = start_job(
        kind=JOB_KIND,
        # Who watches over jobs reads their titles: they do not say what is being tried.
        title=_("Evaluation run no. %(number)s") % {"number": run.pk},
        arguments={"run": run.pk, "actor": actor.pk},
        owner=actor,
        now=now,
    )
    run.save(update_fields=["job"])
    return run.job


@transaction.atomic
def compute_run(
    *,
    run_id: int,
    actor: User | None,
    now: datetime,
    progress: Progress | None = None,
) -> Run:
    """Make the results from the run's own rows; what cannot be computed is kept with its reason.

    Raises TransitionNotAllowed when the run has been computed meanwhile.
    """
    if actor is not None:
        require(rules.can_run(actor))
    run = lock_run(run_id)
    RUN_MOVES.next_state(run.state, "compute")
    zone_ids = dict(
        Zone.objects.filter(code__in=[zone["code"] for zone in run.zones]).values_list("code", "pk")
    )
    step: Callable[[], None] = lambda: None  # noqa: E731  # replaced where somebody watches
    if progress is not None:
        progress.start(_STEPS + len(zone_ids), _("Computing"))
        step = progress.advance
    definition = run_definition(run)
    try:
        table = run_table(run)
        step()
        outcome = evaluate(definition, table, seed=run.seed, replications=run.replications)
        step()
        run.analysis = analyse(outcome, seed=run.seed, step=step)
    except CompositeError as error:
        return _fail(run, error, definition, actor, now)
    years = year_before(definition, table, outcome, published_before(run))
    store_results(run, outcome, years, zone_ids, step)
    run.result_digest = result_digest(outcome)
    run.engine, run.failure = __version__, {}
    return _moved(run, "compute", actor, now, "evaluation.run.computed",
                  {"result_digest": run.result_digest})  # fmt: skip


@transaction.atomic
def cancel_run(*, run_id: int, reason: str, actor: User, now: datetime) -> Run:
    """Put a run aside; it stays readable to the office, and zones that were given it are told.

    Raises NotPermitted, TransitionNotAllowed, InvalidInput without a reason, Conflict while it is
    being computed.
    """
    require(rules.can_run(actor))
    run = lock_run(run_id)
    if run.job is not None and run.job.state in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict(_("This run is being computed: wait until it has ended."))
    was_given = run.state in SHOWN_TO_ZONES
    _moved(run, "cancel", actor, now, "evaluation.run.cancelled", {}, reason)
    if was_given:
        _tell_withdrawn(run, actor, now)
    return run


def _tell_withdrawn(run: Run, actor: User, now: datetime) -> None:
    """The zones: what they were given does not stand any more."""

    def say() -> str:
        return _("Your result is withdrawn: %(what)s") % {
            "what": f"{local_name(run.version.scheme)} {run.year}"
        }

    for committee in run.results.values_list("zone__committee", flat=True).order_by("pk"):
        tell(
            people_of_zone(committee),
            kind="run.withdrawn",
            say=say,
            url=reverse("evaluation:overview"),
            now=now,
            dedupe_key=f"eval-run-{run.pk}-withdrawn-{committee}",
            but=actor,
        )


def run_computing(progress: Progress, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The job: computes, and tells where the result is, or that the run says why there is none."""
    run = compute_run(
        run_id=arguments["run"],
        actor=User.objects.get(pk=arguments["actor"]),
        now=timezone.now(),
        progress=progress,
    )
    failed = run.state == RunState.FAILED
    message = (
        _("It could not be computed: the run's page says why.")
        if failed
        else _("The results are there.")
    )
    return {"message": message, "url": run_url(run.pk), "failed": failed}


def lock_run(run_id: int) -> Run:
    """The run, locked. Raises Http404."""
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("version__scheme", "job")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise Http404
    return run


def published_before(run: Run) -> tuple[int, Result] | None:
    """The published result of the same scheme a year earlier, built from its own rows."""
    earlier = Run.objects.filter(
        version__scheme=run.version.scheme_id, year=run.year - 1, state=RunState.PUBLISHED
    ).first()
    if earlier is None:
        return None
    definition = run_definition(earlier)
    try:
        result = build(run_table(earlier), definition.tree(), definition.engine_method())
    except CompositeError:
        return None
    return earlier.pk, result


def _fail(
    run: Run, error: CompositeError, definition: Definition, actor: User | None, now: datetime
) -> Run:
    named = {unit.code: unit for unit in run_units(run)}
    run.failure = refusal_of(error, definition, named).as_data()
    run.analysis, run.result_digest = {}, ""
    return _moved(run, "fail", actor, now, "evaluation.run.failed",
                  {"code": run.failure["code"], "node": run.failure["node"]})  # fmt: skip


def _moved(
    run: Run,
    action: str,
    actor: User | None,
    now: datetime,
    audit_action: str,
    details: dict[str, object],
    reason: str = "",
) -> Run:
    move(
        run, action, table=RUN_MOVES, actor=actor, at=now, reason=reason,
        audit_action=audit_action, details=details,
    )  # fmt: skip
    run.revision += 1
    check_row(run, exclude=UNCHECKED)
    run.save()
    return run
