"""`jingkai composite panel` and `compare`: years on one scale, and why a score changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table as RichTable

from jingkai.engine.composite import (
    Result,
    Waterfall,
    build_panel,
    compare,
    explain_changes,
    nearest,
)

from ..console import Json, out
from ..failures import CommandFailed
from ..texts import gettext as _
from .options import Data, Explain, File, Meta, MethodFile, Out
from .reading import Inputs, read_inputs, saying
from .running import built, common_facts, tell_notices
from .writing import as_json, make_folder, write_build, write_csv, write_run, write_waterfalls

Years = Annotated[
    list[str],
    typer.Option("--data", help="PERIOD=CSV, once for each period, the earliest first."),
]


def panel(
    data: Years,
    meta: Meta,
    method: MethodFile,
    folder: Out,
    scale: Annotated[
        str, typer.Option("--scale", help="pooled: limits of all periods; base: of one; each.")
    ] = "pooled",
    base: Annotated[str, typer.Option("--base", help="Period of --scale base.")] = "",
    stages: Annotated[
        bool, typer.Option("--stages", help="Also write the data after each step.")
    ] = False,
    explain: Explain = None,
    as_json_: Json = False,
) -> None:
    """Build several periods on one scale: a folder per period, series.csv, waterfall.csv.

    waterfall.csv says for each unit why its score changed from one period to the next.
    """
    inputs = {period: read_inputs(path, meta, method) for period, path in _periods(data).items()}
    first = next(iter(inputs.values()))
    with saying(meta=first.meta_sheet):
        tables = {period: one.table for period, one in inputs.items()}
        found = build_panel(tables, first.tree, first.method, scale=scale, base=base)
    make_folder(folder)
    written = []
    for period, result in found.results.items():
        make_folder(folder / period)
        names = write_build(folder / period, result, stages=stages)
        written += [f"{period}/{name}" for name in names]
    write_csv(
        folder / "series.csv",
        ["unit", *(f"{name}_{period}" for period in found.results for name in ("score", "rank"))],
        _series(found.results),
    )
    steps = [
        ((one, two), _changes(found.results[one], found.results[two]))
        for one, two in pairwise(found.results)
    ]
    write_waterfalls(folder / "waterfall.csv", steps)
    written += ["series.csv", "waterfall.csv", "run.json"]
    facts: dict[str, Any] = {
        "scale": scale,
        "base": base or None,
        "files": written,
        "periods": {
            period: common_facts(inputs[period], result) for period, result in found.results.items()
        },
    }
    write_run(folder, command="panel", **facts)
    chains = [(f"{one} → {two}", chain) for (one, two), chains in steps for chain in chains]
    chosen = picked(explain, chains, {unit for one in found.results.values() for unit in one.units})
    if as_json_:
        typer.echo(as_json({**facts, "explained": [chain for _step, chain in chosen]}))
        return
    for period, result in found.results.items():
        out.print(f"[bold]{period}[/]")
        tell_notices(result)
    show_waterfalls(chosen)
    out.print(_("Written to %(place)s.") % {"place": folder}, highlight=False, soft_wrap=True)


def compare_runs(
    data: Data,
    earlier: Annotated[Path, typer.Option("--earlier", help="CSV: the data before.", **File)],
    meta: Meta,
    method: MethodFile,
    folder: Out,
    earlier_meta: Annotated[
        Path | None, typer.Option("--earlier-meta", help="CSV: the elements before.", **File)
    ] = None,
    earlier_method: Annotated[
        Path | None, typer.Option("--earlier-method", help="The METHOD.yaml before.", **File)
    ] = None,
    explain: Explain = None,
    as_json_: Json = False,
) -> None:
    """Explain the change between two runs: moves.csv, waterfall.csv, run.json.

    The parts of each unit in waterfall.csv sum to the difference of its two scores.
    """
    inputs = read_inputs(data, meta, method)
    older = read_inputs(earlier, earlier_meta or meta, earlier_method or method)
    before, after = built(older), built(inputs)
    chains = _changes(before, after)
    moves = compare(before, after)
    make_folder(folder)
    write_csv(
        folder / "moves.csv",
        ["unit", "rank_before", "rank_after", "score_before", "score_after"],
        (
            [m.unit, m.rank_before or None, m.rank_after or None, m.score_before, m.score_after]
            for m in moves
        ),
    )
    write_waterfalls(folder / "waterfall.csv", [(("before", "after"), chains)])
    facts: dict[str, Any] = {
        "earlier": _digests(older),
        "not_explained": sorted({m.unit for m in moves} - {chain.unit for chain in chains}),
        "files": ["moves.csv", "waterfall.csv", "run.json"],
    }
    write_run(folder, command="compare", **facts, **common_facts(inputs, after))
    chosen = picked(explain, [("", chain) for chain in chains], {m.unit for m in moves})
    if as_json_:
        shown = [chain for _step, chain in chosen]
        typer.echo(as_json({**facts, "moves": moves, "explained": shown}))
        return
    tell_notices(after)
    show_waterfalls(chosen)
    out.print(_("Written to %(place)s.") % {"place": folder}, highlight=False, soft_wrap=True)


def picked(
    units: Sequence[str] | None, chains: Sequence[tuple[str, Waterfall]], known: set[str]
) -> list[tuple[str, Waterfall]]:
    """The waterfalls of the units asked for; raises CommandFailed for one that is not there."""
    for unit in units or ():
        if not any(chain.unit == unit for _step, chain in chains):
            if unit in known:
                raise CommandFailed(_("“%(unit)s” has no score to explain.") % {"unit": unit})
            raise CommandFailed(
                _("There is no unit “%(unit)s”%(hint)s")
                % {"unit": unit, "hint": nearest(unit, sorted(known)) or "."}
            )
    return [(step, chain) for unit in units or () for step, chain in chains if chain.unit == unit]


def show_waterfalls(chains: Sequence[tuple[str, Waterfall]]) -> None:
    """Print each waterfall, its largest parts first."""
    for step, chain in chains:
        table = RichTable(title=f"{chain.unit} {step}".strip(), box=None)
        for name in (_("element of the index"), _("kind of part"), _("index points")):
            table.add_column(name, justify="right" if name == _("index points") else "left")
        table.add_row("", _("explained from"), f"{chain.start:.4f}")
        for part in sorted(chain.parts, key=lambda part: -abs(part.amount)):
            table.add_row(part.code, part.kind, f"{part.amount:+.4f}")
        table.add_row("", _("explained to"), f"{chain.end:.4f}")
        out.print(table)


def _periods(given: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for text in given:
        period, _sign, name = text.partition("=")
        if not re.fullmatch(r"\w[\w.-]*", period) or not Path(name).is_file():
            raise typer.BadParameter(
                _("“%(text)s” is not PERIOD=FILE with a file that is there.") % {"text": text},
                param_hint="--data",
            )
        if period in found:
            raise typer.BadParameter(
                _("the period “%(period)s” is given twice.") % {"period": period},
                param_hint="--data",
            )
        found[period] = Path(name)
    return found


def _changes(before: Result, after: Result) -> tuple[Waterfall, ...]:
    with saying():
        return explain_changes(before, after)


def _series(results: Mapping[str, Result]) -> list[list[str | float | int | None]]:
    units = sorted({unit for result in results.values() for unit in result.units})
    rows = []
    for unit in units:
        row: list[str | float | int | None] = [unit]
        for result in results.values():
            there = unit in result.units
            k = result.units.index(unit) if there else -1
            row += [float(result.index[k]), int(result.ranks[k]) or None] if there else [None, None]
        rows.append(row)
    return rows


def _digests(inputs: Inputs) -> dict[str, Any]:
    return {"inputs": inputs.digests, "method": inputs.method}
