"""`jingkai composite audit`: the audit report of an index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from jingkai.engine.composite import run_audit

from ..console import Json, out
from ..texts import gettext as _
from ..texts import language
from .options import Data, File, Meta, MethodFile, Out, Seed
from .reading import digest, read_inputs, saying
from .report import STYLE, as_data, as_html, as_markdown, document, shown, titles
from .running import built, common_facts, tell_notices
from .writing import as_json, make_folder, write_run, write_text


def audit(
    data: Data,
    meta: Meta,
    method: MethodFile,
    folder: Out,
    replications: Annotated[int, typer.Option(min=1, help="Number of random runs.")] = 1000,
    seed: Seed = 1,
    earlier: Annotated[
        Path | None,
        typer.Option("--earlier", help="CSV: data of an earlier edition to compare with.", **File),
    ] = None,
    as_json_: Json = False,
) -> None:
    """Audit the index: audit.json, audit.md, audit.html with audit.css, run.json."""
    inputs = read_inputs(data, meta, method)
    before = built(read_inputs(earlier, meta, method)) if earlier is not None else None
    with saying(data=inputs.data_sheet, meta=inputs.meta_sheet):
        found = run_audit(
            inputs.table,
            inputs.tree,
            inputs.method,
            rng=np.random.default_rng(seed),
            replications=replications,
            earlier=before,
        )
    make_folder(folder)
    parts = document(found)
    record = as_data(found)
    write_text(folder / "audit.json", as_json(record) + "\n")
    write_text(folder / "audit.md", as_markdown(parts))
    tag = "zh-Hans" if language() == "zh-hans" else "en"
    write_text(folder / "audit.html", as_html(parts, tag))
    write_text(folder / "audit.css", STYLE)
    facts = {
        "seed": seed,
        "replications": replications,
        "earlier": digest(earlier) if earlier else None,
        "files": ["audit.json", "audit.md", "audit.html", "audit.css", "run.json"],
    }
    write_run(folder, command="audit", **facts, **common_facts(inputs, found.nominal))
    if as_json_:
        typer.echo(as_json({**facts, **record}))
        return
    names = titles()
    for block in found.blocks:
        out.print(f"[bold]{names[block.name]}[/]")
        for fact in block.facts:
            mark = "▲" if fact.flag else " "
            text = f"{mark} {names.get(fact.name, fact.name)}: {shown(fact.value)}"
            out.print(text, markup=False, highlight=False, soft_wrap=True)
    tell_notices(found.nominal)
    out.print(_("Written to %(place)s.") % {"place": folder}, highlight=False, soft_wrap=True)
