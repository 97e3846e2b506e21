"""`jingkai exchange export|import|codes`: figures to and from other systems as SDMX-CSV 2.0."""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from . import rooms
from .console import Json, error, out
from .environment import prepare
from .failures import CommandFailed
from .texts import gettext as _

app = typer.Typer(
    no_args_is_help=True,
    help="Exchange figures with other systems as SDMX-CSV 2.0, on behalf of a person.",
)
Person = Annotated[
    str, typer.Option("--as", help="User name of the person on whose behalf this is done.")
]
Target = Annotated[
    Path | None,
    typer.Argument(help="File to write; without it, to the terminal.", show_default=False),
]


@app.command()
def export(
    person: Person,
    target: Target = None,
    indicator: Annotated[
        list[str] | None, typer.Option(help="Code; repeat for several. Default: all.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="CITY, EDZ or a zone's code; repeat for several. Default: all."),
    ] = None,
    since: Annotated[str, typer.Option("--from", help="First period, such as 2026-01.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last period.")] = "",
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="What was known at the end of that day."),
    ] = None,
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="With figures still being collected (office).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the figures this person may see and that are published. The trail notes it."""
    prepare()
    from django.utils import timezone

    from jingkai.delivery.reporting.public import Selection, export_figures

    moment = None
    if as_of is not None:
        moment = timezone.make_aware(as_of) + timedelta(days=1, microseconds=-1)
    found = export_figures(
        selection=Selection(
            indicators=tuple(indicator or ()),
            scopes=tuple(scope or ()),
            since=since,
            until=until,
            as_of=moment,
            unpublished=unpublished,
        ),
        actor=rooms.user_named(person),
        now=timezone.now(),
    )
    if target:
        _write(target, found.text)
    summary = {"figures": found.count, "held_back": found.held_back}
    if as_json:
        rows = {} if target else {"rows": list(csv.DictReader(StringIO(found.text)))}
        place = {"place": str(target)} if target else {}
        typer.echo(json.dumps({**place, **summary, **rows}, ensure_ascii=False, indent=1))
        return
    if not target:
        _print(found.text)
    sentence = _("%(figures)d figures written, %(held_back)d held back: not published yet.")
    error.print(sentence % summary, highlight=False, soft_wrap=True)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="SDMX-CSV 2.0 file.")
    ],
    person: Person,
    reason: Annotated[str, typer.Option(help="Stands beside every figure that changes.")] = "",
    as_json: Json = False,
) -> None:
    """Record a file of figures, all or none; each wrong line and column is named. 1 if refused."""
    prepare()
    from django.utils import timezone

    from jingkai.core.errors import DomainError
    from jingkai.delivery.reporting.public import MAX_EXCHANGE_BYTES, import_figures

    with file.open("rb") as opened:
        content = opened.read(MAX_EXCHANGE_BYTES + 1)
    try:
        done = import_figures(
            content=content,
            name=file.name,
            reason=reason,
            actor=rooms.user_named(person),
            now=timezone.now(),
        )
    except DomainError as refused:
        if not as_json:
            raise
        problems = [
            {"where": p.field, "message": str(p.message), "code": p.code}
            for p in getattr(refused, "problems", ())
        ]
        answer = {"code": refused.code, "message": str(refused), "problems": problems}
        typer.echo(json.dumps({"error": answer}, ensure_ascii=False, indent=1))
        raise typer.Exit(1) from refused
    counts = {
        name: getattr(done, name) for name in ("recorded", "unchanged", "computed", "derived")
    }
    if as_json:
        data = {**counts, "differing": list(done.differing)}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
        return
    sentence = _(
        "%(recorded)d figures recorded, %(unchanged)d unchanged, %(computed)d computed from them; "
        "%(derived)d derived lines compared."
    )
    out.print(sentence % counts, highlight=False, soft_wrap=True)
    for difference in done.differing:
        out.print(f"▲ {difference}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def codes(
    person: Person,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Column, such as INDICATOR; repeat for several. Default: all."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the codes each column takes, for what this person may see."""
    prepare()
    from jingkai.delivery.reporting.public import code_lists

    lists = code_lists(rooms.user_named(person))
    if unknown := set(column or ()) - {one.column for one in lists}:
        raise CommandFailed(
            _("There is no code list for %(names)s.") % {"names": ", ".join(sorted(unknown))},
            _("There are: %(names)s") % {"names": ", ".join(one.column for one in lists)},
        )
    chosen = [one for one in lists if not column or one.column in column]
    if as_json:
        data = [
            {
                "id": one.id,
                "column": one.column,
                "name": one.name,
                "codes": [{"code": row.code, "name": row.name} for row in one.rows],
            }
            for one in chosen
        ]
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
        return
    for one in chosen:
        table = Table(title=f"{one.column} {one.name}", title_justify="left", show_header=False)
        for row in one.rows:
            table.add_row(row.code, row.name)
        out.print(table)


def _write(target: Path, text: str) -> None:
    fresh = target.with_name(f"{target.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="")
        fresh.replace(target)
    except OSError as problem:
        raise CommandFailed(
            _("%(file)s cannot be written: %(why)s.") % {"file": target, "why": problem.strerror},
            _("Name a file in a folder you may write to."),
        ) from problem


def _print(text: str) -> None:
    """Byte for byte: the terminal's own line ends would double the file's."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
