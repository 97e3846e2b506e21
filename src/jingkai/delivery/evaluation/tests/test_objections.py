"""Objections: the window, two people on each side, effects, terms that pass."""

from __future__ import annotations

from contextvars import Context
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.http import Http404
from django.utils import translation

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.delivery.evaluation.clock import daily_tick, deadlines_for
from jingkai.delivery.evaluation.models import LedgerState, Objection, ObjectionState
from jingkai.delivery.evaluation.queries.objections import (
    objections_for_list,
    visible_objections,
)
from jingkai.delivery.evaluation.services.objections import (
    answer_objection,
    attach_objection_paper,
    confirm_answer,
    edit_objection,
    file_objection,
    send_answer_back,
    withdraw_objection,
)
from jingkai.delivery.evaluation.terms import terms_from, terms_on
from jingkai.delivery.indicators.models import CurrentValue
from jingkai.masterdata.reference.models import (
    Confidence,
    ReferenceRow,
    ReferenceTable,
    ReferenceVersion,
)
from jingkai.masterdata.reference.public import TableNotLoaded

from .scenes import (
    NOW,
    TERMS,
    YEAR,
    circulated,
    computed,
    confirmed,
    department,
    drafted,
    filed,
    paper,
    people,
    published,
    stage,
)

pytestmark = pytest.mark.django_db
PACK = Path(__file__).resolve().parents[5] / "packs" / "shenyang"
# The 22nd of November 2026 is a Sunday: five working days end on Friday the 27th.
LAST_DAY = date(2026, 11, 27)
ON_THE_LAST_DAY = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)  # half past eleven at night
A_DAY_LATE = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)  # half past midnight


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"), terms_from(TERMS):
        yield


@pytest.fixture
def scene():
    world = stage(zones=4)
    return world, circulated(world), people(world)


def answered(found: Objection, actor: Any, **fields: Any) -> Objection:
    given: dict[str, Any] = {
        "objection_id": found.pk,
        "proposed_state": "upheld",
        "effect": {"figure": "void"},
        "answer": "经核实，漏计属实。",
        "actor": actor,
        "now": NOW,
    }
    return answer_objection(**{**given, **fields})


def test_clerk_drafts_leader_files_office_answers_second_person_confirms(scene: Any) -> None:
    world, run, zone = scene
    assert run.objections_until == LAST_DAY
    draft = drafted(world, run, zone.clerk, claimed=Decimal(21))
    attach_objection_paper(objection_id=draft.pk, upload=paper(), actor=zone.clerk, now=NOW)
    with pytest.raises(NotPermitted, match="leader"):
        file_objection(objection_id=draft.pk, actor=zone.clerk, now=NOW)
    found = file_objection(objection_id=draft.pk, actor=zone.leader, now=NOW)
    assert (found.state, found.answer_due) == (ObjectionState.FILED, date(2026, 12, 4))
    assert Notice.objects.filter(recipient=world.office, kind="evaluation.objection.file").exists()
    proposed = answered(found, world.office)
    with pytest.raises(NotPermitted, match="own"):
        confirm_answer(objection_id=found.pk, actor=world.office, now=NOW)
    before = CurrentValue.objects.filter(zone=world.zones[0]).values_list("value", "event_id")
    kept = list(before)
    done = confirm_answer(
        objection_id=found.pk, actor=world.second, now=NOW, revision=proposed.revision
    )
    assert (done.state, done.effect) == (ObjectionState.UPHELD, {"figure": "void"})
    assert list(before.all()) == kept  # figures are never changed here
    told = Notice.objects.filter(kind="evaluation.objection.uphold")
    assert {zone.clerk.pk, zone.leader.pk} <= set(told.values_list("recipient", flat=True))


def test_the_last_day_counts_to_its_end_and_the_next_does_not(scene: Any) -> None:
    world, run, zone = scene
    draft = drafted(world, run, zone.clerk, now=ON_THE_LAST_DAY)
    with pytest.raises(TransitionNotAllowed, match="2026-11-27"):
        file_objection(objection_id=draft.pk, actor=zone.leader, now=A_DAY_LATE)
    with pytest.raises(TransitionNotAllowed, match="ended"):
        drafted(world, run, zone.clerk, node="JOBS", now=A_DAY_LATE)
    with pytest.raises(TransitionNotAllowed, match="ended"):
        edit_objection(objection_id=draft.pk, text="迟到", actor=zone.clerk, now=A_DAY_LATE)
    filed_in_time = file_objection(objection_id=draft.pk, actor=zone.leader, now=ON_THE_LAST_DAY)
    assert filed_in_time.state == ObjectionState.FILED


def test_a_run_that_is_not_with_the_zones_takes_no_objection() -> None:
    world = stage(zones=4)
    zone = people(world)
    with pytest.raises(Http404):
        drafted(world, computed(world), zone.clerk)
    run = published(world)
    with pytest.raises(TransitionNotAllowed, match="published"):
        drafted(world, run, zone.clerk)


def test_only_the_own_zone_objects_and_others_learn_nothing(scene: Any) -> None:
    world, run, zone = scene
    stranger = people(world, 1)
    with pytest.raises(Http404):
        drafted(world, run, stranger.clerk)
    with pytest.raises(NotPermitted):
        drafted(world, run, world.office)
    draft = drafted(world, run, zone.clerk)
    assert list(visible_objections(zone.leader)) == [draft]
    for person in (stranger.leader, world.office, world.leader, department()):
        assert not visible_objections(person).exists()
    file_objection(objection_id=draft.pk, actor=zone.leader, now=NOW)
    assert list(visible_objections(world.office)) == [draft]
    for person in (stranger.leader, department()):
        assert not visible_objections(person).exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"node": "NOWHERE"}, "node"),
        ({"node": ""}, "node"),
        ({"subject": "points", "node": "", "entry_id": 1}, "entry"),
        ({"subject": "weather"}, "subject"),
        ({"subject": "method", "node": "NOWHERE"}, "node"),
        ({"text": " "}, "text"),
        ({"text": "长" * 2001}, "text"),
    ],
)
def test_what_is_wrong_is_named(scene: Any, fields: dict[str, Any], field: str) -> None:
    world, run, zone = scene
    with pytest.raises(InvalidInput) as caught:
        drafted(world, run, zone.clerk, **fields)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert not Objection.objects.exists()


def test_one_point_is_objected_to_once(scene: Any) -> None:
    world, run, zone = scene
    first = drafted(world, run, zone.clerk)
    with pytest.raises(Conflict, match=str(first.pk)):
        drafted(world, run, zone.clerk)
    withdraw_objection(objection_id=first.pk, actor=zone.clerk, now=NOW)
    drafted(world, run, zone.clerk)


def test_a_filed_objection_says_what_it_says_and_its_leader_may_take_it_back(scene: Any) -> None:
    world, run, zone = scene
    found = filed(world, run, zone)
    with pytest.raises(Conflict, match="filed"):
        edit_objection(objection_id=found.pk, text="改", actor=zone.clerk, now=NOW)
    with pytest.raises(Conflict, match="filed"):
        attach_objection_paper(objection_id=found.pk, upload=paper(), actor=zone.clerk, now=NOW)
    with pytest.raises(NotPermitted):
        withdraw_objection(objection_id=found.pk, actor=zone.clerk, now=NOW)
    withdrawn = withdraw_objection(objection_id=found.pk, actor=zone.leader, now=NOW)
    assert withdrawn.state == ObjectionState.WITHDRAWN
    with pytest.raises(TransitionNotAllowed):
        answered(found, world.office)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"proposed_state": "perhaps"}, "proposed_state"),
        ({"proposed_state": "rejected"}, "effect"),
        ({"effect": {"points": "revoked"}}, "effect"),
        ({"effect": {"figure": "better"}}, "effect"),
        ({"answer": ""}, "answer"),
    ],
)
def test_an_answer_fits_the_objection(scene: Any, fields: dict[str, Any], field: str) -> None:
    world, run, zone = scene
    found = filed(world, run, zone)
    with pytest.raises(InvalidInput) as caught:
        answered(found, world.office, **fields)
    assert [problem.field for problem in caught.value.problems] == [field]
    found.refresh_from_db()
    assert found.state == ObjectionState.FILED


def test_the_second_person_may_send_the_answer_back(scene: Any) -> None:
    world, run, zone = scene
    found = answered(filed(world, run, zone), world.office)
    with pytest.raises(InvalidInput):
        send_answer_back(objection_id=found.pk, reason="", actor=world.leader, now=NOW)
    back = send_answer_back(objection_id=found.pk, reason="请补充依据", actor=world.leader, now=NOW)
    assert back.state == ObjectionState.FILED
    again = answered(back, world.second, proposed_state="rejected", effect={})
    done = confirm_answer(objection_id=again.pk, actor=world.office, now=NOW)
    assert (done.state, done.effect) == (ObjectionState.REJECTED, {})
    with pytest.raises(TransitionNotAllowed):
        confirm_answer(objection_id=again.pk, actor=world.leader, now=NOW)


def test_upheld_points_are_revoked_by_whoever_may() -> None:
    world = stage(zones=4)
    entry = confirmed(world)
    run, zone = circulated(world), people(world)
    found = filed(world, run, zone, subject="points", node="", entry_id=entry.pk)
    answered(found, world.office, effect={"points": "revoked"})
    with pytest.raises(Conflict, match="revoked"):
        confirm_answer(objection_id=found.pk, actor=world.leader, now=NOW)
    entry.refresh_from_db()
    assert entry.state == LedgerState.CONFIRMED
    done = confirm_answer(objection_id=found.pk, actor=world.second, now=NOW)
    entry.refresh_from_db()
    assert (done.state, entry.state) == (ObjectionState.UPHELD, LedgerState.REVOKED)


def test_overdue_answers_go_to_office_and_leaders_once(scene: Any) -> None:
    world, run, zone = scene
    found = filed(world, run, zone)
    due = datetime(2026, 12, 4, 12, tzinfo=UTC)
    assert daily_tick(now=due).escalated == 0
    late = due + timedelta(days=1)
    assert daily_tick(now=late).escalated == 1
    assert daily_tick(now=late + timedelta(hours=1)).escalated == 0
    told = Notice.objects.filter(kind="evaluation.objection.overdue")
    people_told = set(told.values_list("recipient", flat=True))
    assert {world.office.pk, world.second.pk, world.leader.pk} <= people_told
    assert zone.leader.pk not in people_told
    assert list(objections_for_list(world.office, overdue="1", today=late.date())) == [found]
    answered(found, world.office, proposed_state="rejected", effect={})
    confirm_answer(objection_id=found.pk, actor=world.second, now=late)
    assert not objections_for_list(world.office, overdue="1", today=late.date()).exists()


def test_a_draft_is_reminded_of_shortly_before_the_end(scene: Any) -> None:
    world, run, zone = scene
    drafted(world, run, zone.clerk)
    assert daily_tick(now=NOW).reminded == 0
    eve = datetime(2026, 11, 26, 1, tzinfo=UTC)
    assert daily_tick(now=eve).reminded == 1
    assert daily_tick(now=eve + timedelta(hours=2)).reminded == 0
    assert Notice.objects.filter(recipient=zone.leader, kind="evaluation.objection.draft").exists()
    assert daily_tick(now=A_DAY_LATE).reminded == 0


def test_terms_are_in_the_calendar_of_those_who_act(scene: Any) -> None:
    world, run, zone = scene
    found = filed(world, run, zone)
    assert [d.due_on for d in deadlines_for(world.office)] == [found.answer_due]
    assert not list(deadlines_for(department()))


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_costs_the_same_at_any_length(rows: int, django_assert_num_queries: Any) -> None:
    world = stage(zones=4)
    run = circulated(world)
    for place in range(rows):
        zone = people(world, place)
        filed(world, run, zone, zone_id=world.zones[place].pk)
    reader = UserFactory(role=Role.OFFICE)
    assert reader.current_memberships
    with django_assert_num_queries(2):
        found = [(o.zone.name, o.run.version.scheme.name, o.run.year)
                 for o in objections_for_list(reader)]  # fmt: skip
    assert len(found) == rows
    assert {year for _zone, _scheme, year in found} == {YEAR}


def test_terms_come_from_the_table_in_force() -> None:
    with pytest.raises(TableNotLoaded):
        read_terms()
    words = {"objection": "5", "objection_again": "3", "answer": "10", "remind": "1"}
    table = ReferenceTable.objects.create(
        code="EVALUATION_TERMS",
        title="评价申诉期限",
        title_en="Terms",
        columns=[
            {"key": "key", "title": "键", "type": "text", "key_column": True},
            {"key": "value", "title": "值", "type": "text"},
        ],
    )
    version = ReferenceVersion.objects.create(
        table=table, version="1", effective_from=date(2026, 1, 1), source="测试",
        confidence=Confidence.UNVERIFIED, edited_at=NOW,
    )  # fmt: skip
    for position, (key, value) in enumerate(words.items()):
        ReferenceRow.objects.create(
            version=version, key=key, position=position, values={"key": key, "value": value}
        )
    ReferenceVersion.objects.filter(pk=version.pk).update(state="in-force")
    assert read_terms() == TERMS
    shipped = yaml.safe_load((PACK / "reference.yaml").read_text(encoding="utf-8"))
    rows = next(t for t in shipped["tables"] if t["code"] == "EVALUATION_TERMS")["rows"]
    assert {row["key"]: row["value"] for row in rows} == {k: int(v) for k, v in words.items()}


def read_terms() -> Any:
    """What the table of the day says, in a context where nobody has set anything else."""
    return Context().run(terms_on, date(2026, 11, 22))
