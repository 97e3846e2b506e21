"""One build: table, tree and method in; every stage, score and rank out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from . import weighting
from .adjustments import Adjusted, adjust
from .aggregation import aggregate_tree
from .arrays import AnyInts, Floats, Ints, rank_scores
from .errors import StepError, TableError
from .feasibility import check_method
from .growth import blend, growth
from .imputation import covered, denominate, impute
from .method import Impute, Method, Normalise, Scale
from .normalisation import Columns, normalise
from .scaling import normalise_indicators, reference_row
from .table import Table
from .treatment import RAW, Treated, treat
from .tree import Tree


class Cell(IntEnum):
    """Where the treated value of a cell comes from."""

    RAW = 0
    WINSORISED_HIGH = 1
    WINSORISED_LOW = 2
    LOGGED = 3
    IMPUTED = 4
    MISSING = 5


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the result must know. English; `step`, `unit`, `element` are keys."""

    step: str
    message: str
    unit: str = ""
    element: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A build with all its stages. Arrays over cells have shape (units, indicators)."""

    table: Table
    """Units that were kept."""
    tree: Tree
    method: Method
    weights: Floats
    """Nominal weights by node."""
    denominated: Floats
    imputed: Floats
    treated: Treated
    normalised: Floats
    cells: Ints
    """`Cell` of each treated value."""
    scores: Floats
    """Shape (units, nodes), before adjustments."""
    index: Floats
    """Shape (units,), after adjustments."""
    ranks: AnyInts
    """1 = best; 0 = no score."""
    group_ranks: AnyInts | None
    """Inside peer groups, when the method names some."""
    adjusted: Adjusted | None
    screened_out: tuple[str, ...]
    notices: tuple[Notice, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Units that were kept, in the order of every array."""
        return self.table.units


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A table after denomination and screening: what no alternative changes."""

    table: Table
    denominated: Floats
    screened_out: tuple[str, ...]
    notices: tuple[Notice, ...]


def prepare(table: Table, tree: Tree, method: Method) -> Prepared:
    """Denominate and screen.

    Raises
    ------
    MethodError
        The method does not fit the tree; see `check_method`.
    TableError
        A column is missing, or no unit reaches the coverage that is asked for.
    """
    check_method(method, tree)
    notices = []
    if method.denominate:
        values, lost = denominate(table, tree)
        notices += [
            Notice("denominate", f"“{code}” of “{unit}” is divided by zero: missing", unit, code)
            for unit, code in lost
        ]
    else:
        values = table.matrix(tree.indicators)
    out: tuple[str, ...] = ()
    if method.min_coverage is not None:
        rows = covered(values, method.min_coverage)
        out = tuple(unit for unit, kept in zip(table.units, rows, strict=True) if not kept)
        if not rows.any():
            raise TableError(
                f"no unit has {method.min_coverage:g} of its indicators: nothing is left",
                code="screened_out",
            )
        table, values = table.keep(rows), values[rows]
        notices += [Notice("screen", f"“{unit}” is left out: too few values", unit) for unit in out]
    for n in np.flatnonzero(np.isnan(values).all(axis=0)):
        code = tree.codes[n]
        notices.append(Notice("data", f"no unit has a value of “{code}”", element=code))
    for row in np.flatnonzero(np.isnan(values).all(axis=1)):
        unit = table.units[row]
        notices.append(Notice("data", f"“{unit}” has no value at all", unit))
    return Prepared(table, values, out, tuple(notices))


def impute_stage(prepared: Prepared, tree: Tree, spec: Impute) -> Floats:
    """Imputed values; raises TableError when the grouping column is missing."""
    groups = prepared.table.group(spec.by) if spec.by else ()
    return impute(prepared.denominated, spec, tree=tree, groups=groups)


def normalise_stage(
    treated: Floats, prepared: Prepared, tree: Tree, method: Method, spec: Normalise
) -> tuple[Floats, list[Notice]]:
    """Scores of the indicators; of split ones, level and growth blended.

    Growth is normalised on the same scale as its level; it is not treated for outliers. Scales
    with limits in the unit of the level (targets, goalposts) do not fit growth and use min-max over
    their own range instead.
    """
    scores, said_of = normalise_indicators(treated, spec, tree, prepared.table)
    notices = [Notice("normalise", f"“{code}”: {said}", element=code) for code, said in said_of]
    for code, split in method.split.items():
        node = tree.node(code)
        if node >= tree.n_indicators:
            raise StepError(f"split: “{code}” is not an indicator", element=code)
        base = prepared.table.column(split.base)
        grown = growth(
            prepared.table.column(code), base, split, units=prepared.table.units, name=code
        )
        scale = growth_scale(spec.of(code))
        single = Columns(
            (f"{code} (growth)",),
            tree.directions[[node]],
            reference=reference_row(prepared.table, scale),
        )
        growth_score = normalise(grown.values[:, None], scale, single)[:, 0]
        scores[:, node] = blend(scores[:, node], growth_score, split.growth_share)
        notices += [
            Notice("growth", f"“{code}” of “{prepared.table.units[row]}”: base without percentage",
                   prepared.table.units[row], code)
            for row in np.flatnonzero(grown.flagged)
        ]  # fmt: skip
    return scores, notices


def growth_scale(spec: Normalise) -> Normalise:
    """The scale of an indicator's growth: its level's, or min-max onto the same range."""
    if spec.method not in (Scale.GOALPOSTS, Scale.DISTANCE_TO_TARGET):
        return spec
    low, high = spec.bounds or (0.0, 1.0)
    return Normalise(low=low, high=high, constant=spec.constant)


def build(table: Table, tree: Tree, method: Method) -> Result:
    """Build the index.

    Steps: denominate, screen, impute, treat, normalise (with directions), weigh, aggregate level by
    level, adjust, rank. Each step leaves its result in the `Result`.

    Raises
    ------
    TableError, TreeError, WeightError, StepError
        With unit, element or column; nothing is computed half.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators.
    """
    prepared = prepare(table, tree, method)
    imputed = impute_stage(prepared, tree, method.impute)
    treated = treat(imputed, method.treat)
    normalised, notices = normalise_stage(treated.values, prepared, tree, method, method.normalise)
    weights = weighting.tree_weights(tree, method.weights, normalised)
    return finish(prepared, tree, method, imputed, treated, normalised, weights, notices)


def finish(
    prepared: Prepared,
    tree: Tree,
    method: Method,
    imputed: Floats,
    treated: Treated,
    normalised: Floats,
    weights: Floats,
    notices: Sequence[Notice] = (),
) -> Result:
    """Aggregate, adjust and rank what was normalised before; raises as `build`."""
    units = prepared.table.units
    scores = aggregate_tree(normalised, tree, weights, method.aggregate, units=units)
    index = scores[:, tree.index_node]
    adjusted = adjust(index, prepared.table, method.adjust) if method.adjust else None
    if adjusted is not None:
        index = adjusted.score
    cells = np.asarray(treated.marks)
    filled = np.isnan(prepared.denominated) & ~np.isnan(imputed)
    cells = np.where(filled & (cells == RAW), int(Cell.IMPUTED), cells)
    cells = np.where(np.isnan(imputed), int(Cell.MISSING), cells)
    without = [units[row] for row in np.flatnonzero(np.isnan(index))]
    return Result(
        table=prepared.table,
        tree=tree,
        method=method,
        weights=weights,
        denominated=prepared.denominated,
        imputed=imputed,
        treated=treated,
        normalised=normalised,
        cells=cells,
        scores=scores,
        index=index,
        ranks=rank_scores(index),
        group_ranks=rank_in_groups(index, prepared.table, method.groups),
        adjusted=adjusted,
        screened_out=prepared.screened_out,
        notices=(
            *prepared.notices,
            *notices,
            *(Notice("aggregate", f"“{unit}” has no index score", unit) for unit in without),
        ),
    )


def rank_in_groups(index: Floats, table: Table, column: str) -> AnyInts | None:
    """Rank of each unit among the units of its peer group; None without a column.

    Units without a group are ranked among themselves.
    """
    if not column:
        return None
    labels = np.array(table.group(column), dtype=object)
    ranks = np.zeros(len(index), dtype=np.int32)
    for label in dict.fromkeys(labels.tolist()):
        rows = labels == label
        ranks[rows] = rank_scores(index[rows])
    return ranks
