"""Two at the same moment: one wins, the other is told, nothing is written twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from jingkai.core.errors import Conflict, DomainError
from jingkai.core.workflow.models import Move
from jingkai.delivery.evaluation.models import (
    LedgerEntry,
    LedgerState,
    Objection,
    Run,
    RunState,
)
from jingkai.delivery.evaluation.services.ledger import AlikeCase, confirm_points, refuse_points
from jingkai.delivery.evaluation.services.objections import answer_objection, confirm_answer
from jingkai.delivery.evaluation.services.publication import (
    approve_run,
    circulate_run,
    publish_run,
)
from jingkai.delivery.evaluation.terms import terms_from
from jingkai.masterdata.reference.public import seed_calendar

from .scenes import (
    LATER,
    NOW,
    TERMS,
    circulated,
    computed,
    department,
    drafted,
    filed,
    people,
    propose,
    stage,
)

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls: Callable[[], object]) -> list[object]:
    """Run calls at the same time; what each returned or raised."""
    gate = threading.Barrier(len(calls))
    outcome: list[object] = [None] * len(calls)

    def run(index: int, call: Callable[[], object]) -> None:
        gate.wait()
        try:
            with translation.override("en"), terms_from(TERMS):
                outcome[index] = call()
        except DomainError as error:
            outcome[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return outcome


def refused(outcome: list[object]) -> list[Any]:
    return [found for found in outcome if isinstance(found, DomainError)]


def test_one_case_is_entered_once() -> None:
    world = stage(zones=2)
    clerks = [department(), department()]
    outcome = together(*(lambda clerk=clerk: propose(world, clerk) for clerk in clerks))
    assert [type(error) for error in refused(outcome)] == [AlikeCase]
    assert LedgerEntry.objects.count() == 1


def test_a_case_is_decided_once() -> None:
    world = stage(zones=2)
    entry = propose(world)
    outcome = together(
        lambda: confirm_points(entry_id=entry.pk, actor=world.office, now=NOW),
        lambda: refuse_points(entry_id=entry.pk, reason="不属实", actor=world.second, now=NOW),
    )
    assert len(refused(outcome)) == 1
    assert (
        Move.objects.filter(target_id=entry.pk, target_type="evaluation.ledgerentry").count() == 1
    )
    entry.refresh_from_db()
    assert entry.state in (LedgerState.CONFIRMED, LedgerState.REFUSED)


def test_one_point_is_objected_to_once() -> None:
    world = stage(zones=4)
    with terms_from(TERMS):
        run = circulated(world)
    zone = people(world)
    outcome = together(
        lambda: drafted(world, run, zone.clerk), lambda: drafted(world, run, zone.leader)
    )
    assert len(refused(outcome)) == 1
    assert Objection.objects.count() == 1


def test_an_answer_is_confirmed_once() -> None:
    world = stage(zones=4)
    with terms_from(TERMS):
        found = filed(world, circulated(world), people(world))
    answer_objection(
        objection_id=found.pk,
        proposed_state="rejected",
        answer="不成立",
        actor=world.office,
        now=NOW,
    )
    outcome = together(
        lambda: confirm_answer(objection_id=found.pk, actor=world.second, now=NOW),
        lambda: confirm_answer(objection_id=found.pk, actor=world.leader, now=NOW),
    )
    assert len(refused(outcome)) == 1
    assert isinstance(refused(outcome)[0], Conflict)


def test_a_run_is_approved_and_published_once() -> None:
    world = stage(zones=3)
    with terms_from(TERMS):
        run = circulated(world)
        outcome = together(
            lambda: approve_run(run_id=run.pk, actor=world.second, now=LATER),
            lambda: approve_run(run_id=run.pk, actor=world.leader, now=LATER),
        )
    assert len(refused(outcome)) == 1
    outcome = together(
        lambda: publish_run(run_id=run.pk, actor=world.office, now=LATER),
        lambda: publish_run(run_id=run.pk, actor=world.second, now=LATER),
    )
    assert len(refused(outcome)) == 1
    run.refresh_from_db()
    assert run.state == RunState.PUBLISHED


def test_two_runs_of_one_year_are_not_given_to_the_zones_at_once() -> None:
    world = stage(zones=3)
    runs = [computed(world), computed(world)]
    seed_calendar(now=NOW)
    outcome = together(
        *(lambda run=run: circulate_run(run_id=run.pk, actor=world.office, now=NOW) for run in runs)
    )
    assert sum(isinstance(one, Conflict) for one in outcome) == 1
    assert Run.objects.filter(state=RunState.CIRCULATED).count() == 1
