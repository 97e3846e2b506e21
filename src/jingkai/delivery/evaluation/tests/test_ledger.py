"""The ledger of points: who enters, who decides, what counts, and what two at once may not do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.utils import translation

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.files.public import attachments_of
from jingkai.core.notices.models import Notice
from jingkai.delivery.evaluation.models import LedgerEntry, LedgerState, RunState, ZoneResult
from jingkai.delivery.evaluation.points import Line, PointRule, sums
from jingkai.delivery.evaluation.queries.ledger import (
    entries_for_list,
    standing_points,
    visible_entries,
)
from jingkai.delivery.evaluation.rules import can_decide_points
from jingkai.delivery.evaluation.services.ledger import (
    AlikeCase,
    attach_case_evidence,
    confirm_points,
    refuse_points,
    revoke_points,
    withdraw_points,
)
from jingkai.delivery.evaluation.terms import terms_from

from .scenes import (
    NOW,
    TERMS,
    YEAR,
    circulated,
    computed,
    confirmed,
    department,
    paper,
    people,
    propose,
    published,
    stage,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"), terms_from(TERMS):
        yield


def test_a_case_takes_kind_and_points_from_the_rule() -> None:
    world, clerk = stage(zones=2), department()
    entry = propose(world, clerk)
    assert (entry.kind, entry.points, entry.state) == ("deduction", Decimal(3), "proposed")
    assert entry.body_id in clerk.body_ids()
    assert attachments_of(entry).count() == 1
    assert AuditEvent.objects.filter(action="evaluation.ledger.proposed").exists()
    assert Notice.objects.filter(recipient=world.office, kind="evaluation.ledger.proposed").exists()


def test_a_veto_has_no_points() -> None:
    entry = propose(stage(zones=2), rule="fraud")
    assert (entry.kind, entry.points) == ("veto", Decimal(0))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": "applause"}, "rule"),
        ({"year": 2019}, "year"),
        ({"happened_on": date(2027, 1, 1)}, "happened_on"),
        ({"happened_on": date(2024, 12, 31)}, "outside_year"),
        ({"happened_on": None}, "outside_year"),
        ({"reason": "  "}, "reason"),
        ({"reason": "长" * 501}, "reason"),
        ({"evidence": []}, "evidence"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(change: dict[str, Any], field: str) -> None:
    world = stage(zones=2)
    with pytest.raises(InvalidInput) as caught:
        propose(world, **change)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert not LedgerEntry.objects.exists()


def test_a_case_of_another_year_says_why_it_counts() -> None:
    entry = propose(
        stage(zones=2), happened_on=date(2024, 12, 31), outside_year="通报于次年二月印发"
    )
    assert entry.outside_year == "通报于次年二月印发"


def test_the_office_may_attach_the_evidence_later_but_not_confirm_without() -> None:
    world = stage(zones=2)
    entry = propose(world, world.second, evidence=[])
    assert entry.body_id is None
    with pytest.raises(Conflict, match="evidence"):
        confirm_points(entry_id=entry.pk, actor=world.office, now=NOW)
    attach_case_evidence(entry_id=entry.pk, upload=paper(), actor=world.second, now=NOW)
    done = confirm_points(entry_id=entry.pk, actor=world.office, now=NOW)
    assert done.state == LedgerState.CONFIRMED
    with pytest.raises(Conflict):
        attach_case_evidence(
            entry_id=entry.pk, upload=paper("补充.pdf"), actor=world.second, now=NOW
        )


def test_an_alike_case_is_asked_about() -> None:
    world = stage(zones=2)
    first = propose(world)
    with pytest.raises(AlikeCase) as caught:
        propose(world)
    assert caught.value.params["entry"] == first.pk
    assert propose(world, another_case=True).pk != first.pk
    refuse_points(entry_id=first.pk, reason="不属实", actor=world.office, now=NOW)
    propose(world, happened_on=date(YEAR, 6, 2))


def test_zones_and_leaders_enter_nothing() -> None:
    world = stage(zones=2)
    for person in (people(world).leader, world.leader):
        with pytest.raises(NotPermitted):
            propose(world, person)


def test_nobody_decides_about_their_own_case() -> None:
    world = stage(zones=2)
    entry = propose(world, world.office)
    for decide in (confirm_points, refuse_points, revoke_points):
        with pytest.raises(NotPermitted, match="own"):
            decide(entry_id=entry.pk, actor=world.office, now=NOW, **(
                {} if decide is confirm_points else {"reason": "否"}
            ))  # fmt: skip
    assert can_decide_points(world.second, entry)


def test_a_case_is_decided_once() -> None:
    world = stage(zones=2)
    entry = propose(world)
    with pytest.raises(InvalidInput):
        refuse_points(entry_id=entry.pk, reason=" ", actor=world.office, now=NOW)
    refused = refuse_points(entry_id=entry.pk, reason="证据不足", actor=world.office, now=NOW)
    assert (refused.answer, refused.decided_by) == ("证据不足", world.office)
    for again in (confirm_points, revoke_points):
        with pytest.raises(TransitionNotAllowed):
            again(entry_id=entry.pk, actor=world.second, now=NOW, **(
                {} if again is confirm_points else {"reason": "否"}
            ))  # fmt: skip
    assert Notice.objects.filter(
        recipient=entry.entered_by, kind="evaluation.ledger.refuse"
    ).exists()


def test_an_old_page_decides_nothing() -> None:
    world = stage(zones=2)
    entry = propose(world)
    with pytest.raises(Conflict, match="meantime"):
        confirm_points(entry_id=entry.pk, actor=world.office, now=NOW, revision=entry.revision + 1)


def test_only_the_own_body_withdraws() -> None:
    world, clerk = stage(zones=2), department()
    entry = propose(world, clerk)
    with pytest.raises(Http404):  # another department does not even see it
        withdraw_points(entry_id=entry.pk, reason="误报", actor=department(), now=NOW)
    with pytest.raises(NotPermitted):
        withdraw_points(entry_id=entry.pk, reason="误报", actor=world.office, now=NOW)
    colleague = UserFactory(role=Role.DEPARTMENT_REVIEWER, body=entry.body)
    withdrawn = withdraw_points(entry_id=entry.pk, reason="误报", actor=colleague, now=NOW)
    assert (withdrawn.state, withdrawn.decided_by) == (LedgerState.WITHDRAWN, None)


def test_a_frozen_run_keeps_its_cases_and_the_next_one_takes_the_new() -> None:
    world = stage(zones=4)
    run = circulated(world)
    confirmed(world)
    run.refresh_from_db()
    assert run.ledger_lines.count() == 0
    assert computed(world).ledger_lines.count() == 1


def test_a_revoked_case_counts_in_no_later_run() -> None:
    world = stage(zones=4)
    entry = confirmed(world)
    before = computed(world)
    revoke_points(entry_id=entry.pk, reason="申诉成立", actor=world.second, now=NOW)
    assert before.ledger_lines.count() == 1
    assert computed(world).ledger_lines.count() == 0


def test_nothing_is_entered_once_the_result_is_published() -> None:
    world = stage(zones=4)
    published(world)
    with pytest.raises(Conflict, match="published"):
        propose(world)


def test_a_zone_sees_its_own_case_once_the_result_is_with_it() -> None:
    world = stage(zones=4)
    own, other, elsewhere = people(world).clerk, people(world, 1).clerk, department()
    entry = confirmed(world)
    run = computed(world)
    for person in (own, other, elsewhere):
        assert not visible_entries(person).exists()
    circulated(world, run)
    assert list(visible_entries(own)) == [entry]
    assert not visible_entries(other).exists()
    assert not visible_entries(elsewhere).exists()
    published(world, run)
    for person in (own, other, elsewhere):
        assert list(visible_entries(person)) == [entry]


def test_nobody_sees_a_case_from_a_trial() -> None:
    world = stage(zones=4)
    confirmed(world)
    run = computed(world, kind="trial")
    assert run.state == RunState.COMPUTED
    assert not visible_entries(people(world).clerk).exists()


def test_points_stop_at_the_caps_of_rule_and_scheme() -> None:
    world = stage(zones=2)
    for day in (1, 2, 3):
        confirmed(world, happened_on=date(YEAR, 3, day))
    propose(world, rule="reform", happened_on=date(YEAR, 3, 4))
    found = standing_points(scheme_id=world.scheme.pk, zone_id=world.zones[0].pk, year=YEAR)
    assert found is not None
    deduction = next(row for row in found.rows if row["kind"] == "deduction")
    assert (deduction["confirmed"], deduction["counted"]) == (Decimal(9), Decimal(6))
    assert deduction["capped"]
    bonus = next(row for row in found.rows if row["kind"] == "bonus")
    assert (bonus["confirmed"], bonus["waiting"]) == (Decimal(0), Decimal(2))


def test_the_scheme_caps_what_its_rules_let_through() -> None:
    rules = {code: PointRule(code, "bonus", code, Decimal(4)) for code in "ab"}
    found = sums([Line("a", "bonus", Decimal(4)), Line("b", "bonus", Decimal(4))], rules,
                 {"bonus_cap": 5})  # fmt: skip
    assert (found.entered["bonus"], found.counted["bonus"]) == (Decimal(8), Decimal(5))
    assert found.capped == ("bonus",)


def test_a_run_counts_each_rule_up_to_its_cap() -> None:
    world = stage(zones=4)
    for day in (1, 2, 3):
        confirmed(world, happened_on=date(YEAR, 3, day))
    run = computed(world)
    assert run.ledger_lines.count() == 3
    result = ZoneResult.objects.get(run=run, zone=world.zones[0])
    assert result.before_points is not None
    assert result.score is not None
    assert round(result.before_points - result.score, 6) == Decimal(6)


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_costs_the_same_at_any_length(rows: int, django_assert_num_queries: Any) -> None:
    world = stage(zones=2)
    for day in range(rows):
        propose(world, world.office, happened_on=date(YEAR, 1, day + 1))
    reader = UserFactory(role=Role.OFFICE)
    assert reader.current_memberships
    with django_assert_num_queries(1):
        found = [(e.scheme.name, e.zone.name, e.entered_by.name)
                 for e in entries_for_list(reader)]  # fmt: skip
    assert len(found) == rows
