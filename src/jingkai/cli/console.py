"""Where the console writes, and how a refusal becomes an exit code."""

from __future__ import annotations

import errno
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from .environment import data_dir, disk_full
from .failures import CommandFailed
from .texts import gettext as _

out = Console()
error = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


class Commands(TyperGroup):
    """A group whose refusals are sentences: 0 done, 1 not done or problems found, 2 wrong usage."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as problem:
            failure = as_failure(problem)
            if failure is None:
                raise
            error.print("[bold red]✗[/] ", end="")
            error.print(failure.message, markup=False, highlight=False, soft_wrap=True)
            if failure.repair:
                error.print(f"→ {failure.repair}", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1) from problem


def as_failure(problem: BaseException) -> CommandFailed | None:
    """The sentence for a problem the operator can do something about; None for a fault of ours."""
    if isinstance(problem, CommandFailed):
        return problem
    for cause in _causes(problem):
        if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
            return disk_full(data_dir(), 0)
        if type(cause).__name__ == "DiskFull":  # psycopg.errors, wrapped by Django
            return disk_full(data_dir(), 0)
    if (
        type(problem).__module__ == "django.db.utils"
        and type(problem).__name__ == "OperationalError"
    ):
        return CommandFailed(
            _("The database went away: %(said)s") % {"said": str(problem).strip()},
            _("`jingkai doctor` looks for causes."),
        )
    if any(kind.__name__ == "DomainError" for kind in type(problem).__mro__):
        places = [f"{p.field}: {p.message}" for p in getattr(problem, "problems", ())]
        return CommandFailed(str(problem), "\n  ".join(places))
    return None


def _causes(problem: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while problem is not None and problem not in chain:
        chain.append(problem)
        problem = problem.__cause__ or problem.__context__
    return chain
