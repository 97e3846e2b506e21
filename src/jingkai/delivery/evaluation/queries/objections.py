"""Reading objections: who sees which, what is open to them, what an upheld one waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import Prefetch, Q, QuerySet

from jingkai.core.accounts.public import CITY_WIDE, ZONE, Role, User

from ..models import (
    Objection,
    ObjectionState,
    ObjectionSubject,
    Run,
    RunInput,
    RunLedgerLine,
    RunState,
)
from ..typing_in import whole
from .runs import LARGE

WITH_RUN: Final = Prefetch(
    "run", Run.objects.select_related("version__scheme").defer("zones", "analysis")
)
"""The run of each objection, once for all objections against it: its definition is large."""
OPEN = (ObjectionState.FILED, ObjectionState.ANSWERED)
UPHELD = (ObjectionState.UPHELD, ObjectionState.PARTLY)


def visible_objections(user: User) -> QuerySet[Objection]:
    """A zone: its own. The office and leaders: all that were filed. Others: none."""
    objections = Objection.objects.all()
    seen = Q(zone__committee__in=user.body_ids(*ZONE))
    if user.has_role(*CITY_WIDE):
        seen |= ~Q(state=ObjectionState.DRAFT) & ~Q(
            state=ObjectionState.WITHDRAWN, filed_at__isnull=True
        )
    return objections.filter(seen)


def objections_for_list(
    user: User, *, run: str = "", zone: str = "", state: str = "", overdue: str = "",
    today: date | None = None,
) -> QuerySet[Objection]:  # fmt: skip
    """Visible objections, newest first, with what a row names. Unknown filters find nothing."""
    rows = (
        visible_objections(user)
        .select_related("zone", "entry", "drafted_by")
        .prefetch_related(WITH_RUN)
    )
    if run:
        rows = rows.filter(run=number) if (number := whole(run)) else rows.none()
    if zone:
        rows = rows.filter(zone__code=zone)
    if state:
        rows = rows.filter(state=state)
    if overdue and today:
        rows = rows.filter(state__in=OPEN, answer_due__lt=today)
    return rows.order_by("-id")


def objection_for_page(user: User, objection_id: int) -> Objection | None:
    """One objection with everything its page names. 1 query."""
    return (
        visible_objections(user)
        .defer("run__zones", "run__analysis")
        .select_related(
            "run__version__scheme",
            "zone__committee",
            "entry",
            "drafted_by",
            "filed_by",
            "answered_by",
            "confirmed_by",
        )
        .prefetch_related(Prefetch("settled_in", Run.objects.defer(*LARGE)))
        .filter(pk=objection_id)
        .first()
    )


def open_runs(user: User, today: date) -> QuerySet[Run]:
    """Runs against which somebody of `user`'s zones may object on `today`. 1 query."""
    own = user.body_ids(*ZONE)
    return (
        Run.objects.filter(
            state=RunState.CIRCULATED,
            objections_until__gte=today,
            results__zone__committee__in=own,
        )
        .select_related("version__scheme")
        .defer(*LARGE)
        .distinct()
        .order_by("objections_until", "pk")
    )


def figures_of(run: Run, zone_id: int) -> list[RunInput]:
    """What was frozen of a zone for the data year, in the order of the scheme. 1 query."""
    rows = {row.node: row for row in RunInput.objects.filter(run=run, zone=zone_id, year=run.year)}
    return [rows[node["code"]] for node in run.definition["nodes"] if node["code"] in rows]


def lines_of(run: Run, zone_id: int) -> list[RunLedgerLine]:
    """Points of a zone as the run counts them. 1 query."""
    return list(run.ledger_lines.filter(zone=zone_id).select_related("entry").order_by("pk"))


def chain_of(run: Run) -> list[Run]:
    """`run`, and the runs it repeats, newest first. 1 query a step; steps are few."""
    chain = [run]
    while chain[-1].repeats_id is not None:
        chain.append(Run.objects.defer(*LARGE).get(pk=chain[-1].repeats_id))
    return chain


def objections_of(runs: Sequence[Run]) -> list[Objection]:
    """Objections against these runs that were filed, oldest first. 1 query."""
    return list(
        Objection.objects.filter(run__in=runs, filed_at__isnull=False)
        .exclude(state=ObjectionState.WITHDRAWN)
        .select_related("zone", "entry")
        .prefetch_related(WITH_RUN)
        .order_by("pk")
    )


def open_objections(runs: Sequence[Run]) -> list[Objection]:
    """Those that no second person has decided. 1 query."""
    return [found for found in objections_of(runs) if found.state in OPEN]


def unsettled(run: Run, objections: Sequence[Objection]) -> list[Objection]:
    """Upheld ones whose effect `run` does not show: the run's own rows say so, not a mark.

    A void figure must be frozen as voided, a corrected one must be another vintage than in the
    run objected to, revoked points must not be counted. 2 queries.
    """
    waiting = [found for found in objections if found.state in UPHELD and found.effect]
    if not waiting:
        return []
    inputs = {
        (row.run_id, row.zone_id, row.node): row
        for row in RunInput.objects.filter(
            run__in={run.pk, *(found.run_id for found in waiting)},
            zone__in={found.zone_id for found in waiting},
            node__in={found.node for found in waiting},
            year=run.year,
        )
    }
    entries = set(run.ledger_lines.values_list("entry_id", flat=True))
    return [found for found in waiting if not _settled(found, run, inputs, entries)]


def _settled(
    objection: Objection,
    run: Run,
    inputs: dict[tuple[int, int, str], RunInput],
    entries: set[int],
) -> bool:
    if objection.run_id == run.pk:
        return False
    now = inputs.get((run.pk, objection.zone_id, objection.node))
    then = inputs.get((objection.run_id, objection.zone_id, objection.node))
    if objection.subject == ObjectionSubject.POINTS:
        return objection.entry_id not in entries
    match objection.effect.get("figure"):
        case "void":
            return now is not None and now.value is None
        case "corrected":
            if now is None or then is None:
                return False
            return (now.event_id, now.value) != (then.event_id, then.value)
    return True


def may_be_seen_by(user: User, objection_id: int) -> bool:
    """Papers of an objection are read by whoever sees it."""
    return visible_objections(user).filter(pk=objection_id).exists()


def to_answer(user: User) -> QuerySet[Objection]:
    """What waits for the office, nearest term first. 1 query."""
    if not user.has_role(Role.OFFICE):
        return Objection.objects.none()
    return (
        Objection.objects.filter(state__in=OPEN).select_related("zone").order_by("answer_due", "pk")
    )
