"""What the left-hand navigation can hold. The house above fills it (settings.NAVIGATION)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Item:
    """One entry; `roles` empty means everybody who is signed in."""

    label: StrOrPromise
    url_name: str
    roles: frozenset[str] = frozenset()
    icon: str = ""
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wing:
    label: StrOrPromise
    items: tuple[Item, ...] = field(default_factory=tuple)


@lru_cache(maxsize=1)
def wings() -> tuple[Wing, ...]:
    loaded: tuple[Wing, ...] = import_string(settings.NAVIGATION)
    return loaded


def navigation_for(user: Any, path: str) -> list[dict[str, Any]]:
    """Wings and entries `user` may open, the current one marked (longest path wins)."""
    shown: list[dict[str, Any]] = []
    best: tuple[int, dict[str, Any] | None] = (0, None)
    for wing in wings():
        entries = []
        for item in wing.items:
            if item.roles and not user.has_role(*item.roles):
                continue
            url = reverse(item.url_name)
            entry = {"label": item.label, "url": url, "icon": item.icon, "current": False}
            for prefix in (url, *item.prefixes):
                if path.startswith(prefix) and len(prefix) > best[0]:
                    best = (len(prefix), entry)
            entries.append(entry)
        if entries:
            shown.append({"label": wing.label, "items": entries})
    if best[1] is not None:
        best[1]["current"] = True
    return shown
