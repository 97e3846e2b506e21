"""The console script `jingkai`. Exit codes: 0 done, 1 not done or problems found, 2 wrong usage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from jingkai import __version__

from . import doctor as examination
from . import evaluation_commands, exchange_commands, pack_commands, policy_commands, rooms
from .backup import create_backup, restore_backup
from .composite.commands import app as composite
from .console import Commands, Json, error, out
from .environment import ROOT, data_dir, prepare
from .failures import CommandFailed
from .serve import Address, print_links, running_url
from .serve import run as serve
from .texts import gettext as _

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Jingkai 经开: the working system behind a city's development-zone policy. "
    "DATA_DIR, DATABASE_URL, HOST, PORT and DEMO are read from the environment.",
)
audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
token = typer.Typer(no_args_is_help=True, help="Keys for programs that use the API.")
app.add_typer(pack_commands.app, name="pack")
app.add_typer(composite, name="composite")
app.add_typer(policy_commands.app, name="policy")
app.add_typer(evaluation_commands.app, name="evaluation")
app.add_typer(exchange_commands.app, name="exchange")
app.add_typer(audit, name="audit")
app.add_typer(token, name="token")

SIGNS = {"ok": "[green]✓[/]", "warning": "[yellow]▲[/]", "error": "[red]■[/]"}


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command()
def run(
    host: Annotated[str, typer.Option(envvar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[str, typer.Option(envvar="PORT", help="Port to listen on.")] = "8000",
    demo: Annotated[
        bool,
        typer.Option(
            "--demo/--no-demo", help="With synthetic data and demonstration users (DEMO)."
        ),
    ] = os.environ.get("DEMO", "1") != "0",
) -> None:
    """Start everything: database, migrations, pack, demonstration data, worker, web server."""
    os.environ.update(HOST=host, PORT=port, DEMO="1" if demo else "0")
    try:
        code = serve(out)
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


@app.command()
def links() -> None:
    """Print one-time sign-in links again, for each demo role or the first administrator."""
    installation = prepare()
    address = Address.from_environment()
    url = running_url(installation.data_dir)
    if url is None:
        error.print(_("Jingkai is not running; the links work once ./run is started."))
    print_links(out, url or address.url, demo=os.environ.get("DEMO", "1") != "0")


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
)
def manage(context: typer.Context) -> None:
    """Run a management command of Django, such as migrate, shell or makemigrations."""
    prepare(django=False)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["jingkai manage", *context.args])


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look for what could be wrong; say why it matters and how to repair it."""
    findings = []
    for finding in examination.examine():
        findings.append(finding)
        if not as_json:
            out.print(
                f"{SIGNS[finding.severity]} {finding.check:<14} {finding.found}",
                highlight=False,
                soft_wrap=True,
            )
            for line in filter(None, (finding.why, finding.repair and f"→ {finding.repair}")):
                out.print(f"  {'':<14} {line}", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(examination.as_json(findings), ensure_ascii=False, indent=1))
    raise typer.Exit(examination.worst(findings))


@app.command()
def backup(
    target: Annotated[
        Path | None,
        typer.Argument(
            help="New folder, or one file when the name ends in .tar.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Back up database, files and secret key, even while everything runs. Keep it confidential."""
    installation = prepare()
    now = datetime.now().astimezone()
    target = target or Path(f"jingkai-{now:%Y%m%d-%H%M%S}.tar")
    _tell(create_backup(installation, target), as_json, _("Backed up to %(place)s"), target)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="What `jingkai backup` wrote.")],
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty DATA_DIR (and an empty database, if DATABASE_URL is set).

    Every table and file is compared with the backup; if one differs, nothing is kept.
    """
    folder = data_dir()
    manifest = restore_backup(source, folder, os.environ.get("DATABASE_URL", ""))
    _tell(manifest, as_json, _("Restored and compared: %(place)s"), folder)


def _tell(manifest: dict[str, Any], as_json: bool, sentence: str, place: Path) -> None:
    if as_json:
        typer.echo(json.dumps({"place": str(place), **manifest}, ensure_ascii=False, indent=1))
        return
    out.print(sentence % {"place": place}, highlight=False, soft_wrap=True)
    table = Table(show_header=False, box=None)
    table.add_row(_("tables"), str(len(manifest["tables"])))
    table.add_row(_("records"), f"{sum(state['rows'] for state in manifest['tables'].values()):,}")
    table.add_row(_("files"), str(len(manifest["files"])))
    head = manifest["audit_head"]
    table.add_row(_("audit seals"), f"{head['position']:,}" if head else "0")
    out.print(table)


@audit.command("verify")
def audit_verify(as_json: Json = False) -> None:
    """Walk the whole audit chain; name each changed, removed or re-ordered row. 1 if any."""
    prepare()
    report = rooms.verify_audit()
    if as_json:
        problems = [
            {"id": p.event_id, "position": p.position, "kind": p.kind, "message": p.message}
            for p in report.problems
        ]
        data = {
            "ok": report.ok,
            "checked": report.checked,
            "unsealed": report.unsealed,
            "head": report.head,
            "problems": problems,
        }
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        for problem in report.problems:
            out.print(f"[red]■[/] {problem.message}", highlight=False, soft_wrap=True)
        summary = _(
            "%(checked)d seals checked, %(problems)d problems, %(unsealed)d not sealed yet."
        )
        out.print(
            summary
            % {
                "checked": report.checked,
                "problems": len(report.problems),
                "unsealed": report.unsealed,
            }
        )
    raise typer.Exit(0 if report.ok else 1)


@token.command("create")
def token_create(
    user: Annotated[str, typer.Argument(help="User name of the person the program acts for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may do, such as indicators:read; repeat for several. Default: read all."
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days until it expires.")] = 90,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "console",
    as_json: Json = False,
) -> None:
    """Create an API token and print it: it is shown this once."""
    prepare()
    secret = rooms.create_token(user, name=name, scopes=scope or [], days=days)
    typer.echo(json.dumps({"token": secret}) if as_json else secret)


@app.command()
def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of files in bench/, without .py; default: all.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the benchmarks in bench/, each with an embedded server of its own."""
    found = {path.stem: path for path in sorted((ROOT / "bench").glob("[!_]*.py"))}
    if unknown := [name for name in names or [] if name not in found]:
        raise CommandFailed(
            _("There is no benchmark %(name)s.") % {"name": ", ".join(unknown)},
            _("There are: %(names)s") % {"names": ", ".join(found) or "–"},
        )
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATA_DIR"] = str(data_dir() / "bench")
    prepare(django=False)
    results = []
    for name in names or found:
        if not as_json:
            out.rule(name)
        done = subprocess.run(
            [sys.executable, str(found[name]), *(["--json"] if as_json else [])],
            cwd=ROOT,
            stdout=subprocess.PIPE if as_json else None,
            text=True,
        )
        result = {"name": name, "ok": done.returncode == 0}
        if as_json:
            result["output"] = _parsed(done.stdout)
        results.append(result)
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=1))
    raise typer.Exit(0 if all(result["ok"] for result in results) else 1)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
