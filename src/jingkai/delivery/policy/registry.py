"""What rooms above hang onto the document: edges of the graph, and what follows a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from jingkai.core.accounts.public import User

from .models import Clause, Conflict, KeyTask

T = TypeVar("T")


class Registry(Generic[T]):
    """Named things in order of registration. A name is given once."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> None:
        """Add `item`. Raises ValueError when `name` is taken."""
        if name in self._items:
            raise ValueError(f"{self._what} “{name}” is registered already")
        self._items[name] = item

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._items.values()))

    @contextmanager
    def only(self, **items: T) -> Iterator[None]:
        """Hold exactly `items` inside the block, for tests."""
        kept, self._items = self._items, dict(items)
        try:
            yield
        finally:
            self._items = kept


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge from the document, or from a node of another edge, to something of a room above.

    `source` and `to` are node names: `clause_node`, `task_node`, `part_node`, or `<kind>:<key>` of
    the providing room. `label`, `url` and `light` (green, yellow, red, grey or "") describe `to`.
    """

    kind: str  # of `to`: target, indicator, obligation …
    source: str
    to: str
    label: str
    url: str = ""
    light: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a version of the document says, with what stands around it, word for word."""

    before: str
    text: str
    after: str
    document: str
    version: str
    place: str
    url: str = ""


EdgeProvider = Callable[[Sequence[int], Sequence[int]], Iterable[Edge]]
SENTENCE_KINDS: Final = ("clause", "task", "target")
SentenceSource = Callable[[User, str, str], Sequence[Sentence]]
ConflictHook = Callable[[Conflict, User, datetime], None]
RolesHook = Callable[[Clause | KeyTask, User | None, datetime], None]

edge_providers: Final = Registry[EdgeProvider]("edge provider")
conflict_hooks: Final = Registry[ConflictHook]("conflict hook")
roles_hooks: Final = Registry[RolesHook]("roles hook")
sentence_sources: Final = Registry[SentenceSource]("sentence source")


def clause_node(clause_id: int) -> str:
    return f"clause:{clause_id}"


def task_node(task_id: int) -> str:
    return f"task:{task_id}"


def part_node(code: str) -> str:
    return f"part:{code}"


def edges_by_source(clause_ids: Sequence[int], task_ids: Sequence[int]) -> dict[str, list[Edge]]:
    """Edges of all providers by the node they leave. Cost: that of the providers."""
    found: defaultdict[str, list[Edge]] = defaultdict(list)
    for provide in edge_providers:
        for edge in provide(clause_ids, task_ids):
            if edge not in found[edge.source]:
                found[edge.source].append(edge)
    return dict(found)


def roles_changed(thing: Clause | KeyTask, actor: User | None, now: datetime) -> None:
    """Tell rooms above that who leads and assists `thing` is another now, also by a pack."""
    for hook in roles_hooks:
        hook(thing, actor, now)


def sentences_about(user: User, kind: str, code: str) -> list[Sentence]:
    """What the documents say about the record `code` of `kind`, newest version first."""
    return [sentence for source in sentence_sources for sentence in source(user, kind, code)]
