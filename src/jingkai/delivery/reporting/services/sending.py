"""Sending a return and signing it: from the clerk's desk to the verifying departments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.accounts.public import User
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.files import public as files
from jingkai.core.statements import insert_rows, update_rows
from jingkai.core.verdicts import require

from .. import rules
from ..alarms import record_alarms
from ..judging import Judgement, judge_return
from ..lateness import days_late
from ..models import (
    Cell,
    CellOrigin,
    CellReturn,
    CellState,
    Delegation,
    EvidenceRule,
    Level,
    Return,
    ReturnState,
    Signature,
    SignatureKind,
    UnlockState,
    UnlockTicket,
)
from ..people import clerks_of, signers_of, tell
from ..queries import cells_of
from ..snapshots import ALGORITHM, Snapshot, snapshot_of
from ..states import CELL_MOVES, EDITABLE_CELLS, UNLOCK_MOVES
from ._steps import lock_return, must_be_open, place_of, step, write_cells
from .cells import lock_for_filling
from .verifying import settle_own, tell_verifiers

_SENT = ("state", "first_submitted_at", "late_days", "submitted_at", "submitted_by")


def gaps(cells: Sequence[Cell], judgement: Judgement) -> list[FieldProblem]:
    """What keeps a return from being sent, beside the rules' doubts. 1 query at most.

    Required and not answered; filled in beforehand and not confirmed; without asked evidence.
    """
    doubts = judgement.by_cell
    editable = [cell for cell in cells if cell.state in EDITABLE_CELLS]
    provable = [cell.pk for cell in editable if cell.item.evidence != EvidenceRule.NONE]
    proved = files.attachments_by_target(Cell, provable) if provable else {}
    found: list[FieldProblem] = []
    for cell in editable:
        name, doubt = f"cells.{cell.pk}", doubts.get(cell.pk, [])
        if cell.value is None and not cell.absence:
            if cell.item.required and not any(f.level == Level.FIX for f in doubt):
                found.append(
                    FieldProblem(
                        name,
                        _("%(place)s is not answered: enter the figure, or say why there is none.")
                        % {"place": place_of(cell)},
                        "unanswered",
                    )
                )
            continue
        if cell.origin == CellOrigin.PREFILLED:
            found.append(
                FieldProblem(
                    name,
                    _("%(place)s was filled in beforehand: confirm it or correct it.")
                    % {"place": place_of(cell)},
                    "unconfirmed",
                )
            )
        explained = any(f.explanation for f in doubt)
        asked = cell.item.evidence == EvidenceRule.ALWAYS or (
            cell.item.evidence == EvidenceRule.EXPLAINED and explained
        )
        if asked and not cell.part and cell.pk not in proved:
            found.append(
                FieldProblem(
                    name,
                    _("%(place)s needs evidence: attach a file to the cell.")
                    % {"place": place_of(cell)},
                    "evidence",
                )
            )
    return found


@transaction.atomic
def submit_return(
    *,
    return_id: int,
    actor: User,
    now: datetime,
    revision: int | None = None,
    again: bool = False,
) -> Return:
    """Send every open cell for signature. The sender's figures are kept as a snapshot.

    `again`: what this person has sent, at this revision, is sent already and nothing happens.

    Raises
    ------
    InvalidInput
        `problems` names each cell (`cells.<id>`) that is wrong, unexplained or not answered.
    Conflict
        `revision` is given and the return has changed since.
    TransitionNotAllowed, NotPermitted, Http404
        Not now, or not this person's return.
    """
    in_return = lock_for_filling(return_id, actor, _("Send"))
    sent_by_actor = (
        in_return.state == ReturnState.SUBMITTED and in_return.submitted_by_id == actor.pk
    )
    if again and sent_by_actor and revision in (None, in_return.revision):
        return in_return
    return send_locked(in_return, cells_of(in_return), actor=actor, now=now, revision=revision)


def send_locked(
    in_return: Return,
    cells: Sequence[Cell],
    *,
    actor: User,
    now: datetime,
    revision: int | None = None,
) -> Return:
    """`submit_return` for who holds the return's lock, has read all its `cells` and may fill it."""
    if revision is not None and revision != in_return.revision:
        raise Conflict(
            _("Figures of this return changed since you opened it. Look at them, then send again.")
        )
    judgement = judge_return(in_return, cells=cells)
    problems = [
        FieldProblem(f"cells.{finding.cell_id}", finding.message, finding.rule)
        for finding in judgement.open
    ] + gaps(cells, judgement)
    mended = in_return.state == ReturnState.RETURNED
    # The state first: who sends twice is told so, not what is wrong with it.
    step(
        in_return,
        "submit",
        actor=actor,
        now=now,
        details={"revision": in_return.revision, "round": len(cells)},
    )
    if problems:
        count = len(problems)
        raise InvalidInput(
            ngettext(
                "%(n)d cell keeps the return from being sent; nothing was sent. %(first)s",
                "%(n)d cells keep the return from being sent; nothing was sent. %(first)s",
                count,
            )
            % {"n": count, "first": problems[0].message},
            problems=problems,
        )
    sent = [cell for cell in cells if cell.state in EDITABLE_CELLS]
    for cell in sent:
        cell.state = CELL_MOVES.next_state(cell.state, "submit")
    write_cells(sent, ["state"])
    if mended:  # only then were cells returned or unlocked
        ids = [cell.pk for cell in sent]
        CellReturn.objects.filter(cell_id__in=ids, settled_at__isnull=True).update(settled_at=now)
        _use_unlocks(in_return, now)
    if in_return.first_submitted_at is None:
        in_return.first_submitted_at = now
        in_return.late_days = max(
            in_return.late_days, days_late(in_return.due_on, timezone.localdate(now))
        )
    in_return.submitted_at, in_return.submitted_by = now, actor
    update_rows([in_return], _SENT)
    record_alarms(in_return, judgement, cells=cells, now=now, sending=True)
    put_signature(SignatureKind.SEND, in_return, snapshot_of(cells), actor=actor, now=now)
    _ask_for_signature(in_return, now)
    return in_return


def _use_unlocks(in_return: Return, now: datetime) -> None:
    for ticket in UnlockTicket.objects.filter(in_return=in_return, state=UnlockState.GRANTED):
        ticket.state = UNLOCK_MOVES.next_state(ticket.state, "use")
        ticket.ended_at = now
        ticket.save(update_fields=["state", "ended_at"])


def put_signature(
    kind: SignatureKind,
    in_return: Return,
    snapshot: Snapshot,
    *,
    actor: User,
    now: datetime,
    delegation: Delegation | None = None,
) -> Signature:
    """Keep what a person put their name to."""
    row = Signature(
        kind=kind,
        campaign_id=in_return.campaign_id,
        in_return=in_return,
        body_id=in_return.body_id,
        actor=actor,
        delegation=delegation,
        at=now,
        algorithm=ALGORITHM,
        digest=snapshot.digest,
        snapshot=snapshot.rows,
    )
    insert_rows([row])
    return row


def _ask_for_signature(in_return: Return, now: datetime) -> None:
    tell(
        signers_of(in_return.body_id),
        kind="to-sign",
        in_return=in_return,
        now=now,
        at_once=True,
        say=partial(_say_to_sign, in_return.campaign.form.name, in_return.campaign.period),
    )


@transaction.atomic
def take_back(*, return_id: int, actor: User, now: datetime) -> Return:
    """Take a sent return back before it is signed. Raises TransitionNotAllowed, NotPermitted."""
    in_return = lock_return(return_id)
    require(rules.can_fill(actor, in_return))
    must_be_open(in_return.campaign, _("Take back"))
    _reopen(in_return, "take_back", actor=actor, now=now)
    return in_return


@transaction.atomic
def send_back(*, return_id: int, reason: str, actor: User, now: datetime) -> Return:
    """The signer sends the return back to the clerk, with the reason."""
    in_return = lock_return(return_id)
    require(rules.can_sign(actor, in_return, timezone.localdate(now)))
    must_be_open(in_return.campaign, _("Send back to the clerk"))
    _reopen(in_return, "send_back", actor=actor, now=now, reason=reason)
    tell(
        clerks_of(in_return.body_id),
        kind="sent-back",
        in_return=in_return,
        now=now,
        at_once=True,
        body=reason.strip(),
        say=partial(_say_sent_back, in_return.campaign.form.name, in_return.campaign.period),
    )
    return in_return


def _reopen(
    in_return: Return, action: str, *, actor: User, now: datetime, reason: str = ""
) -> None:
    step(in_return, action, actor=actor, now=now, reason=reason)
    in_return.save(update_fields=["state"])
    cells = [cell for cell in cells_of(in_return) if cell.state == CellState.SUBMITTED]
    for cell in cells:
        cell.state = CELL_MOVES.next_state(cell.state, "reopen")
    write_cells(cells)


@transaction.atomic
def sign_return(
    *, return_id: int, actor: User, now: datetime, digest: str | None = None
) -> Signature:
    """Sign the return as it stands. What the signer's own body verifies is verified with it.

    Raises
    ------
    Conflict
        `digest`, that of the figures the signer saw, is not that of the figures as they stand.
    NotPermitted
        Not a signer of this body, or the signer entered figures of it.
    """
    in_return = lock_return(return_id)
    today = timezone.localdate(now)
    require(rules.can_sign(actor, in_return, today))
    must_be_open(in_return.campaign, _("Sign"))
    cells = cells_of(in_return)
    step(in_return, "sign", actor=actor, now=now)
    snapshot = snapshot_of(cells)
    if digest and digest != snapshot.digest:
        raise Conflict(
            _("The figures changed since you opened the page. Look at them again, then sign.")
        )
    sent = [cell for cell in cells if cell.state == CellState.SUBMITTED]
    require(rules.can_sign_cells(actor, sent))
    for cell in sent:
        cell.state = CELL_MOVES.next_state(cell.state, "sign")
        cell.signed_by = actor
    write_cells(sent)
    in_return.signed_at = now
    in_return.save()
    standing = rules.signing_for(actor, in_return.body_id, today)
    signature = put_signature(
        SignatureKind.SIGN,
        in_return,
        snapshot,
        actor=actor,
        now=now,
        delegation=standing if isinstance(standing, Delegation) else None,
    )
    settle_own(in_return, cells, signature, actor=actor, now=now)
    if in_return.state == ReturnState.SIGNED:
        tell_verifiers(in_return, [c for c in cells if c.state == CellState.SIGNED], now)
    return signature


def _say_to_sign(form: str, period: str) -> str:
    return _("To sign: %(form)s %(period)s") % {"form": form, "period": period}


def _say_sent_back(form: str, period: str) -> str:
    return _("Sent back to you: %(form)s %(period)s") % {"form": form, "period": period}
