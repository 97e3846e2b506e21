"""What a run keeps of each zone: `ZoneResult.detail`, as JSON with floats as `repr` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from jingkai.engine.composite import StepError, Waterfall, contributions
from jingkai.engine.composite.arrays import Floats
from jingkai.engine.composite.build import Cell
from jingkai.engine.composite.explanation import result_shares
from jingkai.engine.composite.growth import growth

from ..definition import base_column
from .lifts import Lift
from .outcome import Outcome
from .typical import YearBefore, against_last_year, against_median, peers_of

_SHOWN: Final = 3  # strongest and weakest leaves


def text(value: float) -> str | None:
    """A float as JSON keeps it: `repr`, so that nothing is lost; None where there is none."""
    number = float(value)
    return None if number != number else repr(number)


@dataclass(frozen=True, eq=False)
class Reporter:
    """Makes the details of all zones of one outcome."""

    outcome: Outcome
    years: YearBefore | None

    @cached_property
    def _parts(self) -> Floats | None:
        """Contributions of leaves (units of the result, leaves); None where there are none."""
        try:
            return contributions(self.outcome.result).values
        except StepError:
            return None

    @cached_property
    def _growth(self) -> dict[str, Floats]:
        found = {}
        table, method = self.outcome.table, self.outcome.result.method
        for code, split in method.split.items():
            column, base = table.column(code), table.column(base_column(code))
            found[code] = growth(column, base, split, units=table.units, name=code).values
        return found

    @cached_property
    def _shares(self) -> Floats:
        return result_shares(self.outcome.result)

    @cached_property
    def _peers(self) -> dict[str, Any]:
        return dict(peers_of(self.outcome))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {unit: row for row, unit in enumerate(self.outcome.result.units)}

    @cached_property
    def _below(self) -> dict[str, list[int]]:
        """Inner node → places of the leaves below it."""
        tree = self.outcome.result.tree
        places: dict[str, list[int]] = {code: [k] for k, code in enumerate(tree.indicators)}
        for group in tree.groups:
            places[group.code] = [k for child in group.children for k in places[tree.codes[child]]]
        return places

    def detail(self, unit: str, lifts: tuple[Lift, ...] | None = None) -> dict[str, Any]:
        """The detail of one zone; `lifts` None says that they are worked out when asked for."""
        outcome, row = self.outcome, self.outcome.row(unit)
        peers = self._peers.get(outcome.groups[row])
        median = against_median(outcome, unit, peers, self._shares) if peers else None
        before = against_last_year(self.years, unit)
        parts = self._contributions(unit)
        return {
            "nodes": self._nodes(unit, row),
            "contributions": {code: text(amount) for code, amount in parts.items()},
            "vs_median": None if median is None or peers is None else {
                **waterfall_data(median), "group": peers.label, "size": peers.size,
            },
            "vs_last_year": None if before is None or self.years is None else {
                **waterfall_data(before), "basis": self.years.basis, "run": self.years.run,
            },
            "frequencies": self._frequencies(row),
            "lifts": None if lifts is None else [lift_data(one) for one in lifts],
            **_extremes(median),
        }  # fmt: skip

    def _contributions(self, unit: str) -> dict[str, float]:
        if self._parts is None or unit not in self._rows:
            return {}
        amounts = self._parts[self._rows[unit]]
        codes = self.outcome.result.tree.indicators
        return {c: float(a) for c, a in zip(codes, amounts, strict=True) if a == a}

    def _nodes(self, unit: str, row: int) -> dict[str, dict[str, str | None]]:
        result, table = self.outcome.result, self.outcome.table
        tree, place = result.tree, self._rows.get(unit)
        effective = tree.effective_weights(result.weights)
        nodes: dict[str, dict[str, str | None]] = {}
        for k, code in enumerate(tree.codes):
            leaf = k < tree.n_indicators
            points = None
            if self._parts is not None and place is not None:
                below = self._parts[place, self._below[code]]
                points = text(np.nansum(below)) if not np.isnan(below).all() else None
            entry: dict[str, str | None] = {
                "score": None if place is None else text(result.scores[place, k]),
                "points": points,
                "weight": text(effective[k]),
            }
            if leaf:
                grown = self._growth.get(code)
                entry |= {
                    "raw": text(table.column(code)[row]),
                    "base": text(table.column(base_column(code))[row]),
                    "growth": None if grown is None else text(grown[row]),
                    "normalised": None if place is None else text(result.normalised[place, k]),
                    "cell": Cell(int(result.cells[place, k])).name if place is not None
                    else Cell.MISSING.name,
                }  # fmt: skip
            nodes[code] = entry
        return nodes

    def _frequencies(self, row: int) -> list[list[Any]]:
        counts = self.outcome.frequencies[row]
        total = max(len(self.outcome.rank_draws), 1)
        ranks = np.flatnonzero(counts[1:]) + 1
        return [[int(rank), text(counts[rank] / total)] for rank in ranks]


def waterfall_data(found: Waterfall) -> dict[str, Any]:
    """{"start", "parts": [[node, kind, amount]…], "end"}: start + Σ amounts = end."""
    return {
        "start": text(found.start),
        "parts": [[part.code, part.kind, text(part.amount)] for part in found.parts],
        "end": text(found.end),
    }


def lift_data(one: Lift) -> dict[str, Any]:
    return {
        "node": one.node,
        "from": text(one.start),
        "to": text(one.end),
        "change": text(one.change),
        "rank_after": one.rank_after,
        "bound": one.bound,
    }


def _extremes(median: Waterfall | None) -> dict[str, list[str]]:
    """Leaves that lift the zone most above its peers, and those that hold it back most."""
    parts = [] if median is None else [part for part in median.parts if part.kind == "value"]
    ordered = sorted(parts, key=lambda part: (-part.amount, part.code))
    return {
        "strongest": [part.code for part in ordered if part.amount > 0][:_SHOWN],
        "weakest": [part.code for part in ordered[::-1] if part.amount < 0][:_SHOWN],
    }


def number_of(detail: Mapping[str, Any], node: str, field: str) -> float | None:
    """One number of a stored detail."""
    value = detail["nodes"].get(node, {}).get(field)
    return None if value is None else float(value)
