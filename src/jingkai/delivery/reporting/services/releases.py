"""Remembering which verified cell became which value event. Called by verification."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import Cell, CellRelease, Signature


def remember_releases(
    pairs: Iterable[tuple[Cell, int]], *, signature: Signature | None = None
) -> None:
    """Keep (cell, id of its value event) under the verifying signature. 1 query.

    Called in the transaction that records the figures and sets `Cell.event`; without it a figure
    that was verified again later loses the way back to its return. A repeat adds nothing.
    """
    CellRelease.objects.bulk_create(
        [
            CellRelease(
                cell=cell, event_id=event_id, signature=signature, cell_revision=cell.revision
            )
            for cell, event_id in pairs
        ],
        ignore_conflicts=True,
    )
