"""What led to a figure: entered, explained, proved, returned, mended, signed, verified, corrected.

A figure from a return is followed back through `CellRelease` (every release of a cell) and
`Cell.event` (its latest); a corrected figure through its slip. What happened to a cell after its
figure was recorded belongs to a later figure and is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, DecimalField, F, Func, JSONField, Q, Value
from django.db.models.functions import Cast
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jingkai.core.files.public import attachments_by_target
from jingkai.delivery.indicators.public import ProvenanceStep

from .models import (
    Absence,
    Cell,
    CellEvent,
    CellOrigin,
    CellReturn,
    Correction,
    CorrectionState,
    Explanation,
    ReturnReason,
    Signature,
    SignatureKind,
    UnlockTicket,
)

_PLAIN = CharField()
_NUMBER = DecimalField(max_digits=24, decimal_places=6)


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing that happened to a cell. `kind` is entered, explained, evidence, returned …"""

    kind: str
    actor: str
    body: str
    at: datetime
    text: str = ""


def steps_of(event_ids: Collection[int]) -> Mapping[int, list[ProvenanceStep]]:
    """Steps by value event, oldest first. At most 6 queries at any number of ids."""
    ids = set(event_ids)
    told: defaultdict[int, list[ProvenanceStep]] = defaultdict(list)
    cells = _cells(ids)
    if cells:
        happened = _happened(cells)
        for cell, event_id, recorded_at in cells.values():
            before = [step for step in happened[cell.pk] if step.at <= recorded_at]
            told[event_id] += [
                _said(step, cell) for step in _merged(sorted(before, key=lambda s: s.at))
            ]
    for event_id, steps in _corrected(ids).items():
        told[event_id] += steps
    return told


Released = tuple[Cell, int, datetime]


def _cells(ids: Collection[int]) -> dict[tuple[int, int], Released]:
    """Cells by (cell, event), with the moment the figure was recorded. 1 query."""
    rows = (
        Cell.objects.filter(Q(event_id__in=ids) | Q(releases__event_id__in=ids))
        .annotate(
            released_id=F("releases__event_id"),
            released_at=F("releases__event__recorded_at"),
            recorded_at=F("event__recorded_at"),
        )
        .select_related("in_return__body", "in_return__campaign")
        .order_by("pk")
    )
    found: dict[tuple[int, int], Released] = {}
    for row in rows:
        for event_id, at in (
            (row.event_id, row.recorded_at),
            (row.released_id, row.released_at),
        ):
            if event_id is not None and event_id in ids and at is not None:
                cell: Cell = row
                found[row.pk, event_id] = (cell, event_id, at)
    return found


def _happened(cells: Mapping[tuple[int, int], Released]) -> defaultdict[int, list[_Step]]:
    """Everything that happened to these cells, by cell. 3 queries."""
    by_id = {cell.pk: cell for cell, _event, _at in cells.values()}
    found: defaultdict[int, list[_Step]] = defaultdict(list)
    for cell_id, kind, actor, body, at, text, code, value in _notes(by_id):
        cell = by_id[cell_id]
        found[cell_id].append(
            _Step(
                kind,
                actor or "",
                body or cell.in_return.body.name,
                at,
                _worded(kind, text or "", code or "", value, cell),
            )
        )
    for cell_id, files in attachments_by_target(Cell, list(by_id)).items():
        found[cell_id] += [
            _Step(
                "evidence",
                file.uploaded_by.name,
                by_id[cell_id].in_return.body.name,
                file.uploaded_at,
                file.name,
            )
            for file in files
        ]
    for signature, covered in _signatures(by_id.values()):
        name = signature.actor.name
        if signature.delegation is not None:
            name = _("%(deputy)s for %(signer)s") % {
                "deputy": name,
                "signer": signature.delegation.giver.name,
            }
        text = f"{signature.algorithm} {signature.digest[:8]}…"
        for cell_id in covered & by_id.keys():
            found[cell_id].append(
                _Step(signature.kind, name, signature.body.name, signature.at, text)
            )
    return found


Note = tuple[int, str, str | None, str | None, datetime, str | None, str | None, Decimal | None]


def _notes(by_id: Mapping[int, Cell]) -> Iterator[Note]:
    """Entries, explanations, returns and unlocks in one query: the same eight columns of each."""
    nothing = Value(None, output_field=_PLAIN)
    no_number = Cast(Value(None), _NUMBER)

    def columns(kind: str, text: Any, code: Any, value: Any, body: Any) -> dict[str, Any]:
        return {
            "kind_": Value(kind, output_field=_PLAIN),
            "said": Cast(text, _PLAIN),
            "code_": Cast(code, _PLAIN),
            "value_": value,
            "body_": body,
        }

    names = ("kind_", "actor__name", "body_", "at", "said", "code_", "value_")
    entered = (
        CellEvent.objects.filter(cell_id__in=by_id)
        .annotate(**columns("entered", F("absence"), F("origin"), Cast("value", _NUMBER), nothing))
        .order_by()
        .values_list("cell_id", *names)
    )
    explained = (
        Explanation.objects.filter(cell_id__in=by_id)
        .annotate(**columns("explained", F("text"), nothing, no_number, nothing))
        .order_by()
        .values_list("cell_id", *names)
    )
    returned = (
        CellReturn.objects.filter(cell_id__in=by_id)
        .annotate(**columns("returned", F("text"), F("code"), no_number, F("body__name")))
        .order_by()
        .values_list("cell_id", *names)
    )
    unlocked = (
        UnlockTicket.objects.filter(cells__in=by_id, decided_at__isnull=False)
        .exclude(state="refused")
        .annotate(**columns("unlocked", F("reason"), nothing, no_number, nothing))
        .order_by()
        .values_list(*("cells__id", "kind_", "decided_by__name", "body_", "decided_at", *names[4:]))
    )
    yield from entered.union(explained, returned, unlocked, all=True)


def _signatures(cells: Iterable[Cell]) -> list[tuple[Signature, set[int]]]:
    """Signatures of the cells' returns and collections, with the cells each covers. 1 query.

    Only the numbers of the covered cells are read out of the snapshots, not the figures.
    """
    cells = list(cells)
    of_returns = Q(in_return_id__in={cell.in_return_id for cell in cells})
    of_indicators = Q(
        in_return__isnull=True,
        campaign_id__in={cell.in_return.campaign_id for cell in cells},
        indicator_id__in={cell.indicator_id for cell in cells},
    )
    rows = (
        Signature.objects.filter(of_returns | of_indicators)
        .defer("snapshot")
        .annotate(
            covered=Func(
                F("snapshot"),
                Value("$[*].cell"),
                function="jsonb_path_query_array",
                template="%(function)s(%(expressions)s::jsonpath)",
                output_field=JSONField(),
            )
        )
        .select_related("actor", "body", "delegation__giver")
        .order_by("id")
    )
    return [(row, set(row.covered or ())) for row in rows]


def _merged(steps: Iterable[_Step]) -> list[_Step]:
    """Several entries by one person in a row are one step: the last."""
    kept: list[_Step] = []
    for step in steps:
        repeats = kept and step.kind == kept[-1].kind == "entered" and step.actor == kept[-1].actor
        if repeats:
            kept[-1] = step
        else:
            kept.append(step)
    mended = False
    for index, step in enumerate(kept):
        if step.kind == "entered" and mended:
            kept[index] = _Step("mended", step.actor, step.body, step.at, step.text)
        mended = mended or step.kind in ("returned", "unlocked")
    return kept


def _worded(kind: str, text: str, code: str, value: Decimal | None, cell: Cell) -> str:
    """What was entered, or the reason with its code, in words."""
    if kind == "entered":
        figure = f"{value.normalize():f}" if value is not None else _label(Absence, text)
        origin = _label(CellOrigin, code)
        return f"{figure} · {origin}" if code else figure
    if kind == "returned":
        return f"{_label(ReturnReason, code)}：{text}"
    return text


def _label(words: Any, value: str) -> str:
    return str(words(value).label) if value in words.values else value


def _said(step: _Step, cell: Cell) -> ProvenanceStep:
    labels = {
        "entered": pgettext("provenance", "entered"),
        "mended": pgettext("provenance", "mended"),
        "explained": pgettext("provenance", "explained"),
        "evidence": pgettext("provenance", "evidence attached"),
        "returned": pgettext("provenance", "returned"),
        "unlocked": pgettext("provenance", "unlocked"),
        str(SignatureKind.SEND): pgettext("provenance", "sent"),
        str(SignatureKind.SIGN): pgettext("provenance", "signed"),
        str(SignatureKind.VERIFY): pgettext("provenance", "verified"),
    }
    return ProvenanceStep(
        labels[step.kind], step.actor, step.body, step.at, step.text, _return_page(cell)
    )


def _return_page(cell: Cell) -> str:
    """Its return; empty in an installation without that page."""
    try:
        return reverse("reporting:return", args=[cell.in_return_id])
    except NoReverseMatch:
        return ""


def _corrected(ids: Collection[int]) -> dict[int, list[ProvenanceStep]]:
    """Slips whose approval recorded one of these figures: who asked, who decided. 1 query."""
    rows = Correction.objects.filter(
        new_event_id__in=ids, state=CorrectionState.APPROVED
    ).select_related("requested_by", "decided_by")
    found: dict[int, list[ProvenanceStep]] = {}
    for slip in rows:
        page = reverse("reporting:correction", args=[slip.pk])
        asked = ProvenanceStep(
            pgettext("provenance", "correction asked for"),
            slip.requested_by.name,
            "",
            slip.requested_at,
            f"{slip.get_code_display()}：{slip.reason}",
            page,
        )
        decided = ProvenanceStep(
            pgettext("provenance", "correction approved"),
            slip.decided_by.name if slip.decided_by else "",
            "",
            slip.decided_at or slip.requested_at,
            slip.answer,
            page,
        )
        if slip.new_event_id is not None:
            found[slip.new_event_id] = [asked, decided]
    return found
