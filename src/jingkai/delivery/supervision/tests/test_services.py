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
    fresh,
)

pytestmark = pytest.mark.django_db
S = ObligationState


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_DIR = tmp_path


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
        document=document,
        code="ALL_TASKS_BIND_ZONES",
        title="均由各区落实",
        place="1",
        binds_tasks=True,
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
