"""Opening, lateness, reminders, extension, urging."""

from __future__ import annotations

from datetime import date

import pytest

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted
from jingkai.core.notices.models import Notice
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.clock import daily_tick
from jingkai.delivery.reporting.models import Cell, Form, Return
from jingkai.delivery.reporting.services import (
    ItemDraft,
    cancel_campaign,
    create_form,
    decide_extension,
    extend_return,
    open_campaign,
    publish_version,
    request_extension,
    save_version,
    start_draft,
    urge_returns,
)
from jingkai.masterdata.organisations.tests.factories import BodyFactory, ZoneFactory

from .factories import NOW, after, fill, sent, stage

pytestmark = pytest.mark.django_db


def test_every_zone_is_asked_and_due_in_working_days():
    world = stage(zones=3, indicators=2)
    assert Return.objects.count() == 3
    assert Cell.objects.count() == 6
    # The 7th working day after 30 September 2026; 1–7 October are holidays, the 10th is worked.
    assert world.campaign.due_on == date(2026, 10, 15)


def test_a_department_fills_every_zone_and_the_city():
    world = stage(zones=2, indicators=1)
    body = BodyFactory()
    form = create_form(
        code="customs", name="海关数", frequency="month", filled_by="department", body=body,
        actor=world.office, now=NOW,
    )  # fmt: skip
    draft = start_draft(form_id=form.pk, actor=world.office, now=NOW)
    save_version(
        version_id=draft.pk,
        items=[ItemDraft(world.indicators[0].code, coverage="both", purpose="compare")],
        effective_from=date(2026, 1, 1),
        due_working_days=5,
        reminder_days=[1],
        reason="首次",
        actor=world.office,
        now=NOW,
    )
    publish_version(version_id=draft.pk, reason="首次", actor=world.office, now=NOW)
    campaign = open_campaign(form_id=form.pk, period="2026-09", actor=world.office, now=NOW)
    (only,) = campaign.returns.all()
    assert only.body == body
    assert sorted(only.cells.values_list("scope", flat=True)) == sorted(
        ["CITY", *(zone.code for zone in world.zones)]
    )


def test_opening_twice_too_early_or_for_a_wrong_period():
    world = stage()
    form_id = world.campaign.form_id
    again = {"form_id": form_id, "actor": world.office, "now": NOW}
    with pytest.raises(Conflict):
        open_campaign(period="2026-09", **again)
    with pytest.raises(InvalidInput, match="not ended"):
        open_campaign(period="2026-10", **again)
    for wrong in ("2026-Q3", "September", "2026-13"):
        with pytest.raises(InvalidInput, match="does not fit"):
            open_campaign(period=wrong, **again)
    with pytest.raises(NotPermitted):
        open_campaign(form_id=form_id, period="2026-08", actor=world.clerk, now=NOW)
    Form.objects.update(joins_january=True)
    with pytest.raises(InvalidInput, match="February"):
        open_campaign(period="2026-01", **again)


def test_a_cancelled_collection_may_be_opened_again():
    world = stage()
    cancel_campaign(campaign_id=world.campaign.pk, reason="表式有误", actor=world.office, now=NOW)
    assert open_campaign(
        form_id=world.campaign.form_id, period="2026-09", actor=world.office, now=NOW
    )


def test_late_days_are_working_days_and_only_grow():
    world = stage()
    daily_tick(now=after(days=6))  # 15 October: the day it is due
    assert world.own.late_days == 0
    daily_tick(now=after(days=11))  # Tuesday 20 October
    assert world.own.late_days == 3
    sent(world, now=after(days=12))
    assert world.own.late_days == 4
    daily_tick(now=after(days=30))
    assert world.own.late_days == 4


def test_reminders_come_once_per_stage():
    world = stage()
    for days in (0, 3, 3.1, 5, 5.1, 6):
        daily_tick(now=after(days=days))
    told = Notice.objects.filter(recipient=world.clerk, kind="reporting.due")
    assert told.count() == 2  # three working days before, and one


def test_an_extension_is_asked_for_granted_and_stays_on_record():
    world = stage()
    row = request_extension(
        return_id=world.own.pk, to_date=date(2026, 10, 20), reason="系统检修",
        actor=world.clerk, now=NOW,
    )  # fmt: skip
    with pytest.raises(Conflict):
        request_extension(
            return_id=world.own.pk, to_date=date(2026, 10, 21), reason="再延",
            actor=world.clerk, now=NOW,
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        decide_extension(
            extension_id=row.pk, grant=True, answer="同意", actor=world.verifier, now=NOW
        )
    decide_extension(extension_id=row.pk, grant=True, answer="同意", actor=world.office, now=NOW)
    assert world.own.due_on == date(2026, 10, 20)
    with pytest.raises(InvalidInput, match="must lie after"):
        extend_return(
            return_id=world.own.pk, to_date=date(2026, 10, 20), reason="x",
            actor=world.office, now=NOW,
        )  # fmt: skip


def test_urging_once_a_day_and_only_who_owes():
    world = stage(zones=2)
    ids = list(Return.objects.values_list("pk", flat=True))
    assert urge_returns(return_ids=ids, actor=world.office, now=NOW) == 2
    assert urge_returns(return_ids=ids, actor=world.office, now=after(hours=1)) == 0
    assert urge_returns(return_ids=ids, actor=world.office, now=after(days=1)) == 2
    sent(world)
    with pytest.raises(InvalidInput, match="still to be sent"):
        urge_returns(return_ids=[world.own.pk], actor=world.office, now=NOW)


def test_a_published_version_never_changes():
    world = stage(indicators=1)
    version = world.campaign.version
    with pytest.raises(Conflict, match="never changes"):
        save_version(
            version_id=version.pk, items=[], effective_from=date(2026, 1, 1),
            due_working_days=7, reminder_days=[], reason="x", actor=world.office, now=NOW,
        )  # fmt: skip
    draft = start_draft(form_id=version.form_id, actor=world.office, now=NOW)
    assert draft.number == 2
    assert draft.items.count() == 1
    assert start_draft(form_id=version.form_id, actor=world.office, now=NOW) == draft


def test_each_wrong_item_of_a_form_is_named():
    world = stage(indicators=1)
    quarterly = IndicatorFactory(frequency="quarter")
    nobody = IndicatorFactory(compiler=None)
    draft = start_draft(form_id=world.campaign.form_id, actor=world.office, now=NOW)
    with pytest.raises(InvalidInput) as told:
        save_version(
            version_id=draft.pk,
            items=[
                ItemDraft("NO_SUCH"),
                ItemDraft(quarterly.code),
                ItemDraft(nobody.code),
                ItemDraft(world.indicators[0].code, coverage="city"),
                ItemDraft(world.indicators[0].code, prefill="magic"),
            ],
            effective_from=date(2026, 1, 1), due_working_days=7, reminder_days=[], reason="x",
            actor=world.office, now=NOW,
        )  # fmt: skip
    assert {p.field for p in told.value.problems} == {
        "items.0.indicator", "items.1.indicator", "items.2.verifier", "items.3.coverage",
        "items.4.indicator", "items.4.prefill",
    }  # fmt: skip
    assert draft.items.count() == 1


def test_opening_costs_the_same_for_many_zones(django_assert_max_num_queries):
    for zones in (2, 9):
        world = stage(zones=1, indicators=2)
        ZoneFactory.create_batch(zones)
        office = UserFactory(role=Role.OFFICE)
        with django_assert_max_num_queries(24):
            open_campaign(form_id=world.campaign.form_id, period="2026-08", actor=office, now=NOW)


def test_a_return_never_sent_counts_late_without_figures():
    world = stage()
    fill(world.own, (1, 2), clerk=world.clerk)
    daily_tick(now=after(days=20))
    assert world.own.late_days > 0
    assert world.own.state == "draft"
