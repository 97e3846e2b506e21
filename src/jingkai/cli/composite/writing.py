"""Files out: CSV with 17 significant digits, quoted text, empty cells for missing; run.json."""

from __future__ import annotations

import dataclasses
import json
import math
import platform
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from jingkai import __version__
from jingkai.engine.composite import (
    Cell,
    Notice,
    Result,
    StepError,
    Waterfall,
    contributions,
    default_baseline,
)

from ..failures import CommandFailed
from ..texts import gettext as _

Value = str | float | int | bool | None


def make_folder(folder: Path) -> None:
    """Create the output folder; raises CommandFailed when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CommandFailed(
            _("The folder %(place)s cannot be made: %(said)s.")
            % {"place": folder, "said": problem.strerror or problem}
        ) from problem


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write a table: a whole file or none."""
    lines = [",".join(_cell(name) for name in header)]
    lines += [",".join(_cell(value) for value in row) for row in rows]
    write_text(path, "\n".join(lines) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write beside the target and rename: whoever reads sees a whole file."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as problem:
        raise CommandFailed(
            _("%(file)s cannot be written: %(said)s.")
            % {"file": path, "said": problem.strerror or problem}
        ) from problem


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return '"' + value.replace('"', '""') + '"'
        case int():
            return str(value)
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return f"{value:.17g}"


def write_build(folder: Path, result: Result, *, stages: bool = False) -> list[str]:
    """scores.csv, normalised.csv, treatment_log.csv, and on demand every stage."""
    tree, n = result.tree, result.tree.n_indicators
    header = ["unit", *tree.aggregates]
    extra: list[tuple[str, Sequence[Value]]] = []
    if (adjusted := result.adjusted) is not None:
        extra += [
            ("bonus", adjusted.bonus.tolist()),
            ("deduction", adjusted.deduction.tolist()),
            ("lifted", adjusted.lifted.tolist()),
            ("vetoed", adjusted.vetoed.tolist()),
            ("score", result.index.tolist()),
        ]
    extra.append(("rank", [rank or None for rank in result.ranks.tolist()]))
    if result.group_ranks is not None:
        extra.append((f"rank_in_{result.method.groups}", result.group_ranks.tolist()))
    rows = [
        [unit, *scores, *(values[k] for _name, values in extra)]
        for k, (unit, scores) in enumerate(
            zip(result.units, result.scores[:, n:].tolist(), strict=True)
        )
    ]
    write_csv(folder / "scores.csv", [*header, *(name for name, _values in extra)], rows)
    write_matrix(folder / "normalised.csv", result, result.normalised)
    _write_treatment_log(folder / "treatment_log.csv", result)
    written = ["scores.csv", "normalised.csv", "treatment_log.csv"]
    if stages:
        for name, values in (
            ("denominated.csv", result.denominated),
            ("imputed.csv", result.imputed),
            ("treated.csv", result.treated.values),
        ):
            write_matrix(folder / name, result, values)
        names = {cell: cell.name.lower() for cell in Cell}
        write_csv(
            folder / "cells.csv",
            ["unit", *tree.indicators],
            (
                [unit, *(names[Cell(cell)] for cell in row)]
                for unit, row in zip(result.units, result.cells.tolist(), strict=True)
            ),
        )
        written += ["denominated.csv", "imputed.csv", "treated.csv", "cells.csv"]
        written += _write_contributions(folder, result)
    return written


def _write_contributions(folder: Path, result: Result) -> list[str]:
    """contributions.csv: baseline + parts = score, before adjustments."""
    try:
        base = default_baseline(result)
        parts = contributions(result, baseline=base)
    except StepError:
        return []  # an index that compares units has no parts
    index = result.scores[:, result.tree.index_node].tolist()
    write_csv(
        folder / "contributions.csv",
        ["unit", "baseline", *result.tree.indicators, result.tree.index],
        (
            [unit, base, *row, score]
            for unit, row, score in zip(result.units, parts.values.tolist(), index, strict=True)
        ),
    )
    return ["contributions.csv"]


def write_waterfalls(
    path: Path, steps: Iterable[tuple[tuple[str, str], Sequence[Waterfall]]]
) -> None:
    """One row per part; the parts of a unit and step sum to its end less its start."""
    write_csv(
        path,
        ["unit", "from", "to", "start", "end", "element", "kind", "amount"],
        (
            [chain.unit, *step, chain.start, chain.end, part.code, part.kind, part.amount]
            for step, chains in steps
            for chain in chains
            for part in chain.parts
        ),
    )


def write_matrix(path: Path, result: Result, values: Any) -> None:
    """Units by indicators."""
    write_csv(
        path,
        ["unit", *result.tree.indicators],
        ([unit, *row] for unit, row in zip(result.units, values.tolist(), strict=True)),
    )


def _write_treatment_log(path: Path, result: Result) -> None:
    treated, used = result.treated, result.method.treat.method != "none"
    check = ("Pass", "Skew", "Kurt")
    header = ["iCode", *(f"check_SkewKurt0.{c}" for c in check), "winsorise.nwin"]
    header += [f"check_SkewKurt1.{c}" for c in check]
    if treated.logged.any():
        header += ["log", *(f"check_SkewKurt2.{c}" for c in check)]
    rows: list[list[Value]] = []
    for k, code in enumerate(result.tree.indicators):
        failed = used and not treated.passed[k]
        row: list[Value] = [code, bool(treated.passed[k]) if used else None]
        row += [float(treated.skew[k]), float(treated.kurtosis[k])]
        row += (
            [int(treated.n_winsorised[k]), bool(treated.passed_winsorised[k])]
            if failed
            else [None, None]
        )
        row += [float(treated.skew_winsorised[k]), float(treated.kurtosis_winsorised[k])]
        if treated.logged.any():
            logged = bool(treated.logged[k])
            row += [result.method.treat.log if logged else None]
            row += [bool(treated.passed_logged[k]) if logged else None]
            row += [float(treated.skew_logged[k]), float(treated.kurtosis_logged[k])]
        rows.append(row)
    write_csv(path, header, rows)


def write_run(folder: Path, **facts: Any) -> None:
    """run.json: what went in, what was chosen, which versions, what must be known."""
    record = {
        "versions": {
            "jingkai": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        **facts,
    }
    write_text(folder / "run.json", as_json(record) + "\n")


def as_json(data: Any) -> str:
    """JSON for people and machines; missing numbers are null."""
    return json.dumps(plain(data), ensure_ascii=False, indent=1, allow_nan=False)


def plain(value: Any) -> Any:
    """Dataclasses, enums and arrays as plain data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: plain(entry)
            for f in dataclasses.fields(value)
            if (entry := getattr(value, f.name)) or not f.metadata.get("omit_empty")
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, np.generic):
        return plain(value.item())
    return value


def notices_as_data(notices: Iterable[Notice]) -> list[dict[str, str]]:
    """Notices for run.json: step, message, unit, element."""
    return [{k: v for k, v in plain(notice).items() if v} for notice in notices]
