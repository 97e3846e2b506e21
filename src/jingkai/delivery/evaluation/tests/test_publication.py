"""From computed to published: each step by its person, and nothing changes afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import translation

from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.delivery.evaluation.models import (
    ObjectionState,
    Run,
    RunKind,
    RunState,
    ZoneResult,
)
from jingkai.delivery.evaluation.queries.publication import path_of
from jingkai.delivery.evaluation.services.objections import answer_objection, confirm_answer
from jingkai.delivery.evaluation.services.publication import (
    approve_run,
    circulate_run,
    publish_run,
    recreate_run,
    reopen_run,
)
from jingkai.delivery.evaluation.services.runs import cancel_run, compute_run, repeat_run
from jingkai.delivery.evaluation.terms import terms_from
from jingkai.delivery.evaluation.verifying import verify_run

from .factories import record
from .scenes import (
    LATER,
    NOW,
    TERMS,
    YEAR,
    approved,
    circulated,
    computed,
    confirmed,
    filed,
    people,
    published,
    stage,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"), terms_from(TERMS):
        yield


def upheld(world: Any, run: Run, **fields: Any) -> Any:
    """An objection of the first zone that two of the office upheld."""
    effect = fields.pop("effect", {"figure": "void"})
    found = filed(world, run, people(world), **fields)
    answer_objection(
        objection_id=found.pk, proposed_state="upheld", answer="属实", effect=effect,
        actor=world.office, now=NOW,
    )  # fmt: skip
    return confirm_answer(objection_id=found.pk, actor=world.second, now=NOW)


def repeated(world: Any, run: Run) -> Run:
    again = repeat_run(run_id=run.pk, actor=world.office, now=LATER)
    return compute_run(run_id=again.pk, actor=world.office, now=LATER)


def test_each_zone_is_told_of_its_own_result_and_nobody_else() -> None:
    world = stage(zones=3)
    zones = [people(world, place) for place in range(3)]
    run = circulated(world)
    assert (run.state, run.objections_until) == (RunState.CIRCULATED, date(2026, 11, 27))
    for place, zone in enumerate(zones):
        for person in (zone.clerk, zone.leader):
            notice = Notice.objects.get(recipient=person, kind="evaluation.run.circulate")
            assert notice.url.endswith(f"/zones/{world.zones[place].code}/")
    assert not Notice.objects.filter(recipient=world.leader, kind__startswith="evaluation").exists()


def test_a_trial_never_leaves_the_office() -> None:
    world = stage(zones=3)
    run = computed(world, kind=RunKind.TRIAL)
    with pytest.raises(Conflict, match="trial"):
        circulate_run(run_id=run.pk, actor=world.office, now=NOW)
    with pytest.raises(Http404):
        approve_run(run_id=run.pk, actor=world.leader, now=LATER)
    assert not Notice.objects.filter(recipient=people(world).leader).exists()


def test_only_the_office_circulates_and_publishes() -> None:
    world = stage(zones=3)
    run = computed(world)
    for person in (world.leader, people(world).leader):
        with pytest.raises(NotPermitted):
            circulate_run(run_id=run.pk, actor=person, now=NOW)
    approved(world, circulated(world, run))
    with pytest.raises(NotPermitted):
        publish_run(run_id=run.pk, actor=world.leader, now=LATER)


def test_a_day_that_is_over_is_no_window() -> None:
    world = stage(zones=3)
    run = computed(world)
    with pytest.raises(InvalidInput):
        circulate_run(run_id=run.pk, actor=world.office, now=NOW, until=date(2026, 11, 20))
    until = date(2026, 12, 31)
    given = circulate_run(run_id=run.pk, actor=world.office, now=NOW, until=until)
    assert given.objections_until == until


def test_one_run_at_a_time_is_with_the_zones() -> None:
    world = stage(zones=3)
    circulated(world)
    other = computed(world)
    with pytest.raises(Conflict, match="with the zones"):
        circulate_run(run_id=other.pk, actor=world.office, now=NOW)


def test_approval_waits_for_the_window_and_for_another_person() -> None:
    world = stage(zones=3)
    run = circulated(world)
    with pytest.raises(NotPermitted, match="made"):
        approve_run(run_id=run.pk, actor=world.office, now=LATER)
    with pytest.raises(Conflict, match="2026-11-27"):
        approve_run(run_id=run.pk, actor=world.second, now=NOW)
    with pytest.raises(Http404):
        approve_run(run_id=run.pk, actor=people(world).leader, now=LATER)
    done = approve_run(run_id=run.pk, actor=world.second, now=LATER)
    assert (done.state, done.approved_by) == (RunState.APPROVED, world.second)
    with pytest.raises(TransitionNotAllowed):
        approve_run(run_id=run.pk, actor=world.leader, now=LATER)


def test_approval_waits_for_every_objection() -> None:
    world = stage(zones=3)
    run = circulated(world)
    found = filed(world, run, people(world))
    with pytest.raises(Conflict, match=f"not decided: no. {found.pk}"):
        approve_run(run_id=run.pk, actor=world.leader, now=LATER)
    answer_objection(
        objection_id=found.pk,
        proposed_state="rejected",
        answer="不成立",
        actor=world.office,
        now=NOW,
    )
    with pytest.raises(Conflict):
        approve_run(run_id=run.pk, actor=world.leader, now=LATER)
    confirm_answer(objection_id=found.pk, actor=world.second, now=NOW)
    assert approve_run(run_id=run.pk, actor=world.leader, now=LATER).state == RunState.APPROVED


def test_an_upheld_objection_is_taken_up_by_a_repeated_run() -> None:
    world = stage(zones=4)
    run = circulated(world)
    found = upheld(world, run)
    with pytest.raises(Conflict, match="Repeat"):
        approve_run(run_id=run.pk, actor=world.leader, now=LATER)
    again = repeated(world, run)
    given = circulated(world, again, now=LATER)
    run.refresh_from_db()
    assert run.state == RunState.SUPERSEDED
    # Three working days after the first of December.
    assert given.objections_until == date(2026, 12, 4)
    end = LATER + timedelta(days=9)
    done = approve_run(run_id=again.pk, actor=world.leader, now=end)
    publish_run(run_id=again.pk, actor=world.office, now=end)
    done.refresh_from_db()
    found.refresh_from_db()
    assert (done.state, found.settled_in) == (RunState.PUBLISHED, again)
    first = ZoneResult.objects.get(run=run, zone=world.zones[0])
    then = ZoneResult.objects.get(run=again, zone=world.zones[0])
    assert then.coverage < first.coverage


def test_a_repeated_run_waits_for_the_window_and_the_answers_of_the_first() -> None:
    world = stage(zones=4)
    run = circulated(world)
    found = filed(world, run, people(world))
    again = repeat_run(run_id=run.pk, actor=world.office, now=NOW)
    compute_run(run_id=again.pk, actor=world.office, now=NOW)
    with pytest.raises(Conflict, match=str(found.pk)):
        circulate_run(run_id=again.pk, actor=world.office, now=LATER)
    answer_objection(
        objection_id=found.pk,
        proposed_state="rejected",
        answer="不成立",
        actor=world.office,
        now=NOW,
    )
    confirm_answer(objection_id=found.pk, actor=world.second, now=NOW)
    with pytest.raises(Conflict, match="open for objections"):
        circulate_run(run_id=again.pk, actor=world.office, now=NOW)
    circulate_run(run_id=again.pk, actor=world.office, now=LATER)


def test_a_figure_said_to_be_corrected_must_be_another_one() -> None:
    world = stage(zones=4)
    run = circulated(world)
    found = upheld(world, run, effect={"figure": "corrected"})
    again = repeated(world, run)
    assert path_of(again, LATER.date()).unsettled == [found]
    record(world, [(world.indicators["TAX"], world.zones[0], str(YEAR), Decimal(99))], now=LATER)
    third = repeated(world, again)
    assert path_of(third, LATER.date()).unsettled == []


def test_revoked_points_leave_the_repeated_run() -> None:
    world = stage(zones=4)
    entry = confirmed(world)
    run = circulated(world)
    found = upheld(
        world, run, subject="points", node="", entry_id=entry.pk, effect={"points": "revoked"}
    )
    assert path_of(run, LATER.date()).unsettled == [found]
    assert path_of(repeated(world, run), LATER.date()).unsettled == []


def test_the_approval_can_be_taken_back() -> None:
    world = stage(zones=3)
    run = approved(world)
    with pytest.raises(InvalidInput):
        reopen_run(run_id=run.pk, reason="", actor=world.leader, now=LATER)
    with pytest.raises(NotPermitted):
        reopen_run(run_id=run.pk, reason="再核", actor=world.office, now=LATER)
    back = reopen_run(run_id=run.pk, reason="再核", actor=world.leader, now=LATER)
    assert (back.state, back.approved_by) == (RunState.CIRCULATED, None)
    with pytest.raises(TransitionNotAllowed):
        publish_run(run_id=run.pk, actor=world.office, now=LATER)


def test_publishing_replaces_the_others_and_shuts_the_year() -> None:
    world = stage(zones=3)
    spare, run = computed(world), computed(world)
    published(world, circulated(world, run))
    spare.refresh_from_db()
    assert spare.state == RunState.SUPERSEDED
    late = computed(world)
    with pytest.raises(Conflict, match="already published"):
        circulate_run(run_id=late.pk, actor=world.office, now=LATER)
    with pytest.raises(TransitionNotAllowed):
        publish_run(run_id=run.pk, actor=world.office, now=LATER)
    for refused in (reopen_run, cancel_run):
        with pytest.raises(TransitionNotAllowed):
            refused(run_id=run.pk, reason="再核", actor=world.leader if refused is reopen_run
                    else world.office, now=LATER)  # fmt: skip
    everybody = Notice.objects.filter(kind="evaluation.run.publish")
    assert everybody.filter(recipient=world.second).exists()


def test_a_result_that_cannot_be_made_again_is_not_published() -> None:
    world = stage(zones=3)
    run = approved(world)
    Run.objects.filter(pk=run.pk).update(result_digest="0" * 64)
    with pytest.raises(Conflict, match="another result"):
        publish_run(run_id=run.pk, actor=world.office, now=LATER)
    run.refresh_from_db()
    assert run.state == RunState.APPROVED


def test_it_can_be_made_again_after_figures_and_ledger_moved_on() -> None:
    world = stage(zones=3)
    run = published(world)
    record(world, [(world.indicators["TAX"], world.zones[0], str(YEAR), Decimal(99))], now=LATER)
    confirmed_later = LATER + timedelta(days=300)
    found = recreate_run(run_id=run.pk, actor=world.office, now=confirmed_later)
    assert found.holds
    assert found.result_now == verify_run(run).result_now == run.result_digest
    with pytest.raises(NotPermitted):
        recreate_run(run_id=run.pk, actor=world.leader, now=confirmed_later)


STATEMENTS = (
    "UPDATE evaluation_run SET note = 'x' WHERE id = %s",
    "UPDATE evaluation_run SET state = 'approved' WHERE id = %s",
    "DELETE FROM evaluation_run WHERE id = %s",
    "UPDATE evaluation_zoneresult SET score = 100 WHERE run_id = %s",
    "DELETE FROM evaluation_zoneresult WHERE run_id = %s",
    "UPDATE evaluation_runinput SET value = 1, absence = '' WHERE run_id = %s",
    "DELETE FROM evaluation_runinput WHERE run_id = %s",
    "UPDATE evaluation_runledgerline SET points = 1 WHERE run_id = %s",
    "DELETE FROM evaluation_runledgerline WHERE run_id = %s",
    "INSERT INTO evaluation_runinput (run_id, zone_id, node, year, value, period, absence) "
    "SELECT run_id, zone_id, 'MORE', year, 1, '', '' FROM evaluation_runinput WHERE run_id = %s",
)


def test_nothing_of_a_published_run_changes_whoever_asks_the_database() -> None:
    world = stage(zones=3)
    confirmed(world)
    run = published(world)
    for statement in STATEMENTS:
        with (
            pytest.raises(DatabaseError, match=r"published|never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [run.pk])
    assert Run.objects.get(pk=run.pk).state == RunState.PUBLISHED
    assert run.results.count() == 3


def test_another_runs_results_can_still_be_made() -> None:
    world = stage(zones=3)
    published(world)
    trial = computed(world, kind=RunKind.TRIAL)
    ZoneResult.objects.filter(run=trial).update(group="x")
    assert trial.results.filter(group="x").count() == 3


def test_the_checklist_says_what_is_missing_and_who_acts() -> None:
    world = stage(zones=3)
    run = computed(world)
    path = path_of(run, NOW.date())
    assert path.next is not None
    assert path.next.code == "circulated"
    assert [step.code for step in path.steps if step.is_done] == ["computed"]
    found = filed(world, circulated(world, run), people(world))
    run.refresh_from_db()
    path = path_of(run, LATER.date())
    assert path.next is not None
    assert path.next.code == "answered"
    assert str(found.pk) in path.next.why
    assert path.waiting == [found]
    assert found.state == ObjectionState.FILED


def test_an_objection_upheld_after_the_repetition_is_taken_up_by_the_next() -> None:
    world = stage(zones=4)
    run = circulated(world)
    early = repeat_run(run_id=run.pk, actor=world.office, now=NOW)
    compute_run(run_id=early.pk, actor=world.office, now=NOW)
    found = upheld(world, run)
    circulated(world, early, now=LATER)
    third = repeated(world, early)
    assert path_of(third, LATER.date()).unsettled == []
    assert third.inputs.get(zone=world.zones[0], node="TAX", year=YEAR).absence == "voided"
    found.refresh_from_db()
    assert found.settled_in == third


def test_a_cancelled_repetition_does_not_take_the_objections_along() -> None:
    world = stage(zones=4)
    run = circulated(world)
    found = upheld(world, run)
    again = repeated(world, run)
    cancel_run(run_id=again.pk, reason="口径有误", actor=world.office, now=LATER)
    third = repeated(world, run)
    assert path_of(third, LATER.date()).unsettled == []
    found.refresh_from_db()
    assert found.settled_in == third


def test_a_cancelled_run_can_be_repeated_with_what_was_upheld_before() -> None:
    world = stage(zones=4)
    run = circulated(world)
    upheld(world, run)
    again = circulated(world, repeated(world, run), now=LATER)
    zone = people(world).leader
    cancel_run(run_id=again.pk, reason="口径有误", actor=world.office, now=LATER)
    assert Notice.objects.filter(recipient=zone, kind="evaluation.run.withdrawn").count() == 1
    third = repeated(world, again)
    assert path_of(third, LATER.date()).unsettled == []
    assert circulated(world, third, now=LATER).state == RunState.CIRCULATED


def test_a_run_that_no_zone_was_given_is_cancelled_without_a_word() -> None:
    world = stage(zones=3)
    people(world)
    cancel_run(run_id=computed(world).pk, reason="口径有误", actor=world.office, now=NOW)
    assert not Notice.objects.filter(kind="evaluation.run.withdrawn").exists()


def test_a_cancelled_run_leaves_the_way_free() -> None:
    world = stage(zones=3)
    run = circulated(world)
    with pytest.raises(InvalidInput):
        cancel_run(run_id=run.pk, reason="", actor=world.office, now=NOW)
    cancel_run(run_id=run.pk, reason="口径有误", actor=world.office, now=NOW)
    assert circulated(world).state == RunState.CIRCULATED
