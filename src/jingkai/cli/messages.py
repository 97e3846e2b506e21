"""Compile the message catalogues (django.po to django.mo) without GNU gettext."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def compile_messages(root: Path = PACKAGE) -> list[Path]:
    """Compile each catalogue under `root` that changed since; return those compiled.

    Raises ValueError naming the file that is not a catalogue.
    """
    stale = [path for path in sorted(root.rglob("locale/*/LC_MESSAGES/*.po")) if _is_stale(path)]
    if not stale:
        return []
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        for path in stale:
            try:
                with path.open("rb") as source:
                    catalogue = read_po(source, abort_invalid=True)
            except (PoFileError, UnicodeDecodeError) as error:
                raise ValueError(f"{path}: {error}") from error
            fresh = path.with_suffix(".mo.new")
            with fresh.open("wb") as target:
                write_mo(target, catalogue)
            fresh.replace(path.with_suffix(".mo"))
    finally:
        os.close(folder)
    return stale


def _is_stale(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime


if __name__ == "__main__":
    compile_messages()
