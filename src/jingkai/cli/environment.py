"""What every command needs before it works: the data directory, a database that answers, Django."""

from __future__ import annotations

import atexit
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg

from jingkai import __version__

from . import embedded
from .failures import CommandFailed
from .texts import gettext as _
from .texts import language

ROOT: Final = Path(__file__).resolve().parents[3]
LAYOUT: Final = 1  # of DATA_DIR; raise it when older programs must not touch the folder any more
VERSION_FILE: Final = "VERSION"
UNFINISHED_FILE: Final = "RESTORE-UNFINISHED"
LEAST_FREE_BYTES: Final = 200 * 1024 * 1024
OLDEST_SERVER: Final = 15
CONNECT_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Installation:
    """Where this installation keeps its state."""

    data_dir: Path
    database_url: str
    embedded: bool


def data_dir() -> Path:
    """DATA_DIR, by default `.data` beside the sources (as in jingkai.settings)."""
    return Path(os.environ.get("DATA_DIR") or ROOT / ".data").resolve()


def prepare(*, django: bool = True) -> Installation:
    """Check the data directory, start or find the database, tell Django where both are.

    An embedded server started here is left, and stopped when nobody else uses it, as the process
    ends. Raises CommandFailed when the folder belongs to another version, the disk is full or no
    usable PostgreSQL answers.
    """
    folder = data_dir()
    check_disk(folder)
    check_version(folder)
    given = os.environ.get("DATABASE_URL", "")
    if given:
        folder.mkdir(parents=True, exist_ok=True)
        address = given
    else:
        atexit.register(embedded.leave, folder)  # before: a signal may come as `start` returns
        address = embedded.start(folder)
    check_server(address)
    if not (folder / VERSION_FILE).exists():
        write_version(folder)
    (folder / "static").mkdir(exist_ok=True)  # WhiteNoise looks there and warns when it is missing
    os.environ["DATA_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingkai.settings")
    if django:
        start_django()
    return Installation(folder, address, embedded=not given)


def start_django() -> None:
    """Load settings and rooms, which then speak the terminal's language too."""
    import django
    from django.utils import translation

    django.setup()
    translation.activate(language())


def check_disk(folder: Path) -> None:
    """Raise CommandFailed when the disk of `folder` is nearly full."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < LEAST_FREE_BYTES:
        raise disk_full(folder, free)


def disk_full(folder: Path, free: int) -> CommandFailed:
    """The sentence for a full disk."""
    return CommandFailed(
        _("The disk is full: %(free)d MB are left on the disk of %(folder)s.")
        % {"free": free // 1024**2, "folder": folder},
        _("Free some space (at least %(least)d MB), or set DATA_DIR to a folder on another disk.")
        % {"least": LEAST_FREE_BYTES // 1024**2},
    )


def version_key(version: str) -> tuple[int, ...]:
    """Order of versions: `0.10.0` comes after `0.9.1`. Raises ValueError for anything else.

    >>> version_key("0.10.0") > version_key("0.9.1")
    True
    """
    return tuple(int(part) for part in version.split("."))


def write_version(folder: Path) -> None:
    """Note which version of Jingkai owns the folder."""
    fresh = folder / f"{VERSION_FILE}.new"
    note = {"product": __version__, "layout": LAYOUT, "postgres": embedded.MAJOR}
    fresh.write_text(json.dumps(note) + "\n")
    fresh.replace(folder / VERSION_FILE)


def check_version(folder: Path) -> None:
    """Raise CommandFailed when `folder` belongs to a newer Jingkai or holds half a restore."""
    if (folder / UNFINISHED_FILE).exists():
        raise CommandFailed(
            _("A restore into %(folder)s was interrupted; what is there is not complete.")
            % {"folder": folder},
            _("Empty the folder and run `jingkai restore` again."),
        )
    file = folder / VERSION_FILE
    if not file.exists():
        return
    try:
        note: Mapping[str, Any] = json.loads(file.read_text())
        product, layout = str(note["product"]), int(note["layout"])
        newer = layout > LAYOUT or version_key(product) > version_key(__version__)
    except (ValueError, KeyError, TypeError) as error:
        raise CommandFailed(
            _("%(file)s is not readable as a version note: %(reason)s.")
            % {"file": file, "reason": error},
            _("Restore it from a backup, or set DATA_DIR to a folder of this version."),
        ) from error
    if newer:
        raise CommandFailed(
            _("%(folder)s belongs to Jingkai %(theirs)s; this is %(ours)s, which is older.")
            % {"folder": folder, "theirs": product, "ours": __version__},
            _("Start the newer version, or set DATA_DIR to another folder. Nothing was changed."),
        )


def shown(address: str) -> str:
    """DATABASE_URL without its password."""
    parts = urlsplit(address)
    if parts.password is None:
        return address
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:…@{place}"))


def check_server(address: str) -> int:
    """Return the major version of the server at `address`.

    Raises CommandFailed when nothing answers there, it refuses us, or it is too old.
    """
    if urlsplit(address).scheme not in ("postgresql", "postgres"):
        raise CommandFailed(
            _("DATABASE_URL is not a PostgreSQL address: %(url)s.") % {"url": shown(address)},
            _("Write it as postgresql://user:password@host:5432/database."),
        )
    try:
        with psycopg.connect(address, connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version // 10000
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.Error as error:
        raise _refused(address, str(error).strip()) from error
    if version < OLDEST_SERVER:
        raise CommandFailed(
            _("The server at %(url)s is PostgreSQL %(found)d; Jingkai needs %(least)d or newer.")
            % {"url": shown(address), "found": version, "least": OLDEST_SERVER},
            _("Upgrade the server, or leave DATABASE_URL out to use the embedded one."),
        )
    if encoding != "UTF8":
        raise CommandFailed(
            _("The database at %(url)s is encoded in %(found)s; Jingkai needs UTF8.")
            % {"url": shown(address), "found": encoding},
            _("Create it with: createdb --encoding=UTF8 --template=template0 NAME"),
        )
    return version


def _refused(address: str, said: str) -> CommandFailed:
    name = urlsplit(address).path.lstrip("/")
    if f'database "{name}" does not exist' in said:
        return CommandFailed(
            _("The server at %(url)s has no database “%(name)s”.")
            % {"url": shown(address), "name": name},
            _("Create it with: createdb --encoding=UTF8 %(name)s") % {"name": name},
        )
    if "authentication failed" in said or "no password supplied" in said:
        return CommandFailed(
            _("The server at %(url)s does not accept this user or password.")
            % {"url": shown(address)},
            _("Correct DATABASE_URL."),
        )
    return CommandFailed(
        _("No PostgreSQL server answers at %(url)s:\n%(said)s")
        % {"url": shown(address), "said": said},
        _("Start the server or correct DATABASE_URL; without it the embedded one is used."),
    )


def migration_state() -> tuple[list[str], list[str]]:
    """Migrations still to apply, and migrations in the database that this version does not know.

    Django must be set up.
    """
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    applied, known = set(loader.applied_migrations), set(loader.disk_migrations)
    replaced = {key for migration in loader.replacements.values() for key in migration.replaces}
    rooms = loader.migrated_apps
    pending = [f"{app}.{name}" for app, name in sorted(known - applied - replaced)]
    unknown = [f"{app}.{name}" for app, name in sorted(applied - known - replaced) if app in rooms]
    return pending, unknown


def check_migrations_known() -> list[str]:
    """Return the migrations to apply. Raises CommandFailed when the database is newer than we."""
    pending, unknown = migration_state()
    if unknown:
        raise CommandFailed(
            _("The database was written by a newer Jingkai; unknown here: %(names)s.")
            % {"names": ", ".join(unknown[:5])},
            _("Start the newer version, or restore a backup of this one. Nothing was changed."),
        )
    return pending
