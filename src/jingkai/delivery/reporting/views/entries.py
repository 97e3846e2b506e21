"""Figures on their way in from the web table: by script, or as a plain form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from jingkai.core.errors import Conflict, DomainError, FieldProblem, InvalidInput
from jingkai.core.http import AuthedRequest
from jingkai.engine.entry import guess_unit
from jingkai.engine.periods import Period

from ..entering import EntryRefused, read_entry
from ..models import Cell, CellOrigin, Return
from ..queries import cells_of
from ..queries.beside import beside
from ..services import CellChange, add_effort, confirm_prefilled, save_cells, submit_return
from ..showing import cell_text, figure_text
from .shared import problems_by_cell, return_or_404, show_grid

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell as a person wrote it."""

    cell_id: int
    raw: str
    unit: str = ""
    absence: str = ""
    note: str | None = None
    revision: int | None = None


def read_changes(in_return: Return, entries: Sequence[Entry]) -> list[CellChange]:
    """What was written, as figures in each indicator's unit. 1 query.

    Raises InvalidInput naming each cell that is no figure; Http404 never: a strange cell is
    refused by the service.
    """
    units = dict(
        Cell.objects.filter(
            in_return=in_return, pk__in=[entry.cell_id for entry in entries]
        ).values_list("pk", "indicator__unit")
    )
    changes: list[CellChange] = []
    problems: list[FieldProblem] = []
    for entry in entries:
        value, absence = None, entry.absence
        if not absence:
            try:
                reading = read_entry(entry.raw, units.get(entry.cell_id, ""), entry.unit)
            except EntryRefused as refusal:
                problems.append(FieldProblem(f"cells.{entry.cell_id}", str(refusal), refusal.code))
                continue
            value, absence = reading.value, reading.absence
        written = f"{entry.raw} {entry.unit}".strip() if value is not None else ""
        changes.append(
            CellChange(entry.cell_id, value, absence, written, entry.note, entry.revision)
        )
    if problems:
        raise InvalidInput(problems=problems)
    return changes


@require_POST
def entries(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Save cells sent by the table's script; answers with what now stands and what is doubted."""
    in_return = return_or_404(request, return_id)
    try:
        sent, origin = _sent(request)
        result = save_cells(
            return_id=in_return.pk,
            changes=read_changes(in_return, sent),
            actor=request.user,
            now=timezone.now(),
            origin=origin,
        )
    except DomainError as error:
        return _refusal(error, in_return)
    return JsonResponse(
        {
            "saved": [_cell_now(cell) for cell in result.saved],
            "findings": [
                {
                    "cell": finding.cell_id,
                    "rule": finding.rule,
                    "level": finding.level,
                    "message": finding.message,
                    "advice": finding.advice,
                    "explanation": finding.explanation,
                    "open": finding.is_open,
                }
                for finding in result.judgement.findings
            ],
            "revision": result.return_revision,
        }
    )


def _sent(request: AuthedRequest) -> tuple[list[Entry], CellOrigin]:
    data = _json(request)
    rows = data.get("changes")
    if not isinstance(rows, list) or len(rows) > _MOST:
        raise InvalidInput(_("Send a list of changes, at most %(n)d.") % {"n": _MOST})
    origin = CellOrigin.PASTED if data.get("origin") == "pasted" else CellOrigin.TYPED
    return [_entry(row) for row in rows], origin


def _json(request: AuthedRequest) -> dict[str, Any]:
    try:
        data = json.loads(request.body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise InvalidInput(_("This is not the JSON the table sends."))
    return data


def _entry(row: Any) -> Entry:
    try:
        note, revision = row.get("note"), row.get("revision")
        return Entry(
            cell_id=int(row["cell"]),
            raw=str(row.get("raw") or ""),
            unit=str(row.get("unit") or ""),
            absence=str(row.get("absence") or ""),
            note=None if note is None else str(note),
            revision=None if revision is None else int(revision),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InvalidInput(_("A change names its cell by number.")) from None


def _cell_now(cell: Cell) -> dict[str, Any]:
    return {
        "cell": cell.pk,
        "revision": cell.revision,
        "value": figure_text(cell.value).replace(",", ""),
        "text": cell_text(cell.value, cell.absence),
        "absence": cell.absence,
        "note": cell.note,
        "origin": cell.origin,
    }


def _refusal(error: DomainError, in_return: Return) -> JsonResponse:
    body: dict[str, Any] = {
        "title": str(error.title),
        "detail": str(error),
        "status": error.status,
        "code": error.code,
        "problems": [
            {"cell": cell, "message": " ".join(said)}
            for cell, said in problems_by_cell(error).items()
        ],
    }
    if isinstance(error, Conflict) and error.params.get("cells"):
        rows = Cell.objects.filter(
            in_return=in_return, pk__in=error.params["cells"]
        ).select_related("entered_by")
        body["cells"] = [
            {**_cell_now(cell), "by": cell.entered_by.name if cell.entered_by else ""}
            for cell in rows
        ]
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


@require_POST
def guess(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Whether a pasted block looks as if written in another unit. Nothing is changed."""
    in_return = return_or_404(request, return_id)
    try:
        sent, _origin = _sent(request)
    except InvalidInput as error:
        return _refusal(error, in_return)
    raws = {entry.cell_id: entry.raw for entry in sent}
    cells = list(
        Cell.objects.filter(in_return=in_return, pk__in=raws).select_related("indicator", "item")
    )
    around = beside(cells, Period.parse(in_return.campaign.period))
    by_unit: dict[str, list[Cell]] = {}
    for cell in cells:
        by_unit.setdefault(cell.indicator.unit, []).append(cell)
    found = []
    for asked, group in by_unit.items():
        values = [_value(raws[cell.pk], asked) for cell in group]
        references = [
            around[cell.pk].previous or around[cell.pk].last_year or around[cell.pk].planned
            for cell in group
        ]
        said = guess_unit(values, references, asked)
        if said is not None:
            found.append(
                {
                    "asked": asked,
                    "unit": said.unit,
                    "fits": said.fits,
                    "of": said.of,
                    "cells": [c.pk for c, v in zip(group, values, strict=True) if v is not None],
                }
            )
    return JsonResponse({"guesses": found})


def _value(raw: str, asked: str) -> Decimal | None:
    """The figure as written, only where no unit stands beside it."""
    try:
        reading = read_entry(raw, asked)
    except EntryRefused:
        return None
    return reading.value if reading.unit_seen is None else None


@require_POST
def save_form(request: AuthedRequest, return_id: int) -> HttpResponse:
    """The plain form: one field per cell (`cell-<id>`), notes as `note-<id>`."""
    in_return = return_or_404(request, return_id)
    typed = _fields(request, "cell-")
    notes = _fields(request, "note-")
    cells = {cell.pk: cell for cell in cells_of(in_return)}
    sent = _changed(cells, typed, notes, _revisions(request))
    try:
        saved = 0
        if sent:
            result = save_cells(
                return_id=in_return.pk,
                changes=read_changes(in_return, sent),
                actor=request.user,
                now=timezone.now(),
                origin=CellOrigin.TYPED,
            )
            saved = len(result.saved)
        if request.POST.get("then") == "send":
            return _send(request, in_return)
    except DomainError as error:
        kept = {entry.cell_id: entry.raw for entry in sent}
        return show_grid(request, in_return, error=error, typed=kept, status=error.status)
    messages.success(
        request,
        ngettext("%(n)d cell saved.", "%(n)d cells saved.", saved) % {"n": saved}
        if saved
        else _("Nothing had changed."),
    )
    return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]))


def _fields(request: AuthedRequest, prefix: str) -> dict[int, str]:
    return {
        int(name.removeprefix(prefix)): str(value)
        for name, value in request.POST.items()
        if name.startswith(prefix) and name.removeprefix(prefix).isdigit()
    }


def _revisions(request: AuthedRequest) -> dict[int, int]:
    """`12:3,13:0`: the revision of each cell that the form was made of."""
    pairs = (pair.partition(":") for pair in request.POST.get("revisions", "").split(","))
    return {int(a): int(b) for a, _colon, b in pairs if a.isdigit() and b.isdigit()}


def _changed(
    cells: Mapping[int, Cell],
    typed: Mapping[int, str],
    notes: Mapping[int, str],
    revisions: Mapping[int, int],
) -> list[Entry]:
    """Only what differs from what stands: a form sends every field, also untouched ones."""
    found: list[Entry] = []
    for cell_id in {**typed, **notes}:
        cell = cells.get(cell_id)
        standing = cell_text(cell.value, cell.absence) if cell else ""
        raw = typed.get(cell_id, standing).strip()
        note = notes.get(cell_id)
        new_note = note is not None and cell is not None and note.strip() != cell.note
        if cell is not None and raw == standing and not new_note:
            continue
        found.append(
            Entry(cell_id, raw, note=note if new_note else None, revision=revisions.get(cell_id))
        )
    return found


@require_POST
def send(request: AuthedRequest, return_id: int) -> HttpResponse:
    in_return = return_or_404(request, return_id)
    try:
        return _send(request, in_return)
    except DomainError as error:
        return show_grid(request, in_return, error=error, status=error.status)


def _send(request: AuthedRequest, in_return: Return) -> HttpResponse:
    submit_return(return_id=in_return.pk, actor=request.user, now=timezone.now())
    messages.success(
        request, _("Sent. Your leader has been asked to sign; you may take it back until then.")
    )
    return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]))


@require_POST
def confirm(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Confirm one figure that was filled in beforehand (`cell`), or all of them."""
    in_return = return_or_404(request, return_id)
    chosen = [int(pk) for pk in request.POST.getlist("cell") if pk.isdigit()]
    try:
        result = confirm_prefilled(
            return_id=in_return.pk,
            actor=request.user,
            now=timezone.now(),
            cell_ids=chosen or None,
        )
    except DomainError as error:
        return show_grid(request, in_return, error=error, status=error.status)
    count = len(result.saved)
    messages.success(
        request,
        ngettext("%(n)d figure confirmed.", "%(n)d figures confirmed.", count) % {"n": count},
    )
    return HttpResponseRedirect(reverse("reporting:return", args=[in_return.pk]))


@require_POST
def effort(request: AuthedRequest, return_id: int) -> HttpResponse:
    """The page's heartbeat: seconds in which somebody was really at work on it."""
    in_return = return_or_404(request, return_id)
    seconds = request.POST.get("seconds", "")
    if seconds.isdigit():
        add_effort(
            return_id=in_return.pk, seconds=int(seconds), actor=request.user, now=timezone.now()
        )
    return HttpResponse(status=204)
