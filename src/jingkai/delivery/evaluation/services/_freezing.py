"""Freezing a run: what counts is read, tried out, and written in one go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import numpy as np
from django.db import connection
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.checks import check_row
from jingkai.core.errors import FieldProblem, InvalidInput
from jingkai.engine.composite import CompositeError, run_uncertainty

from ..computing import (
    Unit,
    observed_share,
    table_of,
)
from ..computing.outcome import with_variation
from ..definition import Definition
from ..freezing import FIRST_YEAR, VOIDED, Input, inputs_digest, read_inputs, zones_of_year
from ..models import (
    LedgerEntry,
    Objection,
    Run,
    RunKind,
    RunLedgerLine,
    SchemeVersion,
    VersionState,
)
from ..points import up_to_rule_caps
from ..problem_words import sentence
from ..queries.ledger import confirmed_entries
from ..queries.schemes import edition_of_version, examine
from ..refusals import missing_year, refusal_of

MIN_REPLICATIONS: Final = 100
MAX_REPLICATIONS: Final = 100_000
UNCHECKED: Final = ("definition", "zones", "analysis", "failure", "job")
"""Columns of a run that nobody types."""
_INPUT_COLUMNS: Final = "run_id, zone_id, node, year, value, event_id, period, absence"


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


def freeze(
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
        raise wrong("year", _("No zone takes part in evaluation in %(year)s.") % {"year": year})
    units = [unit for _zone, unit in zones]
    inputs = read_inputs(
        definition, zones=[zone for zone, _unit in zones], year=year, as_of=as_of, voided=voided
    )
    codes = {unit.code for unit in units}
    entries = [
        one for one in confirmed_entries([version.scheme_id], year) if one.zone.code in codes
    ]
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
    check_row(run, exclude=UNCHECKED)
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
        raise wrong(
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


def lock_version(version_id: int) -> SchemeVersion:
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


def check_arguments(
    version: SchemeVersion,
    year: int,
    kind: str,
    as_of: datetime | None,
    seed: int | None,
    replications: int,
    now: datetime,
) -> None:
    if kind not in RunKind.values:
        raise wrong("kind", _("A run is a trial or official."))
    if kind == RunKind.OFFICIAL and version.state != VersionState.PUBLISHED:
        raise wrong("version", _("An official run needs a published edition; make a trial run."))
    if kind == RunKind.OFFICIAL and not (version.first_year <= year <= (version.last_year or year)):
        raise wrong(
            "year", _("This edition is not meant for %(year)s; make a trial run.") % {"year": year}
        )
    if not FIRST_YEAR <= year <= timezone.localdate(now).year:
        raise wrong("year", _("%(year)s is not a data year that has ended or begun.")
                     % {"year": year})  # fmt: skip
    if as_of is not None and as_of > now:
        raise wrong("as_of", _("The moment lies in the future."))
    if seed is not None and not 0 <= seed < 2**63:
        raise wrong("seed", _("The seed is a whole number, not negative."))
    if not MIN_REPLICATIONS <= replications <= MAX_REPLICATIONS:
        raise wrong(
            "replications",
            _("Between %(least)s and %(most)s replications.")
            % {"least": MIN_REPLICATIONS, "most": MAX_REPLICATIONS},
        )


def voided(old: Run, settled: Sequence[Objection]) -> set[tuple[str, str]]:
    """Figures that stay out: those that were out before, and those an objection made void."""
    before = set(old.inputs.filter(absence=VOIDED).order_by().values_list("zone__code", "node"))
    return before | {
        (one.zone.code, one.node) for one in settled if one.effect.get("figure") == "void"
    }


def wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message)])
