"""Every (state, action) pair of the three tables."""

from __future__ import annotations

import pytest

from jingkai.core.errors import TransitionNotAllowed
from jingkai.core.workflow.public import TransitionTable
from jingkai.delivery.supervision.models import ExtensionState, ObligationState, ReportState
from jingkai.delivery.supervision.states import (
    EXTENSION_MOVES,
    OBLIGATION_MOVES,
    OPEN_STATES,
    REPORT_MOVES,
    SETTLED_STATES,
)

LEGAL = {
    "obligation": {
        ("registered", "issue"): "issued",
        ("registered", "withdraw"): "withdrawn",
        ("issued", "sign"): "active",
        ("issued", "dispute"): "disputed",
        ("issued", "withdraw"): "withdrawn",
        ("issued", "conclude"): "completed",
        ("disputed", "keep"): "issued",
        ("disputed", "reassign"): "withdrawn",
        ("disputed", "withdraw"): "withdrawn",
        ("active", "claim"): "in-review",
        ("active", "conclude"): "completed",
        ("active", "withdraw"): "withdrawn",
        ("in-review", "reject"): "active",
        ("in-review", "complete"): "completed",
        ("in-review", "withdraw"): "withdrawn",
        ("completed", "close"): "closed",
        ("completed", "reopen"): "active",
        ("closed", "reopen"): "active",
    },
    "report": {
        ("submitted", "endorse"): "endorsed",
        ("submitted", "accept"): "accepted",
        ("submitted", "reject"): "rejected",
        ("endorsed", "accept"): "accepted",
        ("endorsed", "reject"): "rejected",
    },
    "extension": {
        ("requested", "grant"): "granted",
        ("requested", "refuse"): "refused",
    },
}
TABLES: dict[str, tuple[TransitionTable, list[str]]] = {
    "obligation": (OBLIGATION_MOVES, ObligationState.values),
    "report": (REPORT_MOVES, ReportState.values),
    "extension": (EXTENSION_MOVES, ExtensionState.values),
}
PAIRS = [
    (name, state, action)
    for name, (table, states) in TABLES.items()
    for state in states
    for action in table.transitions
]


@pytest.mark.parametrize(("name", "state", "action"), PAIRS)
def test_each_pair(name: str, state: str, action: str) -> None:
    table = TABLES[name][0]
    target = LEGAL[name].get((state, action))
    if target is None:
        with pytest.raises(TransitionNotAllowed):
            table.next_state(state, action)
    else:
        assert table.next_state(state, action) == target


def test_every_state_is_open_settled_or_not_yet_issued() -> None:
    assert set(ObligationState.values) == OPEN_STATES | SETTLED_STATES | {"registered"}
