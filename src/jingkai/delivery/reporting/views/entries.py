"""Figures on their way in from the web table, as a plain form; and what its script asks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from jingkai.core.errors import DomainError
from jingkai.core.http import AuthedRequest
from jingkai.engine.entry import guess_unit
from jingkai.engine.periods import Period

from ..doors import ChangeIn, ChangesIn, save_written
from ..entering import EntryRefused, read_entry
from ..models import Cell, CellOrigin, Return
from ..queries import cells_of
from ..queries.beside import beside
from ..services import confirm_prefilled, submit_return
from ..showing import cell_text
from .shared import return_or_404, show_grid


@require_POST
def guess(request: AuthedRequest, return_id: int) -> HttpResponse:
    """Whether a pasted block looks as if written in another unit. Nothing is changed."""
    in_return = return_or_404(request, return_id)
    try:
        sent = ChangesIn.model_validate_json(request.body)
    except ValidationError:
        return JsonResponse({"guesses": []}, status=422)
    raws = {change.cell: change.raw for change in sent.changes}
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


def _value(raw: object, asked: str) -> Decimal | None:
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
            result = save_written(
                return_id=in_return.pk,
                sent=ChangesIn(changes=sent, revision=None),
                actor=request.user,
                now=timezone.now(),
                origin=CellOrigin.TYPED,
            )
            saved = len(result.saved)
        if request.POST.get("then") == "send":
            return _send(request, in_return)
    except DomainError as error:
        kept = {change.cell: str(change.raw) for change in sent if change.raw is not None}
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
) -> list[ChangeIn]:
    """Only what differs from what stands: a form sends every field, also untouched ones."""
    found: list[ChangeIn] = []
    for cell_id in {**typed, **notes}:
        cell = cells.get(cell_id)
        standing = cell_text(cell.value, cell.absence) if cell else ""
        raw = typed.get(cell_id, standing).strip()
        note = notes.get(cell_id)
        new_note = note is not None and cell is not None and note.strip() != cell.note
        if cell is not None and raw == standing and not new_note:
            continue
        found.append(
            ChangeIn(
                cell=cell_id,
                raw=raw,
                unit="",
                note=note if new_note else None,
                revision=revisions.get(cell_id),
            )
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
