"""Tables of a workbook: where the heading is, which rows and columns are ours, what is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from jingkai.core.register.public import cell_name, plain
from jingkai.engine.errors import UnitError
from jingkai.engine.units import unit

from .layout import FOOT, Line, Plan, heading_words, split_brackets
from .workbook import SheetSeen

_SEARCH: Final = 30
Say = Callable[[SheetSeen, str, str, str], None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of entries: for which place, and the unit its heading names."""

    index: int
    scope: str
    unit: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table that was found on a sheet."""

    sheet: SheetSeen
    head: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, Line], ...]
    unit_column: int | None
    is_notes: bool

    def at(self, row: int, column: int) -> Any:
        cells = self.sheet.grid[row]
        return cells[column] if column < len(cells) else ""

    def unit_of(self, row: int) -> str:
        return "" if self.unit_column is None else plain_text(self.at(row, self.unit_column))

    def merged_over(self, row: int, column: int) -> str:
        """The merged area an entry cell lies in, "" when it stands alone."""
        for (top, left), (bottom, right) in self.sheet.merged:
            if top <= row <= bottom and left <= column <= right:
                return f"{cell_name(top, left)}:{cell_name(bottom, right)}"
        return ""


@dataclass(slots=True)
class _Head:
    row: int
    named: dict[str, int] = field(default_factory=dict)
    entries: list[Column] = field(default_factory=list)
    strange: dict[int, str] = field(default_factory=dict)
    is_notes: bool = False

    @property
    def known(self) -> set[int]:
        return {*self.named.values(), *self.strange, *(c.index for c in self.entries)}


def tables_in(sheets: Sequence[SheetSeen], plan: Plan, problem: Say, note: Say) -> list[Table]:
    """Every table of figures or notes. Says what is missing, doubled, unknown or left out."""
    words = heading_words()
    found = []
    for sheet in sheets:
        head = _heading(sheet, plan, words, problem)
        if head is not None:
            found.append(_Rows(sheet, head, plan, problem, note).table())
    if all(table.is_notes for table in found):
        message = _(
            "No table of figures was found. Its heading needs the columns “%(code)s” and "
            "“%(value)s”: begin from the template."
        )
        places = "、".join(plan.labels.values()) if plan.is_grid else _("This period")
        where = message % {"code": _("Indicator code"), "value": places}
        problem(sheets[0], "A1", where, "no-heading")
    return found


def _heading(sheet: SheetSeen, plan: Plan, words: Mapping[str, str], problem: Say) -> _Head | None:
    for number, row in enumerate(sheet.grid[:_SEARCH]):
        meant = [_meaning(cell, plan, words) for cell in row]
        keys = {key for key, _scope, _unit in meant}
        if "shown_code" in keys:
            return None
        if keys & {"code", "note_code"} or ("name" in keys and keys & {"value", "place"}):
            return _columns(sheet, number, meant, plan, problem)
    return None


def _meaning(cell: Any, plan: Plan, words: Mapping[str, str]) -> tuple[str, str, str]:
    """What a heading says: its key, the place and the unit it names; empty where it says none."""
    text = plain_text(cell)
    if not text:
        return "", "", ""
    if text in words:
        return words[text], "", ""
    if text in plan.names:
        return "place", plan.names[text], ""
    before, inside = split_brackets(text)
    if written := _unit(inside):
        if before in words:
            return words[before], "", written
        if before in plan.names:
            return "place", plan.names[before], written
    return "strange", "", ""


def _columns(
    sheet: SheetSeen,
    number: int,
    meant: Sequence[tuple[str, str, str]],
    plan: Plan,
    problem: Say,
) -> _Head:
    head = _Head(number, is_notes=any(key == "note_code" for key, *_rest in meant))
    taken: dict[str, int] = {}
    for index, (key, scope, written) in enumerate(meant):
        if not key:
            continue
        text = str(sheet.grid[number][index])
        slot = "code" if key == "note_code" else key
        if key == "place" or (key == "value" and not plan.is_grid):
            scope = scope or plan.scopes[0]
            slot = f"place {scope}"
            column: Column | None = Column(index, scope, written, head.is_notes)
        elif key == "note" and not plan.is_grid:
            column = Column(index, plan.scopes[0], is_note=True)
        else:
            column = None
        if slot in taken and key != "strange":
            message = _("Column “%(name)s” stands here and in %(other)s. Keep one of them.")
            params = {"name": text, "other": cell_name(number, taken[slot])}
            problem(sheet, cell_name(number, index), message % params, "doubled-column")
            continue
        taken.setdefault(slot, index)
        if column is not None:
            head.entries.append(column)
        elif key == "strange" or (key == "value" and plan.is_grid):
            head.strange[index] = text
        else:
            head.named[slot] = index
    return head


class _Rows:
    """The rows under one heading, each matched to its line, or said why not."""

    def __init__(self, sheet: SheetSeen, head: _Head, plan: Plan, problem: Say, note: Say) -> None:
        self.sheet, self.head, self.plan = sheet, head, plan
        self.problem, self.note = problem, note
        self.by_code = {(plain(line.indicator.code), line.part): line for line in plan.lines}
        self.by_name = {plain(line.name): line for line in plan.lines}
        self.rows: dict[tuple[str, str], tuple[int, Line]] = {}
        self.left_out: list[str] = []
        self.by_name_only: list[str] = []

    def table(self) -> Table:
        for number in range(self.head.row + 1, len(self.sheet.grid)):
            self._row(number)
        if not self.head.is_notes:
            self._judge_columns()
        self._tell()
        return Table(
            self.sheet,
            self.head.row,
            tuple(self.head.entries),
            tuple(self.rows.values()),
            self.head.named.get("unit"),
            self.head.is_notes,
        )

    def _cell(self, number: int, index: int | None) -> Any:
        row = self.sheet.grid[number]
        return row[index] if index is not None and index < len(row) else ""

    def _row(self, number: int) -> None:
        filled = [n for n, cell in enumerate(self.sheet.grid[number]) if cell not in ("", None)]
        marked = [
            c.index
            for c in self.head.entries
            if not c.is_note and (c.index in filled or self._is_broken(number, c.index))
        ]
        if not filled and not marked:
            return
        code = plain_text(self._cell(number, self.head.named.get("code")))
        name = plain_text(self._cell(number, self.head.named.get("name")))
        bare, bracket = split_brackets(code)
        line = self.by_code.get((bare, "month" if bracket else ""))
        named = self.by_name.get(name)
        place = cell_name(number, self.head.named.get("code", self.head.named.get("name", 0)))
        if line is not None and named is not None and named is not line:
            message = _(
                "The code %(code)s and the name “%(name)s” belong to different indicators: the "
                "columns were perhaps sorted apart. Put the row right."
            ) % {"code": line.label, "name": named.name}
            self.problem(self.sheet, place, message, "code-and-name")
            return
        if line is None and not code and named is not None:
            line = named
            self.by_name_only.append(place)
        if line is not None:
            self._take(number, line, place, filled)
        elif marked and not self._is_heading(code):
            self._strange_row(place, str(self._cell(number, self.head.named.get("code"))).strip())
        elif not self._is_heading(code) and not self._is_foot(number, filled):
            self.left_out.append(cell_name(number, filled[0]))

    def _is_broken(self, number: int, index: int) -> bool:
        return cell_name(number, index) in self.sheet.broken

    def _is_heading(self, code: str) -> bool:
        head = plain_text(self._cell(self.head.row, self.head.named.get("code")))
        return bool(code) and code == head

    def _is_foot(self, number: int, filled: Sequence[int]) -> bool:
        """Whether the row is one of those the template itself puts under its table."""
        text = str(self.sheet.grid[number][filled[0]])
        return any(text.startswith(str(words).split("%")[0]) for words in FOOT)

    def _take(self, number: int, line: Line, place: str, filled: Sequence[int]) -> None:
        if line.key in self.rows:
            other = cell_name(self.rows[line.key][0], self.head.named.get("code", 0))
            message = _("“%(name)s” stands here and in %(other)s. Keep one row.")
            params = {"name": line.name, "other": other}
            self.problem(self.sheet, place, message % params, "doubled-row")
            return
        self.rows[line.key] = (number, line)
        self.left_out += [cell_name(number, n) for n in filled if n not in self.head.known]

    def _strange_row(self, place: str, code: str) -> None:
        if code:
            message = _(
                "“%(code)s” is not an indicator of this form. Correct the code as in the template, "
                "or delete the row."
            ) % {"code": code}
            self.problem(self.sheet, place, message, "unknown-code")
        else:
            message = _(
                "There are figures in this row, but no indicator code. Write the code beside them, "
                "or delete them."
            )
            self.problem(self.sheet, place, message, "row-without-code")

    def _judge_columns(self) -> None:
        scopes = {c.scope for c in self.head.entries if not c.is_note}
        missing = [self.plan.labels[s] for s in self.plan.scopes if s not in scopes]
        for index, text in self.head.strange.items():
            if not any(self._cell(n, index) not in ("", None) for n, _line in self.rows.values()):
                continue
            where = cell_name(self.head.row, index)
            if missing:
                message = _("Column “%(name)s” is not known here. Perhaps it is one of: %(names)s.")
                params = {"name": text, "names": "、".join(missing)}
                self.problem(self.sheet, where, message % params, "unknown-column")
            else:
                message = _("Column “%(name)s” is not asked and was left out.") % {"name": text}
                self.note(self.sheet, where, message, "extra-column")
        if not scopes:
            where = cell_name(self.head.row, 0)
            names = "、".join(missing) if self.plan.is_grid else _("This period")
            message = _("Column “%(name)s” is missing. Add it, or begin from the template.")
            self.problem(self.sheet, where, message % {"name": names}, "missing-column")

    def _tell(self) -> None:
        for places, words, code in (
            (self.left_out, _("Left out, because it is no figure of the form: %(cells)s."), "note"),
            (
                self.by_name_only,
                _("Rows without a code were found by their name: %(cells)s."),
                "by-name",
            ),
        ):
            if places:
                shown = "、".join(places[:6]) + ("…" if len(places) > 6 else "")
                self.note(self.sheet, places[0], words % {"cells": shown}, code)


def _unit(text: str) -> str:
    try:
        return unit(text).name if text else ""
    except UnitError:
        return ""


def plain_text(value: Any) -> str:
    """A cell's text, normalised; "" for what is no text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a code of digits only
    return plain(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
