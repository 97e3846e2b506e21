"""Unlocks, deputies, the league, the burden meter and the editor of forms, as people use them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.models import (
    Cell,
    CellOrigin,
    Delegation,
    Form,
    FormVersion,
    Prefill,
    UnlockTicket,
)
from jingkai.delivery.reporting.queries.burden import burden
from jingkai.delivery.reporting.queries.league import league
from jingkai.delivery.reporting.services import (
    add_effort,
    request_unlock,
    return_cells,
    submit_return,
)

from .factories import NOW, FormItemFactory, after, fill, sent, signed, stage

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def world():
    return stage(zones=3)


def page(user, name, /, *args, **query):
    address = reverse(f"reporting:{name}", args=args)
    return signed_in(user).get(address, query, headers=ENGLISH)


def post(user, name, /, *args, **data):
    address = reverse(f"reporting:{name}", args=args)
    return signed_in(user).post(address, data, headers=ENGLISH)


def asked(world):
    signed(world)
    return request_unlock(
        return_id=world.own.pk, cell_ids=[world.cell().pk], reason="企业补报",
        actor=world.clerk, now=NOW,
    )  # fmt: skip


def test_an_unlock_is_decided_on_its_page(world):
    ticket = asked(world)
    assert "企业补报" in page(world.office, "unlocks").content.decode()
    wrong = post(world.office, "unlock-act", ticket.pk, decision="grant", hours="many")
    assert wrong.status_code == 422
    assert (
        post(world.leader, "unlock-act", ticket.pk, decision="grant", hours="2").status_code == 403
    )
    post(world.office, "unlock-act", ticket.pk, decision="grant", hours="2")
    assert world.cell().state == "unlocked"
    again = post(world.office, "unlock-act", ticket.pk, decision="grant", hours="2")
    assert again.status_code == 409


def test_another_zone_does_not_see_the_ticket(world):
    ticket = asked(world)
    stranger = UserFactory(role=Role.ZONE_LEADER, body=world.zones[1].committee)
    assert page(stranger, "unlocks").context["lines"] == []
    assert post(stranger, "unlock-act", ticket.pk, decision="grant").status_code == 404
    assert UnlockTicket.objects.get().state == "requested"


def test_a_deputy_is_named_and_ended_on_the_page(world):
    today = timezone.localdate()
    details = {
        "body": world.zones[0].committee_id,
        "deputy": world.clerk.pk,
        "from_date": today.isoformat(),
        "to_date": (today + timedelta(days=3)).isoformat(),
        "reason": "出差",
    }
    missing = post(world.leader, "delegations", **{**details, "to_date": ""})
    assert missing.status_code == 422
    assert "出差" in missing.content.decode()
    assert post(world.clerk, "delegations", **details).status_code == 403
    post(world.leader, "delegations", **details)
    row = Delegation.objects.get()
    assert row.deputy == world.clerk
    assert post(world.clerk, "delegation-end", row.pk).status_code == 404
    post(world.leader, "delegation-end", row.pk)
    row.refresh_from_db()
    assert row.revoked_at is not None


def test_the_league_counts_facts_of_reporting_only(world):
    sent(world, now=NOW)
    late_clerk = UserFactory(role=Role.ZONE_CLERK, body=world.zones[1].committee)
    second = world.of(world.zones[1])
    fill(second, (1, 2), clerk=late_clerk)
    submit_return(return_id=second.pk, actor=late_clerk, now=after(days=7))
    rows = league(world.office, since=date(2026, 9, 1), today=after(days=20).date())
    names = [(r.name, r.in_time, r.due, r.late_days, r.answered, r.asked) for r in rows]
    # Lateness that nobody has counted yet (the clock did not run) is not held against a body.
    assert names == [
        (world.zones[0].short_name, 1, 1, 0, 2, 2),
        (world.zones[2].short_name, 0, 1, 0, 0, 2),
        (world.zones[1].short_name, 0, 1, 1, 2, 2),
    ]
    before_due = league(world.office, since=date(2026, 9, 1), today=NOW.date())
    assert before_due == []


def test_returned_cells_show_in_the_league(world):
    signed(world)
    return_cells(
        cell_ids=[world.cell().pk], code="unit", text="单位", actor=world.verifier, now=NOW
    )
    rows = league(world.office, since=date(2026, 9, 1), today=after(days=20).date())
    assert {r.name: r.returned for r in rows}[world.zones[0].short_name] == 1


def test_the_burden_is_measured_not_estimated(world):
    form = world.campaign.form
    (empty,) = burden(world.office, since=date(2026, 1, 1))
    assert (empty.form, empty.minutes, empty.prefilled) == (form, None, None)
    for _beat in range(3):
        add_effort(return_id=world.own.pk, seconds=60, actor=world.clerk, now=NOW)
    fill(world.own, (1, 2), clerk=world.clerk)
    Cell.objects.filter(pk=world.cell().pk).update(origin=CellOrigin.CONFIRMED)
    (row,) = burden(world.office, since=date(2026, 1, 1))
    assert (row.minutes, row.measured, row.prefilled) == (Decimal(3), 1, Decimal(50))


def test_fields_known_elsewhere_are_named():
    world = stage(indicators=1)
    computed = IndicatorFactory(
        definition={"numerator": world.indicators[0], "denominator": world.indicators[0]}
    )
    computed.compiler = world.verifier_body
    computed.save()
    FormItemFactory(version=world.campaign.version, indicator=computed, prefill=Prefill.NONE)
    (row,) = burden(world.office, since=date(2026, 1, 1))
    assert [(k.item.indicator, str(k.where)) for k in row.known] == [
        (computed, "computed from other figures")
    ]


def draft_data(world, **changes):
    data = {
        "count": "2",
        "indicator-0": world.indicators[0].code,
        "coverage-0": "own",
        "purpose-0": "record",
        "prefill-0": "previous",
        "evidence-0": "none",
        "required-0": "1",
        "indicator-1": "",
        "effective_from": "2026-12-01",
        "due_working_days": "8",
        "reminder_days": "3、1",
        "reason": "减少一项",
    }
    return data | changes


def test_a_form_is_drafted_corrected_and_published(world):
    code = world.campaign.form.code
    assert page(world.office, "form-edit", code).status_code == 404
    assert post(world.clerk, "form-draft", code).status_code == 403
    post(world.office, "form-draft", code)
    assert page(world.clerk, "form-edit", code).status_code == 404
    wrong = post(world.office, "form-edit", code, **draft_data(world, **{"coverage-0": "city"}))
    assert wrong.status_code == 422
    assert "own zone" in wrong.content.decode()
    for bad in ({"effective_from": "tomorrow"}, {"due_working_days": "x"}, {"reminder_days": "a"}):
        assert post(world.office, "form-edit", code, **draft_data(world, **bad)).status_code == 422
    saved = post(world.office, "form-edit", code, **draft_data(world))
    assert saved.status_code == 302
    post(world.office, "form-edit", code, **draft_data(world, publish="1"))
    version = FormVersion.objects.get(number=2)
    assert (version.state, version.due_working_days, version.reminder_days) == (
        "published", 8, [3, 1],
    )  # fmt: skip
    assert [item.prefill for item in version.items.all()] == ["previous"]
    assert world.campaign.version.number == 1


def test_publishing_says_why_and_needs_items(world):
    code = world.campaign.form.code
    post(world.office, "form-draft", code)
    unsaid = post(world.office, "form-edit", code, **draft_data(world, publish="1", reason=""))
    assert unsaid.status_code == 422
    empty = draft_data(world, publish="1")
    empty["indicator-0"] = ""
    assert post(world.office, "form-edit", code, **empty).status_code == 422
    assert not FormVersion.objects.filter(number=2, state="published").exists()


def test_rows_stand_in_the_order_their_numbers_say(world):
    code = world.campaign.form.code
    post(world.office, "form-draft", code)
    other = IndicatorFactory()
    rows = {f"{key[:-1]}1": value for key, value in draft_data(world).items() if key.endswith("-0")}
    rows |= {"indicator-1": other.code, "order-0": "7", "order-1": "3"}
    assert post(world.office, "form-edit", code, **draft_data(world, **rows)).status_code == 302
    version = FormVersion.objects.get(number=2)
    assert [item.indicator.code for item in version.items.order_by("position")] == [
        other.code, world.indicators[0].code,
    ]  # fmt: skip


def test_a_new_version_begins_with_the_period_that_runs(world):
    post(world.office, "form-draft", world.campaign.form.code)
    draft = FormVersion.objects.get(number=2)
    assert draft.effective_from == timezone.localdate().replace(day=1)


def new_form(**changes):
    return {
        "code": "PARKS_QUARTERLY", "name": "园区季报", "frequency": "quarter", "filled_by": "zone",
    } | changes  # fmt: skip


def test_the_office_makes_a_form(world):
    assert page(world.clerk, "form-new").status_code == 404
    assert post(world.clerk, "form-new", **new_form()).status_code in {403, 404}
    assert page(world.office, "form-new").status_code == 200
    made = post(world.office, "form-new", **new_form())
    assert made.url == reverse("reporting:form-edit", args=["PARKS_QUARTERLY"])
    form = Form.objects.get(code="PARKS_QUARTERLY")
    assert (form.frequency, form.versions.get().state) == ("quarter", "draft")
    assert page(world.office, "form-edit", form.code).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "two words"}, "Code"),
        ({"code": "new"}, "taken by the page"),
        ({"name": " "}, "Name"),
        ({"frequency": "daily"}, "Frequency"),
        ({"filled_by": "department"}, "names it"),
        ({"code": ""}, "Code"),
    ],
)
def test_a_form_that_cannot_be_is_said_by_label(world, wrong, said):
    before = Form.objects.count()
    answer = post(world.office, "form-new", **new_form(**wrong))
    assert answer.status_code in {409, 422}
    text = answer.content.decode()
    notice = text[text.index("notice-error") :]
    assert said in notice[: notice.index("</div>")]
    assert "<b>code</b>" not in text
    assert Form.objects.count() == before


def test_a_code_that_is_taken_is_said(world):
    taken = world.campaign.form.code
    assert post(world.office, "form-new", **new_form(code=taken)).status_code == 409


@pytest.mark.parametrize("name", ["unlocks", "delegations", "league", "burden", "forms"])
def test_pages_by_role(world, name):
    for user in (world.office, world.clerk, world.verifier, UserFactory(role=Role.LEADER)):
        assert page(user, name).status_code == 200
    for role in (Role.ENTERPRISE, Role.SECURITY_ADMIN):
        assert page(UserFactory(role=role), name).status_code == 404


def test_costs_do_not_grow(django_assert_max_num_queries):
    for zones in (2, 7):
        world = stage(zones=zones)
        signed(world)
        request_unlock(
            return_id=world.own.pk, cell_ids=[world.cell().pk], reason="补报",
            actor=world.clerk, now=NOW,
        )  # fmt: skip
        client = signed_in(world.office)
        for name, args in (
            ("unlocks", ()), ("delegations", ()), ("league", ()), ("burden", ()), ("forms", ()),
            ("form", (world.campaign.form.code,)),
        ):  # fmt: skip
            address = reverse(f"reporting:{name}", args=args)
            client.get(address)
            with django_assert_max_num_queries(15):
                assert client.get(address).status_code == 200
    assert Form.objects.count() == 2
