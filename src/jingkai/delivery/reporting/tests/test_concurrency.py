"""Two people at one return at the same moment: one wins, the other is told, nothing is halved."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import translation

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, DomainError
from jingkai.delivery.indicators.models import ValueEvent
from jingkai.delivery.reporting.models import CellEvent, CellOrigin, Return, Signature
from jingkai.delivery.reporting.services import (
    CellChange,
    expire_unlocks,
    grant_unlock,
    open_campaign,
    publish_campaign,
    request_unlock,
    return_cells,
    save_cells,
    sign_return,
    submit_return,
    verify_cells,
)

from .factories import NOW, after, fill, people_of, sent, signed, stage

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls):
    """Run calls at the same time; what each returned or raised."""
    gate = threading.Barrier(len(calls))
    outcome: list[object] = [None] * len(calls)

    def run(index, call):
        gate.wait()
        try:
            with translation.override("en"):
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
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return outcome


def refused(outcome):
    return [found for found in outcome if isinstance(found, DomainError)]


def write(world, value, *, now=NOW, revision=None):
    cell = world.cell()
    return save_cells(
        return_id=cell.in_return_id,
        changes=[CellChange(cell.pk, Decimal(value), revision=revision)],
        actor=world.clerk,
        now=now,
        origin=CellOrigin.TYPED,
    )


def test_two_signatures_one_wins():
    world = stage()
    sent(world)
    other = UserFactory(role=Role.ZONE_LEADER, body=world.zones[0].committee)
    outcome = together(
        lambda: sign_return(return_id=world.own.pk, actor=world.leader, now=NOW),
        lambda: sign_return(return_id=world.own.pk, actor=other, now=NOW),
    )
    (late,) = refused(outcome)
    assert late.status == 409
    assert Signature.objects.filter(kind="sign").count() == 1


def test_two_verifications_make_one_figure():
    world = stage()
    signed(world)
    other = UserFactory(role=Role.DEPARTMENT_REVIEWER, body=world.verifier_body)
    ids = [world.cell(0).pk, world.cell(1).pk]
    outcome = together(
        lambda: verify_cells(cell_ids=ids, actor=world.verifier, now=NOW),
        lambda: verify_cells(cell_ids=ids[:1], actor=other, now=NOW),
    )
    assert len(refused(outcome)) == 1
    mine = ValueEvent.objects.filter(
        series__scope=world.zones[0].code, series__indicator=world.indicators[0]
    )
    assert mine.count() == 1


def test_verification_against_return_of_the_same_cell():
    world = stage()
    signed(world)
    cell = world.cell()
    outcome = together(
        lambda: verify_cells(cell_ids=[cell.pk], actor=world.verifier, now=NOW),
        lambda: return_cells(
            cell_ids=[cell.pk], code="unit", text="单位", actor=world.verifier, now=NOW
        ),
    )
    # A verified cell may still be returned; a returned one is not verified.
    state = world.cell().state
    assert state == "returned"
    assert len(refused(outcome)) <= 1


def test_signing_against_an_edit_never_signs_unseen_figures():
    world = stage()
    sent(world)
    outcome = together(
        lambda: sign_return(return_id=world.own.pk, actor=world.leader, now=NOW),
        lambda: write(world, 999),
    )
    assert isinstance(outcome[1], Conflict)
    assert world.cell().value == 10
    assert Signature.objects.get(kind="sign").snapshot[0]["value"] == "10"


def test_sending_against_an_edit_sends_all_of_it_or_none():
    world = stage()
    fill(world.own, (10, 20), clerk=world.clerk)
    seen = world.own.revision
    outcome = together(
        lambda: submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW, revision=seen),
        lambda: write(world, 11),
    )
    assert len(refused(outcome)) == 1
    own = world.own
    if own.state == "submitted":
        assert world.cell().value == 10
    else:
        assert world.cell().value == 11


def test_two_edits_of_one_cell_from_the_same_screen():
    world = stage()
    outcome = together(
        lambda: write(world, 1, revision=0),
        lambda: write(world, 2, revision=0),
    )
    assert len(refused(outcome)) == 1
    assert CellEvent.objects.count() == 1
    assert world.own.revision == 1


def test_an_unlock_that_expires_while_the_clerk_saves():
    world = stage()
    signed(world)
    ticket = request_unlock(
        return_id=world.own.pk, cell_ids=[world.cell().pk], reason="补报",
        actor=world.clerk, now=NOW,
    )  # fmt: skip
    grant_unlock(ticket_id=ticket.pk, hours=1, actor=world.verifier, now=NOW)
    outcome = together(
        lambda: expire_unlocks(now=after(hours=1)),
        lambda: write(world, 33, now=after(minutes=59)),
    )
    cell = world.cell()
    assert (cell.value, cell.state) == (Decimal(10), "signed")  # not sent in time: not kept
    saved = not refused(outcome)
    assert cell.events.filter(value=33).exists() == saved  # but never forgotten


def test_an_unlock_that_expires_while_the_clerk_sends():
    world = stage()
    signed(world)
    ticket = request_unlock(
        return_id=world.own.pk, cell_ids=[world.cell().pk], reason="补报",
        actor=world.clerk, now=NOW,
    )  # fmt: skip
    grant_unlock(ticket_id=ticket.pk, hours=1, actor=world.verifier, now=NOW)
    write(world, 33, now=after(minutes=30))
    outcome = together(
        lambda: submit_return(return_id=world.own.pk, actor=world.clerk, now=after(minutes=59)),
        lambda: expire_unlocks(now=after(hours=1)),
    )
    ticket.refresh_from_db()
    if refused(outcome):
        assert (world.cell().value, ticket.state) == (Decimal(10), "expired")
    else:
        assert (world.cell().value, ticket.state) == (Decimal(33), "used")


def test_publishing_against_a_return_of_a_cell():
    world = stage()
    signed(world)
    ids = [world.cell(0).pk, world.cell(1).pk]
    verify_cells(cell_ids=ids, actor=world.verifier, now=NOW)
    outcome = together(
        lambda: publish_campaign(campaign_id=world.campaign.pk, actor=world.office, now=NOW),
        lambda: return_cells(
            cell_ids=ids[:1], code="unit", text="单位", actor=world.verifier, now=NOW
        ),
    )
    assert len(refused(outcome)) == 1
    world.campaign.refresh_from_db()
    assert (world.campaign.state == "published") == (world.cell().state == "verified")


def test_two_zones_send_and_sign_without_waiting_for_each_other():
    world = stage(zones=3)
    staff = [(world.clerk, world.leader), *(people_of(zone) for zone in world.zones[1:])]

    def whole_way(zone, clerk, leader):
        own = world.of(zone)
        fill(own, (1, 2), clerk=clerk)
        submit_return(return_id=own.pk, actor=clerk, now=NOW)
        sign_return(return_id=own.pk, actor=leader, now=NOW)

    outcome = together(
        *(
            (lambda zone=zone, pair=pair: whole_way(zone, *pair))
            for zone, pair in zip(world.zones, staff, strict=True)
        )
    )
    assert not refused(outcome)
    assert Return.objects.filter(state="signed").count() == 3


def test_a_form_opened_twice_at_once_is_opened_once():
    world = stage()
    outcome = together(
        *(
            lambda: open_campaign(
                form_id=world.campaign.form_id, period="2026-08", actor=world.office, now=NOW
            )
            for _turn in range(2)
        )
    )
    assert len(refused(outcome)) == 1
