"""Filled workbooks read back: tolerant about form, strict about meaning."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

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


def test_every_sheet_column_and_row_may_move() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.protection.sheet = False
        sheet["E6"], sheet["E7"] = 11, 22
        sheet.title = "改了名"
        sheet.move_range("A6:I6", rows=3)  # the first indicator now stands last
        sheet.insert_rows(4, 2)
        sheet.move_range("E7:E14", cols=8)  # the figures' column now stands last

    world = stage()
    reading = read(world, change)
    assert reading.problems == []
    by_cell = {c.cell_id: c.value for c in reading.changes}
    assert by_cell == {world.cell(0).pk: Decimal(11), world.cell(1).pk: Decimal(22)}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("１，２３４．５", "1234.5"),
        (" 1,234.50 ", "1234.5"),
        ("1.2万亿元", "12000"),
        ("12000万元", "1.2"),
        (0.1 + 0.2, "0.3"),
        (1234567.891, "1234567.891"),
        (-3, "-3"),
        (0, "0"),
    ],
)
def test_a_figure_is_read_however_it_is_written(written: object, value: str) -> None:
    reading = read(stage(indicators=1), put(E6=written))
    assert reading.problems == []
    assert values(reading) == [(Decimal(value), "")]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (date(2026, 9, 30), "date"),
        ("2026-09-30", "date"),
        (True, "boolean"),
        ("约12", "not_a_number"),
        ("1,23", "separator"),
        ("12公顷", "unit_mismatch"),
        ("=A1+", "formula"),
        ("#REF!", "excel_error"),
        (1e19, "too_large"),
    ],
)
def test_what_is_no_figure_is_refused_by_its_cell(written: object, code: str) -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["E6"] = written
        if isinstance(written, str):
            sheet["E6"].data_type = "s"

    reading = read(stage(indicators=1), change)
    assert [(p.cell, p.code) for p in reading.problems] == [("E6", code)]
    assert reading.changes == []


def test_a_date_in_a_workbook_that_counts_from_1904() -> None:
    def change(book: Any, sheet: Any) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        sheet["E6"] = date(2026, 9, 30)

    reading = read(stage(indicators=1), change)
    assert [(p.cell, p.code) for p in reading.problems] == [("E6", "date")]
    assert "number" in reading.problems[0].message


def test_the_unit_of_the_heading_is_converted_and_told() -> None:
    reading = read(stage(), put(E5="本期（万元）", E6=12000, E7=34500))
    assert values(reading) == [(Decimal("1.2"), ""), (Decimal("3.45"), "")]
    assert [(n.code, n.cell) for n in reading.notes] == [("unit", "E6")]
    assert "万元→亿元" in reading.notes[0].message


def test_the_unit_of_the_row_is_converted_and_told() -> None:
    reading = read(stage(), put(D6="万元", E6=12000, E7=3))
    assert values(reading) == [(Decimal("1.2"), ""), (Decimal(3), "")]
    assert [n.code for n in reading.notes] == ["unit"]


def test_two_units_for_one_figure_are_a_problem() -> None:
    reading = read(stage(), put(E5="本期（千元）", D6="万元", E6=12000))
    assert ("D6", "unit-contradiction") in [(p.cell, p.code) for p in reading.problems]


def test_a_unit_of_another_kind_is_a_problem() -> None:
    reading = read(stage(), put(D6="公顷", E6=12))
    assert [(p.cell, p.code) for p in reading.problems] == [("D6", "unit-unknown")]
