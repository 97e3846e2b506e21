"""Template tags that keep figures, lights and charts the same everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from jingkai.core.ui.names import local_name

register = template.Library()

# Such as `effective_from` or `items.0.verifier`; cells of a sheet are written B7.
_PROGRAM_NAME = re.compile(r"[a-z_][a-z0-9_.\[\]-]*")

MINUS = "\u2212"
LIGHTS = {"green": "●", "yellow": "▲", "red": "■", "grey": "○"}


_LIGHT_WORDS = {
    "green": gettext_noop("on path"),
    "yellow": gettext_noop("behind"),
    "red": gettext_noop("far behind"),
    "grey": gettext_noop("not judged"),
}


def light_word(light: str) -> str:
    """The word for a light in the current language."""
    return _(_LIGHT_WORDS[light]) if light in _LIGHT_WORDS else light


@register.filter
def number(value: Any, decimals: int | str = 1) -> str:
    """Group digits, fix decimals, a true minus; a dash for nothing.

    >>> number(Decimal("-1234.56"), 1)
    '−1,234.6'
    """
    if value is None or value == "":
        return "—"
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = f"{amount:,.{int(decimals)}f}"
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    return text.replace("-", MINUS)


@register.filter
def signed(value: Any, decimals: int | str = 1) -> str:
    """Like `number`, with a plus before what is above zero."""
    text = number(value, decimals)
    return (
        f"+{text}"
        if text not in {"—"} and not text.startswith(MINUS) and text.strip("0.,")
        else text
    )


register.filter("localname", local_name)


@register.filter
def place(field: str) -> str:
    """Where something is wrong, for people; nothing for a name only programs know.

    >>> place("季报!B7"), place("items.0.verifier")
    ('季报!B7', '')
    """
    return "" if _PROGRAM_NAME.fullmatch(field) else field


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]` or None."""
    return mapping.get(key) if mapping is not None else None


@register.simple_tag
def light(value: str, *, word: bool = False, title: str = "") -> SafeString:
    """A light: shape and colour and, for screen readers, its word."""
    value = value or "grey"
    text = light_word(value)
    return format_html(
        '<span class="light light-{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="{}">{}</span></span>',
        value,
        title or text,
        LIGHTS.get(value, "○"),
        "light-word" if word else "visually-hidden",
        text,
    )


@register.simple_tag
def sparkline(
    actual: Sequence[Any], planned: Sequence[Any] = (), light: str = "grey", label: str = ""
) -> SafeString:
    """A small line of `actual` against dashed `planned`; None leaves a gap. Drawn on the server."""
    numbers = [float(v) for v in (*actual, *planned) if v is not None]
    if len(numbers) < 2:
        return mark_safe('<span class="text-secondary">—</span>')
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    count = max(len(actual), len(planned))
    width, height = 104.0, 26.0

    def path(values: Sequence[Any]) -> str:
        commands, pen = [], "M"
        for index, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            x = 2 + index * (width - 4) / max(count - 1, 1)
            y = height - 3 - (float(value) - low) / span * (height - 6)
            commands.append(f"{pen}{x:.1f} {y:.1f}")
            pen = "L"
        return " ".join(commands)

    return format_html(
        '<svg class="sparkline light-{}" viewBox="0 0 104 26" width="104" height="26" role="img" '
        'aria-label="{}"><path class="plan" d="{}"/><path class="line" d="{}"/></svg>',
        light or "grey",
        label or _("trend"),
        path(planned),
        path(actual),
    )


@register.simple_tag
def chart(
    identifier: str, option: dict[str, Any], height: int = 320, label: str = ""
) -> SafeString:
    """A chart mount point with its data beside it; charts.js draws it. Put its table next to it."""
    data = json.dumps(option, cls=DjangoJSONEncoder, ensure_ascii=False)
    safe = data.translate({ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"})
    return format_html(
        '<div class="chart chart-{}" data-chart="{}-data" role="img" aria-label="{}"></div>'
        '<script id="{}-data" type="application/json">{}</script>',
        height,
        identifier,
        label,
        identifier,
        mark_safe(safe),
    )


@register.simple_tag
def chip(text: Any, tone: str = "") -> SafeString:
    """A small label: tone is one of "", accent, good, warn, bad, muted."""
    return format_html('<span class="chip {}">{}</span>', f"chip-{tone}" if tone else "", text)


@register.simple_tag(takes_context=True)
def query_with(context: dict[str, Any], **changes: Any) -> str:
    """The current query string with some parameters changed; None removes one."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag
def stacked_bar(parts: Sequence[tuple[int, str]], label: str = "") -> SafeString:
    """A bar of counts by light: [(7, "green"), (2, "yellow")]. Widths are SVG, not style."""
    total = sum(count for count, _light in parts) or 1
    shapes, x = [], 0.0
    for count, tone in parts:
        if count:
            width = 100 * count / total
            shapes.append((x, width, tone, x + width / 2, count))
            x += width
    return format_html(
        '<svg class="stacked-bar" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>',
        label,
        format_html_join(
            "",
            '<rect x="{}" y="0" width="{}" height="14" class="bar-{}"><title>{}</title></rect>',
            ((f"{a:.2f}", f"{b:.2f}", c, f"{light_word(c)} {e}") for a, b, c, _d, e in shapes),
        ),
    )
