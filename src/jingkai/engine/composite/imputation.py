"""Coverage and missing cells: which units stay, what is filled in, and from what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import Bools, Floats
from .errors import StepError
from .method import Impute
from .table import Table
from .tree import Tree


def denominate(table: Table, tree: Tree) -> tuple[Floats, list[tuple[str, str]]]:
    """Divide each indicator by the column its element names.

    A missing denominator leaves the value missing; so does a denominator of zero, because nothing
    can be said per nothing. Cells lost to zero are returned.

    Returns
    -------
    values : shape (units, indicators)
    lost : (unit, indicator)
    """
    values = table.matrix(tree.indicators)
    lost = []
    for n, element in enumerate(tree.elements[: tree.n_indicators]):
        if not element.denominator:
            continue
        below = table.column(element.denominator)
        zero = (below == 0) & ~np.isnan(values[:, n])
        lost += [(table.units[k], element.code) for k in np.flatnonzero(zero)]
        values[:, n] = values[:, n] / np.where(below == 0, np.nan, below)
    return values, lost


def covered(values: Floats, min_coverage: float) -> Bools:
    """Units whose share of available indicators reaches `min_coverage`; shape (units,)."""
    share: Floats = np.mean(~np.isnan(values), axis=1)
    # 19 of 20 must reach 0.95 although 0.95 is not a binary fraction.
    return share >= min_coverage - 1e-12


def impute(values: Floats, spec: Impute, *, tree: Tree, groups: Sequence[str] = ()) -> Floats:
    """Fill missing cells.

    mean, median: of the indicator over the units that have it. group_mean, group_median: the same
    inside the unit's own group; a unit without group, or a group without any value, stays missing.
    row_within_parent: the mean of the unit's other indicators under the same parent, on the
    direction-adjusted min-max [0, 1] scale, mapped back to the indicator's unit; a constant
    indicator is filled with its only value.

    Parameters
    ----------
    values : shape (units, indicators)
        Original units; NaN = missing.
    groups
        Group of each unit, for the group methods.

    Returns
    -------
    filled : shape (units, indicators)
        Cells nothing is known about are still NaN.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, Step 3.
    """
    missing = np.isnan(values)
    if spec.method == "none" or not missing.any():
        return values.copy()
    if spec.method == "row_within_parent":
        return _row_within_parent(values, tree)
    statistic = np.nanmedian if spec.method.endswith("median") else np.nanmean
    filled = values.copy()
    if spec.method.startswith("group_"):
        if len(groups) != len(values):
            raise StepError(f"{len(groups)} group labels for {len(values)} units")
        labels = np.array(groups, dtype=object)
        members = [labels == g for g in dict.fromkeys(groups) if g != ""]
    else:
        members = [np.ones(len(values), dtype=bool)]
    for rows in members:
        block = filled[rows]
        known = ~np.isnan(block).all(axis=0)
        gaps = np.isnan(block) & known
        if gaps.any():
            middle = np.zeros(block.shape[1])
            # Extended precision: the mean of equal values must be that value, or ties are lost.
            middle[known] = statistic(block[:, known].astype(np.longdouble), axis=0)
            filled[rows] = np.where(gaps, middle, block)
    return filled


def _row_within_parent(values: Floats, tree: Tree) -> Floats:
    x = values * tree.directions
    low = np.min(np.where(np.isnan(x), np.inf, x), axis=0)
    span = np.max(np.where(np.isnan(x), -np.inf, x), axis=0) - low
    usable = np.isfinite(span) & (span > 0)
    scaled = np.full(x.shape, np.nan)
    scaled[:, usable] = (x[:, usable] - low[usable]) / span[usable]
    filled = values.copy()
    for group in tree.groups:
        columns = [child for child in group.children if child < tree.n_indicators]
        block = scaled[:, columns]
        count = np.sum(~np.isnan(block), axis=1)
        total = np.nansum(block.astype(np.longdouble), axis=1)
        mean = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(float)
        for n in columns:
            if not np.isfinite(span[n]):
                continue  # no unit has it: there is no scale to map back to
            back = (mean * span[n] + low[n]) * tree.directions[n]
            if span[n] == 0:
                back = np.full(len(values), low[n] * tree.directions[n])
            filled[:, n] = np.where(np.isnan(values[:, n]), back, values[:, n])
    return filled
