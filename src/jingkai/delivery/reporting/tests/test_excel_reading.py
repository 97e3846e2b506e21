"""Filled workbooks read back: tolerant about form, strict about meaning."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from jingkai.core.errors import InvalidInput
from jingkai.delivery.reporting.excel.reading import FileReading, read_return_file
from jingkai.delivery.reporting.excel.template import template_for
from jingkai.delivery.reporting.models import Return
from jingkai.delivery.reporting.tests.factories import NOW, Stage, fill, stage

pytestmark = pytest.mark.django_db
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


def read(world: Stage, change: Change | None = None, **options: Any) -> FileReading:
    return read_return_file(template(world.own, change), "月报.xlsx", world.own, **options)


def put(**cells: Any) -> Change:
    def change(book: Any, sheet: Any) -> None:
        for where, value in cells.items():
            sheet[where] = value

    return change


def values(reading: FileReading) -> list[tuple[Decimal | None, str]]:
    return [(c.value, c.absence) for c in reading.changes]


def test_what_is_written_comes_back() -> None:
    reading = read(stage(), put(E6=1234.5, E7="暂无"))
    assert reading.problems == []
    assert values(reading) == [(Decimal("1234.5"), ""), (None, "missing")]
    assert reading.signed


def test_an_untouched_template_changes_nothing() -> None:
    world = stage()
    fill(world.own, (10, 20), clerk=world.clerk)
    reading = read(world)
    assert (reading.changes, reading.problems, reading.notes) == ([], [], [])
    assert reading.unchanged == 2
