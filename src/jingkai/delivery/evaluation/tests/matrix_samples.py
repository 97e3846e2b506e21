"""Objects for the matrix of permissions, by topic."""

from __future__ import annotations

from typing import Any

from .matrix_samples_ledger import ledger_samples
from .matrix_samples_runs import run_samples
from .matrix_samples_schemes import scheme_samples


def samples(world: Any) -> dict[str, dict[str, object]]:
    return {**scheme_samples(world), **run_samples(world), **ledger_samples(world)}
