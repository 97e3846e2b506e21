"""Entering figures: every change is judged before any is written, and none is lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput, TransitionNotAllowed
from jingkai.core.statements import insert_rows, update_rows
from jingkai.core.verdicts import require

from .. import rules
from ..alarms import record_alarms
from ..judging import Judgement, judge_return
from ..models import (
    Absence,
    Cell,
    CellEvent,
    CellOrigin,
    CellState,
    Return,
    UnlockState,
    UnlockTicket,
)
from ..queries.cells import cells_of
from ..states import EDITABLE_CELLS
from ._steps import lock_return, must_be_open, place_of, write_cells

_PLACES = Decimal("0.000001")
_WHOLE_DIGITS = 18
_WRITTEN = (
    "value",
    "absence",
    "entered_as",
    "note",
    "origin",
    "revision",
    "entered_by",
    "entered_at",
    "signed_by",
    "verified_by",
)


@dataclass(frozen=True, slots=True)
class CellChange:
    """One figure as sent, in the indicator's own unit.

    `note` None leaves the note as it is; `revision` None does not ask whether somebody else was
    faster.
    """

    cell_id: int
    value: Decimal | None
    absence: str = ""
    entered_as: str = ""
    note: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class SaveResult:
    """`saved` are the changed cells; `judgement` is of the whole return, after the change."""

    saved: tuple[Cell, ...]
    unchanged: int
    judgement: Judgement
    return_revision: int


@transaction.atomic
def save_cells(
    *,
    return_id: int,
    changes: Sequence[CellChange],
    actor: User,
    now: datetime,
    origin: CellOrigin,
) -> SaveResult:
    """Write figures into a return's cells, keep what they were, and judge the return.

    A cell sent with the value it already holds is left alone; a prefilled one counts as
    confirmed then. A constant number of queries at any number of cells.

    Raises
    ------
    InvalidInput
        `problems` names each cell as `cells.<id>`; then nothing is written.
    Conflict
        Somebody else changed named cells meanwhile; then nothing is written.
    TransitionNotAllowed
        The return or a cell is not open for its filler; then nothing is written.
    NotPermitted, Http404
        Not this person's return.
    """
    in_return = lock_for_filling(return_id, actor, _("Enter figures"))
    return save_locked(in_return, cells_of(in_return), changes, actor=actor, now=now, origin=origin)


def lock_for_filling(return_id: int, actor: User, doing: str) -> Return:
    """The locked return, when `actor` may change its figures now.

    Raises Http404 where there is nothing for `actor` to see, NotPermitted, TransitionNotAllowed.
    """
    in_return = lock_return(return_id)
    if not rules.can_see(actor, in_return):
        raise Http404
    require(rules.can_fill(actor, in_return))
    must_be_open(in_return.campaign, doing)
    return in_return


def save_locked(
    in_return: Return,
    cells: Sequence[Cell],
    changes: Sequence[CellChange],
    *,
    actor: User,
    now: datetime,
    origin: CellOrigin,
) -> SaveResult:
    """`save_cells` for who holds the return's lock, has read all its `cells` and may fill it."""
    by_id = {cell.pk: cell for cell in cells}
    _judge_changes(changes, _named(by_id, [change.cell_id for change in changes]), now)
    saved: list[Cell] = []
    for change in changes:
        cell = by_id[change.cell_id]
        if _apply(cell, change, origin, actor, now):
            saved.append(cell)
    if saved:
        write_cells(saved, _WRITTEN)
        insert_rows([event_of(cell, actor, now) for cell in saved])
        in_return.revision += 1
        update_rows([in_return], ["revision"])
        audit.record(
            "reporting.cells.saved",
            actor=actor,
            target=in_return,
            at=now,
            details={
                "origin": str(origin),
                "revision": in_return.revision,
                "cells": [[cell.pk, cell.revision] for cell in saved[:1000]],
            },
            row_count=len(saved),
        )
    judgement = judge_return(in_return, cells=cells)
    if saved:
        record_alarms(in_return, judgement, cells=cells, now=now)
    return SaveResult(tuple(saved), len(changes) - len(saved), judgement, in_return.revision)


def _named(cells: dict[int, Cell], ids: Collection[int]) -> dict[int, Cell]:
    """Those of `cells` that are named. Raises InvalidInput for one that is not there."""
    if strange := [pk for pk in ids if pk not in cells]:
        message = _("This return has no such cell: %(ids)s.") % {
            "ids": "、".join(map(str, strange[:5]))
        }
        raise InvalidInput(
            message, problems=[FieldProblem(f"cells.{pk}", message, "unknown") for pk in strange]
        )
    return {pk: cells[pk] for pk in ids}


def _judge_changes(changes: Sequence[CellChange], cells: dict[int, Cell], now: datetime) -> None:
    """Raise unless every change can be written."""
    problems: list[FieldProblem] = []
    stale: list[Cell] = []
    locked: list[Cell] = []
    seen: set[int] = set()
    lapsed = _lapsed([c for c in cells.values() if c.state == CellState.UNLOCKED], now)
    for change in changes:
        cell = cells[change.cell_id]
        if cell.state not in EDITABLE_CELLS or cell.pk in lapsed:
            locked.append(cell)
        elif change.revision is not None and change.revision != cell.revision:
            stale.append(cell)
        if change.cell_id in seen:
            problems.append(
                FieldProblem(f"cells.{cell.pk}", _("This cell is sent twice."), "twice")
            )
        seen.add(change.cell_id)
        if fault := _fault(change):
            problems.append(FieldProblem(f"cells.{cell.pk}", f"{place_of(cell)}：{fault}"))
    if locked:
        first = locked[0]
        message = _(
            "%(place)s is closed (%(state)s). Ask for an unlock, or take the return back."
        ) % {"place": place_of(first), "state": first.get_state_display()}
        if first.pk in lapsed:
            message = _("The unlock of %(place)s has expired. Ask for a new one.") % {
                "place": place_of(first)
            }
        raise TransitionNotAllowed(
            action=_("Enter figures"), state=first.get_state_display(), message=message
        )
    if stale:
        raise Conflict(
            _("Somebody else changed %(places)s meanwhile. Reload to see the new figure.")
            % {"places": "、".join(place_of(cell) for cell in stale[:3])},
            cells=[cell.pk for cell in stale],
        )
    if problems:
        raise InvalidInput(problems=problems)


def _lapsed(cells: Sequence[Cell], now: datetime) -> set[int]:
    """Unlocked cells whose ticket has run out, although no clock has said so yet."""
    if not cells:
        return set()
    held = set(
        UnlockTicket.objects.filter(
            state=UnlockState.GRANTED, expires_at__gt=now, cells__in=cells
        ).values_list("cells", flat=True)
    )
    return {cell.pk for cell in cells} - held


def _fault(change: CellChange) -> str:
    if change.absence not in Absence.values:
        return _("“%(word)s” is not a reason for having no figure.") % {"word": change.absence}
    if change.note is not None and len(change.note) > 500:
        return _("The note is longer than 500 characters.")
    value = change.value
    if value is None:
        return ""
    if change.absence:
        return _("A cell has a figure or a reason why not, never both.")
    if not value.is_finite():
        return _("This is not a number.")
    if value.copy_abs() >= Decimal(10) ** _WHOLE_DIGITS:
        return _("Too many digits: at most %(n)d before the decimal point. Check the unit.") % {
            "n": _WHOLE_DIGITS
        }
    if value != value.quantize(_PLACES):
        return _("Too many digits: at most %(n)d after the decimal point.") % {"n": 6}
    return ""


def _apply(cell: Cell, change: CellChange, origin: CellOrigin, actor: User, now: datetime) -> bool:
    """Put the change into the cell; False when it says nothing new."""
    note = cell.note if change.note is None else change.note.strip()
    same = (cell.value, cell.absence) == (change.value, change.absence)
    prefilled = cell.origin == CellOrigin.PREFILLED
    if same and note == cell.note and not (prefilled and change.value is not None):
        return False
    # As the column will hold it, for whoever reads the cell on from here.
    cell.value = None if change.value is None else change.value.quantize(_PLACES)
    cell.absence, cell.note = change.absence, note
    cell.entered_as = change.entered_as[:60]
    if same and prefilled:
        cell.origin = CellOrigin.CONFIRMED
    elif not (same and cell.origin == CellOrigin.CONFIRMED):
        cell.origin = CellOrigin.NONE if _is_empty(cell) else origin
    stamp(cell, actor, now)
    return True


def _is_empty(cell: Cell) -> bool:
    return cell.value is None and not cell.absence


def stamp(cell: Cell, actor: User | None, now: datetime) -> None:
    """A new revision by `actor`; whoever signed or verified the old one did not sign this."""
    cell.revision += 1
    cell.entered_by, cell.entered_at = actor, now
    cell.signed_by = cell.verified_by = None


def event_of(cell: Cell, actor: User | None, now: datetime) -> CellEvent:
    """The cell's present content as a row of its past."""
    return CellEvent(
        cell_id=cell.pk,
        revision=cell.revision,
        value=cell.value,
        absence=cell.absence,
        entered_as=cell.entered_as,
        note=cell.note,
        origin=cell.origin,
        actor=actor,
        at=now,
    )


@transaction.atomic
def confirm_prefilled(
    *, return_id: int, actor: User, now: datetime, cell_ids: Collection[int] | None = None
) -> SaveResult:
    """Say that figures filled in beforehand are right: the named ones, or all."""
    rows = Cell.objects.filter(in_return_id=return_id, origin=CellOrigin.PREFILLED)
    if cell_ids is not None:
        rows = rows.filter(pk__in=cell_ids)
    changes = [
        CellChange(cell.pk, cell.value, cell.absence, cell.entered_as)
        for cell in rows
        if cell.state in EDITABLE_CELLS
    ]
    return save_cells(
        return_id=return_id, changes=changes, actor=actor, now=now, origin=CellOrigin.CONFIRMED
    )
