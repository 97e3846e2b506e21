"""`jingkai run`: from nothing to a page, down on Ctrl-C, up again with the same data."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from jingkai.cli import embedded
from jingkai.cli.failures import CommandFailed
from jingkai.cli.serve import Address, Family, check_port, running_url, wait_until_ready

from .conftest import Console, environment


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_taken_port_is_said_before_anything_is_done(
    console: Console, tmp_path: Path, taken: int
) -> None:
    done = console("run", DATA_DIR=str(tmp_path / "data"), DATABASE_URL=None, PORT=str(taken))

    assert done.returncode == 1
    assert f"Port {taken} on 127.0.0.1 is taken by another program." in done.stderr
    assert f"PORT={taken + 1} ./run" in done.stderr
    assert not (tmp_path / "data").exists()


def test_own_server_on_the_port_is_recognised(tmp_path: Path, taken: int) -> None:
    note = {"pid": os.getpid(), "url": f"http://127.0.0.1:{taken}"}
    (tmp_path / "run.json").write_text(json.dumps(note))

    with pytest.raises(CommandFailed, match="already runs here"):
        check_port(Address("127.0.0.1", taken), tmp_path)


def test_note_of_a_dead_process_means_nothing(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "run.json").write_text(json.dumps({"pid": ended.pid, "url": "http://x"}))

    assert running_url(tmp_path) is None


@pytest.mark.parametrize(
    ("host", "said"),
    [("nowhere.invalid", "no address of a machine"), ("203.0.113.7", "no network address")],
)
def test_address_that_is_not_ours(tmp_path: Path, host: str, said: str) -> None:
    with pytest.raises(CommandFailed, match=said):
        check_port(Address(host, free_port()), tmp_path)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_port_that_is_none(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(CommandFailed, match="not a number from 1 to 65535"):
        Address.from_environment()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("jingkai.example", "http://jingkai.example:80"),
    ],
)
def test_address_for_a_browser(host: str, url: str) -> None:
    assert Address(host, 80).url == url


def test_server_that_dies_at_once_is_reported() -> None:
    family = Family()
    family.start("server", sys.executable, "-c", "raise SystemExit(3)", essential=True)

    with pytest.raises(CommandFailed, match="server ended right after its start"):
        wait_until_ready(Address("127.0.0.1", free_port()), family)


def test_child_that_ignores_the_request_to_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jingkai.cli.serve.STOP_SECONDS", 0.5)
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True)"
    family = Family()
    family.start("worker", sys.executable, "-c", f"{stubborn}; time.sleep(60)")
    time.sleep(0.5)

    family.stop()

    assert family.children[0].process.returncode == -signal.SIGKILL


class Run:
    """A `jingkai run` of its own, watched through its log."""

    def __init__(self, folder: Path, port: int) -> None:
        self.log = folder / "run.log"
        self.url = f"http://127.0.0.1:{port}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jingkai.cli.main", "run"],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Shells let what they start in the background ignore Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                env=environment(
                    DATA_DIR=str(folder),
                    DATABASE_URL=None,
                    PORT=str(port),
                    DEMO="0",
                    JINGKAI_WORKERS="1",
                ),
            )

    def wait(self) -> None:
        """Until the links are printed."""
        until = time.monotonic() + 120
        while "Ctrl-C" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(150)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.mark.slow
def test_start_stop_and_start_again_with_the_same_data(folder: Path, port: int) -> None:
    run = Run(folder, port)
    try:
        run.wait()
        links = re.findall(rf"{run.url}/\S+/", run.log.read_text())
        assert links, "the first administrator's way in"
        with urllib.request.urlopen(links[0]) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"{run.url}/healthz") as answer:
            assert json.load(answer)["ok"] is True
        with psycopg.connect(embedded.url(folder)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        family = run.family()
        assert len(family) >= 3, "server, its worker process, background worker"

        assert run.end(signal.SIGINT) == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []
        assert not embedded.is_running(folder)
        assert not (folder / "run.json").exists()

        run = Run(folder, port)
        run.wait()
        assert "up to date" in run.log.read_text()
        with psycopg.connect(embedded.url(folder)) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
        family = run.family()
        assert run.end(signal.SIGKILL) == -signal.SIGKILL
        assert psutil.wait_procs(family, timeout=25)[1] == [], "nobody is left behind"

        run = Run(folder, port)
        run.wait()
        assert run.end(signal.SIGTERM) == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_asked_to_end_while_still_starting_it_leaves_nothing_behind(
    folder: Path, port: int
) -> None:
    run = Run(folder, port)
    try:
        until = time.monotonic() + 120
        while not embedded.is_running(folder):
            assert run.process.poll() is None, run.log.read_text()
            assert time.monotonic() < until, run.log.read_text()
            time.sleep(0.05)

        assert run.end(signal.SIGTERM) != 0
        assert not embedded.is_running(folder)
        assert not (folder / "run.json").exists()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGKILL)
