"""Chart options: what is drawn, how disputes and gaps look, and that it is plain JSON."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from jingkai.delivery.indicators import charts
from jingkai.engine.periods import Period

UNIT = charts.Unit("亿元", 1)
Y = Period.of


def option(**changes):
    given = {
        "actual": {Y(2024): Decimal(300), Y(2025): Decimal(310)},
        "planned": {Y(2025): Decimal(310), Y(2030): Decimal(395)},
        "marks": [charts.Mark(Y(2030), Decimal(395), "2030 附件1")],
        "unit": UNIT,
        "today": date(2026, 11, 22),
    }
    return charts.trajectory(**{**given, **changes})


def named(chart, position):
    return chart["series"][position]


def test_actual_is_solid_and_the_plan_is_dashed():
    actual, planned = option()["series"][:2]
    assert actual["lineStyle"].get("type") is None
    assert planned["lineStyle"]["type"] == "dashed"
    assert [p["value"] for p in actual["data"]] == [["2024-01-01", 300.0], ["2025-01-01", 310.0]]


def test_points_come_in_order_of_time_whatever_the_order_given():
    chart = option(actual={Y(2025): Decimal(2), Y(2024): Decimal(1)})
    assert [p["value"][1] for p in named(chart, 0)["data"]] == [1.0, 2.0]


def test_an_agreed_target_is_filled_and_a_disputed_one_hollow_with_both_values():
    marks = [
        charts.Mark(Y(2028), Decimal(360), "2028"),
        charts.Mark(Y(2030), Decimal(1400), "正文", disputed=True),
        charts.Mark(Y(2030), Decimal(1474), "附件1", disputed=True),
    ]
    scatters = [s for s in option(marks=marks)["series"] if s.get("symbol") == "diamond"]
    agreed, disputed = scatters
    assert agreed["itemStyle"]["color"] == "@target"
    assert disputed["itemStyle"]["color"] == "@surface"
    assert [d["value"][1] for d in disputed["data"]] == [1400.0, 1474.0]
    assert [d["label"]["formatter"] for d in disputed["data"]] == ["1,400", "1,474"]


def test_today_and_breaks_are_lines_across():
    chart = option(breaks=[(date(2026, 1, 1), "口径第2版")])
    lines = named(chart, 0)["markLine"]["data"]
    assert [line["xAxis"] for line in lines] == ["2025-01-01", "2025-11-22"]
    assert lines[0]["name"] == "口径第2版"


def test_without_today_and_breaks_there_is_no_line():
    assert "markLine" not in named(option(today=None), 0)


def test_the_last_twelve_months_hang_on_the_last_complete_year():
    chart = option(rolling=(Period.parse("2026-10"), Decimal(318)))
    rolling = named(chart, 2)
    assert rolling["lineStyle"]["type"] == "dotted"
    assert [p["value"] for p in rolling["data"]] == [["2025-01-01", 310.0], ["2025-11-01", 318.0]]


def test_a_rolling_sum_without_any_complete_year_stands_alone():
    chart = option(actual={}, rolling=(Period.parse("2026-10"), Decimal(318)))
    assert len(named(chart, 2)["data"]) == 1


def test_the_axis_holds_everything_that_is_drawn():
    axis = option()["xAxis"]
    assert (axis["min"], axis["max"]) == ("2024-01-01", "2030-01-01")


def test_nothing_at_all_can_be_drawn_too():
    chart = charts.trajectory(actual={}, planned={}, marks=[], unit=UNIT)
    assert chart["xAxis"]["min"] is None
    assert all(not series["data"] for series in chart["series"])


def test_a_name_with_markup_is_written_out():
    chart = option(marks=[charts.Mark(Y(2030), Decimal(1), "<img src=x>")])
    text = json.dumps(chart)
    assert "<img" not in text
    assert "&lt;img src=x&gt;" in text


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("2026", "2026-01-01"),
        ("2026-12", "2026-01-01"),
        ("2026-06", "2025-07-01"),
        ("2026-Q3", "2025-10-01"),
    ],
)
def test_the_end_of_a_year_stands_at_its_own_mark(code, where):
    assert charts.year_position(Period.parse(code)) == where


def test_the_leap_day_has_a_place():
    assert charts.day_position(date(2028, 2, 29)) == "2027-02-28"


def test_periods_without_figures_leave_a_gap_not_a_zero():
    chart = charts.within_year(
        periods=["1月", "2月", "3月"],
        actual=[None, Decimal("5.25"), None],
        planned=[Decimal(2), Decimal(4), Decimal(6)],
        year_ago=[None, None, None],
        unit=UNIT,
        latest="2月",
    )
    assert named(chart, 0)["data"] == [None, 5.2, None]
    assert len(chart["series"]) == 2, "a year without figures has no line"
    assert named(chart, 0)["markLine"]["data"][0]["xAxis"] == "2月"


def test_a_unit_without_a_figure_is_named_in_grey_and_has_no_bar():
    bars = [
        charts.Bar("甲", Decimal(9), "green", "?scope=A"),
        charts.Bar("乙", None, note="（未报）"),
    ]
    chart = charts.ranking(bars, unit=UNIT, name="亿元")
    assert chart["yAxis"]["data"] == [
        "甲",
        {"value": "乙（未报）", "textStyle": {"color": "@grey"}},
    ]
    first, second = named(chart, 0)["data"]
    assert (first["value"], first["url"]) == (9.0, "?scope=A")
    assert first["itemStyle"]["color"] == "@green"
    assert second is None


def test_what_is_missing_goes_left_in_red_and_a_surplus_right_in_green():
    bars = [charts.Bar("甲", Decimal("-3.5")), charts.Bar("乙", Decimal(2))]
    first, second = named(charts.gap_contributions(bars, unit=UNIT, name="亿元"), 0)["data"]
    assert (first["itemStyle"]["color"], first["label"]["position"]) == ("@red", "left")
    assert first["label"]["formatter"] == "−3.5"
    assert (second["itemStyle"]["color"], second["label"]["position"]) == ("@green", "right")
    assert second["label"]["formatter"] == "+2.0"
