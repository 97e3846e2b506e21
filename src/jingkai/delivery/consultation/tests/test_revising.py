"""The revised draft in Word: every change in view, and read again it is the revised text."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.core.documents import read_document
from jingkai.delivery.consultation.revising import marked_lines, revised_docx
from jingkai.delivery.consultation.rewriting import revised_text
from jingkai.delivery.consultation.tests.factories import TEXT, opened

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
NEW = "到2030年，园区进出口总额达到1474亿元，工业增加值达到100亿元。"


def xml_of(file: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return archive.read("word/document.xml").decode()


def words_in(xml: str, tag: str) -> list[str]:
    """The words of each revision of one kind."""
    found = re.findall(rf"<w:{tag} .*?</w:{tag}>", xml)
    return ["".join(re.findall(r"<w:(?:t|delText)[^>]*>([^<]*)<", mark)) for mark in found]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("一行", []),
        ("甲乙\n丙丁戊\n己", [(3, 6, "丙丁庚戊")]),
        ("甲。乙。丙。", [(0, 2, "新。"), (4, 6, "旧丙。")]),
        ("\t一\n\t二\n\t三", [(0, 8, "\t一\n\t四")]),
        ("甲\n乙", [(0, 3, "甲\n新\n乙")]),
        ("甲\n乙", [(2, 3, "")]),
    ],
)
def test_both_texts_come_out_of_the_marked_one(text: str, changes: list) -> None:
    lines = marked_lines(text, changes)
    new = text
    for start, end, words in sorted(changes, reverse=True):
        new = new[:start] + words + new[end:]

    assert "".join(line.before for line in lines) == text.replace("\n", "")
    assert "".join(line.after for line in lines) == new.replace("\n", "")


def adopted():
    r = opened()
    anchor = next(a for a in r.row.anchors.all() if "1400亿元" in r.row.text[a.start : a.end])
    r.decide(r.topic(r.say("与正文不一致", clause=anchor.key)), wording=NEW, reason="")
    return r


@pytest.mark.django_db
def test_what_was_struck_out_and_put_in_is_marked(settings) -> None:
    settings.DEMO = False
    row = adopted().fresh()
    xml = xml_of(revised_docx(row, now=NOW))

    assert words_in(xml, "del") == ["1400"]
    assert words_in(xml, "ins") == ["1474"]
    assert 'w:author="采纳意见"' in xml
    numbers = re.findall(r'w:id="(\d+)"', xml)
    assert len(numbers) == len(set(numbers))


@pytest.mark.django_db
def test_the_word_file_can_be_brought_in_as_the_next_version(settings) -> None:
    settings.DEMO = False
    row = adopted().fresh()
    read = read_document(revised_docx(row, now=NOW))

    lines = [line for line in revised_text(row).split("\n") if line.strip()]
    assert read.format == "docx"
    assert [line for line in read.text.split("\n") if line.strip()] == lines


@pytest.mark.django_db
def test_without_changes_it_is_the_draft(settings) -> None:
    settings.DEMO = False
    xml = xml_of(revised_docx(opened().row, now=NOW))

    assert "<w:ins" not in xml
    assert "<w:del" not in xml
    assert re.sub(r"<[^>]+>", "", xml).strip() == TEXT.replace("\n", "")


@pytest.mark.django_db
def test_the_office_takes_it_from_the_table_and_the_trail_says_so() -> None:
    r = adopted()
    client = signed_in(r.office)
    page = client.get(f"/delivery/consultation/{r.row.pk}/table/").content.decode()
    address = f"/delivery/consultation/{r.row.pk}/revised/?format=docx"
    assert address in page

    answer = client.get(address)
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    assert "1474" in xml_of(answer.content)
    assert AuditEvent.objects.get(action="consultation.text.exported").details == {"format": "docx"}
    assert signed_in(r.clerk).get(address).status_code in (403, 404)
    told = client.get(f"/api/v1/consultation/rounds/{r.row.pk}/revised?format=docx")
    assert words_in(xml_of(told.content), "ins") == ["1474"]
