"""Designs and weight sets that are replayed: columns of texts, checked against the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from jingkai.engine.composite import (
    Choices,
    Floats,
    Runs,
    Tree,
    runs_from_design,
)

from ..failures import CommandFailed
from ..texts import gettext as _
from .reading import Inputs, Sheet, column, read_sheet, saying
from .writing import Value, write_csv

INPUT_NAMES: Final = {
    "winmax": "Winmax",
    "normalisation": "Normalisation",
    "weight_set": "Weights",
    "aggregation": "Aggregation",
}


def read_design(path: Path) -> tuple[Sheet, dict[str, list[str]]]:
    """The known columns of a design, in the file's order."""
    sheet = read_sheet(path, ())
    columns = {
        name: [row[name] for row in sheet.rows] for name in sheet.header if name in INPUT_NAMES
    }
    if not columns:
        raise CommandFailed(
            _("%(file)s has none of the columns %(columns)s.")
            % {"file": path.name, "columns": ", ".join(INPUT_NAMES)}
        )
    return sheet, columns


def run_names(sheet: Sheet) -> list[str]:
    """Name of each run: its `rep`, or its place."""
    if "rep" in sheet.header:
        return [row["rep"] for row in sheet.rows]
    return [str(n + 1) for n in range(len(sheet.rows))]


def read_weight_sets(path: Path, tree: Tree) -> dict[str, Floats]:
    """Weights of all nodes by name of the set; raises CommandFailed naming row and node."""
    sheet = read_sheet(path, ("weight_set",))
    index = tree.index
    table = np.ones((len(sheet.rows), len(tree.codes)))
    for k, code in enumerate(tree.codes):
        if code == index and code not in sheet.header:
            continue  # nothing is above the index to weigh it against
        table[:, k] = column(sheet, code)
    bad = np.isnan(table) | (table < 0)
    if bad.any():
        row, node = (int(n) for n in np.argwhere(bad)[0])
        raise CommandFailed(
            _("%(file)s, row %(row)d: the weight of “%(node)s” is missing or negative.")
            % {"file": path.name, "row": sheet.line(row), "node": tree.codes[node]}
        )
    with saying(meta=sheet):
        tree.check_weights(table)
    names = [row["weight_set"] for row in sheet.rows]
    if len(set(names)) < len(names):
        raise CommandFailed(
            _("%(file)s: two weight sets have the same name.") % {"file": path.name}
        )
    return dict(zip(names, table, strict=True))


def replay(
    inputs: Inputs,
    sheet: Sheet,
    design: Mapping[str, Sequence[str]],
    weight_sets: Path | None,
    nominal: Floats,
) -> tuple[Choices, Runs]:
    """Runs of a design; raises CommandFailed naming the file."""
    sets = read_weight_sets(weight_sets, inputs.tree) if weight_sets else {}
    if "weight_set" in design and not sets:
        raise CommandFailed(
            _("%(file)s names weight sets: give them with --weight-sets.")
            % {"file": sheet.path.name}
        )
    with saying(other=sheet, data=inputs.data_sheet, meta=inputs.meta_sheet):
        return runs_from_design(design, inputs.method, sets, nominal)


def write_design(
    folder: Path, tree: Tree, columns: Mapping[str, Sequence[object]], weight_sets: Floats
) -> list[str]:
    """design.csv and weight_sets.csv, from which the same runs can be replayed."""
    names = list(columns)
    rows: list[list[Value]] = [
        [n + 1, *(value if isinstance(value, int) else str(value) for value in row)]
        for n, row in enumerate(zip(*columns.values(), strict=True))
    ]
    write_csv(folder / "design.csv", ["rep", *names], rows)
    write_csv(
        folder / "weight_sets.csv",
        ["weight_set", *tree.codes],
        ([n + 1, *row] for n, row in enumerate(weight_sets.tolist())),
    )
    return ["design.csv", "weight_sets.csv"]
