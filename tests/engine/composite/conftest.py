"""The acceptance data, read once."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml

from jingkai.cli.composite.reading import Inputs, read_inputs
from jingkai.engine.composite import Method, Result, build, parse_method

DATA = Path(__file__).resolve().parents[1] / "composite_data"
CASES = sorted(path.stem for path in (DATA / "methods").glob("*.yaml"))


def read(name: str) -> tuple[list[str], list[str], np.ndarray]:
    """First column, names of the others, numbers (NaN where empty)."""
    with (DATA / name).open(encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    numbers = [[float(c) if c not in ("", "NA") else np.nan for c in row[1:]] for row in rows]
    return [row[0] for row in rows], header[1:], np.array(numbers)


def records(name: str) -> list[dict[str, str]]:
    """Rows as dictionaries of text."""
    with (DATA / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def method_of(case: str) -> Method:
    return parse_method(yaml.safe_load((DATA / "methods" / f"{case}.yaml").read_text("utf-8")))


def inputs_of(case: str) -> Inputs:
    return read_inputs(
        DATA / "asem_input.csv", DATA / "asem_meta.csv", DATA / "methods" / f"{case}.yaml"
    )


@pytest.fixture(scope="session")
def asem() -> Inputs:
    return inputs_of("c01_minmax100_arith")


@pytest.fixture(scope="session")
def nominal(asem: Inputs) -> Result:
    return build(asem.table, asem.tree, asem.method)
