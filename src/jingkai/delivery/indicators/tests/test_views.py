"""The room's pages as each kind of person meets them, whole and as fragments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingkai.core.accounts.tests.factories import signed_in
from jingkai.delivery.indicators.models import CurrentValue

from .factories import IndicatorFactory, TargetFactory, VersionFactory
from .scenes import indicator_scene, page, text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


PAGES = [("list", ()), ("detail", ("code",)), ("allocations", ()), ("targets", ("code",))]


@pytest.mark.parametrize("who", ["leader", "office", "stat-clerk", "zone-clerk"])
@pytest.mark.parametrize(("name", "args"), PAGES)
def test_every_official_opens_the_reading_pages(scene, folk, who, name, args):
    given = [scene.indicator.code for _ in args]
    response = signed_in(folk[who]).get(page(name, *given))
    assert response.status_code == 200
    assert "<html" in text(response)


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_outsiders_find_nothing(scene, folk, name, args):
    client = signed_in(folk["outsider"])
    given = [scene.indicator.code for _ in args]
    assert client.get(page(name, *given)).status_code == 404
    assert client.get(page(name, *given), headers=HTMX).status_code == 404


def test_nobody_without_a_session_gets_in(scene):
    response = Client().get(page("list"))
    assert response.status_code == 302
    assert "sign-in" in response["Location"]


def test_the_board_comes_alone_for_htmx_and_says_that_it_varies(scene, folk):
    response = signed_in(folk["leader"]).get(page("list"), headers=HTMX)
    assert "<html" not in text(response)
    assert scene.indicator.name in text(response)
    assert "HX-Request" in response["Vary"]


def test_a_row_says_value_unit_period_release_and_distance(scene, folk):
    response = signed_in(folk["leader"]).get(page("list"))
    row = response.context["rows"][0]
    assert row.figure.value == Decimal(290)  # 2·10·(1+2+3+4), and the silent zone's 5 · 2 · 9
    assert (row.figure.observed, row.figure.expected) == (4, 5)
    assert row.period_label == "2026年1–10月累计"
    body = text(response)
    assert "290.00" in body
    assert "4/5" in body
    assert reverse("indicators:lineage", args=[row.figure.event_id]) in body


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "测试指标"}, True),
        ({"q": "没有这个"}, False),
        ({"kind": "headline"}, True),
        ({"kind": "benchmark"}, False),
        ({"light": "grey"}, False),
        ({"body": "no-such-body"}, False),
    ],
)
def test_the_filter_keeps_what_fits(scene, folk, query, found):
    response = signed_in(folk["leader"]).get(page("list", **query))
    assert bool(response.context["rows"]) is found
    assert ("没有符合条件的指标" in text(response)) is not found


def test_conflicting_targets_are_marked_with_both_values(scene, folk):
    TargetFactory(
        indicator=scene.indicator,
        value=Decimal(400),
        horizon="2030",
        is_leading=False,
        agreement="disputed",
        place="annex1:5",
    )
    response = signed_in(folk["leader"]).get(page("list"))
    assert response.context["disputed"] == 1
    assert "⚠" in text(response)
    assert "395（" in text(response)
    assert "400（" in text(response)


def test_the_list_of_one_zone_shows_its_figures(scene, folk):
    zone = scene.zones[1]
    response = signed_in(folk["zone-clerk"]).get(page("list", scope=zone.code))
    assert response.context["rows"][0].figure.value == Decimal(40)


def test_another_zone_is_not_found_for_a_zone(scene, folk):
    client = signed_in(folk["zone-clerk"])
    other = scene.zones[0].code
    assert client.get(page("list", scope=other)).status_code == 404
    assert client.get(page("detail", scene.indicator.code, scope=other)).status_code == 404


@pytest.mark.parametrize("query", [{"period": "2026-13"}, {"as_of": "soon"}])
@pytest.mark.parametrize("name", ["list", "detail"])
def test_an_unreadable_lens_is_said_and_not_guessed(scene, folk, name, query):
    args = [scene.indicator.code] if name == "detail" else []
    response = signed_in(folk["leader"]).get(page(name, *args, **query))
    assert response.status_code == 422
    assert next(iter(query.values())) in text(response)


def test_an_earlier_period_shows_the_figure_of_then(scene, folk):
    response = signed_in(folk["leader"]).get(page("list", period="2026-06"))
    assert response.context["rows"][0].figure.period == "2026-06"


def test_before_anything_was_recorded_nothing_is_known(scene, folk):
    response = signed_in(folk["leader"]).get(page("list", as_of="2026-11-01"))
    assert response.context["rows"][0].figure is None
    response = signed_in(folk["leader"]).get(
        page("detail", scene.indicator.code, as_of="2026-11-01")
    )
    assert response.context["page"].status.figure is None
    response = signed_in(folk["leader"]).get(
        page("part", scene.indicator.code, "revisions", as_of="2026-11-01")
    )
    assert response.context["vintages"] == []


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
@pytest.mark.parametrize("name", ["list", "detail", "allocations"])
def test_every_list_goes_out_as_a_file(scene, folk, name, fmt):
    args = [scene.indicator.code] if name == "detail" else []
    response = signed_in(folk["stat-clerk"]).get(page(name, *args, format=fmt))
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]


def test_the_head_says_growth_distance_and_what_the_year_still_needs(scene, folk):
    response = signed_in(folk["leader"]).get(page("detail", scene.indicator.code))
    context = response.context
    assert context["change"].value.quantize(Decimal("0.1")) == Decimal("7.4")  # 290 against 270
    assert context["run_rate"].remaining == 2
    assert context["run_rate"].current_average == Decimal(29)
    assert "后 2 个月每月需" in text(response)


def test_a_break_in_between_leaves_growth_unsaid(scene, folk):
    VersionFactory(
        indicator=scene.indicator, number=2, effective_from=date(2026, 1, 1), is_break=True
    )
    response = signed_in(folk["leader"]).get(page("detail", scene.indicator.code))
    assert response.context["change"].broken
    assert "口径已变，不可比" in text(response)


def test_zones_are_ranked_with_the_silent_one_last_and_unranked(scene, folk):
    response = signed_in(folk["leader"]).get(page("zones", scene.indicator.code))
    rows = response.context["zone_rows"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, None]
    assert rows[-1]["zone"] == scene.silent
    assert rows[-1]["figure"] is None
    assert rows[-1]["light"] == "grey"
    response = signed_in(folk["leader"]).get(page("zones", scene.indicator.code, part="gap"))
    assert response.context["gap_rows"]


def test_a_zone_sees_its_own_row_and_the_total_only(scene, folk):
    response = signed_in(folk["zone-clerk"]).get(page("zones", scene.indicator.code))
    assert [row["zone"] for row in response.context["zone_rows"]] == [scene.zones[1]]
    assert response.context["board"].gap is None
    body = text(response)
    assert "290.00" in body
    for other in (*scene.zones[:1], *scene.zones[2:]):
        assert other.name not in body
        assert other.short_name not in body


def test_each_chart_has_its_table(scene, folk):
    client = signed_in(folk["leader"])
    body = "".join(
        text(client.get(address))
        for address in (
            page("detail", scene.indicator.code),
            page("zones", scene.indicator.code),
            page("zones", scene.indicator.code, part="gap"),
        )
    )
    for chart in ("trajectory", "within-year", "zones-ranking", "gap-chart"):
        after = body.split(f'data-chart="{chart}-data"', 1)[1]
        assert "<table" in after.split("data-chart=", 1)[0], chart


def test_an_indicator_without_figures_says_how_to_get_them(folk):
    empty = IndicatorFactory()
    body = text(signed_in(folk["leader"]).get(page("detail", empty.code)))
    assert "尚无数据和轨迹" in body
    assert "data-chart" not in body


def test_a_figure_leads_to_its_lineage_as_page_and_as_drawer(scene, folk):
    event = CurrentValue.objects.get(series=scene.series(), period="2026-10").event_id
    client = signed_in(folk["leader"])
    whole, drawer = (
        client.get(page("lineage", event)),
        client.get(page("lineage", event), headers=HTMX),
    )
    assert "<html" in text(whole)
    assert "data-close-drawer" not in text(whole)
    assert "<html" not in text(drawer)
    assert "data-close-drawer" in text(drawer)
    for zone in scene.zones:
        assert zone.short_name in text(drawer)
    assert "按 2026-09 结转" in text(drawer)


def test_lineage_names_but_does_not_show_what_a_zone_may_not_see(scene, folk):
    event = CurrentValue.objects.get(series=scene.series(), period="2026-10").event_id
    body = text(signed_in(folk["zone-clerk"]).get(page("lineage", event), headers=HTMX))
    assert "其他经开区的数不显示" in body
    assert "80.00" not in body  # the fourth zone's


def test_lineage_of_another_zone_is_not_found(scene, folk):
    other = CurrentValue.objects.get(series=scene.series(scene.zones[0].code), period="2026-10")
    assert signed_in(folk["zone-clerk"]).get(page("lineage", other.event_id)).status_code == 404
    assert signed_in(folk["outsider"]).get(page("lineage", other.event_id)).status_code == 404


@pytest.mark.parametrize("who", ["leader", "zone-clerk"])
def test_costs_do_not_grow_with_the_data(folk, scene, who, django_assert_max_num_queries):
    client = signed_in(folk[who])
    with django_assert_max_num_queries(15):
        client.get(page("list"))
    with django_assert_max_num_queries(38):
        client.get(page("detail", scene.indicator.code))


def test_list_and_detail_cost_the_same_at_two_sizes(folk, scene):
    def cost(address):
        client = signed_in(folk["leader"])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    small = cost(page("list")), cost(page("detail", scene.indicator.code))
    bigger = indicator_scene(zones=9)
    for _ in range(5):
        TargetFactory(indicator=bigger.indicator, is_leading=False, horizon="2028")
    large = cost(page("list")), cost(page("detail", bigger.indicator.code))
    assert large == small
