"""Roll-up over places and over time, by the declared rule.

Every result says how much of it was observed. A missing value is never zero: it blocks the
result, is left out and counted, or is replaced by an earlier value and named, as the policy says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .errors import AggregateError
from .periods import Frequency, Period
from .semantics import PlaceAggregation, TimeAggregation


class MissingPolicy(StrEnum):
    """What to do about missing values."""

    REFUSE = "refuse"
    """No result unless all are there."""
    OBSERVED_ONLY = "observed_only"
    """Roll up what is there; the reporting share says how much."""
    CARRY_FORWARD = "carry_forward"
    """Take the earlier value handed in for it, and name it (结转); refuse what is still missing."""


class NoResult(StrEnum):
    """Why there is no value."""

    NEVER = "never"
    INCOMPLETE = "incomplete"
    NOTHING_OBSERVED = "nothing_observed"
    ZERO_DENOMINATOR = "zero_denominator"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A rolled-up value with its coverage. Keys are zones, or period codes."""

    value: Decimal | None
    observed: int
    expected: int
    missing: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    reason: NoResult | None = None
    """Set exactly when there is no value."""

    @property
    def reporting_share(self) -> Decimal:
        """Observed ÷ expected, 0 to 1; carried values are not observed."""
        return Decimal(self.observed) / self.expected if self.expected else Decimal(0)


Pair = tuple[Decimal | None, Decimal | None]
"""Numerator and denominator of one zone or period."""


def over_places(
    values: Mapping[str, Decimal | None],
    rule: PlaceAggregation,
    *,
    missing: MissingPolicy,
    earlier: Mapping[str, Decimal] | None = None,
) -> Aggregate:
    """The city's value from its zones'. The mapping's keys are the zones expected.

    Weighted ratios have two inputs: use `ratio_over`.

    Raises
    ------
    AggregateError
        The rule is weighted_ratio.

    >>> a = over_places({"a": Decimal(3), "b": None}, PlaceAggregation.SUM,
    ...     missing=MissingPolicy.OBSERVED_ONLY)
    >>> a.value, a.observed, a.expected, a.missing
    (Decimal('3'), 1, 2, ('b',))
    """
    if rule is PlaceAggregation.WEIGHTED_RATIO:
        raise AggregateError("a weighted ratio takes its two parts: use ratio_over", code="parts")
    if rule is PlaceAggregation.NEVER:
        return _never(values)
    combine = _mean if rule is PlaceAggregation.MEAN else _sum
    return _roll(values, missing, earlier or {}, combine)


def over_time(
    values: Mapping[Period, Decimal | None],
    into: Period,
    rule: TimeAggregation,
    frequency: Frequency,
    *,
    missing: MissingPolicy,
    joint_january: bool = False,
) -> Aggregate:
    """The value of a longer period from its parts of `frequency`.

    LAST takes the last part: a running total, or a stock. OBSERVED_ONLY takes the latest part
    that is there, CARRY_FORWARD too, naming the last part as carried.

    Parameters
    ----------
    joint_january
        January is reported with February: it is not expected by itself.

    Raises
    ------
    AggregateError
        The rule is weighted_ratio (use `ratio_over`), or CARRY_FORWARD with sum or mean.
    PeriodError
        `into` is shorter than the frequency.

    >>> q = Period.parse
    >>> over_time({q("2026-Q1"): Decimal(4), q("2026-Q2"): Decimal(5)}, q("2026-S1"),
    ...     TimeAggregation.SUM, Frequency.QUARTER, missing=MissingPolicy.REFUSE).value
    Decimal('9')
    """
    if rule is TimeAggregation.WEIGHTED_RATIO:
        raise AggregateError("a weighted ratio takes its two parts: use ratio_over", code="parts")
    expected = [
        period
        for period in into.split(frequency)
        if not (joint_january and frequency is Frequency.MONTH and period.part == 1)
    ]
    found = {period.code: values.get(period) for period in expected}
    if rule is TimeAggregation.NEVER:
        return _never(found)
    if rule is TimeAggregation.LAST:
        return _last(found, missing)
    if missing is MissingPolicy.CARRY_FORWARD:
        raise AggregateError("an earlier flow does not stand for a later one", code="carry_flow")
    return _roll(found, missing, {}, _mean if rule is TimeAggregation.MEAN else _sum)


def ratio_over(
    parts: Mapping[str, Pair],
    *,
    missing: MissingPolicy,
    scale: Decimal = Decimal(1),
    earlier: Mapping[str, tuple[Decimal, Decimal]] | None = None,
) -> Aggregate:
    """Sum of numerators ÷ sum of denominators × scale, over zones or periods.

    A member counts only with both parts. `scale` is 100 for a percentage.

    >>> ratio_over({"a": (Decimal(1), Decimal(2)), "b": (Decimal(1), Decimal(8))},
    ...     missing=MissingPolicy.REFUSE, scale=Decimal(100)).value
    Decimal('20.0')
    """
    above = {key: top if below is not None else None for key, (top, below) in parts.items()}
    known = {key: below for key, (_, below) in parts.items() if below is not None}
    carried = earlier or {}
    denominators = known | {k: v[1] for k, v in carried.items() if above.get(k) is None}
    top = _roll(above, missing, {key: pair[0] for key, pair in carried.items()}, _sum)
    if top.value is None:
        return top
    used = [key for key in parts if key not in top.missing]
    bottom = _sum([denominators[key] for key in used])
    if bottom == 0:
        return _replace(top, None, NoResult.ZERO_DENOMINATOR)
    return _replace(top, top.value / bottom * scale, None)


def _roll(
    values: Mapping[str, Decimal | None],
    policy: MissingPolicy,
    earlier: Mapping[str, Decimal],
    combine: Callable[[Sequence[Decimal]], Decimal],
) -> Aggregate:
    known = {key: value for key, value in values.items() if value is not None}
    observed = len(known)
    carried: tuple[str, ...] = ()
    if policy is MissingPolicy.CARRY_FORWARD:
        filled = {key: earlier[key] for key in values if key not in known and key in earlier}
        known |= filled
        carried = tuple(sorted(filled))
    missing = tuple(sorted(set(values) - set(known)))
    reason = None
    if missing and policy is not MissingPolicy.OBSERVED_ONLY:
        reason = NoResult.INCOMPLETE
    elif not known:
        reason = NoResult.NOTHING_OBSERVED
    value = None if reason else combine(list(known.values()))
    return Aggregate(value, observed, len(values), missing, carried, reason)


def _last(values: Mapping[str, Decimal | None], policy: MissingPolicy) -> Aggregate:
    """Latest of the values in order; only the last one is expected."""
    *_, last = values
    if (value := values[last]) is not None:
        return Aggregate(value, 1, 1)
    before = [value for value in values.values() if value is not None]
    if policy is MissingPolicy.REFUSE:
        return Aggregate(None, 0, 1, (last,), reason=NoResult.INCOMPLETE)
    if not before:
        return Aggregate(None, 0, 1, (last,), reason=NoResult.NOTHING_OBSERVED)
    if policy is MissingPolicy.CARRY_FORWARD:
        return Aggregate(before[-1], 0, 1, (), (last,))
    return Aggregate(before[-1], 0, 1, (last,))


def _never(values: Mapping[str, Decimal | None]) -> Aggregate:
    missing = tuple(sorted(key for key, value in values.items() if value is None))
    return Aggregate(None, len(values) - len(missing), len(values), missing, reason=NoResult.NEVER)


def _replace(a: Aggregate, value: Decimal | None, reason: NoResult | None) -> Aggregate:
    return Aggregate(value, a.observed, a.expected, a.missing, a.carried, reason)


def _sum(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def _mean(values: Sequence[Decimal]) -> Decimal:
    return _sum(values) / len(values)
