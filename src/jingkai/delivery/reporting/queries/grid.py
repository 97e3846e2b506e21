"""A return as a table: rows of indicators, columns of places, each cell with all that is said
about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.files import public as files
from jingkai.core.statements import Given, Statement
from jingkai.core.ui.public import localname
from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.periods import Period
from jingkai.masterdata.organisations.public import Zone

from ..formbook import MARK
from ..judging import Finding, Judgement, judge_return
from ..models import (
    Cell,
    CellComment,
    CellOrigin,
    CellReturn,
    CellState,
    EvidenceRule,
    FormItem,
    Level,
    Return,
    UnlockState,
    UnlockTicket,
)
from ..showing import STATE_MARKS, STATE_TONES, cell_text
from ..states import EDITABLE_CELLS
from .beside import Beside, Change, beside, change_of, in_percent
from .cells import placed
from .standing import Actions, NextStep, actions_for, next_step


@dataclass(slots=True)
class GridCell:
    """One cell with everything shown at its place."""

    cell: Cell
    beside: Beside
    findings: Sequence[Finding]
    editable: bool
    evidence: int = 0
    comments: int = 0
    returned: CellReturn | None = None
    open_until: datetime | None = None
    problems: Sequence[str] = ()
    typed: str | None = None  # what was sent and not accepted

    @property
    def id(self) -> int:
        return self.cell.pk

    @property
    def text(self) -> str:
        return cell_text(self.cell.value, self.cell.absence)

    @property
    def shown(self) -> str:
        """What the field holds: the refused text, so that nothing typed is lost."""
        return self.text if self.typed is None else self.typed

    @property
    def state(self) -> str:
        return str(self.cell.get_state_display())

    @property
    def mark(self) -> str:
        return STATE_MARKS[self.cell.state]

    @property
    def tone(self) -> str:
        return STATE_TONES.get(self.cell.state, "")

    @property
    def answered(self) -> bool:
        return self.cell.value is not None or bool(self.cell.absence)

    @property
    def prefilled(self) -> bool:
        return self.cell.origin == CellOrigin.PREFILLED

    @property
    def confirmed(self) -> bool:
        return self.cell.origin == CellOrigin.CONFIRMED

    @property
    def level(self) -> str:
        """The gravest open finding: fix, explain, hint, explained or nothing."""
        if self.problems:
            return Level.FIX
        open_levels = {f.level for f in self.findings if f.is_open}
        for level in (Level.FIX, Level.EXPLAIN):
            if level in open_levels:
                return level
        if any(f.explanation for f in self.findings):
            return "explained"
        return Level.HINT if self.findings else ""

    @property
    def change(self) -> Change | None:
        return change_of(self.cell.indicator, self.beside.last_year, self.cell.value)

    @property
    def in_points(self) -> bool:
        return in_percent(self.cell.indicator)

    @property
    def changed_since_approval(self) -> bool:
        cell = self.cell
        return (
            cell.verified_at is not None
            and cell.state != CellState.VERIFIED
            and cell.value != cell.verified_value
        )


@dataclass(slots=True)
class Row:
    """One item: its cells by place, and those of the month's own figure."""

    item: FormItem
    indicator: Indicator
    cells: dict[str, GridCell] = field(default_factory=dict)
    months: dict[str, GridCell] = field(default_factory=dict)

    @property
    def first(self) -> GridCell:
        return next(iter(self.cells.values()))

    @property
    def month(self) -> GridCell | None:
        return next(iter(self.months.values()), None)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of a table with one column for each place. `cells` has None where nothing is asked."""

    row: Row
    part: str
    cells: tuple[GridCell | None, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    total: int
    answered: int
    to_fix: int
    to_explain: int
    to_confirm: int
    evidence: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole page of a return."""

    in_return: Return
    period: Period
    rows: Sequence[Row]
    scopes: Mapping[str, str]
    is_matrix: bool
    judgement: Judgement
    progress: Progress
    actions: Actions
    next_step: NextStep

    @property
    def cells(self) -> Iterable[GridCell]:
        for row in self.rows:
            yield from row.cells.values()
            yield from row.months.values()

    @property
    def has_months(self) -> bool:
        return any(row.months for row in self.rows)

    @property
    def matrix_rows(self) -> list[MatrixRow]:
        """Rows for a table whose columns are `scopes`."""
        found: list[MatrixRow] = []
        for row in self.rows:
            found.append(MatrixRow(row, "", tuple(row.cells.get(s) for s in self.scopes)))
            if row.months:
                found.append(MatrixRow(row, "month", tuple(row.months.get(s) for s in self.scopes)))
        return found

    @property
    def anything_open(self) -> bool:
        return any(cell.editable for cell in self.cells)


def grid_of(in_return: Return, user: User, now: datetime, today: date) -> Grid:
    """Everything of a return's page. A constant number of queries at any number of cells."""
    cells = placed(_CELLS(in_return=in_return.pk), in_return)
    period = Period.parse(in_return.campaign.period)
    judgement = judge_return(in_return, cells=cells)
    around = beside(cells, period)
    returned = _returned(in_return, cells)
    open_until = _open_until(in_return, cells, now)
    actions = actions_for(in_return, cells, user, today)
    may_type = bool(actions.fill)
    doubts = judgement.by_cell
    rows: dict[int, Row] = {}
    for cell in cells:
        row = rows.setdefault(cell.item_id, Row(cell.item, cell.indicator))
        lapsed = cell.state == CellState.UNLOCKED and cell.pk not in open_until
        shown = GridCell(
            cell,
            around[cell.pk],
            doubts.get(cell.pk, ()),
            editable=may_type and cell.state in EDITABLE_CELLS and not lapsed,
            evidence=cell.evidence_count,  # type: ignore[attr-defined]  # annotated
            comments=cell.comment_count,  # type: ignore[attr-defined]  # annotated
            returned=returned.get(cell.pk),
            open_until=open_until.get(cell.pk),
        )
        (row.months if cell.part else row.cells)[cell.scope] = shown
    is_matrix = any(len(row.cells) > 1 for row in rows.values())
    scopes = scope_names({cell.scope for cell in cells}) if is_matrix else {}
    whole = list(rows.values())
    return Grid(
        in_return=in_return,
        period=period,
        rows=whole,
        scopes=scopes,
        is_matrix=is_matrix,
        judgement=judgement,
        progress=_progress(whole, judgement),
        actions=actions,
        next_step=next_step(in_return, cells, actions),
    )


def _counted(rows: QuerySet[Any], **of_cell: Any) -> Coalesce:
    counted = rows.filter(**of_cell).order_by().values(*of_cell).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


_CELLS: Final = Statement(
    lambda: (
        Cell.objects.filter(in_return=Given("in_return"))
        .annotate(
            item_mark=MARK,
            comment_count=_counted(CellComment.objects.all(), cell=OuterRef("pk")),
            evidence_count=_counted(
                files.Attachment.objects.filter(
                    target_type=Cell._meta.label_lower, withdrawn_at__isnull=True
                ),
                target_id=OuterRef("pk"),
            ),
        )
        .order_by("part", "scope")
    )
)


def _returned(in_return: Return, cells: Sequence[Cell]) -> dict[int, CellReturn]:
    if not any(cell.state == CellState.RETURNED for cell in cells):
        return {}
    rows = CellReturn.objects.filter(cell__in_return=in_return, settled_at__isnull=True)
    return {row.cell_id: row for row in rows.select_related("body", "actor")}


def _open_until(in_return: Return, cells: Sequence[Cell], now: datetime) -> dict[int, datetime]:
    if not any(cell.state == CellState.UNLOCKED for cell in cells):
        return {}
    rows = UnlockTicket.objects.filter(
        in_return=in_return, state=UnlockState.GRANTED, expires_at__gt=now
    ).values_list("cells", "expires_at")
    return {cell_id: until for cell_id, until in rows if until is not None}


def scope_names(scopes: Iterable[str]) -> dict[str, str]:
    """Places in their order: the zones, all zones, the whole city. 1 query."""
    wanted = set(scopes)
    names = {
        zone.code: localname(zone, "short_name")
        for zone in Zone.objects.filter(code__in=wanted).order_by("position", "code")
    }
    for code, name in (("EDZ", _("All zones")), ("CITY", _("Whole city"))):
        if code in wanted:
            names[code] = name
    return {**names, **{code: code for code in sorted(wanted - set(names))}}


def _progress(rows: Sequence[Row], judgement: Judgement) -> Progress:
    cells = [cell for row in rows for part in (row.cells, row.months) for cell in part.values()]
    return Progress(
        total=len(cells),
        answered=sum(cell.answered for cell in cells),
        to_fix=sum(1 for f in judgement.open if f.level == Level.FIX),
        to_explain=sum(1 for f in judgement.open if f.level == Level.EXPLAIN),
        to_confirm=sum(cell.prefilled and cell.editable for cell in cells),
        evidence=sum(_wants_evidence(cell) and not cell.evidence for cell in cells),
    )


def _wants_evidence(shown: GridCell) -> bool:
    if shown.cell.part or not shown.answered or not shown.editable:
        return False
    rule = shown.cell.item.evidence
    explained = any(f.explanation for f in shown.findings)
    return rule == EvidenceRule.ALWAYS or (rule == EvidenceRule.EXPLAINED and explained)
