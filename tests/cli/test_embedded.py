"""The embedded server: it starts, is shared, stops with its last user, and keeps the data."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from jingkai.cli import embedded
from jingkai.cli.failures import CommandFailed

from .conftest import environment

HOLD = """
import sys, time
from pathlib import Path
from jingkai.cli import embedded
print(embedded.start(Path(sys.argv[1]), throwaway=True), flush=True)
time.sleep(60)
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stdout
    assert process.stdout.readline().startswith("postgresql://")
    return process


def test_restart_keeps_the_data(folder: Path) -> None:
    with psycopg.connect(embedded.start(folder, throwaway=True)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '开发区' AS name")
    assert embedded.leave(folder)
    assert not embedded.is_running(folder)

    with psycopg.connect(embedded.start(folder, throwaway=True)) as connection:
        assert connection.execute("SELECT name FROM kept").fetchone() == ("开发区",)
        settings = connection.execute(
            "SELECT current_setting('server_encoding'), datlocprovider::text, datlocale"
            " FROM pg_database WHERE datname = 'jingkai'"
        ).fetchone()
    assert settings == ("UTF8", "b", "C.UTF-8")


def test_only_a_throwaway_server_gives_up_durability(folder: Path) -> None:
    with psycopg.connect(embedded.start(folder)) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_the_last_one_to_leave_stops_the_server(folder: Path) -> None:
    embedded.start(folder, throwaway=True)
    other = hold(folder)

    assert not embedded.leave(folder)
    assert embedded.is_running(folder)
    other.send_signal(signal.SIGKILL)  # it cannot say good-bye
    other.wait()
    embedded.start(folder, throwaway=True)
    assert embedded.leave(folder)
    assert not embedded.is_running(folder)


def test_server_that_was_killed_comes_back_with_what_was_committed(folder: Path) -> None:
    with psycopg.connect(embedded.start(folder)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    server = embedded.cluster(folder) / "postmaster.pid"
    process = psutil.Process(int(server.read_text().splitlines()[0]))
    family = [*process.children(recursive=True), process]
    for member in reversed(family):
        member.kill()
    psutil.wait_procs(family, timeout=10)

    with psycopg.connect(embedded.start(folder)) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_number_of_another_process_is_not_taken_for_the_server(folder: Path) -> None:
    embedded.start(folder, throwaway=True)
    embedded.leave(folder)
    note = embedded.cluster(folder) / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{embedded.cluster(folder)}\n1\n5432\n\n\n\nready\n")

    assert not embedded.is_running(folder)
    with psycopg.connect(embedded.start(folder, throwaway=True)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_path_longer_than_a_socket_allows(folder: Path) -> None:
    deep = folder / ("数据" * 20) / "installation"
    deep.mkdir(parents=True)
    try:
        address = embedded.start(deep, throwaway=True)
        assert str(deep) not in address
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        embedded.stop(deep)


def test_nobody_else_reaches_socket_or_files(folder: Path) -> None:
    embedded.start(folder, throwaway=True)
    cluster = embedded.cluster(folder)

    assert stat.S_IMODE(cluster.stat().st_mode) == 0o700
    assert stat.S_IMODE((cluster / embedded.SOCKET_NAME).stat().st_mode) == 0o700
    pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
    listening = psutil.Process(pid).net_connections("inet")
    assert listening == []


def test_files_of_another_postgresql_version_are_refused(folder: Path) -> None:
    embedded.start(folder, throwaway=True)
    embedded.leave(folder)
    (embedded.cluster(folder) / "PG_VERSION").write_text("15\n")

    with pytest.raises(CommandFailed, match="written by PostgreSQL 15; this is 18") as failure:
        embedded.start(folder)
    assert "backup" in failure.value.repair


def test_interrupted_creation_is_begun_again(folder: Path) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)

    with psycopg.connect(embedded.start(folder, throwaway=True)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (folder / "postgres.new").exists()


def test_full_disk_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    said = 'FATAL: could not write to file "pg_wal/xlogtemp": No space left on device'

    assert "disk is full" in embedded.explain("initdb", said).message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is given another system user")
def test_root_runs_the_server_under_a_user_of_its_own(folder: Path) -> None:
    folder.chmod(0o700)
    embedded.start(folder, throwaway=True)

    pid = int((embedded.cluster(folder) / "postmaster.pid").read_text().splitlines()[0])
    assert psutil.Process(pid).username() == embedded.SYSTEM_USER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o701, "opened for passing through, not reading"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_adopts_a_volume_of_another_container_but_not_a_neighbours_files(folder: Path) -> None:
    embedded.start(folder, throwaway=True)
    embedded.leave(folder)
    cluster = embedded.cluster(folder)
    for path in (cluster, *cluster.rglob("*")):
        os.chown(path, 54321, 54321)
    embedded.start(folder, throwaway=True)
    embedded.leave(folder)

    os.chown(cluster, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(CommandFailed, match=r"belongs to another user \(nobody"):
        embedded.start(folder)
