"""A file of each kind, by the page that offices use: sent, read by the job, seen in the review."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.core.audit.models import AuditEvent
from jingkai.core.jobs.models import Job
from jingkai.core.jobs.public import run_job
from jingkai.delivery.intake.models import SourceDocument, SourceVersion

from .files import blank_pdf, docx, html, pdf, wrapped

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = "/delivery/documents/"
TITLE = "云溪市推动开发区高质量发展的若干措施"
LINES = (
    TITLE,
    "云政发〔2026〕12号",
    "为推动开发区高质量发展，制定以下措施。",
    "一、总体要求",
    "1.规模稳步扩大。到2030年，全市开发区工业增加值达到880亿元，高新技术企业数量达到350家。",
    "二、壮大产业",
    "（一）做强主导产业。制定主导产业目录并动态调整。（市工业和信息化局牵头，市发展改革委配合）",
    "（二）加快科技创新。布局建设市级以上创新平台和中试基地，支持企业联合高校院所开展关键核心技术"
    "攻关，推动科技成果在开发区就地转化和产业化应用。（市科技局、市教育局按职责分工负责）",
    "三、扩大开放",
    "（三）稳定外贸外资。建设跨境电商产业园区并完善服务体系，帮助企业开拓多元化国际市场，提升贸易"
    "便利化水平。（市商务局、市贸促会、沈阳海关按职责分工负责）",
    "（四）优化营商环境。推行政务服务事项集中办理，建立重点企业和重点项目全生命周期服务机制，及时"
    "协调解决企业反映的困难和问题。（市营商局负责）",
    "各单位要按照任务分工落实责任，市商务局会同有关部门做好统筹协调、日常监测和总结评估，重要情况"
    "及时向市政府报告。",
)
"""Enough lines for the reader to see where a page breaks them."""
FILES = {
    "pdf": lambda: pdf(wrapped("\n".join(LINES))),
    "docx": lambda: docx(list(LINES)),
    "html": lambda: html(list(LINES)),
    "txt": lambda: "\n".join(LINES).encode(),
}


@pytest.fixture
def client() -> Client:
    return signed_in(UserFactory(role=Role.OFFICE))


def send(client: Client, name: str, content: bytes, **fields: str) -> SourceVersion:
    """Fill in the form of the page, then do what the worker does."""
    answer = client.post(
        f"{ROOT}upload/",
        {"file": SimpleUploadedFile(name, content), "stage": "draft", "title": "", **fields},
    )
    assert answer.status_code == 302, answer.content.decode()
    for job in Job.objects.filter(state="queued"):
        run_job(str(job.pk))
    return SourceVersion.objects.latest("pk")


def seen(client: Client, version: SourceVersion, query: str = "") -> str:
    page = client.get(f"{ROOT}versions/{version.pk}/{query}")
    assert page.status_code == 200
    return str(page.content.decode())


def plain(page: str) -> str:
    """The words of a page without its marks."""
    return re.sub(r"<[^>]+>|\s", "", page)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_sent_by_the_page_is_read_and_shown(client: Client, kind: str) -> None:
    version = send(client, f"扫描20261120-终稿(2).{kind}", FILES[kind]())
    page = seen(client, version, "?all=1")

    assert version.state == "review"
    assert f"<h1>{TITLE}</h1>" in page or TITLE in plain(page.partition("<main")[2])
    words = plain(page)
    assert "标题读自正文" in words
    for read in ("880亿元", "工业增加值", "高新技术企业", "市工业和信息化局", "市科技局"):
        assert read in words
    assert "牵头市工业和信息化局、配合市发展改革委" in words


def test_the_words_of_a_pdf_stand_beside_what_was_read(client: Client) -> None:
    version = send(client, "措施.pdf", FILES["pdf"]())
    page = seen(client, version, "?page=2")

    assert "到2030年,全市开发区工业增加值达到880亿元" in plain(page).replace("，", ",")
    assert re.search(r'<mark class="mark mark-target"[^>]*>[^<]*880', page)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: blank_pdf(3), "没有文字"),
        (lambda: blank_pdf(1, password="geheim"), "密码"),
    ],
    ids=["scanned", "locked"],
)
def test_a_pdf_without_words_is_refused_with_the_next_step(client, content, words) -> None:
    version = send(client, "扫描件.pdf", content())
    page = plain(seen(client, version))

    assert version.state == "unreadable"
    assert words in page
    assert "扫描件.pdf" in page
    assert not version.items.exists()


def test_the_two_choices_of_the_form_have_names_of_their_own(client: Client) -> None:
    page = client.get(ROOT).content.decode()
    labels = [
        re.sub(r"<.*", "", label, flags=re.S).strip()
        for label in re.findall(r"<label[^>]*>(.*?)</label>", page, flags=re.S)
    ]

    named = [label for label in labels if label]
    assert len(named) == len(set(named))
    assert {"要上传的电子文件", "所属政策文件"} <= set(named)


def test_a_title_that_a_person_gave_is_not_taken_from_the_text(client: Client) -> None:
    version = send(client, "措施.txt", FILES["txt"](), title="开发区二十条")
    page = plain(seen(client, version))

    assert version.document.title == "开发区二十条"
    assert f"正文标题：{TITLE}" in page


def test_a_title_is_corrected_in_the_review(client: Client) -> None:
    version = send(client, "措施.txt", FILES["txt"]())
    url = f"{ROOT}versions/{version.pk}/title/"
    answer = client.post(url, {"title": "云溪市开发区若干措施"}, follow=True)

    assert "标题已更正" in answer.content.decode()
    document = SourceDocument.objects.get()
    assert (document.title, document.title_from) == ("云溪市开发区若干措施", "person")
    assert AuditEvent.objects.get(action="intake.document.titled").details == {"before": TITLE}
    refused = client.post(url, {"title": "云"}, follow=True).content.decode()
    assert "2至200个字" in plain(refused)
    assert SourceDocument.objects.get().title == "云溪市开发区若干措施"


def test_a_second_version_leaves_the_title_alone(client: Client) -> None:
    first = send(client, "措施.txt", FILES["txt"]())
    text = "\n".join(LINES).replace(TITLE, f"{TITLE}实施细则")
    second = send(client, "细则.txt", text.encode(), document=str(first.document_id))

    assert second.document.title == TITLE
    assert f"正文标题：{TITLE}实施细则" in plain(seen(client, second))


def test_only_the_office_corrects_a_title(client: Client) -> None:
    version = send(client, "措施.txt", FILES["txt"]())
    clerk: User = UserFactory(role=Role.DEPARTMENT_CLERK)
    answer = signed_in(clerk).post(f"{ROOT}versions/{version.pk}/title/", {"title": "别的标题"})

    assert answer.status_code == 403
    assert SourceDocument.objects.get().title == TITLE
