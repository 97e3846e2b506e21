"""What changed between two moments: the difference a meeting begins with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from jingkai.core.accounts.public import User
from jingkai.core.workflow.public import Move

from ..models import (
    Dispute,
    Extension,
    LightEvent,
    Meeting,
    Obligation,
    ObligationKind,
    Urge,
)
from ..states import TARGET_TYPE
from .visibility import visible_obligations


@dataclass(frozen=True, slots=True)
class Moved:
    """One move of a share or a whole task."""

    item: Obligation
    action: str
    at: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Relit:
    """The light at both ends; what flickered in between and came back is left out."""

    item: Obligation
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grown:
    """Late days that came on."""

    item: Obligation
    task_days: int
    report_days: int


@dataclass(slots=True)
class Changes:
    """The difference between two moments, as far as one person may see it."""

    since: datetime | None
    until: datetime
    issued: list[Moved] = field(default_factory=list)
    signed: list[Moved] = field(default_factory=list)
    completed: list[Moved] = field(default_factory=list)
    closed: list[Moved] = field(default_factory=list)
    reopened: list[Moved] = field(default_factory=list)
    withdrawn: list[Moved] = field(default_factory=list)
    worse: list[Relit] = field(default_factory=list)
    better: list[Relit] = field(default_factory=list)
    grown: list[Grown] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    escalations: list[Urge] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not any(
            (
                self.issued,
                self.signed,
                self.completed,
                self.closed,
                self.reopened,
                self.withdrawn,
                self.worse,
                self.better,
                self.grown,
                self.disputes,
                self.extensions,
                self.escalations,
            )
        )


_LISTS = {
    "issue": "issued",
    "sign": "signed",
    "complete": "completed",
    "conclude": "completed",
    "close": "closed",
    "reopen": "reopened",
    "withdraw": "withdrawn",
    "reassign": "withdrawn",
}
_BADNESS = {"green": 0, "grey": 1, "yellow": 2, "red": 3}


def changes_since(moment: datetime | None, *, user: User, until: datetime) -> Changes:
    """What happened after `moment` (None: ever) up to `until`, visible to `user`. 7 queries."""
    changes = Changes(moment, until)
    visible = visible_obligations(user)
    span = Q(at__lte=until) & (Q(at__gt=moment) if moment else Q())
    moves = list(
        Move.objects.filter(
            span, target_type=TARGET_TYPE, action__in=_LISTS, target_id__in=visible.values("pk")
        )
        .select_related("actor")
        .order_by("pk")
    )
    relit: dict[int, list[LightEvent]] = {}
    for event in LightEvent.objects.filter(span, obligation__in=visible.values("pk")).order_by(
        "pk"
    ):
        relit.setdefault(event.obligation_id, []).append(event)
    grown = _grown(visible, moment, until)
    items = visible.select_related("task", "body").in_bulk(
        {*(move.target_id for move in moves), *relit, *grown}
    )
    last: dict[tuple[int, str], Move] = {(m.target_id, m.action): m for m in moves}
    for move in last.values():
        getattr(changes, _LISTS[move.action]).append(
            Moved(
                items[move.target_id],
                move.action,
                move.at,
                move.actor.name if move.actor else "",
                move.reason,
            )
        )
    for pk, events in relit.items():
        before, after = events[0].before, events[-1].after
        if before == after or (before == "grey" and after == "green"):
            continue
        worse = _BADNESS.get(after, 0) > _BADNESS.get(before, 0)
        (changes.worse if worse else changes.better).append(
            Relit(items[pk], before, after, events[-1].reason_code)
        )
    changes.worse.sort(key=lambda r: (-_BADNESS.get(r.after, 0), r.item.task.number, r.item.pk))
    changes.grown = sorted(
        (Grown(items[pk], *days) for pk, days in grown.items() if any(days)),
        key=lambda g: (-g.task_days, -g.report_days, g.item.pk),
    )
    within = _between("raised_at", moment, until) | _between("decided_at", moment, until)
    changes.disputes = list(
        Dispute.objects.filter(within, obligation__in=visible.values("pk")).select_related(
            "obligation__task", "obligation__body", "proposed_body", "new_body"
        )
    )
    within = _between("requested_at", moment, until) | _between("decided_at", moment, until)
    changes.extensions = list(
        Extension.objects.filter(within, obligation__in=visible.values("pk")).select_related(
            "obligation__task", "obligation__body"
        )
    )
    changes.escalations = list(
        Urge.objects.filter(
            _between("sent_at", moment, until),
            is_escalation=True,
            obligation__in=visible.values("pk"),
        ).select_related("obligation__task", "obligation__body")
    )
    return changes


def _between(name: str, moment: datetime | None, until: datetime) -> Q:
    span = Q(**{f"{name}__lte": until})
    return span & Q(**{f"{name}__gt": moment}) if moment else span


def _grown(
    visible: QuerySet[Obligation], moment: datetime | None, until: datetime
) -> dict[int, tuple[int, int]]:
    """Late days added to each share after `moment`, from the marks. Whole tasks repeat them."""
    last = Q(late_marks__day__lte=timezone.localdate(until))
    first = Q(late_marks__day__lte=timezone.localdate(moment)) if moment else Q(pk__in=[])
    rows = (
        visible.filter(kind=ObligationKind.SHARE)
        .filter(last, *([Q(late_marks__day__gt=timezone.localdate(moment))] if moment else []))
        .order_by()
        .values_list("pk", flat=True)
    )
    found = (
        Obligation.objects.filter(pk__in=rows.distinct())
        .order_by()
        .annotate(
            now_task=Coalesce(Max("late_marks__late_days", filter=last), 0),
            then_task=Coalesce(Max("late_marks__late_days", filter=first), 0),
            now_report=Coalesce(Max("late_marks__report_late_days", filter=last), 0),
            then_report=Coalesce(Max("late_marks__report_late_days", filter=first), 0),
        )
        .values_list("pk", "now_task", "then_task", "now_report", "then_report")
    )
    return {pk: (now - then, rnow - rthen) for pk, now, then, rnow, rthen in found}


def last_meeting(*, before: datetime | None = None) -> Meeting | None:
    """The latest meeting held (before a moment)."""
    meetings = Meeting.objects.all()
    if before is not None:
        meetings = meetings.filter(held_at__lt=before)
    return meetings.order_by("-held_at", "-pk").first()
