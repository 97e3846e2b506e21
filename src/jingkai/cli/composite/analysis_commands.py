"""`jingkai composite uncertainty` and `sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table as RichTable

from jingkai.engine.composite import (
    Sensitivity,
    Uncertainty,
    check_design,
    design_labels,
    rank_shift,
    replayed_indices,
    replicate,
    run_sensitivity,
    run_uncertainty,
)

from ..console import Json, out
from ..failures import CommandFailed
from ..texts import gettext as _
from .designs import INPUT_NAMES, read_design, read_weight_sets, replay, run_names, write_design
from .options import Data, File, Meta, MethodFile, Out, Seed
from .reading import column, digest, read_inputs, read_sheet, saying
from .running import built, common_facts, tell_notices
from .writing import Value, as_json, make_folder, write_csv, write_run

Design = Annotated[
    Path | None, typer.Option("--design", help="CSV: replay exactly these runs.", **File)
]
WeightSets = Annotated[
    Path | None, typer.Option("--weight-sets", help="CSV: weights of all nodes by set.", **File)
]


def uncertainty(
    data: Data,
    meta: Meta,
    method: MethodFile,
    folder: Out,
    replications: Annotated[int, typer.Option(min=1, help="Number of random runs.")] = 1000,
    seed: Seed = 1,
    design: Design = None,
    weight_sets: WeightSets = None,
    scores: Annotated[bool, typer.Option("--scores", help="Also write scores.csv.")] = False,
    details: Annotated[
        bool,
        typer.Option(
            "--details", help="Also write rank_frequencies.csv, pairwise.csv and the design."
        ),
    ] = False,
    as_json_: Json = False,
) -> None:
    """Ranks under varied choices: ranks.csv, rank_stats.csv, run.json."""
    inputs = read_inputs(data, meta, method)
    nominal = built(inputs)
    if design is not None:
        sheet, columns = read_design(design)
        choices, runs = replay(inputs, sheet, columns, weight_sets, nominal.weights)
        names = run_names(sheet)
        with saying(data=inputs.data_sheet, meta=inputs.meta_sheet):
            found = replicate(
                inputs.table, inputs.tree, inputs.method, choices, runs, nominal,
                keep_scores=scores,
            )  # fmt: skip
    else:
        if weight_sets is not None:
            raise CommandFailed(_("--weight-sets needs --design: the design says who uses which."))
        _must_vary(inputs.method.vary.is_empty, method)
        with saying(data=inputs.data_sheet, meta=inputs.meta_sheet):
            found = run_uncertainty(
                inputs.table, inputs.tree, inputs.method,
                replications=replications, rng=np.random.default_rng(seed), keep_scores=scores,
            )  # fmt: skip
        names = [str(n + 1) for n in range(len(found.runs))]
    make_folder(folder)
    written = _write_ranks(folder, found, names)
    if scores and found.scores is not None:
        write_csv(
            folder / "scores.csv",
            ["unit", "nominal", *(f"r_{name}" for name in names)],
            _beside(nominal.units, nominal.index.tolist(), found.scores.T.tolist()),
        )
        written.append("scores.csv")
    if details:
        written += _write_details(folder, found)
    facts: dict[str, Any] = {"replications": len(found.runs), "files": [*written, "run.json"]}
    if design is None:
        facts["seed"] = seed
    else:
        facts["design"] = digest(design)
        facts["weight_sets"] = digest(weight_sets) if weight_sets else None
    write_run(folder, command="uncertainty", **facts, **common_facts(inputs, nominal))
    if as_json_:
        typer.echo(as_json({**facts, "units": _unit_records(found)}))
        return
    _show_ranks(found)
    tell_notices(nominal)
    out.print(_("Written to %(place)s.") % {"place": folder}, highlight=False, soft_wrap=True)


def sensitivity(
    data: Data,
    meta: Meta,
    method: MethodFile,
    folder: Out,
    n_base: Annotated[
        int, typer.Option("--base", min=2, help="Rows of a sampled design; a power of two.")
    ] = 1024,
    seed: Seed = 1,
    design: Design = None,
    weight_sets: WeightSets = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="CSV: outputs of the design, instead of running it.", **File),
    ] = None,
    as_json_: Json = False,
) -> None:
    """Which choice moves the ranks most: sobol.csv, run.json.

    Few discrete alternatives are enumerated: exact indices. Otherwise a Sobol' sequence is sampled,
    with intervals. With --design the given runs are evaluated by the reference engine's estimator.
    """
    inputs = read_inputs(data, meta, method)
    nominal = built(inputs)
    make_folder(folder)
    written = ["sobol.csv", "run.json"]
    if design is not None:
        sheet, columns = read_design(design)
        names = [INPUT_NAMES[name] for name in columns]
        with saying(other=sheet):
            check_design(list(columns.values()), names)
        if output is not None:
            y = column(read_sheet(output, ()), _output_column(output))
        else:
            choices, runs = replay(inputs, sheet, columns, weight_sets, nominal.weights)
            with saying(data=inputs.data_sheet, meta=inputs.meta_sheet):
                done = replicate(
                    inputs.table, inputs.tree, inputs.method, choices, runs, nominal
                )  # fmt: skip
            assert done.ranks is not None
            y = rank_shift(nominal.ranks)(done.ranks)
        write_csv(
            folder / "sobol_output.csv",
            ["run", "mean_abs_rank_shift"],
            ([name, value] for name, value in zip(run_names(sheet), y.tolist(), strict=False)),
        )
        written.append("sobol_output.csv")
        if len(y) != len(sheet.rows):
            raise CommandFailed(
                _("%(file)s has %(found)d outputs, the design has %(expected)d runs.")
                % {"file": output or design, "found": len(y), "expected": len(sheet.rows)}
            )
        with saying(other=sheet):
            found = replayed_indices(y, names)
    else:
        if output is not None:
            raise CommandFailed(_("--output needs --design: the outputs belong to its runs."))
        sets = None
        if weight_sets is not None:
            sets = np.stack(list(read_weight_sets(weight_sets, inputs.tree).values()))
        _must_vary(inputs.method.vary.is_empty and sets is None, method)
        with saying(data=inputs.data_sheet, meta=inputs.meta_sheet):
            found = run_sensitivity(
                inputs.table, inputs.tree, inputs.method,
                rng=np.random.default_rng(seed), n_base=n_base, weight_sets=sets,
            )  # fmt: skip
    _write_indices(folder, found)
    facts: dict[str, Any] = {
        "estimator": found.method,
        "exact": found.exact,
        "evaluations": found.evaluations,
        "output_mean": found.mean,
        "output_variance": found.variance,
        "seed": None if found.exact or design is not None else seed,
        "design": digest(design) if design else None,
        "weight_sets": digest(weight_sets) if weight_sets else None,
        "files": written,
    }
    write_run(folder, command="sensitivity", **facts, **common_facts(inputs, nominal))
    if as_json_:
        typer.echo(as_json({**facts, "indices": list(found.indices)}))
        return
    _show_indices(found)
    tell_notices(nominal)
    out.print(_("Written to %(place)s.") % {"place": folder}, highlight=False, soft_wrap=True)


def _must_vary(nothing: bool, method: Path) -> None:
    if nothing:
        raise CommandFailed(
            _("%(file)s has no uncertainty block: nothing would vary.") % {"file": method.name},
            _("Add uncertainty: with normalise, aggregate, treat, impute, weights or data."),
        )


def _output_column(path: Path) -> str:
    header = read_sheet(path, ()).header
    return "mean_abs_rank_shift" if "mean_abs_rank_shift" in header else header[-1]


def _beside(units: tuple[str, ...], nominal: list[Any], rows: list[list[Any]]) -> list[list[Value]]:
    return [[unit, first, *row] for unit, first, row in zip(units, nominal, rows, strict=True)]


def _ranks_or_none(ranks: Any) -> list[Any]:
    return [[rank or None for rank in row] for row in ranks.tolist()]


def _write_ranks(folder: Path, found: Uncertainty, names: list[str]) -> list[str]:
    assert found.ranks is not None
    nominal = found.nominal
    first = [rank or None for rank in nominal.ranks.tolist()]
    write_csv(
        folder / "ranks.csv",
        ["unit", "nominal", *(f"r_{name}" for name in names)],
        _beside(nominal.units, first, _ranks_or_none(found.ranks.T)),
    )
    header = ["unit", "nominal", "mean", "median", "q05", "q95"]
    s = found.statistics
    columns = [s.mean, s.median, s.q05, s.q95]
    if (inside := found.group_statistics) is not None:
        header += ["group_median", "group_q05", "group_q95"]
        columns += [inside.median, inside.q05, inside.q95]
    if (s.runs < len(found.runs)).any():
        header.append("runs")
        columns.append(s.runs.astype(float))
    write_csv(
        folder / "rank_stats.csv",
        header,
        _beside(nominal.units, first, np.column_stack(columns).tolist()),
    )
    return ["ranks.csv", "rank_stats.csv"]


def _write_details(folder: Path, found: Uncertainty) -> list[str]:
    units = found.nominal.units
    write_csv(
        folder / "rank_frequencies.csv",
        ["unit", *(f"rank_{n}" for n in range(1, len(units) + 1)), "no_score"],
        ([u, *row[1:], row[0]] for u, row in zip(units, found.frequencies.tolist(), strict=True)),
    )
    write_csv(
        folder / "pairwise.csv",
        ["unit", *units],
        ([u, *row] for u, row in zip(units, found.before().tolist(), strict=True)),
    )
    written = ["rank_frequencies.csv", "pairwise.csv"]
    if found.runs.noise_seed is None and len(found.choices.impute) == 1:
        labels = design_labels(found.choices, found.runs)
        written += write_design(folder, found.nominal.tree, labels, found.runs.weight_sets)
    return written


def _unit_records(found: Uncertainty) -> list[dict[str, Any]]:
    s = found.statistics
    return [
        {
            "unit": unit, "nominal": int(found.nominal.ranks[k]), "mean": float(s.mean[k]),
            "median": float(s.median[k]), "q05": float(s.q05[k]), "q95": float(s.q95[k]),
            "runs": int(s.runs[k]),
        }
        for k, unit in enumerate(found.nominal.units)
    ]  # fmt: skip


def _show_ranks(found: Uncertainty) -> None:
    table = RichTable(box=None)
    for name in (_("evaluated unit"), _("index rank"), _("median"), "5 %", "95 %"):
        table.add_column(name, justify="left" if name == _("evaluated unit") else "right")
    records = [r for r in _unit_records(found) if r["nominal"]]
    for r in sorted(records, key=lambda r: (r["nominal"], r["unit"]))[:10]:
        table.add_row(
            r["unit"], str(r["nominal"]), f"{r['median']:g}", f"{r['q05']:g}", f"{r['q95']:g}"
        )
    out.print(table)


def _write_indices(folder: Path, found: Sensitivity) -> None:
    header = ["input", "S1", "ST"]
    bands = found.method == "sobol_sequence"
    if bands:
        header += ["S1_low", "S1_high", "ST_low", "ST_high"]
    rows: list[list[Value]] = []
    for index in found.indices:
        row: list[Value] = [index.name, index.first, index.total]
        if bands:
            row += [index.first_low, index.first_high, index.total_low, index.total_high]
        rows.append(row)
    write_csv(folder / "sobol.csv", header, rows)


def _show_indices(found: Sensitivity) -> None:
    table = RichTable(box=None)
    for name in (_("varied choice"), "S1", "ST"):
        table.add_column(name, justify="left" if name == _("varied choice") else "right")
    for index in found.indices:
        table.add_row(index.name, f"{index.first:.3f}", f"{index.total:.3f}")
    out.print(table)
