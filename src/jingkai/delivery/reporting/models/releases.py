"""Which value event came from which cell: the way back from a figure to the return it stood in."""

from __future__ import annotations

from django.db import models

from .approval import Signature
from .returns import Cell


class CellRelease(models.Model):
    """One verified cell became one value event, under one signature. Append-only.

    `Cell.event` names the latest release only; a cell that was returned, mended and verified again
    keeps its earlier ones here. `cell_revision` is the revision of the cell that was verified.
    """

    cell = models.ForeignKey(Cell, models.CASCADE, related_name="releases")
    event = models.ForeignKey("indicators.ValueEvent", models.PROTECT, related_name="+")
    signature = models.ForeignKey(
        Signature, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cell_revision = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "event"], name="reporting_release_once")
        ]

    def __str__(self) -> str:
        return f"r{self.cell_revision}"
