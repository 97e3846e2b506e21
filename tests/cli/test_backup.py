"""Backup and restore give the same data: every table, sequence, file and audit seal."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from jingkai.cli import backup, embedded
from jingkai.cli.environment import Installation
from jingkai.cli.failures import CommandFailed

from .conftest import Console

NewDatabase = Callable[..., str]


@pytest.fixture
def installation(new_database: NewDatabase, tmp_path: Path) -> Installation:
    """A filled database, an uploaded file and a secret key."""
    folder = tmp_path / "data"
    (folder / "files" / "2026").mkdir(parents=True)
    (folder / "files" / "2026" / "说明.pdf").write_bytes(b"%PDF" + bytes(range(256)))
    (folder / "secret_key").write_text("key")
    (folder / "secret_key").chmod(0o600)
    (folder / "static").mkdir()
    (folder / "static" / "rebuilt.css").touch()
    return Installation(folder, new_database("filled"), embedded=False)


@pytest.fixture
def target(folder: Path) -> Path:
    """Where to restore to."""
    return folder / "restored"


def content(address: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, found without the code under test."""
    tables = {}
    with psycopg.connect(address) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (name,) in names:
            rows = connection.execute(f'SELECT to_jsonb(t)::text FROM "{name}" t ORDER BY 1')
            tables[name] = rows.fetchall()
    return tables


def head(address: str) -> object:
    with psycopg.connect(address) as connection:
        return backup.audit_head(connection)


@pytest.mark.parametrize("name", ["copy.tar", "copy"])
def test_restored_data_are_the_same(
    installation: Installation, target: Path, tmp_path: Path, console: Console, name: str
) -> None:
    before = content(installation.database_url)
    assert len(before) > 40
    assert len(before["audit_auditseal"]) == 30

    manifest = backup.create_backup(installation, tmp_path / name)
    backup.restore_backup(tmp_path / name, target)

    address = embedded.start(target)
    assert content(address) == before
    assert head(address) == head(installation.database_url) == manifest["audit_head"]
    assert manifest["audit_head"]["position"] == 30
    with psycopg.connect(address) as new, psycopg.connect(installation.database_url) as old:
        assert backup.sequence_states(new) == backup.sequence_states(old)
    restored = {path.relative_to(target).as_posix() for path in target.rglob("*.pdf")}
    assert restored == {"files/2026/说明.pdf"}
    assert (target / "secret_key").read_text() == "key"
    assert (target / "secret_key").stat().st_mode & 0o077 == 0
    assert not (target / "static").exists()

    verified = console("audit", "verify", "--json", DATA_DIR=str(target), DATABASE_URL=None)
    report = json.loads(verified.stdout)
    assert (verified.returncode, report["ok"], report["checked"]) == (0, True, 30)
    assert report["unsealed"] == 1


def test_restore_into_an_empty_database_of_a_server(
    installation: Installation, new_database: NewDatabase, target: Path, tmp_path: Path
) -> None:
    address = new_database("empty")
    backup.create_backup(installation, tmp_path / "copy")
    backup.restore_backup(tmp_path / "copy", target, address)

    assert content(address) == content(installation.database_url)
    assert not embedded.cluster(target).exists()


def test_running_installation_gives_one_moment(
    installation: Installation, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = backup._postgres_program

    def dump_while_others_write(*arguments: str) -> None:
        with psycopg.connect(installation.database_url) as connection:
            connection.execute(
                "INSERT INTO audit_auditseal"
                " (position, event_id, algorithm, previous, digest, sealed_at)"
                " VALUES (31, 999, 'SM3', '', 'later', now())"
            )
        dump(*arguments)

    monkeypatch.setattr(backup, "_postgres_program", dump_while_others_write)
    manifest = backup.create_backup(installation, tmp_path / "copy")
    monkeypatch.undo()

    assert manifest["audit_head"]["position"] == 30
    backup.restore_backup(tmp_path / "copy", target)


def test_nothing_is_overwritten(
    installation: Installation, new_database: NewDatabase, target: Path, tmp_path: Path
) -> None:
    backup.create_backup(installation, tmp_path / "copy")

    with pytest.raises(CommandFailed, match="exists already"):
        backup.create_backup(installation, tmp_path / "copy")
    with pytest.raises(CommandFailed, match="is not empty"):
        backup.restore_backup(tmp_path / "copy", installation.data_dir)
    with pytest.raises(CommandFailed, match="is not empty: "):
        backup.restore_backup(tmp_path / "copy", target, new_database("tables"))
    assert not target.exists()


def test_failed_backup_leaves_nothing(installation: Installation, tmp_path: Path) -> None:
    nowhere = Installation(installation.data_dir, "postgresql://127.0.0.1:9/x", embedded=False)

    with pytest.raises(psycopg.OperationalError):
        backup.create_backup(nowhere, tmp_path / "out" / "copy.tar")
    assert list((tmp_path / "out").iterdir()) == []


def edit_manifest(folder: Path, **changes: object) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_newer_backup_is_refused(installation: Installation, target: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    backup.create_backup(installation, copy)
    edit_manifest(copy, product="99.0")
    with pytest.raises(CommandFailed, match=r"written by Jingkai 99.0; this is .* older"):
        backup.restore_backup(copy, target)

    edit_manifest(copy, product="0.0.1", format=backup.FORMAT + 1)
    with pytest.raises(CommandFailed, match="older"):
        backup.restore_backup(copy, target)
    assert not target.exists()


@pytest.mark.parametrize("damage", ["dump", "file", "table", "sequence"])
def test_damaged_backup_leaves_nothing_behind(
    installation: Installation, target: Path, tmp_path: Path, damage: str
) -> None:
    copy = tmp_path / "copy"
    manifest = backup.create_backup(installation, copy)
    if damage == "dump":
        (copy / "database.dump").write_bytes((copy / "database.dump").read_bytes()[:-1])
    elif damage == "file":
        (copy / "files" / "secret_key").write_text("yek")
    elif damage == "table":
        manifest["tables"]["public.audit_auditevent"]["sha256"] = "0" * 64
        edit_manifest(copy, tables=manifest["tables"])
    else:
        edit_manifest(copy, sequences={})

    with pytest.raises(CommandFailed, match=r"damaged|differ"):
        backup.restore_backup(copy, target)
    assert not target.exists()


def test_difference_in_a_server_database_empties_it_again(
    installation: Installation, new_database: NewDatabase, target: Path, tmp_path: Path
) -> None:
    backup.create_backup(installation, tmp_path / "copy")
    edit_manifest(tmp_path / "copy", sequences={})
    address = new_database("empty")

    with pytest.raises(CommandFailed, match="differ from the backup in: sequences"):
        backup.restore_backup(tmp_path / "copy", target, address)
    assert content(address) == {}


def test_tar_that_leads_out_of_its_folder_is_refused(target: Path, tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("x")
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.add(tmp_path / "evil", arcname="../../evil-was-here")

    with pytest.raises(CommandFailed, match="outside its folder"):
        backup.restore_backup(tmp_path / "evil.tar", target)


def test_something_else_is_not_a_backup(target: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    for source in (tmp_path / "notes.txt", tmp_path / "missing", tmp_path):
        with pytest.raises(CommandFailed, match=r"neither a folder nor|not a backup"):
            backup.restore_backup(source, target)


def test_digest_sees_a_changed_value_and_not_the_physical_order(
    new_database: NewDatabase,
) -> None:
    def digest(rows: str) -> backup.TableState:
        with psycopg.connect(new_database("empty")) as connection:
            connection.execute('CREATE TABLE t (b text, a int, "列" numeric, PRIMARY KEY (b, a))')
            connection.execute(f"INSERT INTO t VALUES {rows}")
            return backup.table_states(connection)["public.t"]

    one = digest("('x\ny', 1, 1.50), ('中', 2, 2)")
    assert one == digest("('中', 2, 2), ('x\ny', 1, 1.50)")
    assert one.rows == 2
    assert one != digest("('x\ny', 1, 1.51), ('中', 2, 2)")
    assert one != digest("('x\ny', 1, 1.5), ('中', 2, 2)"), "1.50 is not 1.5 in a figure"


def test_password_is_not_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = {}

    def record(command: list[str], **named: object) -> object:
        seen["command"], seen["env"] = command, named["env"]
        return backup.subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(backup, "check_server", lambda _address: 18)
    monkeypatch.setattr(backup.subprocess, "run", record)
    backup._postgres_program("pg_dump", "postgresql://clerk:p%40ss@db:5432/jk", "--file=x")

    assert "p%40ss" not in " ".join(seen["command"])
    assert "--dbname=postgresql://clerk@db:5432/jk" in seen["command"]
    assert seen["env"]["PGPASSWORD"] == "p@ss"


def test_client_programs_older_than_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    with pytest.raises(CommandFailed, match="PostgreSQL 99; there is no pg_dump"):
        backup._find_program("pg_dump", 99)
