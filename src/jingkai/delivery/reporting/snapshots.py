"""What exactly is signed: the figures of some cells, word for word, and their digest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from jingkai.core.audit.public import digest_of

from .models import Cell

ALGORITHM: Final = "SM3"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Figures as they stand, ready to be signed."""

    rows: list[dict[str, Any]]
    digest: str


def snapshot_of(cells: Iterable[Cell]) -> Snapshot:
    """The figures of `cells`, ordered by cell, and the SM3 digest of their canonical JSON.

    Canonical: keys sorted, no blanks, decimals as shortest plain text, UTF-8.
    """
    rows = [
        {
            "cell": cell.pk,
            "indicator": cell.indicator.code,
            "scope": cell.scope,
            "part": cell.part,
            "value": None if cell.value is None else f"{cell.value.normalize():f}",
            "absence": cell.absence,
            "note": cell.note,
            "revision": cell.revision,
        }
        for cell in sorted(cells, key=lambda cell: cell.pk)
    ]
    return Snapshot(rows, digest_of(canonical(rows), ALGORITHM))


def canonical(rows: list[dict[str, Any]]) -> bytes:
    """The bytes a digest is taken of."""
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
