"""The office brings in a document, corrects, rejects, takes it over and sees a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.core.jobs.models import Job
from jingkai.core.jobs.public import run_job
from jingkai.delivery.indicators.models import Target
from jingkai.delivery.intake import services
from jingkai.delivery.intake.models import ItemKind, ItemState, SourceVersion
from jingkai.masterdata.organisations.tests.factories import BodyFactory

from .factories import NOW, SYNTHETIC, docx, office, read

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = "/delivery/documents/"


def work_the_queue() -> None:
    """What the worker does: every job that waits."""
    for job in Job.objects.filter(state="queued"):
        run_job(str(job.pk))


def look(page, name: str) -> None:
    """Keep a picture where SHOTS says."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def me(db):
    BodyFactory(code="GOV", name="市政府", name_en="Municipal Government")
    return office()


@pytest.fixture
def desk(page, live_server, me):
    cookie = signed_in(me).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(live_server.url + ROOT)
    return page


def test_from_the_file_to_the_sentence_behind_a_target(desk, live_server, me) -> None:
    word = {"name": "某市措施.docx", "mimeType": "application/octet-stream"}
    look(desk, "documents-empty")
    desk.set_input_files("input[name=file]", {**word, "buffer": docx(SYNTHETIC)})
    desk.fill("input[name=title]", "某市推动开发区高质量发展的若干措施")
    desk.locator("form .btn-primary").click()
    expect(desk.locator("#reading progress")).to_be_visible()
    desk.reload()
    look(desk, "reading")
    work_the_queue()
    expect(desk.locator(".review")).to_be_visible(timeout=15_000)
    version = SourceVersion.objects.get()

    desk.goto(f"{live_server.url}{ROOT}versions/{version.pk}/?page=2")
    look(desk, "review")
    card = desk.locator(".read-item", has_text="工业增加值").first
    card.focus()
    expect(desk.locator("mark.here").first).to_be_visible()
    desk.keyboard.press("c")
    form = desk.locator("#drawer form").first
    form.locator("[name=value]").fill("900")
    look(desk, "correct")
    form.locator(".btn-primary").click()
    expect(desk.locator(".read-item[data-state=corrected]")).to_contain_text("900")

    expect(desk.locator("#drawer.open")).to_have_count(0)  # closing gives the focus back
    desk.wait_for_load_state("networkidle")
    rejected = desk.locator(".read-item", has_text="高新技术企业数量").first
    rejected.focus()
    desk.keyboard.press("r")
    expect(rejected.locator(".reject input[name=reason]")).to_be_focused()
    desk.keyboard.type("与现行口径不一致")
    desk.keyboard.press("Enter")
    expect(desk.locator(".read-item[data-state=rejected]")).to_contain_text("与现行口径不一致")

    desk.wait_for_load_state("networkidle")
    accepted = desk.locator(".read-item", has_text="进出口总额").first
    accepted.focus()
    desk.keyboard.press("a")
    expect(desk.locator(".read-item[data-state=accepted]").first).to_be_visible()

    for item in version.items.filter(state=ItemState.PENDING).exclude(kind=ItemKind.FINDING):
        services.decide_item(item_id=item.pk, action="accept", revision=None, actor=me, now=NOW)
    desk.goto(f"{live_server.url}{ROOT}versions/{version.pk}/publish/")
    desk.fill("[name=code]", "ceshi")
    desk.fill("[name=city]", "210200")
    desk.select_option("[name=approved_by]", "GOV")
    desk.select_option("[name=coordinator]", "GOV")
    look(desk, "publish")
    desk.locator("#publishing .btn-primary").click()
    expect(desk.locator("#publishing progress").last).to_be_visible()
    work_the_queue()
    expect(desk.locator("#publishing")).to_contain_text("ceshi", timeout=15_000)
    look(desk, "published")

    target = Target.objects.get(indicator__name="工业增加值")
    assert target.value == 900
    desk.goto(f"{live_server.url}/delivery/indicators/{target.indicator.code}/")
    desk.click("[data-tab=definition]")
    desk.locator("[data-sentence]").first.click()
    expect(desk.locator("#drawer mark")).to_contain_text("880亿元")
    look(desk, "sentence")


def test_what_changed_and_how_it_looks_on_a_phone(desk, live_server, me) -> None:
    first = read(actor=me)
    new = SYNTHETIC.replace("880亿元", "920亿元").replace("并动态调整", "并每年动态调整")
    new = new.replace("（市科技局负责）", "（市科技局、市教育局按职责分工负责）")
    second = read(new, actor=me, document_id=first.document_id, stage="final")
    desk.goto(f"{live_server.url}{ROOT}compare/?new={second.pk}")
    expect(desk.locator("#target ins").first).to_contain_text("920")
    expect(desk.locator("#clause ins").first).to_contain_text("每年")
    look(desk, "compare")
    desk.set_viewport_size({"width": 390, "height": 844})
    for name, address in (
        ("documents", ROOT),
        ("review", f"{ROOT}versions/{second.pk}/?page=2"),
        ("questions", f"{ROOT}versions/{second.pk}/?all=1&kind=finding"),
        ("publish", f"{ROOT}versions/{second.pk}/publish/"),
        ("compare", f"{ROOT}compare/?new={second.pk}"),
    ):
        desk.goto(live_server.url + address)
        look(desk, f"phone-{name}")
        assert desk.evaluate("document.documentElement.scrollWidth") <= 390, name
