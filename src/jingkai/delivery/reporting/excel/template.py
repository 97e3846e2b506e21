"""A return as the paper table a clerk knows, for one filler and one period, signed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.register.public import cell_name
from jingkai.core.ui.public import localname
from jingkai.delivery.indicators.public import (
    Figure,
    IndicatorVersion,
    Series,
    ValueMode,
    figures,
)
from jingkai.engine.periods import Period

from .. import states
from ..entering import figure_text as plain_figure
from ..models import Absence, Cell, Return, Signature, SignatureKind
from ..queries.cells import cells_of
from .facts import SHEET, Facts, Standing, signed_rows
from .layout import FOOT, HEADINGS, Line, Plan, plan_of

HEAD_ROW = 4  # title, whose and when, state and people, mark of synthetic data above it
WORDS = {Absence.MISSING: "暂无", Absence.NOT_APPLICABLE: "不适用"}
"""What stands in a cell that was answered without a figure; the entry rules read it back."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Figures known before, by (indicator, scope), and definitions by indicator."""

    previous: Mapping[tuple[int, str], Figure]
    year_ago: Mapping[tuple[int, str], Figure]
    definitions: Mapping[int, str]


def template_for(in_return: Return, *, now: datetime) -> bytes:
    """The workbook to fill in for `in_return`. A constant number of queries."""
    plan = plan_of(cells_of(in_return))
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    _Writer(book, in_return, plan, now).write()
    book.close()
    return out.getvalue()


def facts_of(in_return: Return, *, now: datetime) -> Facts:
    """What the template of `in_return` says about itself."""
    campaign = in_return.campaign
    return Facts(
        return_id=in_return.pk,
        form=campaign.form.code,
        version=campaign.version.number,
        period=campaign.period,
        body=in_return.body.code,
        issued_at=now.isoformat(),
    )


def figure_text(value: Decimal | None, absence: str) -> str:
    """A cell's answer in one word: its figure without idle zeros, or why there is none.

    >>> figure_text(Decimal("12.500000"), ""), figure_text(None, "missing"), figure_text(None, "")
    ('12.5', '暂无', '')
    """
    if value is None:
        return WORDS[Absence(absence)] if absence else ""
    return plain_figure(value)


def standing_of(cell: Cell) -> Standing:
    return Standing(figure_text(cell.value, cell.absence), cell.note)


def beside(in_return: Return, plan: Plan) -> Beside:
    """Figures of the period before and of a year ago, and today's definitions. 4 queries."""
    period = Period.parse(in_return.campaign.period)
    indicators = {line.indicator.pk for line in plan.lines}
    series = {
        pk: (indicator, scope)
        for pk, indicator, scope in Series.objects.filter(
            indicator_id__in=indicators, scope__in=plan.scopes
        ).values_list("pk", "indicator_id", "scope")
    }
    before, ago = period.previous().end, period.year_ago().end
    found = figures(series, ends=(before, ago))
    versions = (
        IndicatorVersion.objects.filter(indicator_id__in=indicators, effective_from__lte=period.end)
        .order_by("indicator_id", "-effective_from", "-number")
        .distinct("indicator_id")
    )

    def at(day: Any) -> dict[tuple[int, str], Figure]:
        return {series[pk]: line[day] for pk, line in found.items() if day in line}

    return Beside(
        at(before), at(ago), {v.indicator_id: localname(v, "definition") for v in versions}
    )


class _Writer:
    """One workbook being written."""

    def __init__(self, book: Any, in_return: Return, plan: Plan, now: datetime) -> None:
        self.book, self.in_return, self.plan, self.now = book, in_return, plan, now
        self.beside = beside(in_return, plan)
        self.period = Period.parse(in_return.campaign.period)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> None:
        sheet = self.book.add_worksheet(self._sheet_name())
        fixed = ["code", "name", "definition", "unit"]
        ends = [] if self.plan.is_grid else ["year_ago", "previous", "growth", "note"]
        columns = len(fixed) + len(self.plan.scopes) + len(ends)
        self._top(sheet, columns)
        self._figures(sheet, fixed, ends)
        self._foot(sheet, HEAD_ROW + len(self.plan.lines) + 2, columns)
        self._page(sheet, columns, freeze=2 if self.plan.is_grid else 4)
        if self.plan.is_grid:
            self._notes()
            self._shown(_("Same period last year"), self.beside.year_ago)
            self._shown(_("Previous period"), self.beside.previous)
        self._facts()

    def _format(self, **wanted: Any) -> Any:
        """One format object for each look: the library writes every object it is given."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {"font_name": "宋体", "font_size": 10, "valign": "vcenter", **wanted}
            )
        return self._formats[key]

    def _sheet_name(self) -> str:
        name = localname(self.in_return.campaign.form)
        return str(name.translate({ord(c): " " for c in "[]:*?/\\'"})[:31]) or "1"

    def _top(self, sheet: Any, columns: int) -> None:
        campaign = self.in_return.campaign
        cumulative = any(line.indicator.value_mode == ValueMode.YTD for line in self.plan.lines)
        period = self.period.zh_label(cumulative=cumulative)
        title = self._format(bold=True, font_size=16, align="center")
        sheet.merge_range(0, 0, 0, columns - 1, localname(campaign.form), title)
        whose = _("Reporting body: %(body)s    Period: %(period)s    Due: %(due)s") % {
            "body": localname(self.in_return.body),
            "period": f"{period}（{campaign.period}）",
            "due": self.in_return.due_on.isoformat(),
        }
        sheet.merge_range(1, 0, 1, columns - 1, whose, self._format(align="center"))
        about = _(
            "Form %(form)s, version %(version)d. Fill in the yellow cells only; write 暂无 where a "
            "figure is not there yet and 不适用 where there can be none; zero is a figure."
        ) % {"form": campaign.form.code, "version": campaign.version.number}
        small = self._format(font_color="#5B6575", text_wrap=True)
        sheet.merge_range(2, 0, 2, columns - 1, about, small)
        sheet.set_row(0, 28)
        sheet.set_row(2, 28)
        if settings.DEMO:
            mark = self._format(font_color="#B42318", bold=True)
            sheet.write_string(3, 0, _("Demonstration data, not statistics"), mark)

    def _figures(self, sheet: Any, fixed: list[str], ends: list[str]) -> None:
        head = self._format(bold=True, bg_color="#EAF0F8", border=1, text_wrap=True, align="center")
        places = {scope: len(fixed) + n for n, scope in enumerate(self.plan.scopes)}
        words = [str(HEADINGS[key]) for key in fixed]
        words += (
            [self.plan.labels[s] for s in self.plan.scopes]
            if self.plan.is_grid
            else [str(HEADINGS["value"])]
        )
        words += [str(HEADINGS[key]) for key in ends]
        for column, word in enumerate(words):
            sheet.write_string(HEAD_ROW, column, word, head)
        sheet.set_row(HEAD_ROW, 32)
        for row, line in enumerate(self.plan.lines, start=HEAD_ROW + 1):
            self._known(sheet, row, line)
            for scope, cell in line.cells.items():
                self._entry(sheet, row, places[scope], cell, line)
            if ends:
                (scope, cell), *_rest = line.cells.items()
                self._ends(sheet, row, len(fixed) + 1, line, scope, cell)
        last = HEAD_ROW + len(self.plan.lines)
        if self.plan.lines:
            self._validate(sheet, len(fixed), last, len(fixed) + len(self.plan.scopes) - 1)

    def _known(self, sheet: Any, row: int, line: Line) -> None:
        plain = self._format(border=1, text_wrap=True, bg_color="#F7F8FA")
        texts = (
            line.label,
            line.name,
            self.beside.definitions.get(line.indicator.pk, ""),
            line.indicator.unit,
        )
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, plain)

    def _entry(self, sheet: Any, row: int, column: int, cell: Cell, line: Line) -> None:
        open_cell = cell.state in states.EDITABLE_CELLS
        look = self._format(
            border=1,
            locked=not open_cell,
            bg_color="#FFFBE6" if open_cell else "#F0F1F3",
            num_format=_number_format(max(line.indicator.decimals, _decimals(cell.value))),
            align="right",
        )
        _write(sheet, row, column, standing_of(cell).figure, look)

    def _ends(self, sheet: Any, row: int, first: int, line: Line, scope: str, cell: Cell) -> None:
        at = (line.indicator.pk, scope)
        known = [] if line.part else [self.beside.year_ago.get(at), self.beside.previous.get(at)]
        look = self._format(
            border=1,
            bg_color="#F7F8FA",
            num_format=_number_format(line.indicator.decimals),
            align="right",
        )
        for n in range(2):
            value = known[n].value if n < len(known) and known[n] else None  # type: ignore[union-attr]
            _write(sheet, row, first + n, figure_text(value, ""), look)
        ago = known[0].value if known and known[0] else None
        now, then = cell_name(row, first - 1), cell_name(row, first)
        growth = self._format(border=1, bg_color="#F7F8FA", num_format="0.0", align="right")
        computed = _growth(cell.value, ago)
        sheet.write_formula(
            row,
            first + 2,
            f'=IF(AND(ISNUMBER({now}),ISNUMBER({then})),IF({then}>0,({now}/{then}-1)*100,""),"")',
            growth,
            "" if computed is None else float(computed),
        )
        open_cell = cell.state in states.EDITABLE_CELLS
        note = self._format(
            border=1,
            text_wrap=True,
            locked=not open_cell,
            bg_color="#FFFBE6" if open_cell else "#F0F1F3",
        )
        sheet.write_string(row, first + 3, cell.note, note)

    def _validate(self, sheet: Any, first: int, last_row: int, last: int) -> None:
        corner = cell_name(HEAD_ROW + 1, first)
        words = ",".join(f'{corner}="{word}"' for word in WORDS.values())
        sheet.data_validation(
            HEAD_ROW + 1,
            first,
            last_row,
            last,
            {
                "validate": "custom",
                "value": f"=OR(ISNUMBER({corner}),{words})",
                "error_title": _("Not a figure")[:32],
                "error_message": _(
                    "Write a number in the unit of the row; 暂无 where it is not there yet, 不适用 "
                    "where there can be none."
                )[:255],
            },
        )

    def _foot(self, sheet: Any, row: int, columns: int) -> None:
        filled, checked, signed = people_of(self.in_return)
        people, source = FOOT
        words = people % {
            "filled": filled or "—",
            "checked": checked or "—",
            "signed": signed or "—",
        }
        sheet.merge_range(row, 0, row, columns - 1, words, self._format())
        issued = source % {"time": timezone.localtime(self.now).strftime("%Y-%m-%d %H:%M")}
        small = self._format(font_color="#5B6575")
        sheet.merge_range(row + 1, 0, row + 1, columns - 1, issued, small)

    def _page(self, sheet: Any, columns: int, *, freeze: int) -> None:
        for column, width in enumerate((14, 26, 24, 10)):
            sheet.set_column(column, column, width)
        sheet.set_column(4, columns - 1, 13)
        if not self.plan.is_grid:
            sheet.set_column(columns - 1, columns - 1, 30)
        sheet.freeze_panes(HEAD_ROW + 1, freeze)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1 if columns <= 12 else 0, 0)
        sheet.repeat_rows(HEAD_ROW)
        if self.plan.is_grid:
            sheet.repeat_columns(0, 1)
        sheet.set_footer(f"&L{self._sheet_name()} {self.in_return.campaign.period}&R&P / &N")
        sheet.protect(
            "", {"format_cells": True, "format_columns": True, "format_rows": True, "sort": True}
        )

    def _grid_head(self, sheet: Any, code: str) -> None:
        head = self._format(bold=True, bg_color="#EAF0F8", border=1, text_wrap=True)
        words = [str(HEADINGS[code]), str(HEADINGS["name"])]
        words += [self.plan.labels[scope] for scope in self.plan.scopes]
        for column, word in enumerate(words):
            sheet.write_string(0, column, word, head)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 26)
        sheet.set_column(2, 1 + len(self.plan.scopes), 13)
        sheet.freeze_panes(1, 2)

    def _notes(self) -> None:
        """In a grid the reasons stand on a sheet of their own, laid out like the figures."""
        sheet = self.book.add_worksheet(str(HEADINGS["note"])[:31])
        self._grid_head(sheet, "note_code")
        plain = self._format(border=1, bg_color="#F7F8FA", text_wrap=True)
        for row, line in enumerate(self.plan.lines, start=1):
            sheet.write_string(row, 0, line.label, plain)
            sheet.write_string(row, 1, line.name, plain)
            for n, scope in enumerate(self.plan.scopes):
                if cell := line.cells.get(scope):
                    open_cell = cell.state in states.EDITABLE_CELLS
                    look = self._format(border=1, text_wrap=True, locked=not open_cell)
                    _write(sheet, row, 2 + n, cell.note, look, text_only=True)
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def _shown(self, title: str, known: Mapping[tuple[int, str], Figure]) -> None:
        sheet = self.book.add_worksheet(title[:31])
        self._grid_head(sheet, "shown_code")
        plain = self._format(border=1, bg_color="#F7F8FA")
        for row, line in enumerate(self.plan.lines, start=1):
            sheet.write_string(row, 0, line.label, plain)
            sheet.write_string(row, 1, line.name, plain)
            look = self._format(
                border=1, bg_color="#F7F8FA", num_format=_number_format(line.indicator.decimals)
            )
            for n, scope in enumerate(self.plan.scopes):
                figure = None if line.part else known.get((line.indicator.pk, scope))
                _write(sheet, row, 2 + n, figure_text(figure.value, "") if figure else "", look)
        sheet.protect()

    def _facts(self) -> None:
        sheet = self.book.add_worksheet(SHEET)
        standing = {(line.label, scope): standing_of(cell) for line, scope, cell in self.plan.cells}
        rows = signed_rows(facts_of(self.in_return, now=self.now), standing)
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                if text:
                    sheet.write_string(row, column, text)
        sheet.very_hidden()


def people_of(in_return: Return) -> tuple[str, str, str]:
    """Who filled in, who verified, who signed, as the system recorded them. 2 queries."""
    spoken: dict[str, list[str]] = {kind: [] for kind in SignatureKind.values}
    rows = Signature.objects.filter(in_return=in_return).select_related("actor").order_by("id")
    for signature in rows:
        day = timezone.localtime(signature.at).strftime("%Y-%m-%d")
        spoken[signature.kind].append(f"{signature.actor.name}（{day}）")
    filled = spoken[SignatureKind.SEND][-1:] or list(
        in_return.cells.filter(entered_by__isnull=False)
        .order_by("entered_by__name")
        .values_list("entered_by__name", flat=True)
        .distinct()
    )
    return (
        "、".join(filled),
        "、".join(dict.fromkeys(spoken[SignatureKind.VERIFY])),
        "、".join(spoken[SignatureKind.SIGN][-1:]),
    )


def _write(
    sheet: Any, row: int, column: int, text: str, look: Any, *, text_only: bool = False
) -> None:
    """A figure as a number where a spreadsheet can hold it to the digit, else as text."""
    if not text:
        sheet.write_blank(row, column, None, look)
        return
    try:
        amount = None if text_only else Decimal(text)
    except ArithmeticError:
        amount = None
    if amount is not None and len(amount.as_tuple().digits) <= 15:
        sheet.write_number(row, column, float(amount), look)
    else:
        sheet.write_string(row, column, text, look)


def _decimals(value: Decimal | None) -> int:
    return len(figure_text(value, "").partition(".")[2])


def _number_format(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _growth(value: Decimal | None, ago: Decimal | None) -> Decimal | None:
    return None if value is None or ago is None or ago <= 0 else (value / ago - 1) * 100
