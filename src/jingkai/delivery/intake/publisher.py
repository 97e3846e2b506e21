"""Who makes a pack of what was decided. Packs lie above: they register here when they are ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _

from jingkai.core.accounts.public import User
from jingkai.core.errors import Conflict

from .building import Files


@dataclass(frozen=True, slots=True)
class PackProblem:
    """What the pack's checks say: `file`, its line and the path of the field there."""

    file: str
    line: int
    field: str
    message: str
    remedy: str = ""
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Loaded:
    """What taking a pack over did. `kept` names local edits that were not overwritten."""

    version: str
    created: int
    updated: int
    unchanged: int
    kept: tuple[str, ...] = ()


class Publisher(Protocol):
    """Checks, loads and writes out packs."""

    def base(self, code: str) -> Files | None:
        """The files of the pack behind the policy document `code`; None when it has none."""

    def catalogue(self) -> Mapping[str, Mapping[str, Any]]:
        """Indicators of all packs by code, as the files have them; "unit" is the unit's record."""

    def check(self, files: Files) -> list[PackProblem]:
        """Every mistake the pack's own checks find, in file order."""

    def load(self, files: Files, *, actor: User, now: datetime) -> Loaded:
        """Bring the product up to the pack in the caller's transaction; local edits stay.

        Raises InvalidInput naming what the database refuses.
        """

    def archive(self, files: Files) -> bytes:
        """The pack as a zip of its folder."""


_publishers: list[Publisher] = []


def register_publisher(publisher: Publisher) -> None:
    """Say who publishes. Raises ValueError for a second one."""
    if _publishers:
        raise ValueError("a publisher is registered already")
    _publishers.append(publisher)


def publisher() -> Publisher:
    """The registered publisher. Raises Conflict when there is none."""
    if not _publishers:
        raise Conflict(_("Packs are not installed here: nothing can be taken over."))
    return _publishers[0]
