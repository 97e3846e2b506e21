"""`jingkai policy parse`: from a document file to targets, tasks, bodies and contradictions."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml
from rich.markup import escape
from rich.table import Table

from jingkai.core.documents import Extracted, Unreadable, read_document
from jingkai.engine.policytext import (
    Known,
    Reading,
    Registry,
    Severity,
    Target,
    as_data,
    parse_policy,
    registry_fits,
)

from .console import Json, error, out
from .environment import ROOT
from .failures import CommandFailed
from .policy_texts import refusal, sentence
from .texts import gettext as _

app = typer.Typer(no_args_is_help=True, help="Read policy documents.")
SHIPPED: Final = ROOT / "packs" / "shenyang"
SIGNS: Final = {
    Severity.HIGH: "[red]■[/]",
    Severity.MEDIUM: "[yellow]▲[/]",
    Severity.LOW: "[blue]●[/]",
    Severity.INFO: "[dim]○[/]",
}


@app.callback()
def policy() -> None:
    """Read policy documents."""


@app.command()
def parse(
    file: Annotated[Path, typer.Argument(help="A .txt, .html, .docx or .pdf file with text.")],
    as_json: Json = False,
    bodies: Annotated[
        str,
        typer.Option(
            help="Pack whose bodies are known, or none. Default: packs/shenyang if it fits.",
            show_default=False,
        ),
    ] = "",
    year: Annotated[
        int | None,
        typer.Option(
            min=1990, max=2100, help="Targets due before it are past.", show_default="this year"
        ),
    ] = None,
) -> None:
    """Read a policy document. 0 nothing is open, 1 there are open questions, 2 unreadable."""
    try:
        source = read_document(_content(file))
    except Unreadable as problem:
        _refuse(file, refusal(problem), problem.code, as_json)
    except OSError as problem:
        _refuse(
            file,
            _("The file cannot be opened: %(why)s") % {"why": problem.strerror},
            "missing",
            as_json,
        )
    registry = _registry(bodies, source.text)
    reading = parse_policy(
        source.text, registry=registry, reference_year=year or datetime.now().astimezone().year
    )
    if as_json:
        data = {"source": _source(file, source), **as_data(reading, sentence)}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        _show(reading)
    raise typer.Exit(1 if reading.open_questions else 0)


def _content(file: Path) -> bytes:
    from jingkai.core.documents.refusals import MAX_BYTES

    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _refuse(file: Path, message: str, code: str, as_json: bool) -> None:
    if as_json:
        data = {"error": {"file": file.name, "code": code, "message": message}}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
    error.print("[bold red]✗[/] ", end="")
    error.print(f"{file}: {message}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def _source(file: Path, source: Extracted) -> dict[str, Any]:
    return {
        "file": file.name,
        "format": source.format,
        "encoding": source.encoding or None,
        "pages": source.pages,
        "characters": len(source.text),
        "sha256_of_text": hashlib.sha256(source.text.encode("utf-8", "replace")).hexdigest(),
    }


def _registry(wanted: str, text: str) -> Registry | None:
    if wanted == "none":
        return None
    if wanted:
        return load_registry(Path(wanted))
    if not (SHIPPED / "bodies.yaml").is_file():
        return None
    registry = load_registry(SHIPPED)
    return registry if registry_fits(registry, text) else None


def load_registry(pack: Path) -> Registry:
    """The bodies of a pack with their aliases. Raises CommandFailed where it has none."""
    file = pack / "bodies.yaml" if pack.is_dir() else pack
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        entries = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)["bodies"]
        known = [
            Known(
                entry["name_zh"],
                tuple((alias["name"], alias["kind"]) for alias in entry.get("aliases", ())),
                entry["code"],
            )
            for entry in entries
        ]
    except OSError as problem:
        raise CommandFailed(
            _("There are no bodies at %(place)s: %(why)s.")
            % {"place": file, "why": problem.strerror},
            _("Name the folder of a policy pack, or say --bodies none."),
        ) from problem
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as problem:
        raise CommandFailed(
            _("The list of bodies in %(place)s cannot be read.") % {"place": file},
            _("`jingkai pack check` names the line."),
        ) from problem
    names = [alias for body in known for alias, _kind in body.aliases]
    places = [m[1] for name in names if (m := re.fullmatch(r"([一-龥]{2,6})[市省]人民政府", name))]
    return Registry.of(known, place=places[0] if places else "")


# -- the summary ------------------------------------------------------------------------------


def _show(reading: Reading) -> None:
    out.print(
        f"[bold]{escape(reading.title or _('(no title)'))}[/]", highlight=False, soft_wrap=True
    )
    facts = [reading.number, reading.issuer, _("draft for comment") if reading.draft else ""]
    if said := " · ".join(fact for fact in facts if fact):
        out.print(said, markup=False, highlight=False)
    counts = _(
        "%(measures)d measures, %(brackets)d responsibility brackets, %(tasks)d tasks, "
        "%(targets)d target statements, %(bodies)d bodies"
    ) % {
        "measures": len(reading.measures),
        "brackets": reading.brackets + reading.standing_brackets,
        "tasks": len(reading.tasks),
        "targets": len(reading.targets),
        "bodies": len(reading.bodies),
    }
    out.print(counts, highlight=False)
    _show_measures(reading)
    _show_targets(reading)
    _show_tasks(reading)
    _show_findings(reading)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _show_measures(reading: Reading) -> None:
    table = _table(_("Measures"), _("No."), _("title"), _("brackets"), _("bodies"))
    for measure in reading.measures:
        names: dict[str, None] = {}
        for clause in measure.clauses:
            for body in clause.bodies:
                names.setdefault(
                    (body.canonical or body.name + "?") + ("*" if body.role == "lead" else "")
                )
        brackets = sum(1 for clause in measure.clauses if clause.bracket)
        table.add_row(
            escape(measure.printed or "–"),
            escape(measure.title),
            str(brackets),
            escape("、".join(names)),
        )
    if reading.measures:
        out.print(table)


def _show_targets(reading: Reading) -> None:
    table = _table(
        _("Targets"), _("place"), _("indicator"), _("value"), _("year"), _("base"), _("kind")
    )
    for target in reading.targets:
        base = str(target.base_year or "")
        table.add_row(
            target.place,
            escape(target.indicator),
            escape(_value(target)),
            _years(target),
            base,
            f"{target.kind}, {target.modality}",
        )
    if reading.targets:
        out.print(table)


def _value(target: Target) -> str:
    sign = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "about": "≈"}.get(target.comparator, "")
    if target.value is None:
        return f"{sign}{target.benchmark}"
    high = "" if target.high is None else f"–{target.high}"
    return f"{sign}{target.value:f}{high}{target.unit}"


def _years(target: Target) -> str:
    if target.year is None:
        return "–"
    said = f"{target.first_year}–{target.year}" if target.first_year else str(target.year)
    return said if target.year_stated else f"({said})"


def _show_tasks(reading: Reading) -> None:
    table = _table(_("Key tasks"), _("No."), _("group"), _("task"), _("bodies"))
    for task in reading.tasks:
        names = "、".join(body.canonical or body.name + "?" for body in task.bodies)
        table.add_row(
            str(task.number),
            escape(task.group_title or task.group),
            escape(task.title[:40]),
            escape(names),
        )
    if reading.tasks:
        out.print(table)


def _show_findings(reading: Reading) -> None:
    if not reading.findings:
        out.print(_("No open question."))
        return
    out.print(
        _("%(open)d open questions, %(notes)d notes")
        % {
            "open": len(reading.open_questions),
            "notes": len(reading.findings) - len(reading.open_questions),
        },
        style="bold",
        highlight=False,
    )
    for finding in reading.findings:
        out.print(
            f"{SIGNS[finding.severity]} {escape(sentence(finding))}",
            highlight=False,
            soft_wrap=True,
        )
        for place in finding.locations[:3]:
            where = f"{place.place} " if place.place else ""
            words = place.text[:36].replace("\n", "")
            out.print(
                f"    {where}[{place.start}–{place.end}] {words}",
                markup=False,
                highlight=False,
                style="dim",
                soft_wrap=True,
            )
