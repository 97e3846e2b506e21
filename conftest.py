"""What every test needs: a database server of its own, compiled messages, a browser.

Tests keep their server and files apart from any installation: under DATA_DIR/test, by default
.data/test. A DATABASE_URL in the environment is used instead of the embedded server.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from jingkai.cli import embedded
from jingkai.cli.messages import compile_messages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parent
TEST_DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT / ".data")).resolve()
if TEST_DATA_DIR.name != "test":  # workers of one run inherit the folder already chosen
    TEST_DATA_DIR /= "test"
TEST_DATA_DIR.mkdir(parents=True, exist_ok=True)

# Before settings are read, so this cannot be a fixture.
os.environ["DATA_DIR"] = str(TEST_DATA_DIR)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingkai.settings")
OWN_SERVER = not os.environ.get("DATABASE_URL")
if OWN_SERVER:
    os.environ["DATABASE_URL"] = embedded.start(TEST_DATA_DIR, throwaway=True)
compile_messages()

import django  # noqa: E402 -- reads the settings made above

django.setup()


def pytest_unconfigure() -> None:
    """The last of the parallel processes to end stops the server."""
    if OWN_SERVER:
        from django.db import connections

        connections.close_all()
        embedded.leave(TEST_DATA_DIR)


def find_chromium() -> str | None:
    """Path of a Chromium on this machine: $CHROMIUM, or one on the PATH."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Without one: a loud skip, or a failure where browser tests must run."""
    chromium = find_chromium()
    if chromium is None:
        reason = "NO BROWSER TESTS: no Chromium here; apt-get install chromium, or set CHROMIUM"
        if os.environ.get("JINGKAI_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread; Django takes that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield launched
        launched.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh Chinese profile; the test fails when a page asks anything outside this machine."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    strangers: list[str] = []

    def guard(route: object) -> None:
        address = route.request.url  # type: ignore[attr-defined]
        if urlsplit(address).hostname in ("localhost", "127.0.0.1", None):
            route.continue_()  # type: ignore[attr-defined]
        else:
            strangers.append(address)
            route.abort()  # type: ignore[attr-defined]

    context.route("**/*", guard)
    yield context
    context.close()
    assert not strangers, f"the page asked outside this machine: {strangers}"


@pytest.fixture
def page(browser_context: BrowserContext) -> Iterator[Page]:
    """An empty page; the test fails on a script error or a break of the content security policy."""
    opened = browser_context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(f"{opened.url}: {error}"))
    opened.on(
        "console",
        lambda said: (
            errors.append(f"{opened.url}: {said.text}")
            if said.type == "error" and "Content Security Policy" in said.text
            else None
        ),
    )
    yield opened
    assert not errors, errors
