"""What waits for one person in evaluation: answers, second persons, approvals, terms of zones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import DateField, Exists, F, OuterRef, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import CITY_WIDE, ZONE, Role, User
from jingkai.core.ui.public import local_name

from ..models import (
    LedgerEntry,
    LedgerKind,
    LedgerState,
    Objection,
    ObjectionState,
    Run,
    RunState,
)
from .objections import OPEN, UPHELD, open_runs
from .runs import LARGE

Group = Literal["waiting", "late", "coming"]


@dataclass(frozen=True, slots=True)
class EvaluationWork:
    """One thing for one person. `what` says what to do; the link leads to where it is done."""

    group: Group
    kind: str
    what: str
    title: str
    body: str
    url: str
    due_on: date | None = None
    late_days: int = 0


def evaluation_work(user: User, today: date) -> list[EvaluationWork]:
    """Late, waiting, coming; the earliest due first in each. At most 2 queries."""
    items: list[EvaluationWork] = []
    if user.has_role(*CITY_WIDE):
        items += [*_papers(user, today), *_runs(user, today)]
    if user.has_role(*ZONE):
        items += _of_zones(user, today)
    order = {"late": 0, "waiting": 1, "coming": 2}
    return sorted(items, key=lambda i: (order[i.group], i.due_on or date.max, i.kind, i.title))


def _papers(user: User, today: date) -> Iterable[EvaluationWork]:
    """Objections to answer (the office) or to confirm (a second person), cases to decide about.

    1 query for both.
    """
    zone_name = F("zone__short_name")
    objections = Objection.objects.filter(state__in=OPEN).order_by()
    rows = objections.values_list(
        Value("objection"), "pk", "state", "answered_by", "answer_due", Value(""), zone_name
    )
    office = user.has_role(Role.OFFICE)
    if office:
        no_day = Value(None, DateField())
        cases = LedgerEntry.objects.filter(state=LedgerState.PROPOSED).order_by()
        rows = rows.union(
            cases.values_list(
                Value("case"), "pk", "kind", "entered_by", no_day, "reason", zone_name
            ),
            all=True,
        )
    for kind, pk, said, person, due, text, zone in rows:
        late = (today - due).days if due is not None and due < today else 0
        if kind == "case":
            if person != user.pk:
                title = f"{LedgerKind(said).label} · {text[:30]}"
                url = reverse("evaluation:entry", args=[pk])
                yield EvaluationWork(
                    "waiting", "case", _("Decide about the case"), title, zone, url
                )
            continue
        if said == ObjectionState.FILED and office:
            what = _("Answer the objection")
        elif said == ObjectionState.ANSWERED and person != user.pk:
            kind, what = "answer", _("Confirm the answer")
        else:
            continue
        title = _("Objection no. %(n)d") % {"n": pk}
        url = reverse("evaluation:objection", args=[pk])
        group: Group = "late" if late else "waiting"
        yield EvaluationWork(group, kind, what, title, zone, url, due, late)


def _runs(user: User, today: date) -> Iterable[EvaluationWork]:
    """To repeat, to approve as another person than who made it, to publish."""
    objections = Objection.objects.filter(run=OuterRef("pk"))
    rows = (
        Run.objects.filter(state__in=[RunState.CIRCULATED, RunState.APPROVED])
        .select_related("version__scheme")
        .defer(*LARGE)
        .annotate(
            is_waiting=Exists(objections.filter(state__in=OPEN)),
            is_upheld=Exists(objections.filter(state__in=UPHELD).exclude(effect={})),
            is_repeated=Exists(
                Run.objects.filter(repeats=OuterRef("pk")).exclude(state=RunState.CANCELLED)
            ),
        )
        .order_by("pk")
    )
    office = user.has_role(Role.OFFICE)
    for run in rows:
        is_over = run.objections_until is not None and run.objections_until < today
        if run.state == RunState.APPROVED:
            if not office:
                continue
            kind, what = "publish", _("Publish the result")
        elif not is_over or run.is_waiting or run.is_repeated:
            continue
        elif run.is_upheld:
            if not office:
                continue
            kind, what = "repeat", _("Repeat the run")
        elif run.created_by_id != user.pk:
            kind, what = "approve", _("Approve the result")
        else:
            continue
        yield EvaluationWork(
            "waiting",
            kind,
            what,
            f"{local_name(run.version.scheme)} {run.year}",
            "",
            reverse("evaluation:publication", args=[run.pk]),
        )


def _of_zones(user: User, today: date) -> Iterable[EvaluationWork]:
    """Drafts for the zone's leader to file, and until when the zone may object."""
    own = user.body_ids(*ZONE)
    for run in open_runs(user, today):
        yield EvaluationWork(
            "coming",
            "window",
            _("Object, if something is wrong"),
            f"{local_name(run.version.scheme)} {run.year}",
            "",
            reverse("evaluation:run", args=[run.pk]),
            run.objections_until,
        )
    drafts = (
        Objection.objects.filter(
            state=ObjectionState.DRAFT,
            zone__committee__in=own,
            run__state=RunState.CIRCULATED,
            run__objections_until__gte=today,
        )
        .select_related("run", "zone")
        .defer(*(f"run__{name}" for name in LARGE))
        .order_by("pk")
    )
    signs = user.body_ids(Role.ZONE_LEADER)
    for draft in drafts:
        if draft.zone.committee_id in signs:
            yield EvaluationWork(
                "waiting",
                "draft",
                _("File the objection"),
                _("Objection no. %(n)d") % {"n": draft.pk},
                local_name(draft.zone, "short_name"),
                reverse("evaluation:objection", args=[draft.pk]),
                draft.run.objections_until,
            )
