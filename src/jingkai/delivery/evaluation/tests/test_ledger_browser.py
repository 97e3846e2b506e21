"""The whole way in a real browser: case, confirmation, objection, answer, repeat, publication."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from jingkai.core.accounts.models import User
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.evaluation import terms
from jingkai.delivery.evaluation.models import (
    LedgerEntry,
    LedgerState,
    Objection,
    ObjectionState,
    Run,
    RunState,
)
from jingkai.delivery.evaluation.services.runs import compute_run

from .scenes import TERMS, YEAR, computed, department, paper, people, stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

expect.set_options(timeout=15_000)
YESTERDAY = date(2020, 1, 2)


@pytest.fixture
def visit(page: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The browser at an address of the room, as somebody. Every day is a working day."""
    monkeypatch.setattr(terms, "_fixed", ContextVar("terms", default=TERMS))
    monkeypatch.setattr(terms, "add_working_days", lambda day, count: day + timedelta(count))

    def go(user: User, rest: str) -> Any:
        cookie = signed_in(user).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(f"{live_server.url}/delivery/evaluation/{rest}")
        return page

    yield go
    page.goto("about:blank")
    page.wait_for_timeout(500)


def press(page: Any, action: str) -> None:
    """Press the button that posts to an address ending so."""
    own = f"form[action$='/{action}/'] button:not([formaction])"
    with page.expect_navigation():
        page.locator(f"{own}, button[formaction$='/{action}/']").first.click()


def days_pass(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(objections_until=YESTERDAY)


def test_from_a_case_to_a_published_ranking(visit: Callable[..., Any], tmp_path: Path) -> None:
    world, clerk = stage(zones=4), department()
    zone = people(world)
    proof = tmp_path / "通报.pdf"
    proof.write_bytes(paper().read())

    page = visit(clerk, f"ledger/new/?scheme={world.scheme.code}&year={YEAR}")
    page.check("#rule-accident")
    page.select_option("[name=zone]", world.zones[0].code)
    page.fill("[name=happened_on]", f"{YEAR}-06-01")
    page.fill("[name=reason]", "较大生产安全事故一起")
    page.set_input_files("[name=evidence]", proof)
    page.click("main form .btn-primary")
    page.wait_for_url("**/ledger/*/")
    entry = LedgerEntry.objects.get()
    press(visit(world.second, f"ledger/{entry.pk}/"), "confirm")
    entry.refresh_from_db()
    assert entry.state == LedgerState.CONFIRMED

    run = computed(world, now=timezone.now())
    page = visit(world.office, f"runs/{run.pk}/publication/")
    press(page, "circulate")
    run.refresh_from_db()
    assert run.state == RunState.CIRCULATED

    page = visit(zone.leader, f"runs/{run.pk}/zones/{world.zones[0].code}/")
    page.click(f"a[href$='objections/new/?run={run.pk}']")
    page.select_option("[name=point]", "figure:TAX")
    page.fill("[name=text]", "税收漏计一户企业。")
    page.click("main form .btn-primary")
    page.wait_for_url("**/objections/*/")
    found = Objection.objects.get()
    press(page, "file")

    page = visit(world.office, f"objections/{found.pk}/")
    page.select_option("[name=proposed_state]", "upheld")
    page.select_option("[name=effect]", "figure:void")
    page.fill("[name=answer]", "经核实，该数据不计。")
    press(page, "answer")
    press(visit(world.second, f"objections/{found.pk}/"), "confirm")
    found.refresh_from_db()
    assert found.state == ObjectionState.UPHELD

    days_pass(run)
    page = visit(world.leader, f"runs/{run.pk}/publication/")
    expect(page.locator("form[action$='/approve/'] button")).to_be_disabled()
    page = visit(world.office, f"runs/{run.pk}/publication/")
    press(page, "repeat")
    page.wait_for_url("**/publication/")
    again = Run.objects.get(repeats=run)
    compute_run(run_id=again.pk, actor=world.office, now=timezone.now())
    press(visit(world.office, f"runs/{again.pk}/publication/"), "circulate")
    days_pass(again)
    press(visit(world.leader, f"runs/{again.pk}/publication/"), "approve")
    press(visit(world.office, f"runs/{again.pk}/publication/"), "publish")
    again.refresh_from_db()
    run.refresh_from_db()
    assert (again.state, run.state) == (RunState.PUBLISHED, RunState.SUPERSEDED)

    page = visit(zone.clerk, f"runs/{again.pk}/")
    for other in world.zones[1:]:
        expect(page.locator("main")).to_contain_text(other.name)
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ("ledger/", f"objections/{found.pk}/", "warnings/", "objections/"):
        visit(zone.leader, address)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, address
