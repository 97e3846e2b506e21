"""What stands in the way of starting is said in a sentence, with what to do."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from jingkai import __version__
from jingkai.cli import environment
from jingkai.cli.console import as_failure
from jingkai.cli.failures import CommandFailed

from .conftest import Console

Usage = namedtuple("Usage", "total used free")


def test_missing_server_is_named_without_its_password(console: Console, tmp_path: Path) -> None:
    done = console(
        "manage",
        "check",
        DATA_DIR=str(tmp_path),
        DATABASE_URL="postgresql://clerk:geheim@127.0.0.1:9/jingkai",
    )

    assert done.returncode == 1
    assert "No PostgreSQL server answers at postgresql://clerk:…@127.0.0.1:9/jingkai" in done.stderr
    assert "DATABASE_URL" in done.stderr
    assert "geheim" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_missing_database_on_an_answering_server() -> None:
    address = os.environ["DATABASE_URL"].replace("/jingkai?", "/nowhere?")

    with pytest.raises(CommandFailed, match="has no database “nowhere”") as failure:
        environment.check_server(address)
    assert failure.value.repair == "Create it with: createdb --encoding=UTF8 nowhere"


def test_other_kind_of_database() -> None:
    with pytest.raises(CommandFailed, match="not a PostgreSQL address"):
        environment.check_server("mysql://localhost/jingkai")


def test_database_in_another_encoding() -> None:
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS latin")
        admin.execute(
            "CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
            " TEMPLATE template0"
        )
    try:
        with pytest.raises(CommandFailed, match="encoded in SQL_ASCII"):
            environment.check_server(server.replace("/jingkai?", "/latin?"))
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("DROP DATABASE latin")


def test_server_older_than_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "OLDEST_SERVER", 99)

    with pytest.raises(CommandFailed, match="needs 99 or newer"):
        environment.check_server(os.environ["DATABASE_URL"])


def test_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**12, 10**12, 50 * 1024**2))

    with pytest.raises(CommandFailed, match="50 MB are left") as failure:
        environment.check_disk(tmp_path / "not" / "there" / "yet")
    assert "200 MB" in failure.value.repair


def test_disk_that_fills_while_working() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as inner:
            raise RuntimeError("writing the report") from inner
    except RuntimeError as problem:
        failure = as_failure(problem)

    assert failure is not None
    assert "disk is full" in failure.message
    assert as_failure(RuntimeError("a fault of ours")) is None


@pytest.mark.parametrize(
    "note",
    [
        {"product": "99.0.0", "layout": 1},
        {"product": __version__, "layout": environment.LAYOUT + 1},
    ],
)
def test_folder_of_a_newer_version_is_left_alone(
    console: Console, tmp_path: Path, note: dict[str, object]
) -> None:
    (tmp_path / "VERSION").write_text(json.dumps(note))
    done = console("run", DATA_DIR=str(tmp_path), DATABASE_URL=None, PORT="18999")

    assert done.returncode == 1
    assert "which is older" in done.stderr
    assert "Nothing was changed" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["VERSION"]


def test_folder_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text(json.dumps({"product": "0.0.1", "layout": 1}))

    environment.check_version(tmp_path)


def test_unreadable_version_note(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("?")

    with pytest.raises(CommandFailed, match="not readable"):
        environment.check_version(tmp_path)


def test_half_a_restore_is_not_started(tmp_path: Path) -> None:
    (tmp_path / environment.UNFINISHED_FILE).touch()

    with pytest.raises(CommandFailed, match="was interrupted"):
        environment.check_version(tmp_path)


def test_database_of_a_newer_version_is_left_alone(
    console: Console, new_database: Callable[..., str], tmp_path: Path
) -> None:
    address = new_database("tables")
    with psycopg.connect(address) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('audit', '9999_from_the_future', now())"
        )
    done = console("run", DATA_DIR=str(tmp_path), DATABASE_URL=address, PORT="18998")

    assert done.returncode == 1
    assert "audit.9999_from_the_future" in done.stderr


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    from jingkai.cli import embedded

    with pytest.raises(CommandFailed, match="cannot be written"):
        embedded.start(tmp_path / "file" / "data")
