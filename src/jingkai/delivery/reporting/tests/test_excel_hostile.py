"""Files that are not what they should be: each gets a clear answer, and none is kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jingkai.core.errors import InvalidInput
from jingkai.core.files.models import StoredFile
from jingkai.delivery.reporting.excel.facts import SHEET
from jingkai.delivery.reporting.excel.receiving import receive_file
from jingkai.delivery.reporting.excel.template import template_for
from jingkai.delivery.reporting.models import CellEvent, Return, ReturnFile
from jingkai.delivery.reporting.services import open_campaign
from jingkai.delivery.reporting.tests.factories import (
    NOW,
    FormItemFactory,
    FormVersionFactory,
    Stage,
    after,
    stage,
)

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_in(world: Stage, content: bytes, name: str = "月报.xlsx", **options: Any) -> None:
    receive_file(
        return_id=world.own.pk,
        upload=SimpleUploadedFile(name, content, XLSX),
        actor=world.clerk,
        now=after(hours=1),
        **options,
    )


def refusal(world: Stage, content: bytes, name: str = "月报.xlsx", **options: Any) -> InvalidInput:
    """The refusal of a file; nothing of it stays."""
    events = CellEvent.objects.count()
    with pytest.raises(InvalidInput) as caught:
        send_in(world, content, name, **options)
    assert CellEvent.objects.count() == events
    assert not ReturnFile.objects.exists()
    assert not StoredFile.objects.exists()
    (problem,) = caught.value.problems
    assert problem.field == "file"
    assert str(problem.message)
    return caught.value


def code_of(world: Stage, content: bytes, name: str = "月报.xlsx", **options: Any) -> str:
    return refusal(world, content, name, **options).problems[0].code


def repacked(content: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """The archive with parts changed and added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)), zipfile.ZIP_DEFLATED)
        for name, data in more.items():
            new.writestr(name, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def own_template(world: Stage) -> bytes:
    return template_for(world.own, now=NOW)


def test_an_empty_file() -> None:
    assert code_of(stage(), b"") == "empty"


def test_a_file_of_a_hundred_megabytes() -> None:
    error = refusal(stage(), b"PK" + bytes(100 * 1024 * 1024))
    assert error.problems[0].code == "too-large"
    assert "20 MB" in str(error)


@pytest.mark.parametrize("name", ["月报.xls", "月报.et", "月报.xlsx"])
def test_an_old_or_password_protected_file(name: str) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048)
    error = refusal(stage(), ole, name)
    assert error.problems[0].code == "protected"
    assert ".xlsx" in str(error)


@pytest.mark.parametrize("name", ["月报.csv", "月报.xlsx"])
def test_a_table_of_plain_text(name: str) -> None:
    content = "指标代码,本期\nGDP,12\n".encode("gb18030")
    assert code_of(stage(), content, name) == "type-not-accepted"


def test_a_web_page_that_calls_itself_a_workbook() -> None:
    assert code_of(stage(), b"<html><table></table></html>") == "type-not-accepted"


@pytest.mark.parametrize("name", ["月报.xlsm", "月报.xlsx"])
def test_a_file_with_macros(name: str) -> None:
    world = stage()
    with_macros = repacked(own_template(world), lambda _n, d: d, **{"xl/vbaProject.bin": b"x"})
    assert code_of(world, with_macros, name) == "macros"


def test_a_template_under_a_wrong_ending() -> None:
    world = stage()
    assert code_of(world, own_template(world), "月报.et") == "type-mismatch"


def test_a_truncated_file() -> None:
    world = stage()
    assert code_of(world, own_template(world)[:-400]) == "damaged"


def test_a_workbook_whose_sheet_is_no_xml() -> None:
    world = stage()
    broken = repacked(
        own_template(world), lambda n, d: b"\x00<<" if n.startswith("xl/worksheets/") else d
    )
    assert code_of(world, broken) == "damaged"


def test_a_zip_bomb_by_ratio() -> None:
    world = stage()
    bomb = repacked(own_template(world), lambda _n, d: d, **{"xl/media/a.xml": bytes(60_000_000)})
    assert code_of(world, bomb) == "zip-bomb"


def test_cells_far_outside_the_table() -> None:
    world = stage()
    book = openpyxl.load_workbook(io.BytesIO(own_template(world)))
    book.worksheets[0].protection.sheet = False
    book.worksheets[0]["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)
    assert code_of(world, out.getvalue()) == "too-many-cells"


def test_entities_that_blow_up() -> None:
    world = stage()
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    content = repacked(
        own_template(world), lambda n, d: entity + d if n == "xl/sharedStrings.xml" else d
    )
    assert code_of(world, content) == "active-content"


def test_a_workbook_without_a_visible_sheet() -> None:
    world = stage()
    content = repacked(
        own_template(world),
        lambda n, d: (
            d.replace(b'sheetId="1"', b'sheetId="1" state="hidden"')
            if n == "xl/workbook.xml"
            else d
        ),
    )
    assert code_of(world, content) == "no-sheet"


def other_return(world: Stage, *, period: str) -> Return:
    campaign = open_campaign(
        form_id=world.campaign.form_id, period=period, actor=world.office, now=NOW
    )
    return campaign.returns.get(zone=world.zones[0])


def test_the_template_of_another_month() -> None:
    world = stage()
    error = refusal(world, template_for(other_return(world, period="2026-08"), now=NOW))
    assert error.problems[0].code == "other-period"
    assert "2026-08" in str(error)
    assert "2026-09" in str(error)


def test_the_template_of_another_body() -> None:
    world = stage()
    error = refusal(world, template_for(world.of(world.zones[1]), now=NOW))
    assert error.problems[0].code == "other-body"
    assert world.own.body.name in str(error)


def test_the_template_of_another_form() -> None:
    world = stage()
    version = FormVersionFactory()
    FormItemFactory(version=version, indicator=world.indicators[0])
    campaign = open_campaign(form_id=version.form_id, period="2026-09", actor=world.office, now=NOW)
    content = template_for(campaign.returns.get(zone=world.zones[0]), now=NOW)
    assert code_of(world, content) == "other-form"


def test_the_template_of_an_earlier_edition_of_the_form() -> None:
    world = stage()
    content = own_template(world)
    version = FormVersionFactory(form=world.campaign.form, number=2)
    world.campaign.version = version
    world.campaign.save()
    error = refusal(world, content)
    assert error.problems[0].code == "old-version"
    assert "version 1; now 2" in str(error)


def tampered(content: bytes, where: str, old: str, new: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    cell = book[SHEET][where]
    assert old in cell.value
    cell.value = cell.value.replace(old, new)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_template_whose_hidden_facts_were_changed() -> None:
    world = stage()
    foreign = template_for(other_return(world, period="2026-08"), now=NOW)
    content = tampered(foreign, "A2", '"2026-08"', '"2026-09"')
    assert code_of(world, content) == "tampered"
    assert code_of(world, content, unsigned=True) == "tampered"


def test_a_template_whose_kept_figures_were_changed() -> None:
    world = stage()
    code = world.indicators[0].code
    assert code_of(world, tampered(own_template(world), "A6", code, "X")) == "tampered"


def test_a_template_of_another_installation(settings: Any) -> None:
    world = stage()
    content = own_template(world)
    settings.SECRET_KEY = "another installation's secret"
    assert code_of(world, content) == "tampered"


def own_table(world: Stage) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["我的台账"])
    sheet.append(["指标代码", "本期（万元）"])
    for indicator in world.indicators:
        sheet.append([indicator.code, 10_000])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_table_of_ones_own_needs_a_word_of_confirmation() -> None:
    world = stage()
    error = refusal(world, own_table(world))
    assert error.problems[0].code == "unsigned"
    assert "2026-09" in str(error)
    send_in(world, own_table(world), unsigned=True)
    assert [cell.value for cell in world.own.cells.all()] == [1, 1]
    assert not ReturnFile.objects.get().signed
