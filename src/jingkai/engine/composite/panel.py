"""Several years on one scale: scores that can be compared over time.

What defines the scale is an argument, not an accident: `pooled` (all years together), `base` (one
year, the others may leave the range), or `each` (every year by itself: only ranks are comparable).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import weighting
from .arrays import Bools, Floats
from .build import Notice, Prepared, Result, finish, impute_stage, prepare
from .errors import StepError, TableError
from .method import Method, Scale
from .scaling import normalise_indicators, scales_in_use
from .table import Table
from .treatment import Treated, treat
from .tree import Tree

SCALES = ("pooled", "base", "each")


@dataclass(frozen=True, slots=True)
class Panel:
    """A build per period, in the order given."""

    results: Mapping[str, Result]
    scale: str

    def series(self, unit: str) -> dict[str, float]:
        """Index score of one unit by period; NaN where it has none."""
        found = {}
        for period, result in self.results.items():
            there = unit in result.units
            found[period] = float(result.index[result.units.index(unit)]) if there else float("nan")
        return found

    def average(self, periods: Sequence[str]) -> dict[str, float]:
        """Mean score of each unit over periods; units without a score in all of them are left out.

        Raises TableError for an unknown period.
        """
        if unknown := [period for period in periods if period not in self.results]:
            raise TableError(f"there is no period “{unknown[0]}”")
        series = [
            dict(zip(self.results[p].units, self.results[p].index.tolist(), strict=True))
            for p in periods
        ]
        shared = [u for u in series[0] if all(u in one and one[u] == one[u] for one in series)]
        return {u: sum(one[u] for one in series) / len(series) for u in shared}


def build_panel(
    tables: Mapping[str, Table], tree: Tree, method: Method, *, scale: str = "pooled",
    base: str = "",
) -> Panel:  # fmt: skip
    """Build each period on a common scale.

    Denomination, screening and imputation happen inside each period. Treatment and normalisation
    use the limits of the scale: pooled (treatment over all years), base (each year treated by
    itself, limits of the base year), or each. Weights derived from data come from the same sample
    as the scale.

    Parameters
    ----------
    tables
        Period -> table; units may come and go.
    base
        The base period of scale `base`.

    Raises
    ------
    StepError
        A scale that cannot be fitted on a base year, or an unknown scale or base.
    """
    if scale not in SCALES or not tables or (scale == "base") != (base in tables):
        raise StepError(
            f"scale “{scale}” with base “{base}”: use pooled, each, or base with one of the "
            f"periods {', '.join(tables)}",
            code="panel_scale",
        )
    if method.split:
        raise StepError("a panel has its own past: leave split out and compare the periods")
    prepared = {period: prepare(table, tree, method) for period, table in tables.items()}
    imputed = {p: impute_stage(one, tree, method.impute) for p, one in prepared.items()}
    lengths = [len(one) for one in imputed.values()]
    cuts = np.cumsum(lengths)[:-1]
    stacked = np.concatenate(list(imputed.values()))
    if scale == "pooled":
        treated = _split(treat(stacked, method.treat), cuts)
    else:
        treated = [treat(one, method.treat) for one in imputed.values()]
    values = np.concatenate([one.values for one in treated])
    period_of = np.repeat(np.arange(len(lengths)), lengths)
    # The rows that define scale and derived weights; `each` has its own in every period.
    sample: Bools = np.ones(len(values), dtype=bool)
    if base:
        sample = np.asarray(period_of == list(tables).index(base))
    if scale == "each":
        blocks = [
            _scaled(part.values, one, tree, method)
            for part, one in zip(treated, prepared.values(), strict=True)
        ]
        normalised = np.concatenate([scores for scores, _said in blocks])
        notices = [said for _scores, said in blocks]
    else:
        whole = scale == "pooled"
        normalised, said = _scaled(values, _pool(prepared), tree, method, None if whole else sample)
        notices = [said] * len(prepared)
    results = {}
    for k, (period, one) in enumerate(prepared.items()):
        rows: Bools = np.asarray(period_of == k)
        own = rows if scale == "each" else sample
        weights = weighting.tree_weights(tree, method.weights, normalised[own])
        results[period] = finish(
            one, tree, method, imputed[period], treated[k], normalised[rows], weights, notices[k]
        )
    return Panel(results, scale)


def fill_over_time(
    values: Floats, times: Floats, *, how: str = "latest", most: float = np.inf
) -> tuple[Floats, Floats]:
    """Fill gaps of each series from its own other years.

    latest: the value of the most recent year before; linear: between the years on both sides, and
    the nearest outside of them.

    Parameters
    ----------
    values : shape (periods, units, indicators)
    times : shape (periods,)
        Ascending, in years.
    most
        Largest distance in years to the year a value is taken from; farther stays missing.

    Returns
    -------
    filled : shape (periods, units, indicators)
    distance : shape (periods, units, indicators)
        Years between a filled cell and the (nearest) year it comes from; 0 where observed, NaN
        where still missing. In the order of the input, always.

    Raises StepError when times are not ascending, or `how` is unknown.
    """
    if how not in ("latest", "linear") or values.shape[0] != len(times):
        raise StepError(f"fill “{how}” of shape {values.shape} over {len(times)} times")
    if (np.diff(times) <= 0).any():
        raise StepError("times must be ascending")
    filled = values.copy()
    distance = np.where(np.isnan(values), np.nan, 0.0)
    t = times[:, None, None]
    known = ~np.isnan(values)
    place = np.arange(len(times))[:, None, None]
    before = np.maximum.accumulate(np.where(known, place, -1), axis=0)
    back = np.where(before >= 0, t - times[np.maximum(before, 0)], np.inf)
    earlier = np.take_along_axis(values, np.maximum(before, 0), axis=0)
    if how == "latest":
        use = ~known & (back <= most) & (before >= 0)
        filled[use], distance[use] = earlier[use], back[use]
        return filled, distance
    last = len(times)
    reverse = np.where(known, place, last)
    after = np.minimum.accumulate(reverse[::-1], axis=0)[::-1]
    ahead = np.where(after < last, times[np.minimum(after, last - 1)] - t, np.inf)
    later = np.take_along_axis(values, np.minimum(after, last - 1), axis=0)
    near = np.minimum(back, ahead)
    use = ~known & (near <= most) & np.isfinite(near)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = (earlier * ahead + later * back) / (back + ahead)
    guess = np.where(~np.isfinite(back), later, np.where(~np.isfinite(ahead), earlier, between))
    filled[use], distance[use] = guess[use], near[use]
    return filled, distance


def _pool(prepared: Mapping[str, Prepared]) -> Prepared:
    units = tuple(f"{unit} @ {p}" for p, one in prepared.items() for unit in one.table.units)
    values = np.concatenate([one.denominated for one in prepared.values()])
    return Prepared(Table(units, {}, {}), values, (), ())


def _scaled(
    values: Floats, one: Prepared, tree: Tree, method: Method, sample: Bools | None = None
) -> tuple[Floats, list[Notice]]:
    for own, nodes in scales_in_use(method.normalise, tree):
        if own.method is Scale.DISTANCE_TO_REFERENCE and " @ " in one.table.units[0]:
            name = tree.codes[nodes[0]]
            raise StepError(
                f"distance_to_reference (“{name}”) compares inside a year: use scale each",
                element=name,
            )
    scores, said_of = normalise_indicators(values, method.normalise, tree, one.table, sample=sample)
    return scores, [
        Notice("normalise", f"“{code}”: {said}", element=code) for code, said in said_of
    ]


def _split(
    treated: Treated, cuts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> list[Treated]:
    values = np.split(treated.values, cuts)
    marks = np.split(treated.marks, cuts)
    return [replace(treated, values=v, marks=m) for v, m in zip(values, marks, strict=True)]
