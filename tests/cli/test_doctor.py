"""The doctor: what it sees, how it says it, and its exit code."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest

from jingkai.cli import doctor, rooms
from jingkai.cli.assets import FILES
from jingkai.cli.doctor import Finding, Severity

from .conftest import Console

Usage = namedtuple("Usage", "total used free")


def healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the checks that ask the database find nothing."""
    monkeypatch.setattr(doctor, "check_database", lambda: Finding("database", Severity.OK, ""))
    for name in ("migrations", "pack", "audit", "unsealed", "calendar"):
        found = Finding(name, Severity.OK, "")
        monkeypatch.setattr(doctor, f"check_{name}", lambda found=found: found)


def test_every_problem_says_why_and_how_to_repair(console: Console, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("k")
    (tmp_path / "secret_key").chmod(0o644)
    done = console("doctor", "--json", DATA_DIR=str(tmp_path), DATABASE_URL="mysql://x/y")

    findings = json.loads(done.stdout)
    assert done.returncode == 1
    wrong = {f["check"] for f in findings if f["severity"] == "error"}
    assert wrong >= {"secret-key", "database"}
    for finding in findings:
        if finding["severity"] != "ok":
            assert finding["why"], finding
            assert finding["repair"], finding


def test_tables_to_migrate_are_an_error(
    console: Console, new_database: Callable[..., str], tmp_path: Path
) -> None:
    address = new_database("empty")
    done = console("doctor", "--json", DATA_DIR=str(tmp_path), DATABASE_URL=address)

    found = {finding["check"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 1
    assert found["database"]["severity"] == "ok"
    assert found["migrations"]["severity"] == "error"
    assert "jingkai manage migrate" in found["migrations"]["repair"]


def test_changed_audit_row_is_an_error(
    console: Console, new_database: Callable[..., str], tmp_path: Path
) -> None:
    address = new_database("filled")
    with psycopg.connect(address) as connection:
        connection.execute("SET session_replication_role = replica")  # past our triggers
        connection.execute("UPDATE audit_auditevent SET summary = '无' WHERE id = 3")
    done = console("doctor", DATA_DIR=str(tmp_path), DATABASE_URL=address)
    verified = console("audit", "verify", "--json", DATA_DIR=str(tmp_path), DATABASE_URL=address)

    assert done.returncode == 1
    assert "audit-chain" in done.stdout
    report = json.loads(verified.stdout)
    assert verified.returncode == 1
    assert [(p["id"], p["kind"]) for p in report["problems"]] == [(3, "changed")]


@pytest.mark.parametrize(
    ("free_mb", "severity"),
    [(100, Severity.ERROR), (1000, Severity.WARNING), (5000, Severity.OK)],
)
def test_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_mb: int, severity: Severity
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, free_mb * 1024**2))

    assert doctor.check_disk(tmp_path).severity is severity


@pytest.mark.parametrize(("mode", "severity"), [(0o600, "ok"), (0o640, "error"), (0o604, "error")])
def test_secret_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: int, severity: str
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    (tmp_path / "secret_key").write_text("k")
    (tmp_path / "secret_key").chmod(mode)

    assert doctor.check_key(tmp_path).severity == severity


def test_front_end_files(tmp_path: Path) -> None:
    for name in FILES.values():
        (tmp_path / name).touch()
    assert doctor.check_front_end(tmp_path).severity is Severity.OK

    (tmp_path / "htmx.min.js").unlink()
    found = doctor.check_front_end(tmp_path)
    assert (found.severity, found.repair) == (Severity.ERROR, "Run ./setup.")
    assert "htmx.min.js" in found.found


@pytest.mark.parametrize(
    ("today", "loaded", "severity"),
    [
        (date(2026, 5, 4), {2026}, Severity.OK),
        (date(2026, 11, 2), {2026}, Severity.WARNING),
        (date(2026, 11, 2), {2026, 2027}, Severity.OK),
        (date(2027, 1, 2), {2026}, Severity.ERROR),
    ],
)
def test_working_days(
    monkeypatch: pytest.MonkeyPatch, today: date, loaded: set[int], severity: Severity
) -> None:
    monkeypatch.setattr(rooms, "calendar_loaded", lambda year: year in loaded)

    assert doctor.check_calendar(today).severity is severity


@pytest.mark.parametrize(
    ("waiting", "severity"), [(0, Severity.OK), (doctor.MANY_UNSEALED + 1, Severity.WARNING)]
)
def test_sealer(monkeypatch: pytest.MonkeyPatch, waiting: int, severity: Severity) -> None:
    monkeypatch.setattr(rooms, "unsealed_events", lambda: waiting)

    assert doctor.check_unsealed().severity is severity


@pytest.mark.parametrize(
    ("changes", "severity"), [(None, Severity.WARNING), (3, Severity.WARNING), (0, Severity.OK)]
)
def test_pack(monkeypatch: pytest.MonkeyPatch, changes: int | None, severity: Severity) -> None:
    monkeypatch.setattr(rooms, "pack_changes", lambda _path: changes)

    assert doctor.check_pack().severity is severity


def test_check_that_fails_does_not_end_the_examination(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    healthy(monkeypatch)

    def broken() -> Finding:
        raise ValueError("unreadable")

    broken.__name__ = "check_pack"
    monkeypatch.setattr(doctor, "check_pack", broken)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    findings = {finding.check: finding for finding in doctor.examine()}

    assert findings["pack"].found == "ValueError: unreadable"
    assert findings["calendar"].severity is Severity.OK


def test_only_errors_make_the_exit_code() -> None:
    warning = Finding("a", Severity.WARNING, "")

    assert doctor.worst([warning]) == 0
    assert doctor.worst([warning, Finding("b", Severity.ERROR, "")]) == 1
