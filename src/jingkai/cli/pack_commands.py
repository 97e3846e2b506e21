"""`jingkai pack check|load|diff|export`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils import timezone

from . import rooms
from .console import Json, error, out
from .environment import ROOT, prepare, start_django
from .texts import gettext as _

app = typer.Typer(no_args_is_help=True, help="Check, load, compare and export policy packs.")
Pack = Annotated[Path, typer.Argument(help="Folder of the pack.", show_default="packs/shenyang")]
SHIPPED = ROOT / "packs" / "shenyang"


def _show(items: Sequence[Any], as_json: bool, none: str) -> None:
    if as_json:
        typer.echo(json.dumps([_plain(item) for item in items], ensure_ascii=False, indent=1))
    else:
        for item in items:
            out.print(str(item), markup=False, highlight=False, soft_wrap=True)
        if not items:
            out.print(none)


def _plain(item: Any) -> Any:
    fields = getattr(item, "__dataclass_fields__", None)
    return {name: str(getattr(item, name)) for name in fields} if fields else str(item)


@app.command()
def check(path: Pack = SHIPPED, as_json: Json = False) -> None:
    """Check a pack without loading it; each problem with file and line. 1 if there is an error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingkai.settings")
    start_django()  # no database is asked
    problems = rooms.call("packs", "check_pack", path)
    _show(problems, as_json, _("No problem found."))
    wrong = any(problem.severity == "error" for problem in problems)
    raise typer.Exit(1 if wrong else 0)


@app.command()
def load(path: Pack = SHIPPED) -> None:
    """Load a pack. Doing it twice changes nothing; what people changed is not overwritten."""
    prepare()
    out.print(rooms.call("packs", "load_pack", path, now=timezone.now()))


@app.command()
def diff(path: Pack = SHIPPED, as_json: Json = False) -> None:
    """Show where the product and the pack's files differ. Exit code 1 if they do."""
    prepare()
    found = rooms.call("packs", "diff_pack", path)
    if found is None:
        error.print(_("No policy pack is loaded."))
        raise typer.Exit(1)
    _show(found, as_json, _("No difference."))
    raise typer.Exit(1 if found else 0)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="New folder to write.")], path: Pack = SHIPPED
) -> None:
    """Write what is loaded, with people's edits, as a pack: the start for the next city."""
    prepare()
    out.print(rooms.call("packs", "export_pack", target, source=path))
