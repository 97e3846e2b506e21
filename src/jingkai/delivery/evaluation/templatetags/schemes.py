"""Numbers of a scheme as people wrote them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

from ..drafting import text_of

register = template.Library()


@register.filter
def plainly(value: Any) -> str:
    """A number without trailing zeros or exponent, "" for none.

    >>> plainly(Decimal("30.0000")), plainly(None)
    ('30', '')
    """
    return "" if value is None else text_of(Decimal(value)) or ""
