"""What the global search finds among bodies and zones."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import Hit, local_name, register_search, text_condition

from . import queries

_FIELDS = ("name", "name_en", "code")


def bodies(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Bodies by name, alias, code or pinyin initials. 1 query."""
    condition = text_condition(query, (*_FIELDS, "aliases__name"), "initials")
    for row in queries.visible_bodies(user).filter(condition).distinct()[:limit]:
        url = reverse("organisations:body", args=[row.code])
        yield Hit(local_name(row), url, str(row.get_kind_display()))


def zones(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Zones by name, code or pinyin initials. 2 queries."""
    condition = text_condition(query, (*_FIELDS, "short_name"), "initials")
    for row in queries.visible_zones(user).filter(condition)[:limit]:
        url = reverse("organisations:zone", args=[row.code])
        yield Hit(local_name(row), url, str(row.get_level_display()))


def register() -> None:
    """Called once, when the house is put together."""
    register_search("bodies", _("Bodies"), bodies)
    register_search("zones", _("Zones"), zones)
