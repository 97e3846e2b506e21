"""Backup and restore: one dump, the files, and a manifest that says what a true copy looks like.

A backup is a folder or a .tar of it:

    manifest.json    versions, rows and digest of each table, digest of each file, head of the audit
    database.dump    pg_dump, custom format
    files/           what DATA_DIR holds beside the database: uploaded files, the secret key

Dump and digests are taken from one database snapshot, so a running installation can be backed up. A
restore compares every table and file with the manifest before it says that it is done.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from jingkai import __version__

from . import embedded
from .environment import (
    UNFINISHED_FILE,
    VERSION_FILE,
    Installation,
    check_server,
    shown,
    version_key,
    write_version,
)
from .failures import CommandFailed
from .texts import gettext as _

FORMAT: Final = 1
# Not part of the data: rebuilt, or belonging to the running process.
LEFT_OUT: Final = frozenset(
    {"postgres", "postgres.new", "postgres.lock", "postgres.users", "static", "test", "bench"}
    | {VERSION_FILE, UNFINISHED_FILE, "run.json"}
)
# Text output of values must not depend on the server's configuration, or digests would.
STEADY: Final = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; "
    "SET extra_float_digits = 1; SET bytea_output = 'hex'"
)


@dataclass(frozen=True, slots=True)
class TableState:
    """Content of one table: number of rows and SHA-256 over all of them in a fixed order."""

    rows: int
    sha256: str


def table_states(connection: psycopg.Connection[Any]) -> dict[str, TableState]:
    """Return the state of every table of the database, by `schema.table`.

    Rows go in the order of the primary key (of their text where there is none), compared byte by
    byte: equal content gives equal digests whatever the physical order and the server's collation.
    Cost: one ordered scan of each table.
    """
    connection.execute(STEADY)
    names = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_type = 'BASE TABLE' "
        "AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
    ).fetchall()
    return {
        f"{schema}.{table}": _table_state(connection, sql.Identifier(schema, table))
        for schema, table in names
    }


def _table_state(connection: psycopg.Connection[Any], table: sql.Identifier) -> TableState:
    found = connection.execute(
        "SELECT a.attname, a.attcollation <> 0, array_position(i.indkey::int2[], a.attnum)"
        " FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped"
        " ORDER BY a.attname",
        [table.as_string(connection)],
    ).fetchall()
    columns = [sql.Identifier(name) for name, _collated, _place in found]
    in_key = sorted((row for row in found if row[2] is not None), key=lambda row: row[2])
    key = [
        sql.SQL('{} COLLATE "C"' if collated else "{}").format(sql.Identifier(name))
        for name, collated, _place in in_key
    ]
    listed = sql.SQL(", ").join(columns)
    order = sql.SQL(", ").join(key) if key else sql.SQL('ROW({})::text COLLATE "C"').format(listed)
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(listed, table, order)
    digest, rows = hashlib.sha256(), 0
    with connection.cursor().copy(query) as copy:
        for block in copy:
            digest.update(block)
            rows += bytes(block).count(b"\n")
    return TableState(rows, digest.hexdigest())


def sequence_states(connection: psycopg.Connection[Any]) -> dict[str, int | None]:
    """Return the last value each sequence gave out; None for one never used."""
    rows = connection.execute(
        "SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences ORDER BY 1"
    )
    return dict(rows.fetchall())


def audit_head(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Return position and digest of the last link of the audit chain; empty before the first."""
    from django.apps import apps

    table = apps.get_model("audit", "AuditSeal")._meta.db_table
    query = sql.SQL("SELECT position, digest FROM {} ORDER BY position DESC LIMIT 1")
    row = connection.execute(query.format(sql.Identifier(table))).fetchone()
    return {"position": row[0], "digest": row[1]} if row else {}


def create_backup(installation: Installation, target: Path) -> dict[str, Any]:
    """Write a backup to `target` (a folder, or one file when the name ends in .tar).

    Returns the manifest. Raises CommandFailed when `target` exists or something cannot be written;
    then nothing is left behind.
    """
    target = target.absolute()
    if target.exists():
        raise CommandFailed(
            _("%(target)s exists already.") % {"target": target},
            _("Choose a new name: a backup never overwrites another one."),
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        manifest = _write(installation, work)
        if target.suffix == ".tar":
            packed = work.with_name(work.name + ".tar")
            try:
                with tarfile.open(packed, "x") as archive:
                    archive.add(work, arcname=".")
                packed.chmod(0o600)
                packed.rename(target)
            finally:
                packed.unlink(missing_ok=True)
        else:
            work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _write(installation: Installation, work: Path) -> dict[str, Any]:
    address = installation.database_url
    dump = work / "database.dump"
    with psycopg.connect(address) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        _postgres_program(
            "pg_dump",
            address,
            *("--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges"),
            *(f"--snapshot={snapshot[0]}", f"--file={dump}"),
        )
        tables = table_states(connection)
        manifest = {
            "format": FORMAT,
            "product": __version__,
            "postgres": connection.info.server_version // 10000,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "dump_sha256": _file_digest(dump),
            "tables": {
                name: {"rows": state.rows, "sha256": state.sha256} for name, state in tables.items()
            },
            "sequences": sequence_states(connection),
            "audit_head": audit_head(connection),
            "files": _copy_files(installation.data_dir, work / "files"),
        }
    (work / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
    return manifest


def _copy_files(data_dir: Path, target: Path) -> dict[str, str]:
    """Copy what DATA_DIR holds beside the database; return SHA-256 by relative path."""
    target.mkdir()
    digests = {}
    for path in sorted(data_dir.rglob("*")):
        relative = path.relative_to(data_dir)
        if relative.parts[0] in LEFT_OUT or path.is_symlink() or not path.is_file():
            continue
        copy = target / relative
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
        digests[relative.as_posix()] = _file_digest(copy)
    return digests


def restore_backup(source: Path, data_dir: Path, database_url: str = "") -> dict[str, Any]:
    """Restore `source` into an empty `data_dir`, its database into `database_url` if that is given.

    Returns the manifest after every table, sequence and file was found equal to it. Raises
    CommandFailed otherwise; what was written is removed again.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise CommandFailed(
            _("%(folder)s is not empty; a restore never overwrites data.") % {"folder": data_dir},
            _("Set DATA_DIR to a new folder."),
        )
    with _opened(source) as folder:
        manifest = _read_manifest(folder, source)
        if database_url:
            _require_empty(database_url)
        existed = data_dir.exists()
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / UNFINISHED_FILE).touch()
        try:
            _restore_files(folder, manifest, data_dir)
            address = database_url or embedded.start(data_dir)
            _postgres_program(
                "pg_restore",
                address,
                *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
                str(folder / "database.dump"),
            )
            try:
                _compare(manifest, address)
            except CommandFailed:
                if database_url:
                    _drop_everything(database_url)
                raise
            write_version(data_dir)
            (data_dir / UNFINISHED_FILE).unlink()
        except BaseException:
            _remove(data_dir, keep_folder=existed)
            raise
        finally:
            embedded.leave(data_dir)
    return manifest


def _remove(data_dir: Path, *, keep_folder: bool) -> None:
    with suppress(CommandFailed, OSError):
        embedded.stop(data_dir)
    for path in data_dir.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if not keep_folder:
        with suppress(OSError):
            data_dir.rmdir()


def _read_manifest(folder: Path, source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        form, product = int(manifest["format"]), str(manifest["product"])
        newer = form > FORMAT or version_key(product) > version_key(__version__)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandFailed(
            _("%(source)s is not a backup of Jingkai: %(reason)s.")
            % {"source": source, "reason": error},
            _("Name the folder or .tar that `jingkai backup` wrote."),
        ) from error
    if newer:
        raise CommandFailed(
            _("%(source)s was written by Jingkai %(theirs)s; this is %(ours)s, which is older.")
            % {"source": source, "theirs": product, "ours": __version__},
            _("Restore it with that version or a newer one."),
        )
    if _file_digest(folder / "database.dump") != manifest["dump_sha256"]:
        raise _damaged(source, "database.dump")
    return manifest


def _damaged(source: Path, name: str) -> CommandFailed:
    return CommandFailed(
        _("%(source)s is damaged: %(name)s is not what was written.")
        % {"source": source, "name": name},
        _("Use another copy of the backup. Nothing was restored."),
    )


def _restore_files(folder: Path, manifest: Mapping[str, Any], data_dir: Path) -> None:
    for name, digest in manifest["files"].items():
        source, target = folder / "files" / _safe(name), data_dir / _safe(name)
        if not source.is_file() or _file_digest(source) != digest:
            raise _damaged(folder, f"files/{name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _compare(manifest: Mapping[str, Any], address: str) -> None:
    with psycopg.connect(address) as connection:
        found: dict[str, Any] = {
            name: {"rows": state.rows, "sha256": state.sha256}
            for name, state in table_states(connection).items()
        }
        wrong = sorted(
            name
            for name in found.keys() | manifest["tables"].keys()
            if found.get(name) != manifest["tables"].get(name)
        )
        if sequence_states(connection) != manifest["sequences"]:
            wrong.append(_("sequences"))
    if wrong:
        raise CommandFailed(
            _("The restored data differ from the backup in: %(names)s.")
            % {"names": ", ".join(wrong)},
            _("Nothing was kept. Please report this together with both versions of PostgreSQL."),
        )


def _require_empty(database_url: str) -> None:
    check_server(database_url)
    with psycopg.connect(database_url) as connection:
        tables = table_count(connection)
    if tables:
        raise CommandFailed(
            _("The database at %(url)s is not empty: %(tables)d tables.")
            % {"url": shown(database_url), "tables": tables},
            _("Create a new database and name it in DATABASE_URL."),
        )


def table_count(connection: psycopg.Connection[Any]) -> int:
    """Number of tables that are not the server's own."""
    row = connection.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN "
        "('pg_catalog', 'information_schema')"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _drop_everything(database_url: str) -> None:
    """Empty a database that was empty before the restore."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@contextmanager
def _opened(source: Path) -> Iterator[Path]:
    """The backup as a folder; a .tar is unpacked beside itself, where there was room for it."""
    if source.is_dir():
        yield source
        return
    if not source.is_file() or not tarfile.is_tarfile(source):
        raise CommandFailed(
            _("%(source)s is neither a folder nor a .tar file.") % {"source": source},
            _("Name the folder or .tar that `jingkai backup` wrote."),
        )
    with tempfile.TemporaryDirectory(prefix=".restore.", dir=source.absolute().parent) as name:
        folder = Path(name)
        with tarfile.open(source) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    target = folder / _safe(member.name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with content, target.open("wb") as copy:
                        shutil.copyfileobj(content, copy)
                    os.utime(target, (member.mtime, member.mtime))
                    target.chmod(member.mode & 0o700)
        yield folder


def _safe(name: str) -> PurePosixPath:
    """`name` as a relative path. Raises CommandFailed when it would lead out of its folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise CommandFailed(
            _("The backup names a file outside its folder: %(name)s.") % {"name": name},
            _("Do not use it: Jingkai never writes such a backup."),
        )
    return path


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _postgres_program(program: str, address: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore against `address`; its password is not to be seen in `ps`."""
    executable = _find_program(program, check_server(address))
    parts = urlsplit(address)
    secret = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    if parts.password:
        place = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{parts.username}@{place}")
    done = subprocess.run(
        [executable, f"--dbname={urlunsplit(parts)}", "--no-password", *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, **secret, "LC_ALL": "C"},
    )
    if done.returncode:
        raise embedded.explain(program, done.stderr.strip())


def _find_program(program: str, server: int) -> str:
    """The embedded package's program, or the machine's own when the server is newer than it."""
    if server <= embedded.MAJOR:
        return str(embedded.binaries() / program)
    own = shutil.which(program)
    if own:
        said = subprocess.run([own, "--version"], capture_output=True, text=True).stdout
        number = re.search(r"(\d+)", said)
        if number and int(number.group(1)) >= server:
            return own
    raise CommandFailed(
        _("The server is PostgreSQL %(server)d; there is no %(program)s of that version here.")
        % {"server": server, "program": program},
        _("Install the PostgreSQL client programs of version %(server)d.") % {"server": server},
    )
