"""The pages of the room beside each other, so that each is one step from any other."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import CITY_WIDE, DEPARTMENT, Role

from ..rules import SIGNERS

register = template.Library()
_ASKING: Final = frozenset({*CITY_WIDE, *DEPARTMENT})
_TABS: Final[tuple[tuple[str, StrOrPromise, frozenset[Role]], ...]] = (
    ("overview", _("Returns"), frozenset()),
    ("verify-index", pgettext_lazy("page", "To verify"), _ASKING),
    ("corrections", _("Correction slips"), frozenset()),
    ("unlocks", _("Unlocks"), frozenset()),
    ("league", _("Quality of reporting"), frozenset()),
    ("burden", _("Burden of reporting"), frozenset()),
    ("delegations", _("Deputies"), SIGNERS | {Role.OFFICE}),
    ("forms", _("Forms"), frozenset()),
    ("rules", _("Validation rules"), frozenset()),
    ("exchange", _("Data exchange (SDMX)"), frozenset()),
)
"""Page, its name, and whom it concerns; nobody named: every official."""


@register.inclusion_tag("reporting/_tabs.html", takes_context=True)
def room_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """Tabs of the room for the reader, the present page marked (longest address wins)."""
    request = context["request"]
    tabs = [
        {"url": reverse(f"reporting:{name}"), "label": label}
        for name, label, roles in _TABS
        if not roles or request.user.has_role(*roles)
    ]
    fits = [tab["url"] for tab in tabs if request.path.startswith(str(tab["url"]))]
    return {"tabs": tabs, "current": max(fits, key=lambda url: len(str(url)), default="")}
