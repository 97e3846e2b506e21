"""What is kept, what is refused and who may read it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput
from jingkai.core.files import services
from jingkai.core.files.models import Attachment, StoredFile
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 10, 12, 2, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture(autouse=True)
def _files_dir(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


def workbook(extra: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet().write(0, 0, "数据")
    book.close()
    if extra:
        with zipfile.ZipFile(out, "a") as archive:
            for name, content in extra.items():
                archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/sheet.xml", b"0" * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"x" * (20 * 1024 * 1024 + 1), "too-large"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n....", "type-mismatch"),
        ("a.xlsx", PDF, "type-mismatch"),
        ("a.html", b"<html><script>alert(1)</script>", "type-not-accepted"),
        ("a.svg", b"<svg onload='x'/>", "type-not-accepted"),
        ("a.txt", b"<html>", "type-not-accepted"),
        ("a.exe", b"MZ\x00\x00", "type-not-accepted"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "protected"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xlsx", workbook({"xl/vbaProject.bin": b"macro"}), "macros"),
        ("a.xlsx", bomb(), "zip-bomb"),
    ],
)
@pytest.mark.django_db
def test_what_is_refused_says_why_and_keeps_nothing(name: str, content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        services.store(SimpleUploadedFile(name, content), now=NOW)
    assert caught.value.problems[0].code == code
    assert name in str(caught.value)
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("进展.pdf", PDF), ("表.xlsx", workbook()), ("a.csv", "区,值\n辽中,1\n".encode("gb18030"))],
)
@pytest.mark.django_db
def test_same_content_is_kept_once(name: str, content: bytes) -> None:
    first = services.store(SimpleUploadedFile(name, content), now=NOW)
    second = services.store(SimpleUploadedFile("2" + name, content), now=NOW)
    assert first == second
    assert services.path_of(first.digest).read_bytes() == content


@pytest.mark.django_db
def test_attaching_twice_is_a_conflict_that_names_the_file() -> None:
    body, user = BodyFactory(), UserFactory()
    services.attach(target=body, upload=SimpleUploadedFile("甲.pdf", PDF), actor=user, now=NOW)
    with pytest.raises(Conflict, match=r"甲\.pdf"):
        services.attach(target=body, upload=SimpleUploadedFile("乙.pdf", PDF), actor=user, now=NOW)
    assert AuditEvent.objects.filter(action="files.attached").count() == 1


@pytest.mark.django_db
def test_download_needs_the_object_to_be_visible(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = BodyFactory()
    insider, outsider = (
        UserFactory(role=Role.DEPARTMENT_CLERK, body=b) for b in (body, BodyFactory())
    )
    attachment = services.attach(
        target=body, upload=SimpleUploadedFile("甲.pdf", PDF), actor=insider, now=NOW
    )
    monkeypatch.setitem(
        services._guards, attachment.target_type, lambda user, pk: pk in user.body_ids()
    )
    url = f"/files/{attachment.pk}/"
    client.force_login(outsider)
    assert client.get(url).status_code == 404
    client.force_login(insider)
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert AuditEvent.objects.filter(action="files.read", actor=insider).count() == 1


@pytest.mark.django_db
def test_without_a_guard_nobody_reads(client: Client) -> None:
    user, body = UserFactory(role=Role.OFFICE), BodyFactory()
    attachment = services.attach(
        target=body, upload=SimpleUploadedFile("甲.pdf", PDF), actor=user, now=NOW
    )
    Attachment.objects.filter(pk=attachment.pk).update(target_type="nobody.guards")
    client.force_login(user)
    assert client.get(f"/files/{attachment.pk}/").status_code == 404


def test_a_second_guard_for_one_type_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_guards", {})
    services.register_guard("a.b", lambda user, pk: True)
    with pytest.raises(ValueError, match=r"a\.b"):
        services.register_guard("a.b", lambda user, pk: True)
