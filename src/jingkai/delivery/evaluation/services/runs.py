"""Runs: freeze, compute, repeat, cancel. Publishing them is the business of `publication`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai import __version__
from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.jobs.public import Job, JobState, Progress, start_job
from jingkai.core.ui.public import local_name
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move
from jingkai.engine.composite import CompositeError, Result, build, run_uncertainty
from jingkai.masterdata.organisations.public import Zone

from .. import rules
from ..computing import (
    Unit,
    evaluate,
    observed_share,
    result_digest,
    run_definition,
    run_table,
    table_of,
)
from ..computing.analysis import analyse
from ..computing.outcome import with_variation
from ..computing.table import run_units
from ..computing.typical import year_before
from ..definition import Definition
from ..freezing import VOIDED, Input, inputs_digest, read_inputs, zones_of_year
from ..links import run_url
from ..models import (
    LedgerEntry,
    LedgerState,
    Objection,
    ObjectionState,
    Run,
    RunKind,
    RunLedgerLine,
    RunState,
    SchemeVersion,
    VersionState,
)
from ..points import up_to_rule_caps
from ..problem_words import sentence
from ..queries.schemes import edition_of_version, examine
from ..refusals import missing_year, refusal_of
from ..states import RUN_MOVES
from ..storing import store_results

JOB_KIND: Final = "evaluation.compute"
MIN_REPLICATIONS: Final = 100
MAX_REPLICATIONS: Final = 100_000
_STEPS: Final = 7
_INPUT_COLUMNS: Final = "run_id, zone_id, node, year, value, event_id, period, absence"


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
    version = _lock_version(version_id)
    _check_arguments(version, year, kind, as_of, seed, replications, now)
    return _freeze(
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
    Upheld objections are marked as settled in the new run; figures they made void stay out.

    Raises NotPermitted, InvalidInput, or TransitionNotAllowed when the run has no result or is
    published.
    """
    require(rules.can_run(actor))
    old = lock_run(run_id)
    if old.state not in (RunState.COMPUTED, RunState.CIRCULATED, RunState.APPROVED):
        raise TransitionNotAllowed(action=_("Repeat"), state=old.get_state_display())
    if as_of is not None and as_of > now:
        raise _wrong("as_of", _("The moment lies in the future."))
    settled = list(
        old.objections.select_for_update()
        .filter(state__in=(ObjectionState.UPHELD, ObjectionState.PARTLY), settled_in__isnull=True)
        .select_related("zone")
    )
    run = _freeze(
        version=_lock_version(old.version_id),
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
        voided=_voided(old, settled),
    )
    for objection in settled:
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
        title=_("Evaluation %(year)s: %(scheme)s, run %(number)s")
        % {"year": run.year, "scheme": local_name(run.version.scheme), "number": run.number},
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
    """Put a run aside; it stays readable to the office. Raises NotPermitted, TransitionNotAllowed,
    InvalidInput without a reason, Conflict while it is being computed."""
    require(rules.can_run(actor))
    run = lock_run(run_id)
    if run.job is not None and run.job.state in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict(_("This run is being computed: wait until it has ended."))
    return _moved(run, "cancel", actor, now, "evaluation.run.cancelled", {}, reason)


def run_computing(progress: Progress, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The job: computes, and tells where the result is or why there is none."""
    run = compute_run(
        run_id=arguments["run"],
        actor=User.objects.get(pk=arguments["actor"]),
        now=timezone.now(),
        progress=progress,
    )
    failed = run.state == RunState.FAILED
    message = run.failure["message"] if failed else _("The results are there.")
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


def sound_definition(version: SchemeVersion) -> Definition:
    """The edition as data. Raises InvalidInput with every problem, each naming its node."""
    definition, wrong, _hints = examine(
        edition_of_version(version), scheme=version.scheme.code, number=version.number
    )
    problems = [
        FieldProblem(
            f"nodes.{one.node}" if one.node else "version", sentence(one, definition), one.code
        )
        for one in wrong
    ]
    if problems:
        message = _("The scheme cannot be computed: %(first)s") % {"first": problems[0].message}
        raise InvalidInput(message, problems=problems)
    return definition


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


def ledger_of(scheme_id: int, year: int, zone_codes: Collection[str]) -> Sequence[LedgerEntry]:
    """Confirmed entries of a scheme and data year for the zones given. 1 query."""
    return list(
        LedgerEntry.objects.filter(
            scheme=scheme_id, year=year, state=LedgerState.CONFIRMED, zone__code__in=zone_codes
        )
        .select_related("zone")
        .order_by("pk")
    )


def _freeze(
    *,
    version: SchemeVersion,
    definition: Definition,
    year: int,
    kind: str,
    as_of: datetime,
    seed: int,
    replications: int,
    note: str,
    actor: User,
    now: datetime,
    repeats: Run | None = None,
    voided: Collection[tuple[str, str]] = (),
) -> Run:
    zones = zones_of_year(year)
    if not zones:
        raise _wrong("year", _("No zone takes part in evaluation in %(year)s.") % {"year": year})
    units = [unit for _zone, unit in zones]
    inputs = read_inputs(
        definition, zones=[zone for zone, _unit in zones], year=year, as_of=as_of, voided=voided
    )
    entries = ledger_of(version.scheme_id, year, [unit.code for unit in units])
    _dry_run(definition, units, inputs, entries, year=year, kind=kind)
    data, zone_data = definition.as_data(), [unit.as_data() for unit in units]
    top = Run.objects.filter(version=version, year=year, kind=kind).aggregate(top=Max("number"))
    run = Run(
        version=version,
        year=year,
        kind=kind,
        number=(top["top"] or 0) + 1,
        as_of=as_of,
        seed=seed,
        replications=replications,
        definition=data,
        zones=zone_data,
        inputs_digest=inputs_digest(
            data,
            zone_data,
            inputs,
            [(one.zone.code, one.kind, one.rule, one.points) for one in entries],
            seed=seed,
            replications=replications,
        ),
        note=note,
        repeats=repeats,
        created_by=actor,
        created_at=now,
    )
    run.full_clean(exclude=["job"])
    run.save()
    ids = {unit.code: zone.pk for zone, unit in zones}
    _copy_inputs(run.pk, inputs, ids)
    RunLedgerLine.objects.bulk_create(
        RunLedgerLine(
            run=run, zone_id=one.zone_id, entry=one, kind=one.kind, rule=one.rule,
            points=one.points, text=one.reason,
        )
        for one in entries
    )  # fmt: skip
    audit.record(
        "evaluation.run.frozen",
        actor=actor,
        target=run,
        at=now,
        details={
            "scheme": version.scheme.code, "version": version.number, "year": year, "kind": kind,
            "as_of": as_of.isoformat(), "inputs": len(inputs), "digest": run.inputs_digest,
            **({"repeats": repeats.pk} if repeats else {}),
        },
    )  # fmt: skip
    return run


def _dry_run(
    definition: Definition,
    units: Sequence[Unit],
    inputs: Sequence[Input],
    entries: Sequence[LedgerEntry],
    *,
    year: int,
    kind: str,
) -> None:
    """Find what the engine would refuse, before anything is written. Raises InvalidInput."""
    found: dict[tuple[str, str], list[float]] = {}
    for one in inputs:
        if one.value is not None:
            pair = found.setdefault((one.zone, one.node), [float("nan"), float("nan")])
            pair[0 if one.year == year else 1] = float(one.value)
    there = {node for (_zone, node), pair in found.items() if pair[0] == pair[0]}
    absent = [leaf.code for leaf in definition.leaves
              if leaf.indicator and leaf.code not in there]  # fmt: skip
    if absent and (kind == RunKind.OFFICIAL or not there):
        raise missing_year(definition, absent, year).as_error()
    cells = {key: (now, before) for key, (now, before) in found.items()}
    lines = up_to_rule_caps(
        definition.ledger_rules,
        [(one.zone.code, one.kind, one.rule, one.points) for one in entries],
    )
    table = table_of(definition, units, cells, lines)
    try:
        method, tree = definition.engine_method(), definition.tree()
        # A few replications meet every alternative that the figures might not fit.
        run_uncertainty(
            table, tree, with_variation(method, tree), replications=32, rng=np.random.default_rng(0)
        )
    except CompositeError as error:
        named = {unit.code: unit for unit in units}
        raise refusal_of(error, definition, named).as_error() from error
    best = float(observed_share(definition, table).max())
    if kind == RunKind.OFFICIAL and best < float(definition.min_coverage):
        raise _wrong(
            "year",
            _(
                "No zone could be ranked: at most %(share)d %% of the points are observed in "
                "%(year)s, and the scheme asks for %(least)d %%."
            )
            % {"share": 100 * best, "year": year, "least": 100 * definition.min_coverage},
        )


def _copy_inputs(run_id: int, inputs: Sequence[Input], ids: dict[str, int]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY evaluation_runinput ({_INPUT_COLUMNS}) FROM STDIN") as copy,
    ):
        for one in inputs:
            copy.write_row(
                (run_id, ids[one.zone], one.node, one.year, one.value, one.event, one.period,
                 one.absence)
            )  # fmt: skip


def _lock_version(version_id: int) -> SchemeVersion:
    """Locked, so that the numbers of its runs follow each other. Raises Http404."""
    version = (
        SchemeVersion.objects.select_for_update(of=("self",))
        .select_related("scheme")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise Http404
    return version


def _check_arguments(
    version: SchemeVersion,
    year: int,
    kind: str,
    as_of: datetime | None,
    seed: int | None,
    replications: int,
    now: datetime,
) -> None:
    if kind not in RunKind.values:
        raise _wrong("kind", _("A run is a trial or official."))
    if kind == RunKind.OFFICIAL and version.state != VersionState.PUBLISHED:
        raise _wrong("version", _("An official run needs a published edition; make a trial run."))
    if kind == RunKind.OFFICIAL and not (version.first_year <= year <= (version.last_year or year)):
        raise _wrong(
            "year", _("This edition is not meant for %(year)s; make a trial run.") % {"year": year}
        )
    if not 1990 <= year <= timezone.localdate(now).year:
        raise _wrong("year", _("%(year)s is not a data year that has ended or begun.")
                     % {"year": year})  # fmt: skip
    if as_of is not None and as_of > now:
        raise _wrong("as_of", _("The moment lies in the future."))
    if seed is not None and not 0 <= seed < 2**63:
        raise _wrong("seed", _("The seed is a whole number, not negative."))
    if not MIN_REPLICATIONS <= replications <= MAX_REPLICATIONS:
        raise _wrong(
            "replications",
            _("Between %(least)s and %(most)s replications.")
            % {"least": MIN_REPLICATIONS, "most": MAX_REPLICATIONS},
        )


def _voided(old: Run, settled: Sequence[Objection]) -> set[tuple[str, str]]:
    """Figures that stay out: those that were out before, and those an objection made void."""
    before = set(old.inputs.filter(absence=VOIDED).order_by().values_list("zone__code", "node"))
    return before | {
        (one.zone.code, one.node) for one in settled if one.effect.get("figure") == "void"
    }


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
    run.full_clean(exclude=["job"])
    run.save()
    return run


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message)])
