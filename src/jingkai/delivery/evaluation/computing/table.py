"""The engine's table from figures by zone, leaf and year; for a run, from its own rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from jingkai.engine.composite import Floats, Table

from ..definition import ADJUST_COLUMNS, GROUP_COLUMN, Definition, base_column, from_data
from ..models import LedgerKind, Run
from ..points import up_to_rule_caps

Cells = Mapping[tuple[str, str], tuple[float, float]]
"""(zone code, leaf) → this year's figure and last year's, NaN where there is none."""
Lines = Iterable[tuple[str, str, float]]
"""Ledger: (zone code, kind, points)."""

_COLUMN_OF: Final = {
    LedgerKind.BONUS: ADJUST_COLUMNS["bonus"],
    LedgerKind.DEDUCTION: ADJUST_COLUMNS["deduction"],
    LedgerKind.VETO: ADJUST_COLUMNS["veto"],
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A zone as it was when a run was frozen. `group` is its level."""

    code: str
    name: str
    name_en: str = ""
    group: str = ""

    def as_data(self) -> dict[str, str]:
        return asdict(self)


def table_of(
    definition: Definition, units: Iterable[Unit], cells: Cells, lines: Lines = ()
) -> Table:
    """Units in the order given; columns by leaf, by leaf's base, of the ledger, and the group."""
    zones = tuple(units)
    place = {unit.code: row for row, unit in enumerate(zones)}
    nowhere = (float("nan"), float("nan"))
    numbers: dict[str, Floats] = {}
    for leaf in definition.leaves:
        pairs = np.array([cells.get((unit.code, leaf.code), nowhere) for unit in zones])
        numbers[leaf.code] = np.ascontiguousarray(pairs[:, 0])
        numbers[base_column(leaf.code)] = np.ascontiguousarray(pairs[:, 1])
    for name in _COLUMN_OF.values():
        numbers[name] = np.zeros(len(zones))
    for code, kind, points in lines:
        column = numbers[_COLUMN_OF[LedgerKind(kind)]]
        if kind == LedgerKind.VETO:
            column[place[code]] = 1.0
        else:
            column[place[code]] += points
    texts = {GROUP_COLUMN: tuple(unit.group for unit in zones)}
    return Table(tuple(unit.code for unit in zones), numbers, texts)


def run_definition(run: Run) -> Definition:
    """The run's own copy of the scheme."""
    return from_data(run.definition)


def run_units(run: Run) -> tuple[Unit, ...]:
    """The zones of a run as they were, in the order of its table."""
    data: list[dict[str, Any]] = run.zones
    return tuple(Unit(**entry) for entry in data)


def run_table(run: Run) -> Table:
    """The table of a run from its rows: nothing else is looked at. 2 queries."""
    definition = run_definition(run)
    found: dict[tuple[str, str], list[float]] = {}
    rows = run.inputs.filter(value__isnull=False).order_by()
    for zone, node, year, value in rows.values_list("zone__code", "node", "year", "value"):
        pair = found.setdefault((zone, node), [float("nan"), float("nan")])
        pair[0 if year == run.year else 1] = float(value or 0)
    cells = {key: (now, before) for key, (now, before) in found.items()}
    lines = run.ledger_lines.order_by("pk").values_list("zone__code", "kind", "rule", "points")
    counted = up_to_rule_caps(definition.ledger_rules, lines)
    return table_of(definition, run_units(run), cells, counted)
