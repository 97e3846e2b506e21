"""The one rounding rule.

Figures people see, and figures stored at a declared precision, are rounded half away from zero
(ROUND_HALF_UP, 四舍五入): what Excel's ROUND and every statistical bulletin do, so a clerk who
checks by hand gets the same last digit. It is also symmetric: round(-x) == -round(x), which the
mirror laws of the engine need. Between input and output nothing is rounded on purpose; `Decimal`
keeps 28 significant digits there (and its own half-even in the 29th, far below any precision
declared). A float never becomes a Decimal except through whole ticks, see `synthesis`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def quantum(places: int) -> Decimal:
    """The smallest step at `places` decimals.

    >>> quantum(2), quantum(0)
    (Decimal('0.01'), Decimal('1'))
    """
    return Decimal(1).scaleb(-places)


def round_to(value: Decimal, places: int) -> Decimal:
    """`value` at `places` decimals, halves away from zero.

    >>> round_to(Decimal("0.125"), 2), round_to(Decimal("-0.125"), 2)
    (Decimal('0.13'), Decimal('-0.13'))
    """
    return value.quantize(quantum(places), rounding=ROUND_HALF_UP)
