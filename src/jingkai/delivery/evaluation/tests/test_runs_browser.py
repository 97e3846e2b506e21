"""A run in a real browser: made, watched, read; and nothing of it for the zone."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from jingkai.core.accounts.models import User
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.core.jobs.public import run_job
from jingkai.delivery.evaluation.models import Run
from jingkai.delivery.evaluation.tests.factories import YEAR, ledger_entry, stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(page: Any, live_server: Any, person: User) -> None:
    cookie = signed_in(person).cookies["sessionid"].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def test_the_office_makes_a_run_and_the_zone_sees_nothing_of_the_trial(
    page: Any, live_server: Any
) -> None:
    made = stage(zones=6, national=2)
    ledger_entry(made, place=1)
    clerk = made.clerk(0)
    enter(page, live_server, made.office)
    page.goto(live_server.url + reverse("evaluation:run-new"))
    page.select_option("select[name=version]", str(made.version.pk))
    page.fill("input[name=year]", str(YEAR))
    page.fill("input[name=replications]", "300")
    page.click("#content form button.btn-primary")
    page.wait_for_selector("#run-progress progress")
    page.reload()
    page.wait_for_selector("#run-progress progress")
    run = Run.objects.select_related("job").get()
    run_job(str(run.job_id))
    page.wait_for_selector("table .whisker", timeout=60_000)
    assert page.locator("tbody .rank-cell").count() == 6
    page.click("tbody tr:first-child a")
    page.wait_for_selector('[data-chart="median-data"][data-ready]')
    assert page.locator(".tree-table tbody tr").count() == 7
    page.click(".tree-table .fold >> nth=0")
    assert page.locator(".tree-table tbody tr:visible").count() == 5
    page.click(".tree-table .fold >> nth=0")
    page.click(".tree-table .figure-link >> nth=0")
    page.wait_for_selector("#drawer.open")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    report = page.url
    page.goto(live_server.url + reverse("evaluation:sensitivity", args=[run.pk]))
    page.wait_for_selector('[data-chart="frequencies-data"][data-ready]')
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    enter(page, live_server, clerk)
    assert page.goto(report).status == 404
    assert page.goto(live_server.url + reverse("evaluation:run", args=[run.pk])).status == 404
    page.goto(live_server.url + reverse("evaluation:overview"))
    assert page.locator(f"a[href*='/runs/{run.pk}/']").count() == 0
