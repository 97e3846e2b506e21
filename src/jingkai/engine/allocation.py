"""Sharing a city target out over its zones, exactly.

What the zones do not take stays visible as the gap the city has to coordinate (统筹缺口):
gap = city target − sum of the shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from .errors import AllocationError
from .growth import grown, implied_growth


class Method(StrEnum):
    """How a zone's part is found."""

    BASE_SHARE = "base_share"
    """In proportion to each zone's base; nothing is left over."""
    GROWTH = "growth"
    """The same rate for each zone, on its own base."""
    HAND = "hand"
    """As people set it."""


class ZeroWeights(StrEnum):
    """What to do when no weight is above zero."""

    REFUSE = "refuse"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class Allocation:
    """Parts by zone, and what is left. `gap` is positive when the zones take too little."""

    total: Decimal
    parts: Mapping[str, Decimal]
    unset: tuple[str, ...] = ()
    """Zones without a part: not set by hand, or without a base to grow from."""

    @property
    def allocated(self) -> Decimal:
        return sum(self.parts.values(), Decimal(0))

    @property
    def gap(self) -> Decimal:
        return self.total - self.allocated


def largest_remainder(
    total: Decimal,
    weights: Mapping[str, Decimal],
    *,
    step: Decimal = Decimal(1),
    zero_weights: ZeroWeights = ZeroWeights.REFUSE,
) -> dict[str, Decimal]:
    """Share `total` out in proportion to `weights`, in multiples of `step`, without a rest.

    Each part is its exact quota rounded down or up. Ties go to the larger weight, then to the key
    that sorts first, so the order of the mapping never matters. A negative total is shared like
    its size.

    Raises
    ------
    AllocationError
        No unit, a negative weight, all weights zero (unless EQUAL), a step that is not positive,
        or a total that is not a multiple of it.

    References
    ----------
    Hamilton's method (largest remainders); Balinski & Young (2001), Fair Representation.

    >>> {k: str(v) for k, v in largest_remainder(
    ...     Decimal(10), {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)}).items()}
    {'a': '4', 'b': '3', 'c': '3'}
    """
    ticks = _ticks(total, step)
    claims = {key: Fraction(weight) for key, weight in _checked(weights).items()}
    if not any(claims.values()):
        if zero_weights is ZeroWeights.REFUSE:
            raise AllocationError("all weights are zero: nothing says who takes what", code="zero")
        claims = dict.fromkeys(weights, Fraction(1))
    whole = sum(claims.values())
    # Fractions: a quota rounded in its last digit could fall on the wrong side of a tie.
    quotas = {key: abs(ticks) * claim / whole for key, claim in claims.items()}
    parts = {key: floor(quota) for key, quota in quotas.items()}
    by_claim = sorted(claims, key=lambda key: (parts[key] - quotas[key], -claims[key], key))
    for key in by_claim[: abs(ticks) - sum(parts.values())]:
        parts[key] += 1
    sign = -1 if ticks < 0 else 1
    return {key: sign * count * step for key, count in parts.items()}


def allocate_by_base(
    total: Decimal,
    bases: Mapping[str, Decimal | None],
    *,
    step: Decimal = Decimal(1),
    zero_weights: ZeroWeights = ZeroWeights.REFUSE,
) -> Allocation:
    """Every zone takes the share of the target that it has of the base; the gap is zero.

    Raises
    ------
    AllocationError
        A base is missing or negative (a zone with a negative base has no share: set it by hand),
        or see `largest_remainder`.
    """
    if missing := sorted(key for key, base in bases.items() if base is None):
        raise AllocationError(
            f"no base for {', '.join(missing)}: enter it, or allocate by hand",
            code="base_missing",
            zones=missing,
        )
    known = {key: base for key, base in bases.items() if base is not None}
    return Allocation(total, largest_remainder(total, known, step=step, zero_weights=zero_weights))


def allocate_by_growth(
    total: Decimal,
    bases: Mapping[str, Decimal | None],
    *,
    years: Decimal | int,
    city_base: Decimal | None = None,
    rate: Decimal | None = None,
    step: Decimal = Decimal(1),
) -> Allocation:
    """Every zone grows its own base at one rate; each part is rounded to `step`.

    The rate is given, or it is the one that leads from `city_base` to the target. Zones without a
    base are listed as unset; their part of the target stays in the gap.

    Raises
    ------
    AllocationError
        Neither rate nor city base; a step that is not positive.
    GrowthError
        No rate leads from the city base to the target.

    >>> a = allocate_by_growth(Decimal(242), {"a": Decimal(100), "b": Decimal(60), "c": None},
    ...     years=2, city_base=Decimal(200))
    >>> {k: str(v) for k, v in a.parts.items()}, str(a.gap), a.unset
    ({'a': '121', 'b': '73'}, '48', ('c',))
    """
    _check_step(step)
    if rate is None:
        if city_base is None:
            raise AllocationError("growth takes a rate or the city's base", code="rate_missing")
        rate = implied_growth(city_base, total, years)
    parts = {
        key: _to_step(grown(base, rate, years), step)
        for key, base in bases.items()
        if base is not None
    }
    return Allocation(total, parts, tuple(sorted(set(bases) - set(parts))))


def allocate_by_hand(
    total: Decimal, parts: Mapping[str, Decimal | None], *, zones: Sequence[str] = ()
) -> Allocation:
    """Parts as people set them; zones of `zones` without one are unset, never zero.

    Raises
    ------
    AllocationError
        A part is set for a zone that is not in a given `zones`.
    """
    if zones and (strangers := sorted(set(parts) - set(zones))):
        raise AllocationError(
            f"not among the zones: {', '.join(strangers)}", code="zone_unknown", zones=strangers
        )
    known = {key: part for key, part in parts.items() if part is not None}
    return Allocation(total, known, tuple(sorted((set(zones) | set(parts)) - set(known))))


def _checked(weights: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    if not weights:
        raise AllocationError("there is nobody to share with", code="no_units")
    if negative := sorted(key for key, weight in weights.items() if weight < 0):
        raise AllocationError(
            f"negative weight of {', '.join(negative)}: set these by hand",
            code="weight_negative",
            zones=negative,
        )
    return weights


def _ticks(total: Decimal, step: Decimal) -> int:
    _check_step(step)
    ticks = total / step
    if ticks != ticks.to_integral_value():
        raise AllocationError(f"{total} is not a multiple of {step}", code="step_misfit")
    return int(ticks)


def _check_step(step: Decimal) -> None:
    if step <= 0:
        raise AllocationError(f"a step of {step} is not positive", code="step")


def _to_step(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
