"""A return looked at as a whole before it is sent or signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from jingkai.core.errors import FieldProblem

from ..judging import Finding
from ..models import Absence, Cell, Level, Return, Signature, SignatureKind, SourceFigure
from ..showing import cell_text
from ..snapshots import Snapshot, snapshot_of
from .beside import Change, change_of
from .grid import Grid, GridCell

_MOVEMENTS: Final = 8


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding at its cell, or what else is missing there (`rule` is then empty)."""

    at: GridCell
    message: str
    advice: str = ""
    rule: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """A figure beside last year's and the one before."""

    at: GridCell
    over_year: Change | None
    over_period: Change | None

    @property
    def size(self) -> Decimal:
        return abs(self.over_year.amount) if self.over_year else Decimal(0)


@dataclass(frozen=True, slots=True)
class SourceGap:
    """A department's own figure that differs from what is reported."""

    at: GridCell
    figure: SourceFigure
    difference: Decimal


@dataclass(frozen=True, slots=True)
class SnapshotChange:
    """A cell that is not as it was when it was last signed. Texts as signed, None: not in it."""

    at: GridCell
    before: Mapping[str, Any] | None

    @property
    def text_before(self) -> str:
        if not self.before:
            return ""
        text = self.before.get("value")
        return cell_text(Decimal(text) if text else None, str(self.before.get("absence", "")))


@dataclass(frozen=True, slots=True)
class Checkup:
    """All that a clerk checks before sending and a leader before signing."""

    must_fix: Sequence[Doubt]
    must_explain: Sequence[Doubt]
    explained: Sequence[Doubt]
    hints: Sequence[Doubt]
    movements: Sequence[Movement]
    sources: Sequence[SourceGap]
    changed: Sequence[SnapshotChange]
    signed_before: Signature | None
    missing: int
    not_applicable: int
    evidence: int
    snapshot: Snapshot
    signatures: Sequence[Signature]

    @property
    def may_be_sent(self) -> bool:
        return not self.must_fix and not self.must_explain


def checkup_of(grid: Grid, gaps: Sequence[FieldProblem]) -> Checkup:
    """Judge a return as a whole; `gaps` keep it from being sent beside the rules' doubts.

    2 queries beside those of its grid.
    """
    shown = {cell.id: cell for cell in grid.cells}
    cells = [cell.cell for cell in shown.values()]
    doubts = _doubts(grid.judgement.findings, shown)
    for gap in gaps:
        doubts[Level.FIX].append(Doubt(shown[int(gap.field.partition(".")[2])], gap.message))
    signatures = list(
        Signature.objects.filter(in_return=grid.in_return).select_related(
            "actor", "delegation__giver"
        )
    )
    last = next((row for row in signatures if row.kind == SignatureKind.SIGN), None)
    return Checkup(
        must_fix=doubts[Level.FIX],
        must_explain=doubts[Level.EXPLAIN],
        explained=doubts["explained"],
        hints=doubts[Level.HINT],
        movements=_movements(shown.values()),
        sources=_sources(grid.in_return, shown.values()),
        changed=_changed(last, shown),
        signed_before=last,
        missing=sum(cell.absence == Absence.MISSING for cell in cells),
        not_applicable=sum(cell.absence == Absence.NOT_APPLICABLE for cell in cells),
        evidence=sum(cell.evidence for cell in shown.values()),
        snapshot=snapshot_of(cells),
        signatures=signatures,
    )


def _doubts(findings: Sequence[Finding], shown: Mapping[int, GridCell]) -> dict[str, list[Doubt]]:
    grouped: dict[str, list[Doubt]] = {
        Level.FIX: [], Level.EXPLAIN: [], Level.HINT: [], "explained": []
    }  # fmt: skip
    for finding in findings:
        done = finding.level == Level.EXPLAIN and finding.explanation
        grouped["explained" if done else finding.level].append(
            Doubt(
                shown[finding.cell_id],
                finding.message,
                finding.advice,
                finding.rule,
                finding.explanation,
            )
        )
    return grouped


def _movements(cells: Any) -> list[Movement]:
    found = [
        Movement(
            cell,
            cell.change,
            change_of(cell.cell.indicator, cell.beside.previous, cell.cell.value),
        )
        for cell in cells
        if not cell.cell.part
    ]
    moved = [row for row in found if row.over_year is not None]
    return sorted(moved, key=lambda row: (-row.size, row.at.id))[:_MOVEMENTS]


def _sources(in_return: Return, cells: Any) -> list[SourceGap]:
    """The last figure each department gave for the same indicator, place and period. 1 query."""
    reported = {
        (cell.cell.indicator_id, cell.cell.scope): cell
        for cell in cells
        if not cell.cell.part and cell.cell.value is not None
    }
    rows = (
        SourceFigure.objects.filter(
            period=in_return.campaign.period,
            indicator__in={indicator for indicator, _scope in reported},
            scope__in={scope for _indicator, scope in reported},
        )
        .exclude(cell__in_return=in_return)
        .order_by("indicator_id", "scope", "body_id", "-id")
        .distinct("indicator_id", "scope", "body_id")
        .select_related("body")
    )
    found: list[SourceGap] = []
    for row in rows:
        at = reported.get((row.indicator_id, row.scope))
        if at is None or row.value is None or at.cell.value is None:
            continue
        if row.value != at.cell.value:
            found.append(SourceGap(at, row, at.cell.value - row.value))
    return found


def _changed(last: Signature | None, shown: Mapping[int, GridCell]) -> list[SnapshotChange]:
    if last is None:
        return []
    signed = {row["cell"]: row for row in last.snapshot}
    found: list[SnapshotChange] = []
    for cell in shown.values():
        before = signed.get(cell.id)
        if before is None or _differs(before, cell.cell):
            found.append(SnapshotChange(cell, before))
    return found


def _differs(before: Mapping[str, Any], cell: Cell) -> bool:
    value = Decimal(before["value"]) if before.get("value") else None
    return (value, before.get("absence", ""), before.get("note", "")) != (
        cell.value,
        cell.absence,
        cell.note,
    )
