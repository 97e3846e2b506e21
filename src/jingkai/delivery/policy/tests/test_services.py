"""Assigning leads and deciding conflicts: who may, what is kept, what happens at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict as Clash
from jingkai.core.errors import InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.workflow.public import history
from jingkai.delivery.policy.models import (
    AssignedBy,
    Conflict,
    ConflictState,
    KeyTask,
    Responsibility,
    ResponsibilityRole,
)
from jingkai.delivery.policy.public import Edge, on_conflict_decided, register_edge_provider
from jingkai.delivery.policy.registry import (
    conflict_hooks,
    edge_providers,
    edges_by_source,
    roles_hooks,
    task_node,
)
from jingkai.delivery.policy.services import (
    assign_roles,
    decide_conflict,
    remove_roles,
    reopen_conflict,
)
from jingkai.delivery.policy.states import CONFLICT_TABLE
from jingkai.delivery.policy.tests.factories import (
    ClauseFactory,
    ConflictFactory,
    KeyTaskFactory,
    ResponsibilityFactory,
)
from jingkai.masterdata.organisations.models import BodyKind
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 2, tzinfo=UTC)
R = ResponsibilityRole


def _office() -> Any:
    return UserFactory(role=Role.OFFICE)


def _task(count: int = 3) -> tuple[KeyTask, list[Responsibility]]:
    task = KeyTaskFactory()
    return task, [ResponsibilityFactory(clause=None, task=task) for _ in range(count)]


def _roles(task: KeyTask) -> dict[int, tuple[str, str, str]]:
    rows = task.responsibilities.all()
    return {row.body_id: (row.role, row.assigned_by, row.stated_role) for row in rows}


@pytest.mark.django_db
def test_office_assigns_and_the_document_keeps_its_word() -> None:
    task, (first, second, third) = _task()
    office = _office()

    assign_roles(
        task_id=task.pk,
        lead_body_id=second.body_id,
        assist_body_ids=[third.body_id],
        actor=office,
        now=NOW,
        reason="主任办公会议定",
    )

    assert _roles(task) == {
        first.body_id: (R.UNSPECIFIED, AssignedBy.DOCUMENT, R.UNSPECIFIED),
        second.body_id: (R.LEAD, AssignedBy.PERSON, R.UNSPECIFIED),
        third.body_id: (R.ASSIST, AssignedBy.PERSON, R.UNSPECIFIED),
    }
    second.refresh_from_db()
    assert (second.assigned_actor, second.assigned_at) == (office, NOW)
    event = AuditEvent.objects.get(action="policy.roles.assigned")
    assert event.summary == "主任办公会议定"
    assert event.details["after"][1] == {
        "body": second.body.code,
        "role": "lead",
        "assigned_by": "person",
    }


@pytest.mark.django_db
def test_body_the_document_does_not_name_can_be_added_and_goes_again() -> None:
    clause = ClauseFactory()
    named = ResponsibilityFactory(clause=clause)
    other = BodyFactory()
    office = _office()

    assign_roles(
        clause_id=clause.pk,
        lead_body_id=other.pk,
        assist_body_ids=[],
        actor=office,
        now=NOW,
        reason="统筹",
    )
    added = clause.responsibilities.get(body=other)
    assert (added.role, added.stated_role) == (R.LEAD, "")
    with override("en"):
        assert str(added.stated_role_label) == "Not named by the document"

    remove_roles(clause_id=clause.pk, actor=office, now=LATER, reason="撤回")
    assert list(clause.responsibilities.values_list("body", "role", "assigned_by")) == [
        (named.body_id, R.UNSPECIFIED, AssignedBy.DOCUMENT)
    ]
    with override("en"), pytest.raises(Clash, match="Nothing is assigned"):
        remove_roles(clause_id=clause.pk, actor=office, now=LATER, reason="撤回")


@pytest.mark.django_db
def test_lead_of_the_document_gives_way_and_comes_back() -> None:
    task, (stated, other) = _task(2)
    Responsibility.objects.filter(pk=stated.pk).update(role=R.LEAD)
    office = _office()
    change = {"task_id": task.pk, "assist_body_ids": [], "actor": office, "now": NOW}

    for _ in range(2):  # saying it again finds nothing to do
        assign_roles(**change, lead_body_id=other.body_id, reason="改由其牵头")
    assert _roles(task) == {
        stated.body_id: (R.UNSPECIFIED, AssignedBy.PERSON, R.LEAD),
        other.body_id: (R.LEAD, AssignedBy.PERSON, R.UNSPECIFIED),
    }
    assert AuditEvent.objects.filter(action="policy.roles.assigned").count() == 1

    remove_roles(task_id=task.pk, actor=office, now=LATER, reason="恢复")
    assert _roles(task)[stated.body_id] == (R.LEAD, AssignedBy.DOCUMENT, R.LEAD)


@pytest.mark.django_db
def test_second_assignment_replaces_the_first() -> None:
    task, (a, b, c) = _task()
    office = _office()
    assign_roles(
        task_id=task.pk,
        lead_body_id=a.body_id,
        assist_body_ids=[b.body_id],
        actor=office,
        now=NOW,
        reason="一",
    )
    assign_roles(
        task_id=task.pk,
        lead_body_id=b.body_id,
        assist_body_ids=[c.body_id],
        actor=office,
        now=LATER,
        reason="二",
    )

    assert {body: role for body, (role, _by, _said) in _roles(task).items()} == {
        a.body_id: R.UNSPECIFIED,
        b.body_id: R.LEAD,
        c.body_id: R.ASSIST,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("reason", {"reason": "  "}),
        ("reason", {"reason": "长" * 501}),
        ("lead", {"lead_body_id": None, "assist_body_ids": []}),
        ("lead", {"lead_body_id": 10**9}),
        ("assist", {"assist_body_ids": ["lead"]}),
        ("lead", {"lead_body_id": "group"}),
        ("assist", {"assist_body_ids": ["ended"]}),
    ],
)
def test_what_cannot_be_assigned_is_named(field: str, changes: dict[str, Any]) -> None:
    task, (row, *_others) = _task()
    bodies = {
        "lead": row.body,
        "group": BodyFactory(kind=BodyKind.GROUP),
        "ended": BodyFactory(valid_to=date(2025, 12, 31)),
    }
    given = {"lead_body_id": row.body_id, "assist_body_ids": [], "reason": "议定"} | changes
    if given["lead_body_id"] in bodies:
        given["lead_body_id"] = bodies[given["lead_body_id"]].pk
    given["assist_body_ids"] = [bodies[name].pk for name in given["assist_body_ids"]]

    with pytest.raises(InvalidInput) as caught:
        assign_roles(task_id=task.pk, actor=_office(), now=NOW, **given)

    assert caught.value.problems[0].field == field
    assert not AuditEvent.objects.filter(action="policy.roles.assigned").exists()


OTHERS = [role for role in Role if role != Role.OFFICE]


@pytest.mark.django_db
@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_assigns_or_decides(role: Role) -> None:
    task, (row, *_others) = _task()
    conflict = ConflictFactory()
    user = UserFactory(role=role)

    with pytest.raises(NotPermitted):
        assign_roles(
            task_id=task.pk,
            lead_body_id=row.body_id,
            assist_body_ids=[],
            actor=user,
            now=NOW,
            reason="想",
        )
    with pytest.raises(NotPermitted):
        remove_roles(task_id=task.pk, actor=user, now=NOW, reason="想")
    with pytest.raises(NotPermitted):
        decide_conflict(conflict_id=conflict.pk, chosen="s1", reason="想", actor=user, now=NOW)
    with pytest.raises(NotPermitted):
        reopen_conflict(conflict_id=conflict.pk, reason="想", actor=user, now=NOW)

    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


@pytest.mark.django_db
def test_decision_is_recorded_and_hooks_run_with_it() -> None:
    conflict = ConflictFactory()
    office = _office()
    heard: list[tuple[str, str, datetime]] = []

    def hook(changed: Conflict, actor: Any, now: datetime) -> None:
        heard.append((changed.state, changed.chosen, now))

    with conflict_hooks.only(test=hook):
        decide_conflict(
            conflict_id=conflict.pk, chosen="s2", reason="以附件1为准", actor=office, now=NOW
        )
        reopen_conflict(conflict_id=conflict.pk, reason="领导要求重议", actor=office, now=LATER)

    assert heard == [("decided", "s2", NOW), ("open", "", LATER)]
    conflict.refresh_from_db()
    assert (conflict.state, conflict.chosen, conflict.decided_by) == ("open", "", None)
    assert [move.action for move in history(conflict)] == ["reopen", "decide"]
    reopened = AuditEvent.objects.get(action="policy.conflict.reopened")
    assert reopened.details["taken_back"] == {"chosen": "s2", "reason": "以附件1为准"}


@pytest.mark.django_db
def test_decision_falls_when_a_hook_refuses() -> None:
    conflict = ConflictFactory()

    def refuse(changed: Conflict, actor: Any, now: datetime) -> None:
        raise Clash("no")

    with conflict_hooks.only(test=refuse), pytest.raises(Clash):
        decide_conflict(
            conflict_id=conflict.pk, chosen="s1", reason="理由", actor=_office(), now=NOW
        )

    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN
    assert not AuditEvent.objects.filter(action="policy.conflict.decided").exists()


@pytest.mark.django_db
def test_second_decision_names_who_was_faster() -> None:
    conflict = ConflictFactory()
    first = UserFactory(role=Role.OFFICE, name="王敏")
    decide_conflict(conflict_id=conflict.pk, chosen="s1", reason="以正文为准", actor=first, now=NOW)

    with override("en"), pytest.raises(Clash, match=r"王敏 .* 2026-11-20 10:00") as caught:
        decide_conflict(
            conflict_id=conflict.pk, chosen="s2", reason="以附件为准", actor=_office(), now=LATER
        )

    assert (caught.value.status, caught.value.params["decided_by"]) == (409, first.username)
    conflict.refresh_from_db()
    assert (conflict.chosen, conflict.reason) == ("s1", "以正文为准")


@pytest.mark.django_db
def test_what_cannot_be_decided_is_named() -> None:
    conflict = ConflictFactory()
    office = _office()
    for chosen, reason, field in (
        ("s9", "理由", "chosen"),
        ("s1", "", "reason"),
        ("s1", "长" * 1001, "reason"),
    ):
        with pytest.raises(InvalidInput) as caught:
            decide_conflict(
                conflict_id=conflict.pk, chosen=chosen, reason=reason, actor=office, now=NOW
            )
        assert caught.value.problems[0].field == field
    with pytest.raises(TransitionNotAllowed):
        reopen_conflict(conflict_id=conflict.pk, reason="理由", actor=office, now=NOW)


@pytest.mark.django_db
def test_no_statement_alone_may_hold() -> None:
    conflict = ConflictFactory()
    decide_conflict(
        conflict_id=conflict.pk, chosen="", reason="基期统一为2025年", actor=_office(), now=NOW
    )
    conflict.refresh_from_db()
    assert (conflict.state, conflict.chosen) == ("decided", "")


def test_every_pair_of_state_and_action_is_decided_by_the_table() -> None:
    found = {
        (state, action): action in CONFLICT_TABLE.open_actions(state)
        for state in ConflictState.values
        for action in CONFLICT_TABLE.transitions
    }
    assert found == {
        ("open", "decide"): True,
        ("open", "reopen"): False,
        ("decided", "decide"): False,
        ("decided", "reopen"): True,
    }


def _at_once(count: int, work: Any) -> list[Any]:
    barrier = Barrier(count)

    def one(index: int) -> Any:
        barrier.wait()
        try:
            return work(index)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_of_many_deciders_one_wins() -> None:
    conflict = ConflictFactory()
    people = [UserFactory(role=Role.OFFICE) for _ in range(4)]

    results = _at_once(
        4,
        lambda n: decide_conflict(
            conflict_id=conflict.pk,
            chosen=f"s{n % 2 + 1}",
            reason=f"意见{n}",
            actor=people[n],
            now=NOW,
        ),
    )

    won = [r for r in results if isinstance(r, Conflict)]
    assert len(won) == 1
    assert all(type(r) is Clash for r in results if r not in won)
    conflict.refresh_from_db()
    assert conflict.reason == won[0].reason
    assert history(conflict).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_leave_one() -> None:
    task, rows = _task(4)
    office = _office()

    results = _at_once(
        4,
        lambda n: assign_roles(
            task_id=task.pk,
            lead_body_id=rows[n].body_id,
            assist_body_ids=[],
            actor=office,
            now=NOW,
            reason=f"{n}",
        ),
    )

    assert all(isinstance(r, KeyTask) for r in results)
    assert task.responsibilities.filter(role=R.LEAD).count() == 1


@pytest.mark.django_db
def test_rooms_above_hear_of_new_roles() -> None:
    task, (row, *_others) = _task()
    heard: list[Any] = []
    with roles_hooks.only(test=lambda thing, actor, now: heard.append(thing)):
        assign_roles(
            task_id=task.pk,
            lead_body_id=row.body_id,
            assist_body_ids=[],
            actor=_office(),
            now=NOW,
            reason="议定",
        )
    assert heard == [task]


def test_names_are_given_once() -> None:
    def nothing(*_args: Any) -> list[Edge]:
        return []

    with edge_providers.only(), conflict_hooks.only():
        register_edge_provider("targets", nothing)
        on_conflict_decided("targets", nothing)
        with pytest.raises(ValueError, match="targets"):
            register_edge_provider("targets", nothing)
        with pytest.raises(ValueError, match="targets"):
            on_conflict_decided("targets", nothing)


def test_edges_are_grouped_by_where_they_start() -> None:
    asked: list[Any] = []

    def provide(clause_ids: Any, task_ids: Any) -> list[Edge]:
        asked.append((clause_ids, task_ids))
        edge = Edge("target", task_node(7), "target:T", "贸易", "/t/", "yellow")
        return [edge, edge, Edge("indicator", "target:T", "indicator:I", "进出口")]

    with edge_providers.only(fake=provide):
        found = edges_by_source([1], [7])

    assert asked == [([1], [7])]
    assert [edge.to for edge in found["task:7"]] == ["target:T"]
    assert [edge.to for edge in found["target:T"]] == ["indicator:I"]
