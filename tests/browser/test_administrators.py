"""Three administrators: one makes users, one reads the trail; none sees a figure."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect


def test_a_user_is_made_and_gets_a_link_for_one_time(enter: Any, house: str) -> None:
    page = enter("sysadmin")
    page.get_by_role("link", name="新增人员").click()
    page.fill("[name=username]", "zhang-san")
    page.fill("[name=name]", "张三")
    page.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("张三")
    page.locator("form[action$='/link/'] .btn-primary").click()
    link = page.locator(".notice-success code.secret").inner_text()
    page.context.clear_cookies()
    page.goto(link)
    for name in ("new", "again"):
        page.fill(f"#id_{name}", "a-long-word-nobody-knows")
    page.click(".sign-in-form .btn-primary")
    page.context.clear_cookies()
    assert page.goto(link).status in (404, 410)
    expect(page.locator("#id_new")).to_have_count(0)


def test_the_trail_is_searched_and_verified(enter: Any) -> None:
    page = enter("auditor")
    page.wait_for_url("**/admin/audit/")
    page.fill("main [name=q]", "演示数据")
    with page.expect_response(lambda answer: "q=" in answer.url):
        page.locator("main form[role=search] .btn").first.click()
    page.wait_for_load_state()  # a row clicked while the list is replaced opens nothing
    rows = page.locator("tbody tr[data-row]")
    expect(rows.first).to_be_visible()
    rows.first.locator("a").click()
    expect(page.locator("#drawer.open")).to_contain_text("演示数据")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="核验链条").click()
    expect(page.locator("#verification .notice-success")).to_be_visible()


@pytest.mark.parametrize("role", ["sysadmin", "secadmin", "auditor"])
def test_an_administrator_sees_no_figure(enter: Any, house: str, role: str) -> None:
    page = enter(role)
    assert page.locator("nav.wings a[href^='/delivery/indicators']").count() == 0
    for path in ("/cockpit/", "/delivery/indicators/IND_VA/", "/delivery/supervision/tasks/1/"):
        assert page.goto(house + path).status in (403, 404), path
