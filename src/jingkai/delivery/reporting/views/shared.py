"""What the pages of a return have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.errors import DomainError, InvalidInput
from jingkai.core.http import AuthedRequest

from ..models import Cell, Return
from ..queries import visible_cells, visible_returns
from ..queries.grid import Grid, grid_of
from ..queries.notes import narrative_of, with_note
from ..showing import absence_word


def return_or_404(request: AuthedRequest, return_id: int) -> Return:
    """A return the person may see, with its form and body. 1 query."""
    rows = visible_returns(request.user).select_related(
        "campaign__form", "campaign__version", "body", "zone"
    )
    return get_object_or_404(with_note(rows), pk=return_id)


def cell_or_404(request: AuthedRequest, cell_id: int) -> Cell:
    """A cell the person may see, with its return, item and indicator. 1 query."""
    rows = visible_cells(request.user).select_related(
        "in_return__campaign__form",
        "in_return__body",
        "in_return__zone",
        "item__verifier",
        "indicator__compiler",
        "entered_by",
        "signed_by",
        "verified_by",
    )
    return get_object_or_404(rows, pk=cell_id)


def grid_for(request: AuthedRequest, in_return: Return) -> Grid:
    return grid_of(in_return, request.user, timezone.now(), timezone.localdate())


def problems_by_cell(error: DomainError | None) -> dict[int, list[str]]:
    """What an error says about each cell (`cells.<id>`)."""
    grouped: dict[int, list[str]] = {}
    for problem in error.problems if isinstance(error, InvalidInput) else ():
        name, _dot, rest = problem.field.partition(".")
        if name == "cells" and rest.isdigit():
            grouped.setdefault(int(rest), []).append(problem.message)
    return grouped


def show_grid(
    request: AuthedRequest,
    in_return: Return,
    *,
    error: DomainError | None = None,
    typed: Mapping[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a return; after a refusal with every fault at its cell and nothing typed lost."""
    grid = grid_for(request, in_return)
    faults = problems_by_cell(error)
    for cell in grid.cells:
        cell.problems = faults.get(cell.id, ())
        cell.typed = (typed or {}).get(cell.id)
    context: dict[str, Any] = {
        "grid": grid,
        "return": in_return,
        "error": error,
        "faults": [cell for cell in grid.cells if cell.problems],
        "narrative": narrative_of(grid),
        "words": words(),
        "urls": {
            "entries": reverse("reporting:save", args=[in_return.pk]),
            "guess": reverse("reporting:guess", args=[in_return.pk]),
            "cell": reverse("reporting:cell", args=[0]),
            "effort": reverse("reporting:effort", args=[in_return.pk]),
        },
    }
    return render(request, "reporting/return.html", context, status=status)


def words() -> dict[str, str]:
    """What the script of the table says."""
    return {
        "missing": absence_word("missing"),
        "not_applicable": absence_word("not_applicable"),
        "missing_label": _("not available yet"),
        "not_applicable_label": _("not applicable"),
        "clear": _("Clear the cell"),
        "saved": _("saved"),
        "saving": _("saving…"),
        "waiting": _("not saved yet"),
        "failed": _("not saved: no connection. It stays here and is sent again by itself."),
        "all_saved": _("Everything is saved."),
        "signed_out": _("You are signed out. Sign in in another window; nothing here is lost."),
        "refused": _("not saved"),
        "conflict": _("Somebody else changed this cell: %(name)s entered %(theirs)s."),
        "keep_mine": _("Keep mine: %(mine)s"),
        "take_theirs": _("Take theirs"),
        "pasted": _("%(n)s cells pasted."),
        "skipped": _("%(n)s did not fit or are closed and were left out."),
        "header_skipped": _("Heading rows were left out."),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "guess": _(
            "%(fits)s of %(of)s figures look as if written in %(unit)s; %(asked)s is asked."
        ),
        "convert": _("Convert %(n)s cells"),
        "keep": _("Leave as pasted"),
        "converted": _("%(n)s cells converted from %(unit)s."),
        "typed_step": _("%(place)s: %(before)s → %(after)s"),
        "pasted_step": _("pasted %(n)s cells"),
        "cleared_step": _("cleared %(n)s cells"),
        "absence_step": _("%(n)s cells: %(word)s"),
        "empty": _("empty"),
        "leave": _("Some figures are not saved yet."),
        "open": _("Details of the cell"),
    }
