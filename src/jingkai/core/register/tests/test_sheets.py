"""Workbooks in: everything wrong is named by sheet, cell and column, and nothing is guessed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from jingkai.core.errors import InvalidInput
from jingkai.core.register.cells import SheetColumn, SheetData, cell_name, typed
from jingkai.core.register.sheets import read_sheet

COLUMNS = (
    SheetColumn("code", "编码", required=True, max_length=10),
    SheetColumn("name", "名称", required=True),
    SheetColumn("area", "面积（公顷）", "decimal"),
    SheetColumn("since", "成立日期", "date"),
    SheetColumn("open", "开放", "boolean"),
    SheetColumn("level", "级别", "choice", choices={"国家级": "national", "省级": "provincial"}),
)
HEAD = ["编码", "名称", "面积（公顷）", "成立日期", "开放", "级别"]


def workbook(rows: list[list[Any]], change: Callable[[Any, Any], None] | None = None) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("经开区")
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(line, column, value)
    if change:
        change(book, sheet)
    book.close()
    return out.getvalue()


def read(rows: list[list[Any]], change: Callable[[Any, Any], None] | None = None) -> SheetData:
    return read_sheet(workbook(rows, change), "表.xlsx", COLUMNS)


def test_typed_rows_under_a_title() -> None:
    data = read(
        [
            ["沈阳市经开区名录"],
            HEAD,
            ["A1", "甲区", "1,234.50", "2026年9月30日", "是", "国家级"],
            ["B2", "乙区", 12.1, "2026-01-02", "否", "省级"],
        ]
    )
    assert data.problems == []
    assert data.rows[0].values == {
        "code": "A1",
        "name": "甲区",
        "area": Decimal("1234.50"),
        "since": date(2026, 9, 30),
        "open": True,
        "level": "national",
    }
    assert data.rows[1].values["area"] == Decimal("12.1")
    assert data.rows[1].cells["area"] == "C4"


def test_each_wrong_cell_is_named() -> None:
    data = read([HEAD, ["", "甲", "十二", "2026-02-30", "也许", "县级"]])
    assert [(p.cell, p.field) for p in data.problems] == [
        ("A2", "code"),
        ("C2", "area"),
        ("D2", "since"),
        ("E2", "open"),
        ("F2", "level"),
    ]
    assert {p.sheet for p in data.problems} == {"经开区"}
    assert "国家级、省级" in data.problems[-1].message


def test_unknown_doubled_and_missing_columns() -> None:
    data = read([["编码", "人口", "编码"], ["A", 1, "B"]])
    assert [(p.cell, p.code) for p in data.problems] == [
        ("B1", "unknown-column"),
        ("C1", "doubled-column"),
        ("A1", "missing-column"),
    ]


def test_no_heading() -> None:
    data = read([["甲", "乙"], [1, 2]])
    assert [p.code for p in data.problems] == ["no-heading"]


def test_merged_cells_below_the_heading_are_named_and_titles_above_may_merge() -> None:
    def merge(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:F1", "名录")
        sheet.merge_range("A3:A4", "A")

    data = read([[], HEAD, [None, "甲"], [None, "乙"]], merge)
    assert [(p.cell, p.code) for p in data.problems if p.code == "merged"] == [("A3:A4", "merged")]


def test_notes_under_the_table_are_left_out_and_said() -> None:
    data = read([HEAD, ["A", "甲"], [], ["注：以上为演示数据"]])
    assert data.problems == []
    assert [row.values["code"] for row in data.rows] == ["A"]
    assert data.skipped == ["A4: 注：以上为演示数据"]


def test_rows_after_a_blank_row_are_still_rows() -> None:
    data = read([HEAD, ["A", "甲"], [], ["B", "乙"]])
    assert [row.values["code"] for row in data.rows] == ["A", "B"]


def test_cells_outside_the_table_are_named() -> None:
    data = read([HEAD, ["A", "甲", 1, None, None, None, "旁注"]])
    assert [(p.cell, p.code) for p in data.problems] == [("G2", "outside")]


def test_formulas_give_their_cached_value_and_errors_are_named() -> None:
    def formulas(book: Any, sheet: Any) -> None:
        sheet.write_formula("C2", "=1+1", None, 2)
        sheet.write_formula("C3", "=1/0", None, "#DIV/0!")
        sheet.write_formula("C4", "=A1", None, "")

    data = read([HEAD, ["A", "甲"], ["B", "乙"], ["C", "丙"]], formulas)
    assert data.rows[0].values["area"] == Decimal("2")
    assert [(p.cell, p.code) for p in data.problems] == [("C3", "formula"), ("C4", "formula")]
    assert "#DIV/0!" in data.problems[0].message


def test_what_is_not_a_workbook_is_refused() -> None:
    for content in (
        b"code,name\nA,B\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600,
        b"PK\x03\x04junk",
    ):
        with pytest.raises(InvalidInput) as caught:
            read_sheet(content, "表.xlsx", COLUMNS)
        assert caught.value.problems[0].field == "file"


def rewritten(content: bytes, name: str, replace: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, replace(data) if entry == name else data)
    return out.getvalue()


def test_a_cell_at_the_far_corner_is_refused_before_memory_is_taken() -> None:
    """The reader builds a dense grid: two cells could claim seventeen thousand million."""
    content = rewritten(
        workbook([HEAD, ["A", "甲"]]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'r="B2"', b'r="XFD1048576"'),
    )
    with pytest.raises(InvalidInput) as caught:
        read_sheet(content, "表.xlsx", COLUMNS)
    assert caught.value.problems[0].code == "too-many-cells"


def test_a_part_that_states_a_false_size_is_read_to_its_true_end() -> None:
    """Sizes in a zip directory are claims: a bomb says it is small."""
    honest = rewritten(
        workbook([HEAD, ["A", "甲"]]), "docProps/app.xml", lambda _xml: b" " * 450_000_000
    )
    at = honest.rfind(b"PK\x01\x02", 0, honest.rfind(b"docProps/app.xml"))
    lying = bytearray(honest)
    lying[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    local = honest.find(b"PK\x03\x04", honest.find(b"docProps/app.xml") - 30)
    lying[local + 22 : local + 26] = (1000).to_bytes(4, "little")
    with pytest.raises(InvalidInput) as caught:
        read_sheet(bytes(lying), "表.xlsx", COLUMNS)
    assert caught.value.problems[0].code in ("zip-bomb", "damaged")


def test_an_empty_table_says_so() -> None:
    assert [p.code for p in read([HEAD]).problems] == ["empty"]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    )
)
def test_a_number_written_as_text_keeps_every_digit(number: Decimal) -> None:
    assert typed(SheetColumn("a", "a", "decimal"), f"{number:,f}", {}) == number


@given(st.integers(0, 16383), st.integers(0, 1_048_575))
def test_cell_names_are_excels(column: int, row: int) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell

    assert cell_name(row, column) == xl_rowcol_to_cell(row, column)
