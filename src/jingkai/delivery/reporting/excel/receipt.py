"""What was taken in, on paper: a receipt whose check code stands for every figure in it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.audit.public import digest_of
from jingkai.core.ui.public import localname

from ..models import Return, ReturnFile
from ..showing import kept_text


def check_code(in_return: Return, digest: str, saved: Sequence[Sequence[Any]], at: datetime) -> str:
    """SM3 over return, file and the figures taken in: [cell id, revision, name, old, new]."""
    said = [in_return.pk, digest, at.isoformat(), [list(row) for row in saved]]
    return digest_of(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def grouped(code: str) -> str:
    """The first 16 characters, readable over the telephone.

    >>> grouped("66c7f0f462eeedd9d1f2d46b")
    '66C7-F0F4-62EE-EDD9'
    """
    return "-".join(code[n : n + 4] for n in range(0, 16, 4)).upper()


def receipt_facts(record: ReturnFile) -> list[tuple[str, str]]:
    """The lines of a receipt, for the page and for the sheet."""
    in_return = record.in_return
    return [
        (_("Form"), localname(in_return.campaign.form)),
        (_("Period"), in_return.campaign.period),
        (_("Reporting body"), localname(in_return.body)),
        (_("File"), record.name),
        (_("SHA-256 of the file"), record.file.digest),
        (_("Sent in by"), record.actor.name),
        (_("Sent in at"), timezone.localtime(record.at).strftime("%Y-%m-%d %H:%M:%S")),
        (_("Outcome"), str(record.get_outcome_display())),
        (_("Figures taken in"), f"{record.saved_cells:,}"),
        (_("Check code"), grouped(record.check_code)),
        (_("Check code (SM3, whole)"), record.check_code),
    ]


def receipt_workbook(record: ReturnFile) -> bytes:
    """The receipt as an xlsx workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_("Receipt")[:31])
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#EAF0F8", "border": 1})
    sheet.write_string(0, 0, _("Receipt of a return's workbook"), bold)
    row = 2
    for label, text in receipt_facts(record):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, text)
        row += 1
    if settings.DEMO:
        sheet.write_string(row, 0, _("Demonstration data, not statistics"))
        row += 1
    row += 1
    for column, word in enumerate((_("Figure"), _("Before"), _("After"))):
        sheet.write_string(row, column, word, head)
    for n, (_cell, _revision, name, old, new) in enumerate(record.answer["saved"], start=row + 1):
        said = (kept_text(text) or "—" for text in (old, new))
        for column, text in enumerate((name, *said)):
            sheet.write_string(n, column, text)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 2, 26)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()
