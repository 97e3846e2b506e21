"""Bonus, deduction and veto (加分、扣分、一票否决): what changes a score after it was computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Floats
from .errors import StepError
from .method import Adjust
from .table import Table


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """Score after adjustment and each part of it; shapes (..., units).

    score = before + bonus − deduction + lifted + vetoed exactly, wherever there is a score.
    """

    score: Floats
    before: Floats
    bonus: Floats
    deduction: Floats
    lifted: Floats
    """What the floor gave back of the deduction."""
    vetoed: Floats
    """Change by veto: zero or negative."""
    is_vetoed: Bools


def adjust(score: Floats, table: Table, spec: Adjust) -> Adjusted:
    """Apply bonus, deduction, floor, veto, in this order.

    A missing bonus or deduction is none; a missing veto is no veto. Caps limit the sums. A veto
    sets the score to zero, limits it to `veto_cap`, or takes the unit out of the ranking.

    Parameters
    ----------
    score : shape (..., units)
        NaN = no score; it stays so.

    Raises
    ------
    TableError
        A column is not in the data.
    StepError
        A bonus or deduction is negative: its sign is its column. Names the unit.

    >>> table = Table(("a", "b"), {"plus": np.array([3.0, 9.0])}, {})
    >>> adjust(np.array([90.0, 90.0]), table, Adjust(bonus="plus", bonus_cap=5.0)).score
    array([93., 95.])
    """
    bonus = _points(table, spec.bonus, spec.bonus_cap)
    deduction = _points(table, spec.deduction, spec.deduction_cap)
    raised = score + bonus - deduction
    lifted = np.zeros_like(raised)
    if spec.floor is not None:
        # The floor stops deductions; it does not lift a score that was below it anyway.
        least = np.minimum(spec.floor, score + bonus)
        lifted = np.maximum(least - raised, 0.0)
    total = raised + lifted
    is_vetoed = np.zeros(len(table.units), dtype=bool)
    vetoed = np.zeros_like(raised)
    if spec.veto:
        is_vetoed = np.array([_is_mark(mark) for mark in table.group(spec.veto)])
        after = {
            "zero": np.zeros_like(raised),
            "cap": np.minimum(total, spec.veto_cap),
            "exclude": np.full_like(raised, np.nan),
        }[spec.veto_effect]
        vetoed = np.where(is_vetoed, after - total, 0.0)
        total = np.where(is_vetoed & ~np.isnan(score), after, total)
    return Adjusted(total, score, bonus, deduction, lifted, vetoed, is_vetoed)


def _is_mark(text: str) -> bool:
    """Whether a cell says anything but nothing or nought, however nought is written.

    >>> [_is_mark(text) for text in ("", "0", "0.0", "1", "yes")]
    [False, False, False, True, True]
    """
    try:
        return float(text) != 0
    except ValueError:
        return bool(text.strip())


def _points(table: Table, column: str, cap: float | None) -> Floats:
    if not column:
        return np.zeros(len(table.units))
    points = np.nan_to_num(table.column(column), nan=0.0)
    if (points < 0).any():
        unit = table.units[int(np.argmax(points < 0))]
        raise StepError(
            f"column “{column}” is {points.min():g} for “{unit}”: write points without sign",
            code="points", unit=unit, column=column,
        )  # fmt: skip
    return points if cap is None else np.minimum(points, cap)
