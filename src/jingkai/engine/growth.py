"""Average growth between two levels. Rates are percent per year, compounded.

value = base · (1 + rate/100) ^ years.
"""

from __future__ import annotations

from decimal import Decimal

from .errors import GrowthError


def grown(base: Decimal, rate: Decimal, years: Decimal | int) -> Decimal:
    """Level reached from `base` after `years` (may be fractional, or negative: backwards).

    Raises
    ------
    GrowthError
        The rate is −100% or worse.

    >>> grown(Decimal(100), Decimal(10), 2)
    Decimal('121.00')
    """
    return base * _factor(rate) ** Decimal(years)


def implied_base(value: Decimal, rate: Decimal, years: Decimal | int) -> Decimal:
    """Level `years` earlier that leads to `value` at `rate`.

    Raises
    ------
    GrowthError
        The rate is −100% or worse.

    >>> implied_base(Decimal(2200), Decimal("4.9"), 3).quantize(Decimal(1))
    Decimal('1906')
    """
    return value / _factor(rate) ** Decimal(years)


def implied_growth(base: Decimal, value: Decimal, years: Decimal | int) -> Decimal:
    """Average rate that leads from `base` to `value` in `years`.

    Two negative levels grow by the ratio of their sizes: the rate does not change when both
    change their sign.

    Raises
    ------
    GrowthError
        No time passes, a level is zero, or the two have different signs.

    >>> implied_growth(Decimal(760), Decimal(870), 2).quantize(Decimal("0.01"))
    Decimal('6.99')
    """
    years = Decimal(years)
    if years <= 0:
        raise GrowthError(f"growth over {years} years is not defined", code="growth_no_time")
    if base == 0 or value == 0 or (base > 0) != (value > 0):
        raise GrowthError(
            f"no rate leads from {base} to {value}: both must be positive, or both negative",
            code="growth_sign",
            base=base,
            value=value,
        )
    return ((value / base) ** (1 / years) - 1) * 100


def change_percent(base: Decimal, value: Decimal) -> Decimal:
    """Change against `base`, in percent of its size: positive means more, also below zero.

    Raises
    ------
    GrowthError
        The base is zero.

    >>> change_percent(Decimal(-20), Decimal(-15))
    Decimal('25.00')
    """
    if base == 0:
        raise GrowthError("change against a base of zero is not defined", code="growth_base_zero")
    return (value - base) / abs(base) * 100


def _factor(rate: Decimal) -> Decimal:
    if rate <= -100:
        raise GrowthError(f"a rate of {rate}% per year leaves nothing", code="growth_rate")
    return 1 + rate / 100
