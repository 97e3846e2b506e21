"""From a figure back to who entered, explained, returned, signed, verified and corrected it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.files.public import attach
from jingkai.delivery.indicators.public import lineage
from jingkai.delivery.reporting.models import (
    CampaignState,
    CellEvent,
    CellReturn,
    Explanation,
    Signature,
    UnlockTicket,
)
from jingkai.delivery.reporting.provenance import steps_of
from jingkai.delivery.reporting.services.corrections import approve_correction
from jingkai.delivery.reporting.services.releases import remember_releases

from .correction_scenes import NOW, correction_cast, judged_in_english, paper, put_into_return

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with judged_in_english():
        yield


def minutes(cell, n: int):
    """`n` minutes before the cell's figure was recorded."""
    return cell.event.recorded_at - timedelta(minutes=n)


def entered(cell, actor, value, before: int, revision: int) -> None:
    CellEvent.objects.create(
        cell=cell, revision=revision, value=value, origin="typed", actor=actor,
        at=minutes(cell, before),
    )  # fmt: skip


def signed(cell, actor, kind: str, before: int, *, covers=None, body=None) -> Signature:
    verifies = kind == "verify"
    return Signature.objects.create(
        kind=kind, campaign=cell.in_return.campaign,
        in_return=None if verifies else cell.in_return,
        indicator=cell.indicator if verifies else None,
        body=body or cell.in_return.body, actor=actor, at=minutes(cell, before),
        digest="0123456789abcdef",
        snapshot=[{"cell": covers or cell.pk, "value": "36", "indicator": cell.indicator.code}],
    )  # fmt: skip


def history_of_a_cell(cast):
    """Entered twice, explained, proved, sent, signed, returned, mended, signed, verified."""
    cell = put_into_return(cast, state=CampaignState.PUBLISHED)
    entered(cell, cast.clerk, 30, 60, 1)
    entered(cell, cast.clerk, 35, 59, 2)
    Explanation.objects.create(
        cell=cell, rule_code="jump", value=35, text="新增两家企业", actor=cast.clerk,
        at=minutes(cell, 58),
    )  # fmt: skip
    attach(target=cell, upload=paper(), actor=cast.clerk, now=minutes(cell, 57))
    signed(cell, cast.clerk, "send", 50)
    signed(cell, cast.zone_leader, "sign", 40)
    CellReturn.objects.create(
        cell=cell, code="unit", text="请核对单位", body=cast.scene.indicator.compiler,
        actor=cast.reviewer, at=minutes(cell, 30),
    )  # fmt: skip
    entered(cell, cast.clerk, 36, 20, 3)
    signed(cell, cast.zone_leader, "sign", 10)
    verified = signed(cell, cast.reviewer, "verify", 0, body=cast.scene.indicator.compiler)
    return cell, verified


def test_every_step_is_told_in_order() -> None:
    cast = correction_cast()
    cell, _signature = history_of_a_cell(cast)
    signed(cell, cast.zone_leader, "sign", 5, covers=10**9)  # of other cells
    entered(cell, cast.stat_clerk, 99, -5, 4)  # belongs to a later figure

    steps = steps_of([cell.event_id])[cell.event_id]

    assert [step.label for step in steps] == [
        "entered", "explained", "evidence attached", "sent", "signed", "returned", "mended",
        "signed", "verified",
    ]  # fmt: skip
    assert steps[0].text == "35 · typed"
    assert (steps[1].text, steps[2].text) == ("新增两家企业", "复核.txt")
    assert steps[5].text == "wrong unit：请核对单位"
    assert (steps[5].actor, steps[5].body) == (
        cast.reviewer.name, cast.scene.indicator.compiler.name,
    )  # fmt: skip
    assert steps[-1].body == cast.scene.indicator.compiler.name
    assert [s.at for s in steps] == sorted(s.at for s in steps)


def test_an_unlock_is_told_and_what_followed_is_mending() -> None:
    cast = correction_cast()
    cell = put_into_return(cast, state=CampaignState.PUBLISHED)
    entered(cell, cast.clerk, 35, 60, 1)
    ticket = UnlockTicket.objects.create(
        in_return=cell.in_return, state="used", reason="漏报一户", requested_by=cast.clerk,
        requested_at=minutes(cell, 40), decided_by=cast.office, decided_at=minutes(cell, 35),
        expires_at=minutes(cell, 0),
    )  # fmt: skip
    ticket.cells.add(cell)
    entered(cell, cast.clerk, 36, 20, 2)
    steps = steps_of([cell.event_id])[cell.event_id]
    assert [(s.label, s.text) for s in steps] == [
        ("entered", "35 · typed"), ("unlocked", "漏报一户"), ("mended", "36 · typed"),
    ]  # fmt: skip


def test_a_cell_verified_again_keeps_the_way_back_from_its_first_figure() -> None:
    cast = correction_cast()
    cell, signature = history_of_a_cell(cast)
    first = cell.event
    remember_releases([(cell, first.pk)], signature=signature)
    remember_releases([(cell, first.pk)], signature=signature)  # a repeat adds nothing
    assert cell.releases.count() == 1
    slip = cast.ask("40")
    again = approve_correction(correction_id=slip.pk, actor=cast.reviewer, now=NOW).new_event
    cell.event = again
    cell.save()

    told = steps_of([first.pk, again.pk])

    assert [s.label for s in told[first.pk]][-1] == "verified"
    assert [s.label for s in told[again.pk]][-2:] == [
        "correction asked for", "correction approved",
    ]  # fmt: skip


def test_a_corrected_figure_leads_to_its_slip_in_the_drawer() -> None:
    cast = correction_cast()
    slip = cast.ask("40")
    event = approve_correction(
        correction_id=slip.pk, actor=cast.reviewer, now=NOW, answer="已核"
    ).new_event
    root = lineage(event.pk, cast.clerk).root
    asked, decided = root.steps
    assert (asked.actor, asked.text) == (cast.clerk.name, "error in reporting：漏报两家企业")
    assert (decided.actor, decided.text) == (cast.reviewer.name, "已核")
    assert asked.url.endswith(f"/corrections/{slip.pk}/")


def test_the_cost_does_not_grow_with_the_figures() -> None:
    cast = correction_cast()
    cell, _signature = history_of_a_cell(cast)
    costs = []
    for extra in (0, 6):
        ids = [cell.event_id]
        for number in range(extra):
            zone = cast.scene.zones[number % 5]
            current = cast.current(zone.code, "2026-08" if number < 5 else "2026-07")
            more = type(cell).objects.create(
                in_return=cell.in_return, item=cell.item, indicator=cell.indicator,
                scope=f"extra-{number}", event=current.event, value=current.value,
            )  # fmt: skip
            entered(more, UserFactory(role=Role.ZONE_CLERK), 1, 5, 1)
            ids.append(current.event_id)
        with CaptureQueriesContext(connection) as seen:
            told = steps_of(ids)
        assert len(told) == len(ids)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6


def test_figures_of_nobodys_return_have_no_steps() -> None:
    cast = correction_cast()
    assert not steps_of([cast.current().event_id])
