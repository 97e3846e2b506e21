"""One indicator in a real browser: tabs, charts and the lineage drawer under the strict policy."""

from __future__ import annotations

import pytest

from jingkai.core.accounts.tests.factories import signed_in

from .scenes import page as address

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(page, live_server, scene, folk):
    """The indicator's page, signed in as a city leader."""
    cookie = signed_in(folk["leader"]).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(live_server.url + address("detail", scene.indicator.code))
    page.wait_for_selector('[data-chart="trajectory-data"][data-ready]')
    return page


def test_the_drawer_opens_beside_the_figure_and_closes_with_escape(opened, scene):
    opened.click(".headline .figure-link")
    drawer = opened.wait_for_selector("#drawer.open")
    assert scene.silent.short_name in drawer.inner_text()
    opened.keyboard.press("Escape")
    opened.wait_for_selector("#drawer:not(.open)", state="attached")
    assert opened.evaluate("document.activeElement.className") == "figure-link"


def test_tabs_show_their_panel_and_draw_their_chart(opened):
    assert not opened.is_visible("#zones")
    opened.click("[data-tab=zones]")
    opened.wait_for_selector('#zones [data-chart="zones-ranking-data"] svg')
    assert opened.is_visible("#zones table")
    assert not opened.is_visible("#path")
    assert (
        opened.evaluate("document.querySelector('#zones svg').getBoundingClientRect().width") > 300
    )


def test_the_page_fits_a_phone(opened):
    opened.set_viewport_size({"width": 390, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
