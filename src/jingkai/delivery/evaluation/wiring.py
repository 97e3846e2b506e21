"""What evaluation hangs onto other rooms."""

from __future__ import annotations


def connect() -> None:
    from . import audit_actions, audit_outputs, audit_schemes  # noqa: F401  # register their words
    from .wiring_ledger import connect_ledger
    from .wiring_runs import connect_runs

    connect_ledger()
    connect_runs()
