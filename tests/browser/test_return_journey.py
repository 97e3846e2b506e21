"""A return from the clerk's paste to the official figure, with everything that happens between."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

BLOCK = "84.1\t8.9\n22.5\t\n30\t5.8\n"  # 工业增加值, 一般公共预算收入, 固定资产投资: 累计, 当月
WHY = "一户企业一次性补缴以前年度税款，附入库凭证"
MEND = "与统计部门核算数不一致，请核对新入统项目"


def open_return(page: Any, house: str) -> Any:
    page.goto(f"{house}/delivery/returns/")
    page.locator("main table a[href*='/returns/returns/']").first.click()
    expect(page.locator("h1")).to_contain_text("2026-10")
    return page


def sheet(page: Any) -> Any:
    expect(page.locator("[data-grid][data-ready]")).to_be_attached()
    return page.locator("input.g-field")


def settled(page: Any) -> None:
    expect(page.locator("#g-status")).to_have_attribute("data-state", "saved", timeout=30_000)


def paste(page: Any, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def explain_and_prove(page: Any) -> None:
    """Answer every doubt that asks for it, each with evidence."""
    for turn in range(6):
        if not page.locator(".g-cell.is-explain").count():
            return
        page.locator(".g-cell.is-explain .g-marks").first.click()
        panel = page.locator("#g-panel")
        panel.locator(".g-finding textarea").first.fill(WHY)
        panel.locator(".g-finding button.btn-primary, .g-finding button").first.click()
        expect(panel.locator(".g-quote").first).to_contain_text(WHY)
        if not panel.locator(".g-files a").count():
            panel.locator("input[type=file]").set_input_files(
                {
                    "name": f"佐证{turn}.txt",
                    "mimeType": "text/plain",
                    "buffer": f"凭证 {turn}".encode(),
                }
            )
            panel.locator(".g-upload button").click()
            expect(panel.locator(".g-files")).to_contain_text(f"佐证{turn}")
        page.reload()
        sheet(page)
    raise AssertionError("doubts do not end")


def send(page: Any) -> None:
    page.locator("button[name=then]").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()


def sign(enter: Any, address: str) -> None:
    page = enter("zone-leader")
    page.goto(f"{address}sign/")
    page.locator(".g-sign .btn-primary").click()
    page.wait_for_load_state()
    page.goto(address)
    expect(page.locator("main")).to_contain_text("待审定")


def desk(enter: Any, house: str) -> Any:
    """The statistics bureau's desk for fixed-asset investment; the box of the zone's figure."""
    page = enter("stat-reviewer")
    page.goto(f"{house}/delivery/returns/verify/")
    page.locator("a", has_text="固定资产投资 2026-10").click()
    expect(page.locator("h1")).to_contain_text("固定资产投资")
    page.locator("tr", has_text="辽中").locator("input[name=cells]").check()
    return page


def test_a_return_becomes_official_and_shows_how(enter: Any, house: str) -> None:
    page = open_return(enter("zone-clerk"), house)
    address = page.url.split("#")[0]
    page.goto(f"{house}/cockpit/zones/LIAOZHONG/")
    row = page.locator("tr:has(a:text-is('固定资产投资'))")
    before = row.locator(".figure-link").inner_text()

    # Filling by paste; a total that falls must be mended, a jump must be explained and proved.
    page.goto(address)
    fields = sheet(page)
    page.locator(".g-prefilled button").first.click()
    fields = sheet(page)
    fields.nth(0).focus()
    paste(page, BLOCK)
    settled(page)
    expect(page.locator(".g-cell.is-fix").first).to_be_visible()
    with page.expect_navigation():
        page.locator("button[name=then]").click()
    expect(page.locator(".notice-error").first).to_be_visible()
    fields = sheet(page)
    fields.nth(3).focus()
    page.keyboard.type("47.1")
    page.keyboard.press("Enter")
    fields.nth(7).focus()
    page.keyboard.type("22")
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator(".g-cell.is-fix")).to_have_count(0)
    expect(page.locator(".g-cell.is-explain").first).to_be_visible()
    explain_and_prove(page)
    send(page)
    sign(enter, address)

    # The statistics bureau returns one figure; the rest stays.
    page = desk(enter, house)
    page.locator("select[name=code]").select_option("source")
    page.locator("input[name=text]").fill(MEND)
    page.locator("button[value=return]").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()

    page = enter("zone-clerk")
    page.goto(address)
    expect(page.locator("main")).to_contain_text(MEND)
    fields = sheet(page)
    assert fields.count() == 2  # the total and its month's own figure
    fields.nth(0).focus()
    page.keyboard.type("47.3")
    page.keyboard.press("Tab")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    settled(page)
    explain_and_prove(page)
    send(page)
    sign(enter, address)

    page = desk(enter, house)
    page.locator("button[value=verify]").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()

    # The cockpit shows it at once, with its light and everything that led to it.
    page.goto(f"{house}/cockpit/zones/LIAOZHONG/")
    row = page.locator("tr:has(a:text-is('固定资产投资'))")
    assert "47.3" not in before
    expect(row.locator(".figure-link")).to_contain_text("47.3")
    expect(row.locator(".light").first).to_be_visible()
    row.locator(".figure-link").click()
    drawer = page.locator("#drawer.open")
    for who in ("演示·辽中经办", "演示·辽中负责人", "演示·统计局审核"):
        expect(drawer).to_contain_text(who)
    expect(drawer).to_contain_text(MEND)
