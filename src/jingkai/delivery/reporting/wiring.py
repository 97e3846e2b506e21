"""What reporting hangs onto other rooms: the clock, file access, provenance of figures."""

from __future__ import annotations


def connect() -> None:
    from . import audit_actions  # noqa: F401  # registers its words
    from .wiring_corrections import connect_corrections

    connect_corrections()
