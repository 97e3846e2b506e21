"""The office copies a scheme, breaks a sum, sees it at the node, mends it, publishes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.evaluation.models import SchemeVersion

from .scheme_scenes import edition, indicators, office, published

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

expect.set_options(timeout=15_000)  # a busy machine answers late


def test_the_office_copies_breaks_mends_and_publishes(page: Any, live_server: Any) -> None:
    actor = office()
    first = published(actor, edition([row.code for row in indicators()]))
    cookie = signed_in(actor).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/delivery/evaluation/schemes/new/?copy_of={first.pk}")
    page.fill("[name=code]", "BROWSER")
    page.fill("[name=name]", "浏览器方案")
    page.select_option("[name=copy_of]", str(first.pk))
    page.locator("main .btn-primary").click()

    points = page.locator("#row-A2 input[name$=_points]")
    said = page.locator("#row-A [id^=said-] .field-error")
    expect(points).to_have_value("25")
    expect(said).to_have_count(0)
    points.fill("24.5")
    expect(said).to_contain_text("类别A")  # while typing, nothing is saved yet
    expect(page.locator("#check .chip-bad")).to_be_visible()
    page.locator(".page-actions .btn-primary").click()
    expect(page.locator(".notice-warning")).to_be_visible()
    expect(said).to_contain_text("类别A")
    publish = page.locator("form[action$='/publish/'] .btn-primary")
    expect(publish).to_be_disabled()

    points.fill("25")
    expect(said).to_have_count(0)
    page.locator(".page-actions .btn-primary").click()
    expect(page.locator(".notice-success")).to_be_visible()
    page.fill("form[action$='/publish/'] [name=reason]", "试行")
    publish.click()
    expect(page.locator("main .notice-success")).to_be_visible()
    version = SchemeVersion.objects.get(scheme__code="BROWSER")
    assert version.state == "published"
    assert version.digest
