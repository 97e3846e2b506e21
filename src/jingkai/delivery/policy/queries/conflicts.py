"""Conflicts of the document: list, and one with its arithmetic worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from jingkai.core.accounts.public import User
from jingkai.core.workflow.public import Move, history

from .. import rules
from ..arithmetic import (
    Comparison,
    Reading,
    WorkedStep,
    comparisons,
    local_text,
    number_of,
    readings,
    stated_twice,
    worked_steps,
)
from ..models import Conflict
from ..numerals import place_label, place_url

_SEVERITIES = ("high", "medium", "low")


def conflicts_by_place(conflicts: Iterable[Conflict]) -> dict[str, list[Conflict]]:
    """Conflicts by the places their statements stand at (`place_of`), each once per place."""
    found: defaultdict[str, list[Conflict]] = defaultdict(list)
    for conflict in conflicts:
        for place in dict.fromkeys(str(entry.get("place")) for entry in conflict.statements):
            found[place_of(conflict.document_id, place)].append(conflict)
    return dict(found)


def place_of(document_id: int, place: str) -> str:
    """A place of one document: numbers of measures and tasks begin anew in each, codes do not."""
    return place if place.startswith("clause:") else f"{document_id}/{place}"


def conflicts_for_list(
    *, user: User, q: str = "", state: str = "", kind: str = "", severity: str = ""
) -> QuerySet[Conflict]:
    """Conflicts, open ones and heavy ones first. 1 query."""
    rows = Conflict.objects.all() if rules.can_read(user) else Conflict.objects.none()
    if q := q.strip():
        rows = rows.filter(Q(title__icontains=q) | Q(title_en__icontains=q) | Q(code__iexact=q))
    for field, value in (("state", state), ("kind", kind), ("severity", severity)):
        rows = rows.filter(**{field: value}) if value else rows
    weight = Case(
        *(When(severity=name, then=Value(rank)) for rank, name in enumerate(_SEVERITIES)),
        default=Value(len(_SEVERITIES)),
        output_field=IntegerField(),
    )
    rows = rows.select_related("decided_by", "document").annotate(weight=weight)
    return rows.order_by("-state", "weight", "position", "code")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement of a conflict, as shown."""

    key: str
    place: str
    url: str
    text: str
    value: Decimal | None
    unit: str
    horizon: str
    rate: Decimal | None
    base_year: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ConflictSheet:
    """One conflict: statements side by side, arithmetic, history."""

    conflict: Conflict
    statements: list[StatementRow]
    steps: list[WorkedStep]
    comparisons: list[Comparison]
    readings: list[Reading]
    moves: list[Move]

    @property
    def chosen(self) -> StatementRow | None:
        return next((row for row in self.statements if row.chosen), None)


def conflict_sheet(conflict: Conflict) -> ConflictSheet:
    """Work out everything a person needs to decide `conflict`. 1 query."""
    worked = worked_of(conflict)
    return ConflictSheet(
        conflict=conflict,
        statements=statement_rows(conflict),
        steps=worked.steps,
        comparisons=worked.comparisons,
        readings=worked.readings,
        moves=list(history(conflict)),
    )


@dataclass(frozen=True, slots=True)
class Worked:
    """The arithmetic of one conflict: computations, what should be one number, other readings."""

    steps: list[WorkedStep]
    comparisons: list[Comparison]
    readings: list[Reading]


def worked_of(conflict: Conflict) -> Worked:
    """The arithmetic of `conflict`, worked now. No query."""
    steps = worked_steps(conflict.arithmetic, conflict.statements)
    found = comparisons(steps, conflict.statements)
    if conflict.kind == "contradiction":
        found = stated_twice(conflict.statements) + found
    return Worked(steps, found, readings(steps))


def statement_rows(conflict: Conflict) -> list[StatementRow]:
    """The statements of `conflict` as shown. No query."""
    return [_row(entry, conflict) for entry in conflict.statements]


def _row(entry: dict[str, Any], conflict: Conflict) -> StatementRow:
    place, key = str(entry.get("place") or ""), str(entry.get("key") or "")
    return StatementRow(
        key=key,
        place=place_label(place),
        url=place_url(place, conflict.of_document),
        text=local_text(entry, "text"),
        value=number_of(entry.get("value")),
        unit=str(entry.get("unit") or ""),
        horizon=str(entry.get("horizon") or ""),
        rate=number_of(entry.get("rate")),
        base_year=str(entry.get("base_year") or ""),
        chosen=bool(conflict.chosen) and conflict.chosen == key,
    )
