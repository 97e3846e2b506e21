"""The arithmetic of a finding for people: what is computed, with the numbers put in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_SUMS: Final[Mapping[str, tuple[StrOrPromise, str, str]]] = {
    "stated": (_("as stated"), "", ""),
    "implied_base": (_("level without its growth"), "{level} ÷ (1 + {rate}%)^{years}", ""),
    "reading": (
        _("level, were the rate counted from the earlier one"),
        "{level} × (1 + {rate}%)^{years}",
        "",
    ),
    "implied_part": (_("part from whole and share"), "{other} × {share}%", ""),
    "difference_percent": (_("the two are apart by"), "{first} – {second}", "%"),
    "rate_between": (_("yearly growth between two levels"), "({to} ÷ {from})^(1/{years}) − 1", "%"),
    "total_from_share": (_("whole from part and share"), "{level} ÷ {share}%", ""),
    "denominator_from_ratio": (
        _("denominator from numerator and ratio"),
        "{numerator} ÷ {ratio}",
        "",
    ),
}
"""Operation of the engine → words, the numbers put in, unit of the result."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One step: `expression` is empty where a number is only stated."""

    words: StrOrPromise
    expression: str
    result: str


def short(number: object) -> str:
    """A number as people write it: two decimals at most, none that say nothing.

    >>> short("310.981535"), short("360.000000"), short("0.0421")
    ('310.98', '360', '0.0421')
    """
    value = Decimal(str(number))
    if abs(value) >= 1:
        value = round(value, 2)
    return f"{value.normalize():f}"


def sum_of(step: Mapping[str, Any]) -> Sum:
    """One step of a finding; an operation that is not known here shows its name and numbers."""
    operation, numbers = str(step["operation"]), {k: short(v) for k, v in step["numbers"].items()}
    words, pattern, unit = _SUMS.get(operation, (operation, "", ""))
    if "ratio" in numbers and operation == "implied_part":
        pattern = "{other} × {ratio}"
    known = operation in _SUMS
    expression = pattern.format(**numbers) if known else "；".join(numbers.values())
    return Sum(words, expression, short(step["result"]) + unit)
