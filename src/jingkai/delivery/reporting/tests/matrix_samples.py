"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from .matrix_samples_corrections import correction_samples
from .matrix_samples_desk import desk_samples
from .matrix_samples_doors import door_samples
from .matrix_samples_grid import grid_samples
from .matrix_samples_rules import rule_samples


def samples(world: Any) -> dict[str, dict[str, object]]:
    return {
        **correction_samples(world),
        **desk_samples(world),
        **grid_samples(world),
        **door_samples(world),
        **rule_samples(),
    }
