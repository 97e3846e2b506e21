"""Reports, their review, completion, and what comes after it."""

from __future__ import annotations

from datetime import date

import pytest

from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.core.workflow.public import history
from jingkai.delivery.supervision import services
from jingkai.delivery.supervision.models import (
    Obligation,
    ObligationState,
    ProgressReport,
    ReportState,
)

from .factories import (
    DUE,
    GROUND,
    NOW,
    after,
    cast,
    evidence,
    fresh,
)

pytestmark = pytest.mark.django_db
S = ObligationState


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_DIR = tmp_path


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
