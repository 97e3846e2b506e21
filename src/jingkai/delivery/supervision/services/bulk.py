"""Handing out hundreds of shares at once: one statement per kind of row, not per share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Membership, User
from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import Move

from .. import rules
from ..calendar import add_days
from ..clock import bring_parent_up_to_date, bring_up_to_date
from ..ground import Ground
from ..models import Obligation, ObligationKind, ObligationState
from ..people import in_force, tell
from ..states import OBLIGATION_MOVES, TARGET_TYPE
from ._steps import at_ground, explain, lock_obligation, step
from .issuing import check_dates


@transaction.atomic
def issue_many(
    *,
    obligation_ids: Sequence[int],
    due_on: date,
    actor: User,
    now: datetime,
    sign_by: date | None = None,
    ground: Ground | None = None,
) -> int:
    """Hand out many shares with one date, all or none; return how many.

    Each body gets one notice, whatever the number of its shares. Raises NotPermitted, Http404,
    TransitionNotAllowed (naming who was faster), InvalidInput.
    """
    require(rules.can_administer(actor))
    ground = at_ground(now, ground)
    today = timezone.localdate(now)
    term = ground.book.sign_within
    sign_by = sign_by or add_days(ground.calendar, today, term.days, term.basis)
    check_dates(today, sign_by, due_on)
    rows = _lock(obligation_ids)
    moves = []
    for row in rows:
        try:
            target = OBLIGATION_MOVES.next_state(row.state, "issue")
        except TransitionNotAllowed as error:
            raise explain(row, "issue", error) from None
        moves.append(
            Move(
                target_type=TARGET_TYPE,
                target_id=row.pk,
                action="issue",
                source=row.state,
                target=target,
                actor=actor,
                at=now,
            )
        )
        row.state, row.issued_at, row.sign_by = target, now, sign_by
        row.original_due_on = row.due_on = due_on
        bring_up_to_date(row, now=now, ground=ground, reported_late=0)
    Move.objects.bulk_create(moves, batch_size=1000)
    Obligation.objects.bulk_update(
        rows,
        ["state", "issued_at", "sign_by", "original_due_on", "due_on", "light", "light_reason"],
        batch_size=500,
    )
    audit.record(
        "supervision.obligations.issued",
        actor=actor,
        at=now,
        row_count=len(rows),
        details={
            "obligations": [row.pk for row in rows],
            "due_on": due_on.isoformat(),
            "sign_by": sign_by.isoformat(),
        },
    )
    parents = {row.parent_id for row in rows if row.parent_id is not None}
    _issue_parents(parents, due_on=due_on, actor=actor, now=now, ground=ground)
    _tell_signers(rows, today=today, sign_by=sign_by, now=now)
    return len(rows)


def _lock(obligation_ids: Sequence[int]) -> list[Obligation]:
    ids = set(obligation_ids)
    if not ids:
        message = _("Choose at least one share to issue.")
        raise InvalidInput(message, problems=[FieldProblem("obligations", message, "required")])
    rows = list(
        Obligation.objects.select_for_update(of=("self",))
        .select_related("task", "body")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    if len(rows) != len(ids):
        raise Http404
    if any(row.kind != ObligationKind.SHARE for row in rows):
        raise InvalidInput(_("The whole task is issued with its first share."))
    return rows


def _issue_parents(
    parent_ids: Iterable[int], *, due_on: date, actor: User, now: datetime, ground: Ground
) -> None:
    for parent_id in sorted(parent_ids):
        parent = lock_obligation(parent_id)
        if parent.state == ObligationState.REGISTERED:
            step(parent, "issue", actor=actor, now=now)
            parent.issued_at = now
            parent.original_due_on = parent.due_on = due_on
        elif parent.due_on < due_on:
            parent.due_on = due_on
        bring_parent_up_to_date(parent, now=now, ground=ground)
        parent.save()


def _tell_signers(rows: Sequence[Obligation], *, today: date, sign_by: date, now: datetime) -> None:
    """One notice per body, with a link to its list of what waits for signing."""
    count: dict[int, int] = {}
    for row in rows:
        if row.body_id is not None:
            count[row.body_id] = count.get(row.body_id, 0) + 1
    signers: dict[int, list[User]] = {}
    held = in_force(Membership.objects.filter(body_id__in=count, role__in=rules.SIGNERS), today)
    for membership in held.select_related("user"):
        signers.setdefault(membership.body_id, []).append(membership.user)
    for body_id, recipients in signers.items():
        tell(
            recipients,
            kind="issued",
            now=now,
            at_once=True,
            url=reverse("supervision:list") + "?kind=share&state=issued&mine=1",
            say=partial(_sentence, count[body_id], sign_by),
        )


def _sentence(count: int, sign_by: date) -> str:
    return _("%(n)d tasks issued to you, sign for them by %(day)s") % {
        "n": count,
        "day": sign_by.isoformat(),
    }
