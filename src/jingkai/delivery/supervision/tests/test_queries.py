"""Visibility is the rules' twin; lists cost the same at any length; differences are true."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.ui.search import search
from jingkai.delivery.supervision import queries, rules, services
from jingkai.delivery.supervision.clock import daily_tick
from jingkai.delivery.supervision.models import Obligation, ObligationState

from .factories import DUE, GROUND, NOW, TODAY, after, at, cast, evidence

pytestmark = pytest.mark.django_db
S = ObligationState


def test_the_queryset_says_what_the_rule_says() -> None:
    casts = [cast(state) for state in S.values]
    casts.append(cast(S.ISSUED, parent=casts[0].share.parent))
    lead = UserFactory(role=Role.DEPARTMENT_REVIEWER)
    whole = casts[1].share.parent
    Obligation.objects.filter(pk=whole.pk).update(body=lead.primary_membership.body)
    people = [
        lead,
        UserFactory(),
        *(UserFactory(role=role) for role in Role),
        *(person for c in casts for person in (c.clerk, c.reviewer, c.office, c.leader)),
        UserFactory(memberships=[(Role.ENTERPRISE, casts[2].body)]),
        UserFactory(memberships=[(Role.ZONE_CLERK, c.body) for c in casts]),
    ]
    rows = list(Obligation.objects.select_related("parent"))
    seen = 0
    for person in people:
        visible = set(queries.visible_obligations(person).values_list("pk", flat=True))
        assert visible == {row.pk for row in rows if rules.can_see(person, row)}
        seen += len(visible)
    assert seen > len(rows)


def test_a_body_sees_its_share_and_the_whole_task_only() -> None:
    c = cast()
    other = cast(parent=c.share.parent)
    assert set(queries.visible_obligations(c.clerk)) == {c.share, c.share.parent}
    assert other.share not in queries.visible_obligations(c.clerk)


def test_the_global_search_finds_what_one_may_see() -> None:
    c = cast()
    other = cast(parent=c.share.parent)
    title = c.share.task.title

    def found(user) -> set[str]:
        hits = [hit for _label, hits in search(user, title, limit=50) for hit in hits]
        return {hit.url for hit in hits if "/supervision/" in hit.url}

    def url(row: Obligation) -> str:
        return reverse("supervision:obligation", args=[row.pk])

    assert found(c.clerk) == {url(c.share), url(c.share.parent)}
    assert url(other.share) in found(UserFactory(role=Role.OFFICE))
    assert not found(UserFactory(role=Role.SYSTEM_ADMIN))


@pytest.mark.parametrize("rows", [1, 12])
def test_lists_cost_the_same_at_any_length(rows, django_assert_num_queries) -> None:
    office = UserFactory(role=Role.OFFICE)
    for _n in range(rows):
        c = cast()
        services.report_progress(
            obligation_id=c.share.pk, progress=5, text="进展", actor=c.clerk, now=NOW, ground=GROUND
        )
    office.has_role(Role.OFFICE)
    with django_assert_num_queries(3):
        found = queries.obligations_for_list(
            user=office, filters=queries.Filters(kind="share"), today=TODAY
        )
        assert len(queries.rows_of(found, user=office, today=TODAY)) == rows
    with django_assert_num_queries(2):
        found = queries.obligations_for_list(
            user=office, filters=queries.Filters(kind="task"), today=TODAY
        )
        assert len(queries.rows_of(found, user=office, today=TODAY)) == rows
    with django_assert_num_queries(1):
        assert len(queries.body_board(user=office)) == rows
    with django_assert_num_queries(4):
        queries.my_work(office, TODAY)


def test_filters_narrow() -> None:
    office = UserFactory(role=Role.OFFICE)
    late = cast(original_due_on=date(2026, 3, 10))
    calm = cast()
    daily_tick(now=at(date(2026, 3, 12)), ground=GROUND)

    def found(**given):
        return {
            row.pk
            for row in queries.obligations_for_list(
                user=office, filters=queries.Filters(kind="share", **given), today=date(2026, 3, 12)
            )
        }

    assert found() == {late.share.pk, calm.share.pk}
    assert found(light="red") == found(late=True) == {late.share.pk}
    assert found(body=calm.body.pk) == {calm.share.pk}
    assert found(state="completed") == set()
    assert found(text=calm.body.name) == {calm.share.pk}
    assert found(group=2) == set()


def test_board_counts_by_light_and_late_days() -> None:
    office = UserFactory(role=Role.OFFICE)
    c = cast(original_due_on=date(2026, 3, 10), next_report_due=date(2026, 3, 11))
    daily_tick(now=at(date(2026, 3, 13)), ground=GROUND)
    (line,) = queries.body_board(user=office)
    assert (line.body_id, line.red, line.green, line.late_days, line.report_late_days) == (
        c.body.pk,
        1,
        0,
        3,
        2,
    )


def test_the_difference_since_the_last_meeting() -> None:
    before = cast(original_due_on=date(2026, 3, 10), next_report_due=date(2026, 5, 1))
    daily_tick(now=at(date(2026, 3, 12)), ground=GROUND)
    held = at(date(2026, 3, 12), 3)
    services.record_meeting(title="三月调度会", held_at=held, actor=before.office, now=held)

    issued = cast(S.REGISTERED)
    services.issue(
        obligation_id=issued.share.pk, due_on=DUE, actor=issued.office, now=after(11), ground=GROUND
    )
    disputed = cast(S.ISSUED)
    services.dispute(
        obligation_id=disputed.share.pk,
        reason="应由他局",
        actor=disputed.reviewer,
        now=after(12),
        ground=GROUND,
    )
    slow = cast(original_due_on=date(2026, 3, 15), next_report_due=date(2026, 5, 1))
    daily_tick(now=at(date(2026, 3, 18)), ground=GROUND)

    changes = queries.changes_since(
        queries.last_meeting().held_at, user=before.office, until=at(date(2026, 3, 18), 3)
    )
    assert {m.item.pk for m in changes.issued} == {issued.share.pk, issued.share.parent_id}
    assert {g.item.pk: g.task_days for g in changes.grown} == {before.share.pk: 6, slow.share.pk: 3}
    worse = {r.item.pk for r in changes.worse if r.after == "red"}
    assert worse == {slow.share.pk}  # the other was red already
    assert [d.obligation_id for d in changes.disputes] == [disputed.share.pk]

    own = queries.changes_since(held, user=slow.clerk, until=at(date(2026, 3, 18), 3))
    assert {g.item.pk for g in own.grown} == {slow.share.pk}
    assert not own.issued
    nothing = queries.changes_since(
        at(date(2026, 3, 18), 4), user=before.office, until=at(date(2026, 3, 18), 5)
    )
    assert nothing.empty


def test_my_work_groups_what_waits_is_late_and_comes() -> None:
    c = cast(original_due_on=date(2026, 3, 20), next_report_due=date(2026, 3, 5))
    assert [(i.group, i.kind) for i in queries.my_work(c.clerk, TODAY)] == [
        ("coming", "report"),
        ("coming", "task"),
    ]
    today = date(2026, 3, 25)
    assert [(i.group, i.kind, i.late_days) for i in queries.my_work(c.clerk, today)] == [
        ("waiting", "report", 20),
        ("late", "task", 0),
    ]
    report = services.claim_completion(
        obligation_id=c.share.pk,
        text="完成",
        evidence=[evidence()],
        actor=c.clerk,
        now=NOW,
        ground=GROUND,
    )
    assert ("waiting", "review") in {(i.group, i.kind) for i in queries.my_work(c.reviewer, TODAY)}
    assert not queries.my_work(c.clerk, TODAY)
    services.endorse_completion(report_id=report.pk, actor=c.reviewer, now=NOW)
    assert [i.kind for i in queries.my_work(c.office, TODAY)] == ["complete"]
    assert queries.my_work(UserFactory(role=Role.ENTERPRISE), TODAY) == []


def test_a_signer_is_asked_to_sign_and_a_clerk_is_not() -> None:
    c = cast(S.ISSUED)
    assert [i.kind for i in queries.my_work(c.reviewer, TODAY)] == ["sign"]
    assert queries.my_work(c.clerk, TODAY) == []


def test_deadlines_for_the_calendar_feed() -> None:
    c = cast()
    assert {d.due_on for d in queries.deadlines_for(c.clerk)} == {DUE, date(2026, 3, 30)}
    assert queries.deadlines_for(c.office) == []
