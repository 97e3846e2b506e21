"""A workbook through the door: service, pages, painted copy, receipt."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import NotPermitted
from jingkai.core.files.public import path_of
from jingkai.delivery.reporting.excel.painting import painted_copy
from jingkai.delivery.reporting.excel.reading import Mark
from jingkai.delivery.reporting.excel.receipt import check_code
from jingkai.delivery.reporting.excel.receiving import (
    Answer,
    answer_question,
    file_behind,
    receive_file,
)
from jingkai.delivery.reporting.models import (
    CellEvent,
    CellOrigin,
    FileOutcome,
    Level,
    ReturnFile,
    ReturnState,
)
from jingkai.delivery.reporting.tests.factories import Stage, after, fill, people_of, stage
from jingkai.delivery.reporting.tests.workbooks import Change, put, template

pytestmark = pytest.mark.django_db


def send_in(world: Stage, change: Change | None = None, **options: Any) -> Answer:
    content = options.pop("content", None) or template(world.own, change)
    return receive_file(
        return_id=world.own.pk,
        upload=SimpleUploadedFile("月报.xlsx", content),
        actor=options.pop("actor", world.clerk),
        now=options.pop("now", after(hours=1)),
        **options,
    )


def test_figures_are_saved_with_their_source_and_a_receipt() -> None:
    world = stage()
    answer = send_in(world, put(E6=12.5, E7="暂无", I6="按快报口径"))
    first, second = world.cell(0), world.cell(1)
    assert answer.saved
    assert (first.value, first.note, first.origin) == (Decimal("12.5"), "按快报口径", "excel")
    assert (second.value, second.absence) == (None, "missing")
    record = ReturnFile.objects.get()
    assert (record.outcome, record.saved_cells, record.signed) == (FileOutcome.SAVED, 2, True)
    assert path_of(record.file.digest).read_bytes() == answer.content
    assert record.check_code == check_code(
        world.own, record.file.digest, record.answer["saved"], record.at
    )
    assert file_behind(first) == record
    assert AuditEvent.objects.filter(action="reporting.file.received").count() == 1


def test_one_unreadable_figure_and_nothing_is_written() -> None:
    world = stage()
    answer = send_in(world, put(E6=12.5, E7="约二十"))
    assert not answer.saved
    assert not CellEvent.objects.exists()
    assert world.own.revision == 0
    assert [(m.level, m.cell) for m in answer.marks] == [(Level.FIX, "E7")]
    assert ReturnFile.objects.get().outcome == FileOutcome.REFUSED


def test_the_same_file_again_changes_nothing() -> None:
    world = stage()
    content = template(world.own, put(E6=12.5, E7=3))
    send_in(world, content=content)
    events = CellEvent.objects.count()
    answer = send_in(world, content=content, now=after(hours=2))
    assert answer.saved
    assert answer.record.saved_cells == 0
    assert CellEvent.objects.count() == events


def test_taken_in_and_sent_at_once() -> None:
    world = stage()
    answer = send_in(world, put(E6=1, E7=2), send=True)
    assert answer.record.outcome == FileOutcome.SENT
    assert world.own.state == ReturnState.SUBMITTED


def test_what_keeps_a_return_from_being_sent_does_not_keep_figures_from_being_saved() -> None:
    world = stage()
    answer = send_in(world, put(E6=1), send=True)
    assert answer.saved
    assert answer.unsent
    assert world.own.state == ReturnState.DRAFT
    assert world.cell(0).value == 1
    assert [(m.cell, m.code) for m in answer.marks] == [("E7", "unanswered")]


def test_a_stranger_and_a_signer_may_not_send_a_workbook_in() -> None:
    world = stage()
    other, _leader = people_of(world.zones[1])
    content = template(world.own, put(E6=1))
    with pytest.raises(NotPermitted):
        send_in(world, content=content, actor=world.leader)
    answered = signed_in(other).post(
        reverse("reporting:excel", args=[world.own.pk]),
        {"file": SimpleUploadedFile("月报.xlsx", content)},
    )
    assert answered.status_code == 404


def test_the_question_about_units_is_answered_with_the_kept_file(monkeypatch: Any) -> None:
    from jingkai.delivery.reporting.excel import reading

    world = stage()
    choice = reading.UnitChoice("亿元", "万元", 2, 2)
    real = reading._doubtful_units
    monkeypatch.setattr(
        reading, "_doubtful_units", lambda *a: [] if "亿元" in a[3] else [choice, *real(*a)]
    )
    asked = send_in(world, put(E6=120_000, E7=34_000))
    assert asked.record.outcome == FileOutcome.ASKED
    assert world.cell(0).value is None
    answer = answer_question(
        file_id=asked.record.pk, units={"亿元": "万元"}, actor=world.clerk, now=after(hours=2)
    )
    assert answer.saved
    assert [world.cell(0).value, world.cell(1).value] == [Decimal(12), Decimal("3.4")]


def painted(answer: Answer) -> Any:
    assert answer.painted is not None
    return openpyxl.load_workbook(io.BytesIO(answer.painted))


def test_the_painted_copy_is_the_users_own_workbook_with_marks() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet["E6"], sheet["E7"] = "约二十", 3
        sheet["B12"] = "我的注"
        sheet["B6"].font = openpyxl.styles.Font(color="FF00AA00")
        book.create_sheet("我的底稿")["A1"] = "=1+1"

    answer = send_in(stage(), change)
    book = painted(answer)
    front, sheet = book.worksheets[0], book.worksheets[1]
    assert sheet["E6"].value == "约二十"
    assert sheet["E6"].fill.fgColor.rgb.endswith("FFC7C3")
    assert "约二十" in sheet["E6"].comment.text
    assert sheet["B12"].value == "我的注"
    assert sheet["B6"].font.color.rgb == "FF00AA00"
    assert book["我的底稿"]["A1"].value == "=1+1"
    assert front["C4"].value == f"{sheet.title}!E6"
    assert front["C4"].hyperlink.location == f"'{sheet.title}'!E6"


def test_a_mended_painted_copy_is_taken_and_comes_back_clean() -> None:
    world = stage()
    book = painted(send_in(world, put(E6="约二十", E7=3)))
    sheet = book.worksheets[1]
    sheet["E6"] = 20
    out = io.BytesIO()
    book.save(out)
    answer = send_in(world, content=out.getvalue(), now=after(hours=2))
    assert answer.saved
    assert world.cell(0).value == 20
    again = openpyxl.load_workbook(
        io.BytesIO(painted_copy(answer.content, [Mark(Level.HINT, sheet.title, "E7", "x", "x")]))
    )
    assert [s.title for s in again.worksheets].count(again.worksheets[0].title) == 1
    assert again.worksheets[1]["E6"].comment is None
    assert again.worksheets[1]["E7"].comment is not None


def test_marks_in_merged_cells_and_text_that_looks_like_a_formula() -> None:
    book = openpyxl.Workbook()
    book.active.merge_cells("B2:C3")
    out = io.BytesIO()
    book.save(out)
    mark = Mark(Level.EXPLAIN, book.active.title, "C3", "=1+1", "x")
    again = openpyxl.load_workbook(io.BytesIO(painted_copy(out.getvalue(), [mark])))
    assert again.worksheets[1]["B2"].comment is not None
    assert again.worksheets[0]["D4"].data_type == "s"


def test_pages(client: Any) -> None:
    world = stage()
    browser = signed_in(world.clerk)
    page = reverse("reporting:excel", args=[world.own.pk])
    assert browser.get(page).status_code == 200
    downloaded = browser.get(reverse("reporting:excel-template", args=[world.own.pk]))
    assert downloaded.content.startswith(b"PK")
    assert browser.post(page).status_code == 422

    content = template(world.own, put(E6="约", E7=1))
    answered = browser.post(page, {"file": SimpleUploadedFile("月报.xlsx", content)}, follow=True)
    assert answered.status_code == 200
    assert "E6" in answered.content.decode()
    record = ReturnFile.objects.get()
    for name in ("painted", "original"):
        got = browser.get(reverse(f"reporting:excel-{name}", args=[world.own.pk, record.pk]))
        assert got.content.startswith(b"PK")
        assert "attachment" in got["Content-Disposition"]

    content = template(world.own, put(E6=1234567.8, E7=1))
    answered = browser.post(page, {"file": SimpleUploadedFile("月报.xlsx", content)}, follow=True)
    record = ReturnFile.objects.first()
    assert record is not None
    assert record.outcome == FileOutcome.SAVED
    got = browser.get(reverse("reporting:excel-receipt", args=[world.own.pk, record.pk]))
    text = str(
        list(openpyxl.load_workbook(io.BytesIO(got.content)).active.iter_rows(values_only=True))
    )
    for shown in (text, answered.content.decode()):
        assert record.check_code in shown
        assert "1,234,567.8" in shown


def test_other_peoples_files_do_not_exist() -> None:
    world = stage()
    record = send_in(world, put(E6=1)).record
    other, _leader = people_of(world.zones[1])
    for name in ("answer", "painted", "receipt", "original"):
        url = reverse(f"reporting:excel-{name}", args=[world.own.pk, record.pk])
        assert signed_in(other).get(url).status_code == 404
        assert signed_in(world.office).get(url).status_code == 200


def test_figures_typed_later_have_another_source() -> None:
    world = stage()
    send_in(world, put(E6=1, E7=2))
    fill(world.own, (3, 2), clerk=world.clerk, now=after(hours=2))
    assert world.cell(0).origin == CellOrigin.TYPED
    assert file_behind(world.cell(0)) is None
    assert file_behind(world.cell(1)) is not None
