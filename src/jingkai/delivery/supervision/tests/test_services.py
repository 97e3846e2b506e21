"""The main line 立项-交办-签收-办理-反馈-审核-办结-销号, and every way it is refused."""

from __future__ import annotations

from datetime import date

import pytest

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.core.workflow.public import history
from jingkai.delivery.policy.models import Responsibility, StandingRule
from jingkai.delivery.supervision import services
from jingkai.delivery.supervision.models import (
    DisputeOutcome,
    Obligation,
    ObligationState,
    ProgressReport,
    ReportState,
)
from jingkai.masterdata.organisations.models import BodyKind
from jingkai.masterdata.organisations.tests.factories import BodyFactory, ZoneFactory

from .factories import (
    DUE,
    GROUND,
    NOW,
    DocumentFactory,
    KeyTaskFactory,
    after,
    cast,
    evidence,
)

pytestmark = pytest.mark.django_db
S = ObligationState


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_DIR = tmp_path


def fresh(obligation: Obligation) -> Obligation:
    return Obligation.objects.get(pk=obligation.pk)


# Registering


def document_with_tasks():
    document = DocumentFactory()
    commerce = BodyFactory()
    zone = ZoneFactory()
    group = BodyFactory(code="ALL_COMMITTEES", kind=BodyKind.GROUP, name="各经开区管委会")
    named = KeyTaskFactory(document=document)
    general = KeyTaskFactory(document=document)
    Responsibility.objects.create(task=named, body=commerce, position=1)
    Responsibility.objects.create(task=general, body=group, position=1)
    rule = StandingRule.objects.create(
        document=document, code="ALL_TASKS_BIND_ZONES", title="均由各区落实", place="1"
    )
    rule.bodies.set([group, zone.host_district])
    return document, commerce, zone, named, general


def test_registering_adds_each_bodys_share_and_the_standing_rule() -> None:
    document, commerce, zone, named, general = document_with_tasks()
    office = UserFactory(role=Role.OFFICE)
    district = zone.host_district

    done = services.register_obligations(document=document, due_on=DUE, actor=office, now=NOW)

    assert (done.tasks, done.shares) == (2, 5)
    shares = Obligation.objects.filter(kind="share")
    assert set(shares.filter(task=named).values_list("body_id", flat=True)) == {
        commerce.pk,
        zone.committee_id,
        district.pk,
    }
    assert set(shares.filter(task=general).values_list("body_id", flat=True)) == {
        zone.committee_id,
        district.pk,
    }
    assert shares.get(task=named, body=commerce).responsibility is not None
    assert {row.parent.task_id == row.task_id for row in shares} == {True}


def test_registering_again_adds_only_what_is_new() -> None:
    document, _commerce, _zone, named, _general = document_with_tasks()
    office = UserFactory(role=Role.OFFICE)
    services.register_obligations(document=document, due_on=DUE, actor=office, now=NOW)
    events = AuditEvent.objects.count()

    again = services.register_obligations(document=document, due_on=DUE, actor=office, now=NOW)
    assert (again.tasks, again.shares) == (0, 0)
    assert AuditEvent.objects.count() == events

    Responsibility.objects.create(task=named, body=BodyFactory(), position=2)
    more = services.register_obligations(document=document, due_on=DUE, actor=office, now=NOW)
    assert (more.tasks, more.shares) == (0, 1)


def test_only_the_office_registers() -> None:
    with pytest.raises(NotPermitted):
        services.register_obligations(
            document=DocumentFactory(), due_on=DUE, actor=UserFactory(role=Role.LEADER), now=NOW
        )


# Issuing and signing


def test_issue_sets_dates_and_tells_the_signer() -> None:
    c = cast(S.REGISTERED)
    services.issue(obligation_id=c.share.pk, due_on=DUE, actor=c.office, now=NOW, ground=GROUND)
    share = fresh(c.share)
    assert (share.state, share.due_on, share.original_due_on) == (S.ISSUED, DUE, DUE)
    assert share.sign_by == date(2026, 3, 5)  # three working days after Monday
    assert share.parent.state == S.ISSUED
    assert Notice.objects.filter(recipient=c.reviewer).count() == 1
    assert not Notice.objects.filter(recipient=c.clerk).exists()


def test_issue_many_is_all_or_none() -> None:
    c, issued = cast(S.REGISTERED), cast(S.ISSUED)
    with pytest.raises(TransitionNotAllowed):
        services.issue_many(
            obligation_ids=[c.share.pk, issued.share.pk],
            due_on=DUE,
            actor=c.office,
            now=NOW,
            ground=GROUND,
        )
    assert fresh(c.share).state == S.REGISTERED
    assert (
        services.issue_many(
            obligation_ids=[c.share.pk, c.share.pk],
            due_on=DUE,
            actor=c.office,
            now=NOW,
            ground=GROUND,
        )
        == 1
    )


@pytest.mark.parametrize(
    ("due_on", "sign_by", "field"),
    [
        (date(2026, 3, 2), None, "due_on"),
        (DUE, date(2026, 3, 1), "sign_by"),
        (date(2026, 3, 4), date(2026, 3, 5), "sign_by"),
    ],
)
def test_dates_of_an_issue_are_checked(due_on, sign_by, field) -> None:
    c = cast(S.REGISTERED)
    with pytest.raises(InvalidInput) as caught:
        services.issue(
            obligation_id=c.share.pk,
            due_on=due_on,
            sign_by=sign_by,
            actor=c.office,
            now=NOW,
            ground=GROUND,
        )
    assert field in {problem.field for problem in caught.value.problems}
    assert fresh(c.share).state == S.REGISTERED


def test_sign_starts_work_and_the_whole_task() -> None:
    c = cast(S.ISSUED)
    services.sign(obligation_id=c.share.pk, actor=c.reviewer, now=NOW, ground=GROUND)
    share = fresh(c.share)
    assert share.state == S.ACTIVE
    assert share.next_report_due == date(2026, 3, 30)  # twenty working days
    assert share.parent.state == S.ACTIVE
    assert share.light == "green"


def test_a_clerk_does_not_sign_and_neither_does_another_body() -> None:
    c, other = cast(S.ISSUED), cast(S.ISSUED)
    for person in (c.clerk, c.office, other.reviewer):
        with pytest.raises(NotPermitted):
            services.sign(obligation_id=c.share.pk, actor=person, now=NOW, ground=GROUND)


def test_signing_twice_says_who_signed() -> None:
    c = cast(S.ISSUED)
    services.sign(obligation_id=c.share.pk, actor=c.reviewer, now=NOW, ground=GROUND)
    with pytest.raises(TransitionNotAllowed, match=c.reviewer.name):
        services.sign(obligation_id=c.share.pk, actor=c.reviewer, now=after(1), ground=GROUND)
    assert history(c.share).count() == 1


# Disputes


def test_a_dispute_is_a_state_and_the_office_may_keep_it() -> None:
    c = cast(S.ISSUED)
    services.dispute(
        obligation_id=c.share.pk, reason="职责不在我局", actor=c.reviewer, now=NOW, ground=GROUND
    )
    assert fresh(c.share).state == S.DISPUTED
    services.settle_dispute(
        obligation_id=c.share.pk,
        keep=True,
        note="三定方案写明",
        actor=c.office,
        now=after(1),
        ground=GROUND,
    )
    share = fresh(c.share)
    assert share.state == S.ISSUED
    assert share.sign_by == date(2026, 3, 6)
    assert share.disputes.get().outcome == DisputeOutcome.KEPT


def test_reassigning_makes_a_share_of_the_other_body() -> None:
    c, other = cast(S.ISSUED), BodyFactory()
    services.dispute(
        obligation_id=c.share.pk,
        reason="应由他局",
        proposed_body_id=other.pk,
        actor=c.reviewer,
        now=NOW,
        ground=GROUND,
    )
    new = services.settle_dispute(
        obligation_id=c.share.pk,
        keep=False,
        new_body_id=other.pk,
        note="同意",
        actor=c.office,
        now=NOW,
        ground=GROUND,
    )
    assert fresh(c.share).state == S.WITHDRAWN
    assert (new.body_id, new.state, new.due_on) == (other.pk, S.ISSUED, DUE)


def test_a_body_that_has_its_share_gets_no_second_one() -> None:
    c = cast(S.ISSUED)
    other = cast(S.ISSUED, parent=c.share.parent)
    services.dispute(
        obligation_id=c.share.pk, reason="应由他局", actor=c.reviewer, now=NOW, ground=GROUND
    )
    with pytest.raises(Conflict):
        services.settle_dispute(
            obligation_id=c.share.pk,
            keep=False,
            new_body_id=other.body.pk,
            note="改派",
            actor=c.office,
            now=NOW,
            ground=GROUND,
        )
    assert fresh(c.share).state == S.DISPUTED


def test_a_dispute_needs_a_reason() -> None:
    c = cast(S.ISSUED)
    with pytest.raises(InvalidInput):
        services.dispute(
            obligation_id=c.share.pk, reason="  ", actor=c.reviewer, now=NOW, ground=GROUND
        )


# Reports and review


def send(c, progress=40, now=NOW, **fields):
    return services.report_progress(
        obligation_id=c.share.pk,
        progress=progress,
        text="完成方案",
        actor=c.clerk,
        now=now,
        ground=GROUND,
        **fields,
    )


def test_claim_and_accepted_progress_are_apart() -> None:
    c = cast()
    report = send(c, 40, evidence=[evidence()])
    share = fresh(c.share)
    assert (share.claimed_progress, share.progress, share.claim) == (40, 0, "完成方案")
    assert report.period == "2026-03"
    services.review_report(
        report_id=report.pk, accept=True, actor=c.reviewer, now=NOW, ground=GROUND
    )
    share = fresh(c.share)
    assert (share.claimed_progress, share.progress) == (40, 40)
    assert share.parent.progress == 40


def test_nobody_reviews_their_own_report() -> None:
    c = cast()
    report = services.report_progress(
        obligation_id=c.share.pk, progress=10, text="启动", actor=c.reviewer, now=NOW, ground=GROUND
    )
    with pytest.raises(NotPermitted):
        services.review_report(
            report_id=report.pk, accept=True, actor=c.reviewer, now=NOW, ground=GROUND
        )
    services.review_report(report_id=report.pk, accept=True, actor=c.office, now=NOW, ground=GROUND)


def test_a_rejected_report_takes_the_claim_back_and_is_due_again() -> None:
    c = cast()
    report = send(c, 60)
    with pytest.raises(InvalidInput):
        services.review_report(
            report_id=report.pk, accept=False, actor=c.reviewer, now=NOW, ground=GROUND
        )
    services.review_report(
        report_id=report.pk, accept=False, note="无佐证", actor=c.reviewer, now=NOW, ground=GROUND
    )
    share = fresh(c.share)
    assert (share.claimed_progress, share.rejections) == (0, 1)
    assert share.next_report_due == date(2026, 3, 5)
    again = send(c, 50, now=after(1))
    services.review_report(
        report_id=again.pk, accept=False, note="仍无", actor=c.reviewer, now=after(1), ground=GROUND
    )
    assert (fresh(c.share).light, fresh(c.share).light_reason) == ("red", "rejected-often")
    good = send(c, 50, now=after(2))
    services.review_report(
        report_id=good.pk, accept=True, actor=c.reviewer, now=after(2), ground=GROUND
    )
    assert fresh(c.share).rejections == 0


def test_one_report_per_period() -> None:
    c = cast()
    send(c, period="2026-03")
    with pytest.raises(Conflict):
        send(c, period="2026-03")
    assert c.share.reports.count() == 1
    second = send(c)
    assert second.period != "2026-03"


@pytest.mark.parametrize(
    "fields", [{"progress": 101}, {"progress": -1}, {"period": "三月"}, {"period": "2026-13"}]
)
def test_a_bad_report_is_refused(fields) -> None:
    c = cast()
    with pytest.raises(InvalidInput):
        send(c, **fields)
    assert not c.share.reports.exists()


def test_a_late_report_keeps_its_days() -> None:
    c = cast(next_report_due=date(2026, 3, 10))
    report = send(c, now=after(12))  # 14 March
    assert (report.late_days, report.due_on) == (4, date(2026, 3, 10))
    share = fresh(c.share)
    assert share.report_late_days == 4
    assert share.next_report_due > date(2026, 3, 14)
    assert share.late_days == 0  # late reporting is not a late task


# Completion


def claimed(c, now=NOW):
    return services.claim_completion(
        obligation_id=c.share.pk,
        text="全部完成",
        evidence=[evidence()],
        actor=c.clerk,
        now=now,
        ground=GROUND,
    )


def finish(c, now=NOW) -> ProgressReport:
    report = claimed(c, now)
    services.endorse_completion(report_id=report.pk, actor=c.reviewer, now=now)
    return services.review_report(
        report_id=report.pk, accept=True, actor=c.office, now=now, ground=GROUND
    )


def test_completion_goes_through_the_body_and_the_office() -> None:
    c = cast()
    report = claimed(c)
    with pytest.raises(Conflict):
        services.review_report(
            report_id=report.pk, accept=True, actor=c.office, now=NOW, ground=GROUND
        )
    with pytest.raises(NotPermitted):
        services.review_report(
            report_id=report.pk, accept=True, actor=c.reviewer, now=NOW, ground=GROUND
        )
    with pytest.raises(NotPermitted):
        services.endorse_completion(report_id=report.pk, actor=c.clerk, now=NOW)
    services.endorse_completion(report_id=report.pk, actor=c.reviewer, now=NOW)
    services.review_report(report_id=report.pk, accept=True, actor=c.office, now=NOW, ground=GROUND)
    share = fresh(c.share)
    assert (share.state, share.progress, share.completed_at) == (S.COMPLETED, 100, NOW)
    services.close(obligation_id=share.pk, actor=c.office, now=after(1), ground=GROUND)
    assert fresh(share).state == S.CLOSED


def test_a_completion_without_evidence_is_not_taken() -> None:
    c = cast()
    with pytest.raises(InvalidInput):
        services.claim_completion(
            obligation_id=c.share.pk,
            text="完成",
            evidence=[],
            actor=c.clerk,
            now=NOW,
            ground=GROUND,
        )
    assert fresh(c.share).state == S.ACTIVE


def test_withdrawn_evidence_bars_closing() -> None:
    c = cast()
    report = finish(c)
    from jingkai.core.files.models import Attachment

    Attachment.objects.filter(target_id=report.pk).update(withdrawn_at=NOW)
    with pytest.raises(Conflict):
        services.close(obligation_id=c.share.pk, actor=c.office, now=NOW, ground=GROUND)
    assert fresh(c.share).state == S.COMPLETED


def test_a_rejected_completion_catches_up_with_the_clock() -> None:
    c = cast(original_due_on=date(2026, 3, 10))
    report = claimed(c, after(11))  # 13 March: three days late
    assert fresh(c.share).late_days == 3
    services.review_report(
        report_id=report.pk,
        accept=False,
        note="未验收",
        actor=c.reviewer,
        now=after(20),
        ground=GROUND,
    )
    share = fresh(c.share)
    assert (share.state, share.late_days) == (S.ACTIVE, 12)


def test_the_whole_task_waits_for_its_shares_and_its_figures(monkeypatch) -> None:
    from jingkai.delivery.supervision.services import closing

    c = cast()
    whole = c.share.parent_id
    with pytest.raises(Conflict):
        services.conclude(obligation_id=whole, actor=c.office, now=NOW, ground=GROUND)
    finish(c)
    services.conclude(obligation_id=whole, actor=c.office, now=NOW, ground=GROUND)
    with pytest.raises(Conflict):
        services.close(obligation_id=whole, actor=c.office, now=NOW, ground=GROUND)
    services.close(obligation_id=c.share.pk, actor=c.office, now=NOW, ground=GROUND)
    monkeypatch.setattr(closing, "_next_figure", lambda task_id, since: False)
    with pytest.raises(Conflict):
        services.close(obligation_id=whole, actor=c.office, now=NOW, ground=GROUND)
    with pytest.raises(NotPermitted):
        services.exempt_from_figure(obligation_id=whole, reason="年度数据", actor=c.office, now=NOW)
    services.exempt_from_figure(
        obligation_id=whole, reason="年度数据明年才有", actor=c.leader, now=NOW
    )
    services.close(obligation_id=whole, actor=c.office, now=NOW, ground=GROUND)
    assert Obligation.objects.get(pk=whole).state == S.CLOSED


def test_reopening_keeps_late_days() -> None:
    c = cast(original_due_on=date(2026, 3, 10))
    finish(c, after(11))
    assert fresh(c.share).late_days == 3
    services.reopen(
        obligation_id=c.share.pk,
        due_on=date(2026, 4, 1),
        reason="抽查不实",
        actor=c.office,
        now=after(15),
        ground=GROUND,
    )
    share = fresh(c.share)
    assert (share.state, share.late_days, share.settled_late_days) == (S.ACTIVE, 3, 3)


def test_withdrawing_a_whole_task_takes_its_open_shares() -> None:
    c = cast()
    other = cast(S.DISPUTED, parent=c.share.parent)
    services.withdraw(
        obligation_id=c.share.parent_id, reason="文件修订", actor=c.office, now=NOW, ground=GROUND
    )
    assert set(Obligation.objects.values_list("state", flat=True)) == {S.WITHDRAWN}
    assert other.share.task_id == c.share.task_id


def test_a_report_state_is_reviewed_once() -> None:
    c = cast()
    report = send(c)
    services.review_report(
        report_id=report.pk, accept=True, actor=c.reviewer, now=NOW, ground=GROUND
    )
    with pytest.raises(TransitionNotAllowed):
        services.review_report(
            report_id=report.pk, accept=True, actor=c.office, now=NOW, ground=GROUND
        )
    assert ProgressReport.objects.get().state == ReportState.ACCEPTED


@pytest.mark.parametrize("rows", [2, 30])
def test_issuing_in_bulk_costs_statements_per_task_not_per_share(
    rows, django_assert_max_num_queries
) -> None:
    first = cast(S.REGISTERED)
    shares = [first.share] + [
        cast(S.REGISTERED, parent=first.share.parent).share for _n in range(rows - 1)
    ]
    # Per share: its change of light. Per body: its notice.
    with django_assert_max_num_queries(20 + 5 * rows):
        done = services.issue_many(
            obligation_ids=[row.pk for row in shares],
            due_on=DUE,
            actor=first.office,
            now=NOW,
            ground=GROUND,
        )
    assert done == rows
    assert set(first.share.parent.shares.values_list("state", flat=True)) == {S.ISSUED}
    assert fresh(first.share).parent.state == S.ISSUED
    assert Notice.objects.filter(kind="supervision.issued").count() == rows
    assert history(first.share).get().action == "issue"
