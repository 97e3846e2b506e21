"""What would lift a rank: for each leaf the smallest change of the raw figure that gains one place.

Every change is tried with the whole method, scales and all, never read off a slope; changes of many
zones and leaves are tried side by side. A change is bounded by what has been done: the best growth
of any zone over last year, or the best figure of any zone, whichever reaches farther.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jingkai.engine.composite import CellChanges, rank_scores
from jingkai.engine.composite.arrays import AnyInts, Bools, Floats, Ints

from ..definition import base_column
from .outcome import Outcome

_STEPS: Final = 12
_DIGITS: Final = 3  # of the change that is told
_HELD: Final = 1_000_000  # scores held at once


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


def lifts_of(outcome: Outcome, unit: str) -> tuple[Lift, ...]:
    """Feasible changes of a zone, the smallest relative change first; none for the first."""
    return next(lifts_by_unit(outcome, [unit]))[1]


def lifts_by_unit(
    outcome: Outcome, units: Sequence[str] | None = None
) -> Iterator[tuple[str, tuple[Lift, ...]]]:
    """Each zone with its lifts, in the order given (default: of the table).

    Some 15 evaluations of all its leaves for every batch of zones.
    """
    asked = outcome.units if units is None else tuple(units)
    trial = _Trial(outcome)
    size = max(1, _HELD // max(1, len(outcome.units) * len(outcome.definition.leaves)))
    for start in range(0, len(asked), size):
        part = asked[start : start + size]
        found = _search(trial, [outcome.row(unit) for unit in part])
        for unit in part:
            lifts = found.get(outcome.row(unit), [])
            yield unit, tuple(sorted(lifts, key=_relative_size))


def _relative_size(one: Lift) -> float:
    return abs(one.change) / max(abs(one.start), 1e-12)


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """How far each figure may be moved: by the best growth of any zone, and to the best of any.

    Shapes (units, leaves). NaN where there is no figure, or where that bound gives nothing better.
    """

    start: Floats
    grown: Floats
    best: Floats
    signs: Floats
    """Shape (leaves,): +1 where more is better, else −1."""

    @property
    def end(self) -> Floats:
        """The bound that reaches farther."""
        farther: Floats = np.where(
            self.signs > 0, np.fmax(self.grown, self.best), np.fmin(self.grown, self.best)
        )
        return farther


def limits_of(outcome: Outcome) -> Limits:
    """The limits of every figure of a run."""
    leaves = outcome.definition.leaves
    now = outcome.table.matrix([leaf.code for leaf in leaves])
    before = outcome.table.matrix([base_column(leaf.code) for leaf in leaves])
    signs = np.array([leaf.direction or 1 for leaf in leaves], dtype=float)
    # Mirrored where less is better, so that one code serves both.
    best = signs * np.max(np.where(np.isnan(now), -np.inf, now * signs), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        grows = (now > 0) & (before > 0)
        rates = signs * np.max(np.where(grows, now / before * signs, -np.inf), axis=0)
        grown = np.where((now > 0) & grows.any(axis=0), now * rates, np.nan)
        return Limits(
            now,
            np.where(signs * (grown - now) > 0, grown, np.nan),
            np.where(signs * (best - now) > 0, best, np.nan),
            signs,
        )


class _Trial:
    """One changed figure of a ranked zone each: how far it then stands above the place it wants."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.limits = limits_of(outcome)
        self.changes = CellChanges(outcome.result)
        tree = outcome.result.tree
        self.columns: Ints = np.array(
            [tree.node(leaf.code) for leaf in outcome.definition.leaves], dtype=np.int64
        )
        """By leaf: its number in the tree."""
        place = {unit: row for row, unit in enumerate(outcome.result.units)}
        ranked = np.flatnonzero(outcome.ranked)
        self.rows: Ints = np.array([place[outcome.units[row]] for row in ranked], dtype=np.int64)
        """Rows of the ranked zones in the result."""
        self.places = np.full(len(outcome.units), -1, dtype=np.int64)
        self.places[ranked] = np.arange(len(ranked))
        """By zone: its place among the ranked."""

    def scores(self, zones: Ints, leaves: Ints, values: Floats) -> tuple[Floats, Bools]:
        """Scores of the ranked zones under each change; and where there are none."""
        rows = self.rows[self.places[zones]]
        found, refused = self.changes.scores(rows, self.columns[leaves], values)
        return found[:, self.rows], refused

    def gaps(self, zones: Ints, leaves: Ints, values: Floats) -> tuple[Floats, Bools]:
        """By how much the zone passes the score it has to pass (negative: lies below it)."""
        scores, refused = self.scores(zones, leaves, values)
        return self.gaps_in(scores, zones), refused

    def gaps_in(self, scores: Floats, zones: Ints) -> Floats:
        """The gaps in scores that are known already."""
        at = np.arange(len(zones)), self.places[zones]
        own = scores[at]
        others = -scores
        others[at] = np.nan
        # The score that is to be passed: with it, rank − 2 others stand before the zone.
        ahead = self.outcome.ranks[zones] - 2
        gaps: Floats = own + np.sort(others, axis=1)[np.arange(len(zones)), ahead]
        return gaps

    def ranks(self, zones: Ints, leaves: Ints, values: Floats) -> tuple[AnyInts, Bools]:
        """The zone's rank under each change."""
        scores, refused = self.scores(zones, leaves, values)
        return self.ranks_in(scores, zones), refused

    def ranks_in(self, scores: Floats, zones: Ints) -> AnyInts:
        ranks: AnyInts = rank_scores(scores)[np.arange(len(zones)), self.places[zones]]
        return ranks


def _search(trial: _Trial, zones: Sequence[int]) -> dict[int, list[Lift]]:
    """Lifts by zone, in the order of the leaves."""
    outcome, limits = trial.outcome, trial.limits
    tried = np.array([row for row in zones if outcome.ranks[row] >= 2], dtype=np.int64)
    end = limits.end
    places = np.argwhere(~np.isnan(end[tried])) if tried.size else np.empty((0, 2), dtype=np.int64)
    zone, leaf = tried[places[:, 0]], places[:, 1]
    if not zone.size:
        return {}
    bound = end[zone, leaf]
    # Whoever gains nothing at the bound gains nothing on the way to it.
    scores, refused = trial.scores(zone, leaf, bound)
    far, rank_far = trial.gaps_in(scores, zone), trial.ranks_in(scores, zone)
    wins = ~refused & (rank_far > 0) & (rank_far < outcome.ranks[zone])
    zone, leaf, bound, far, rank_far = (
        zone[wins], leaf[wins], bound[wins], far[wins], rank_far[wins]
    )  # fmt: skip
    start = limits.start[zone, leaf]
    value, lost = _smallest(trial, zone, leaf, start, bound, far)
    kept = ~lost
    zone, leaf, bound, rank_far, start, value = (
        zone[kept], leaf[kept], bound[kept], rank_far[kept], start[kept], value[kept]
    )  # fmt: skip
    value, rank, lost = _told(trial, zone, leaf, start, value, bound, rank_far)
    # False where no growth is known.
    within = limits.signs[leaf] * (limits.grown[zone, leaf] - value) >= 0
    found: dict[int, list[Lift]] = {}
    for k in np.flatnonzero(~lost).tolist():
        found.setdefault(int(zone[k]), []).append(
            Lift(
                outcome.definition.leaves[int(leaf[k])].code,
                float(start[k]),
                float(value[k]),
                int(rank[k]),
                "growth" if within[k] else "reached",
            )
        )
    return found


def _smallest(
    trial: _Trial, zone: Ints, leaf: Ints, start: Floats, end: Floats, far: Floats
) -> tuple[Floats, Bools]:
    """Where the gap closes between start (below) and end (above): Illinois false position.

    Returns the figures, and where the method refused one on the way.
    """
    index = trial.outcome.scores[trial.outcome.ranked]
    now = trial.gaps_in(np.broadcast_to(index, (len(zone), len(index))), zone)
    low, high, at_low, at_high = start.copy(), end.copy(), now.copy(), far.copy()
    side = np.zeros(len(zone))
    lost = np.zeros(len(zone), dtype=bool)
    for _step in range(_STEPS):
        near = (at_high <= 1e-9) | (np.abs(high - low) <= 1e-6 * np.abs(end - start))
        k = np.flatnonzero((now < 0) & ~near & ~lost)
        if not k.size:
            break
        middle = high[k] - at_high[k] * (high[k] - low[k]) / (at_high[k] - at_low[k])
        gap, refused = trial.gaps(zone[k], leaf[k], middle)
        lost[k[refused]] = True
        above = gap >= 0
        up, down = k[above], k[~above]
        high[up], at_high[up] = middle[above], gap[above]
        at_low[up] = np.where(side[up] > 0, at_low[up] / 2, at_low[up])
        side[up] = 1
        low[down], at_low[down] = middle[~above], gap[~above]
        at_high[down] = np.where(side[down] < 0, at_high[down] / 2, at_high[down])
        side[down] = -1
    return np.where(now >= 0, start, high), lost


def _told(
    trial: _Trial,
    zone: Ints,
    leaf: Ints,
    start: Floats,
    value: Floats,
    end: Floats,
    rank_far: AnyInts,
) -> tuple[Floats, AnyInts, Bools]:
    """The change rounded up to what people read, tried again; the bound where that is passed."""
    told, rank = end.copy(), rank_far.copy()
    lost = np.zeros(len(zone), dtype=bool)
    change = value - start
    size = np.abs(np.where(change == 0, 1.0, change))
    scale = 10.0 ** (np.floor(np.log10(size)) - (_DIGITS - 1))
    rounded = start + np.sign(change) * np.ceil(size / scale - 1e-9) * scale
    open_ = change != 0
    for candidate in (rounded, rounded + np.sign(change) * scale):
        open_ &= np.abs(candidate - start) <= np.abs(end - start)
        k = np.flatnonzero(open_)
        if not k.size:
            break
        reached, refused = trial.ranks(zone[k], leaf[k], candidate[k])
        lost[k[refused]] = True
        good = ~refused & (reached > 0) & (reached < trial.outcome.ranks[zone[k]])
        told[k[good]], rank[k[good]] = candidate[k[good]], reached[good]
        open_[k[good | refused]] = False
    return told, rank, lost
