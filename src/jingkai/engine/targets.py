"""Typed targets: nine kinds, one way to judge them.

Every gap is signed so that negative is bad, whatever the direction. The law behind it: turn the
sign of the series and the direction round (a floor becomes a cap) and verdict and gap stay.

The wording of a document (力争, 左右, 以上 …) never changes arithmetic here. It selects a row of
a tolerance table, which is dated reference data handed in by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from .consistency import (
    Inconsistency,
    InconsistencyKind,
    Statement,
    StatementForm,
    Step,
    check_consistency,
)
from .errors import TargetError
from .growth import grown, implied_base, implied_growth
from .periods import Period
from .semantics import Direction

__all__ = [
    "EXACT",
    "Evidence",
    "Inconsistency",
    "InconsistencyKind",
    "Modality",
    "Outcome",
    "Reason",
    "Statement",
    "StatementForm",
    "Step",
    "TargetKind",
    "TargetSpec",
    "Tolerance",
    "Tolerances",
    "Verdict",
    "check_consistency",
    "check_target",
    "evaluate",
    "implied_base",
    "implied_growth",
    "required_level",
]


class TargetKind(StrEnum):
    """What a target promises. `value` of `TargetSpec` is read accordingly."""

    LEVEL = "level"
    """Reach `value`; the indicator's direction says from which side."""
    AVERAGE_GROWTH = "average_growth"
    """Grow by `value` % a year from the base to the horizon."""
    SHARE = "share"
    """Be `value` % of a whole (占全市比重)."""
    FLOOR = "floor"
    """Not below `value`."""
    CAP = "cap"
    """Not above `value`."""
    RELATIVE = "relative_to_benchmark"
    """Change from the base at least as well as a benchmark, by `value` points (none: 0) better.
    A series reported only as a change in % is judged with base 100 and actual 100 + change."""
    REDUCTION = "reduction"
    """Shrink by `value` % of the base."""
    INTENSITY_RATIO = "intensity_ratio"
    """A quotient of two indicators reaches `value`."""
    QUALITATIVE = "qualitative"
    """Judged by a person, not by a number."""


class Modality(StrEnum):
    """How binding the wording is."""

    PLAIN = "plain"
    STRIVE = "strive"
    ABOUT = "about"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a value may miss and still count as met."""

    percent: Decimal = Decimal(0)
    """Of the size of the required level."""
    strict: bool = False
    """Reaching the level exactly is not enough (超过)."""


Tolerances = Mapping[Modality, Tolerance]
"""A modality without a row is exact."""
EXACT: Final = Tolerance()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSpec:
    """One target as stated. Rates, shares and reductions are in percent."""

    kind: TargetKind
    direction: Direction
    horizon: Period
    value: Decimal | None = None
    unit: str = ""
    modality: Modality = Modality.PLAIN
    base_period: Period | None = None
    base_value: Decimal | None = None
    benchmark: str | None = None
    """Code of the whole (share) or of the series to compare with (relative)."""
    disputed: bool = False
    """Its meaning is an open conflict: it is not judged until somebody decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known at the horizon. None means not known, never zero."""

    actual: Decimal | None = None
    base: Decimal | None = None
    """Base value, where the target itself does not state it."""
    whole: Decimal | None = None
    """Share: the whole, in the unit of `actual`. Intensity: the denominator; `actual` is then the
    numerator. Without it, `actual` of an intensity is the quotient itself."""
    benchmark_change: Decimal | None = None
    """Change of the benchmark from the same base to the same horizon, in %."""
    judged: bool | None = None
    """Qualitative: what the competent person found."""


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_ASSESSABLE = "not_assessable"


class Reason(StrEnum):
    """Why the verdict is what it is; the web layer has a sentence for each."""

    REACHED = "reached"
    WITHIN_TOLERANCE = "within_tolerance"
    SHORT = "short"
    JUDGED = "judged"
    NO_VALUE = "no_value"
    NO_TARGET_VALUE = "no_target_value"
    NO_BASE = "no_base"
    NO_BENCHMARK = "no_benchmark"
    NO_WHOLE = "no_whole"
    NO_JUDGEMENT = "no_judgement"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict with its arithmetic. Gap and allowance are in the unit of `actual`."""

    verdict: Verdict
    reason: Reason
    gap: Decimal | None = None
    required: Decimal | None = None
    allowance: Decimal | None = None


def check_target(spec: TargetSpec) -> list[str]:
    """Codes of what makes the statement unusable; empty when it can be judged.

    >>> check_target(TargetSpec(kind=TargetKind.AVERAGE_GROWTH, direction=Direction.HIGHER,
    ...     value=Decimal(5), horizon=Period.of(2028)))
    ['base_period_missing']
    """
    kind, found = spec.kind, []
    needs_base = kind in (TargetKind.AVERAGE_GROWTH, TargetKind.REDUCTION, TargetKind.RELATIVE)
    if spec.value is None and kind not in (TargetKind.QUALITATIVE, TargetKind.RELATIVE):
        found.append("value_missing")
    if needs_base and spec.base_period is None:
        found.append("base_period_missing")
    if spec.base_period and spec.base_period.last_month >= spec.horizon.last_month:
        found.append("base_not_before_horizon")
    if kind in (TargetKind.SHARE, TargetKind.RELATIVE) and not spec.benchmark:
        found.append("benchmark_missing")
    if kind is TargetKind.RELATIVE and spec.direction is Direction.NONE:
        found.append("direction_missing")
    if kind is TargetKind.REDUCTION and _reduction_is_wrong_way(spec, spec.base_value):
        found.append("reduction_wrong_way")
    return found


def required_level(spec: TargetSpec, evidence: Evidence = Evidence()) -> Decimal:
    """The level needed at the horizon, in the unit of the indicator.

    An intensity without a known denominator needs the quotient; with one, the numerator.

    Raises
    ------
    TargetError
        Something it takes is not known, or a reduction points the wrong way; `code` is a
        `Reason` where one applies.

    >>> growth = TargetSpec(kind=TargetKind.AVERAGE_GROWTH, direction=Direction.HIGHER,
    ...     value=Decimal(10), base_period=Period.of(2025), horizon=Period.of(2027))
    >>> required_level(growth, Evidence(base=Decimal(100)))
    Decimal('121.00')
    """
    kind = spec.kind
    if kind is TargetKind.QUALITATIVE:
        raise _unknown(Reason.NO_JUDGEMENT, "a qualitative target has no level")
    if kind is TargetKind.RELATIVE:
        if evidence.benchmark_change is None:
            raise _unknown(Reason.NO_BENCHMARK, f"the change of {spec.benchmark} is not known")
        base, sign = _base(spec, evidence), spec.direction.sign
        better = evidence.benchmark_change + sign * (spec.value or Decimal(0))
        return base + abs(base) * better / 100
    if spec.value is None:
        raise _unknown(Reason.NO_TARGET_VALUE, f"the {kind} target states no value")
    match kind:
        case TargetKind.AVERAGE_GROWTH:
            if spec.base_period is None:
                raise _unknown(Reason.NO_BASE, "the growth target does not say from when")
            years = spec.base_period.years_until(spec.horizon)
            return grown(_base(spec, evidence), spec.value, years)
        case TargetKind.REDUCTION:
            base = _base(spec, evidence)
            if _reduction_is_wrong_way(spec, base):
                raise TargetError(
                    "a reduction is stated for an indicator that should grow",
                    code="reduction_wrong_way",
                )
            return base * (1 - spec.value / 100)
        case TargetKind.SHARE:
            if evidence.whole is None:
                raise _unknown(Reason.NO_WHOLE, f"the whole ({spec.benchmark}) is not known")
            return evidence.whole * spec.value / 100
        case TargetKind.INTENSITY_RATIO:
            return spec.value if evidence.whole is None else spec.value * evidence.whole
        case _:
            return spec.value


def evaluate(spec: TargetSpec, evidence: Evidence, tolerances: Tolerances | None = None) -> Outcome:
    """Judge a target by what is known.

    Parameters
    ----------
    tolerances
        Row per modality; None, or a missing row, means exact.

    Raises
    ------
    TargetError
        Only where the statement itself is wrong (a reduction that points the wrong way). What is
        merely unknown gives NOT_ASSESSABLE with its reason.

    >>> cap = TargetSpec(kind=TargetKind.CAP, direction=Direction.LOWER, value=Decimal(30),
    ...     horizon=Period.of(2028))
    >>> out = evaluate(cap, Evidence(actual=Decimal(33)))
    >>> str(out.verdict), out.gap
    ('not_met', Decimal('-3'))
    """
    if spec.disputed:
        return Outcome(Verdict.NOT_ASSESSABLE, Reason.DISPUTED)
    if spec.kind is TargetKind.QUALITATIVE:
        if evidence.judged is None:
            return Outcome(Verdict.NOT_ASSESSABLE, Reason.NO_JUDGEMENT)
        return Outcome(Verdict.MET if evidence.judged else Verdict.NOT_MET, Reason.JUDGED)
    try:
        required = required_level(spec, evidence)
    except TargetError as error:
        if error.code not in set(Reason):
            raise
        return Outcome(Verdict.NOT_ASSESSABLE, Reason(error.code))
    if evidence.actual is None:
        return Outcome(Verdict.NOT_ASSESSABLE, Reason.NO_VALUE, required=required)
    row = (tolerances or {}).get(spec.modality, EXACT)
    gap = _gap(spec, evidence.actual, required)
    allowance = abs(required) * row.percent / 100
    if gap > 0 or (gap == 0 and not row.strict):
        verdict, reason = Verdict.MET, Reason.REACHED
    elif gap < 0 and gap >= -allowance:
        verdict, reason = Verdict.MET, Reason.WITHIN_TOLERANCE
    else:
        verdict, reason = Verdict.NOT_MET, Reason.SHORT
    return Outcome(verdict, reason, gap, required, allowance)


def _gap(spec: TargetSpec, actual: Decimal, required: Decimal) -> Decimal:
    direction = {
        TargetKind.FLOOR: Direction.HIGHER,
        TargetKind.CAP: Direction.LOWER,
    }.get(spec.kind, spec.direction)
    if direction is Direction.NONE:
        return -abs(actual - required)
    return direction.sign * (actual - required)


def _base(spec: TargetSpec, evidence: Evidence) -> Decimal:
    base = spec.base_value if spec.base_value is not None else evidence.base
    if base is None:
        raise _unknown(Reason.NO_BASE, f"the base value of {spec.base_period} is not known")
    return base


def _reduction_is_wrong_way(spec: TargetSpec, base: Decimal | None) -> bool:
    # On a positive base a reduction is good only where less is better; mirrored, the reverse.
    return base is not None and spec.direction.sign * base > 0


def _unknown(reason: Reason, message: str) -> TargetError:
    return TargetError(message, code=reason.value)
