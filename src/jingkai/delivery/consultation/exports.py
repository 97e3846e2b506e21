"""The adoption table as Excel and as an official Word document; the revised draft as a file."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Final

import xlsxwriter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from jingkai.core.audit import public as audit
from jingkai.core.documents.official import Official, OfficialColumn

from .models import Consultation
from .queries import AdoptionRow, adoption_rows, figures_of, statistics_line
from .revising import revised_docx
from .rewriting import revised_text

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: Final = ("xlsx", "docx")
_HEADS: Final = (
    (pgettext_lazy("adoption table", "No."), 6, 2),
    (pgettext_lazy("adoption table", "Clause"), 24, 5),
    (gettext_lazy("Source of the opinion"), 24, 5),
    (gettext_lazy("Opinion"), 56, 12),
    (pgettext_lazy("adoption table", "Outcome"), 12, 3),
    (gettext_lazy("Reason"), 48, 10),
)


def _cells(row: AdoptionRow) -> tuple[str, ...]:
    changed = _("Changed to: %(words)s") % {"words": _flat(row.wording)} if row.wording else ""
    reason = "\n".join(part for part in (row.reason, changed) if part)
    outcome = row.outcome_label or _("not decided")
    return (str(row.number), row.clause, row.source, row.content, outcome, reason)


def _flat(words: str) -> str:
    return " ".join(words.replace("\t", "").split())


def title_of(consultation: Consultation) -> str:
    """What stands above the table."""
    return _("Adoption of opinions on “%(title)s”") % {"title": consultation.title}


def notes_of(consultation: Consultation, rows: list[AdoptionRow], now: datetime) -> list[str]:
    """Statistics first; then what the table lacks, and that it is no real one in demonstration."""
    said = [statistics_line(figures_of(consultation))]
    if left := sum(not row.outcome for row in rows):
        said.append(
            _("%(n)d lines are not decided yet: this is a working state of %(day)s.")
            % {"n": left, "day": timezone.localtime(now).strftime("%Y-%m-%d %H:%M")}
        )
    if settings.DEMO:
        said.append(_("Demonstration data, not statistics"))
    return said


def table_xlsx(consultation: Consultation, *, now: datetime, for_public: bool = False) -> bytes:
    """The table as a workbook: title, statistics, head that stays, text written as text."""
    rows = adoption_rows(consultation, for_public=for_public)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False,
                                     "strings_to_urls": False})  # fmt: skip
    sheet = book.add_worksheet(_("Adoption"))
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format(
        {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "bg_color": "#E8EEF8"}
    )
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    last = len(_HEADS) - 1
    sheet.merge_range(0, 0, 0, last, title_of(consultation), title)
    sheet.set_row(0, 34)
    line = 1
    for note in notes_of(consultation, rows, now):
        sheet.merge_range(line, 0, line, last, note, plain)
        sheet.set_row(line, 32)
        line += 1
    for column, (label, width, _share) in enumerate(_HEADS):
        sheet.set_column(column, column, width)
        sheet.write_string(line, column, str(label), head)
    for n, row in enumerate(rows, start=line + 1):
        for column, value in enumerate(_cells(row)):
            if column == 0:
                sheet.write_number(n, 0, row.number, cell)
            else:
                sheet.write_string(n, column, value, cell)
    sheet.freeze_panes(line + 1, 0)
    sheet.repeat_rows(line)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    book.close()
    return out.getvalue()


def table_docx(consultation: Consultation, *, now: datetime, for_public: bool = False) -> bytes:
    """The table in the layout of GB/T 9704, on a turned sheet."""
    rows = adoption_rows(consultation, for_public=for_public)
    paper = Official(
        title_of(consultation),
        mark=_("Demonstration data") if settings.DEMO else "",
        landscape=True,
    )
    for note in notes_of(consultation, rows, now)[: 2 if settings.DEMO else 3]:
        if note != _("Demonstration data, not statistics"):
            paper.paragraph(note)
    paper.table(
        [
            OfficialColumn(str(label), share, "center" if n in (0, 4) else "left")
            for n, (label, _width, share) in enumerate(_HEADS)
        ],
        (_cells(row) for row in rows),
        empty=_("No opinion was received."),
    )
    return paper.docx()


def table_response(
    request: HttpRequest, consultation: Consultation, fmt: str, *, for_public: bool = False
) -> HttpResponse:
    """The table as a download; what a signed-in person takes is written into the trail."""
    now = timezone.now()
    make = table_docx if fmt == "docx" else table_xlsx
    data = make(consultation, now=now, for_public=for_public)
    if request.user.is_authenticated:
        audit.record(
            "consultation.table.exported", actor=request.user, target=consultation, at=now,
            details={"format": fmt, "public": for_public},
        )  # fmt: skip
    name = f"{title_of(consultation)}-{timezone.localtime(now):%Y%m%d}.{fmt}"
    return download(data, name, DOCX if fmt == "docx" else XLSX)


def revised_response(request: HttpRequest, consultation: Consultation, fmt: str) -> HttpResponse:
    """The draft with all confirmed changes, as a file that can be uploaded as a version: plain
    text, or with `fmt` docx a Word file that shows each change.
    """
    now = timezone.now()
    audit.record(
        "consultation.text.exported", actor=request.user, target=consultation, at=now,
        details={"format": fmt},
    )  # fmt: skip
    name = f"{consultation.title}-{_('revised draft')}-{timezone.localtime(now):%Y%m%d}.{fmt}"
    if fmt == "docx":
        return download(revised_docx(consultation, now=now), name, DOCX)
    return download(revised_text(consultation).encode(), name, "text/plain; charset=utf-8")


def download(data: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(name)}"
    return response
