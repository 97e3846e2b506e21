"""Boards, pages, vintages, lineage: what is shown, to whom, at which cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from jingkai.core.accounts.public import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.core.audit.public import seal_pending
from jingkai.delivery.indicators.models import CurrentValue, Release, Series
from jingkai.delivery.indicators.queries.board import body_board, headline_board
from jingkai.delivery.indicators.queries.changes import changes_since, search_indicators
from jingkai.delivery.indicators.queries.indicator import indicator_page, revisions
from jingkai.delivery.indicators.queries.lineage import lineage
from jingkai.delivery.indicators.queries.zones import zone_board, zones_board
from jingkai.delivery.indicators.services.default_paths import plan_default_trajectories
from jingkai.delivery.indicators.services.status import judge
from jingkai.delivery.indicators.services.trajectories import (
    Horizon,
    plan_trajectory,
)
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import NOW, IndicatorFactory, TargetFactory
from .test_record import say

pytestmark = pytest.mark.django_db
EARLIER = NOW - timedelta(days=25)


@pytest.fixture
def office():
    return UserFactory(role=Role.OFFICE)


def city(office, *, indicators=1, zones=2):
    """Headline indicators with a year of history, a path, and zones that report."""
    ground = ZoneFactory.create_batch(zones)
    rows = IndicatorFactory.create_batch(indicators, is_headline=True)
    for row in rows:
        TargetFactory(indicator=row, value=240 * zones, horizon="2030")
        for year, factor in (("2025", 12), ("2026", 11)):
            cells = [
                (row.code, z.code, f"{year}-{m:02}", str(m * factor))
                for z in ground
                for m in range(1, 13)
                if f"{year}-{m:02}" <= "2026-09"
            ]
            say(office, *cells, now=EARLIER)
    plan_default_trajectories(now=EARLIER)
    return rows, ground


def test_the_board_says_it_all(office) -> None:
    (row,), zones = city(office)
    say(office, *[(row.code, z.code, "2026-10", "110") for z in zones])
    (line,) = headline_board(user=office, period="2026-10").rows
    status = line.status
    assert (status.figure.value, status.figure.release) == (220, Release.FLASH)
    assert (status.figure.observed, status.figure.expected) == (2, 2)
    assert status.planned == Decimal("272")
    assert status.distance.amount == Decimal("-52") / Decimal("272") * 100
    assert status.light.light == "red"
    assert status.growth.quantize(Decimal("0.01")) == Decimal("-8.33")
    assert status.age == 0
    assert line.target.value == 480
    assert len(line.sparkline) == 13
    assert line.sparkline[-1].actual == 220
    judge(
        series=Series.objects.get(indicator=row, scope="EDZ"),
        period="2026-10",
        light="yellow",
        reason="十二月集中入库",
        actor=office,
        now=NOW,
    )
    (line,) = headline_board(user=office, period="2026-10").rows
    assert (line.status.person.light, line.status.light.light) == ("yellow", "red")
    (own,) = body_board(user=office, body=row.responsible, period="2026-10").rows
    assert own.indicator == row


def test_before_the_first_event_nothing_is_shown_and_later_what_was_known_then(office) -> None:
    (row,), zones = city(office)
    say(office, (row.code, zones[0].code, "2026-09", "200"), release=Release.REVISED, reason="更正")
    before = headline_board(user=office, period="2026-10", as_of=EARLIER - timedelta(seconds=1))
    assert before.rows[0].status.figure is None
    assert before.rows[0].status.light.light == "grey"
    then = headline_board(user=office, period="2026-10", as_of=EARLIER)
    assert then.rows[0].status.figure.value == 198
    now = headline_board(user=office, period="2026-10")
    assert now.rows[0].status.figure.value == 299
    assert now.rows[0].status.age == 1


@pytest.mark.parametrize("as_of", [None, NOW])
def test_boards_cost_the_same_at_any_size(office, as_of) -> None:
    costs = []
    for indicators, zones in ((1, 1), (5, 3)):
        rows, ground = city(office, indicators=indicators, zones=zones)
        user = UserFactory(role=Role.OFFICE)
        with CaptureQueriesContext(connection) as queries:
            headline_board(user=user, period="2026-10", as_of=as_of)
        with CaptureQueriesContext(connection) as more:
            zones_board(user=user, code=rows[0].code, period="2026-10", as_of=as_of)
        with CaptureQueriesContext(connection) as page:
            indicator_page(user=user, code=rows[0].code, period="2026-10", as_of=as_of)
        with CaptureQueriesContext(connection) as own:
            zone_board(user=user, zone=ground[0], period="2026-10", as_of=as_of)
        event = CurrentValue.objects.filter(series__scope="EDZ").last().event_id
        with CaptureQueriesContext(connection) as tree:
            lineage(event, user)
        costs.append([len(q) for q in (queries, more, page, own, tree)])
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 15


def test_the_page_derives_months_years_and_the_run_rate(office) -> None:
    (row,), _zones = city(office)
    page = indicator_page(user=office, code=row.code, period="2026-10")
    assert {p.value for p in page.own_periods} == {Decimal(24), Decimal(22)}
    assert [(y.year, y.actual, y.is_complete) for y in page.years][:2] == [
        (2025, 288, True),
        (2026, 198, False),
    ]
    assert page.years[-1].year == 2030
    assert page.years[-1].planned == 480
    assert page.run_rate.remaining == 3
    assert page.run_rate.required_average > page.run_rate.current_average
    assert page.trajectory.version == 1
    with pytest.raises(Http404):
        indicator_page(user=office, code=row.code, period="2026-10", scope="nowhere")


def test_zones_rank_with_ties_and_missing_is_shown(office) -> None:
    a, b, c, d = ZoneFactory.create_batch(4)
    row = IndicatorFactory()
    say(office, *[(row.code, z.code, "2026-10", v) for z, v in ((a, "50"), (b, "30"), (c, "30"))])
    for zone, plan in ((a, "60"), (b, "20")):
        plan_trajectory(
            series=Series.objects.get(indicator=row, scope=zone.code),
            shape="straight",
            base_period="2025",
            base_value=Decimal(1),
            actor=office,
            now=NOW,
            horizons=[Horizon("2026", Decimal(plan) * 12 / 10)],
        )
    board = zones_board(user=office, code=row.code, period="2026-10")
    assert [r.rank for r in board.rows] == [1, 2, 2, None]
    assert [r.reported for r in board.rows] == [True, True, True, False]
    assert (board.reported, board.expected) == (3, 4)
    assert board.rows[0].share.quantize(Decimal("0.1")) == Decimal("45.5")
    assert [(z.key, z.gap) for z in board.gap.zones] == [(a.code, -10), (b.code, 10)]
    assert set(board.gap.missing) == {c.code, d.code}
    (line,) = zone_board(user=office, zone=b, period="2026-10")
    assert (line.rank, line.ranked) == (2, 3)


def test_a_zone_sees_its_rank_and_no_other_zone(office) -> None:
    (row,), zones = city(office)
    clerk = UserFactory(role=Role.ZONE_CLERK, body=zones[0].committee)
    board = zones_board(user=clerk, code=row.code, period="2026-09")
    assert [r.zone for r in board.rows] == [zones[0]]
    assert board.ranked == 2
    assert board.gap is None
    with pytest.raises(Http404):
        zone_board(user=clerk, zone=zones[1], period="2026-09")
    with pytest.raises(Http404):
        zones_board(user=UserFactory(role=Role.INSPECTOR), code=row.code, period="2026-09")


def test_lineage_leads_to_person_correction_definition_and_seal(office) -> None:
    a, b, _c = ZoneFactory.create_batch(3)
    row = IndicatorFactory()
    TargetFactory(indicator=row)
    say(office, (row.code, a.code, "2026-10", "48.6"), (row.code, b.code, "2026-09", "19.3"))
    say(office, (row.code, a.code, "2026-10", "47.9"), release=Release.REVISED, reason="跨期入库")
    seal_pending(now=NOW)
    event = CurrentValue.objects.get(series__scope="EDZ", period="2026-10").event_id
    found = lineage(event, office)
    root = found.root
    assert (root.formula, root.observed, root.expected) == ("sum", 1, 3)
    assert root.value == sum(part.value for part in root.parts) == Decimal("67.2")
    first, second = root.parts
    assert (first.actor, first.is_carried) == (str(office), False)
    assert second.is_carried
    (correction,) = first.corrections
    assert (correction.before, correction.after) == (Decimal("48.6"), Decimal("47.9"))
    assert correction.reason == "跨期入库"
    assert first.definition_number == 1
    assert len(root.trail.digest) == 64
    assert root.trail == first.trail
    assert found.targets[0].value == 395

    clerk = UserFactory(role=Role.ZONE_CLERK, body=a.committee)
    mine, other = lineage(event, clerk).root.parts
    assert mine.value is not None
    assert (other.is_hidden, other.value, other.actor) == (True, None, "")
    with pytest.raises(Http404):
        lineage(second.event_id, clerk)
    with pytest.raises(Http404):
        lineage(event, UserFactory(role=Role.ENTERPRISE))


def test_since_the_last_meeting(office) -> None:
    (row,), zones = city(office)
    say(office, *[(row.code, z.code, "2026-10", "136") for z in zones])
    say(office, (row.code, zones[0].code, "2026-09", "98"), release=Release.REVISED, reason="更正")
    changes = changes_since(NOW - timedelta(days=1), user=office, period="2026-10")
    (turned,) = changes.lights
    assert turned.lights == ("red", "green")
    (revision,) = changes.revisions
    assert (revision.before, revision.after, revision.reason) == (99, 98, "更正")
    assert revision.change == -1
    series = Series.objects.get(indicator=row, scope=zones[0].code)
    assert [r.after for r in revisions(series, "2026-09")] == [98, 99]


def test_search_finds_by_name_code_and_initials(office) -> None:
    row = IndicatorFactory(code="BUDGET_REV", name="一般公共预算收入", initials="ybggyssr")
    IndicatorFactory(code="OTHER")
    for text in ("预算", "budget", "ybgg"):
        assert search_indicators(user=office, text=text) == [row]
    assert search_indicators(user=UserFactory(role=Role.AUDIT_ADMIN), text="budget") == []
