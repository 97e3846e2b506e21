"""Asking, deciding, refusing: who, when, and what remains."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import Http404

from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.core.files.public import attachments_of
from jingkai.core.notices.public import Notice
from jingkai.core.workflow.public import history
from jingkai.delivery.indicators.models import (
    Origin,
    Release,
    ValueEvent,
)
from jingkai.delivery.indicators.services.entries import ValueEntry
from jingkai.delivery.indicators.services.values import record_values
from jingkai.delivery.reporting.impact import Impact
from jingkai.delivery.reporting.models import CampaignState, Correction, CorrectionState
from jingkai.delivery.reporting.services.correction_trials import preview_correction
from jingkai.delivery.reporting.services.corrections import (
    approve_correction,
    attach_evidence,
    refuse_correction,
    withdraw_correction,
)

from .correction_scenes import (
    NOW,
    PERIOD,
    correction_cast,
    judged_in_english,
    paper,
    put_into_return,
)


@pytest.fixture(autouse=True)
def english():
    with judged_in_english():
        yield


@pytest.fixture
def cast(db):
    return correction_cast()


def approve(cast, slip, by=None):
    return approve_correction(correction_id=slip.pk, actor=by or cast.reviewer, now=NOW)


def say(cast, value, *, release=Release.REVISED, period=PERIOD):
    return record_values(
        entries=[ValueEntry(cast.scene.indicator.code, cast.series().scope, period, value)],
        actor=cast.office, now=NOW, origin=Origin.ENTERED, release=release, reason="另一处更正",
    )  # fmt: skip


def test_an_approved_slip_adds_a_figure_and_keeps_the_old_one(cast) -> None:
    old, slip = cast.current(), cast.ask("40")
    assert cast.current().value == 36  # asking changes nothing

    done = approve(cast, slip)

    assert (done.state, done.decided_by, done.old_event_id) == (
        CorrectionState.APPROVED, cast.reviewer, old.event_id,
    )  # fmt: skip
    current = cast.current()
    assert (current.value, current.release, current.event_id) == (
        40, Release.REVISED, done.new_event_id,
    )  # fmt: skip
    assert (current.event.reason, current.event.actor) == ("漏报两家企业", cast.reviewer)
    assert ValueEvent.objects.get(pk=old.event_id).value == 36
    assert cast.current("EDZ").value == 2 * 9 * (1 + 2 + 3 + 4 + 5) + 4
    assert [step.action for step in history(done)] == ["approve"]
    assert AuditEvent.objects.filter(action="reporting.correction.approve").count() == 1
    told = set(
        Notice.objects.filter(kind="reporting.correction.approved").values_list(
            "recipient", flat=True
        )
    )
    assert told == {
        cast.clerk.pk, cast.zone_leader.pk, cast.stat_clerk.pk, cast.office.pk,
    }  # fmt: skip


def test_a_final_figure_stays_final(cast) -> None:
    say(cast, Decimal(36), release=Release.FINAL)
    approve(cast, cast.ask("40"))
    assert (cast.current().value, cast.current().release) == (40, Release.FINAL)


@pytest.mark.parametrize("who", ["zone_leader", "leader", "reviewer"])
def test_others_do_not_ask(cast, who) -> None:
    with pytest.raises(NotPermitted, match="zone's own clerk"):
        cast.ask(by=getattr(cast, who))
    assert not Correction.objects.exists()


@pytest.mark.parametrize("who", ["clerk", "stat_clerk", "office"])
def test_clerks_and_the_office_ask(cast, who) -> None:
    assert cast.ask(by=getattr(cast, who)).state == CorrectionState.REQUESTED


def test_another_zones_figure_does_not_exist(cast) -> None:
    with pytest.raises(Http404):
        cast.ask(by=cast.stranger)
    slip = cast.ask()
    with pytest.raises(Http404):
        withdraw_correction(correction_id=slip.pk, actor=cast.stranger, now=NOW)


def test_nobody_decides_their_own_slip(cast) -> None:
    slip = cast.ask(by=cast.office)
    with pytest.raises(NotPermitted, match="second person"):
        approve(cast, slip, by=cast.office)
    for who in (cast.clerk, cast.stat_clerk, cast.leader, cast.zone_leader):
        with pytest.raises(NotPermitted):
            approve(cast, slip, by=who)
    assert cast.current().value == 36


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"period": "2026-11"}, "period", "no_figure"),
        ({"new_value": Decimal(36)}, "new_value", "invalid"),
        ({"new_value": Decimal("1.1234567")}, "new_value", "invalid"),
        ({"new_value": Decimal("NaN")}, "new_value", "invalid"),
        ({"new_value": Decimal("1e30")}, "new_value", "invalid"),
        ({"reason": "  "}, "reason", "required"),
        ({"code": "mood"}, "code", "invalid"),
    ],
)
def test_what_is_wrong_is_named(cast, change, field, code) -> None:
    from jingkai.delivery.reporting.services.corrections import request_correction

    given = {
        "series_id": cast.series().pk, "period": PERIOD, "new_value": Decimal(40),
        "code": "error", "reason": "说明", "actor": cast.clerk, "now": NOW,
    }  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        request_correction(**{**given, **change})
    problem = refused.value.problems[0]
    assert (problem.field, problem.code) == (field, code)
    assert not Correction.objects.exists()


def test_a_computed_figure_names_its_parts(cast) -> None:
    with pytest.raises(InvalidInput, match="computed") as refused:
        preview_correction(
            series_id=cast.series("EDZ").pk, period=PERIOD, new_value=Decimal(1),
            actor=cast.office, now=NOW,
        )  # fmt: skip
    message = str(refused.value)
    assert all(zone.short_name in message for zone in cast.scene.zones)


def test_a_second_slip_about_one_figure_waits(cast) -> None:
    first = cast.ask("40")
    with pytest.raises(Conflict, match=f"no. {first.pk}"):
        cast.ask("41", by=cast.office)
    withdraw_correction(correction_id=first.pk, actor=cast.clerk, now=NOW)
    assert cast.ask("41").pk != first.pk


def test_a_running_collection_is_changed_in_its_return(cast) -> None:
    cell = put_into_return(cast)
    with pytest.raises(Conflict, match="still being collected"):
        cast.ask()
    campaign = cell.in_return.campaign
    campaign.state = CampaignState.PUBLISHED
    campaign.save()
    assert cast.ask().old_event_id == cell.event_id


def test_each_step_happens_once(cast) -> None:
    slip = cast.ask()
    approve(cast, slip)
    events = ValueEvent.objects.count()
    for again in (
        lambda: approve(cast, slip),
        lambda: refuse_correction(correction_id=slip.pk, reason="不", actor=cast.office, now=NOW),
        lambda: withdraw_correction(correction_id=slip.pk, actor=cast.clerk, now=NOW),
    ):
        with pytest.raises(TransitionNotAllowed):
            again()
    assert ValueEvent.objects.count() == events


def test_a_refusal_says_why_and_keeps_what_would_have_moved(cast) -> None:
    slip = cast.ask()
    with pytest.raises(InvalidInput, match="reason"):
        refuse_correction(correction_id=slip.pk, reason=" ", actor=cast.reviewer, now=NOW)
    done = refuse_correction(correction_id=slip.pk, reason="凭证不足", actor=cast.reviewer, now=NOW)
    assert (done.state, done.answer) == (CorrectionState.REFUSED, "凭证不足")
    assert Impact.from_json(Correction.objects.get(pk=slip.pk).impact).figures
    assert cast.current().value == 36


def test_a_withdrawn_slip_names_no_decider(cast) -> None:
    slip = cast.ask()
    with pytest.raises(NotPermitted):
        withdraw_correction(correction_id=slip.pk, actor=cast.stat_clerk, now=NOW)
    done = withdraw_correction(correction_id=slip.pk, actor=cast.clerk, now=NOW)
    assert (done.state, done.decided_by) == (CorrectionState.WITHDRAWN, None)


def test_a_figure_changed_meanwhile_is_not_overwritten(cast) -> None:
    slip = cast.ask("40")
    say(cast, Decimal(38))
    with pytest.raises(Conflict, match="it said 36, now 38 revised stands"):
        approve(cast, slip)
    assert cast.current().value == 38
    slip.refresh_from_db()
    assert slip.state == CorrectionState.REQUESTED


def test_papers_are_put_to_a_waiting_slip(cast) -> None:
    slip = cast.ask()
    given = {"correction_id": slip.pk, "now": NOW}
    with pytest.raises(NotPermitted):
        attach_evidence(**given, upload=paper(), actor=cast.zone_leader)
    attach_evidence(**given, upload=paper(), actor=cast.clerk)
    assert attachments_of(slip).count() == 1
    approve(cast, slip)
    with pytest.raises(Conflict, match="approved"):
        attach_evidence(**given, upload=paper("又一份"), actor=cast.clerk)
