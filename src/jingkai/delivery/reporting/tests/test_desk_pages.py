"""The desks: who sees which return, what may be done there, and what it costs."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.reporting.models import Campaign, ReturnUrge
from jingkai.delivery.reporting.services import (
    request_extension,
    sign_return,
    submit_return,
    verify_cells,
)

from .factories import NOW, fill, people_of, sent, signed, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return stage(zones=3)


def page(user, name, *args, **query):
    return signed_in(user).get(
        reverse(f"reporting:{name}", args=args), query, headers={"accept-language": "en"}
    )


def post(user, name, *args, **data):
    return signed_in(user).post(
        reverse(f"reporting:{name}", args=args), data, headers={"accept-language": "en"}
    )


def test_the_overview_counts_what_stands_where(world):
    signed(world)
    found = page(world.office, "overview").context["overview"]
    assert (found.totals.asked, found.totals.filed, found.totals.signed) == (3, 1, 1)
    assert found.totals.missing == 2
    assert [row.name for row in found.rows] == [zone.short_name for zone in world.zones]


def test_a_zone_sees_its_own_return_only(world):
    found = page(world.clerk, "overview").context["overview"]
    assert [row.name for row in found.rows] == [world.zones[0].short_name]
    assert found.totals.asked == 1


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN])
def test_others_have_no_such_page(world, role):
    user = UserFactory(role=role)
    for name, args in (
        ("overview", ()),
        ("campaign", (world.campaign.pk,)),
        ("verify-index", ()),
        ("verify", (world.campaign.pk, world.indicators[0].code)),
    ):
        assert page(user, name, *args).status_code == 404


def test_the_office_urges_all_that_never_sent_with_one_click(world):
    sent(world)
    answer = post(world.office, "campaign-act", world.campaign.pk, "urge", next="overview")
    assert answer.url == reverse("reporting:overview")
    assert ReturnUrge.objects.count() == 2
    again = signed_in(world.office)
    again.post(reverse("reporting:campaign-act", args=[world.campaign.pk, "urge"]))
    assert ReturnUrge.objects.count() == 2


def test_others_are_told_why_they_may_not(world):
    for name in ("urge", "publish", "cancel"):
        answer = post(world.verifier, "campaign-act", world.campaign.pk, name, reason="x")
        assert answer.status_code == 403
        assert "leading-group office" in answer.content.decode()


def test_publishing_too_early_says_what_waits(world):
    signed(world)
    answer = post(world.office, "campaign-act", world.campaign.pk, "publish")
    assert answer.status_code == 409
    assert "not verified yet" in answer.content.decode()
    assert Campaign.objects.get().state == "open"


def test_time_is_given_and_decided_on_the_page(world):
    own = world.own
    refused = post(
        world.office, "campaign-act", world.campaign.pk, "extend",
        **{"return": own.pk, "to_date": "soon", "reason": "检修"},
    )  # fmt: skip
    assert refused.status_code == 422
    post(
        world.office, "campaign-act", world.campaign.pk, "extend",
        **{"return": own.pk, "to_date": "2026-10-20", "reason": "检修"},
    )  # fmt: skip
    assert str(world.own.due_on) == "2026-10-20"
    row = request_extension(
        return_id=own.pk,
        to_date=world.own.due_on.replace(day=22),
        reason="再延",
        actor=world.clerk,
        now=NOW,
    )
    post(
        world.office, "campaign-act", world.campaign.pk, "extension",
        extension=row.pk, decision="refuse", answer="已延过",
    )  # fmt: skip
    row.refresh_from_db()
    assert row.state == "refused"


def test_opening_from_the_page(world):
    answer = post(world.office, "open", form=world.campaign.form_id, period="2026-08")
    campaign = Campaign.objects.get(period="2026-08")
    assert answer.url == reverse("reporting:campaign", args=[campaign.pk])
    assert post(world.office, "open", form="x", period="2026-08").status_code == 404
    assert post(world.clerk, "open", form=1, period="2026-08").status_code == 403


def test_the_reviewer_verifies_and_returns_side_by_side(world):
    other_clerk, other_leader = people_of(world.zones[1])
    signed(world)
    second = world.of(world.zones[1])
    fill(second, (30, 40), clerk=other_clerk)
    submit_return(return_id=second.pk, actor=other_clerk, now=NOW)
    sign_return(return_id=second.pk, actor=other_leader, now=NOW)
    code = world.indicators[0].code
    found = page(world.verifier, "verify", world.campaign.pk, code).context["verification"]
    assert [line.cell.value for line in found.lines] == [10, 30, None]
    assert found.waiting == 2
    here = world.cell(0)
    there = world.cell(0, zone=world.zones[1])
    post(world.verifier, "verify", world.campaign.pk, code, action="verify", cells=here.pk)
    assert world.cell(0).state == "verified"
    silent = post(
        world.verifier, "verify", world.campaign.pk, code, action="return", cells=there.pk,
        code="unit", text="",
    )  # fmt: skip
    assert silent.status_code == 422
    post(
        world.verifier, "verify", world.campaign.pk, code, action="return", cells=there.pk,
        code="unit", text="应为亿元",
    )  # fmt: skip
    assert world.cell(0, zone=world.zones[1]).state == "returned"


def test_who_does_not_verify_reads_why(world):
    signed(world)
    code = world.indicators[0].code
    answer = page(world.office, "verify", world.campaign.pk, code)
    assert "Only the reviewer" in answer.content.decode()
    cell = world.cell()
    refused = post(world.office, "verify", world.campaign.pk, code, action="verify", cells=cell.pk)
    assert refused.status_code == 403
    assert world.cell().state == "signed"


def test_a_zone_reads_only_its_own_line(world):
    signed(world)
    clerk, _leader = people_of(world.zones[1])
    code = world.indicators[0].code
    lines = page(clerk, "verify", world.campaign.pk, code).context["verification"].lines
    assert [line.cell.scope for line in lines] == [world.zones[1].code]


def test_the_month_s_own_figure_goes_with_its_cell():
    world = stage(indicators=1, with_month=True)
    signed(world, (50, 6))
    post(
        world.verifier, "verify", world.campaign.pk, world.indicators[0].code,
        action="verify", cells=world.cell().pk,
    )  # fmt: skip
    assert world.own.state == "verified"


def test_work_waits_where_it_should(world):
    signed(world)
    index = page(world.verifier, "verify-index").context["work"]
    assert len(index) == 2
    assert page(world.clerk, "verify-index").context["work"] == []


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_exports(world, fmt):
    signed(world)
    code = world.indicators[0].code
    for name, args in (
        ("overview", ()),
        ("campaign", (world.campaign.pk,)),
        ("verify", (world.campaign.pk, code)),
    ):
        assert page(world.office, name, *args, format=fmt).status_code == 200


def test_pages_cost_the_same_at_any_size(django_assert_max_num_queries):
    for zones in (2, 9):
        world = stage(zones=zones)
        signed(world)
        verify_cells(cell_ids=[world.cell(1).pk], actor=world.verifier, now=NOW)
        code = world.indicators[0].code
        for user, name, args in (
            (world.office, "overview", ()),
            (world.office, "campaign", (world.campaign.pk,)),
            (world.verifier, "verify", (world.campaign.pk, code)),
        ):
            client = signed_in(user)
            address = reverse(f"reporting:{name}", args=args)
            client.get(address)
            with django_assert_max_num_queries(16):
                assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("who", "absent"),
    [("office", set()), ("clerk", {"verify-index", "delegations"}), ("leader", {"verify-index"})],
)
def test_every_page_of_the_room_is_one_step_from_any_other(world, who, absent):
    """Tabs lead to what concerns the reader, mark the page one is on, and all of them open."""
    shown = page(getattr(world, who), "league").context["tabs"]
    urls = {str(tab["url"]) for tab in shown}
    every = {"overview", "verify-index", "corrections", "unlocks", "league", "burden",
             "delegations", "forms", "rules", "exchange"}  # fmt: skip
    assert urls == {reverse(f"reporting:{name}") for name in every - absent}
    for name in every - absent:
        answer = page(getattr(world, who), name)
        assert answer.status_code == 200
        assert answer.context["current"] == reverse(f"reporting:{name}")
