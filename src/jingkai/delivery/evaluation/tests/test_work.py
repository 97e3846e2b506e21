"""What waits for whom, on "my work" of the cockpit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.evaluation.public import evaluation_work
from jingkai.delivery.evaluation.services.objections import answer_objection, confirm_answer
from jingkai.delivery.evaluation.services.runs import repeat_run
from jingkai.delivery.evaluation.terms import terms_from

from .scenes import (
    LATER,
    NOW,
    TERMS,
    TODAY,
    approved,
    circulated,
    computed,
    department,
    drafted,
    filed,
    people,
    propose,
    stage,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"), terms_from(TERMS):
        yield


def work(user: User, today: date = TODAY) -> list[tuple[str, str]]:
    return [(item.group, item.kind) for item in evaluation_work(user, today)]


def answered(world: Any, objection: Any, **fields: Any) -> Any:
    given = {"proposed_state": "upheld", "answer": "属实", "effect": {"figure": "void"}, **fields}
    return answer_objection(objection_id=objection.pk, actor=world.office, now=NOW, **given)


def test_an_objection_waits_for_an_answer_then_for_another_person() -> None:
    world = stage(zones=3)
    found = filed(world, circulated(world), people(world))
    assert ("waiting", "objection") in work(world.office)
    assert work(world.leader) == []
    answered(world, found)
    assert ("waiting", "answer") not in work(world.office)
    assert work(world.second) == [("waiting", "answer")]
    assert work(world.leader) == [("waiting", "answer")]
    late = found.answer_due + timedelta(days=3)
    item = evaluation_work(world.second, late)[0]
    assert (item.group, item.late_days) == ("late", 3)
    assert item.url == reverse("evaluation:objection", args=[found.pk])


def test_a_case_waits_for_everybody_of_the_office_but_who_entered_it() -> None:
    world = stage(zones=2)
    propose(world, world.office)
    assert work(world.office) == []
    assert work(world.second) == [("waiting", "case")]
    assert work(department()) == []


def test_a_run_waits_for_approval_only_once_nothing_is_missing() -> None:
    world = stage(zones=4)
    run = circulated(world)
    over = LATER.date()
    assert work(world.leader) == []
    assert work(world.leader, over) == [("waiting", "approve")]
    assert work(world.office, over) == []  # who made it
    found = filed(world, run, people(world))
    assert work(world.leader, over) == []
    answered(world, found)
    confirm_answer(objection_id=found.pk, actor=world.second, now=NOW)
    assert work(world.leader, over) == []
    assert work(world.office, over) == [("waiting", "repeat")]
    repeat_run(run_id=run.pk, actor=world.office, now=LATER)
    assert work(world.office, over) == []


def test_an_approved_run_waits_for_the_office_to_publish_it() -> None:
    world = stage(zones=3)
    approved(world)
    assert work(world.office, LATER.date()) == [("waiting", "publish")]
    assert work(world.leader, LATER.date()) == []


def test_zones_see_their_window_and_their_leader_the_drafts() -> None:
    world = stage(zones=3)
    zone, other = people(world), people(world, 1)
    assert work(zone.clerk) == []
    run = circulated(world)
    drafted(world, run, zone.clerk)
    assert work(zone.clerk) == [("coming", "window")]
    assert work(zone.leader) == [("waiting", "draft"), ("coming", "window")]
    assert work(other.leader) == [("coming", "window")]
    assert work(zone.leader, LATER.date()) == []


def test_trials_and_computed_runs_wait_for_nobody() -> None:
    world = stage(zones=3)
    computed(world, kind="trial")
    computed(world)
    for person in (world.office, world.second, world.leader, people(world).leader):
        assert work(person, LATER.date()) == []


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.INSPECTOR, Role.SYSTEM_ADMIN])
def test_others_have_nothing_to_do_here(role: Role) -> None:
    world = stage(zones=2)
    propose(world)
    assert work(UserFactory(role=role)) == []


def test_the_page_shows_it_and_costs_two_queries() -> None:
    world = stage(zones=3)
    found = filed(world, circulated(world), people(world))
    for _case in range(3):
        propose(world, another_case=True)
    assert world.second.current_memberships
    with CaptureQueriesContext(connection) as seen:
        assert len(evaluation_work(world.second, TODAY)) == 4
    assert len(seen) == 2
    page = signed_in(world.second).get(reverse("cockpit:my-work"))
    waiting = [item.url for group in page.context["groups"] for item in group["items"]]
    assert reverse("evaluation:objection", args=[found.pk]) in waiting
