"""What two runs do not share: results, figures, points of the ledger. Plain rows, no objects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models.fields.json import KeyTransform

from ..models import Run

_DIFFERENT: Final = """
FROM evaluation_runinput new JOIN evaluation_runinput old
  ON old.run_id = %(before)s AND old.zone_id = new.zone_id AND old.node = new.node
 AND old.year = new.year
JOIN organisations_zone zone ON zone.id = new.zone_id
WHERE new.run_id = %(after)s
  AND (new.value IS DISTINCT FROM old.value OR new.absence <> old.absence)
"""


@dataclass(frozen=True, slots=True)
class Stand:
    """A zone in one run."""

    score: Decimal | None
    before_points: Decimal | None
    rank: int | None

    @property
    def adjusted(self) -> Decimal:
        """What bonus, deduction and veto make of the score together."""
        if self.score is None or self.before_points is None:
            return Decimal(0)
        return self.score - self.before_points


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that is not the same in both runs; a value None says why in `absence`."""

    zone: str
    node: str
    year: int
    was: Decimal | None
    was_absent: str
    now: Decimal | None
    now_absent: str


@dataclass(frozen=True, slots=True)
class PointLine:
    """A case as one run counts it."""

    zone: str
    text: str
    kind: str
    points: Decimal


def stands_of(run: Run) -> dict[str, Stand]:
    """Every zone of a run by code, best first. 1 query."""
    rows = run.results.values_list("zone__code", "score", "before_points", "rank")
    return {code: Stand(score, before, rank) for code, score, before, rank in rows}


def parts_of(run: Run, zones: Collection[str]) -> dict[str, dict[str, float]]:
    """By zone: points that each leaf gives; zones without such parts are left out. 1 query."""
    rows = run.results.filter(zone__code__in=zones).values_list(
        "zone__code", KeyTransform("contributions", "detail")
    )
    found: dict[str, dict[str, float]] = {}
    for code, parts in rows:
        given: dict[str, Any] = parts or {}
        if given:
            found[code] = {leaf: float(said) for leaf, said in given.items() if said is not None}
    return found


def count_changed_figures(before: Run, after: Run) -> int:
    """Figures frozen in both runs that differ. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_DIFFERENT}", {"before": before.pk, "after": after.pk})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def changed_figures(before: Run, after: Run, zones: Collection[str]) -> list[FigureChange]:
    """The same for the zones given, in the order they were frozen. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT zone.code, new.node, new.year, old.value, old.absence, new.value, new.absence "
            f"{_DIFFERENT} AND zone.code = ANY(%(zones)s) ORDER BY new.id",
            {"before": before.pk, "after": after.pk, "zones": list(zones)},
        )
        return [FigureChange(*row) for row in cursor.fetchall()]


def point_lines(run: Run) -> dict[int, PointLine]:
    """Cases a run counts, by their number in the ledger. 1 query."""
    rows = run.ledger_lines.values_list("entry_id", "zone__code", "text", "kind", "points")
    return {entry: PointLine(zone, text, kind, points) for entry, zone, text, kind, points in rows}
