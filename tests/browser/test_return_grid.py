"""A return in the browser: keys, blocks, undo, doubts, evidence, sending, signing on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import expect

ASKED = ("IND_VA", "BUDGET_REV", "FAI")  # all in 亿元, none of them prefilled here
PERIOD = "2026-10"


@pytest.fixture
def opened(house: str, django_db_blocker: Any) -> Callable[..., int]:
    """Open a form of its own for a journey; gives the number of 辽中's return."""
    from jingkai.core.accounts.models import User
    from jingkai.delivery.indicators.models import Indicator
    from jingkai.delivery.reporting.models import Form, FormItem, FormVersion, Return
    from jingkai.delivery.reporting.services import open_campaign

    def make(code: str, **item: Any) -> int:
        with django_db_blocker.unblock(), translation.override("zh-hans"):
            now = timezone.now()
            office = User.objects.get(username="office")
            form = Form.objects.create(
                code=code, name=f"演示报表 {code}", filled_by="zone", frequency="month"
            )
            version = FormVersion.objects.create(
                form=form,
                number=1,
                state="published",
                effective_from=date(2026, 1, 1),
                created_at=now - timedelta(days=90),
                published_at=now - timedelta(days=90),
            )
            for position, name in enumerate(ASKED):
                FormItem.objects.create(
                    version=version,
                    position=position,
                    indicator=Indicator.objects.get(code=name),
                    **item,
                )
            campaign = open_campaign(form_id=form.pk, period=PERIOD, actor=office, now=now)
            clerk = User.objects.get(username="zone-clerk")
            body = clerk.memberships.get().body_id
            return Return.objects.get(campaign=campaign, body=body).pk

    return make


@pytest.fixture
def standing(django_db_blocker: Any) -> Callable[[int], list[str | None]]:
    """The figures of a return as they are stored, in the order of the form."""
    from jingkai.delivery.reporting.models import Cell

    def read(number: int) -> list[str | None]:
        with django_db_blocker.unblock():
            cells = Cell.objects.filter(in_return=number).order_by("item__position")
            return [
                cell.absence or (None if cell.value is None else f"{cell.value.normalize():f}")
                for cell in cells
            ]

    return read


def sheet(page: Any, house: str, number: int) -> Any:
    page.goto(f"{house}/delivery/returns/returns/{number}/")
    page.wait_for_function("document.querySelector('input.g-field')?.readOnly")
    return page.locator("input.g-field")


def saved(page: Any) -> None:
    expect(page.locator("#g-status")).to_have_attribute("data-state", "saved")


def paste(page: Any, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def test_keys_move_edit_restore_and_undo(
    enter: Any, house: str, opened: Any, standing: Any
) -> None:
    page = enter("zone-clerk")
    number = opened("GRID_KEYS")
    fields = sheet(page, house, number)
    fields.nth(0).focus()
    page.keyboard.type("88.5")
    page.keyboard.press("Enter")  # down
    page.keyboard.type("15")
    page.keyboard.press("ArrowDown")  # leaves what is typed, as a spreadsheet does
    expect(fields.nth(2)).to_be_focused()
    page.keyboard.type("999")
    page.keyboard.press("Escape")
    expect(fields.nth(2)).to_have_value("")
    page.keyboard.type("暂缺")
    page.keyboard.press("Shift+Tab")
    expect(fields.nth(1)).to_be_focused()
    saved(page)
    assert standing(number) == ["88.5", "15", "missing"]
    page.keyboard.press("F2")
    page.keyboard.type("00")
    page.keyboard.press("Shift+Enter")  # up
    expect(fields.nth(0)).to_be_focused()
    expect(fields.nth(1)).to_have_value("1,500")
    page.keyboard.press("Control+Z")
    expect(fields.nth(1)).to_have_value("15")
    page.keyboard.press("Control+Y")
    expect(fields.nth(1)).to_have_value("1,500")
    page.keyboard.press("Control+Z")
    page.keyboard.press("Delete")  # the undone cell is chosen
    saved(page)
    assert standing(number) == ["88.5", None, "missing"]
    page.reload()
    expect(page.locator("input.g-field").nth(0)).to_have_value("88.5")


def test_a_block_from_a_spreadsheet_with_another_unit_is_one_step(
    enter: Any, house: str, opened: Any, standing: Any
) -> None:
    page = enter("zone-clerk")
    number = opened("GRID_PASTE")
    fields = sheet(page, house, number)
    fields.nth(0).focus()
    paste(
        page,
        "指标\t本期（万元）\n工业增加值\t862,000\n一般公共预算收入\t155000\n固定资产投资\t569000\n",
    )
    bar = page.locator(".g-bar.notice-warning")
    expect(bar).to_contain_text("万元")
    expect(fields.nth(0)).to_have_value("862,000")
    assert standing(number) == [None, None, None]  # nothing is sent before the answer
    bar.get_by_role("button", name="换算 3 格").click()
    expect(fields.nth(0)).to_have_value("86.2")
    saved(page)
    assert standing(number) == ["86.2", "15.5", "56.9"]
    page.keyboard.press("Control+Z")  # the conversion
    expect(fields.nth(0)).to_have_value("862,000")
    page.locator("[data-undo]").click()  # the paste
    expect(fields.nth(0)).to_have_value("")
    saved(page)
    assert standing(number) == [None, None, None]


def test_doubts_are_mended_or_explained_then_sent_and_signed_on_a_phone(
    enter: Any, house: str, opened: Any, standing: Any
) -> None:
    page = enter("zone-clerk")
    number = opened("GRID_SEND", evidence="explained")
    fields = sheet(page, house, number)
    fields.nth(0).focus()
    paste(page, "86.2\n15.5\n-56.9\n")
    saved(page)
    mended = page.locator(".g-cell.is-fix")
    expect(mended).to_have_count(1)
    page.get_by_role("button", name="上报签署").click()
    expect(page.locator(".notice-error")).to_contain_text("未上报")
    fields = page.locator("input.g-field")
    page.wait_for_function("document.querySelector('input.g-field')?.readOnly")
    fields.nth(2).focus()
    page.keyboard.type("95")  # far above last year: to be explained
    page.keyboard.press("Enter")
    saved(page)
    doubted = page.locator(".g-cell.is-explain")
    expect(doubted).to_have_count(1)
    doubted.locator(".g-marks").click()
    panel = page.locator("#g-panel")
    panel.locator("textarea[name=text]").first.fill("新开工重大项目集中入统")
    panel.get_by_role("button", name="保存说明").first.click()
    expect(panel.locator(".g-quote").first).to_contain_text("新开工重大项目集中入统")
    while panel.locator(".g-finding:not(:has(.g-quote)) textarea").count():
        open_one = panel.locator(".g-finding:not(:has(.g-quote))").first
        open_one.locator("textarea").fill("新开工重大项目集中入统")
        open_one.get_by_role("button", name="保存说明").click()
        page.wait_for_load_state("networkidle")
    panel.locator("input[type=file]").set_input_files(
        {"name": "入统台账.txt", "mimeType": "text/plain", "buffer": "台账".encode()}
    )
    panel.get_by_role("button", name="上传附件").click()
    expect(panel.locator(".g-files")).to_contain_text("入统台账.txt")
    page.keyboard.press("Escape")
    expect(page.locator(".g-cell.is-explain")).to_have_count(0)
    page.get_by_role("button", name="上报签署").click()
    expect(page.locator("#messages .notice-success")).to_be_visible()
    assert standing(number) == ["86.2", "15.5", "95"]

    page = enter("zone-leader")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{house}/delivery/returns/returns/{number}/sign/")
    expect(page.locator("main")).to_contain_text("新开工重大项目集中入统")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    code = page.locator("input[name=digest]").input_value()
    page.get_by_role("button", name="签署上述数据").click()
    expect(page.locator("main")).to_contain_text(code)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_figure_changed_elsewhere_is_shown_beside_mine(
    enter: Any, house: str, opened: Any, standing: Any
) -> None:
    page = enter("zone-clerk")
    number = opened("GRID_CLASH")
    fields = sheet(page, house, number)
    other = page.context.new_page()
    theirs = sheet(other, house, number)
    theirs.nth(0).focus()
    other.keyboard.type("80")
    other.keyboard.press("Enter")
    saved(other)
    fields.nth(0).focus()
    page.keyboard.type("81")
    page.keyboard.press("Enter")
    clash = page.locator("[data-conflict]")
    expect(clash).to_contain_text("80")
    assert standing(number)[0] == "80"
    clash.get_by_role("button", name="保留我的").click()
    saved(page)
    assert standing(number)[0] == "81"


def test_without_connection_figures_wait_and_are_sent_again(
    enter: Any, house: str, opened: Any, standing: Any
) -> None:
    page = enter("zone-clerk")
    number = opened("GRID_OFFLINE")
    fields = sheet(page, house, number)
    page.context.set_offline(True)
    fields.nth(0).focus()
    page.keyboard.type("80")
    page.keyboard.press("Enter")
    expect(page.locator("#g-status")).to_have_attribute("data-state", "failed")
    expect(fields.nth(0)).to_have_value("80")
    page.context.set_offline(False)
    saved(page)
    assert standing(number)[0] == "80"
