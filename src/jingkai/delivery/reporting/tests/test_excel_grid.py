"""A department's grid of many places, and what is written coming back whatever it is."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.models import Indicator
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.excel.reading import FileReading, read_return_file
from jingkai.delivery.reporting.excel.template import template_for
from jingkai.delivery.reporting.models import Cell, Return
from jingkai.delivery.reporting.services import open_campaign
from jingkai.delivery.reporting.tests.factories import (
    NOW,
    FormFactory,
    FormItemFactory,
    FormVersionFactory,
    stage,
)
from jingkai.delivery.reporting.tests.workbooks import put, template
from jingkai.masterdata.organisations.tests.factories import ZoneFactory
from jingkai.masterdata.reference.public import seed_calendar

pytestmark = pytest.mark.django_db


def department_return(
    *, zones: int, indicators: int, **item: Any
) -> tuple[Return, list[Indicator], User]:
    """An open return of a department that fills in every zone and the city."""
    seed_calendar(now=NOW)
    ZoneFactory.create_batch(zones)
    measured = IndicatorFactory.create_batch(indicators)
    body = measured[0].compiler
    form = FormFactory(filled_by="department", body=body)
    version = FormVersionFactory(form=form)
    for position, indicator in enumerate(measured):
        FormItemFactory(
            version=version, indicator=indicator, position=position, coverage="both", **item
        )
    office = UserFactory(role=Role.OFFICE)
    campaign = open_campaign(form_id=form.pk, period="2026-09", actor=office, now=NOW)
    in_return = campaign.returns.select_related("campaign__form", "campaign__version", "body").get()
    return in_return, measured, UserFactory(role=Role.DEPARTMENT_CLERK, body=body)


def read(in_return: Return, change: Any = None) -> FileReading:
    return read_return_file(template(in_return, change), "表.xlsx", in_return)


def heads(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet[5] if cell.value]


def test_a_grid_has_a_row_for_each_indicator_and_a_column_for_each_place() -> None:
    in_return, indicators, _clerk = department_return(zones=2, indicators=2, with_month=True)
    book = openpyxl.load_workbook(io.BytesIO(template(in_return)))
    sheet = book.worksheets[0]
    assert heads(sheet)[4] == "whole city"
    assert len(heads(sheet)) == 4 + 3
    codes = [sheet.cell(row, 1).value for row in range(6, 10)]
    assert [code.partition("（")[0] for code in codes] == [
        indicators[0].code, indicators[0].code, indicators[1].code, indicators[1].code,
    ]  # fmt: skip
    assert codes[1] != codes[0]
    assert sheet.freeze_panes == "C6"
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.page_setup.paperSize == 9
    assert sheet.protection.sheet
    assert not sheet["E6"].protection.locked
    assert sheet["A6"].protection.locked
    assert book["_jingkai"].sheet_state == "veryHidden"


def test_figures_and_notes_of_a_grid_find_their_cells() -> None:
    in_return, indicators, _clerk = department_return(zones=2, indicators=2)

    def change(book: Any, sheet: Any) -> None:
        for column in (5, 6, 7):
            sheet.cell(6, column).value = column
            sheet.cell(7, column).value = column * 10
        book.worksheets[1]["D2"] = "口径调整"
        sheet.move_range("E5:E7", cols=6)  # the city's column now stands last

    reading = read(in_return, change)
    assert reading.problems == []
    cells = {cell.pk: cell for cell in Cell.objects.select_related("indicator")}
    said = {
        (cells[c.cell_id].indicator.code, cells[c.cell_id].scope): (c.value, c.note)
        for c in reading.changes
    }
    first, second = (i.code for i in indicators)
    zones = [s for s in dict.fromkeys(scope for _code, scope in said) if s != "CITY"]
    assert said[first, "CITY"] == (Decimal(5), None)
    assert sorted(said[first, z][0] or 0 for z in zones) == [6, 7]
    assert sorted(said[second, z][0] or 0 for z in zones) == [60, 70]
    assert [note for _value, note in said.values() if note] == ["口径调整"]


def test_an_unknown_place_with_figures_is_named() -> None:
    in_return, _indicators, _clerk = department_return(zones=2, indicators=1)
    reading = read(in_return, put(F5="不存在的开发区", F6=3))
    assert [(p.cell, p.code) for p in reading.problems] == [("F5", "unknown-column")]


def test_the_month_beside_the_running_total_has_a_row_of_its_own() -> None:
    world = stage(indicators=1, with_month=True)
    reading = read_return_file(template(world.own, put(E6=90, E7=10)), "表.xlsx", world.own)
    assert reading.problems == []
    assert {c.cell_id: c.value for c in reading.changes} == {
        world.cell(0).pk: Decimal(90),
        world.cell(0, part="month").pk: Decimal(10),
    }


@pytest.mark.parametrize(("zones", "indicators"), [(1, 1), (5, 4)])
def test_cost_does_not_grow(
    zones: int, indicators: int, django_assert_max_num_queries: Any
) -> None:
    in_return, _measured, _clerk = department_return(zones=zones, indicators=indicators)
    with django_assert_max_num_queries(8):
        content = template_for(in_return, now=NOW)
    with django_assert_max_num_queries(7):
        read_return_file(content, "表.xlsx", in_return)


figures = st.decimals(
    min_value=Decimal("-999999999999"), max_value=Decimal("999999999999"), places=6
) | st.decimals(min_value=-1000, max_value=1000, places=2)


@pytest.fixture
def blank() -> tuple[Return, bytes]:
    world = stage(indicators=1)
    return world.own, template_for(world.own, now=NOW)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=figures, as_text=st.booleans(), grouped=st.booleans())
def test_any_figure_written_comes_back_the_same(
    blank: tuple[Return, bytes], value: Decimal, as_text: bool, grouped: bool
) -> None:
    in_return, content = blank
    book = openpyxl.load_workbook(io.BytesIO(content))
    exact = len(value.normalize().as_tuple().digits) <= 15
    book.worksheets[0]["E6"] = (
        f"{value:,f}" if grouped else f"{value:f}" if as_text or not exact else float(value)
    )
    out = io.BytesIO()
    book.save(out)
    reading = read_return_file(out.getvalue(), "表.xlsx", in_return)
    assert reading.problems == []
    assert [change.value for change in reading.changes] == [value]
