"""Growth of an indicator against a base period, and level and growth scored together (总量、增速).

A base of zero or below has no percentage. What then happens is a policy, never an infinity: refuse,
leave missing (the level alone decides), or use a stated floor as the base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Floats
from .errors import StepError
from .method import Policy, Split


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """Growth of each unit. Shapes as given."""

    values: Floats
    flagged: Bools
    """Cells where a policy was applied."""


def growth(
    value: Floats, base: Floats, spec: Split, *, units: Sequence[str] = (), name: str = ""
) -> Growth:
    """Growth from `base` to `value`.

    percent      100·(value − base)/base, needs base > 0
    difference   value − base, any base
    symmetric    200·(value − base)/(|value| + |base|), any base; 0 from zero to zero
    log          100·ln(value/base), needs both > 0

    Parameters
    ----------
    value, base : shape (units,), or (units, k) for k data sets side by side
        The same unit. NaN in either: growth missing.
    spec
        `zero_base`, `negative_base`: error, skip (missing) or floor (that base instead). A value
        that is not above zero under `log` follows `negative_base`.

    Raises
    ------
    StepError
        A base without percentage under the policy error; names unit and indicator.

    References
    ----------
    Törnqvist, Vartia & Vartia (1985), The American Statistician 39(1): percent, log and symmetric
    change.

    >>> spec = Split(base="b", growth_share=0.5, zero_base=Policy.SKIP)
    >>> growth(np.array([110.0, 5.0]), np.array([100.0, 0.0]), spec).values
    array([10., nan])
    """
    start, end = base.astype(float), value.astype(float)
    known = ~np.isnan(start) & ~np.isnan(end)
    flagged = np.zeros(start.shape, dtype=bool)
    if spec.rule in ("percent", "log"):
        for bad, policy, said in (
            (known & (start == 0), spec.zero_base, "zero"),
            (known & (start < 0), spec.negative_base, "negative"),
        ):
            start = _apply(start, bad, policy, spec, said, units, name)
            flagged |= bad
    with np.errstate(invalid="ignore", divide="ignore"):
        match spec.rule:
            case "difference":
                change = end - start
            case "symmetric":
                size = np.abs(end) + np.abs(start)
                change = np.where(size == 0, 0.0, 200.0 * (end - start) / size)
                change[~known] = np.nan
            case "log":
                bad = known & (end <= 0)
                end = _apply(end, bad, spec.negative_base, spec, "not positive", units, name)
                flagged |= bad
                change = 100.0 * np.log(end / start)
            case _:
                change = 100.0 * (end - start) / start
    return Growth(change, flagged)


def _apply(
    cells: Floats,
    bad: Bools,
    policy: Policy,
    spec: Split,
    said: str,
    units: Sequence[str],
    name: str,
) -> Floats:
    if not bad.any():
        return cells
    if policy is Policy.ERROR:
        place = tuple(np.argwhere(bad)[0].tolist())
        unit = units[place[0]] if len(units) > place[0] else str(place[0])
        raise StepError(
            f"{spec.rule} growth of “{name}”: “{unit}” stands at {cells[place]:g}, which is "
            f"{said}; use difference or symmetric growth, or the policy skip or floor",
            code="growth_base", unit=unit, element=name,
        )  # fmt: skip
    return np.where(bad, spec.floor if policy is Policy.FLOOR else np.nan, cells)


def blend(level: Floats, change: Floats, growth_share: float) -> Floats:
    """Score of an indicator from its level score and its growth score, on one scale.

    (1 − share)·level + share·growth; where one is missing the other stands alone.

    >>> blend(np.array([80.0, 80.0]), np.array([60.0, np.nan]), 0.25)
    array([75., 80.])
    """
    # A share of nothing counts nothing, also of an infinite score.
    parts = ((1.0 - growth_share, level), (growth_share, change))
    mixed: Floats = np.sum([share * score for share, score in parts if share > 0], axis=0)
    return np.where(np.isnan(change), level, np.where(np.isnan(level), change, mixed))


def average_growth(
    value: Floats, base: Floats, years: float, *, zero: Policy = Policy.SKIP
) -> Floats:
    """Compound growth per year in percent; missing (or refused) unless both ends are above zero.

    Raises StepError when `years` is not above zero, or an end is not and the policy says error.

    >>> average_growth(np.array([121.0, 3.0]), np.array([100.0, 0.0]), 2).round(6)
    array([10., nan])
    """
    if not years > 0:
        raise StepError(f"growth over {years:g} years is not defined")
    with np.errstate(invalid="ignore"):
        bad = (value <= 0) | (base <= 0)
    if bad.any() and zero is Policy.ERROR:
        raise StepError("compound growth needs both ends above zero", code="growth_base")
    good = ~bad & ~np.isnan(value) & ~np.isnan(base)
    rate = np.full(value.shape, np.nan)
    rate[good] = 100.0 * ((value[good] / base[good]) ** (1.0 / years) - 1.0)
    return rate
