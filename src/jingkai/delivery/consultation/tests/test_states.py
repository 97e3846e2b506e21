"""Every state and action: where it leads, or that it is refused."""

from __future__ import annotations

import pytest

from jingkai.core.errors import TransitionNotAllowed
from jingkai.delivery.consultation.states import (
    COMMENT_MOVES,
    CONSULTATION_MOVES,
    DECISION_MOVES,
    INVITATION_MOVES,
)

EXPECTED = {
    "round": (CONSULTATION_MOVES, {
        "draft": {"open": "open", "cancel": "cancelled"},
        "open": {"close": "closed", "expire": "closed", "cancel": "cancelled"},
        "closed": {"finish": "answered", "cancel": "cancelled"},
        "answered": {"resume": "closed", "publish": "published"},
        "published": {},
        "cancelled": {},
    }),
    "invitation": (INVITATION_MOVES, {
        "asked": {"reply": "replied", "decline": "no-opinion", "lapse": "silent"},
        "silent": {"reply": "replied", "decline": "no-opinion"},
        "replied": {},
        "no-opinion": {},
    }),
    "comment": (COMMENT_MOVES, {
        "draft": {"send": "received"},
        "received": {"sort": "sorted"},
        "sorted": {"sort": "sorted", "unsort": "received", "answer": "answered"},
        "answered": {"reopen": "sorted"},
    }),
    "decision": (DECISION_MOVES, {
        "proposed": {"confirm": "confirmed", "return": "returned", "withdraw": "withdrawn"},
        "confirmed": {"withdraw": "withdrawn"},
        "returned": {},
        "withdrawn": {},
    }),
}  # fmt: skip


@pytest.mark.parametrize("what", EXPECTED)
def test_every_pair_of_state_and_action(what: str) -> None:
    table, expected = EXPECTED[what]
    assert set(expected) == set(table.labels)
    for state, moves in expected.items():
        for action in table.transitions:
            if action in moves:
                assert table.next_state(state, action) == moves[action]
            else:
                with pytest.raises(TransitionNotAllowed):
                    table.next_state(state, action)
