"""What would lift a rank: for each leaf the smallest change of the raw figure that gains one place.

Every change is tried with the whole engine, scales and all, never read off a slope. It is bounded
by what has been done: the best growth of any zone over last year, or the best figure of any zone,
whichever reaches farther.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jingkai.engine.composite import CompositeError, Table, build, rank_scores
from jingkai.engine.composite.arrays import Floats

from ..definition import Node, base_column
from .outcome import Outcome

_STEPS: Final = 12
_DIGITS: Final = 3  # of the change that is told


@dataclass(frozen=True, slots=True)
class Lift:
    """A change of one figure, in the leaf's unit, and the rank it would give."""

    node: str
    start: float
    end: float
    rank_after: int
    bound: str
    """growth: the best growth of any zone would do; reached: more, but some zone is there."""

    @property
    def change(self) -> float:
        return self.end - self.start


def lifts_of(
    outcome: Outcome, unit: str, *, leaves: Sequence[str] | None = None
) -> tuple[Lift, ...]:
    """Feasible changes of a ranked zone, the smallest relative change first.

    Parameters
    ----------
    leaves
        Which leaves are tried; default all. Each costs 1 build, or some 6 when it succeeds.
    """
    row = outcome.row(unit)
    if outcome.ranks[row] < 2:
        return ()
    found = []
    for leaf in outcome.definition.leaves:
        if leaves is None or leaf.code in leaves:
            lift = _lift(outcome, row, leaf)
            if lift is not None:
                found.append(lift)
    return tuple(sorted(found, key=lambda one: abs(one.change) / max(abs(one.start), 1e-12)))


def heaviest_gaps(outcome: Outcome, unit: str, count: int) -> list[str]:
    """Leaves where most points lie between the zone and the best score; the first to be tried."""
    result, row = outcome.result, outcome.result.units.index(unit)
    weights = result.tree.effective_weights(result.weights)[: result.tree.n_indicators]
    best = np.nanmax(np.where(np.isnan(result.normalised), -np.inf, result.normalised), axis=0)
    gap = np.nan_to_num((best - result.normalised[row]) * weights, nan=0.0)
    return [result.tree.indicators[k] for k in np.argsort(-gap, kind="stable")[:count]]


def limits_of(table: Table, row: int, leaf: Node) -> tuple[float, float]:
    """How far the figure may be moved: by the best growth of any zone, and to the best of any zone.

    NaN where there is no figure, or where that bound allows nothing better.
    """
    nothing = float("nan")
    now, before = table.column(leaf.code), table.column(base_column(leaf.code))
    start = float(now[row])
    if start != start:
        return nothing, nothing
    sign = leaf.direction or 1
    best = float(np.nanmax(now) if sign > 0 else np.nanmin(now))
    grows = (now > 0) & (before > 0)
    grown = nothing
    if start > 0 and grows.any():
        rates = now[grows] / before[grows]
        grown = start * float(rates.max() if sign > 0 else rates.min())
    return (
        grown if sign * (grown - start) > 0 else nothing,
        best if sign * (best - start) > 0 else nothing,
    )


def _lift(outcome: Outcome, row: int, leaf: Node) -> Lift | None:
    grown, best = limits_of(outcome.table, row, leaf)
    if grown != grown and best != best:
        return None
    sign = leaf.direction or 1
    end = float(np.fmax(grown, best) if sign > 0 else np.fmin(grown, best))
    start = float(outcome.table.column(leaf.code)[row])
    rank = int(outcome.ranks[row])

    def gap(value: float) -> tuple[float, int]:
        """How far the zone stands above the place it wants (negative: below), and its rank."""
        return _tried(outcome, row, leaf.code, value, rank)

    try:
        far, rank_far = gap(end)
        if rank_far >= rank:
            return None
        value = _smallest(lambda x: gap(x)[0], start, end, far)
        value, rank_after = _told(gap, start, value, end, rank_far, rank)
    except CompositeError:
        return None  # the method cannot take such a figure
    within = sign * (grown - value) >= 0  # false where no growth is known
    return Lift(leaf.code, start, value, rank_after, "growth" if within else "reached")


def _tried(outcome: Outcome, row: int, code: str, value: float, rank: int) -> tuple[float, int]:
    table = outcome.table
    column: Floats = table.column(code).copy()
    column[row] = value
    changed = build(
        Table(table.units, {**table.numbers, code: column}, table.texts),
        outcome.result.tree,
        replace(outcome.result.method, groups=""),
    )
    place = {unit: k for k, unit in enumerate(changed.units)}
    scores = np.full(len(table.units), np.nan)
    for k in np.flatnonzero(outcome.ranked):
        scores[k] = changed.index[place[table.units[k]]]
    others = np.delete(scores, row)
    # The score that is to be passed: with it, rank − 2 others stand before the zone.
    wanted = np.sort(others[~np.isnan(others)])[::-1][rank - 2]
    return float(scores[row] - wanted), int(rank_scores(scores)[row])


def _smallest(f: Callable[[float], float], start: float, end: float, far: float) -> float:
    """Where f crosses zero between start (below) and end (above): Illinois false position."""
    low, high, at_low, at_high = start, end, f(start), far
    if at_low >= 0:
        return start
    side = 0
    for _step in range(_STEPS):
        if at_high <= 1e-9 or abs(high - low) <= 1e-6 * abs(end - start):
            break
        middle = high - at_high * (high - low) / (at_high - at_low)
        value = f(middle)
        if value >= 0:
            high, at_high = middle, value
            if side > 0:
                at_low /= 2
            side = 1
        else:
            low, at_low = middle, value
            if side < 0:
                at_high /= 2
            side = -1
    return high


def _told(
    gap: Callable[[float], tuple[float, int]],
    start: float,
    value: float,
    end: float,
    rank_far: int,
    rank: int,
) -> tuple[float, int]:
    """The change rounded up to what people read, tried again; the bound where that is passed."""
    change = value - start
    if change == 0:
        return end, rank_far
    scale = 10.0 ** (np.floor(np.log10(abs(change))) - (_DIGITS - 1))
    rounded = start + np.sign(change) * np.ceil(abs(change) / scale - 1e-9) * scale
    for candidate in (float(rounded), float(rounded + np.sign(change) * scale)):
        if abs(candidate - start) > abs(end - start):
            break
        reached = gap(candidate)[1]
        if reached < rank:
            return candidate, reached
    return end, rank_far
