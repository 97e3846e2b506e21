"""`jingkai doctor`: what could be wrong here, why it matters, how to repair it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from . import embedded, environment, rooms
from .assets import FILES
from .bootstrap import VENDOR
from .failures import CommandFailed
from .texts import gettext as _

LITTLE_DISK_BYTES: Final = 2 * 1024**3
MANY_UNSEALED: Final = 10_000
TRIED_PYTHONS: Final = {(3, 11), (3, 12), (3, 13)}


class Severity(StrEnum):
    """How bad it is. Only an error makes the exit code 1."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Outcome of one check: what was found; for a problem why it matters and how to repair it."""

    check: str
    severity: Severity
    found: str
    why: str = ""
    repair: str = ""

    def as_json(self) -> dict[str, str]:
        """Plain data for --json."""
        return {name: str(value) for name, value in asdict(self).items()}


def examine() -> Iterator[Finding]:
    """Yield the findings, in order. What needs a database is left out when none answers."""
    folder = environment.data_dir()
    yield check_python()
    yield check_disk(folder)
    yield check_key(folder)
    yield check_front_end(VENDOR)
    database = check_database()
    yield database
    if database.severity is Severity.ERROR:
        return
    for check in (check_migrations, check_pack, check_audit, check_unsealed, check_calendar):
        yield _guarded(check)


def _guarded(check: Callable[[], Finding]) -> Finding:
    """A check that fails itself is a finding, not the end of the examination."""
    try:
        return check()
    except Exception as error:
        name = check.__name__.removeprefix("check_")
        return Finding(
            name,
            Severity.ERROR,
            error.message
            if isinstance(error, CommandFailed)
            else f"{type(error).__name__}: {error}",
            _("The check could not be made, so nothing is known about this."),
            _("Repair what stands above first, then run `jingkai doctor` again."),
        )


def check_python() -> Finding:
    """Version of Python."""
    found = f"Python {platform.python_version()}"
    if tuple(sys.version_info[:2]) not in TRIED_PYTHONS:
        return Finding(
            *("python", Severity.WARNING, found),
            _("Jingkai is not tested with this version of Python."),
            _("JINGKAI_PYTHON=python3.13 ./setup --fresh makes the environment anew."),
        )
    return Finding("python", Severity.OK, found)


def check_disk(folder: Path) -> Finding:
    """Free space under DATA_DIR."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    found = _("%(free)d MB free in %(folder)s") % {"free": free // 1024**2, "folder": folder}
    why = _("PostgreSQL stops when it cannot write; nothing is lost, but nobody can work.")
    repair = _("Free some space, or move DATA_DIR to a larger disk.")
    if free < environment.LEAST_FREE_BYTES:
        return Finding("disk", Severity.ERROR, found, why, repair)
    if free < LITTLE_DISK_BYTES:
        return Finding("disk", Severity.WARNING, found, why, repair)
    return Finding("disk", Severity.OK, found)


def check_key(folder: Path) -> Finding:
    """That only the owner reads the secret key."""
    key = folder / "secret_key"
    if os.environ.get("SECRET_KEY"):
        return Finding("secret-key", Severity.OK, _("given by the environment"))
    if not key.exists():
        return Finding("secret-key", Severity.OK, _("is made on the first start"))
    mode = stat.S_IMODE(key.stat().st_mode)
    if mode & 0o077:
        return Finding(
            "secret-key",
            Severity.ERROR,
            _("%(file)s can be read by others (mode %(mode)o)") % {"file": key, "mode": mode},
            _("Whoever has the key can forge sessions and one-time links."),
            _("chmod 600 %(file)s; if others had access, replace the file and restart.")
            % {"file": key},
        )
    return Finding("secret-key", Severity.OK, _("readable by its owner only"))


def check_front_end(vendor: Path) -> Finding:
    """That the browser libraries are there."""
    missing = [name for name in FILES.values() if not (vendor / name).is_file()]
    if missing:
        return Finding(
            "front-end",
            Severity.ERROR,
            _("missing: %(names)s") % {"names": ", ".join(missing)},
            _("Pages appear without style, charts or drawers."),
            _("Run ./setup."),
        )
    return Finding("front-end", Severity.OK, _("%(count)d files") % {"count": len(FILES)})


def check_database() -> Finding:
    """That the data directory fits this version and PostgreSQL answers. Sets Django up."""
    try:
        installation = environment.prepare(django=False)
        version = environment.check_server(installation.database_url)
        environment.start_django()
    except CommandFailed as failure:
        return Finding(
            "database",
            Severity.ERROR,
            failure.message,
            _("Without a database nothing works."),
            failure.repair,
        )
    kind = _("embedded") if installation.embedded else environment.shown(installation.database_url)
    if version > embedded.MAJOR:
        return Finding(
            "database",
            Severity.WARNING,
            f"PostgreSQL {version}, {kind}",
            _("This version of PostgreSQL is newer than the one Jingkai is tested with."),
            _("Keep the client programs of that version on the PATH: a backup needs them."),
        )
    return Finding("database", Severity.OK, f"PostgreSQL {version}, {kind}")


def check_migrations() -> Finding:
    """That the tables are those of this version."""
    pending, unknown = environment.migration_state()
    if unknown:
        return Finding(
            "migrations",
            Severity.ERROR,
            _("unknown to this version: %(names)s") % {"names": ", ".join(unknown[:5])},
            _("A newer Jingkai wrote this database; this one would damage it."),
            _("Start the newer version, or restore a backup of this one."),
        )
    if pending:
        return Finding(
            "migrations",
            Severity.ERROR,
            _("%(count)d to apply, first %(name)s") % {"count": len(pending), "name": pending[0]},
            _("Pages fail where they need the new tables."),
            _("Make a backup, then start with ./run, or run `jingkai manage migrate`."),
        )
    return Finding("migrations", Severity.OK, _("up to date"))


def check_pack() -> Finding:
    """That the policy is loaded as the pack has it."""
    changes = rooms.pack_changes(environment.ROOT / "packs" / "shenyang")
    if changes is None:
        return Finding(
            "pack",
            Severity.WARNING,
            _("no policy pack is loaded"),
            _("Without targets, tasks and bodies there is nothing to run."),
            _("jingkai pack load packs/shenyang"),
        )
    if changes:
        return Finding(
            "pack",
            Severity.WARNING,
            _("%(count)d differences to the pack's files") % {"count": changes},
            _("Either the pack was edited and not loaded, or people changed facts in the product."),
            _("jingkai pack diff packs/shenyang shows them."),
        )
    return Finding("pack", Severity.OK, _("loaded as it is in the files"))


def check_audit() -> Finding:
    """That the audit chain holds."""
    report = rooms.verify_audit()
    if report.problems:
        return Finding(
            "audit-chain",
            Severity.ERROR,
            _("%(count)d problems, first: %(message)s")
            % {"count": len(report.problems), "message": report.problems[0].message},
            _("Somebody changed or removed audit rows behind the product's back."),
            _("Keep a copy of the database; `jingkai audit verify` names each row to the auditor."),
        )
    return Finding(
        "audit-chain", Severity.OK, _("%(count)d seals hold") % {"count": report.checked}
    )


def check_unsealed() -> Finding:
    """That the sealer keeps up."""
    waiting = rooms.unsealed_events()
    found = _("%(count)d events wait for their seal") % {"count": waiting}
    if waiting > MANY_UNSEALED:
        return Finding(
            "audit-sealer",
            Severity.WARNING,
            found,
            _("Until it is sealed, a change to an audit row cannot be proven."),
            _("Check that the background worker runs: ./run starts it."),
        )
    return Finding("audit-sealer", Severity.OK, found)


def check_calendar(today: date | None = None) -> Finding:
    """That working days are known for this year and, late in the year, for the next."""
    now = today or date.today()  # noqa: DTZ011 -- the calendar is that of the machine's own place
    missing = [year for year in (now.year, now.year + 1) if not rooms.calendar_loaded(year)]
    if now.year in missing:
        severity = Severity.ERROR
    elif missing and now.month >= 11:
        severity = Severity.WARNING
    else:
        note = _("loaded for %(year)d") % {"year": now.year}
        if missing:
            note += "; " + _("%(year)d is announced in November") % {"year": now.year + 1}
        return Finding("working-days", Severity.OK, note)
    return Finding(
        "working-days",
        severity,
        _("no official calendar for %(years)s") % {"years": ", ".join(map(str, missing))},
        _("Deadlines in working days cannot be computed for a year that is not loaded."),
        _("Load the State Council's holiday notice under administration, reference data."),
    )


def worst(findings: list[Finding]) -> int:
    """Exit code: 1 when there is an error."""
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def as_json(findings: list[Finding]) -> list[dict[str, Any]]:
    """Plain data for --json."""
    return [finding.as_json() for finding in findings]
