"""What consultation hangs onto other rooms."""

from __future__ import annotations


def connect() -> None:
    from . import audit_actions  # noqa: F401  # registers its words
