"""Moves along a table: all pairs, reason, move row and audit row together."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import InvalidInput, TransitionNotAllowed
from jingkai.core.workflow import services
from jingkai.core.workflow.models import Move
from jingkai.core.workflow.transitions import Transition, TransitionTable
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 10, 12, 0, tzinfo=UTC)
TABLE = TransitionTable(
    {
        "send": Transition(frozenset({"draft", "returned"}), "sent", "Send"),
        "return": Transition(frozenset({"sent"}), "returned", "Return", needs_reason=True),
    },
    {"draft": "Draft", "sent": "Sent", "returned": "Returned"},
)
ALLOWED = {("draft", "send"), ("returned", "send"), ("sent", "return")}


@pytest.mark.parametrize("state", ["draft", "sent", "returned"])
@pytest.mark.parametrize("action", ["send", "return"])
def test_every_pair(state: str, action: str) -> None:
    if (state, action) in ALLOWED:
        assert TABLE.next_state(state, action) == TABLE.transitions[action].target
        assert action in TABLE.open_actions(state)
    else:
        with pytest.raises(TransitionNotAllowed):
            TABLE.next_state(state, action)
        assert action not in TABLE.open_actions(state)


def stated(state: str) -> Any:
    body = BodyFactory()
    return SimpleNamespace(pk=body.pk, _meta=body._meta, state=state)


@pytest.mark.django_db
def test_a_move_is_recorded_with_its_audit_event() -> None:
    thing, user = stated("sent"), UserFactory()
    services.move(
        thing,
        "return",
        table=TABLE,
        actor=user,
        at=NOW,
        reason=" 缺证明 ",
        audit_action="x.returned",
    )
    move = Move.objects.get()
    assert (thing.state, move.source, move.target, move.reason) == (
        "returned",
        "sent",
        "returned",
        "缺证明",
    )
    assert AuditEvent.objects.get().details == {"from": "sent", "to": "returned"}


@pytest.mark.parametrize("reason", ["", "   "])
@pytest.mark.django_db
def test_a_needed_reason_is_asked_for_and_nothing_is_written(reason: str) -> None:
    thing = stated("sent")
    with pytest.raises(InvalidInput):
        services.move(
            thing, "return", table=TABLE, actor=None, at=NOW, reason=reason, audit_action="x"
        )
    assert thing.state == "sent"
    assert not Move.objects.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE workflow_move SET reason = 'x'", "DELETE FROM workflow_move"]
)
@pytest.mark.django_db
def test_moves_cannot_be_changed_or_removed(statement: str) -> None:
    services.move(stated("draft"), "send", table=TABLE, actor=None, at=NOW, audit_action="x")
    with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
        cursor.execute(statement)
