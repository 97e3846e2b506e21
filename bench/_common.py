"""What every benchmark shares: Django on its own database, the machine, the table it prints."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

HOME: Final = os.environ.get("DATABASE_URL", "")  # the server's own database, never dropped


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement beside its budget. `ok` is None where the design sets no budget."""

    what: str
    measured: str
    budget: str
    ok: bool | None


def machine() -> str:
    """Processor count, memory and versions, for whoever compares later."""
    memory = psutil.virtual_memory().total / 1024**3
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def fresh_database(name: str, *, keep: bool = False) -> bool:
    """Point DATABASE_URL at database `name` of the same server; True when it was just made."""
    parts = urlsplit(HOME)
    with psycopg.connect(HOME, autocommit=True) as connection:
        there = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if there and not keep:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            there = None
        if not there:
            connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{name}"))
    return not there


def start_django(*apps: str, migrate: bool = True) -> None:
    """Set Django up on DATABASE_URL, with `apps` of the benchmark's own, and migrate."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "jingkai.settings"
    import django
    from django.conf import settings

    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, *apps]
    django.setup()
    if migrate:
        call_migrate()


def call_migrate() -> None:
    """Make or update the tables of the database at hand."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def repeat(action: Callable[[], Any], times: int) -> list[float]:
    """Seconds of each of `times` runs after one that does not count."""
    action()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return seconds


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


@contextmanager
def timed() -> Iterator[list[float]]:
    """`with timed() as t: …` puts the seconds into t[0]."""
    box: list[float] = []
    start = time.perf_counter()
    yield box
    box.append(time.perf_counter() - start)


def report(title: str, lines: list[Line]) -> int:
    """Print the table (JSON with --json); exit code 1 when a budget is missed."""
    if "--json" in sys.argv:
        print(
            json.dumps(
                {"title": title, "machine": machine(), "lines": [asdict(x) for x in lines]},
                ensure_ascii=False,
            )
        )
    else:
        print(f"{title}   [{machine()}]")
        width = max(len(line.what) for line in lines)
        for line in lines:
            mark = {True: "within", False: "MISSED", None: ""}[line.ok]
            print(f"  {line.what:<{width}}  {line.measured:>30}  budget {line.budget:<16} {mark}")
    return 1 if any(line.ok is False for line in lines) else 0
