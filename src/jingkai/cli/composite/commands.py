"""`jingkai composite build|panel|compare|uncertainty|sensitivity|audit`: indices from files."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table as RichTable

from jingkai.engine.composite import Result, Waterfall, explain_score

from ..console import Json, out
from ..texts import gettext as _
from .analysis_commands import sensitivity, uncertainty
from .audit_command import audit
from .change_commands import compare_runs, panel, picked, show_waterfalls
from .options import Data, Explain, Meta, MethodFile, Out
from .reading import read_inputs, saying
from .running import built, common_facts, tell_notices
from .writing import as_json, make_folder, notices_as_data, write_build, write_run, write_waterfalls

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
    explain: Explain = None,
    as_json_: Json = False,
) -> None:
    """Build the index: scores.csv, normalised.csv, treatment_log.csv, run.json.

    With --explain also waterfall.csv: baseline and the part of each indicator add up to the score.
    """
    inputs = read_inputs(data, meta, method)
    result = built(inputs)
    chosen = _explained(result, explain or [])
    make_folder(folder)
    written = write_build(folder, result, stages=stages)
    if chosen:
        write_waterfalls(folder / "waterfall.csv", [(("baseline", "score"), chosen)])
        written.append("waterfall.csv")
    write_run(folder, command="build", **common_facts(inputs, result))
    if as_json_:
        record = summary(result, [*written, "run.json"])
        typer.echo(as_json(record | ({"explained": chosen} if chosen else {})))
        return
    _show_best(result)
    show_waterfalls([("", chain) for chain in chosen])
    tell_notices(result)
    out.print(_("Written to %(place)s.") % {"place": folder}, highlight=False, soft_wrap=True)


app.command()(panel)
app.command("compare")(compare_runs)
app.command()(uncertainty)
app.command()(sensitivity)
app.command()(audit)


def _explained(result: Result, units: list[str]) -> list[Waterfall]:
    scored = {u for u, rank in zip(result.units, result.ranks, strict=True) if rank}
    with saying():
        chains = [("", explain_score(result, unit)) for unit in units if unit in scored]
    return [chain for _step, chain in picked(units, chains, set(result.units))]


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
