"""Global search: each room answers for its own objects, this page puts them together.

Three ways to hit: part of a name or code, all the bigrams of a Chinese phrase in any order, and
pinyin initials (`gyzjz` finds 工业增加值).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.db.models import Q
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User


@dataclass(frozen=True, slots=True)
class Hit:
    """One found object."""

    title: str
    url: str
    note: str = ""


Provider = Callable[[User, str, int], Iterable[Hit]]
_providers: dict[str, tuple[StrOrPromise, Provider]] = {}


def register_search(name: str, label: StrOrPromise, provider: Provider) -> None:
    """Add a room's answers. Raises ValueError when the name is taken."""
    if name in _providers:
        raise ValueError(f"search provider {name} is taken")
    _providers[name] = (label, provider)


def text_condition(query: str, fields: Iterable[str], initials: str | None = None) -> Q:
    """A condition that matches `query` in any of `fields`, or its letters in `initials`."""
    words = query.split()
    whole = Q()
    for field in fields:
        whole |= reduce(and_, (_word_condition(field, word) for word in words), Q())
    if initials and query.isascii() and query.replace(" ", "").isalnum():
        whole |= Q(**{f"{initials}__icontains": query.replace(" ", "")})
    return whole


def _word_condition(field: str, word: str) -> Q:
    exact = Q(**{f"{field}__icontains": word})
    if word.isascii() or len(word) < 3:
        return exact
    bigrams = (word[i : i + 2] for i in range(len(word) - 1))
    return exact | reduce(and_, (Q(**{f"{field}__icontains": pair}) for pair in bigrams))


def search(user: User, query: str, *, limit: int = 8) -> list[tuple[StrOrPromise, list[Hit]]]:
    """Hits by kind, only what `user` may see. One query per provider."""
    query = " ".join(query.split())[:60]
    if not query:
        return []
    found = []
    for label, provider in _providers.values():
        hits = list(provider(user, query, limit))
        if hits:
            found.append((label, hits))
    return found
