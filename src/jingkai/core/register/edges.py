"""Edges of the graph on every card: rooms above say what they know about an object below them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User


@dataclass(frozen=True, slots=True)
class Edge:
    """One link: what it leads to, and a word on how."""

    label: str
    url: str
    note: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class EdgeGroup:
    """Links of one kind."""

    title: StrOrPromise
    edges: tuple[Edge, ...] = field(default_factory=tuple)


Provider = Callable[[User, Any], Iterable[EdgeGroup]]
_providers: dict[str, list[Provider]] = {}


def provide_edges(label: str, provider: Provider) -> None:
    """Show what `provider(user, obj)` returns on the card of each `label` (`app.model`) object.

    Called from AppConfig.ready of the room that knows the links; twice is once.
    """
    known = _providers.setdefault(label.lower(), [])
    if provider not in known:
        known.append(provider)


def edges_of(user: User, obj: Model) -> list[EdgeGroup]:
    """All links of `obj` that `user` may follow, group by group; empty groups are left out."""
    groups = [
        group
        for provider in _providers.get(obj._meta.label_lower, [])
        for group in provider(user, obj)
    ]
    return [group for group in groups if group.edges]
