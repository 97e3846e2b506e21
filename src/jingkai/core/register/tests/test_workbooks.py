"""Lists out: what a spreadsheet program reads is what the rows say."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from jingkai.core.register.export import Column
from jingkai.core.register.workbooks import workbook

COLUMNS = (
    Column("name", "名称", lambda row: row[0], width=30),
    Column("value", "数值", lambda row: row[1], numeric=True, decimals=2),
    Column("count", "个数", lambda row: row[2], numeric=True),
    Column("day", "日期", lambda row: row[3]),
)


def made(rows: list[tuple[Any, ...]]) -> Any:
    content, count = workbook("名录/一", COLUMNS, iter(rows), "来源")
    assert count == len(rows)
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def test_values_formats_filter_and_note() -> None:
    rows = [
        ("甲", Decimal("1234.50"), 7, date(2026, 9, 30)),
        ("", None, None, datetime(2026, 9, 30, 2, tzinfo=UTC)),
        ("乙", "不详", True, None),
    ]
    sheet = made(rows)
    assert sheet.title == "名录 一"
    assert [cell.value for cell in sheet[1]] == ["名称", "数值", "个数", "日期"]
    assert [cell.value for cell in sheet[2]] == ["甲", 1234.5, 7, "2026-09-30"]
    assert [cell.value for cell in sheet[3]] == [None, None, None, "2026-09-30 10:00"]
    assert [cell.value for cell in sheet[4]] == ["乙", "不详", 1, None]
    assert (sheet["B2"].number_format, sheet["C2"].number_format) == ("#,##0.00", "#,##0")
    assert (sheet["A6"].value, sheet.auto_filter.ref, sheet.freeze_panes) == (
        "来源",
        "A1:D4",
        "A2",
    )
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["A"].width == pytest.approx(30.7, abs=0.1)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "<b>&amp;</b>", " 前后 ", "两\n行", "_x0041_", "\x01", "𠮷", '"引"', "]]>"],
)
def test_text_stays_the_text_it_is(text: str) -> None:
    cell = made([(text, 1, 1, None)])["A2"]
    assert cell.data_type != "f"
    content, _count = workbook("一", COLUMNS, [(text, 1, 1, None)], "")
    read = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert read.to_python()[1][0] in (text, cell.value)
    assert openpyxl.utils.escape.unescape(cell.value) == text


def test_no_rows_is_a_table_too() -> None:
    sheet = made([])
    assert [cell.value for cell in sheet[1]] == ["名称", "数值", "个数", "日期"]
    assert sheet["A3"].value == "来源"


def test_rows_are_not_kept() -> None:
    """Many rows, little memory: the size of the whole is not held as cells."""
    import tracemalloc

    rows = ((f"第{n}行", n / 7, n, None) for n in range(20_000))
    tracemalloc.start()
    workbook("一", COLUMNS, rows, "")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000
