"""One house for all journeys: the shipped pack and the demonstration, in a database of its own.

Loading takes most of a minute, so it is done once for each process and shared. A journey that
writes uses objects no other journey touches, so the order of the journeys does not matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import override_settings
from django.utils import timezone, translation
from pytest_django.live_server_helper import LiveServer

PACK = Path(__file__).resolve().parents[2] / "packs" / "shenyang"
HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def house(browser: Any, django_db_blocker: Any) -> Iterator[str]:
    """Address of a running installation with demonstration data, gone after the last journey."""
    from jingkai.demo.public import load_demo
    from jingkai.packs.public import load_pack

    with django_db_blocker.unblock(), override_settings(DEMO=True), translation.override("zh-hans"):
        elsewhere = connection.settings_dict["NAME"]
        # Named for the process: before its first other test, all still share one database name.
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        name = connection.ops.quote_name(f"test_{elsewhere}_{worker}_house")
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name}")
        connection.settings_dict["NAME"] = name.strip('"')
        server = LiveServer("localhost", start=False)
        try:
            call_command("migrate", verbosity=0)
            now = timezone.now()
            load_pack(PACK, now=now)
            load_demo(now=now)
            server._live_server_modified_settings.enable()
            server.start()
            yield server.url
        finally:
            server.stop()
            server._live_server_modified_settings.disable()
            connections.close_all()
            connection.settings_dict["NAME"] = elsewhere
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def enter(page: Any, house: str) -> Callable[[str], Any]:
    """Sign in as a demonstration role in the one browser page and return the page."""

    def sign_in(role: str) -> Any:
        page.context.clear_cookies()
        page.goto(f"{house}/account/sign-in/")
        page.click(f"button[name=username][value={role}]")
        page.wait_for_selector(".topbar")
        page.wait_for_load_state()  # keys work once the deferred script ran
        return page

    return sign_in
