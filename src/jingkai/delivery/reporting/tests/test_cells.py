"""Entering figures: nothing half-written, nobody overwritten, every change kept."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import Http404

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.models import AuditEvent
from jingkai.core.errors import Conflict, InvalidInput, NotPermitted, TransitionNotAllowed
from jingkai.delivery.indicators.models import ValueEvent
from jingkai.delivery.reporting.models import (
    Cell,
    CellEvent,
    CellOrigin,
    Effort,
    Prefill,
)
from jingkai.delivery.reporting.services import (
    CellChange,
    add_effort,
    comment,
    confirm_prefilled,
    explain,
    save_cells,
    submit_return,
)

from .factories import NOW, fill, people_of, sent, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return stage()


def save(world, *changes, actor=None, origin=CellOrigin.TYPED):
    return save_cells(
        return_id=world.own.pk,
        changes=changes,
        actor=actor or world.clerk,
        now=NOW,
        origin=origin,
    )


def test_a_figure_is_kept_with_its_past(world):
    cell = world.cell()
    save(world, CellChange(cell.pk, Decimal("12.5"), entered_as="12.5亿元"))
    save(world, CellChange(cell.pk, Decimal("13"), note="补报一户"))
    cell = world.cell()
    assert (cell.value, cell.note, cell.revision) == (Decimal(13), "补报一户", 2)
    assert cell.entered_by == world.clerk
    past = list(CellEvent.objects.filter(cell=cell).values_list("revision", "value", "actor"))
    assert past == [(2, Decimal(13), world.clerk.pk), (1, Decimal("12.5"), world.clerk.pk)]
    assert world.own.revision == 2
    assert AuditEvent.objects.filter(action="reporting.cells.saved").count() == 2
    assert not ValueEvent.objects.exists()  # a draft is nobody's official figure


def test_the_same_figure_again_changes_nothing(world):
    change = CellChange(world.cell().pk, Decimal(5))
    save(world, change)
    again = save(world, change)
    assert again.saved == ()
    assert again.unchanged == 1
    assert CellEvent.objects.count() == 1
    assert world.own.revision == 1


def test_missing_is_not_zero(world):
    first, second = world.cell(0), world.cell(1)
    save(world, CellChange(first.pk, Decimal(0)), CellChange(second.pk, None, "missing"))
    assert (world.cell(0).value, world.cell(0).absence) == (Decimal(0), "")
    assert (world.cell(1).value, world.cell(1).absence) == (None, "missing")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": Decimal("NaN")}, "not a number"),
        ({"value": Decimal("Infinity")}, "not a number"),
        ({"value": Decimal("1e18")}, "Check the unit"),
        ({"value": Decimal("0.0000001")}, "after the decimal point"),
        ({"value": Decimal(1), "absence": "missing"}, "never both"),
        ({"value": None, "absence": "lost"}, "not a reason"),
        ({"value": None, "note": "长" * 501}, "500"),
    ],
)
def test_what_cannot_be_kept_is_told_and_nothing_is_written(world, change, says):
    good, bad = world.cell(0), world.cell(1)
    with pytest.raises(InvalidInput) as told:
        save(world, CellChange(good.pk, Decimal(1)), CellChange(bad.pk, **change))
    (problem,) = told.value.problems
    assert problem.field == f"cells.{bad.pk}"
    assert says in problem.message
    assert not CellEvent.objects.exists()
    assert world.cell(0).value is None


def test_a_cell_of_another_return_is_unknown(world):
    strange = world.cell(zone=world.zones[1])
    with pytest.raises(InvalidInput, match="no such cell"):
        save(world, CellChange(strange.pk, Decimal(1)))


def test_an_old_screen_does_not_overwrite(world):
    cell = world.cell()
    save(world, CellChange(cell.pk, Decimal(1), revision=0))
    with pytest.raises(Conflict, match="meanwhile"):
        save(world, CellChange(cell.pk, Decimal(2), revision=0))
    assert world.cell().value == 1


def test_only_the_body_s_clerk_fills_in(world):
    other_clerk, _leader = people_of(world.zones[1])
    for person in (world.leader, world.office, world.verifier):
        with pytest.raises(NotPermitted):
            save(world, CellChange(world.cell().pk, Decimal(1)), actor=person)
    with pytest.raises(Http404):  # another zone's return does not exist for its neighbour
        save(world, CellChange(world.cell().pk, Decimal(1)), actor=other_clerk)


def test_no_return_no_page(world):
    with pytest.raises(Http404):
        save_cells(return_id=0, changes=[], actor=world.clerk, now=NOW, origin=CellOrigin.TYPED)


def test_a_sent_figure_is_closed(world):
    sent(world)
    with pytest.raises(TransitionNotAllowed, match="closed"):
        save(world, CellChange(world.cell().pk, Decimal(99)))
    assert world.cell().value == 10


def test_prefilled_figures_are_confirmed_one_by_one_or_together():
    world = stage(indicators=1, prefill=Prefill.PREVIOUS, period="2026-09")
    assert world.cell().origin == ""  # nothing known, nothing filled in
    cell = world.cell()
    Cell.objects.filter(pk=cell.pk).update(
        value=Decimal(7), origin=CellOrigin.PREFILLED, prefill_source="2026-08"
    )
    with pytest.raises(InvalidInput, match="confirm it") as told:
        submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW)
    assert told.value.problems[0].code == "unconfirmed"
    confirm_prefilled(return_id=world.own.pk, actor=world.clerk, now=NOW)
    assert world.cell().origin == CellOrigin.CONFIRMED
    assert submit_return(return_id=world.own.pk, actor=world.clerk, now=NOW).state == "submitted"


def test_explaining_what_nobody_doubts_is_refused(world):
    fill(world.own, (1, 2), clerk=world.clerk)
    with pytest.raises(InvalidInput, match="no doubt"):
        explain(cell_id=world.cell().pk, rule="no-such", text="因为", actor=world.clerk, now=NOW)


def test_remarks_from_either_side_and_from_nobody_else(world):
    cell = world.cell()
    comment(cell_id=cell.pk, text="请核对口径", actor=world.verifier, now=NOW)
    comment(cell_id=cell.pk, text="已核对", actor=world.clerk, now=NOW)
    stranger, _leader = people_of(world.zones[1])
    with pytest.raises(Http404):
        comment(cell_id=cell.pk, text="看看", actor=stranger, now=NOW)
    with pytest.raises(NotPermitted):
        comment(cell_id=cell.pk, text="看看", actor=UserFactory(role=Role.LEADER), now=NOW)
    assert [c.text for c in cell.comments.all()] == ["请核对口径", "已核对"]


def test_effort_adds_up_and_is_cut_to_what_a_page_can_measure(world):
    for seconds in (30, 40, 100_000, -5):
        add_effort(return_id=world.own.pk, seconds=seconds, actor=world.clerk, now=NOW)
    assert Effort.objects.get().seconds == 30 + 40 + 120


def test_saving_costs_the_same_at_any_size(django_assert_max_num_queries):
    for count in (2, 12):
        world = stage(zones=1, indicators=count)
        changes = [
            CellChange(pk, Decimal(n))
            for n, pk in enumerate(world.own.cells.values_list("pk", flat=True))
        ]
        with django_assert_max_num_queries(32):
            save(world, *changes)
