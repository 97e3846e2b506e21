"""Figures that another room collects by a procedure of its own are not typed in directly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple


class Address(NamedTuple):
    """One figure: indicator id, scope, period code."""

    indicator_id: int
    scope: str
    period: str


Procedure = Callable[[Collection[Address]], Mapping[Address, str]]
_procedures: dict[str, Procedure] = {}


def register_procedure(name: str, procedure: Procedure) -> None:
    """Let a room above claim figures: addresses → why they are not typed in, for those it collects.

    Raises ValueError for a name in use.
    """
    if name in _procedures:
        raise ValueError(f"{name} already collects figures")
    _procedures[name] = procedure


def collected_elsewhere(addresses: Collection[Address]) -> dict[Address, str]:
    """Why some of these figures are not typed in directly. One question per procedure."""
    found: dict[Address, str] = {}
    for procedure in _procedures.values():
        found |= procedure(addresses)
    return found
