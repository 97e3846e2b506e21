"""Templates after a clerk's hands, for tests."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl

from jingkai.delivery.reporting.excel.template import template_for
from jingkai.delivery.reporting.models import Return
from jingkai.delivery.reporting.tests.factories import NOW

Change = Callable[[Any, Any], None]


def template(in_return: Return, change: Change | None = None) -> bytes:
    """The template of `in_return` after a clerk's hands: `change(book, first sheet)`."""
    content = template_for(in_return, now=NOW)
    if change is None:
        return content
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book, book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(**cells: Any) -> Change:
    def change(book: Any, sheet: Any) -> None:
        for where, value in cells.items():
            sheet[where] = value

    return change
