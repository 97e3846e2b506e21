"""The door of the packs room: read a pack, or list what is wrong with one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from .checking import cross_check
from .exporting import export_pack as write_pack
from .kept import keep_folder
from .loading import Difference, LoadReport, compare, load
from .model import Pack
from .models import LoadedRecord
from .parsing import FILES, parse_pack
from .problems import PackError, Problem, Severity
from .reading import Reading, match_key, normalise, read_file

__all__ = [
    "Difference",
    "Pack",
    "PackError",
    "Problem",
    "Severity",
    "check_pack",
    "diff_pack",
    "export_pack",
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


def load_pack(path: Path, *, now: datetime, actor: object = None) -> str:
    """Load the pack of `path`; return what was done in a few words. Raises PackError.

    Nothing is written twice: a pack whose content was loaded already is compared by its digest.
    """
    pack = read_pack(path)
    if _is_loaded(pack):
        keep_folder(pack, path, now)
        return _("%(version)s, unchanged") % {"version": pack.version}
    report = load(pack, actor=actor, now=now)
    keep_folder(pack, path, now)
    return _words(report, pack.version)


def diff_pack(path: Path) -> list[Difference] | None:
    """Where the product and the pack's files differ; None when nothing is loaded."""
    pack = read_pack(path)
    if not LoadedRecord.objects.filter(pack=pack.id).exists():
        return None
    return compare(pack)


def export_pack(target: Path, *, source: Path) -> str:
    """Write the loaded pack with people's edits to the new folder `target`."""
    left = write_pack(read_pack(source), source, target)
    if left:
        return _("Written. %(n)d edits have no place in the files: see EDITS.txt.") % {
            "n": len(left)
        }
    return _("Written.")


def _is_loaded(pack: Pack) -> bool:
    loaded = LoadedRecord.objects.filter(pack=pack.id)
    return loaded.exists() and not loaded.exclude(digest=pack.digest).exists()


def _words(report: LoadReport, version: str) -> str:
    return _("%(version)s: %(created)d new, %(updated)d changed, %(kept)d local edits kept") % {
        "version": version,
        "created": report.created,
        "updated": report.updated,
        "kept": len(report.kept),
    }


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
