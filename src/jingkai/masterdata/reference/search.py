"""What the global search finds among reference tables."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import Hit, local_name, register_search, text_condition

from . import queries


def tables(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Reference tables by title or code. 1 query."""
    condition = text_condition(query, ("title", "title_en", "code"))
    for row in queries.visible_tables(user).filter(condition)[:limit]:
        yield Hit(local_name(row, "title"), reverse("reference:table", args=[row.code]), row.code)


def register() -> None:
    """Called once, when the house is put together."""
    register_search("reference-tables", _("Reference tables"), tables)
