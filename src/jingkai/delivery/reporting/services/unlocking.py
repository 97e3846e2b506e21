"""Unlock tickets: named cells, a reason, who asked, who allowed, and an end of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import Role, User, users_with_role
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.verdicts import require
from jingkai.core.workflow.public import move

from .. import rules
from ..models import (
    Cell,
    CellEvent,
    CellState,
    Return,
    ReturnState,
    UnlockState,
    UnlockTicket,
)
from ..people import clerks_of, signers_of, tell
from ..queries import cells_of, with_parts
from ..states import CELL_MOVES, EDITABLE_CELLS, UNLOCK_MOVES
from ._steps import (
    lock_return,
    must_be_open,
    needs_text,
    place_of,
    step,
    with_siblings,
    write_cells,
)
from .cells import event_of, stamp
from .verifying import complete

MAX_HOURS: Final = 14 * 24


@transaction.atomic
def request_unlock(
    *, return_id: int, cell_ids: Collection[int], reason: str, actor: User, now: datetime
) -> UnlockTicket:
    """Ask to change named cells that are signed or verified.

    Raises InvalidInput without reason or cells, Conflict for a cell that another waiting or
    granted ticket names, TransitionNotAllowed for a cell that is open anyway.
    """
    in_return = lock_return(return_id)
    require(rules.can_request_unlock(actor, in_return))
    must_be_open(in_return.campaign, _("Ask for an unlock"))
    reason = needs_text("reason", reason)
    cells = list(with_parts(Cell.objects.filter(in_return=in_return, pk__in=cell_ids)))
    if not cells or len(cells) != len(set(cell_ids)):
        message = _("Name the cells of this return that are to be opened.")
        raise InvalidInput(message, problems=[FieldProblem("cells", message, "required")])
    for cell in cells:
        cell.in_return = in_return
        if cell.state not in (CellState.SIGNED, CellState.VERIFIED):
            raise TransitionNotAllowed(
                action=_("Ask for an unlock"),
                state=cell.get_state_display(),
                message=_("%(place)s needs no unlock: it is %(state)s.")
                % {"place": place_of(cell), "state": cell.get_state_display()},
            )
    cells = with_siblings(cells)
    busy = UnlockTicket.objects.filter(
        cells__in=cells, state__in=[UnlockState.REQUESTED, UnlockState.GRANTED]
    ).first()
    if busy is not None:
        raise Conflict(_("An unlock of one of these cells is already waiting or in force."))
    ticket = UnlockTicket.objects.create(
        in_return=in_return, reason=reason, requested_by=actor, requested_at=now
    )
    ticket.cells.set(cells)
    audit.record(
        "reporting.unlock.requested",
        actor=actor,
        target=ticket,
        at=now,
        summary=reason,
        details={"return": in_return.pk, "cells": sorted(cell.pk for cell in cells)},
    )
    verifiers = {rules.verifier_id(cell.item) for cell in cells} - {None}
    tell(
        [
            *users_with_role(Role.OFFICE),
            *(signers_of(*[v for v in verifiers if v is not None]) if verifiers else []),
        ],
        kind="unlock-asked",
        in_return=in_return,
        now=now,
        at_once=True,
        body=reason,
        say=partial(_say_asked, in_return.body.name, len(cells)),
    )
    return ticket


def _say_asked(body: str, count: int) -> str:
    return _("%(body)s asks to unlock %(n)d cells") % {"body": body, "n": count}


def _locked_ticket(ticket_id: int) -> tuple[Return, UnlockTicket]:
    owner = UnlockTicket.objects.filter(pk=ticket_id).values_list("in_return_id", flat=True).first()
    if owner is None:
        raise Http404
    in_return = lock_return(owner)
    ticket = UnlockTicket.objects.select_for_update().get(pk=ticket_id)
    ticket.in_return = in_return
    return in_return, ticket


def cells_of_ticket(ticket: UnlockTicket) -> list[Cell]:
    """The named cells, in the order of the form. 1 query."""
    return list(with_parts(Cell.objects.filter(unlocks=ticket)))


@transaction.atomic
def grant_unlock(*, ticket_id: int, hours: int, actor: User, now: datetime) -> UnlockTicket:
    """Open the named cells for some hours. Raises InvalidInput, TransitionNotAllowed."""
    in_return, ticket = _locked_ticket(ticket_id)
    cells = cells_of_ticket(ticket)
    require(rules.can_decide_unlock(actor, ticket, {rules.verifier_id(c.item) for c in cells}))
    must_be_open(in_return.campaign, _("Allow"))
    if not 1 <= hours <= MAX_HOURS:
        message = _("An unlock lasts between 1 and %(n)d hours.") % {"n": MAX_HOURS}
        raise InvalidInput(message, problems=[FieldProblem("hours", message)])
    _move(ticket, "grant", actor=actor, now=now, details={"hours": hours})
    ticket.decided_by, ticket.decided_at = actor, now
    ticket.expires_at = now + timedelta(hours=hours)
    ticket.held = {str(cell.pk): _held(cell) for cell in cells}
    ticket.save()
    for cell in cells:
        cell.state = CELL_MOVES.next_state(cell.state, "unlock")
    write_cells(cells)
    step(in_return, "open_cells", actor=actor, now=now, reason=ticket.reason)
    in_return.save(update_fields=["state"])
    tell(
        clerks_of(in_return.body_id),
        kind="unlocked",
        in_return=in_return,
        now=now,
        at_once=True,
        say=partial(_say_granted, len(cells), ticket.expires_at),
    )
    return ticket


def _say_granted(count: int, until: datetime) -> str:
    return _("%(n)d cells are open for you until %(time)s") % {
        "n": count,
        "time": timezone.localtime(until).strftime("%Y-%m-%d %H:%M"),
    }


def _held(cell: Cell) -> dict[str, Any]:
    return {
        "state": cell.state,
        "value": None if cell.value is None else str(cell.value),
        "absence": cell.absence,
        "entered_as": cell.entered_as,
        "note": cell.note,
        "origin": cell.origin,
        "revision": cell.revision,
        "entered_by": cell.entered_by_id,
        "signed_by": cell.signed_by_id,
        "verified_by": cell.verified_by_id,
    }


@transaction.atomic
def refuse_unlock(*, ticket_id: int, reason: str, actor: User, now: datetime) -> UnlockTicket:
    """Leave the cells closed, with the reason."""
    in_return, ticket = _locked_ticket(ticket_id)
    cells = cells_of_ticket(ticket)
    require(rules.can_decide_unlock(actor, ticket, {rules.verifier_id(c.item) for c in cells}))
    _move(ticket, "refuse", actor=actor, now=now, reason=reason)
    ticket.decided_by, ticket.decided_at = actor, now
    ticket.answer = reason.strip()[:500]
    ticket.ended_at = now
    ticket.save()
    tell(
        [ticket.requested_by],
        kind="unlock-refused",
        in_return=in_return,
        now=now,
        body=ticket.answer,
        say=_say_refused,
    )
    return ticket


def _say_refused() -> str:
    return _("Your request to unlock cells was refused")


def _move(
    ticket: UnlockTicket,
    action: str,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    move(
        ticket,
        action,
        table=UNLOCK_MOVES,
        actor=actor,
        at=now,
        reason=reason,
        audit_action=f"reporting.unlock.{action}",
        details=details,
    )


def expire_unlocks(*, now: datetime) -> int:
    """End every unlock whose time is up; return how many. One transaction per ticket."""
    due = UnlockTicket.objects.filter(state=UnlockState.GRANTED, expires_at__lte=now)
    return sum(_expire(ticket_id, now) for ticket_id in due.values_list("pk", flat=True))


@transaction.atomic
def _expire(ticket_id: int, now: datetime) -> bool:
    """What was changed and not sent falls back to what was signed; it stays in the cell's past."""
    in_return, ticket = _locked_ticket(ticket_id)
    if ticket.state != UnlockState.GRANTED:
        return False
    _move(ticket, "expire", actor=None, now=now)
    ticket.ended_at = now
    ticket.save()
    cells = [c for c in cells_of_ticket(ticket) if c.state == CellState.UNLOCKED]
    _fall_back(cells, ticket.held, now)
    rest = cells_of(in_return)
    if in_return.state == ReturnState.RETURNED and not any(
        cell.state in EDITABLE_CELLS for cell in rest
    ):
        step(in_return, "lapse", actor=None, now=now)
        in_return.save(update_fields=["state"])
        complete(in_return, actor=None, now=now)
    return True


def _fall_back(cells: Sequence[Cell], held: dict[str, Any], now: datetime) -> None:
    events: list[CellEvent] = []
    for cell in cells:
        before = held[str(cell.pk)]
        action = "lapse_verified" if before["state"] == CellState.VERIFIED else "lapse"
        cell.state = CELL_MOVES.next_state(cell.state, action)
        if cell.revision != before["revision"]:
            cell.value = None if before["value"] is None else Decimal(before["value"])
            for name in ("absence", "entered_as", "note", "origin"):
                setattr(cell, name, before[name])
            stamp(cell, None, now)
            events.append(event_of(cell, None, now))
        cell.entered_by_id = before["entered_by"]
        cell.signed_by_id = before["signed_by"]
        cell.verified_by_id = before["verified_by"]
    write_cells(cells)
    CellEvent.objects.bulk_create(events)
