"""The shipped pack, copies of it to break, and the policy text when it lies at hand."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from jingkai.packs.public import Pack, Problem, check_pack, read_pack

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "packs" / "shenyang"
Break = Callable[..., list[Problem]]


@pytest.fixture(scope="session")
def pack() -> Pack:
    return read_pack(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped pack that a test may spoil."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "shenyang"))


@pytest.fixture
def broken(folder: Path) -> Break:
    """Replace the first `old` by `new` in a file of a copy; return what the checker says."""

    def spoil(file: str, old: str, new: str) -> list[Problem]:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return check_pack(folder)

    return spoil


@pytest.fixture(scope="session")
def policy_text() -> str:
    """The draft in plain characters. Not ours to ship: POLICY_FILE or ../shared/policy."""
    given = os.environ.get("POLICY_FILE")
    found = [Path(given)] if given else sorted((ROOT.parent / "shared" / "policy").glob("*.txt"))
    if not found or not found[0].is_file():
        pytest.skip(
            "POLICY TEXT NOT COMPARED: set POLICY_FILE to the draft as a UTF-8 text file, "
            "or lay it in ../shared/policy beside the repository."
        )
    return unicodedata.normalize("NFKC", found[0].read_text(encoding="utf-8"))
