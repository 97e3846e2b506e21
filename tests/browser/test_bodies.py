"""Those who report and those who sign: a department, and a zone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

# A quarterly figure: the monthly ones are collected by return.
RECORD = "/delivery/indicators/record/?indicator=GDP&scope=LIAOZHONG"


def open_action(page: Any, name: str) -> Any:
    action = page.locator(f"details:has(summary:text-is('{name}'))")
    if not action.evaluate("node => node.open"):
        action.locator("summary").click()
    return action


def test_a_department_sees_its_work_and_may_report_not_review(enter: Any, house: str) -> None:
    page = enter("stat-clerk")
    assert page.url.endswith("/cockpit/my-work/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("我的工作台")
    expect(page.locator(".chip", has_text="市统计局").first).to_be_visible()
    page.goto(f"{house}/delivery/supervision/?kind=share&mine=1")
    page.locator("#obligations tbody a", has_text="23.").click()
    page.wait_for_url("**/obligations/*/")
    expect(open_action(page, "反馈进展").locator("button.btn-primary")).to_be_enabled()
    for office_only in ("催办", "撤回"):
        expect(page.get_by_role("button", name=office_only, exact=True)).to_be_disabled()


def test_progress_is_reported_with_evidence_and_another_person_accepts(
    enter: Any, house: str
) -> None:
    page = enter("zone-clerk")
    page.locator(".work-list a", has_text="规划编制").first.click()
    page.wait_for_url("**/obligations/*/")
    share = page.url
    action = open_action(page, "反馈进展")
    action.locator("[name=progress]").fill("88")
    action.locator("[name=text]").fill("梳理反馈机制已印发")
    action.locator("[name=evidence]").set_input_files(
        {"name": "印发通知.txt", "mimeType": "text/plain", "buffer": "通知".encode()}
    )
    action.locator("button.btn-primary").click()
    report = page.locator("#obligation [id^=report-]", has_text="梳理反馈机制已印发")
    expect(report).to_be_visible()
    expect(report.get_by_role("link", name="印发通知.txt")).to_be_visible()
    assert report.locator("button:not([disabled])").count() == 0

    page = enter("zone-leader")
    page.goto(share)
    report = page.locator("#obligation [id^=report-]", has_text="梳理反馈机制已印发")
    report.get_by_role("button", name="通过").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    report = page.locator("[id^=report-]", has_text="梳理反馈机制已印发")
    expect(report.locator(".chip-good")).to_be_visible()
    expect(page.locator(".figure-big").nth(1)).to_contain_text("88")


def test_a_falling_total_is_refused_and_nothing_typed_is_lost(enter: Any, house: str) -> None:
    page = enter("zone-clerk")
    page.goto(house + RECORD)
    form = page.locator("form:has([name=value])")
    form.locator("[name=period]").select_option("2026-Q3")
    form.locator("[name=value]").fill("1.5")
    form.locator("[name=reason]").fill("核对台账")
    form.get_by_role("button", name="保存").click()
    expect(page.locator(".notice-error")).to_contain_text("未保存")
    expect(form.locator(".field-error")).to_be_visible()
    expect(form.locator("[name=value]")).to_have_value("1.5")
    expect(form.locator("[name=reason]")).to_have_value("核对台账")
    expect(form.locator("[name=period]")).to_have_value("2026-Q3")


def test_a_figure_in_another_unit_is_converted_kept_and_traced(enter: Any, house: str) -> None:
    page = enter("zone-clerk")
    page.goto(house + RECORD)
    form = page.locator("form:has([name=value])")
    form.locator("[name=period]").select_option("2026-Q3")
    form.locator("[name=value]").fill("2,612,345")
    form.locator("[name=unit]").select_option("万元")
    form.locator("[name=release]").select_option(label="修订")
    form.locator("[name=reason]").fill("按决算口径更正")
    form.get_by_role("button", name="保存").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    page.goto(f"{house}/cockpit/zones/LIAOZHONG/")
    row = page.locator("tr:has(a:text-is('地区生产总值'))")
    expect(row.locator(".light").first).to_be_visible()
    expect(row.locator(".figure-link")).to_contain_text("261.2")
    row.locator(".figure-link").click()
    drawer = page.locator("#drawer.open")
    expect(drawer).to_contain_text("演示·辽中经办")
    expect(drawer).to_contain_text("按决算口径更正")


def test_a_zone_leader_signs_for_what_was_issued(enter: Any, house: str) -> None:
    page = enter("office")
    page.goto(f"{house}/delivery/supervision/issue/")
    box = page.locator("label:has-text('辽中经济开发区管委会') input[name=obligations]").last
    share = box.get_attribute("value")
    page.evaluate("(kept) => document.querySelectorAll('input[name=obligations]').forEach("
                  "(box) => { box.checked = box.value === kept })", share)  # fmt: skip
    issuing = page.locator("main form:has(input[name=obligations])")
    issuing.locator("[name=due_on]").fill("2027-03-31")
    issuing.locator(".btn-primary").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()

    page = enter("zone-leader")
    page.locator(f".work-list a[href*='/obligations/{share}/']").first.click()
    open_action(page, "签收").get_by_role("button", name="签收").click()
    expect(page.locator("#obligation")).to_contain_text("办理中")


def test_a_zone_sees_no_other_zone(enter: Any, house: str) -> None:
    page = enter("zone-leader")
    assert page.goto(f"{house}/cockpit/zones/LIAOZHONG/").status == 200
    assert page.goto(f"{house}/cockpit/zones/SHENYANG/").status == 404
    expect(page.locator("h1")).to_be_visible()
    page = enter("zone-clerk")
    record = f"{house}/delivery/indicators/record/?indicator=IND_VA"
    page.goto(f"{record}&scope=LIAOZHONG")
    offered = page.locator("select[name=scope] option")
    assert offered.all_inner_texts() == ["辽中经开区"]
