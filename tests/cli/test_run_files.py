"""The files of an evaluation run, made again by the console."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jingkai.cli.main import app
from jingkai.delivery.evaluation.models import LedgerKind
from jingkai.delivery.evaluation.outputs import bundle_of, paper_of
from jingkai.delivery.evaluation.tests.factories import ledger_entry, stage
from jingkai.delivery.evaluation.tests.test_outputs import computed

pytestmark = pytest.mark.django_db


def console(*arguments: str) -> Any:
    found = CliRunner().invoke(app, ["composite", *arguments])
    assert found.exit_code == 0, found.output
    return found


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8") as opened:
        return {row["unit"]: row for row in csv.DictReader(opened)}


def test_the_console_makes_the_same_scores_to_the_last_digit(tmp_path: Path) -> None:
    made = stage(zones=5, national=2)
    ledger_entry(made, place=0)
    ledger_entry(made, place=1, kind=LedgerKind.DEDUCTION, rule="accident", points="3")
    ledger_entry(made, place=2, kind=LedgerKind.VETO, rule="fraud", points="0")
    run = computed(made)
    zipfile.ZipFile(io.BytesIO(bundle_of(paper_of(run)))).extractall(tmp_path)
    inputs = [f"--{name}={tmp_path / file}" for name, file in (
        ("data", "data.csv"), ("meta", "meta.csv"), ("method", "method.yaml"))]  # fmt: skip
    console("build", *inputs, f"--out={tmp_path / 'build'}")
    kept, again = rows_of(tmp_path / "results.csv"), rows_of(tmp_path / "build" / "scores.csv")
    assert {u: float(r["score"]) for u, r in kept.items() if r["score"]} == {
        u: float(r["score"]) for u, r in again.items() if r["score"]
    }
    assert sum(1 for row in kept.values() if row["score"]) == 4  # the vetoed zone has none
    console(
        "uncertainty", *inputs, "--replications=200", "--seed=11", f"--out={tmp_path / 'ranks'}"
    )
    assert (tmp_path / "ranks" / "rank_stats.csv").is_file()
