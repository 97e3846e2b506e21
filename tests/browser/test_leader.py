"""What a city leader comes for: will the targets be reached, who is behind, where is it from."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect


def open_lineage(page: Any) -> Any:
    drawer = page.locator("#drawer.open")
    expect(drawer.get_by_role("heading", name="这个数从哪里来")).to_be_visible()
    return drawer


def test_the_first_page_asks_the_question_and_counts_the_lights(enter: Any) -> None:
    page = enter("leader")
    title = page.locator("h1").inner_text()
    assert "2030" in title
    assert "能否完成" in title
    rows = page.locator(".targets-table tbody tr")
    assert rows.count() >= 15
    words = {"green": "正常", "yellow": "滞后", "red": "严重滞后", "grey": "暂不评"}
    for tone, word in words.items():
        counter = page.locator(f".strip-light:has(b.light-{tone})")
        assert word in counter.inner_text()
        counted = int(counter.locator("b").inner_text())
        assert counted == rows.locator(f"td:first-child .light-{tone}").count()
    expect(page.get_by_role("heading", name="上次调度会")).to_be_visible()
    expect(page.locator("[data-chart=gap-chart-data][data-ready] svg")).to_be_visible()


def test_the_worst_target_opens_with_its_path_drawn(enter: Any) -> None:
    page = enter("leader")
    worst = page.locator("tr:has(td:first-child .light-red) a").first
    name = worst.inner_text()
    worst.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.locator("#path [data-chart][data-ready] svg").first).to_be_visible()
    expect(page.get_by_text("严重滞后").first).to_be_visible()


def test_a_figure_tells_where_it_comes_from_and_closes_with_escape(enter: Any) -> None:
    page = enter("leader")
    figure = page.locator(".targets-table .figure-link").first
    shown = figure.locator("b").inner_text()
    figure.click()
    drawer = open_lineage(page)
    expect(drawer).to_contain_text(shown)
    expect(drawer.locator(".trail li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer.open")).to_have_count(0)
    expect(figure).to_be_focused()
    page.keyboard.press("Enter")
    open_lineage(page)
    page.keyboard.press("Escape")
    expect(page.locator("#drawer.open")).to_have_count(0)


def test_the_warning_sign_leads_to_both_statements_and_the_arithmetic(enter: Any) -> None:
    page = enter("leader")
    page.locator("tr:has-text('进出口总额') a.dispute").first.click()
    page.wait_for_url("**/delivery/policy/conflicts/*/")
    statements = page.locator("section:has(h2:text('文件')) tbody tr")
    assert statements.count() >= 2
    text = page.locator("#conflict").inner_text()
    assert "1400" in text.replace(",", "")
    assert "1474" in text.replace(",", "")
    assert page.locator(".formula").count() >= 1
    expect(page.get_by_role("button", name="作出裁定")).to_be_disabled()


def test_what_changed_since_the_last_meeting(enter: Any, house: str) -> None:
    page = enter("leader")
    card = page.locator("#changes")  # the journey of the office may just have held a meeting
    expect(card.locator("li a, p").first).to_be_visible()
    page.goto(f"{house}/delivery/supervision/meetings/")
    page.locator("tbody a", has_text="十月调度会（演示）").click()
    expect(page.locator("main")).to_contain_text("九月调度会（演示）")
    assert page.locator("main .light").count() > 9


def test_the_printed_page_is_the_content_alone(enter: Any) -> None:
    page = enter("leader")
    page.emulate_media(media="print")
    for hidden in (".wings", ".topbar", ".page-actions"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".print-foot")).to_contain_text("演示数据")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
