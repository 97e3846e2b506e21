"""The door of the packs room: read a pack, or list what is wrong with one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .checking import cross_check
from .model import Pack
from .parsing import FILES, parse_pack
from .problems import PackError, Problem, Severity
from .reading import Reading, match_key, normalise, read_file

if TYPE_CHECKING:
    from .loading import Difference, LoadReport

__all__ = [
    "Pack",
    "PackError",
    "Problem",
    "Severity",
    "check_pack",
    "diff_pack",
    "load_pack",
    "match_key",
    "normalise",
    "read_pack",
]


def read_pack(path: Path) -> Pack:
    """Return the pack in the folder `path`.

    Raises PackError with every mistake found. References between records are checked once each
    record by itself is right.
    """
    pack, problems = _examine(path)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors or pack is None:
        raise PackError(errors)
    return pack


def check_pack(path: Path) -> list[Problem]:
    """Return the errors and warnings of the pack in the folder `path`, in file order."""
    return _examine(path)[1]


def load_pack(path: Path, *, now: datetime, actor: Any = None) -> LoadReport:
    """Bring the database up to the pack in `path`; `actor` None is the console of the machine.

    Raises PackError when the pack has mistakes or the database refuses a record.
    """
    from .loading import load  # models: a pack is checked without Django too

    return load(read_pack(path), actor=actor, now=now)


def diff_pack(path: Path) -> list[Difference] | None:
    """Differences between the pack in `path` and the database; None when it was never loaded.

    Raises PackError when the pack has mistakes.
    """
    from .loading import compare
    from .models import LoadedRecord

    pack = read_pack(path)
    return compare(pack) if LoadedRecord.objects.filter(pack=pack.id).exists() else None


def _examine(path: Path) -> tuple[Pack | None, list[Problem]]:
    if not path.is_dir():
        return None, [Problem(path.name, 0, "", "There is no such folder.", "Check the path.")]
    problems: list[Problem] = []
    readings: dict[str, Reading] = {}
    for name in FILES:
        try:
            readings[name] = read_file(path / name)
        except FileNotFoundError:
            problems.append(Problem(name, 0, "", "The file is missing.", "Add it to the pack."))
        except OSError as error:
            problems.append(
                Problem(name, 0, "", f"The file cannot be opened: {error.strerror}.", "Check it.")
            )
        else:
            problems += readings[name].problems
    problems += [
        Problem(file.name, 0, "", "This file is not part of a pack.", "Rename or remove it.")
        for file in sorted((*path.glob("*.yaml"), *path.glob("*.yml")))
        if file.name not in FILES
    ]
    if problems:
        return None, sorted(problems)
    pack = parse_pack(readings)
    problems = [problem for reading in readings.values() for problem in reading.problems]
    if not problems:
        problems = cross_check(pack)
    return pack, sorted(problems)
