"""`jingkai composite build|uncertainty|sensitivity|audit`: composite indicators from files."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table as RichTable

from jingkai.engine.composite import Result

from ..console import Json, out
from ..texts import gettext as _
from .analysis_commands import sensitivity, uncertainty
from .audit_command import audit
from .options import Data, Meta, MethodFile, Out
from .reading import read_inputs
from .running import built, common_facts, tell_notices
from .writing import as_json, make_folder, notices_as_data, write_build, write_run

app = typer.Typer(
    no_args_is_help=True,
    help="Composite indicators: build an index, and find out what it is worth.",
)


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


app.command()(uncertainty)
app.command()(sensitivity)
app.command()(audit)


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
    for name in (_("index rank"), _("evaluated unit"), result.tree.index):
        table.add_column(name, justify="left" if name == _("evaluated unit") else "right")
    for row in summary(result, [])["ranking"][:10]:
        table.add_row(str(row["rank"] or "–"), row["unit"], f"{row['score']:.2f}")
    out.print(table)
