"""Filled workbooks read back: tolerant about form, strict about meaning."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from jingkai.delivery.indicators.public import HistoryRow, Origin, load_history
from jingkai.delivery.reporting.excel.reading import FileReading, UnitChoice, read_return_file
from jingkai.delivery.reporting.models import CellOrigin
from jingkai.delivery.reporting.tests.factories import NOW, Stage, after, fill, sent, stage
from jingkai.delivery.reporting.tests.workbooks import Change, put, template

pytestmark = pytest.mark.django_db


def read(world: Stage, change: Change | None = None, **options: Any) -> FileReading:
    return read_return_file(template(world.own, change), "月报.xlsx", world.own, **options)


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


def test_a_percentage_is_read_as_it_is_shown() -> None:
    world = stage(indicators=1)
    indicator = world.indicators[0]
    indicator.unit = "%"
    indicator.save()

    def change(book: Any, sheet: Any) -> None:
        sheet["E6"] = 0.053
        sheet["E6"].number_format = "0.00%"

    reading = read(world, change)
    assert values(reading) == [(Decimal("5.3"), "")]
    assert [n.code for n in reading.notes] == ["percent"]


def test_a_percentage_where_an_amount_is_asked_is_a_problem() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["E6"] = 0.053
        sheet["E6"].number_format = "0.00%"

    reading = read(stage(indicators=1), change)
    assert [(p.cell, p.code) for p in reading.problems] == [("E6", "unit_mismatch")]


def with_formula(content: bytes, formula: str, value: float | None) -> bytes:
    """`content` with a formula in E6 and the value a spreadsheet computed, or none."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                computed = b"" if value is None else f"<v>{value}</v>".encode()
                data, count = re.subn(
                    rb'<c r="E6"( s="\d+")?/>',
                    rb'<c r="E6"\1><f>' + formula.encode() + b"</f>" + computed + b"</c>",
                    data,
                )
                assert count == 1
            new.writestr(info, data)
    return out.getvalue()


def test_the_computed_value_of_a_formula_is_taken_and_told() -> None:
    world = stage(indicators=1)
    content = with_formula(template(world.own), "1.1*3", 3.3000000000000003)
    reading = read_return_file(content, "表.xlsx", world.own)
    assert values(reading) == [(Decimal("3.3"), "")]
    assert [(n.code, n.cell) for n in reading.notes] == [("formula", "E6")]


def test_a_formula_nobody_computed_is_a_problem() -> None:
    world = stage(indicators=1)
    content = with_formula(template(world.own), "1.1*3", None)
    reading = read_return_file(content, "表.xlsx", world.own)
    assert [(p.cell, p.code) for p in reading.problems] == [("E6", "formula")]
    assert "save it" in reading.problems[0].message


def test_hidden_rows_and_columns_are_read_and_told() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["E6"], sheet["E7"] = 1, 2
        sheet.row_dimensions[7].hidden = True

    reading = read(stage(), change)
    assert values(reading) == [(Decimal(1), ""), (Decimal(2), "")]
    assert [(n.code, n.cell) for n in reading.notes] == [("hidden", "E7")]

    def hide_column(book: Any, sheet: Any) -> None:
        sheet["E6"] = 1
        sheet.column_dimensions["E"].hidden = True

    assert [n.code for n in read(stage(), hide_column).notes] == ["hidden"]


def test_a_hidden_sheet_is_told_and_not_read() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["E6"] = 1
        copy = book.copy_worksheet(sheet)
        copy["E6"] = 99
        copy.sheet_state = "hidden"

    reading = read(stage(), change)
    assert values(reading) == [(Decimal(1), "")]
    assert [n.code for n in reading.notes] == ["hidden-sheet"]


def test_two_sheets_with_figures_are_a_problem() -> None:
    reading = read(stage(), lambda book, sheet: book.copy_worksheet(sheet))
    assert "two-tables" in [p.code for p in reading.problems]


def test_notes_and_merged_titles_are_left_out_and_told() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["E6"] = 1
        sheet["A20"] = "注：本月数据为初步统计"
        sheet["B21"] = "联系人：演示"

    reading = read(stage(), change)
    assert reading.problems == []
    assert [(n.code, n.cell) for n in reading.notes] == [("note", "A20")]
    assert "B21" in reading.notes[0].message


def test_merged_entry_cells_are_a_problem() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["E6"] = 1
        sheet.merge_cells("E6:E7")

    reading = read(stage(), change)
    assert {(p.cell, p.code) for p in reading.problems} == {("E6", "merged"), ("E7", "merged")}
    assert "E6:E7" in reading.problems[0].message


def test_columns_sorted_apart_are_noticed() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["A6"].value, sheet["A7"].value = sheet["A7"].value, sheet["A6"].value
        sheet["E6"] = 1

    reading = read(stage(), change)
    assert [(p.cell, p.code) for p in reading.problems] == [
        ("A6", "code-and-name"),
        ("A7", "code-and-name"),
    ]


def test_rows_that_are_unknown_doubled_or_without_code() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["A8"], sheet["E8"] = "NO_SUCH", 5
        sheet["E12"] = 6
        sheet["A13"], sheet["E13"] = sheet["A6"].value, 7

    reading = read(stage(), change)
    assert [(p.cell, p.code) for p in reading.problems] == [
        ("A8", "unknown-code"),
        ("A12", "row-without-code"),
        ("A13", "doubled-row"),
    ]


def test_a_row_without_code_is_found_by_its_name_and_told() -> None:
    reading = read(stage(), put(A6=None, E6=5))
    assert values(reading) == [(Decimal(5), "")]
    assert [n.code for n in reading.notes] == ["by-name"]


def test_deleted_rows_stay_as_they_are_and_are_told() -> None:
    world = stage()
    fill(world.own, (10, 20), clerk=world.clerk)
    reading = read(world, lambda book, sheet: sheet.delete_rows(7))
    assert (reading.changes, reading.problems) == ([], [])
    assert [n.code for n in reading.notes] == ["absent"]


def test_a_missing_heading_and_a_doubled_one() -> None:
    assert [p.code for p in read(stage(), put(A5="x", B5="y")).problems] == ["no-heading"]
    assert [p.code for p in read(stage(), put(E5="口号")).problems] == ["missing-column"]
    codes = [p.code for p in read(stage(), put(K5="本期")).problems]
    assert codes == ["doubled-column"]


def test_an_emptied_figure_is_a_change() -> None:
    world = stage()
    fill(world.own, (10, 20), clerk=world.clerk)
    assert values(read(world, put(E6=None))) == [(None, "")]


def test_a_figure_changed_by_somebody_else_after_the_download() -> None:
    world = stage()
    fill(world.own, (10, 20), clerk=world.clerk)
    untouched, both = template(world.own), template(world.own, put(E6=12))
    fill(world.own, (11, 20), clerk=world.clerk, now=after(hours=1))

    kept = read_return_file(untouched, "表.xlsx", world.own)
    assert (kept.changes, kept.problems) == ([], [])
    assert [n.code for n in kept.notes] == ["kept"]
    clash = read_return_file(both, "表.xlsx", world.own)
    assert [(p.cell, p.code) for p in clash.problems] == [("E6", "changed-meanwhile")]
    assert "11" in clash.problems[0].message


def test_a_figure_that_was_sent_already_is_closed() -> None:
    world = stage()
    sent(world)
    reading = read(world, put(E6=99))
    assert [(p.cell, p.code) for p in reading.problems] == [("E6", "closed")]
    assert read(world).problems == []


def test_figures_filled_in_beforehand_and_sent_back_are_confirmed() -> None:
    world = stage()
    cell = world.cell(0)
    cell.value, cell.origin, cell.revision = Decimal(8), CellOrigin.PREFILLED, 1
    cell.save()
    reading = read(world)
    assert [(c.cell_id, c.value) for c in reading.changes] == [(cell.pk, Decimal(8))]


def test_figures_that_look_written_in_another_unit_are_asked_about() -> None:
    world = stage(indicators=3)
    load_history(
        rows=[
            HistoryRow(indicator.code, world.zones[0].code, "2026-08", Decimal(12))
            for indicator in world.indicators
        ],
        actor=None,
        now=NOW,
        origin=Origin.SYNTHETIC,
        reason="test",
    )
    many = put(E6=130_000, E7=125_000, E8=118_000)
    reading = read(world, many)
    assert reading.choices == [UnitChoice("亿元", "万元", 3, 3)]
    assert values(reading)[0] == (Decimal(130_000), "")
    told = read(world, many, units={"亿元": "万元"})
    assert told.choices == []
    assert values(told)[0] == (Decimal(13), "")
    assert read(world, many, units={"亿元": "亿元"}).choices == []
