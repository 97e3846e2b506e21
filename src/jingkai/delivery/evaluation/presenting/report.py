"""The report of one zone: tree, rank, waterfalls, strengths, lifts, coverage, lineage, ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ..definition import Node
from ..models import RunInput, ZoneResult
from ..words_runs import ABSENCES, CELLS, PARTS, word
from .names import Names, decimal_of

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One node of the score tree. Figures None where they are absent or not for this reader."""

    node: Node
    name: str
    depth: int
    points: Decimal | None
    score: Decimal | None
    raw: Decimal | None
    base: Decimal | None
    growth: Decimal | None
    event: int | None
    base_event: int | None
    period: str
    note: str
    share: Decimal | None
    """Points got, of those there are, in per cent."""
    has_children: bool


def tree_rows(
    names: Names, detail: Detail, inputs: Sequence[RunInput], *, figures: bool
) -> list[TreeRow]:
    """The tree from the root down, depth first. `figures`: raw figures may be shown."""
    by_node = {(one.node, one.year): one for one in inputs}
    rows: list[TreeRow] = []

    def walk(node: Node, depth: int) -> None:
        rows.append(_tree_row(names, detail, by_node, node, depth, figures))
        for child in names.definition.children(node.code):
            walk(child, depth + 1)

    walk(names.definition.root, 0)
    return rows


def _tree_row(
    names: Names,
    detail: Detail,
    inputs: Mapping[tuple[str, int], RunInput],
    node: Node,
    depth: int,
    figures: bool,
) -> TreeRow:
    said = detail["nodes"].get(node.code, {})
    year = names.run.year
    now, before = inputs.get((node.code, year)), inputs.get((node.code, year - 1))
    points = decimal_of(said.get("points"))
    notes = []
    if node.is_leaf:
        if now is not None and now.absence:
            notes.append(word(ABSENCES, now.absence))
        cell = said.get("cell", "RAW")
        if cell not in ("RAW", "MISSING"):
            notes.append(word(CELLS, cell))
        if node.growth_share and now is not None and not now.absence and said.get("growth") is None:
            notes.append(_("no growth: last year's figure is missing or gives no rate"))
    shown = figures and node.is_leaf
    return TreeRow(
        node,
        names.nodes[node.code],
        depth,
        points,
        decimal_of(said.get("score")),
        now.value if shown and now is not None else None,
        before.value if shown and before is not None else None,
        decimal_of(said.get("growth")) if shown else None,
        now.event_id if shown and now is not None else None,
        before.event_id if shown and before is not None else None,
        now.period if shown and now is not None else "",
        " · ".join(note for note in notes if note),
        100 * points / node.points if points is not None and node.points else None,
        not node.is_leaf,
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a waterfall; `running` is the sum up to and with it."""

    name: str
    amount: Decimal
    running: Decimal


@dataclass(frozen=True, slots=True)
class Fall:
    """A waterfall: start, bars, end. `note` says what it leaves out."""

    start: Decimal
    start_name: str
    bars: Sequence[Bar]
    end: Decimal
    end_name: str
    note: str


def fall_of(names: Names, found: Mapping[str, Any] | None, start: str, end: str) -> Fall | None:
    """A stored waterfall with names; parts of the same node are one bar, largest first."""
    if found is None:
        return None
    amounts: dict[str, Decimal] = {}
    for code, kind, amount in found["parts"]:
        if kind == "value":
            name = names.nodes.get(code, code)
        elif kind == "weight":
            name = _("%(node)s (share of the points)") % {"node": names.nodes.get(code, code)}
        else:
            name = word(PARTS, kind)
        amounts[name] = amounts.get(name, Decimal(0)) + Decimal(amount)
    running = Decimal(found["start"])
    bars = []
    for name, amount in sorted(amounts.items(), key=lambda item: -abs(item[1])):
        running += amount
        bars.append(Bar(name, amount, running))
    note = ""
    if found.get("basis") == "inputs":
        note = _(
            "No result of the year before is published: the same scheme on the figures of both "
            "years, each on its own scale. Growth parts, bonus and deduction are left out of this "
            "comparison, so its end is not the score above."
        )
    elif found.get("basis") == "run":
        note = _("Against the published result of the year before; each year on its own scale.")
    return Fall(Decimal(found["start"]), start, bars, Decimal(found["end"]), end, note)


@dataclass(frozen=True, slots=True)
class LiftRow:
    """A change of one figure that lifts the rank, in the unit of the figure."""

    name: str
    unit: str
    start: Decimal
    end: Decimal
    change: Decimal
    percent: Decimal | None
    rank_after: int
    bound: str


def lift_rows(names: Names, lifts: Sequence[Mapping[str, Any]]) -> list[LiftRow]:
    """Lifts for people, in the order stored: the smallest relative change first."""
    rows = []
    for one in lifts:
        node = names.definition.by_code[one["node"]]
        start, change = Decimal(one["from"]), Decimal(one["change"])
        rows.append(
            LiftRow(
                names.nodes[node.code],
                node.unit,
                start,
                Decimal(one["to"]),
                change,
                100 * change / abs(start) if start else None,
                int(one["rank_after"]),
                _("the best growth of any zone last year would do")
                if one["bound"] == "growth"
                else _("some zone is there, but it takes more than the best growth of last year"),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Absent:
    """A figure that is not there."""

    name: str
    year: int
    points: Decimal
    why: str


def absent_rows(names: Names, inputs: Sequence[RunInput]) -> list[Absent]:
    """Absent figures: of the data year; of the year before where growth needs them."""
    rows = []
    for one in inputs:
        node = names.definition.by_code.get(one.node)
        if node is None or not one.absence:
            continue
        if one.year != names.run.year and not node.growth_share:
            continue
        share = node.growth_share or Decimal(0)
        points = node.points * (share if one.year != names.run.year else Decimal(1))
        rows.append(Absent(names.nodes[one.node], one.year, points, word(ABSENCES, one.absence)))
    return rows


def named(names: Names, result: ZoneResult, key: str) -> list[str]:
    """Strongest or weakest leaves in words."""
    return [names.nodes.get(code, code) for code in result.detail.get(key, ())]
