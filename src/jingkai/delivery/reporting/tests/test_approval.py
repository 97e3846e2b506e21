"""From sending to the official figure, and back for one cell."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.notices.models import Notice
from jingkai.delivery.indicators.models import CurrentValue, ValueEvent
from jingkai.delivery.reporting.clock import daily_tick
from jingkai.delivery.reporting.models import (
    Cell,
    CellOrigin,
    CellReturn,
    EvidenceRule,
    Purpose,
    Signature,
    SourceFigure,
    UnlockTicket,
)
from jingkai.delivery.reporting.queries import cells_of
from jingkai.delivery.reporting.services import (
    CellChange,
    give_delegation,
    grant_unlock,
    publish_campaign,
    refuse_unlock,
    request_unlock,
    return_cells,
    revoke_delegation,
    save_cells,
    send_back,
    sign_return,
    submit_return,
    take_back,
    verify_cells,
)
from jingkai.delivery.reporting.snapshots import snapshot_of

from .factories import NOW, after, fill, sent, signed, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return stage()


def verify(world, *cells, actor=None, now=NOW, bulk=False):
    return verify_cells(
        cell_ids=[c.pk for c in cells], actor=actor or world.verifier, now=now, bulk=bulk
    )


def save(world, cell, value, now=NOW):
    return save_cells(
        return_id=cell.in_return_id,
        changes=[CellChange(cell.pk, Decimal(str(value)))],
        actor=world.clerk,
        now=now,
        origin=CellOrigin.TYPED,
    )


def test_the_whole_way(world):
    signed(world)
    result = verify(world, world.cell(0), world.cell(1))
    assert len(result.verified) == 2
    assert result.events == 2
    assert world.own.state == "verified"
    cell = world.cell()
    current = CurrentValue.objects.get(series__scope=world.zones[0].code, event=cell.event)
    assert (current.value, current.release) == (Decimal(10), "flash")
    kinds = list(Signature.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["send", "sign", "verify", "verify"]


def test_sending_names_every_unanswered_cell(world):
    with pytest.raises(InvalidInput) as told:
        submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    assert {p.code for p in told.value.problems} == {"unanswered"}
    assert len(told.value.problems) == 2
    assert world.own.state == "draft"
    assert not Signature.objects.exists()


def test_evidence_by_rule():
    world = stage(indicators=1, evidence=EvidenceRule.ALWAYS)
    fill(world.own, (5,), clerk=world.clerk)
    with pytest.raises(InvalidInput, match="needs evidence"):
        submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)


def test_sending_twice_says_who_did_it(world):
    sent(world)
    with pytest.raises(TransitionNotAllowed, match=world.clerk.name):
        submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)


def test_sending_what_one_has_not_seen_is_refused(world):
    fill(world.own, (1, 2), clerk=world.clerk)
    with pytest.raises(Conflict, match="changed since"):
        submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW, revision=0)


def test_taking_back_and_sending_back_open_the_cells(world):
    sent(world)
    take_back(return_id=world.own.pk, actor=world.clerk, now=NOW)
    assert world.own.state == "draft"
    assert world.cell().state == "open"
    submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    with pytest.raises(InvalidInput):
        send_back(return_id=world.own.pk, reason=" ", actor=world.leader, now=NOW)
    send_back(return_id=world.own.pk, reason="固投口径不对", actor=world.leader, now=NOW)
    assert world.own.state == "draft"
    assert Notice.objects.filter(recipient=world.clerk, kind="reporting.sent-back").exists()


def test_one_signs_what_one_saw(world):
    sent(world)
    with pytest.raises(Conflict, match="changed since"):
        sign_return(return_id=world.own.pk, actor=world.leader, now=NOW, digest="0" * 64)
    digest = snapshot_of(cells_of(world.own)).digest
    signature = sign_return(return_id=world.own.pk, actor=world.leader, now=NOW, digest=digest)
    assert signature.digest == digest
    assert signature.algorithm == "SM3"
    assert [row["value"] for row in signature.snapshot] == ["10", "20"]


def test_nobody_signs_own_figures(world):
    both = UserFactory(
        memberships=[
            (Role.ZONE_CLERK, world.zones[0].committee),
            (Role.ZONE_LEADER, world.zones[0].committee),
        ]
    )
    fill(world.own, (1, 2), clerk=both)
    submit_return(return_id=world.own.pk, actor=both, now=NOW)
    with pytest.raises(NotPermitted, match="yourself"):
        sign_return(return_id=world.own.pk, actor=both, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cell.objects.filter(in_return=world.own).update(signed_by=both)


def test_nobody_verifies_what_they_signed(world):
    leader = UserFactory(
        memberships=[
            (Role.ZONE_LEADER, world.zones[0].committee),
            (Role.DEPARTMENT_REVIEWER, world.verifier_body),
        ]
    )
    sent(world)
    sign_return(return_id=world.own.pk, actor=leader, now=NOW)
    with pytest.raises(NotPermitted, match="signed one"):
        verify(world, world.cell(), actor=leader)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cell.objects.filter(in_return=world.own).update(verified_by=leader)


def test_only_the_compiling_department_verifies(world):
    signed(world)
    other = UserFactory(role=Role.DEPARTMENT_REVIEWER)
    for person in (other, world.office, world.leader, world.clerk):
        with pytest.raises(NotPermitted):
            verify(world, world.cell(), actor=person)


def test_what_is_not_signed_is_not_verified(world):
    sent(world)
    with pytest.raises(TransitionNotAllowed, match="cannot be verified now"):
        verify(world, world.cell())
    with pytest.raises(Http404):
        verify_cells(cell_ids=[0], actor=world.verifier, now=NOW)
    assert not ValueEvent.objects.exists()


def test_one_cell_comes_back_and_the_rest_stays(world):
    signed(world)
    verify(world, world.cell(1))
    return_cells(
        cell_ids=[world.cell(0).pk], code="unit", text="应为亿元", actor=world.verifier, now=NOW
    )
    assert world.own.state == "returned"
    assert (world.cell(0).state, world.cell(1).state) == ("returned", "verified")
    with pytest.raises(TransitionNotAllowed):
        save(world, world.cell(1), 21)
    save(world, world.cell(0), 11)
    submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    assert CellReturn.objects.get().settled_at == NOW
    sign_return(return_id=world.own.pk, actor=world.leader, now=NOW)
    verify(world, world.cell(0))
    assert world.own.state == "verified"
    assert CurrentValue.objects.get(event=world.cell(0).event).value == 11


@pytest.mark.parametrize(("code", "text"), [("unit", "  "), ("because", "错")])
def test_a_returned_cell_says_why(world, code, text):
    signed(world)
    with pytest.raises(InvalidInput):
        return_cells(
            cell_ids=[world.cell().pk], code=code, text=text, actor=world.verifier, now=NOW
        )
    assert world.cell().state == "signed"


def test_a_verified_cell_returned_and_changed_is_a_new_vintage(world):
    signed(world)
    verify(world, world.cell(0), world.cell(1))
    return_cells(
        cell_ids=[world.cell(0).pk],
        code="source",
        text="与海关数不符",
        actor=world.verifier,
        now=NOW,
    )
    save(world, world.cell(0), 12)
    submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    sign_return(return_id=world.own.pk, actor=world.leader, now=NOW)
    verify(world, world.cell(0))
    zone = world.zones[0].code
    said = ValueEvent.objects.filter(
        series__scope=zone, series__indicator=world.indicators[0]
    ).order_by("id")
    assert [event.value for event in said] == [Decimal(10), Decimal(12)]


def test_compared_figures_stay_out_of_the_official_ones():
    world = stage(indicators=1, purpose=Purpose.COMPARE)
    signed(world, (5,))
    result = verify(world, world.cell())
    assert result.events == 0
    assert not ValueEvent.objects.exists()
    assert SourceFigure.objects.get().value == 5


def test_the_month_s_own_figure_is_never_recorded():
    world = stage(indicators=1, with_month=True)
    fill(world.own, (50, 6), clerk=world.clerk)
    submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    sign_return(return_id=world.own.pk, actor=world.leader, now=NOW)
    verify(world, world.cell(), world.cell(part="month"))
    assert world.own.state == "verified"
    mine = ValueEvent.objects.filter(series__scope=world.zones[0].code)
    assert [event.value for event in mine] == [Decimal(50)]


def test_a_deputy_signs_in_the_given_days_only(world):
    deputy = UserFactory(role=Role.ZONE_CLERK, body=world.zones[0].committee)
    today = NOW.date()
    delegation = give_delegation(
        body_id=world.zones[0].committee_id,
        deputy_id=deputy.pk,
        from_date=today,
        to_date=today + timedelta(days=2),
        reason="出差",
        actor=world.leader,
        now=NOW,
    )
    sent(world)
    with pytest.raises(NotPermitted):
        sign_return(return_id=world.own.pk, actor=deputy, now=after(days=3))
    signature = sign_return(return_id=world.own.pk, actor=deputy, now=NOW)
    assert signature.delegation == delegation
    revoke_delegation(delegation_id=delegation.pk, actor=world.leader, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        revoke_delegation(delegation_id=delegation.pk, actor=world.leader, now=NOW)
    take = stage()
    sent(take)
    with pytest.raises(NotPermitted):
        sign_return(return_id=take.own.pk, actor=deputy, now=NOW)


def test_a_deputy_belongs_to_the_body(world):
    with pytest.raises(InvalidInput, match="same body"):
        give_delegation(
            body_id=world.zones[0].committee_id,
            deputy_id=world.verifier.pk,
            from_date=NOW.date(),
            to_date=NOW.date(),
            reason="出差",
            actor=world.leader,
            now=NOW,
        )


def unlocked(world, hours=24):
    signed(world)
    verify(world, world.cell(0), world.cell(1))
    ticket = request_unlock(
        return_id=world.own.pk,
        cell_ids=[world.cell(0).pk],
        reason="企业补报",
        actor=world.clerk,
        now=NOW,
    )
    return grant_unlock(ticket_id=ticket.pk, hours=hours, actor=world.verifier, now=NOW)


def test_an_unlock_opens_only_its_cells_and_is_used_up_by_sending(world):
    ticket = unlocked(world)
    save(world, world.cell(0), 15, now=after(hours=1))
    with pytest.raises(TransitionNotAllowed):
        save(world, world.cell(1), 25, now=after(hours=1))
    submit_return(return_id=world.own.pk, actor=world.clerk, now=after(hours=2))
    ticket.refresh_from_db()
    assert ticket.state == "used"


def test_an_unlock_ends_by_itself_and_what_was_not_sent_falls_back(world):
    ticket = unlocked(world)
    save(world, world.cell(0), 15, now=after(hours=1))
    with pytest.raises(TransitionNotAllowed, match="expired"):
        save(world, world.cell(0), 16, now=after(hours=24))
    daily_tick(now=after(hours=24))
    daily_tick(now=after(hours=25))
    cell = world.cell(0)
    assert (cell.value, cell.state) == (Decimal(10), "verified")
    assert world.own.state == "verified"
    assert [event.value for event in cell.events.all()] == [10, 15, 10]
    ticket.refresh_from_db()
    assert ticket.state == "expired"


def test_nobody_allows_their_own_request_and_a_refusal_says_why(world):
    signed(world)
    ask = request_unlock(
        return_id=world.own.pk,
        cell_ids=[world.cell(0).pk],
        reason="补报",
        actor=world.leader,
        now=NOW,
    )
    with pytest.raises(NotPermitted):
        grant_unlock(ticket_id=ask.pk, hours=1, actor=world.leader, now=NOW)
    with pytest.raises(Conflict):
        request_unlock(
            return_id=world.own.pk,
            cell_ids=[world.cell(0).pk],
            reason="再报",
            actor=world.clerk,
            now=NOW,
        )
    with pytest.raises(InvalidInput):
        refuse_unlock(ticket_id=ask.pk, reason="", actor=world.office, now=NOW)
    refuse_unlock(ticket_id=ask.pk, reason="数据已核定", actor=world.office, now=NOW)
    assert UnlockTicket.objects.get().answer == "数据已核定"
    assert world.cell(0).state == "signed"


def test_published_figures_do_not_move(world):
    signed(world)
    with pytest.raises(Conflict, match="not verified yet"):
        publish_campaign(campaign_id=world.campaign.pk, actor=world.office, now=NOW)
    verify(world, world.cell(0), world.cell(1))
    publish_campaign(campaign_id=world.campaign.pk, actor=world.office, now=NOW)
    with pytest.raises(TransitionNotAllowed, match="correction slip"):
        return_cells(
            cell_ids=[world.cell().pk], code="unit", text="错", actor=world.verifier, now=NOW
        )
    with pytest.raises(TransitionNotAllowed, match="correction slip"):
        request_unlock(
            return_id=world.own.pk,
            cell_ids=[world.cell().pk],
            reason="补报",
            actor=world.clerk,
            now=NOW,
        )


def test_a_total_and_its_month_go_back_and_open_together():
    world = stage(indicators=2, with_month=True)
    signed(world, (50, 6, 20, 3))
    return_cells(
        cell_ids=[world.cell().pk], code="source", text="核对", actor=world.verifier, now=NOW
    )
    states = {(c.indicator_id, c.part): c.state for c in world.own.cells.all()}
    first, second = (indicator.pk for indicator in world.indicators)
    assert states == {
        (first, ""): "returned",
        (first, "month"): "returned",
        (second, ""): "signed",
        (second, "month"): "signed",
    }
    ticket = request_unlock(
        return_id=world.own.pk,
        cell_ids=[world.cell(1).pk],
        reason="补报",
        actor=world.clerk,
        now=NOW,
    )
    assert {cell.part for cell in ticket.cells.all()} == {"", "month"}
