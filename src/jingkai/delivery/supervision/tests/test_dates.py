"""延期 and 催办: limits are data, the original date stays, and two people cannot both win."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection

from jingkai.core.errors import Conflict, DomainError, InvalidInput, NotPermitted
from jingkai.core.notices.models import Notice
from jingkai.delivery.supervision import services
from jingkai.delivery.supervision.clock import daily_tick
from jingkai.delivery.supervision.models import Obligation, ObligationState, Urge

from .factories import DUE, GROUND, NOW, after, at, cast

S = ObligationState


def ask(c, to_date=date(2026, 7, 10), now=NOW):
    return services.request_extension(
        obligation_id=c.share.pk,
        to_date=to_date,
        reason="招标流标",
        actor=c.reviewer,
        now=now,
        ground=GROUND,
    )


def grant(c, request, now=NOW, *, yes=True, note=""):
    return services.decide_extension(
        extension_id=request.pk, grant=yes, note=note, actor=c.office, now=now, ground=GROUND
    )


def fresh(c) -> Obligation:
    return Obligation.objects.get(pk=c.share.pk)


@pytest.mark.django_db
def test_an_extension_moves_the_due_date_and_keeps_the_original() -> None:
    c = cast()
    request = ask(c)
    assert fresh(c).due_on == DUE
    grant(c, request)
    share = fresh(c)
    assert (share.due_on, share.original_due_on) == (date(2026, 7, 10), DUE)
    assert share.parent.due_on == date(2026, 7, 10)
    assert share.parent.original_due_on == DUE


@pytest.mark.django_db
def test_late_days_before_an_extension_are_not_forgiven() -> None:
    c = cast(original_due_on=date(2026, 3, 20))
    request = ask(c, date(2026, 4, 1))
    daily_tick(now=at(date(2026, 3, 25)), ground=GROUND)
    assert fresh(c).late_days == 5
    grant(c, request, at(date(2026, 3, 25)))
    daily_tick(now=at(date(2026, 3, 31)), ground=GROUND)
    assert fresh(c).late_days == 5
    daily_tick(now=at(date(2026, 4, 4)), ground=GROUND)
    assert fresh(c).late_days == 8


@pytest.mark.django_db
def test_how_often_how_long_and_how_early_is_limited() -> None:
    c = cast()
    with pytest.raises(InvalidInput):
        ask(c, DUE)
    with pytest.raises(InvalidInput):
        ask(c, date(2026, 8, 1))
    with pytest.raises(Conflict):
        ask(c, date(2026, 7, 10), at(date(2026, 6, 29)))
    for day in (date(2026, 7, 10), date(2026, 7, 20)):
        grant(c, ask(c, day))
    with pytest.raises(Conflict):
        ask(c, date(2026, 7, 25))


@pytest.mark.django_db
def test_one_request_at_a_time_and_a_refusal_needs_a_reason() -> None:
    c = cast()
    request = ask(c)
    with pytest.raises(Conflict):
        ask(c)
    with pytest.raises(InvalidInput):
        grant(c, request, yes=False)
    grant(c, request, yes=False, note="理由不足")
    assert fresh(c).due_on == DUE
    with pytest.raises(Conflict):
        grant(c, request)


@pytest.mark.django_db
def test_only_the_office_decides_and_only_signers_ask() -> None:
    c = cast()
    with pytest.raises(NotPermitted):
        services.request_extension(
            obligation_id=c.share.pk,
            to_date=date(2026, 7, 10),
            reason="x",
            actor=c.clerk,
            now=NOW,
            ground=GROUND,
        )
    request = ask(c)
    with pytest.raises(NotPermitted):
        services.decide_extension(
            extension_id=request.pk, grant=True, actor=c.reviewer, now=NOW, ground=GROUND
        )


def urge(c, days):
    return services.urge(
        obligation_id=c.share.pk, text="请抓紧", actor=c.office, now=after(days), ground=GROUND
    )


@pytest.mark.django_db
def test_urging_is_limited_and_then_goes_to_the_leaders() -> None:
    c = cast()
    for number, days in enumerate((0, 3, 8), start=1):
        found = urge(c, days)
        assert (found.number, found.is_escalation) == (number, False)
    assert not Notice.objects.filter(recipient=c.leader).exists()
    last = urge(c, 14)
    assert last.is_escalation
    assert Notice.objects.filter(recipient=c.leader, kind="supervision.escalated").count() == 1
    with pytest.raises(Conflict):
        urge(c, 20)
    assert Urge.objects.count() == 4


@pytest.mark.django_db
def test_urging_twice_at_once_is_too_soon() -> None:
    c = cast()
    found = urge(c, 0)
    assert found.answer_by == date(2026, 3, 4)
    with pytest.raises(Conflict, match="2026-03-05"):
        urge(c, 1)


@pytest.mark.django_db
def test_an_urge_is_answered_once_by_the_body() -> None:
    c = cast()
    found = urge(c, 0)
    with pytest.raises(NotPermitted):
        services.answer_urge(urge_id=found.pk, answer="收到", actor=c.office, now=NOW)
    services.answer_urge(urge_id=found.pk, answer="月底完成", actor=c.clerk, now=NOW)
    with pytest.raises(Conflict):
        services.answer_urge(urge_id=found.pk, answer="再答", actor=c.clerk, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [S.REGISTERED, S.DISPUTED, S.IN_REVIEW, S.COMPLETED, S.CLOSED])
def test_nobody_is_urged_who_has_nothing_to_do(state) -> None:
    c = cast(state)
    with pytest.raises(Conflict):
        urge(c, 0)


def together(*calls):
    """Run calls at the same time; what each returned or raised."""
    gate = threading.Barrier(len(calls))
    outcome: list[object] = [None] * len(calls)

    def run(index, call):
        gate.wait()
        try:
            outcome[index] = call()
        except DomainError as error:
            outcome[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcome


@pytest.mark.django_db(transaction=True)
def test_two_people_moving_one_share_one_wins() -> None:
    c = cast(S.ISSUED)
    outcome = together(
        lambda: services.sign(obligation_id=c.share.pk, actor=c.reviewer, now=NOW, ground=GROUND),
        lambda: services.withdraw(
            obligation_id=c.share.pk, reason="重复", actor=c.office, now=NOW, ground=GROUND
        ),
        lambda: services.dispute(
            obligation_id=c.share.pk, reason="不是我局", actor=c.reviewer, now=NOW, ground=GROUND
        ),
    )
    errors = [found for found in outcome if isinstance(found, Conflict)]
    # Withdrawal is possible before and after signing; signing and disputing exclude each other.
    assert 1 <= len(errors) <= 2
    assert all(c.reviewer.name in str(e) or c.office.name in str(e) for e in errors)
    assert all(error.status == 409 for error in errors)


@pytest.mark.django_db(transaction=True)
def test_shares_of_one_task_signed_at_once_do_not_block_each_other() -> None:
    first = cast(S.ISSUED)
    others = [cast(S.ISSUED, parent=first.share.parent) for _n in range(3)]
    outcome = together(
        *[
            lambda c=c: services.sign(
                obligation_id=c.share.pk, actor=c.reviewer, now=NOW, ground=GROUND
            )
            for c in (first, *others)
        ]
    )
    assert [type(found) for found in outcome] == [Obligation] * 4
    assert Obligation.objects.get(pk=first.share.parent_id).state == S.ACTIVE
