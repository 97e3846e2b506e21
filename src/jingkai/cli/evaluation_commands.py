"""`jingkai evaluation verify`: make a run again from its own rows and compare digests."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from . import rooms
from .console import Json, out
from .environment import prepare
from .failures import CommandFailed
from .texts import gettext as _

app = typer.Typer(no_args_is_help=True, help="Evaluation runs.")


@app.callback()
def evaluation() -> None:
    """Evaluation runs."""


@app.command()
def verify(
    run: Annotated[int, typer.Argument(help="Number of the run, as in its address.", min=1)],
    as_json: Json = False,
) -> None:
    """Compute a run again from its frozen rows alone. 0: same to the last digit; 1: it is not."""
    prepare()
    found = rooms.verify_evaluation(run)
    if found is None:
        raise CommandFailed(
            _("There is no evaluation run %(number)d.") % {"number": run},
            _("The number stands in the address of the run's page."),
        )
    if as_json:
        data = {
            "run": run, "ok": found.holds, "error": found.error,
            "inputs": {"kept": found.inputs_kept, "now": found.inputs_now},
            "result": {"kept": found.result_kept, "now": found.result_now},
            "engine": {"kept": found.engine_kept, "now": found.engine_now},
        }  # fmt: skip
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        for name, holds, kept, now in (
            (_("inputs"), found.inputs_hold, found.inputs_kept, found.inputs_now),
            (_("result"), found.result_holds, found.result_kept, found.result_now),
        ):
            sign = "[green]✓[/]" if holds else "[red]■[/]"
            out.print(f"{sign} {name}  {kept or '–'}", highlight=False, soft_wrap=True)
            if not holds:
                out.print(f"  {_('now')}  {now or '–'}", highlight=False, soft_wrap=True)
        if found.error:
            out.print(found.error, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if found.holds else 1)
