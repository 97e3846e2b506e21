"""Small drawings of results, made on the server: widths are SVG, never style."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jingkai.core.ui.templatetags.jingkai import number

from ..models import RunState

register = template.Library()


@register.simple_tag
def whisker(low: Any, rank: Any, high: Any, field: int) -> SafeString:
    """A rank with its 5–95 % interval over a field of so many places, best on the left."""
    if low is None or high is None or rank is None or field < 2:
        return mark_safe('<span class="muted">—</span>')

    def x(place: Any) -> str:
        return f"{4 + (float(place) - 1) / (field - 1) * 112:.1f}"

    label = _("rank %(rank)s, between %(low)s and %(high)s in 90 %% of the replications") % {
        "rank": rank,
        "low": number(low, 0),
        "high": number(high, 0),
    }
    label = escape(label)
    left, right = x(low), x(high)
    return mark_safe(
        '<svg class="whisker" viewBox="0 0 120 16" width="120" height="16" role="img" '
        f'aria-label="{label}"><title>{label}</title>'
        '<line class="axis" x1="4" y1="8" x2="116" y2="8"/>'
        f'<line class="range" x1="{left}" y1="8" x2="{right}" y2="8"/>'
        f'<line class="cap" x1="{left}" y1="4" x2="{left}" y2="12"/>'
        f'<line class="cap" x1="{right}" y1="4" x2="{right}" y2="12"/>'
        f'<circle cx="{x(rank)}" cy="8" r="3.6"/></svg>'
    )


@register.simple_tag
def points_bar(classes: Sequence[Any]) -> SafeString:
    """Points by class as one stacked bar over 100 points; each part tells its class."""
    # Hundreds on a page: numbers need no escaping, so only the names get it.
    shapes, x = [], 0.0
    for place, part in enumerate(classes):
        got = float(part.points or 0)
        if got > 0:
            title = f"{escape(part.label)} {number(part.points, 2)} / {part.most}"
            shapes.append(
                f'<rect class="tone-{place % 6}" x="{x:.2f}" y="0" width="{got:.2f}" height="14">'
                f"<title>{title}</title></rect>"
            )
            x += got
    return mark_safe(
        '<svg class="points-bar" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(_("points by class"))}">{"".join(shapes)}</svg>'
    )


@register.simple_tag
def share_bar(share: Any, tone: str = "blue") -> SafeString:
    """A share in per cent as a thin bar."""
    width = min(max(float(share or 0), 0.0), 100.0)
    return format_html(
        '<svg class="progress-thin" viewBox="0 0 100 6" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="track" x="0" y="0" width="100" height="6"/>'
        '<rect class="bar-{}" x="0" y="0" width="{}" height="6"/></svg>',
        tone,
        f"{width:.2f}",
    )


@register.filter
def plain(value: Any, most: int = 4) -> str:
    """A figure with the decimals it has, at most `most`; digits grouped."""
    if value is None:
        return "—"
    amount = Decimal(str(value))
    rounded = round(amount, int(most)).normalize()
    exponent = rounded.as_tuple().exponent
    return number(rounded, max(0, -exponent) if isinstance(exponent, int) else 0)


@register.filter
def percent(value: Any, decimals: int = 0) -> str:
    """A share from 0 to 1 in per cent."""
    return "—" if value is None else f"{number(100 * Decimal(str(value)), decimals)} %"


@register.filter
def indent(depth: int) -> SafeString:
    """Blanks in front of a node of a tree."""
    return mark_safe('<span class="indent" aria-hidden="true"></span>' * depth)


@register.filter
def run_state(state: str) -> str:
    """A state of a run in words."""
    return str(dict(RunState.choices).get(state, state))
