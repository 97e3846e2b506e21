"""`jingkai run`: from an empty folder to a page in the browser, and back down on Ctrl-C."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console

from jingkai import __version__

from . import rooms
from .bootstrap import VENDOR
from .environment import (
    ROOT,
    Installation,
    check_migrations_known,
    data_dir,
    prepare,
    write_version,
)
from .failures import CommandFailed
from .messages import compile_messages
from .steps import Steps
from .texts import gettext as _

RUN_FILE: Final = "run.json"
START_SECONDS: Final = 60
STOP_SECONDS: Final = 25
RESTART_PAUSE: Final = 5.0
BACKLOG: Final = "4096"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> Address:
        """HOST and PORT, by default 127.0.0.1:8000. Raises CommandFailed for a wrong PORT."""
        text = os.environ.get("PORT") or "8000"
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise CommandFailed(
                _("PORT is “%(text)s”, not a number from 1 to 65535.") % {"text": text},
                _("For example: PORT=8001 ./run"),
            )
        return cls(os.environ.get("HOST") or "127.0.0.1", int(text))

    @property
    def url(self) -> str:
        """Address for a browser on this machine."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
        host = everywhere.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{host}:{self.port}"


def check_port(address: Address, folder: Path) -> None:
    """Raise CommandFailed when nothing could listen at `address`."""
    try:
        family, kind, protocol, _name, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
    except socket.gaierror as error:
        raise CommandFailed(
            _("HOST is “%(host)s”, which is no address of a machine: %(reason)s.")
            % {"host": address.host, "reason": error.strerror},
            _("Use 127.0.0.1 for this machine only, or 0.0.0.0 for the whole network."),
        ) from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            raise _no_port(address, folder, error) from error


def _no_port(address: Address, folder: Path, error: OSError) -> CommandFailed:
    values = {"host": address.host, "port": address.port}
    other = _("Choose another port, for example: PORT=%(port)d ./run") % {"port": address.port + 1}
    if error.errno == errno.EACCES:
        return CommandFailed(
            _("This user may not listen on port %(port)d.") % values,
            _("Ports below 1024 belong to root. %(other)s") % {"other": other},
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return CommandFailed(
            _("This machine has no network address %(host)s.") % values,
            _("Use 127.0.0.1 for this machine only, or 0.0.0.0 for the whole network."),
        )
    if error.errno != errno.EADDRINUSE:
        return CommandFailed(f"{address.url}: {error.strerror}", other)
    if (url := running_url(folder)) and url == address.url:
        return CommandFailed(
            _("Jingkai already runs here, at %(url)s.") % {"url": url},
            _("Open it in a browser; `jingkai links` prints new sign-in links."),
        )
    return CommandFailed(
        _("Port %(port)d on %(host)s is taken by another program.") % values,
        other,
    )


def running_url(folder: Path) -> str | None:
    """Address of the `jingkai run` at work on `folder`, if there is one."""
    try:
        note = json.loads((folder / RUN_FILE).read_text())
        os.kill(int(note["pid"]), 0)
    except PermissionError:
        pass  # it lives, under another user
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(note["url"])


def run(console: Console) -> int:
    """Start everything, serve until interrupted, stop everything. Returns the exit code.

    SIGTERM (a container being stopped) is taken like Ctrl-C, also while still starting.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    address = Address.from_environment()
    folder = data_dir()
    check_port(address, folder)
    demo = os.environ.get("DEMO", "1") != "0"
    console.print(f"[bold]Jingkai 经开[/] {__version__}  [dim]{folder}[/]", highlight=False)
    steps = Steps(console)
    _check_front_end()
    with steps.step(_("Database")) as notes:
        installation = prepare()
        notes.append(
            _("embedded PostgreSQL") if installation.embedded else _("server at DATABASE_URL")
        )
        compile_messages()
    with steps.step(_("Migrations")) as notes:
        notes.append(_apply_migrations(installation))
    with steps.step(_("Policy pack")) as notes:
        notes.append(rooms.load_pack(ROOT / "packs" / "shenyang"))
    if demo:
        with steps.step(_("Demonstration data (synthetic)")) as notes:
            notes.append(rooms.load_demo())
    family = Family()
    try:
        with steps.step(_("Server and background worker")) as notes:
            family.start(_("background worker"), sys.executable, "-m", "jingkai.cli.worker")
            family.start(_("server"), *server_command(address), essential=True)
            wait_until_ready(address, family)
            notes.append(address.url)
        note = {"pid": os.getpid(), "url": address.url}
        (folder / RUN_FILE).write_text(json.dumps(note))
        console.print(_("Ready after %(time)s.") % {"time": steps.total()}, style="bold")
        print_links(console, address.url, demo=demo)
        console.print(_("Ctrl-C stops Jingkai; the data stay in %(folder)s.") % {"folder": folder})
        return family.watch(console)
    except KeyboardInterrupt:
        return 0
    finally:
        console.print(_("Stopping …"))
        family.stop()
        (folder / RUN_FILE).unlink(missing_ok=True)


def _check_front_end() -> None:
    if not (VENDOR / ".stamp").exists():
        raise CommandFailed(
            _("The front-end files are missing in %(folder)s.") % {"folder": VENDOR},
            _("Run ./setup."),
        )


def _apply_migrations(installation: Installation) -> str:
    from django.core.management import call_command
    from django.db import connection

    pending = check_migrations_known()
    if pending:
        # Two servers starting on one database must not migrate at the same time.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('jingkai.migrate'))")
            try:
                call_command("migrate", verbosity=0, interactive=False)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('jingkai.migrate'))")
    write_version(installation.data_dir)
    return _("%(count)d applied") % {"count": len(pending)} if pending else _("up to date")


def server_command(address: Address) -> list[str]:
    """The web server's command line."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    workers = os.environ.get("JINGKAI_WORKERS") or str(max(2, min(processors, 8)))
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", address.host, "--port", str(address.port)),
        *("--workers", workers, "--blocking-threads", "4", "--respawn-failed-workers"),
        # When a whole city sends at once, requests wait here for a thread; nobody is refused.
        *("--backlog", BACKLOG, "--backpressure", BACKLOG),
        *("--workers-kill-timeout", "10", "--log-level", "warning"),
        "jingkai.wsgi:application",
    ]


def wait_until_ready(address: Address, family: Family) -> None:
    """Wait for /healthz to say yes. Raises CommandFailed when a process ends or time runs out."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + START_SECONDS
    said = ""
    while time.monotonic() < until:
        if (name := family.ended()) is not None:
            raise CommandFailed(
                _("The %(name)s ended right after its start; its last words stand above.")
                % {"name": name},
                _("`jingkai doctor` looks for causes."),
            )
        try:
            with opener.open(f"{address.url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            said = f"{error.code} {error.read(300).decode(errors='replace')}"
        except OSError as error:
            said = str(error)
        time.sleep(0.1)
    raise CommandFailed(
        _("The server does not get ready at %(url)s/healthz: %(said)s")
        % {"url": address.url, "said": said},
        _("`jingkai doctor` looks for causes."),
    )


def print_links(console: Console, url: str, *, demo: bool) -> None:
    """Print a one-time sign-in link for each demonstration role, or for the first administrator."""
    links = rooms.sign_in_links(url, demo=demo)
    if not links:
        console.print(f"→ {url}", highlight=False, soft_wrap=True)
        return
    console.print(_("Sign in with one of these links; each opens the door once:"))
    width = max(len(link.role) for link in links)
    for link in links:
        console.print(
            f"  {link.role:<{width}}  {link.url}", highlight=False, markup=False, soft_wrap=True
        )


@dataclass(slots=True)
class Child:
    """One process of ours."""

    name: str
    command: tuple[str, ...]
    essential: bool
    process: subprocess.Popen[bytes]


@dataclass(slots=True)
class Family:
    """The processes `jingkai run` is the parent of."""

    children: list[Child] = field(default_factory=list)

    def start(self, name: str, *command: str, essential: bool = False) -> None:
        """Start a process; the run ends with an `essential` one, others are started again."""
        self.children.append(Child(name, command, essential, _spawn(command)))

    def ended(self) -> str | None:
        """Name of a process that is no longer there."""
        return next((c.name for c in self.children if c.process.poll() is not None), None)

    def watch(self, console: Console) -> int:
        """Return 1 when an essential process ends by itself; until then keep the others alive."""
        while True:
            time.sleep(0.5)
            for child in self.children:
                code = child.process.poll()
                if code is None:
                    continue
                console.print(
                    _("The %(name)s ended by itself (code %(code)d).")
                    % {"name": child.name, "code": code},
                    style="red",
                )
                if child.essential:
                    return 1
                time.sleep(RESTART_PAUSE)
                child.process = _spawn(child.command)

    def stop(self) -> None:
        """Ask all to end, in groups of their own; end those by force that do not in time."""
        for child in self.children:
            with suppress(ProcessLookupError):
                child.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for child in self.children:
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _spawn(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # A group of its own: Ctrl-C in the terminal reaches only us, and we stop the children in order.
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent
    )


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent is killed."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)
