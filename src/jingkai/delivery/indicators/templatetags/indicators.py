"""How this room's pages put targets, places and plain numbers into words."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from jingkai.core.ui.templatetags.jingkai import chip, number

from .. import labels
from ..models import Indicator, Origin, Release, Target
from ..queries.lineage import LineageNode

register = template.Library()


@register.simple_tag
def figure_link(event: int, value: Decimal | None, decimals: int) -> SafeString:
    """A figure that opens the drawer saying where it comes from."""
    address = reverse("indicators:lineage", args=[event])
    return format_html(
        '<a class="figure-link" href="{}" hx-get="{}" hx-target="#drawer" title="{}">{}</a>',
        address,
        address,
        _("Where this figure comes from"),
        number(value, decimals),
    )


_RELEASES = {
    Release.FINAL: (gettext_noop("final"), "good"),
    Release.REVISED: (gettext_noop("revised"), "accent"),
    Release.FLASH: (gettext_noop("flash"), ""),
}


@register.simple_tag
def release_chip(release: str) -> SafeString:
    """How firm a figure is."""
    word, tone = _RELEASES[Release(release)]
    return chip(_(word), tone)


@register.filter
def target_text(target: Target) -> str:
    """What the target asks, in one short piece."""
    return labels.target_text(target)


@register.filter
def trimmed(value: Decimal | None) -> str:
    """Grouped, with the decimals it has and no more."""
    return labels.trimmed(value)


@register.filter
def place(target: Target) -> str:
    """Where the document says it."""
    return labels.place_text(target.place)


@register.filter
def price_basis(indicator: Indicator) -> str:
    """Prices its money is in."""
    words = {"current": _("current prices"), "constant": _("constant prices")}
    return words.get(indicator.price_basis, indicator.price_basis)


@register.filter
def formula(node: LineageNode) -> str:
    """How a computed figure follows from its parts, in words."""
    words = {
        "sum": _("%(scope)s = sum of its parts"),
        "mean": _("%(scope)s = mean of its parts"),
        "ratio": _("%(scope)s = numerator ÷ denominator"),
        "weighted_ratio": _("%(scope)s = sum of numerators ÷ sum of denominators"),
    }
    text = words.get(node.formula)
    return text % {"scope": node.scope_name} if text else node.scope_name


@register.filter
def origin_word(node: LineageNode) -> str:
    """How the figure came here."""
    return str(Origin(node.origin).label)


@register.filter
def kind_word(kind: str) -> str:
    """What kind of target it is."""
    words = {
        "level": _("level target"),
        "average_growth": _("growth target"),
        "share": _("share target"),
        "floor": _("lower limit"),
        "cap": _("upper limit"),
        "relative_to_benchmark": _("against a benchmark"),
        "reduction": _("reduction target"),
        "intensity_ratio": _("intensity target"),
        "qualitative": _("target in words"),
    }
    return words.get(kind, kind)
