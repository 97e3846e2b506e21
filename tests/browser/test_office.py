"""The office's day: decide, assign, issue, urge, meet, hand the list to others."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import expect


def test_a_conflict_is_decided_once_and_the_second_is_told_by_whom(enter: Any, house: str) -> None:
    page = enter("office")
    page.goto(f"{house}/delivery/policy/conflicts/C02/")
    late = page.context.new_page()
    late.goto(page.url)
    for tab, reason in ((page, "以正文表二为准"), (late, "以附件一为准")):
        tab.locator("input[name=chosen]").first.check()
        tab.fill("#reason", reason)
        tab.get_by_role("button", name="作出裁定").click()
    expect(page.locator("#conflict .facts")).to_contain_text("以正文表二为准")
    expect(page.locator("#conflict .facts")).to_contain_text("演示·办公室")
    refusal = late.locator("#conflict [role=alert]")
    expect(refusal).to_contain_text("演示·办公室")
    late.reload()
    expect(late.locator("#conflict .facts")).to_contain_text("以正文表二为准")
    expect(late.locator("#conflict")).not_to_contain_text("以附件一为准")


def test_a_lead_is_assigned_and_shown_as_the_offices_word(enter: Any, house: str) -> None:
    page = enter("office")
    page.goto(f"{house}/delivery/supervision/tasks/2/")
    page.get_by_text("指定牵头、配合单位").click()
    page.locator("[name=lead_body]").select_option(label="市商务局")
    page.locator("details[open] [name=reason]").fill("按三定职责")
    page.get_by_role("button", name="指定", exact=True).click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    expect(page.locator(".figures:has-text('牵头')").first).to_contain_text("市商务局")


def test_registered_shares_are_issued_together(enter: Any, house: str) -> None:
    page = enter("office")
    page.goto(f"{house}/delivery/supervision/issue/")
    boxes = page.locator("input[name=obligations]")
    before = boxes.count()
    assert before > 10
    page.evaluate("document.querySelectorAll('input[name=obligations]').forEach((box, at) => "
                  "{ box.checked = at < 2 })")  # fmt: skip
    issuing = page.locator("main form:has(input[name=obligations])")
    issuing.locator("[name=due_on]").fill("2027-03-31")
    issuing.locator(".btn-primary").click()
    expect(page.locator("#messages .notice-success")).to_contain_text("2")
    page.goto(f"{house}/delivery/supervision/issue/")
    assert page.locator("input[name=obligations]").count() == before - 2


def test_a_late_share_is_urged(enter: Any, house: str) -> None:
    page = enter("office")
    page.goto(f"{house}/delivery/supervision/?kind=share&light=red")
    page.locator("tbody tr[data-href] a").first.click()
    urge = page.locator("details:has(summary:text-is('催办'))")
    if not urge.evaluate("node => node.open"):
        urge.locator("summary").click()
    urge.locator("textarea").fill("请于本周五前说明滞后原因")
    urge.get_by_role("button", name="催办").click()
    expect(page.locator("#obligation .notice", has_text="请于本周五前说明滞后原因")).to_be_visible()


def test_a_meeting_is_recorded(enter: Any, house: str) -> None:
    page = enter("office")
    page.goto(f"{house}/delivery/supervision/meetings/")
    page.fill("[name=title]", "十一月调度会（演示）")
    page.get_by_role("button", name="登记会议").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    page.goto(f"{house}/delivery/supervision/meetings/")
    expect(page.locator("tbody a", has_text="十一月调度会（演示）")).to_be_visible()


def test_the_exported_workbook_holds_what_the_page_shows(enter: Any, house: str) -> None:
    page = enter("office")
    page.goto(f"{house}/delivery/supervision/")
    shown = page.locator("#obligations tbody tr[data-href]").count()
    with page.expect_download() as wait:
        page.get_by_role("link", name="Excel", exact=True).click()
    sheet = load_workbook(BytesIO(Path(wait.value.path()).read_bytes())).active
    filled = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    assert len(filled) > shown >= 20
    titles = {str(cell) for row in filled for cell in row}
    assert page.locator("#obligations tbody a").first.inner_text().split(". ", 1)[1] in titles
