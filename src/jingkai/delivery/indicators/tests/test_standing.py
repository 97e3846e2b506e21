"""Ranks counted by the database, pages of zones, and what costs the same at any size."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory, signed_in
from jingkai.delivery.indicators.models import CurrentValue, Release, Series, ValueEvent
from jingkai.delivery.indicators.queries.changes import revisions_since
from jingkai.delivery.indicators.queries.pages import data_periods
from jingkai.delivery.indicators.queries.standing import places, values_at
from jingkai.delivery.indicators.queries.zones import ZoneOrder, ranks_of, zones_board
from jingkai.engine.periods import Frequency, Period
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import NOW, IndicatorFactory
from .scenes import RECORDED, indicator_scene, page
from .test_record import say

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 31)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def office():
    return UserFactory(role=Role.OFFICE)


def ground(office, direction, figures):
    """One indicator with a figure per zone for October; None says nothing."""
    row = IndicatorFactory(direction=direction)
    zones = ZoneFactory.create_batch(len(figures))
    say(
        office,
        *[
            (row.code, zone.code, "2026-10", value)
            for zone, value in zip(zones, figures, strict=True)
            if value is not None
        ],
    )
    return row, zones


@pytest.mark.parametrize("as_of", [None, NOW])
@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_the_database_counts_the_rank_the_engine_gives(office, direction, as_of) -> None:
    row, zones = ground(office, direction, ["50", "30", "30", "7", None])
    values = values_at(row, OCTOBER, as_of=as_of)
    expected = ranks_of(row, {zone.code: values.get(zone.pk) for zone in zones})
    for zone in zones:
        place = places({row: (OCTOBER, values.get(zone.pk))}, as_of=as_of)[row.pk]
        assert (place.rank, place.ranked) == (expected[zone.code], 4)


@pytest.mark.parametrize("as_of", [None, NOW])
@pytest.mark.parametrize(
    "left_out", [{"evaluated": False}, {"valid_to": date(2026, 9, 1)}, {"valid_from": NOW.date()}]
)
def test_a_zone_that_does_not_count_takes_no_rank(office, left_out, as_of) -> None:
    row, zones = ground(office, "higher", ["50", "30", "20"])
    for name, value in left_out.items():
        setattr(zones[0], name, value)
    zones[0].save()
    place = places({row: (OCTOBER, Decimal(30))}, as_of=as_of)[row.pk]
    assert (place.rank, place.ranked) == (1, 2)
    board = zones_board(user=office, code=row.code, period="2026-10", as_of=as_of)
    assert [line.rank for line in board.rows] == [1, 2]


def test_a_rank_as_of_a_day_counts_what_was_known_then(office) -> None:
    row, zones = ground(office, "higher", ["50", "30"])
    later = NOW + timedelta(days=2)
    say(office, (row.code, zones[1].code, "2026-10", "60"), now=later, reason="更正")
    assert places({row: (OCTOBER, Decimal(60))})[row.pk].rank == 1
    assert places({row: (OCTOBER, Decimal(30))}, as_of=NOW)[row.pk].rank == 2


def test_where_neither_more_nor_less_is_better_nobody_is_ranked(office) -> None:
    row, _zones = ground(office, "none", ["50", "30"])
    assert places({row: (OCTOBER, Decimal(50))}) == {}


def test_pages_of_zones_keep_the_ranks_of_all(monkeypatch) -> None:
    monkeypatch.setattr(import_module("jingkai.delivery.indicators.views.zones"), "ROWS_SHOWN", 2)
    scene = indicator_scene(zones=5)
    client = signed_in(UserFactory(role=Role.LEADER))
    ranks, zones = [], []
    for number in (1, 2, 3):
        response = client.get(
            page("zones", scene.indicator.code, page=number, period="2026-10"), headers=HTMX
        )
        rows = response.context["zone_rows"]
        ranks += [row["rank"] for row in rows]
        zones += [row["zone"] for row in rows]
        assert len(rows) <= 2
        assert "page=" in response.content.decode()
    assert ranks == [1, 2, 3, 4, None]
    assert set(zones) == set(scene.zones)


def test_pages_of_the_gap_add_up_to_the_whole(office) -> None:
    scene = indicator_scene(zones=5)
    whole = zones_board(user=office, code=scene.indicator.code, period="2026-10")
    found = []
    for offset in (0, 2, 4):
        part = zones_board(
            user=office,
            code=scene.indicator.code,
            period="2026-10",
            order=ZoneOrder.GAP,
            offset=offset,
            limit=2,
        )
        assert part.gap == whole.gap
        found += [row.zone.code for row in part.rows]
    assert found[:4] == [share.key for share in whole.gap.zones]
    assert found[4] == scene.silent.code


def test_the_api_pages_the_zones(office) -> None:
    scene = indicator_scene(zones=3)
    client, found, cursor = signed_in(office), [], ""
    for _ in range(2):
        answer = client.get(
            f"/api/v1/indicators/{scene.indicator.code}/zones"
            f"?period=2026-10&limit=2&cursor={cursor}"
        ).json()
        found += [item["zone"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert cursor == ""
    assert found == [zone.code for zone in sorted(scene.zones, key=lambda z: (z.position, z.code))]
    wrong = client.get(f"/api/v1/indicators/{scene.indicator.code}/zones?period=2026-10&cursor=x")
    assert wrong.status_code == 422


def test_every_later_word_about_a_cell_is_a_revision(office) -> None:
    row, zones = ground(office, "higher", ["50"])
    assert not ValueEvent.objects.filter(series__scope=zones[0].code).get().is_revision
    say(office, (row.code, zones[0].code, "2026-10", "60"), now=NOW + timedelta(1), reason="更正")
    first, second = ValueEvent.objects.filter(series__scope=zones[0].code).order_by("id")
    assert (first.is_revision, second.is_revision) == (False, True)
    (found,) = revisions_since(NOW, user=office)
    assert (found.before, found.after, found.scope) == (50, 60, zones[0].code)


def test_a_cell_first_spoken_of_later_was_not_revised(office) -> None:
    row, zones = ground(office, "higher", ["50"])
    say(office, (row.code, zones[0].code, "2026-10", "60"), now=NOW + timedelta(1), reason="更正")
    assert revisions_since(NOW - timedelta(1), user=office) == ()


def test_a_zone_reads_of_its_own_revisions_only(office) -> None:
    row, zones = ground(office, "higher", ["50", "40"])
    for zone in zones:
        say(office, (row.code, zone.code, "2026-10", "60"), now=NOW + timedelta(1), reason="更正")
    clerk = UserFactory(role=Role.ZONE_CLERK, body=zones[0].committee)
    assert {item.scope for item in revisions_since(NOW, user=clerk)} == {zones[0].code}


def test_current_values_carry_their_series_indicator_and_zone() -> None:
    scene = indicator_scene(zones=2)
    for value in CurrentValue.objects.select_related("series"):
        assert (value.indicator_id, value.zone_id) == (
            value.series.indicator_id,
            value.series.zone_id,
        )
    assert Series.objects.filter(indicator=scene.indicator, zone=None).exists()


@pytest.mark.parametrize("role", [Role.LEADER, Role.ZONE_CLERK])
def test_the_months_to_choose_from_are_those_with_figures(role) -> None:
    scene = indicator_scene(zones=2)
    user = UserFactory(role=role, body=scene.zones[0].committee)
    months = data_periods(user)
    assert months[0] == Period.of(2026, Frequency.MONTH, 10)
    assert months[-1] == Period.of(2024, Frequency.MONTH, 12)
    assert len(months) == 23


def addresses(scene):
    code, zone = scene.indicator.code, scene.zones[0].code
    return [
        (page("zones", code), HTMX),
        (page("zones", code, part="gap"), HTMX),
        (page("part", code, "revisions"), HTMX),
        (page("part", code, "shares"), HTMX),
        (page("detail", code), {}),
        (page("list"), {}),
        (f"/cockpit/zones/{zone}/?period=2026-10", {}),
        (f"/cockpit/gap/{code}/?period=2026-10", {}),
        ("/cockpit/changes/?short=1", HTMX),
    ]


@pytest.mark.parametrize("role", [Role.LEADER, Role.ZONE_CLERK])
def test_pages_stay_within_fifteen_queries_at_two_sizes(role) -> None:
    costs = []
    for zones in (3, 9):
        scene = indicator_scene(zones=zones)
        say(
            scene.office,
            *[(scene.indicator.code, z.code, "2026-09", "1") for z in scene.zones[:zones]],
            now=RECORDED + timedelta(hours=1),
            release=Release.REVISED,
            reason="更正",
        )
        client = signed_in(UserFactory(role=role, body=scene.zones[0].committee))
        spent = []
        for address, headers in addresses(scene):
            client.get(address, headers=headers)  # the session remembers the period
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address, headers=headers).status_code == 200, address
            spent.append(len(queries))
        costs.append(spent)
    assert all(large <= small for small, large in zip(*costs, strict=True)), costs
    assert max(costs[0]) <= 15, list(zip(costs[0], addresses(scene), strict=True))


def test_writing_marks_no_more_than_it_says(office) -> None:
    """A repeated figure is no new word, so it is no revision."""
    row, zones = ground(office, "higher", ["50"])
    say(office, (row.code, zones[0].code, "2026-10", "50"), now=NOW + timedelta(1))
    assert not ValueEvent.objects.filter(is_revision=True).exists()
