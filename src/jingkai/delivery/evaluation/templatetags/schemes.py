"""Numbers of a scheme as people wrote them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext as _

from jingkai.core.ui.templatetags.jingkai import number

from ..comparing import LEDGER, Interval, Moved
from ..drafting import text_of

register = template.Library()


@register.filter
def plainly(value: Any) -> str:
    """A number without trailing zeros or exponent, "" for none.

    >>> plainly(Decimal("30.0000")), plainly(None)
    ('30', '')
    """
    return "" if value is None else text_of(Decimal(value)) or ""


@register.filter
def part_name(part: Moved) -> str:
    """What moves a zone from one scheme to another, in words."""
    if part.key == LEDGER:
        return _("Bonus, deduction")
    return part.name or _("base of the scale")


@register.filter
def interval_text(interval: Interval | None) -> str:
    """A rank interval: 2–5."""
    return "—" if interval is None else f"{number(interval[0], 0)}–{number(interval[1], 0)}"
