"""Two schemes, or two editions of one, on the same figures: who moves, and by what.

Each scheme counts its own ledger of points, under its own caps. The parts of a zone's difference
add up to it exactly, the ledger's among them; parts with the same indicator stand together,
whatever the schemes call them. Ranks carry their intervals, so that a move can be told from what
the method's own choices would do anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np

from jingkai.engine.composite import CompositeError, contributions, default_baseline
from jingkai.masterdata.organisations.public import Zone

from .computing import Cells, Outcome, Unit, evaluate, table_of
from .definition import Definition
from .freezing import read_inputs, zones_of_year
from .points import up_to_rule_caps

SEED: Final = 20250101
REPLICATIONS: Final = 1_000
BASE: Final = ""
"""Key of what no part explains: the scales of the two schemes begin at different scores."""
LEDGER: Final = "+"
"""Key of bonus, deduction and veto together."""

Cases = Sequence[tuple[str, str, str, Decimal]]
"""Confirmed cases of a scheme's ledger: zone code, kind, rule, points."""
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Moved:
    """One part of a zone's difference, in points of 100.

    `beyond`: how far it goes beyond the mean of all zones. A part that all have alike moves nobody.
    """

    key: str
    name: str
    amount: float
    beyond: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One zone under both. `None` = no score; rank 0 = not ranked."""

    zone: Unit
    scores: tuple[float | None, float | None]
    """After bonus, deduction and veto."""
    ledger: tuple[float, float]
    """What they make of it."""
    ranks: tuple[int, int]
    intervals: tuple[Interval | None, Interval | None]
    """5 % and 95 % of the rank; None where it is not ranked."""
    coverage: tuple[float, float]
    parts: tuple[Moved, ...]
    """By how far each goes beyond the mean; the amounts sum to the difference.

    Empty where an aggregation has no such parts.
    """

    @property
    def difference(self) -> float | None:
        one, two = self.scores
        return None if one is None or two is None else two - one

    @property
    def is_firm(self) -> bool | None:
        """Whether the intervals lie apart: no choice of either method undoes the move.

        None unless both have one.
        """
        one, two = self.intervals
        if one is None or two is None:
            return None
        return one[1] < two[0] or two[1] < one[0]

    @property
    def moved(self) -> int | None:
        """Places won (above zero) or lost by going from the first to the second."""
        return self.ranks[0] - self.ranks[1] if all(self.ranks) else None


@dataclass(frozen=True, slots=True)
class Weight:
    """Points of one indicator under both."""

    key: str
    name: str
    points: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` found. Lines by the second scheme's ranking."""

    one: Definition
    two: Definition
    year: int
    as_of: datetime
    lines: tuple[Line, ...]
    weights: tuple[Weight, ...]
    agreement: float | None
    """Spearman's correlation of the ranks of zones that both rank."""

    @property
    def movers(self) -> int:
        """Zones whose rank is not the same."""
        return sum(bool(line.moved) for line in self.lines)

    @property
    def firm(self) -> int:
        """Zones that move beyond their intervals."""
        return sum(bool(line.moved and line.is_firm) for line in self.lines)


def compare(
    one: Definition,
    two: Definition,
    *,
    year: int,
    as_of: datetime,
    names: Mapping[str, str],
    cases: tuple[Cases, Cases] = ((), ()),
) -> Comparison:
    """Evaluate both on the figures of one year, as known at one moment. 5 queries at most.

    Parameters
    ----------
    names
        Indicator code -> its name for people.
    cases
        The ledger of each; zones that are not evaluated may be among them.

    Raises
    ------
    CompositeError
        A scheme cannot be computed on these figures; names node and zone where there is one.
    """
    found = zones_of_year(year)
    zones, units = [zone for zone, __ in found], [unit for __, unit in found]
    cells = _cells((one, two), zones, year, as_of)
    outcomes = [
        _outcome(each, units, figures, own)
        for each, figures, own in zip((one, two), cells, cases, strict=True)
    ]
    parts = [_parts(outcome) for outcome in outcomes]
    label = _labels((one, two), names)
    lines = [
        Line(
            unit,
            (_score(outcomes[0], row), _score(outcomes[1], row)),
            (_ledger(outcomes[0], row), _ledger(outcomes[1], row)),
            (int(outcomes[0].ranks[row]), int(outcomes[1].ranks[row])),
            (_interval(outcomes[0], row), _interval(outcomes[1], row)),
            (float(outcomes[0].coverage[row]), float(outcomes[1].coverage[row])),
            _moved(parts[0], parts[1], unit.code, label),
        )
        for row, unit in enumerate(units)
    ]
    lines = _beyond_mean(lines)
    last = len(lines) + 1
    lines.sort(key=lambda line: (line.ranks[1] or last, line.ranks[0] or last, line.zone.code))
    return Comparison(
        one, two, year, as_of, tuple(lines), _weights((one, two), label), _agreement(lines)
    )


def _cells(
    schemes: tuple[Definition, Definition], zones: Collection[Zone], year: int, as_of: datetime
) -> list[Cells]:
    """The figures of both, read once: leaves of both stand in one reading list."""
    leaves = tuple(
        replace(leaf, code=f"{place}/{leaf.code}")
        for place, scheme in enumerate(schemes)
        for leaf in scheme.leaves
    )
    found: list[dict[tuple[str, str], list[float]]] = [{}, {}]
    for given in read_inputs(replace(schemes[0], nodes=leaves), zones=zones, year=year,
                             as_of=as_of):  # fmt: skip
        place, _slash, code = given.node.partition("/")
        pair = found[int(place)].setdefault((given.zone, code), [float("nan"), float("nan")])
        if given.value is not None:
            pair[0 if given.year == year else 1] = float(given.value)
    return [{key: (now, before) for key, (now, before) in each.items()} for each in found]


def _outcome(definition: Definition, units: Sequence[Unit], cells: Cells, cases: Cases) -> Outcome:
    known = {unit.code for unit in units}
    lines = up_to_rule_caps(definition.ledger_rules, [case for case in cases if case[0] in known])
    table = table_of(definition, units, cells, lines)
    return evaluate(definition, table, seed=SEED, replications=REPLICATIONS)


def _score(outcome: Outcome, row: int) -> float | None:
    value = float(outcome.scores[row])
    return None if np.isnan(value) else value


def _ledger(outcome: Outcome, row: int) -> float:
    change = float(outcome.scores[row] - outcome.before[row])
    return 0.0 if np.isnan(change) else change


def _interval(outcome: Outcome, row: int) -> Interval | None:
    low, high = float(outcome.low[row]), float(outcome.high[row])
    return None if np.isnan(low) or np.isnan(high) else (low, high)


def _key(definition: Definition, code: str) -> str:
    return definition.by_code[code].indicator or f"{definition.scheme}/{code}"


def _parts(outcome: Outcome) -> dict[str, dict[str, float]]:
    """Unit -> key -> points; {} for aggregations that compare units and have no parts."""
    result, definition = outcome.result, outcome.definition
    try:
        base = default_baseline(result)
        amounts = np.nan_to_num(contributions(result, baseline=base).values)
    except CompositeError:
        return {}
    found: dict[str, dict[str, float]] = {}
    for row, unit in enumerate(result.units):
        own = found.setdefault(unit, {BASE: base, LEDGER: _ledger(outcome, outcome.row(unit))})
        for code, amount in zip(result.tree.indicators, amounts[row], strict=True):
            key = _key(definition, code)
            own[key] = own.get(key, 0.0) + float(amount)
    return found


def _moved(
    one: Mapping[str, Mapping[str, float]],
    two: Mapping[str, Mapping[str, float]],
    unit: str,
    label: Mapping[str, str],
) -> tuple[Moved, ...]:
    before, after = one.get(unit), two.get(unit)
    if before is None or after is None:
        return ()
    found = [
        Moved(key, label.get(key, key), after.get(key, 0.0) - before.get(key, 0.0))
        for key in {**before, **after}
    ]
    return tuple(each for each in found if abs(each.amount) > 1e-9)


def _beyond_mean(lines: Sequence[Line]) -> list[Line]:
    """Each part against the mean over the zones, those that move most first."""
    known = [line for line in lines if line.difference is not None]
    total: dict[str, float] = {}
    for line in known:
        for part in line.parts:
            total[part.key] = total.get(part.key, 0.0) + part.amount
    found = []
    for line in lines:
        parts = [
            replace(part, beyond=part.amount - total.get(part.key, 0.0) / len(known))
            for part in line.parts
            if known
        ]
        parts.sort(key=lambda part: (-abs(part.beyond), part.key))
        found.append(replace(line, parts=tuple(parts)))
    return found


def _labels(definitions: Sequence[Definition], names: Mapping[str, str]) -> dict[str, str]:
    found = {BASE: "", LEDGER: ""}
    for definition in definitions:
        for leaf in definition.leaves:
            found.setdefault(_key(definition, leaf.code), names.get(leaf.indicator) or leaf.name)
    return found


def _weights(
    definitions: tuple[Definition, Definition], label: Mapping[str, str]
) -> tuple[Weight, ...]:
    points: dict[str, list[float]] = {}
    for place, definition in enumerate(definitions):
        for leaf in definition.leaves:
            pair = points.setdefault(_key(definition, leaf.code), [0.0, 0.0])
            pair[place] += float(leaf.points)
    return tuple(Weight(key, label[key], (a, b)) for key, (a, b) in points.items())


def _agreement(lines: Sequence[Line]) -> float | None:
    both = [line.ranks for line in lines if all(line.ranks)]
    if len(both) < 3:
        return None
    ranks: Any = np.array(both, dtype=float).argsort(axis=0).argsort(axis=0)
    value = float(np.corrcoef(ranks[:, 0], ranks[:, 1])[0, 1])
    return None if np.isnan(value) else value
