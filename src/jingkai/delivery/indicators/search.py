"""Indicators in the global search."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from jingkai.core.accounts.public import User
from jingkai.core.ui.public import Hit, local_name

from .queries.changes import search_indicators


def hits(user: User, query: str, limit: int) -> Iterator[Hit]:
    """Indicators by name, code or pinyin initials, with the body that answers for them."""
    for indicator in search_indicators(user=user, text=query, limit=limit):
        yield Hit(
            local_name(indicator),
            reverse("indicators:detail", args=[indicator.code]),
            local_name(indicator.responsible) if indicator.responsible else indicator.code,
        )
