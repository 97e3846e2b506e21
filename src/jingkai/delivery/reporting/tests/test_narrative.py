"""The paragraph of a return: only its figures, every number tied, stale when a figure changes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from jingkai.core.accounts.models import User
from jingkai.core.accounts.tests.factories import signed_in
from jingkai.core.errors import InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.delivery.indicators.models import Indicator
from jingkai.delivery.reporting.models import Cell, ReturnNote
from jingkai.delivery.reporting.narrative import draft_of, linked, pieces_of
from jingkai.delivery.reporting.queries.grid import grid_of
from jingkai.delivery.reporting.queries.notes import narrative_of
from jingkai.delivery.reporting.services import explain, save_cells, submit_return
from jingkai.delivery.reporting.services.cells import CellChange
from jingkai.delivery.reporting.services.notes import MAX_NOTE, attach_note

from .factories import NOW, RuleFactory, Stage, fill, people_of, stage, stands

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_morning(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def world() -> Stage:
    made = stage(indicators=3)
    for indicator, name in zip(
        made.indicators, ("进出口总额", "工业增加值", "新设企业"), strict=True
    ):
        Indicator.objects.filter(pk=indicator.pk).update(name=name, name_en="", unit="亿元")
        stands(indicator, made.zones[0].code, p2025_09=1000)
    fill(made.own, ("1236.8", 1000, None), clerk=made.clerk)
    cell = made.cell(2)
    save_cells(
        return_id=made.own.pk,
        changes=[CellChange(cell.pk, None, "missing")],
        actor=made.clerk,
        now=NOW,
        origin="typed",
    )
    return made


def grid(world: Stage):
    return grid_of(world.own, world.clerk, NOW, NOW.date())


def enter(world: Stage, value: str, place: int = 0) -> None:
    save_cells(
        return_id=world.own.pk,
        changes=[CellChange(world.cell(place).pk, Decimal(value))],
        actor=world.clerk,
        now=NOW,
        origin="typed",
    )


def keep(world: Stage, text: str) -> ReturnNote | None:
    return attach_note(return_id=world.own.pk, text=text, actor=world.clerk, now=NOW)


@pytest.mark.parametrize(
    ("language", "growth", "level", "absent"),
    [
        ("zh-hans", "同比增长23.7%", "与上年同期持平", "暂无数据：新设企业。"),
        (
            "en",
            "up 23.7% on",
            "level with the same period last year",
            "Not available yet: 新设企业.",
        ),
    ],
)
def test_a_draft_says_the_figures_and_nothing_else(world, language, growth, level, absent) -> None:
    with translation.override(language):
        draft = draft_of(grid(world))
        again = draft_of(grid(world))

    assert draft.text == again.text
    assert growth in draft.text
    assert level in draft.text
    assert absent in draft.text
    said = {(p.cell, p.kind): p.text for one in draft.sentences for p in one if p.cell}
    assert said[world.cell(0).pk, "value"].startswith("1,236.8")
    assert said[world.cell(0).pk, "change"] == "23.7%"
    assert said[world.cell(2).pk, "cell"] == "新设企业"


def test_every_number_of_a_draft_is_a_figure_of_the_return(world) -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            now = grid(world)
            text = draft_of(now).text
            pieces = pieces_of(text, linked(text, now), now)
        assert "".join(piece.text for piece in pieces) == text
        assert not [piece for piece in pieces if piece.is_loose or piece.is_stale]
        assert {p.cell for p in pieces if p.cell} == {world.cell(0).pk, world.cell(1).pk}


def test_an_empty_return_has_no_draft() -> None:
    world = stage()
    assert draft_of(grid_of(world.own, world.clerk, NOW, NOW.date())).text == ""


def test_an_explanation_is_told_in_the_fillers_words(world) -> None:
    RuleFactory(code="high", level="explain", parameters={"max": 1100})
    explain(
        cell_id=world.cell(0).pk, rule="high", text="龙头企业集中出口。", actor=world.clerk, now=NOW
    )
    with translation.override("zh-hans"):
        assert "关于进出口总额，填报单位说明：龙头企业集中出口。" in draft_of(grid(world)).text


def test_an_edited_note_keeps_its_numbers_tied(world) -> None:
    keep(world, "9月进出口总额1236.80亿元（增长23.7%），新签3个项目；工业增加值1000亿元。")
    found = narrative_of(grid(world))
    tied = {(piece.text, piece.cell) for piece in found.pieces if piece.cell}
    assert tied == {
        ("1236.80", world.cell(0).pk),
        ("23.7", world.cell(0).pk),
        ("1000", world.cell(1).pk),
    }
    assert [piece.text for piece in found.pieces if piece.is_loose] == ["3"]
    assert (found.stale, found.loose) == (0, 1)


def test_a_changed_figure_marks_its_numbers_stale_and_no_other(world) -> None:
    keep(world, "进出口总额1,236.8亿元；工业增加值1000亿元。")
    enter(world, "1300")
    found = narrative_of(grid(world))
    assert [(p.text, p.cell) for p in found.pieces if p.is_stale] == [("1,236.8", world.cell(0).pk)]
    enter(world, "1236.8")
    assert narrative_of(grid(world)).stale == 0


def test_the_same_note_again_writes_nothing_and_an_empty_one_takes_it_away(world) -> None:
    first = keep(world, "进出口总额1,236.8亿元。")
    assert keep(world, "  进出口总额1,236.8亿元。 ") == first
    assert ReturnNote.objects.count() == 1
    assert keep(world, "") is None
    assert narrative_of(grid(world)).note is None
    assert ReturnNote.objects.count() == 2


def test_only_the_filler_writes_and_only_while_it_is_at_their_desk(world) -> None:
    with pytest.raises(NotPermitted):
        attach_note(return_id=world.own.pk, text="好", actor=world.leader, now=NOW)
    with pytest.raises(InvalidInput):
        keep(world, "长" * (MAX_NOTE + 1))
    submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        keep(world, "迟到的说明")
    assert not ReturnNote.objects.exists()


def browser(user: User) -> Client:
    client = signed_in(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_pages_show_the_draft_to_the_filler_and_the_note_to_all(world) -> None:
    page = reverse("reporting:return", args=[world.own.pk])
    note = reverse("reporting:note", args=[world.own.pk])
    link = f'href="{page}#cell-{world.cell(0).pk}"'
    assert "Edit and attach" in browser(world.clerk).get(page).content.decode()
    assert "Edit and attach" not in browser(world.leader).get(page).content.decode()

    answer = browser(world.clerk).post(note, {"text": "进出口总额1,236.8亿元，形势向好。"})
    assert answer.status_code == 302
    for user in (world.clerk, world.leader, world.office):
        shown = browser(user).get(page).content.decode()
        assert "形势向好" in shown
        assert link in shown
    sent = submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    sign = reverse("reporting:sign", args=[sent.pk])
    assert "形势向好" in browser(world.leader).get(sign).content.decode()
    refused = browser(world.clerk).post(note, {"text": "改一改"})
    assert refused.status_code == 409


def test_the_api_gives_draft_and_note(world) -> None:
    url = f"/api/v1/reporting/returns/{world.own.pk}/narrative"
    body = browser(world.clerk).get(url).json()
    assert body["note"] is None
    assert body["draft"] == " ".join("".join(p["text"] for p in one) for one in body["sentences"])

    put = browser(world.clerk).put(
        url, {"text": "进出口总额1,236.8亿元。"}, content_type="application/json"
    )
    assert put.status_code == 200
    (tied,) = [p for p in put.json()["note"]["pieces"] if p["cell"]]
    assert (tied["text"], tied["cell"], tied["kind"]) == ("1,236.8", world.cell(0).pk, "value")
    stranger, _leader = people_of(world.zones[1])
    assert browser(stranger).get(url).status_code == 404


def test_a_departments_table_names_places(world) -> None:
    """Equal figures of two places are told apart by the place named before."""
    other = world.zones[1]
    cell = world.cell(0)
    Cell.objects.create(
        in_return=world.own, item=cell.item, indicator=cell.indicator, scope=other.code,
        value=Decimal("1236.8"),
    )  # fmt: skip
    now = grid(world)
    names = list(now.scopes.values())
    text = f"进出口总额：{names[0]}1236.8亿元，{names[1]}1236.8亿元。"
    by_scope = {c.cell.scope: c.id for c in now.cells if c.cell.indicator_id == cell.indicator_id}
    assert [row["cell"] for row in linked(text, now)] == [by_scope[s] for s in now.scopes]
