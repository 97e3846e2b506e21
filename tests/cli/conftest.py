"""A console to call as an operator would, and a database with something in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from jingkai.cli import embedded

from .composite_scenes import Run, caller

ROOT = Path(__file__).resolve().parents[2]
Console = Callable[..., subprocess.CompletedProcess[str]]

FILL = """
import django
django.setup()
from datetime import UTC, datetime
from jingkai.core.accounts.public import User
from jingkai.core.audit.public import record, seal_pending
now = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
users = [User.objects.create_user(f"user{n}", name=f"张\\t三\\n{n}") for n in range(30)]
for n, user in enumerate(users):
    record("test.done", actor=user, target=user, at=now, summary="说明", details={"n": n})
assert seal_pending(now=now) == 30
record("test.late", actor=None, at=now)
"""


def environment(**changes: str | None) -> dict[str, str]:
    """This process's environment with `changes`; None removes a variable."""
    merged = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C.UTF-8", **changes}
    return {name: value for name, value in merged.items() if value is not None}


@pytest.fixture
def console() -> Console:
    """Call `jingkai ARGUMENTS` with environment changes; returns code and output."""

    def call(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jingkai.cli.main", *arguments],
            capture_output=True,
            text=True,
            env=environment(**changes),
            timeout=120,
        )

    return call


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for data directories; whatever server is left in one is stopped.

    Not tmp_path: pytest closes the parent of that to others whenever another run begins.
    """
    made = Path(tempfile.mkdtemp(prefix="jk-", dir="/tmp"))
    yield made
    for data_dir in (made, *made.glob("*/")):
        embedded.stop(data_dir)
    shutil.rmtree(made)


def execute(*queries: sql.Composed) -> None:
    """Run administrative statements on the tests' server."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        for query in queries:
            admin.execute(query)


def create_database(name: str, template: str) -> str:
    """Create a database and return its address."""
    query = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    execute(query.format(sql.Identifier(name), sql.Identifier(template)))
    return os.environ["DATABASE_URL"].replace("/jingkai?", f"/{name}?")


def drop_database(name: str) -> None:
    """Remove a database, whoever still looks at it."""
    execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def migrated() -> Iterator[str]:
    """Name of a database with all tables and nothing in them."""
    name = f"cli_{uuid4().hex[:12]}"
    address = create_database(name, "template0")
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
        env=environment(DATABASE_URL=address),
        check=True,
    )
    yield name
    drop_database(name)


@pytest.fixture
def new_database(migrated: str) -> Iterator[Callable[..., str]]:
    """Create databases (`filled`, or with `tables` only, or `empty`) and return their addresses."""
    made: list[str] = []

    def create(kind: str = "filled") -> str:
        made.append(f"cli_{uuid4().hex[:12]}")
        address = create_database(made[-1], "template0" if kind == "empty" else migrated)
        if kind == "filled":
            subprocess.run(
                [sys.executable, "-c", FILL], env=environment(DATABASE_URL=address), check=True
            )
        return address

    yield create
    for name in made:
        drop_database(name)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call a command of `jingkai composite` on given texts; returns code and output."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return caller(tmp_path)
