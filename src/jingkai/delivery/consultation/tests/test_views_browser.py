"""The whole journey in a real browser: a stranger's phone, a body, the office, a second person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from jingkai.core.accounts.models import User
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.core.documents import read_document
from jingkai.delivery.consultation.models import Comment, Decision, InvitedBody

from .factories import Round, opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BASE = "/delivery/consultation/"
WORDS = "建议将进出口总额目标由1400亿元调整为1474亿元，与正文保持一致"


@pytest.fixture
def held(transactional_db: None) -> Round:
    return opened(real_time=True)


@pytest.fixture
def enter(page: Any, live_server: Any) -> Callable[[User, str], Any]:
    def go(person: User, path: str) -> Any:
        cookie = signed_in(person).cookies["sessionid"].value
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + BASE + path)
        return page

    return go


def goal_of(held: Round) -> Any:
    return next(a for a in held.row.anchors.all() if "1400亿元" in held.row.text[a.start : a.end])


def test_a_stranger_comments_on_a_clause_by_phone(page: Any, live_server: Any, held: Round) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{BASE}open/")
    page.get_by_role("link", name=held.row.title).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    clause = page.locator(f"[id='{goal_of(held).key}']")
    clause.get_by_role("link").click()
    form = clause.locator(".slot form")
    form.locator("[name=text]").fill(WORDS)
    form.locator("[name=name]").fill("王小明")
    form.get_by_role("button").click()
    code = clause.locator(".receipt-code").inner_text()
    comment = Comment.objects.get()
    assert (comment.anchor, comment.text) == (goal_of(held), WORDS)
    page.goto(f"{live_server.url}{BASE}open/receipt/")
    page.fill("[name=code]", code)
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text(WORDS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_form_works_without_scripts(browser: Any, live_server: Any, held: Round) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}{BASE}open/{held.row.pk}/")
    page.locator(f"[id='{goal_of(held).key}']").get_by_role("link").click()
    page.fill("[name=text]", WORDS)
    page.locator("main form button").click()
    expect(page.locator(".receipt-code")).to_be_visible()
    assert Comment.objects.get().anchor == goal_of(held)
    context.close()


def test_a_body_sends_its_opinion(enter: Callable[..., Any], held: Round) -> None:
    page = enter(held.clerk, f"{held.row.pk}/opinion/")
    page.locator("[id='m02.c02']").get_by_role("link").click()
    expect(page.locator("#write [name=clause]")).to_have_value("m02.c02")
    page.fill("#write [name=text]", "建议明确牵头单位")
    page.locator("#write button").click()
    expect(page.get_by_role("button", name="签发意见")).to_be_disabled()
    page = enter(held.reviewer, f"{held.row.pk}/opinion/")
    page.get_by_role("button", name="签发意见").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    assert InvitedBody.objects.get(pk=held.invitation.pk).state == "replied"


def test_the_office_joins_adopts_and_a_second_person_confirms(
    enter: Callable[..., Any], held: Round, tmp_path: Path
) -> None:
    key = goal_of(held).key
    held.say(WORDS, clause=key)
    held.say(WORDS + "。", clause=key)
    page = enter(held.office, f"{held.row.pk}/duplicates/")
    page.fill("[name=title]", "统一进出口总额目标值")
    page.get_by_role("button", name="归并为一项").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    topic = held.row.topics.get()
    page = enter(held.office, f"topics/{topic.pk}/")
    page.get_by_label("部分采纳").check()
    page.fill("[name=reason]", "采用附件口径")
    wording = page.locator("[name=wording]")
    wording.fill(wording.input_value().replace("1400", "1474"))
    page.get_by_role("button", name="试算对目标的影响").click()
    expect(page.locator(".effect-list")).to_contain_text("1474亿元")
    expect(page.locator("[name=reason]")).to_have_value("采用附件口径")
    page.get_by_role("button", name="提交第二人确认").click()
    expect(page.get_by_role("button", name="确认", exact=True)).to_be_disabled()
    page = enter(held.leader, f"topics/{topic.pk}/")
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    assert Decision.objects.get().state == "confirmed"
    page = enter(held.office, f"{held.row.pk}/table/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word", exact=True).click()
    file = tmp_path / "table.docx"
    waiting.value.save_as(file)
    said = read_document(file.read_bytes()).text
    for words in ("统一进出口总额目标值", "部分采纳", "采用附件口径", "公民2条"):
        assert words in said
