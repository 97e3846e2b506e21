"""The page of a return: who sees what, which steps are offered, the plain form, the cost."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.files.public import attachments_of
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.models import (
    Cell,
    FilledBy,
    Return,
    ReturnState,
)
from jingkai.delivery.reporting.services import (
    open_campaign,
    return_cells,
    sign_return,
    take_back,
    verify_cells,
)
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import (
    NOW,
    FormFactory,
    FormItemFactory,
    FormVersionFactory,
    Stage,
    fill,
    people_of,
    sent,
    signed,
    stage,
    stands,
)
from .grid_doors import browser, get, page, post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_morning(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def world() -> Stage:
    return stage()


# What is offered: by state and by who looks.

STEPS = {
    "send": 'name="then" value="send"',
    "take back": "/take-back/",
    "sign": '/sign/"',
    "unlock": "/unlock/",
    "time": "/more-time/",
    "fields": 'name="cell-',
}
OFFERED = {
    ("draft", "clerk"): {"send", "time", "fields"},
    ("draft", "leader"): {"time"},
    ("draft", "office"): set(),
    ("draft", "verifier"): set(),
    ("submitted", "clerk"): {"take back"},
    ("submitted", "leader"): {"sign"},
    ("submitted", "office"): set(),
    ("submitted", "verifier"): set(),
    ("signed", "clerk"): {"unlock"},
    ("signed", "leader"): {"unlock"},
    ("signed", "office"): set(),
    ("signed", "verifier"): set(),
    ("returned", "clerk"): {"send", "time", "unlock", "fields"},
    ("returned", "leader"): {"time", "unlock"},
    ("returned", "office"): set(),
    ("verified", "clerk"): {"unlock"},
    ("verified", "leader"): {"unlock"},
    ("verified", "verifier"): set(),
}


def bring(world: Stage, state: str) -> Return:
    match state:
        case "submitted":
            sent(world)
        case "signed":
            signed(world)
        case "returned":
            signed(world)
            return_cells(
                cell_ids=[world.cell(0).pk],
                code="unit",
                text="请核对单位",
                actor=world.verifier,
                now=NOW,
            )
        case "verified":
            signed(world)
            verify_cells(
                cell_ids=[world.cell(0).pk, world.cell(1).pk], actor=world.verifier, now=NOW
            )
    assert world.own.state == state
    return world.own


@pytest.mark.parametrize(("state", "role"), sorted(OFFERED))
def test_a_step_is_offered_exactly_when_it_may_be_done(world, state, role):
    in_return = bring(world, state)
    text = page(getattr(world, role), "return", in_return.pk)
    assert {step for step, mark in STEPS.items() if mark in text} == OFFERED[state, role]


def test_only_returned_cells_open_again_and_say_why(world):
    in_return = bring(world, "returned")
    text = page(world.clerk, "return", in_return.pk)
    assert f'name="cell-{world.cell(0).pk}"' in text
    assert f'name="cell-{world.cell(1).pk}"' not in text
    assert "请核对单位" in text
    assert "wrong unit" in text


@pytest.mark.parametrize(
    "name", ["return", "check", "sign", "ask-unlock", "ask-time", "save-form", "send"]
)
def test_another_zones_return_does_not_exist(world, name):
    stranger, leader = people_of(world.zones[1])
    for user in (stranger, leader, UserFactory(role=Role.ENTERPRISE)):
        assert get(user, name, world.own.pk).status_code in (404, 405)
        assert post(user, name, world.own.pk).status_code in (404, 405)
    assert world.own.state == ReturnState.DRAFT


def test_another_zones_cell_does_not_exist(world):
    stranger, _leader = people_of(world.zones[1])
    cell = world.cell()
    assert get(stranger, "cell-page", cell.pk).status_code == 404
    for name in ("explain-cell", "comment-cell", "prove-cell"):
        assert post(stranger, name, cell.pk, text="x").status_code == 404


# The plain form: the same verdicts as everywhere, nothing typed is lost.


def test_the_plain_form_saves_what_changed_and_nothing_else(world):
    first, second = world.cell(0), world.cell(1)
    response = post(
        world.clerk,
        "save-form",
        world.own.pk,
        **{
            f"cell-{first.pk}": "1.2万元",
            f"cell-{second.pk}": "",
            f"note-{first.pk}": "补报一户",
            f"note-{second.pk}": "",
        },
    )
    assert response.status_code == 302
    assert (world.cell(0).value, world.cell(0).note) == (Decimal("0.00012"), "补报一户")
    assert world.cell(1).revision == 0  # an untouched field is no answer
    again = post(world.clerk, "save-form", world.own.pk, **{f"cell-{first.pk}": "0.00012"})
    assert again.status_code == 302
    assert world.cell(0).revision == 1


def test_absent_is_said_in_words_and_comes_back_as_words(world):
    first, second = world.cell(0), world.cell(1)
    post(
        world.clerk,
        "save-form",
        world.own.pk,
        **{f"cell-{first.pk}": "—", f"cell-{second.pk}": "N/A"},
    )
    assert (world.cell(0).absence, world.cell(1).absence) == ("missing", "not_applicable")
    text = page(world.clerk, "return", world.own.pk)
    assert 'value="—"' in text
    assert 'value="N/A"' in text


def test_what_is_no_figure_stays_in_its_field_with_the_reason(world):
    first, second = world.cell(0), world.cell(1)
    response = post(
        world.clerk,
        "save-form",
        world.own.pk,
        **{f"cell-{first.pk}": "十几亿", f"cell-{second.pk}": "7"},
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert 'value="十几亿"' in text
    assert f'<a href="#cell-{first.pk}">' in text
    assert 'value="7"' in text
    assert world.cell(1).value is None  # all or nothing


def test_a_figure_somebody_else_changed_is_not_overwritten(world):
    cell = world.cell()
    fill(world.own, [1, 2], clerk=world.clerk)
    response = post(
        world.clerk,
        "save-form",
        world.own.pk,
        **{f"cell-{cell.pk}": "9", "revisions": f"{cell.pk}:0,"},
    )
    assert response.status_code == 409
    assert 'value="9"' in response.content.decode()
    assert world.cell().value == 1


def test_save_and_send_in_one_go(world):
    first, second = world.cell(0), world.cell(1)
    response = post(
        world.clerk,
        "save-form",
        world.own.pk,
        then="send",
        **{f"cell-{first.pk}": "10", f"cell-{second.pk}": "20"},
    )
    assert response.status_code == 302
    assert world.own.state == ReturnState.SUBMITTED


def test_unanswered_cells_keep_it_back_and_are_named_at_their_place(world):
    response = post(world.clerk, "send", world.own.pk)
    text = response.content.decode()
    assert response.status_code == 422
    for cell in (world.cell(0), world.cell(1)):
        assert f'<a href="#cell-{cell.pk}">' in text
    assert world.own.state == ReturnState.DRAFT


def test_taking_back_opens_it_again(world):
    in_return = sent(world)
    assert post(world.clerk, "take-back", in_return.pk).status_code == 302
    assert world.own.state == ReturnState.DRAFT
    assert post(world.clerk, "take-back", in_return.pk).status_code == 409


def test_figures_filled_in_beforehand_are_confirmed_one_or_all():
    world = stage(prefill="compiler")
    Cell.objects.filter(in_return=world.own).update(
        origin="prefilled", value=3, prefill_source="市统计局"
    )
    text = page(world.clerk, "return", world.own.pk)
    assert "Confirm all 2" in text
    assert "市统计局" in text
    post(world.clerk, "confirm-form", world.own.pk, cell=world.cell(0).pk)
    assert (world.cell(0).origin, world.cell(1).origin) == ("confirmed", "prefilled")
    post(world.clerk, "confirm-form", world.own.pk)
    assert world.cell(1).origin == "confirmed"


def test_one_figure_filled_in_beforehand_is_confirmed_in_the_drawer():
    world = stage(prefill="compiler")
    Cell.objects.filter(in_return=world.own).update(
        origin="prefilled", value=3, prefill_source="市统计局"
    )
    cell = world.cell(0)
    assert "Confirm this figure" in page(world.clerk, "cell-page", cell.pk)
    assert "Confirm this figure" not in page(world.leader, "cell-page", cell.pk)

    url = reverse("reporting:confirm-cell", args=[cell.pk])
    answer = browser(world.clerk).post(url, headers={"HX-Request": "true"})

    fresh = world.cell(0)
    assert (fresh.origin, world.cell(1).origin) == ("confirmed", "prefilled")
    told = json.loads(answer["HX-Trigger"])["cell-changed"]["cell"]
    assert (told["id"], told["revision"], told["origin"]) == (cell.pk, fresh.revision, "confirmed")
    assert "Confirm this figure" not in answer.content.decode()
    assert f'id="marks-{cell.pk}" hx-swap-oob' in answer.content.decode()


# What stands beside a figure.


def test_last_year_and_the_growth_stand_beside_the_figure(world):
    stands(world.indicators[0], world.zones[0].code, p2025_09=8, p2026_08=9)
    fill(world.own, [10, 20], clerk=world.clerk)
    text = page(world.clerk, "return", world.own.pk)
    assert "+25.0%" in text
    assert ">8.00<" in text
    assert ">9.00<" in text
    panel = page(world.clerk, "cell-page", world.cell().pk)
    assert "+25.0%" in panel
    assert "2026-08" in panel


def test_a_block_ten_thousand_times_too_large_is_noticed_and_not_touched():
    world = stage(indicators=3)
    for indicator in world.indicators:
        stands(indicator, world.zones[0].code, p2026_08="1.1")
    changes = [
        {"cell": world.cell(i).pk, "raw": raw} for i, raw in enumerate(("12000", "9500", "1.3"))
    ]
    response = browser(world.clerk).post(
        reverse("reporting:guess", args=[world.own.pk]),
        json.dumps({"changes": changes}),
        content_type="application/json",
    )
    (found,) = response.json()["guesses"]
    assert (found["unit"], found["asked"], found["fits"], found["of"]) == ("万元", "亿元", 2, 3)
    assert world.own.revision == 0


# One cell in the drawer.


def test_a_remark_and_a_file_are_kept_with_the_cell(world):
    cell = world.cell()
    assert post(world.clerk, "comment-cell", cell.pk, text="请统计局看一下").status_code == 302
    proof = SimpleUploadedFile("说明.txt", "补报一户".encode(), "text/plain")
    assert post(world.clerk, "prove-cell", cell.pk, file=proof).status_code == 302
    text = page(world.verifier, "cell-page", cell.pk)
    assert "请统计局看一下" in text
    assert "说明.txt" in text
    assert attachments_of(cell).count() == 1
    refused = post(world.clerk, "prove-cell", cell.pk)
    assert refused.status_code == 422
    assert "Choose a file first." in refused.content.decode()


def test_the_drawer_gets_a_piece_and_the_address_a_page(world):
    url = reverse("reporting:cell-page", args=[world.cell().pk])
    piece = browser(world.clerk).get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in piece
    assert 'id="g-panel"' in piece
    assert "<html" in page(world.clerk, "cell-page", world.cell().pk)


def test_an_explanation_nobody_asked_for_is_refused_and_kept_in_its_field(world):
    response = post(world.clerk, "explain-cell", world.cell().pk, rule="no-such", text="增长较快")
    assert response.status_code == 422


# Shape and cost.


def department_form(zones: int, indicators: int) -> tuple[Return, User]:
    """A form one department fills for every zone."""
    places = ZoneFactory.create_batch(zones)
    measured = IndicatorFactory.create_batch(indicators)
    body = measured[0].compiler
    version = FormVersionFactory(form=FormFactory(filled_by=FilledBy.DEPARTMENT, body=body))
    for position, indicator in enumerate(measured):
        FormItemFactory(version=version, indicator=indicator, position=position, coverage="zones")
    campaign = open_campaign(form_id=version.form_id, period="2026-09", actor=None, now=NOW)
    clerk = UserFactory(role=Role.DEPARTMENT_CLERK, body=body)
    assert len(places) == zones
    return campaign.returns.get(), clerk


def test_a_departments_form_has_a_column_for_each_zone(world):
    in_return, clerk = department_form(3, 2)
    text = page(clerk, "return", in_return.pk)
    zones = in_return.cells.values("scope").distinct().count()
    assert text.count('<th scope="col" class="num">') == zones
    assert text.count('name="cell-') == in_return.cells.count()


@pytest.mark.parametrize("name", ["return", "check", "sign"])
def test_the_cost_does_not_grow_with_the_cells(world, name):
    small, clerk = department_form(2, 2)
    large, other = department_form(6, 9)
    costs = []
    for in_return, user in ((small, clerk), (large, other)):
        client = browser(user)
        url = reverse(f"reporting:{name}", args=[in_return.pk])
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[1] <= 30


def test_long_names_are_shown_whole(world):
    world.indicators[0].name_en = "A very long name of an indicator " * 4
    world.indicators[0].save()
    assert "A very long name of an indicator " * 3 in page(world.clerk, "return", world.own.pk)


def test_a_published_return_says_that_only_slips_change_it(world):
    world.campaign.state = "published"
    world.campaign.published_at = NOW
    world.campaign.save()
    text = page(world.clerk, "return", world.own.pk)
    assert "they change by correction slip only" in text
    assert 'name="cell-' not in text


def test_a_signed_and_reopened_return_remembers_who_signed(world):
    sent(world)
    take_back(return_id=world.own.pk, actor=world.clerk, now=NOW)
    assert world.clerk.name in page(world.clerk, "check", world.own.pk)
    sent_again = post(world.clerk, "send", world.own.pk)
    assert sent_again.status_code == 302
    sign_return(return_id=world.own.pk, actor=world.leader, now=NOW)
    assert world.leader.name in page(world.clerk, "check", world.own.pk)
