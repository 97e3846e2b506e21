"""Sign-in in a real browser: the demo door, the second factor, a link, the trail's drawer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.utils import timezone

from jingkai.core.accounts.models import LinkPurpose
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.services.links import create_link
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.masterdata.organisations.tests.factories import BodyFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1440, 390)


def look(page: Any, name: str) -> None:
    """Keep a picture of the page at both widths when SCREENSHOTS names a folder; nothing may
    stick out sideways at either."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} px too wide at {width}"
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.fixture
def demo_people(settings: Any) -> None:
    settings.DEMO = True
    office = BodyFactory(name="市对外开放工作领导小组办公室", name_en="Office of the Leading Group")
    zone = BodyFactory(name="沈阳经济技术开发区管理委员会", name_en="Zone committee")
    for role in Role:
        UserFactory(
            username=f"demo-{role}",
            name=str(role.label),
            role=role,
            body=zone if role.startswith("zone") else office,
            is_demo=True,
            totp_secret="",
            totp_confirmed_at=None,
        )


@pytest.mark.usefixtures("demo_people")
def test_administrators_are_tried_through_the_demo_door(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}/account/sign-in/")
    look(page, "sign-in")
    page.fill("#id_username", "demo-office")
    page.fill("#id_password", "wrong")
    page.click(".sign-in-form .btn-primary")
    page.wait_for_selector("[role=alert]")
    look(page, "sign-in-refused")
    page.click("button[value=demo-security-admin]")
    page.wait_for_url("**/admin/users/")
    look(page, "users")
    page.click("tr[data-href] >> text=demo-zone-clerk")
    page.wait_for_url("**/admin/users/*/")
    page.locator("details.more summary").first.click()
    look(page, "user-card")
    page.goto(f"{live_server.url}/account/")
    look(page, "account")
    page.click("[data-tab=safety]")
    look(page, "account-safety")
    page.click("[data-tab=tokens]")
    page.click("details.more summary")
    look(page, "account-tokens")


@pytest.mark.usefixtures("demo_people")
def test_the_trail_opens_its_drawer_and_verifies(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}/account/sign-in/")
    page.click("button[value=demo-audit-admin]")
    page.wait_for_url("**/admin/audit/")
    page.locator("td a").first.click()
    page.wait_for_selector("#drawer .facts")
    look(page, "trail")
    page.keyboard.press("Escape")
    page.click("text=核验链条")
    page.wait_for_selector("#verification .notice-success")
    look(page, "trail-verified")


def test_a_new_administrator_chooses_a_password_and_enrols(page: Any, live_server: Any) -> None:
    admin = UserFactory(
        role=Role.SYSTEM_ADMIN, name="系统管理员", totp_secret="", totp_confirmed_at=None
    )
    _link, path = create_link(
        user=admin, purpose=LinkPurpose.SET_PASSWORD, now=timezone.now(), actor=None
    )
    page.goto(live_server.url + path)
    look(page, "link")
    for name in ("new", "again"):
        page.fill(f"#id_{name}", "a-long-word-nobody-knows")
    page.click(".sign-in-form .btn-primary")
    page.wait_for_selector(".qr")
    look(page, "enrol")
    secret = page.inner_text(".enrol .secret").replace(" ", "")
    page.fill("#id_code", pyotp.TOTP(secret).now())
    page.click(".enrol .btn-primary")
    page.wait_for_url("**/admin/users/")
    page.click("text=新增人员")
    look(page, "user-new")
    page.goto(live_server.url + path)
    look(page, "link-used")
