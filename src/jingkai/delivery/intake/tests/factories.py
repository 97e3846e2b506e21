"""Documents for tests: a synthetic policy as text and Word file, uploaded and read."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.intake.models import SourceVersion
from jingkai.delivery.intake.services import read_version, upload_document

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[5]
SYNTHETIC = """测试市关于推动开发区高质量发展的若干措施
（征求意见稿）
为推动开发区发展，制定以下措施。
一、总体要求
1.规模稳步扩大。到2030年，全市开发区工业增加值达到880亿元，高新技术企业数量力争达到350家。
2.开放持续深入。到2030年，进出口总额达到410亿元，占全市比重60%；固定资产投资年均增长6%以上。
二、壮大产业
（一）做强主导产业。制定主导产业目录并动态调整。（市工业和信息化局牵头，市发展改革委配合）支持企业实施技术改造和设备更新项目。（市工业和信息化局、市财政局按职责分工负责）
（二）加快科技创新。布局建设市级以上创新平台和中试基地。（市科技局负责）
三、扩大开放
（三）稳定外贸外资。建设跨境电商产业园区并完善服务体系。（市商务局、市投资促进服务中心按职责分工负责）
各单位要按照任务分工落实责任。
"""


def docx(text: str) -> bytes:
    """A Word file of plain paragraphs."""
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{line}</w:t></w:r></w:p>' for line in text.split("\n")
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>',
        )
    return made.getvalue()


def as_upload(content: bytes | str, name: str = "draft.txt") -> SimpleUploadedFile:
    data = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, data)


def office() -> User:
    return UserFactory(role=Role.OFFICE)


def read(
    text: str = SYNTHETIC,
    *,
    actor: User | None = None,
    policy_code: str = "",
    document_id: int | None = None,
    stage: str = "draft",
    name: str = "draft.txt",
) -> SourceVersion:
    """A version that is uploaded and read, as the job would."""
    version = upload_document(
        upload=as_upload(text, name),
        stage=stage,
        document_id=document_id,
        title="测试措施",
        policy_code=policy_code,
        actor=actor or office(),
        now=NOW,
    )
    with transaction.atomic():
        read_version(version_id=version.pk, year=2026, now=NOW)
    version.refresh_from_db()
    return version


def reference_text() -> str:
    """The reference draft. Not ours to ship: POLICY_FILE or ../shared/policy."""
    given = os.environ.get("POLICY_FILE")
    found = [Path(given)] if given else sorted((ROOT.parent / "shared" / "policy").glob("*.txt"))
    if not found or not found[0].is_file():
        pytest.skip(
            "REFERENCE DOCUMENT NOT READ: set POLICY_FILE to the draft as a UTF-8 text file, "
            "or lay it in ../shared/policy beside the repository."
        )
    return found[0].read_text(encoding="utf-8")
