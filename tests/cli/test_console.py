"""Every command explains itself; exit codes are 0, 1 and 2."""

from __future__ import annotations

import gettext as standard
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from jingkai import __version__
from jingkai.cli import rooms, texts
from jingkai.cli.failures import CommandFailed
from jingkai.cli.main import app

from .conftest import Console

COMMANDS = [
    "run",
    "links",
    "doctor",
    "backup",
    "restore",
    "bench",
    "audit verify",
    "token create",
    "pack check",
    "pack load",
    "pack diff",
    "pack export",
    "policy parse",
    "evaluation verify",
    "exchange export",
    "exchange import",
    "exchange codes",
    "composite build",
    "composite compare",
    "composite panel",
    "composite uncertainty",
    "composite sensitivity",
    "composite audit",
]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--help"])

    assert done.exit_code == 0
    assert "Usage: " in done.output
    assert len(done.output.strip().splitlines()) > 4


def test_every_command_is_in_this_test() -> None:
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    named = [c.name or c.callback.__name__ for c in app.registered_commands]
    for name, group in groups.items():
        named += [f"{name} {c.name or c.callback.__name__}" for c in group.registered_commands]

    assert sorted(named) == sorted([*COMMANDS, "manage"])


def test_django_help_and_version(console: Console, tmp_path: Path) -> None:
    done = console("manage", "migrate", "--help", DATA_DIR=str(tmp_path))
    assert done.returncode == 0
    assert "usage: jingkai manage migrate" in done.stdout

    assert console("--version").stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["fly"], ["run", "--fly"], ["restore"], ["token", "create", "x", "--days=0"]]
)
def test_wrong_usage_is_two(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_django_command_that_fails_is_one(console: Console, tmp_path: Path) -> None:
    done = console("manage", "migrate", "no-such-app", DATA_DIR=str(tmp_path))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_token_is_printed_once_and_kept_as_digest(
    console: Console, new_database: Callable[..., str], tmp_path: Path
) -> None:
    where = {"DATA_DIR": str(tmp_path), "DATABASE_URL": new_database("filled")}
    made = console("token", "create", "user1", "--days", "7", "--json", **where)
    refused = console("token", "create", "user1", "--scope", "everything", **where)
    unknown = console("token", "create", "nobody", **where)

    secret = json.loads(made.stdout)["token"]
    with psycopg.connect(where["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "SELECT digest, prefix, scopes, expires_at - created_at FROM accounts_apitoken"
        ).fetchall()
    assert len(rows) == 1
    digest, prefix, scopes, lives = rows[0]
    assert secret.startswith(prefix)
    assert secret not in digest
    assert scopes
    assert all(scope.endswith(":read") for scope in scopes)
    assert lives == timedelta(days=7)
    assert (refused.returncode, unknown.returncode) == (1, 1)
    assert "everything" in refused.stderr
    assert "There is no user nobody" in unknown.stderr


def test_what_this_version_lacks_is_said() -> None:
    with pytest.raises(CommandFailed, match=r"cannot do that: No module named .jingkai\.nowhere"):
        rooms.call("nowhere", "fly")


def test_benchmarks_report_their_outcome(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = console("bench", "no-such-benchmark", DATA_DIR=str(tmp_path))

    assert done.returncode == 1
    assert "There is no benchmark no-such-benchmark" in done.stderr


def test_console_speaks_the_terminals_language(console: Console, tmp_path: Path) -> None:
    wrong = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "mysql://x/y"}
    chinese = console("manage", "check", **wrong, LC_ALL="zh_CN.UTF-8", PYTHONUTF8="1")
    english = console("manage", "check", **wrong, LC_ALL="C.UTF-8", LANGUAGE=None)

    assert "DATABASE_URL 不是 PostgreSQL 地址" in chinese.stderr
    assert "DATABASE_URL is not a PostgreSQL address" in english.stderr


def test_every_sentence_of_the_console_is_translated() -> None:
    from jingkai.cli.catalogues import PACKAGE, collect

    catalogue = standard.translation("django", texts.LOCALE_DIR, ["zh_Hans"])
    said = {message for _file, message, _context in collect(PACKAGE / "cli")}
    same = {"jingkai pack load packs/shenyang"}  # a command
    missing = [text for text in said - same if catalogue.gettext(str(text)) == text]

    assert len(said) > 80
    assert missing == []


def test_json_is_json_alone(console: Console, tmp_path: Path) -> None:
    done = console("doctor", "--json", DATA_DIR=str(tmp_path), DATABASE_URL="mysql://x/y")

    assert isinstance(json.loads(done.stdout), list)
