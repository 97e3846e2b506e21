"""What the web grid and the API share: written changes in, saved cells and findings out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from ninja import Field, Schema

from jingkai.core.accounts.public import User
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput

from .entering import EntryRefused, figure_text, read_entry
from .judging import Finding, Judgement
from .models import Absence, Cell, CellOrigin, Level
from .queries import cells_of
from .services._steps import place_of
from .services.cells import CellChange, SaveResult, lock_for_filling, save_locked


class ChangeIn(Schema):
    """One figure as written. Left out: `raw` leaves the figure, `note` the note as it is."""

    cell: int
    raw: str | bool | int | float | None = Field(
        None, description="The figure as a person writes it; send more than 15 digits as text."
    )
    unit: str = Field("", description="Unit it is written in; empty: the indicator's own.")
    absence: Absence = Absence.NONE
    note: str | None = None
    revision: int | None = Field(None, description="Of the cell as you saw it; 409 if it changed.")


class ChangesIn(Schema):
    """Changes of one return. All are written, or none."""

    changes: list[ChangeIn] = Field(max_length=5000)
    revision: int | None = Field(
        None,
        description="Of the return as you saw it; asked where a change names no revision itself.",
    )


class FindingOut(Schema):
    """One doubt of a rule. `explanation` is what was said about this very value."""

    cell: int
    indicator: str
    scope: str
    part: str
    rule: str
    level: Level
    message: str
    advice: str
    explanation: str
    suggestion: str
    is_open: bool


class CellOut(Schema):
    """One figure of a return. `value` in `unit`, as plain digits; null: none."""

    id: int
    indicator: str
    name: str
    unit: str
    scope: str
    part: str
    state: str
    value: str | None
    absence: str
    note: str
    origin: str
    entered_as: str
    revision: int


class SavedOut(Schema):
    """What was changed, what was the same already, and what the rules say of the whole return."""

    saved: list[CellOut]
    unchanged: int
    findings: list[FindingOut]
    may_be_sent: bool
    revision: int


@transaction.atomic
def save_written(
    *,
    return_id: int,
    sent: ChangesIn,
    actor: User,
    now: datetime,
    origin: CellOrigin,
) -> SaveResult:
    """Read what was written and save it.

    Raises InvalidInput naming each unreadable cell as `cells.<id>`, Conflict when the return or a
    cell changed meanwhile, and what `save_cells` raises. Then nothing is written.
    """
    in_return = lock_for_filling(return_id, actor, _("Enter figures"))
    loose = any(change.revision is None for change in sent.changes)
    if loose and sent.revision is not None and sent.revision != in_return.revision:
        raise Conflict(
            _("The return changed since you opened it. Reload it to see the figures as they are.")
        )
    whole = cells_of(in_return)
    cells = {cell.pk: cell for cell in whole}
    problems: list[FieldProblem] = []
    changes = [_read(change, cells.get(change.cell), problems) for change in sent.changes]
    if problems:
        raise InvalidInput(problems=problems)
    return save_locked(in_return, whole, changes, actor=actor, now=now, origin=origin)


def _read(change: ChangeIn, cell: Cell | None, problems: list[FieldProblem]) -> CellChange:
    if cell is None:
        return CellChange(change.cell, None)  # the service says that there is no such cell
    if "raw" not in change.model_fields_set and not change.absence:
        return CellChange(
            cell.pk, cell.value, cell.absence, cell.entered_as, change.note, change.revision
        )
    try:
        reading = read_entry(change.raw, cell.indicator.unit, change.unit)
    except EntryRefused as error:
        problems.append(FieldProblem(f"cells.{cell.pk}", f"{place_of(cell)}：{error}", error.code))
        return CellChange(cell.pk, None)
    written = "" if change.raw is None else f"{change.raw}{change.unit}"
    return CellChange(
        cell.pk,
        reading.value,
        change.absence or reading.absence,
        written[:60],
        change.note,
        change.revision,
    )


def finding_out(finding: Finding) -> dict[str, Any]:
    return {
        "cell": finding.cell_id,
        "indicator": finding.indicator,
        "scope": finding.scope,
        "part": finding.part,
        "rule": finding.rule,
        "level": str(finding.level),
        "message": finding.message,
        "advice": finding.advice,
        "explanation": finding.explanation,
        "suggestion": finding.suggestion,
        "is_open": finding.is_open,
    }


def cell_out(cell: Cell) -> dict[str, Any]:
    return {
        "id": cell.pk,
        "indicator": cell.indicator.code,
        "name": cell.indicator.name,
        "unit": cell.indicator.unit,
        "scope": cell.scope,
        "part": cell.part,
        "state": cell.state,
        "value": None if cell.value is None else figure_text(cell.value),
        "absence": cell.absence,
        "note": cell.note,
        "origin": cell.origin,
        "entered_as": cell.entered_as,
        "revision": cell.revision,
    }


def saved_out(result: SaveResult) -> dict[str, Any]:
    return {
        "saved": [cell_out(cell) for cell in result.saved],
        "unchanged": result.unchanged,
        **judged_out(result.judgement),
        "revision": result.return_revision,
    }


def judged_out(judgement: Judgement) -> dict[str, Any]:
    return {
        "findings": [finding_out(finding) for finding in judgement.findings],
        "may_be_sent": judgement.may_be_sent,
    }


def gaps_out(problems: Sequence[FieldProblem]) -> list[dict[str, str]]:
    return [{"field": p.field, "message": str(p.message), "code": p.code} for p in problems]
