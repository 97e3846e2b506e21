"""A filled workbook read back: every cell understood, or named with what to do.

Tolerant about form (sheets renamed, columns moved, rows inserted or sorted, notes, text numbers,
units in the heading), strict about meaning: what is not understood for certain is a problem, and
what was understood in a way that is not plain to see is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.register.public import cell_name
from jingkai.engine.entry import guess_unit
from jingkai.engine.errors import UnitError
from jingkai.engine.units import convert

from ..entering import EntryRefused, read_entry
from ..models import Cell, CellOrigin, Level, Return
from ..queries.cells import cells_of
from ..services.cells import CellChange
from ..states import EDITABLE_CELLS
from .facts import Facts, Standing
from .identity import judge_facts
from .layout import Line, Plan, plan_of
from .tables import Column, Table, tables_in
from .template import Beside, beside, figure_text, standing_of
from .workbook import BookSeen, SheetSeen, look_into


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing said about a place in the workbook. `cell` empty: about the sheet or the file."""

    level: Level
    sheet: str
    cell: str
    message: str
    code: str
    cell_id: int | None = None


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """Figures that look written in `guess` where `unit` is asked: `fits` of `of` fit better."""

    unit: str
    guess: str
    fits: int
    of: int


@dataclass(slots=True)
class FileReading:
    """What a workbook says. With a problem nothing of it is written."""

    signed: bool
    facts: Facts | None = None
    changes: list[CellChange] = field(default_factory=list)
    problems: list[Mark] = field(default_factory=list)
    notes: list[Mark] = field(default_factory=list)
    choices: list[UnitChoice] = field(default_factory=list)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    unit_said: set[int] = field(default_factory=set)
    before: dict[int, str] = field(default_factory=dict)
    unchanged: int = 0

    @property
    def reasons(self) -> dict[int, str]:
        """Notes newly written in the file, by cell."""
        return {c.cell_id: c.note for c in self.changes if c.note}


def read_return_file(
    content: bytes,
    name: str,
    in_return: Return,
    *,
    cells: Sequence[Cell] | None = None,
    unsigned: bool = False,
    units: Mapping[str, str] | None = None,
) -> FileReading:
    """Read `content` for `in_return`; nothing is written.

    `cells` are those of `cells_of`, when the caller has them.
    `unsigned` says that a table that is no template of ours is meant for this body and period.
    `units` says in which unit the figures of an asked unit are written, for the whole file.
    Raises InvalidInput when the file itself cannot be taken: type, size, damage, macros, another
    body's, period's or edition's template, no signature.
    """
    book = look_into(content, name)
    judge_facts(book, in_return, unsigned=unsigned)
    plan = plan_of(cells_of(in_return) if cells is None else cells)
    reading = FileReading(signed=book.facts is not None, facts=book.facts)
    reading.before = {cell.pk: standing_of(cell).figure for _line, _scope, cell in plan.cells}
    _Reader(book, plan, reading, units or {}).read()
    if not reading.problems:
        reading.choices = _doubtful_units(reading, plan, beside(in_return, plan), units or {})
    return reading


def _doubtful_units(
    reading: FileReading, plan: Plan, known: Beside, units: Mapping[str, str]
) -> list[UnitChoice]:
    """Units in which new figures look written, against the figures known before them."""
    new = {c.cell_id: c.value for c in reading.changes if c.cell_id not in reading.unit_said}
    pairs: dict[str, list[tuple[Decimal | None, Decimal | None]]] = {}
    for line, scope, cell in plan.cells:
        if cell.pk in new and not line.part and line.indicator.unit not in units:
            at = (line.indicator.pk, scope)
            figure = known.previous.get(at) or known.year_ago.get(at)
            pairs.setdefault(line.indicator.unit, []).append(
                (new[cell.pk], figure.value if figure else None)
            )
    found = []
    for name, rows in pairs.items():
        guess = guess_unit([value for value, _ref in rows], [ref for _value, ref in rows], name)
        if guess is not None:
            found.append(UnitChoice(name, guess.unit, guess.fits, guess.of))
    return found


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one entry cell of the file says."""

    figure: str
    value: Decimal | None
    absence: str
    entered_as: str
    unit_seen: bool = False


class _Reader:
    """One workbook being read into a reading."""

    def __init__(
        self, book: BookSeen, plan: Plan, reading: FileReading, units: Mapping[str, str]
    ) -> None:
        self.book, self.plan, self.reading, self.units = book, plan, reading, units
        self.entries: dict[int, _Entry] = {}
        self.comments: dict[int, str] = {}
        self.told: dict[tuple[str, str, str], list[str]] = {}

    def read(self) -> None:
        tables = tables_in(self.book.sheets, self.plan, self.problem, self.note)
        figures = [table for table in tables if not table.is_notes]
        for table in figures[1:]:
            self.problem(
                table.sheet,
                "",
                _("The sheets “%(first)s” and “%(second)s” both hold figures. Keep one of them.")
                % {"first": figures[0].sheet.name, "second": table.sheet.name},
                "two-tables",
            )
        for table in tables:
            self._table(table)
        for sheet in self.book.hidden:
            message = _("The hidden sheet “%(name)s” was not read.") % {"name": sheet}
            self.reading.notes.append(Mark(Level.HINT, sheet, "", message, "hidden-sheet"))
        self._tell()
        self._compare()

    def problem(
        self, sheet: SheetSeen, cell: str, message: str, code: str, cell_id: int | None = None
    ) -> None:
        self.reading.problems.append(Mark(Level.FIX, sheet.name, cell, message, code, cell_id))

    def note(self, sheet: SheetSeen, cell: str, message: str, code: str) -> None:
        self.reading.notes.append(Mark(Level.HINT, sheet.name, cell, message, code))

    def _table(self, table: Table) -> None:
        for number, line in table.rows:
            for column in table.columns:
                cell = line.cells.get(column.scope)
                if cell is None:
                    continue
                where = cell_name(number, column.index)
                raw = table.at(number, column.index)
                if column.is_note:
                    self._comment(table, cell, where, raw)
                    continue
                self.reading.places[cell.pk] = (table.sheet.name, where)
                if number in table.sheet.hidden_rows or column.index in table.sheet.hidden_columns:
                    self._told(table.sheet, "hidden", where)
                self._figure(table, number, column, line, cell, raw)

    def _told(self, sheet: SheetSeen, code: str, where: str, extra: str = "") -> None:
        self.told.setdefault((sheet.name, code, extra), []).append(where)

    def _comment(self, table: Table, cell: Cell, where: str, raw: Any) -> None:
        text = "" if raw in ("", None) else figure_of_text(raw)
        if len(text) > 500:
            self.problem(
                table.sheet,
                where,
                _("The note has %(n)d characters; at most 500 fit. Shorten it.") % {"n": len(text)},
                "note-too-long",
                cell.pk,
            )
            return
        self.comments[cell.pk] = text

    def _figure(
        self, table: Table, number: int, column: Column, line: Line, cell: Cell, raw: Any
    ) -> None:
        sheet, where = table.sheet, cell_name(number, column.index)
        asked = line.indicator.unit
        if fault := sheet.broken.get(where):
            self.problem(sheet, where, fault, "formula", cell.pk)
            return
        if area := table.merged_over(number, column.index):
            message = _("The cells %(area)s are merged. Unmerge them and fill in each one.")
            self.problem(sheet, where, message % {"area": area}, "merged", cell.pk)
            return
        if isinstance(raw, date | time | timedelta):
            message = _(
                "The cell is formatted as a date and shows %(shown)s, so its figure is not known. "
                "Set the cell's format to “number” and write the figure again."
            )
            self.problem(sheet, where, message % {"shown": raw}, "date", cell.pk)
            return
        if where in sheet.formulas:
            self._told(sheet, "formula", where)
        written = self._written_unit(table, number, column, line)
        if written is None:
            return
        try:
            self.entries[cell.pk] = _entry_of(raw, asked, written, where in sheet.percents)
        except EntryRefused as error:
            self.problem(sheet, where, str(error), error.code, cell.pk)
            return
        if raw not in ("", None):
            if where in sheet.percents:
                self._told(sheet, "percent", where)
            elif written != asked:
                self._told(sheet, "unit", where, f"{written}→{asked}")
            if written != asked or self.entries[cell.pk].unit_seen:
                self.reading.unit_said.add(cell.pk)

    def _written_unit(self, table: Table, number: int, column: Column, line: Line) -> str | None:
        """The unit a figure is written in, None (and a problem) where the file contradicts."""
        asked, row = line.indicator.unit, table.unit_of(number)
        chosen = self.units.get(asked, asked)
        where = cell_name(number, table.unit_column if table.unit_column is not None else 0)
        if row and row != asked:
            if not _convertible(row, asked):
                self.problem(
                    table.sheet,
                    where,
                    _("The unit “%(unit)s” does not fit: “%(name)s” is asked in %(asked)s.")
                    % {"unit": row, "name": line.indicator.name, "asked": asked},
                    "unit-unknown",
                )
                return None
            if column.unit and column.unit != row and _convertible(column.unit, asked):
                self.problem(
                    table.sheet,
                    where,
                    _("The row says %(row)s, the heading %(heading)s. Keep one unit.")
                    % {"row": row, "heading": column.unit},
                    "unit-contradiction",
                )
                return None
            return row
        if column.unit and _convertible(column.unit, asked):
            return column.unit
        return chosen

    def _tell(self) -> None:
        """One sentence for each kind of thing that was understood and not plain to see."""
        words = {
            "formula": _("Formulas: their computed values were taken (%(cells)s)."),
            "hidden": _("Hidden rows or columns were read like the others (%(cells)s)."),
            "percent": _("Cells shown as a percentage were read as they are shown (%(cells)s)."),
            "unit": _("Converted from the unit that is written there, %(extra)s (%(cells)s)."),
        }
        for (sheet, code, extra), cells in self.told.items():
            shown = "、".join(cells[:6]) + ("…" if len(cells) > 6 else "")
            message = words[code] % {"cells": shown, "extra": extra}
            self.reading.notes.append(Mark(Level.HINT, sheet, cells[0], message, code))

    def _compare(self) -> None:
        """Changes against what stands, and against what stood when the template was made."""
        kept, untouched = 0, 0
        for line, scope, cell in self.plan.cells:
            entry = self.entries.get(cell.pk)
            if entry is None:
                untouched += cell.pk not in self.reading.places
                continue
            now = standing_of(cell)
            base = self.book.standing.get((line.label, scope), now)
            note = self.comments.get(cell.pk, now.note)
            if not self.reading.signed and not entry.figure:
                entry = _as_it_stands(cell)
            wish = Standing(entry.figure, note)
            if wish == now:
                self._same(cell, entry)
            elif wish == base:
                kept += 1
            elif self._may_change(cell, base, now):
                self.reading.changes.append(
                    CellChange(
                        cell.pk,
                        entry.value,
                        entry.absence,
                        entry.entered_as,
                        note if note != cell.note else None,
                        cell.revision,
                    )
                )
        self._tell_left(kept, untouched)

    def _same(self, cell: Cell, entry: _Entry) -> None:
        """What was filled in beforehand and sent back is confirmed; else nothing is new."""
        if (
            cell.origin == CellOrigin.PREFILLED
            and entry.value is not None
            and cell.state in EDITABLE_CELLS
        ):
            self.reading.changes.append(
                CellChange(cell.pk, entry.value, "", entry.entered_as, None, cell.revision)
            )
        else:
            self.reading.unchanged += 1

    def _may_change(self, cell: Cell, base: Standing, now: Standing) -> bool:
        sheet, where = self.reading.places[cell.pk]
        if cell.state not in EDITABLE_CELLS:
            message = _(
                "This figure is closed (%(state)s) and stands as %(now)s. Put that back, or ask "
                "for an unlock."
            ) % {"state": cell.get_state_display(), "now": now.figure or "—"}
            code = "closed"
        elif now != base:
            message = _(
                "Somebody changed this figure to %(now)s after the template was downloaded. "
                "Download the template again, or write %(now)s here."
            ) % {"now": now.figure or "—"}
            code = "changed-meanwhile"
        else:
            return True
        self.reading.problems.append(Mark(Level.FIX, sheet, where, message, code, cell.pk))
        return False

    def _tell_left(self, kept: int, untouched: int) -> None:
        sheet = self.book.sheets[0].name
        if kept:
            message = ngettext(
                "%(n)d figure was changed in the system after the download and not in the file: it "
                "stays as it is in the system.",
                "%(n)d figures were changed in the system after the download and not in the file: "
                "they stay as they are in the system.",
                kept,
            ) % {"n": kept}
            self.reading.notes.append(Mark(Level.HINT, sheet, "", message, "kept"))
        if untouched:
            message = ngettext(
                "%(n)d figure of the return does not stand in the file: it stays as it is.",
                "%(n)d figures of the return do not stand in the file: they stay as they are.",
                untouched,
            ) % {"n": untouched}
            self.reading.notes.append(Mark(Level.HINT, sheet, "", message, "absent"))


def _as_it_stands(cell: Cell) -> _Entry:
    """An empty cell of a table without signature says nothing about what stands."""
    figure = figure_text(cell.value, cell.absence)
    return _Entry(figure, cell.value, cell.absence, cell.entered_as)


def _entry_of(raw: Any, asked: str, written: str, percent: bool) -> _Entry:
    """What an entry cell says, in the asked unit. Raises EntryRefused."""
    shown = figure_of_text(raw)
    if percent and isinstance(raw, float | int) and not isinstance(raw, bool):
        reading = read_entry(f"{Decimal(shown) * 100:f}%", asked)
    else:
        number = isinstance(raw, float | int) and not isinstance(raw, bool)
        reading = read_entry(Decimal(shown) if number else raw, asked, written)
    figure = figure_text(reading.value, reading.absence)
    return _Entry(figure, reading.value, reading.absence, shown, bool(reading.unit_seen))


def figure_of_text(raw: Any) -> str:
    """A cell's content as text; numbers with the 15 digits a spreadsheet keeps.

    >>> figure_of_text(0.1 + 0.2), figure_of_text(12.0), figure_of_text("  1,2 ")
    ('0.3', '12', '1,2')
    """
    if isinstance(raw, float):
        return f"{Decimal(f'{raw:.15g}'):f}"
    return "" if raw is None else str(raw).strip()


def _convertible(written: str, asked: str) -> bool:
    try:
        convert(Decimal(1), written, asked)
    except UnitError:
        return False
    return True
