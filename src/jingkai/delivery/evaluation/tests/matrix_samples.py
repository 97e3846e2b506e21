"""Objects for the matrix of permissions, by topic."""

from __future__ import annotations

from typing import Any

from .matrix_samples_ledger import ledger_samples


def samples(world: Any) -> dict[str, dict[str, object]]:
    return ledger_samples(world)
