"""`jingkai exchange`: figures out and in again, refusals named, exit codes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from .conftest import Console, environment

SCENE = """
import django
django.setup()
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
IndicatorFactory(code="TRADE", name="进出口总额", name_en="Trade", unit="亿元", frequency="month")
UserFactory(username="bureau", role=Role.OFFICE)
UserFactory(username="keeper", role=Role.SYSTEM_ADMIN)
UserFactory(username="gone", role=Role.OFFICE, is_active=False)
"""
HEAD = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,RELEASE"
FLOW = "JINGKAI:ZONE_INDICATORS(1.0)"


@pytest.fixture
def where(new_database: Callable[..., str], tmp_path: Path) -> dict[str, str]:
    address = new_database("tables")
    subprocess.run([sys.executable, "-c", SCENE], env=environment(DATABASE_URL=address), check=True)
    return {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": address}


def figures(file: Path, *lines: tuple[str, str]) -> Path:
    rows = [f"dataflow,{FLOW},I,M,TRADE,CITY,{period},{value},FINAL" for period, value in lines]
    file.write_text("\n".join([HEAD, *rows]) + "\n")
    return file


def test_out_and_in_again(console: Console, where: dict[str, str], tmp_path: Path) -> None:
    sent = figures(tmp_path / "in.csv", ("2026-01", "10.5"), ("2026-02", "22.123456"))
    given = ("exchange", "import", str(sent), "--as", "bureau", "--reason", "接口报送", "--json")
    first, again = console(*given, **where), console(*given, **where)
    written = tmp_path / "out.csv"
    asked = ("--indicator", "TRADE", "--scope", "CITY", "--from", "2026-02")
    told = console("exchange", "export", str(written), "--as", "bureau", *asked, "--json", **where)
    printed = console("exchange", "export", "--as", "bureau", *asked, **where)

    assert (first.returncode, json.loads(first.stdout)["recorded"]) == (0, 2)
    assert (again.returncode, json.loads(again.stdout)["unchanged"]) == (0, 2)
    assert json.loads(told.stdout) == {"place": str(written), "figures": 1, "held_back": 0}
    rows = list(csv.DictReader(io.StringIO(written.read_text())))
    assert [(r["TIME_PERIOD"], r["OBS_VALUE"]) for r in rows] == [("2026-02", "22.123456")]
    assert printed.stdout == written.read_text()
    assert "1 figures written, 0 held back" in printed.stderr
    with psycopg.connect(where["DATABASE_URL"]) as connection:
        noted = connection.execute(
            "SELECT action, row_count FROM audit_auditevent WHERE action LIKE 'reporting.exchange%'"
            " ORDER BY id"
        ).fetchall()
    assert noted == [
        ("reporting.exchange.imported", 2),
        ("reporting.exchange.imported", 0),
        ("reporting.exchange.exported", 1),
        ("reporting.exchange.exported", 1),
    ]


def test_a_refused_file_names_every_place_and_writes_nothing(
    console: Console, where: dict[str, str], tmp_path: Path
) -> None:
    wrong = figures(tmp_path / "wrong.csv", ("2026-01", "10"), ("2026-13", "many"))
    told = console("exchange", "import", str(wrong), "--as", "bureau", "--json", **where)
    said = console("exchange", "import", str(wrong), "--as", "bureau", **where)
    left = console("exchange", "export", "--as", "bureau", "--json", **where)

    problems = json.loads(told.stdout)["error"]["problems"]
    assert {p["where"] for p in problems} == {"3.OBS_VALUE", "3.TIME_PERIOD"}
    assert (told.returncode, said.returncode, left.returncode) == (1, 1, 0)
    assert "3.OBS_VALUE" in said.stderr
    assert json.loads(left.stdout)["rows"] == []


def test_who_has_no_figures_takes_and_brings_none(
    console: Console, where: dict[str, str], tmp_path: Path
) -> None:
    sent = str(figures(tmp_path / "in.csv", ("2026-01", "10")))
    taken = console("exchange", "export", "--as", "keeper", **where)
    brought = console("exchange", "import", sent, "--as", "keeper", **where)
    gone = console("exchange", "export", "--as", "gone", **where)

    assert (taken.returncode, brought.returncode, gone.returncode) == (1, 1, 1)
    assert taken.stdout == ""
    assert "no figures for this account" in taken.stderr
    assert "There is no user gone" in gone.stderr


def test_codes_of_a_column(console: Console, where: dict[str, str]) -> None:
    told = console(
        "exchange", "codes", "--as", "bureau", "--column", "INDICATOR", "--json", **where
    )
    unknown = console("exchange", "codes", "--as", "bureau", "--column", "COLOUR", **where)

    (only,) = json.loads(told.stdout)
    assert only["id"] == "CL_INDICATOR"
    assert {"code": "TRADE", "name": "Trade"} in only["codes"]
    assert unknown.returncode == 1
    assert "OBS_STATUS" in unknown.stderr


@pytest.mark.parametrize("arguments", [["export"], ["import", "nowhere.csv", "--as", "x"]])
def test_wrong_usage_is_two(console: Console, arguments: list[str]) -> None:
    assert console("exchange", *arguments).returncode == 2
