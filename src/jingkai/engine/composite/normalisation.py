"""Scales: every indicator becomes "more is better" and comparable.

Directions are applied here and nowhere else. Limits, targets and goalposts come in the indicator's
own unit. A constant indicator has no scale; what happens then is `Normalise.constant`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .arrays import Bools, Floats, rank_columns
from .errors import StepError
from .method import Normalise, Policy, Scale

FITTED = frozenset(
    {
        Scale.MINMAX,
        Scale.EFFICACY,
        Scale.ZSCORE,
        Scale.DISTANCE_TO_MAX,
        Scale.DISTANCE_TO_TARGET,
        Scale.FRACTION_OF_MAX,
        Scale.GOALPOSTS,
    }
)
"""Scales that can be fitted on one sample and applied to another (a base year)."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What a scale may need to know about its columns. Each array has one entry per column."""

    names: Sequence[str]
    directions: Floats
    targets: Floats | None = None
    lows: Floats | None = None
    highs: Floats | None = None
    reference: int | None = None
    """Row of the reference unit."""
    notices: list[tuple[str, str]] = field(default_factory=list)
    """(indicator, what happened), filled by `normalise`."""


def normalise(
    values: Floats, spec: Normalise, columns: Columns, *, sample: Bools | None = None
) -> Floats:
    """Put every column on the scale `spec`, more is better.

    With x = direction · value and min, max, mean, sd (n − 1) over the sample:

    minmax, efficacy (功效系数, range 60 to 100)  low + (high − low)(x − min)/(max − min)
    zscore                 mean + sd·(x − x̄)/s
    rank, borda            rank ascending, ties share the lowest; borda = rank − 1
    percentile_rank        (rank − 1)/(n − 1)
    distance_to_target     (x − min)/(target − min), at most `cap`
    distance_to_max        1 − (max − x)/(max − min)
    distance_to_reference  1 − (x_ref − x)/(x_ref − min)
    goalposts              low + (high − low)(x − worst)/(best − worst), clipped if `clip`
    fraction_of_max        x/max

    Scales of `UNIT_SCALES` with `onto` = (low, high) give low + (high − low)·score.

    Parameters
    ----------
    values : shape (n, m)
        Original units; NaN = missing, and stays missing.
    sample : shape (n,), optional
        Rows that define min, max, mean and sd (a base year). Default: all rows.

    Returns
    -------
    scores : shape (n, m)
        Dimensionless.

    Raises
    ------
    StepError
        A constant column under the policy error; a missing target, goalpost or reference value; a
        scale that cannot be fitted on a sample. The message names the indicator.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, Step 5.
    """
    if sample is not None and spec.method not in FITTED:
        raise StepError(
            f"{spec.method} (“{columns.names[0]}”) has no limits that could be taken from a base "
            "period",
            element=columns.names[0],
        )
    scores = _scores(values, spec, columns, sample)
    if spec.onto is None:
        return scores
    return scores * (spec.onto[1] - spec.onto[0]) + spec.onto[0]


def _scores(values: Floats, spec: Normalise, columns: Columns, sample: Bools | None) -> Floats:
    x = values * columns.directions
    base = x if sample is None else x[sample]
    low = np.min(np.where(np.isnan(base), np.inf, base), axis=0)
    high = np.max(np.where(np.isnan(base), -np.inf, base), axis=0)
    match spec.method:
        case Scale.RANK:
            return rank_columns(x)
        case Scale.BORDA:
            return rank_columns(x) - 1.0
        case Scale.PERCENTILE_RANK:
            count = np.sum(~np.isnan(x), axis=0)
            return _divided(rank_columns(x) - 1.0, count - 1.0, spec, columns)
        case Scale.MINMAX | Scale.EFFICACY:
            unit = _divided(x - low, high - low, spec, columns)
            return unit * (spec.high - spec.low) + spec.low
        case Scale.DISTANCE_TO_MAX:
            return 1.0 - _divided(high - x, high - low, spec, columns, falling=True)
        case Scale.ZSCORE:
            return _zscore(x, base, low, high, spec, columns)
        case Scale.DISTANCE_TO_TARGET:
            target = _required(columns.targets, spec.target, columns) * columns.directions
            unit = _divided(x - low, target - low, spec, columns)
            behind = np.flatnonzero(target < low)
            columns.notices.extend(
                (columns.names[int(n)], "the target is worse than every unit") for n in behind
            )
            return unit if spec.cap is None else np.minimum(unit, spec.cap)
        case Scale.GOALPOSTS:
            lows = _required(columns.lows, spec.low_column, columns)
            highs = _required(columns.highs, spec.high_column, columns)
            worst = np.where(columns.directions > 0, lows, -highs)
            best = np.where(columns.directions > 0, highs, -lows)
            unit = _divided(x - worst, best - worst, spec, columns)
            unit = np.clip(unit, 0.0, 1.0) if spec.clip else unit
            return unit * (spec.high - spec.low) + spec.low
        case Scale.FRACTION_OF_MAX:
            return _fraction(x, values, low, high, spec, columns)
        case Scale.DISTANCE_TO_REFERENCE:
            return _to_reference(x, low, spec, columns)


def _divided(
    above: Floats, below: Floats, spec: Normalise, columns: Columns, *, falling: bool = False
) -> Floats:
    """above / below, with the constant policy where a span is zero."""
    flat = ~(np.isfinite(below) & (below != 0))
    empty = np.isnan(above).all(axis=0)
    if not (flat & ~empty).any():
        with np.errstate(invalid="ignore", divide="ignore"):
            return above / below
    names = [columns.names[int(n)] for n in np.flatnonzero(flat & ~empty)]
    if spec.constant is Policy.ERROR:
        more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
        raise StepError(
            f"{spec.method}: indicator “{names[0]}”{more} does not tell the units apart: its scale "
            "has no length; write constant: skip, middle or floor to go on",
            code="constant",
            element=names[0],
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = above / below
    fill = {Policy.SKIP: np.nan, Policy.MIDDLE: 0.5, Policy.FLOOR: float(falling)}[spec.constant]
    unit[:, flat] = np.where(np.isnan(above[:, flat]), np.nan, fill)
    columns.notices.extend((name, f"constant; policy {spec.constant}") for name in names)
    return unit


def _zscore(
    x: Floats, base: Floats, low: Floats, high: Floats, spec: Normalise, columns: Columns
) -> Floats:
    count = np.sum(~np.isnan(base), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(base, axis=0) / count
        s = np.sqrt(np.nansum((base - mean) ** 2, axis=0) / (count - 1))
    s = np.where(low >= high, 0.0, s)
    unit = _divided(x - mean, s, spec, columns)
    if spec.constant is not Policy.SKIP:
        constant = (s == 0) & ~np.isnan(x)
        unit = np.where(constant, 0.0, unit)  # the mean is the middle, and the only floor there is
    scores: Floats = unit * spec.sd + spec.mean
    return scores


def _fraction(
    x: Floats, values: Floats, low: Floats, high: Floats, spec: Normalise, columns: Columns
) -> Floats:
    less = columns.directions < 0
    top = high
    inverse = less if spec.negative == "inverse" else np.zeros_like(less)
    result = _divided(x, np.where(inverse, 1.0, top), spec, columns)
    if inverse.any():
        best = -high[inverse]
        if (values[:, inverse] <= 0).any():
            n = int(np.argmax((np.where(inverse, values, 1.0) <= 0).any(axis=0)))
            raise StepError(
                f"fraction_of_max, negative: inverse: indicator “{columns.names[n]}” has values "
                "that are not above zero",
                element=columns.names[int(n)],
            )
        result[:, inverse] = best / values[:, inverse]
    turned = (high < 0) & ~inverse
    columns.notices.extend(
        (
            columns.names[int(n)],
            "the best value is below zero, so the fraction grows as units get worse",
        )
        for n in np.flatnonzero(turned)
    )
    return result


def _to_reference(x: Floats, low: Floats, spec: Normalise, columns: Columns) -> Floats:
    if columns.reference is None:
        raise StepError(f"there is no reference unit “{spec.unit}”", code="reference")
    reference = x[columns.reference]
    unknown = np.isnan(reference) & ~np.isnan(x).all(axis=0)
    if unknown.any():
        name = columns.names[int(np.argmax(unknown))]
        raise StepError(
            f"the reference unit “{spec.unit}” has no value of “{name}”",
            code="reference", unit=spec.unit, element=name,
        )  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = 1.0 - (reference - x) / (reference - low)
    at_worst = np.flatnonzero(reference == low)
    if at_worst.size:
        name = columns.names[int(at_worst[0])]
        if spec.at_worst is Policy.ERROR:
            raise StepError(
                f"the reference unit “{spec.unit}” has the worst value of “{name}”: the distance "
                "to it has no scale",
                code="reference", unit=spec.unit, element=name,
            )  # fmt: skip
        if spec.at_worst is Policy.SKIP:
            scores[:, at_worst] = np.nan
        said = "infinite for better units" if spec.at_worst is Policy.INFINITE else "left out"
        columns.notices.extend(
            (columns.names[int(n)], f"the reference unit has the worst value; {said}")
            for n in at_worst
        )
    return np.asarray(scores)


def _required(numbers: Floats | None, column: str, columns: Columns) -> Floats:
    if numbers is None or np.isnan(numbers).all():
        raise StepError(f"no indicator has a number “{column}”", code="no_column", column=column)
    if np.isnan(numbers).any():
        name = columns.names[int(np.argmax(np.isnan(numbers)))]
        raise StepError(
            f"indicator “{name}” has no number “{column}”", code="no_number", element=name
        )
    return numbers
