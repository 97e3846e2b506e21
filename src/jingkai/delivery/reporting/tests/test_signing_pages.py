"""Looking a return through, signing it, its receipt; asking for an unlock or for more time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.reporting.models import (
    CellState,
    Delegation,
    ReturnExtension,
    ReturnState,
    Signature,
    SourceFigure,
    UnlockTicket,
)
from jingkai.delivery.reporting.services import (
    grant_unlock,
    request_unlock,
    return_cells,
    save_cells,
)
from jingkai.delivery.reporting.services.cells import CellChange

from .factories import (
    NOW,
    Stage,
    after,
    fill,
    sent,
    signed,
    stage,
)
from .grid_doors import page, post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_morning(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def world() -> Stage:
    return stage()


def test_the_leader_signs_what_the_page_showed(world):
    in_return = sent(world)
    text = page(world.leader, "sign", in_return.pk)
    digest = text.partition('name="digest" value="')[2].partition('"')[0]
    assert len(digest) == 64
    response = post(world.leader, "sign", in_return.pk, digest=digest)
    signature = Signature.objects.get(kind="sign")
    assert response["Location"] == reverse("reporting:receipt", args=[in_return.pk, signature.pk])
    receipt = page(world.leader, "receipt", in_return.pk, signature.pk)
    assert digest in receipt
    assert world.leader.name in receipt
    assert post(world.leader, "sign", in_return.pk, digest=digest).status_code == 409


def test_figures_that_changed_meanwhile_are_not_signed(world):
    in_return = sent(world)
    response = post(world.leader, "sign", in_return.pk, digest="0" * 64)
    assert response.status_code == 409
    assert world.own.state == ReturnState.SUBMITTED


def test_who_may_not_sign_reads_why(world):
    in_return = sent(world)
    text = page(world.clerk, "sign", in_return.pk)
    assert "Only the zone" in text
    assert 'name="digest"' not in text
    assert post(world.clerk, "sign", in_return.pk).status_code == 403


def test_who_entered_a_figure_reads_that_another_must_sign(world):
    both = UserFactory(
        memberships=[
            (Role.ZONE_CLERK, world.zones[0].committee),
            (Role.ZONE_LEADER, world.zones[0].committee),
        ]
    )
    fill(world.own, [10, 20], clerk=both)
    assert post(both, "send", world.own.pk).status_code == 302
    assert "Another person must sign it." in page(both, "sign", world.own.pk)


def test_a_deputy_signs_and_the_page_says_for_whom(world):
    deputy = UserFactory(role=Role.ZONE_CLERK, body=world.zones[0].committee)
    Delegation.objects.create(
        body=world.zones[0].committee,
        giver=world.leader,
        deputy=deputy,
        from_date=NOW.date(),
        to_date=NOW.date() + timedelta(days=3),
        reason="出差",
        created_at=NOW,
    )
    in_return = sent(world)
    assert f"You sign for {world.leader.name}" in page(deputy, "sign", in_return.pk)
    assert post(deputy, "sign", in_return.pk).status_code == 302
    signature = Signature.objects.get(kind="sign")
    assert f"for {world.leader.name}" in page(deputy, "receipt", in_return.pk, signature.pk)


def test_sending_back_needs_a_reason_and_keeps_what_was_typed(world):
    in_return = sent(world)
    assert post(world.leader, "send-back", in_return.pk, reason=" ").status_code == 422
    assert post(world.leader, "send-back", in_return.pk, reason="投资数请核对").status_code == 302
    assert world.own.state == ReturnState.DRAFT


def test_the_self_check_names_gaps_sources_and_what_changed_since_signing(world):
    empty = page(world.clerk, "check", world.own.pk)
    assert empty.count("is not answered") == 2
    in_return = signed(world)
    SourceFigure.objects.create(
        indicator=world.indicators[0],
        scope=world.zones[0].code,
        period=world.campaign.period,
        period_end=world.campaign.period_end,
        value=Decimal("9.5"),
        body=world.verifier_body,
        at=NOW,
    )
    text = page(world.clerk, "check", in_return.pk)
    assert "Nothing: every figure is as it was signed." in text
    assert "+0.50" in text
    return_cells(
        cell_ids=[world.cell().pk], code="jump", text="核实", actor=world.verifier, now=NOW
    )
    save_cells(
        return_id=in_return.pk,
        changes=[CellChange(world.cell().pk, Decimal(11))],
        actor=world.clerk,
        now=NOW,
        origin="typed",
    )
    text = page(world.clerk, "check", in_return.pk)
    assert "<s>10</s>" in text
    assert "<b>11</b>" in text


def test_a_receipt_keeps_what_was_signed_although_the_cell_changed(world):
    in_return = signed(world)
    signature = Signature.objects.get(kind="sign")
    take = request_unlock(
        return_id=in_return.pk,
        cell_ids=[world.cell().pk],
        reason="漏报",
        actor=world.clerk,
        now=NOW,
    )
    grant_unlock(ticket_id=take.pk, hours=24, actor=world.office, now=NOW)
    save_cells(
        return_id=in_return.pk,
        changes=[CellChange(world.cell().pk, Decimal(77))],
        actor=world.clerk,
        now=NOW,
        origin="typed",
    )
    text = page(world.leader, "receipt", in_return.pk, signature.pk)
    assert ">10 <" in text
    assert ">77 <" not in text.partition("What was signed")[2]


def test_a_receipt_groups_digits_as_the_table_does(world):
    signed(world, (1234567.5, 20))
    signature = Signature.objects.get(kind="sign")
    assert ">1,234,567.5 <" in page(world.leader, "receipt", world.own.pk, signature.pk)


# Asking.


def test_an_unlock_names_its_cells_and_opens_them_until_a_time(world):
    in_return = signed(world)
    first, second = world.cell(0), world.cell(1)
    page(world.clerk, "ask-unlock", in_return.pk)
    bare = post(world.clerk, "ask-unlock", in_return.pk, reason="漏报一户")
    assert bare.status_code == 422
    assert "漏报一户" in bare.content.decode()
    asked = post(world.clerk, "ask-unlock", in_return.pk, cell=first.pk, reason="漏报一户")
    assert asked.status_code == 302
    ticket = UnlockTicket.objects.get()
    assert list(ticket.cells.all()) == [first]
    grant_unlock(ticket_id=ticket.pk, hours=24, actor=world.office, now=NOW)
    text = page(world.clerk, "return", in_return.pk)
    assert "until 10-10 10:00" in text
    assert f'name="cell-{first.pk}"' in text
    assert f'name="cell-{second.pk}"' not in text


def test_an_unlock_that_ran_out_leaves_no_field(world, monkeypatch):
    in_return = signed(world)
    ticket = request_unlock(
        return_id=in_return.pk,
        cell_ids=[world.cell().pk],
        reason="漏报",
        actor=world.clerk,
        now=NOW,
    )
    grant_unlock(ticket_id=ticket.pk, hours=1, actor=world.office, now=NOW)
    monkeypatch.setattr(timezone, "now", lambda: after(hours=1, minutes=1))
    assert world.cell().state == CellState.UNLOCKED
    assert 'name="cell-' not in page(world.clerk, "return", in_return.pk)


def test_more_time_is_asked_with_a_day_and_a_reason(world):
    nonsense = post(world.clerk, "ask-time", world.own.pk, to_date="明天", reason="台账未齐")
    assert nonsense.status_code == 422
    assert "台账未齐" in nonsense.content.decode()
    day = world.own.due_on + timedelta(days=3)
    assert (
        post(world.clerk, "ask-time", world.own.pk, to_date=day.isoformat(), reason="台账未齐")
    ).status_code == 302
    assert ReturnExtension.objects.get().to_date == day
    assert "台账未齐" in page(world.clerk, "ask-time", world.own.pk)
