"""What a way in for rows is: its columns, and the service that takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import User

from .cells import SheetColumn, SheetData
from .imports import ImportResult


class RunImport(Protocol):
    def __call__(
        self, data: SheetData, *, actor: User, now: Any, dry_run: bool
    ) -> ImportResult: ...


@dataclass(frozen=True)
class Importer:
    """One way in: columns, the service that takes the rows, and where to go afterwards.

    `rows` gives the objects that fill the template, so that it can be corrected and sent back.
    """

    key: str
    title: StrOrPromise
    columns: tuple[SheetColumn, ...]
    run: RunImport
    back_url: str
    rows: Callable[[], Iterable[Any]]
