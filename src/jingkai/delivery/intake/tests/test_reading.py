"""Bringing in and reading: what is refused, what is kept, read once, and by whom."""

from __future__ import annotations

import pytest
from django.db import transaction

from jingkai.core.accounts.roles import OFFICIALS, Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted
from jingkai.core.jobs.models import Job
from jingkai.delivery.intake import services
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceState
from jingkai.masterdata.organisations.models import BodyAlias
from jingkai.masterdata.organisations.tests.factories import BodyFactory

from .factories import NOW, SYNTHETIC, as_upload, docx, office, read


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "empty"),
        ("a.exe", b"MZ\x00\x01", "type-not-accepted"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "protected"),
        ("a.pdf", "只是文字".encode(), "type-mismatch"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50, "type-not-accepted"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_once(name, content, code) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.upload_document(
            upload=as_upload(content, name), stage="draft", title="某文件", actor=office(), now=NOW
        )

    assert refused.value.problems[0].code == code
    assert not Job.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        (
            "a.txt",
            b"Nothing but English words, at length. " * 30,
            "not-chinese",
        ),
        ("a.docx", docx(""), "empty"),
        ("a.html", b"<html><body></body></html>", "empty"),
    ],
)
def test_what_cannot_be_read_says_why_and_is_kept(name, content, code) -> None:
    version = read_file(content, name)

    assert version.state == SourceState.UNREADABLE
    assert version.refusal in {code, "not-text", "not-chinese", "scanned"}
    assert version.file.size == len(content)


def read_file(content, name):
    version = services.upload_document(
        upload=as_upload(content, name), stage="draft", title="某文件", actor=office(), now=NOW
    )
    with transaction.atomic():
        services.read_version(version_id=version.pk, year=2026, now=NOW)
    version.refresh_from_db()
    return version


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", SYNTHETIC.encode()),
        ("a.docx", docx(SYNTHETIC)),
        (
            "a.html",
            f"<html><body><p>{SYNTHETIC.replace(chr(10), '</p><p>')}</p></body></html>".encode(),
        ),
    ],
)
def test_each_format_gives_the_same_things(name, content) -> None:
    version = read_file(content, name)

    assert version.state == SourceState.REVIEW
    kinds = {
        kind: version.items.filter(kind=kind).count() for kind in ("measure", "clause", "target")
    }
    assert kinds == {"measure": 3, "clause": 4, "target": 5}


@pytest.mark.django_db
def test_every_thing_has_its_place_in_the_text() -> None:
    version = read()

    for item in version.items.exclude(start=None):
        assert 0 <= item.start <= item.end <= len(version.text)
        section = version.sections[item.section]
        assert section["start"] <= item.start < section["end"]
    target = version.items.get(kind=ItemKind.TARGET, key="target:1")
    assert "880亿元" in version.text[target.start : target.end]


@pytest.mark.django_db
def test_the_same_file_is_not_taken_twice() -> None:
    me = office()
    version = read(actor=me)

    with pytest.raises(Conflict):
        read(actor=me, document_id=version.document_id)


@pytest.mark.django_db
def test_a_second_file_is_the_next_version() -> None:
    me = office()
    first = read(actor=me)
    second = read(SYNTHETIC.replace("880", "900"), actor=me, document_id=first.document_id)

    assert (second.document_id, second.number) == (first.document_id, 2)


@pytest.mark.django_db
def test_reading_twice_reads_once() -> None:
    version = read()
    before = list(version.items.values_list("pk", flat=True))
    with transaction.atomic():
        services.read_version(version_id=version.pk, year=2026, now=NOW)

    assert list(version.items.values_list("pk", flat=True)) == before


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICE}))
def test_only_the_office_brings_in_decides_and_takes_over(role) -> None:
    version = read()
    other = UserFactory(role=role)
    item = version.items.first()
    calls = [
        lambda: services.upload_document(
            upload=as_upload("其他文字"), stage="draft", actor=other, now=NOW
        ),
        lambda: services.decide_item(
            item_id=item.pk, action="accept", revision=0, actor=other, now=NOW
        ),
        lambda: services.accept_all(version_id=version.pk, kind="measure", actor=other, now=NOW),
        lambda: services.begin_publication(version_id=version.pk, given={}, actor=other, now=NOW),
        lambda: services.publish_version(version_id=version.pk, actor=other, now=NOW),
        lambda: services.discard_version(version_id=version.pk, reason="x", actor=other, now=NOW),
    ]
    for call in calls:
        with pytest.raises(NotPermitted):
            call()
    item.refresh_from_db()
    assert item.state == ItemState.PENDING


def test_officials_are_those_who_read() -> None:
    from jingkai.delivery.intake.rules import can_read

    assert {Role.OFFICE, Role.LEADER} <= OFFICIALS
    assert callable(can_read)


@pytest.mark.django_db
def test_a_body_is_known_by_its_alias_and_never_guessed() -> None:
    body = BodyFactory(name="市工业和信息化委员会")
    BodyAlias.objects.create(body=body, name="市工业和信息化局")
    version = read()
    known = version.items.get(kind=ItemKind.BODY, title="市工业和信息化局")
    unknown = version.items.get(kind=ItemKind.BODY, title="市投资促进服务中心")

    assert (known.proposal, known.likeness) == (body.code, 100)
    assert unknown.state == ItemState.PENDING
    taken, left = services.accept_all(
        version_id=version.pk, kind=ItemKind.BODY, actor=office(), now=NOW
    )
    assert (taken, left) == (1, 5)
