"""`jingkai composite build|uncertainty|sensitivity|audit`: composite indicators from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table as RichTable

from jingkai.engine.composite import Result
from jingkai.engine.composite import build as build_index

from ..console import Json, out
from ..texts import gettext as _
from .reading import Inputs, read_inputs, saying
from .writing import as_json, make_folder, notices_as_data, write_build, write_run

app = typer.Typer(
    no_args_is_help=True,
    help="Composite indicators: build an index, and find out what it is worth.",
)
File = {"exists": True, "dir_okay": False, "readable": True}
Data = Annotated[Path, typer.Option("--data", help="CSV: units by indicators.", **File)]
Meta = Annotated[Path, typer.Option("--meta", help="CSV: elements of the tree.", **File)]
MethodFile = Annotated[Path, typer.Option("--method", help="METHOD.yaml.", **File)]
Out = Annotated[Path, typer.Option("--out", help="Folder for the results.", file_okay=False)]


@app.command()
def build(
    data: Data,
    meta: Meta,
    method: MethodFile,
    folder: Out,
    stages: Annotated[
        bool, typer.Option("--stages", help="Also write the data after each step.")
    ] = False,
    as_json_: Json = False,
) -> None:
    """Build the index: scores.csv, normalised.csv, treatment_log.csv, run.json."""
    inputs = read_inputs(data, meta, method)
    result = built(inputs)
    make_folder(folder)
    written = write_build(folder, result, stages=stages)
    write_run(folder, command="build", **common_facts(inputs, result))
    if as_json_:
        typer.echo(as_json(summary(result, [*written, "run.json"])))
        return
    _show_best(result)
    tell_notices(result)
    out.print(_("Written to %(place)s.") % {"place": folder}, highlight=False, soft_wrap=True)


def built(inputs: Inputs) -> Result:
    """Build, with refusals that name file and row."""
    with saying(data=inputs.data_sheet, meta=inputs.meta_sheet):
        return build_index(inputs.table, inputs.tree, inputs.method)


def common_facts(inputs: Inputs, result: Result) -> dict[str, Any]:
    """What run.json says of every command."""
    codes = result.tree.codes
    return {
        "inputs": inputs.digests,
        "method": inputs.method,
        "units": len(result.units),
        "indicators": result.tree.n_indicators,
        "screened_out": result.screened_out,
        "weights": dict(zip(codes, result.weights.tolist(), strict=True)),
        "warnings": notices_as_data(result.notices),
    }


def summary(result: Result, written: list[str]) -> dict[str, Any]:
    """What --json prints of a build."""
    return {
        "units": len(result.units),
        "index": result.tree.index,
        "ranking": [
            {"rank": int(rank), "unit": unit, "score": float(score)}
            for rank, unit, score in sorted(
                zip(result.ranks, result.units, result.index, strict=True),
                key=lambda row: (row[0] == 0, row[0], row[1]),
            )
        ],
        "screened_out": result.screened_out,
        "warnings": notices_as_data(result.notices),
        "files": written,
    }


def _show_best(result: Result) -> None:
    table = RichTable(box=None)
    for name in (_("rank"), _("unit"), result.tree.index):
        table.add_column(name, justify="left" if name == _("unit") else "right")
    for row in summary(result, [])["ranking"][:10]:
        table.add_row(str(row["rank"] or "–"), row["unit"], f"{row['score']:.2f}")
    out.print(table)


def tell_notices(result: Result) -> None:
    """Print what a reader of the result must know."""
    for notice in result.notices[:20]:
        out.print(
            f"▲ {notice.step}: {notice.message}", markup=False, highlight=False, soft_wrap=True
        )
    if len(result.notices) > 20:
        out.print(
            _("… and %(more)d more in run.json.") % {"more": len(result.notices) - 20},
            highlight=False,
        )
