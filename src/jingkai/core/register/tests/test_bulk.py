"""Large files: the way by column writes, refuses and remembers what the way by row does."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from bench import _firms as firms
from django.db import transaction

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.public import AuditEvent
from jingkai.core.register.bulk import MIN_ROWS, fits
from jingkai.core.register.cells import MISSING, SheetColumn, SheetData, typed
from jingkai.core.register.columns import typed_column
from jingkai.core.register.imports import ImportResult, import_rows, telling
from jingkai.core.register.sheets import read_sheet
from jingkai.core.verdicts import ALLOWED

NOW = datetime(2026, 10, 12, 0, tzinfo=UTC)
COUNT = MIN_ROWS + 20


@pytest.fixture(autouse=True)
def _tables(db: None) -> None:
    firms.make_tables()


@pytest.fixture
def actor() -> Any:
    return UserFactory(role=Role.OFFICE)


def book(lines: list[list[Any]], heads: tuple[str, ...] = firms.NAMES) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet("企业")
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, heads)
        for number, line in enumerate(lines, start=1):
            for index, value in enumerate(line):
                firms.write_cell(sheet, number, index, value, day)
    return out.getvalue()


def read(lines: list[list[Any]]) -> SheetData:
    return read_sheet(book(lines), "企业.xlsx", firms.columns())


def take(
    data: SheetData,
    actor: Any,
    *,
    by_row: bool = False,
    dry_run: bool = False,
    prepare: Callable[[Any], None] | None = None,
) -> ImportResult:
    if by_row:
        assert data.rows
    return import_rows(
        data,
        model=firms.OurFirm,
        key="code",
        verdict=ALLOWED,
        action="bench.firm",
        actor=actor,
        now=NOW,
        dry_run=dry_run,
        prepare=prepare,
    )


def table() -> list[tuple[Any, ...]]:
    return list(firms.OurFirm.objects.order_by("code").values_list(*firms.NAMES))


def trail() -> list[tuple[Any, ...]]:
    events = AuditEvent.objects.filter(action__startswith="bench.").order_by("pk")
    return [
        (e.action, e.target_label, e.summary, e.row_count, e.actor_label, plain(e.details))
        for e in events
    ]


def plain(details: dict[str, Any]) -> dict[str, Any]:
    """Numbers of one value alike, however many noughts are written behind them."""

    def one(value: Any) -> Any:
        if isinstance(value, str) and value.replace(".", "", 1).isdigit():
            return Decimal(value).normalize()
        return value

    changes = details.get("changes", {})
    alike = {name: [one(value) for value in pair] for name, pair in changes.items()}
    return {**details, "changes": alike}


def test_both_ways_write_the_same_rows_and_the_same_history(actor: Any) -> None:
    first = list(firms.rows(COUNT))
    second = list(firms.rows(COUNT, changed=True))
    second[3][6], second[4][2], second[5][14] = "经开区01", "", None
    first[3][6], first[4][2], first[5][14] = "经开区02", "甲\t乙\\", 7
    outcomes = []
    books = [book(first), book(second)]
    for by_row in (True, False):
        with transaction.atomic():
            results = [
                take(read_sheet(b, "企业.xlsx", firms.columns()), actor, by_row=by_row)
                for b in books
            ]
            told = [(r.created, r.changed, r.unchanged, r.problems, r.summary()) for r in results]
            shown = [
                (c.number, c.label, c.kind, plain({"changes": c.changes}))
                for r in results
                for c in r.changes
            ]
            outcomes.append((told, shown, table(), trail()))
            transaction.set_rollback(True)
    by_row_outcome, by_column_outcome = outcomes
    assert by_row_outcome[0][0][:3] == (COUNT, 0, 0)
    assert by_row_outcome[0][1][1] > COUNT // 25
    for ours, theirs in zip(by_column_outcome, by_row_outcome, strict=True):
        different = [(x, y) for x, y in zip(ours, theirs, strict=True) if x != y]
        assert different == []


def test_both_ways_name_the_same_wrong_cells(actor: Any) -> None:
    lines = list(firms.rows(COUNT))
    lines[2][3] = "名" * 21  # the sheet knows its length
    lines[7][15] = 3.14159
    lines[9][0] = lines[8][0]
    lines[11][13] = -3
    lines[12][16] = 10**15
    with_long = read(lines)
    assert [p.cell for p in with_long.problems] == ["D4"]
    lines[2][3] = "短"
    found = [
        [
            (p.sheet, p.cell, p.field, p.message, p.code)
            for p in take(read(lines), actor, by_row=r).problems
        ]
        for r in (True, False)
    ]
    assert [cell for _s, cell, *_rest in found[1]] == ["P9", "A11", "N13", "Q14"]
    assert found[0] == found[1]
    assert not table()


def test_a_constraint_names_its_rows_and_nothing_is_written(actor: Any) -> None:
    lines = list(firms.rows(COUNT))
    lines[100][18] = lines[100][17] + 1
    lines[300][18] = lines[300][17] + 1
    result = take(read(lines), actor)
    assert [(p.place, p.message) for p in result.problems] == [
        ("企业!S102", "税收大于产值。"),
        ("企业!S302", "税收大于产值。"),
    ]
    assert not table()
    assert not trail()


def test_a_dry_run_tells_and_leaves_nothing(actor: Any) -> None:
    heard: list[int] = []
    with telling(lambda percent, words: heard.append(percent)):
        result = take(read(list(firms.rows(COUNT))), actor, dry_run=True)
    assert (result.created, len(result.changes), result.changes[0].number) == (COUNT, 50, 2)
    assert heard == sorted(heard)
    assert heard
    assert not table()
    assert not trail()


def test_columns_the_file_lacks_are_left_alone(actor: Any) -> None:
    take(read(list(firms.rows(COUNT))), actor)
    before = firms.OurFirm.objects.get(code=f"91210100{4:010d}")
    lines = [[f"91210100{n:010d}", 9000 + n] for n in range(COUNT)]
    columns = tuple(
        SheetColumn(c.key, c.label, c.kind, required=c.key == "code")
        for c in firms.columns()
        if c.key in ("code", "staff")
    )
    data = read_sheet(book(lines, ("code", "staff")), "人员.xlsx", columns)
    assert take(data, actor).changed == COUNT
    after = firms.OurFirm.objects.get(pk=before.pk)
    assert (after.staff, after.name, after.place_id) == (9004, before.name, before.place_id)
    event = AuditEvent.objects.get(action="bench.firm.changed", target_id=str(before.pk))
    assert (event.target_label, event.details["changes"]) == (
        str(before),
        {"staff": [before.staff, 9004]},
    )


def test_new_objects_need_the_columns_the_file_lacks(actor: Any) -> None:
    lines = [[f"91210100{n:010d}", n] for n in range(COUNT)]
    columns = tuple(
        SheetColumn(c.key, c.label, c.kind) for c in firms.columns() if c.key in ("code", "staff")
    )
    data = read_sheet(book(lines, ("code", "staff")), "人员.xlsx", columns)
    result = take(data, actor)
    assert len(result.problems) == 200
    assert {p.field for p in result.problems} >= {"name", "founded", "area", "place"}
    assert not table()


def test_a_preparation_of_the_service_is_asked_for_each_row(actor: Any) -> None:
    def mark(firm: Any) -> None:
        firm.remark = f"{firm.code[-2:]}号"

    assert fits(firms.OurFirm, firms.NAMES)
    assert take(read(list(firms.rows(COUNT))), actor, prepare=mark).created == COUNT
    assert set(firms.OurFirm.objects.values_list("remark", flat=True)) == {
        f"{n:02d}号" for n in range(100)
    }


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("text", ["甲 ", "", 3.0, 2.5, True]),
        ("decimal", [1.0, 0.1, "0", "1,2.5", "１２", "", " 7 ", "x", True, float("inf"), "NaN"]),
        ("integer", [3.0, "4", "4.5", 2.5, "", True]),
        (
            "date",
            ["2026-02-30", "2026年9月1日", NOW, "", 20260901.0],
        ),
        ("boolean", [True, "是", 0.0, "也许", ""]),
        ("choice", ["国家级", "县级", 1.0, ""]),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_a_column_is_typed_as_its_cells_are(kind: str, cells: list[Any], required: bool) -> None:
    column = SheetColumn("a", "a", kind, required=required, max_length=5)
    choices = {"国家级": "national", "1": "one"}
    values, wrong = typed_column(column, cells, choices)
    for n, cell in enumerate(cells):
        expected, said = alone(column, cell, choices)
        assert (values[n], type(values[n]), wrong.get(n, "")) == (expected, type(expected), said)


def alone(column: SheetColumn, cell: Any, choices: dict[str, Any]) -> tuple[Any, str]:
    try:
        return typed(column, cell, choices), ""
    except ValueError as error:
        return MISSING, str(error)
