"""A return in a real browser: keys, blocks, doubts, a clash, no connection, signing on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from jingkai.core.accounts.models import User
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.reporting.models import Cell, CellOrigin, Effort, ReturnState

from .factories import RuleFactory, Stage, sent, stage, stands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

expect.set_options(timeout=15_000)  # a busy machine answers late
ABSENT = ("—", "暂缺")  # in the two languages of the page


@pytest.fixture
def world() -> Stage:
    return stage(zones=1, indicators=3)


@pytest.fixture
def enter(page: Any, live_server: Any):
    """The browser page, signed in, at an address of a return."""

    def go(user: User, number: int, rest: str = "") -> Any:
        cookie = signed_in(user).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(f"{live_server.url}/delivery/returns/returns/{number}/{rest}")
        return page

    yield go
    page.goto("about:blank")  # tells the time at work
    page.wait_for_timeout(1000)  # nothing is asked of the server any more when the tables empty


def sheet(page: Any) -> Any:
    """The fields of the table, once the script has taken them over."""
    expect(page.locator("[data-grid][data-ready]")).to_be_attached()
    return page.locator("input.g-field")


def settled(page: Any) -> None:
    expect(page.locator("#g-status")).to_have_attribute("data-state", "saved", timeout=15_000)


def standing(world: Stage) -> list[str | None]:
    cells = Cell.objects.filter(in_return=world.own).order_by("item__position")
    return [
        cell.absence or (None if cell.value is None else f"{cell.value.normalize():f}")
        for cell in cells
    ]


def paste(page: Any, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def test_keys_move_edit_restore_and_undo(enter: Any, world: Stage) -> None:
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    fields.nth(0).focus()
    page.keyboard.type("88.5")
    page.keyboard.press("Enter")  # down
    page.keyboard.type("15")
    page.keyboard.press("ArrowDown")  # leaves what is typed, as a spreadsheet does
    expect(fields.nth(2)).to_be_focused()
    page.keyboard.type("999")
    page.keyboard.press("Escape")
    expect(fields.nth(2)).to_have_value("")
    page.keyboard.type("暂无")
    page.keyboard.press("Shift+Tab")
    expect(fields.nth(1)).to_be_focused()
    settled(page)
    assert standing(world) == ["88.5", "15", "missing"]
    assert fields.nth(2).input_value() in ABSENT
    page.keyboard.press("F2")
    page.keyboard.type("00")
    page.keyboard.press("Shift+Enter")  # up
    expect(fields.nth(0)).to_be_focused()
    settled(page)
    expect(fields.nth(1)).to_have_value("1,500")
    page.keyboard.press("Control+Z")
    expect(fields.nth(1)).to_have_value("15")
    page.keyboard.press("Control+Y")
    settled(page)
    expect(fields.nth(1)).to_have_value("1,500")
    page.keyboard.press("Delete")  # the cell done again is the one chosen
    settled(page)
    assert standing(world) == ["88.5", None, "missing"]
    assert {cell.origin for cell in world.own.cells.all()} == {CellOrigin.TYPED, CellOrigin.NONE}


def test_a_chosen_block_is_cleared_and_marked_absent_by_the_menu(enter: Any, world: Stage) -> None:
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    fields.nth(0).focus()
    paste(page, "1\n2\n3\n")
    settled(page)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    settled(page)
    assert standing(world) == [None, None, "3"]
    page.keyboard.press("Alt+ArrowDown")
    page.locator(".g-popup button").nth(1).click()
    settled(page)
    assert standing(world) == ["not_applicable", "not_applicable", "3"]


def test_the_table_follows_what_the_drawer_changes(enter: Any, world: Stage) -> None:
    """Confirmed and proved beside the table: marks change at once, and typing goes on."""
    Cell.objects.filter(in_return=world.own).update(
        origin="prefilled", value=1234.5, prefill_source="市统计局"
    )
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    cell = world.cell(0)
    marks = page.locator(f"#marks-{cell.pk}")
    expect(marks).to_contain_text("⇩")
    marks.click()
    page.locator("#g-panel .g-prefilled .btn-primary").click()
    expect(marks).not_to_contain_text("⇩")
    expect(page.locator(".g-cell.is-prefilled")).to_have_count(2)
    page.locator("#g-panel input[type=file]").set_input_files(
        {"name": "说明.txt", "mimeType": "text/plain", "buffer": "补报一户".encode()}
    )
    page.locator("#g-panel .g-upload button").click()
    expect(marks).to_contain_text("▤")
    page.keyboard.press("Escape")
    fields.nth(0).focus()
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    settled(page)
    assert standing(world)[0] == "77"


def test_a_block_in_another_unit_is_asked_about_and_is_one_step(enter: Any, world: Stage) -> None:
    for place, before in enumerate((80, 14, 50)):
        stands(world.indicators[place], world.zones[0].code, p2026_08=before)
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    fields.nth(0).focus()
    paste(page, "指标\t本期（万元）\n甲\t862,000\n乙\t155000\n丙\t569000\n")
    bar = page.locator(".g-bar.notice-warning")
    expect(bar).to_contain_text("万元")
    expect(fields.nth(0)).to_have_value("862,000")
    assert standing(world) == [None, None, None]  # nothing is sent before the answer
    bar.locator(".btn-primary").click()
    settled(page)
    expect(fields.nth(0)).to_have_value("86.2")
    assert standing(world) == ["86.2", "15.5", "56.9"]
    assert world.cell(0).origin == CellOrigin.PASTED
    page.keyboard.press("Control+Z")  # the conversion
    expect(fields.nth(0)).to_have_value("862,000")
    page.locator("[data-undo]").click()  # the paste
    settled(page)
    assert standing(world) == [None, None, None]


def test_doubts_are_mended_or_explained_proved_and_sent(enter: Any) -> None:
    world = stage(zones=1, indicators=3, evidence="explained")
    RuleFactory(code="not-negative")
    RuleFactory(code="high", level="explain", parameters={"max": 100})
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    fields.nth(0).focus()
    paste(page, "86.2\n15.5\n-56.9\n")
    settled(page)
    expect(page.locator(".g-cell.is-fix")).to_have_count(1)
    expect(page.locator("[data-count=fix]")).to_have_text("1")
    page.locator("button[name=then]").click()
    expect(page.locator(".notice-error li")).to_have_count(1)
    fields = sheet(page)
    fields.nth(2).focus()
    page.keyboard.type("120")
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator(".g-cell.is-explain")).to_have_count(1)
    page.locator(".is-explain .g-marks").click()
    panel = page.locator("#g-panel")
    panel.locator(".g-finding textarea").fill("新开工重大项目集中入统")
    panel.locator(".g-finding button").click()
    expect(panel.locator(".g-quote")).to_contain_text("新开工重大项目集中入统")
    panel.locator("input[type=file]").set_input_files(
        {"name": "入统台账.txt", "mimeType": "text/plain", "buffer": "台账".encode()}
    )
    panel.locator(".g-upload button").click()
    expect(panel.locator(".g-files")).to_contain_text("入统台账.txt")
    page.keyboard.press("Escape")
    expect(page.locator(".g-cell.is-explained")).to_have_count(1)
    page.locator("button[name=then]").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    assert world.own.state == ReturnState.SUBMITTED
    assert standing(world) == ["86.2", "15.5", "120"]


def test_a_leader_signs_on_a_phone(enter: Any, page: Any, world: Stage) -> None:
    sent(world, (10, 20, 30))
    page.set_viewport_size({"width": 390, "height": 844})
    enter(world.leader, world.own.pk, "sign/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    code = page.locator("input[name=digest]").input_value()
    button = page.locator(".g-sign .btn-primary")
    assert button.bounding_box()["height"] >= 44
    button.click()
    expect(page.locator("main")).to_contain_text(code)
    assert world.own.state == ReturnState.SIGNED


def test_a_figure_changed_elsewhere_is_shown_beside_mine(enter: Any, world: Stage) -> None:
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    other = page.context.new_page()
    other.goto(page.url)
    theirs = sheet(other)
    theirs.nth(0).focus()
    other.keyboard.type("80")
    other.keyboard.press("Enter")
    settled(other)
    fields.nth(0).focus()
    page.keyboard.type("81")
    page.keyboard.press("Enter")
    clash = page.locator("[data-conflict]")
    expect(clash).to_contain_text("80")
    assert standing(world)[0] == "80"
    clash.locator(".btn-primary").click()
    settled(page)
    assert standing(world)[0] == "81"


def test_without_connection_figures_wait_and_are_sent_again(enter: Any, world: Stage) -> None:
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    page.context.set_offline(True)
    fields.nth(0).focus()
    page.keyboard.type("80")
    page.keyboard.press("Enter")
    expect(page.locator("#g-status")).to_have_attribute("data-state", "failed")
    expect(fields.nth(0)).to_have_value("80")
    page.context.set_offline(False)
    settled(page)
    assert standing(world)[0] == "80"


def test_active_seconds_are_told_when_the_page_is_left(enter: Any, world: Stage) -> None:
    page = enter(world.clerk, world.own.pk)
    fields = sheet(page)
    fields.nth(0).focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(2500)
    page.locator(".page-actions a").first.click()
    for _second in range(40):
        page.wait_for_timeout(1000)
        if told := Effort.objects.filter(in_return=world.own, user=world.clerk).first():
            break
    assert told is not None
    assert 1 <= told.seconds <= 20
