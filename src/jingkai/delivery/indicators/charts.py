"""The room's charts as plain ECharts options.

Pure: figures in, JSON-able dict out. Colours are the theme's tokens ("@accent", "@target" …), which
static/ui/charts.js resolves, so light, dark and print agree. There are no functions in an option:
what a tooltip says is written out here as the name of its point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _

from jingkai.core.ui.templatetags.jingkai import number, signed
from jingkai.engine.periods import Period

from .labels import trimmed

Option = dict[str, Any]
Points = Mapping[Period, Decimal]


@dataclass(frozen=True, slots=True)
class Mark:
    """A target on the chart: where it lies, how it reads, and whether it is disputed."""

    period: Period
    value: Decimal
    label: str
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """How figures of a chart are written."""

    name: str
    decimals: int = 1

    def text(self, value: Decimal) -> str:
        return f"{number(value, self.decimals)} {self.name}"


def year_position(period: Period) -> str:
    """Where the end of `period` lies on the axis of years, as a day: 2026 → 2026-01-01.

    An axis of time marks the first of January. The end of a year shall stand at its own mark, so
    everything is drawn one year early; what people read is the name of a point, never its day.

    >>> year_position(Period.parse("2026")), year_position(Period.parse("2026-06"))
    ('2026-01-01', '2025-07-01')
    """
    year, month = divmod(period.last_month + 1, 12)
    return f"{year - 1:04d}-{month + 1:02d}-01"


def day_position(day: date) -> str:
    """Where `day` lies on the axis of years."""
    return f"{day.year - 1:04d}-{day.month:02d}-{min(day.day, 28):02d}"


def trajectory(
    *,
    actual: Points,
    planned: Points,
    marks: Sequence[Mark],
    unit: Unit,
    today: date | None = None,
    base: tuple[Period, Decimal] | None = None,
    breaks: Sequence[tuple[date, str]] = (),
    rolling: tuple[Period, Decimal] | None = None,
    proposed: Points | None = None,
    label: Mapping[Period, str] | None = None,
) -> Option:
    """The signature chart: actual solid, plan dashed, targets as diamonds, base, breaks, today.

    `rolling` is the sum of the latest twelve months: it stands for the year that has not ended and
    hangs on the actual line by a dotted piece. `proposed` is a path not in force yet.
    """
    names = label or {}

    def point(period: Period, value: Decimal, said: str = "") -> Option:
        text = said or names.get(period) or period.code
        return {
            "name": f"{escape(text)}　{escape(unit.text(value))}",
            "value": [year_position(period), float(value)],
        }

    done = sorted(actual.items())
    series: list[Option] = [
        {
            "name": _("Actual"),
            "type": "line",
            "data": [point(*item) for item in done],
            "symbol": "circle",
            "symbolSize": 7,
            "itemStyle": {"color": "@surface", "borderColor": "@accent", "borderWidth": 2},
            "lineStyle": {"color": "@accent", "width": 2.5},
            "z": 4,
        },
        {
            "name": _("Planned path"),
            "type": "line",
            "data": [point(*item) for item in sorted(planned.items())],
            "symbol": "circle",
            "symbolSize": 4,
            "itemStyle": {"color": "@muted"},
            "lineStyle": {"color": "@muted", "width": 1.8, "type": "dashed"},
        },
    ]
    if rolling is not None:
        piece = [point(*done[-1])] if done and done[-1][0] < rolling[0] else []
        series.append(
            {
                "name": _("Last 12 months"),
                "type": "line",
                "data": [*piece, point(*rolling, _("last 12 months"))],
                "symbol": "emptyCircle",
                "symbolSize": 7,
                "itemStyle": {"color": "@accent"},
                "lineStyle": {"color": "@accent", "width": 1.5, "type": "dotted"},
            }
        )
    if proposed:
        series.append(
            {
                "name": _("Path being prepared"),
                "type": "line",
                "data": [point(*item) for item in sorted(proposed.items())],
                "symbol": "none",
                "itemStyle": {"color": "@target"},
                "lineStyle": {"color": "@target", "width": 2, "type": "dashed"},
            }
        )
    series += _marks(marks, base, unit)
    lines = [
        {"xAxis": day_position(day), "name": escape(said), "lineStyle": {"color": "@yellow"}}
        for day, said in breaks
    ]
    if today is not None:
        lines.append(
            {"xAxis": day_position(today), "name": _("Today"), "lineStyle": {"color": "@muted"}}
        )
    if lines:
        series[0]["markLine"] = {
            "symbol": "none",
            "silent": True,
            "data": lines,
            "lineStyle": {"type": "dotted", "width": 1.2},
            "label": {"formatter": "{b}", "color": "@muted", "position": "insideEndTop"},
        }
    positions = [x["value"][0] for one in series for x in one["data"]]
    return {
        "legend": _LEGEND,
        "grid": {"left": 8, "right": 34, "top": 58, "bottom": 4, "containLabel": True},
        "tooltip": _item_tooltip(),
        "xAxis": {
            "type": "time",
            "min": f"{min(positions)[:4]}-01-01" if positions else None,
            "max": max(positions) if positions else None,
            "minInterval": 365 * 86_400_000,
            "splitLine": {"show": False},
            "axisLabel": {"formatter": "{yyyy}", "color": "@text", "hideOverlap": True},
        },
        "yAxis": {"type": "value", "scale": True, "name": unit.name, "nameTextStyle": _MUTED},
        "series": series,
    }


_MUTED = {"color": "@muted"}
_LEGEND = {
    "type": "scroll",
    "top": 0,
    "left": 0,
    "itemWidth": 22,
    "textStyle": {"color": "@text"},
}


def _item_tooltip() -> Option:
    return {
        "trigger": "item",
        "confine": True,
        "formatter": "{a}<br/>{b}",
        "backgroundColor": "@surface",
        "borderColor": "@line",
        "textStyle": {"color": "@text", "fontSize": 12},
    }


def _marks(marks: Sequence[Mark], base: tuple[Period, Decimal] | None, unit: Unit) -> list[Option]:
    """Diamonds for targets (hollow where disputed) and a square for the base."""
    found: list[Option] = []
    for disputed, name in ((False, _("Target")), (True, _("Target, disputed"))):
        data = [
            {
                "name": f"{escape(mark.label)}　{escape(unit.text(mark.value))}",
                "value": [year_position(mark.period), float(mark.value)],
                "label": {"formatter": trimmed(mark.value)},
            }
            for mark in marks
            if mark.disputed is disputed
        ]
        if data:
            found.append(
                {
                    "name": name,
                    "type": "scatter",
                    "symbol": "diamond",
                    "symbolSize": 14,
                    "data": data,
                    "itemStyle": {
                        "color": "@surface" if disputed else "@target",
                        "borderColor": "@target",
                        "borderWidth": 2,
                    },
                    "label": {"show": True, "position": "top", "color": "@target"},
                    "labelLayout": {"hideOverlap": False, "moveOverlap": "shiftY"},
                    "z": 5,
                }
            )
    if base is not None:
        period, value = base
        found.append(
            {
                "name": _("Base"),
                "type": "scatter",
                "symbol": "rect",
                "symbolSize": 9,
                "data": [
                    {
                        "name": f"{period.code}　{escape(unit.text(value))}",
                        "value": [year_position(period), float(value)],
                    }
                ],
                "itemStyle": {"color": "@grey"},
            }
        )
    return found


def within_year(
    *,
    periods: Sequence[str],
    actual: Sequence[Decimal | None],
    planned: Sequence[Decimal | None],
    year_ago: Sequence[Decimal | None],
    unit: Unit,
    latest: str | None = None,
) -> Option:
    """This year's figures period by period, against the path and against the year before."""

    def values(line: Sequence[Decimal | None]) -> list[float | None]:
        return [None if value is None else round(float(value), unit.decimals) for value in line]

    series: list[Option] = [
        {
            "name": _("Actual"),
            "type": "line",
            "data": values(actual),
            "symbol": "circle",
            "symbolSize": 7,
            "itemStyle": {"color": "@surface", "borderColor": "@accent", "borderWidth": 2},
            "lineStyle": {"color": "@accent", "width": 2.5},
            "z": 4,
        },
        {
            "name": _("Planned path"),
            "type": "line",
            "data": values(planned),
            "symbol": "none",
            "itemStyle": {"color": "@muted"},
            "lineStyle": {"color": "@muted", "width": 1.8, "type": "dashed"},
        },
    ]
    if any(value is not None for value in year_ago):
        series.append(
            {
                "name": _("A year earlier"),
                "type": "line",
                "data": values(year_ago),
                "symbol": "none",
                "itemStyle": {"color": "@grey"},
                "lineStyle": {"color": "@grey", "width": 1.2},
            }
        )
    if latest is not None and latest in periods:
        series[0]["markLine"] = {
            "symbol": "none",
            "silent": True,
            "data": [{"xAxis": latest, "name": _("data to here")}],
            "lineStyle": {"type": "dotted", "color": "@muted"},
            "label": {"formatter": "{b}", "color": "@muted"},
        }
    return {
        "legend": _LEGEND,
        "grid": {"left": 8, "right": 30, "top": 58, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": list(periods), "boundaryGap": False},
        "yAxis": {"type": "value", "scale": True, "name": unit.name, "nameTextStyle": _MUTED},
        "series": series,
    }


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. Without a value it is named in grey and has no length: nothing is not zero."""

    name: str
    value: Decimal | None
    light: str = "grey"
    url: str = ""
    note: str = ""


def ranking(bars: Sequence[Bar], *, unit: Unit, name: str) -> Option:
    """Horizontal bars in the order given, best on top; units without a figure in grey."""
    return _bars(
        bars,
        name=name,
        colours=["@accent" if bar.light == "grey" else f"@{bar.light}" for bar in bars],
        labels=["" if bar.value is None else number(bar.value, unit.decimals) for bar in bars],
    )


def gap_contributions(bars: Sequence[Bar], *, unit: Unit, name: str) -> Option:
    """Each zone's distance to its own plan: to the left what is missing, to the right a surplus."""
    return _bars(
        bars,
        name=name,
        colours=["@red" if bar.value is not None and bar.value < 0 else "@green" for bar in bars],
        labels=["" if bar.value is None else signed(bar.value, unit.decimals) for bar in bars],
    )


def _bars(
    bars: Sequence[Bar], *, name: str, colours: Sequence[str], labels: Sequence[str]
) -> Option:
    data = [
        None
        if bar.value is None
        else {
            "value": float(bar.value),
            "url": bar.url,
            "itemStyle": {"color": colour},
            # A label belongs outside its bar; below zero outside is on the left.
            "label": {"formatter": text, "position": "left" if bar.value < 0 else "right"},
        }
        for bar, colour, text in zip(bars, colours, labels, strict=True)
    ]
    names = [
        bar.name
        if bar.value is not None
        else {"value": f"{bar.name}{bar.note}", "textStyle": {"color": "@grey"}}
        for bar in bars
    ]
    return {
        "grid": {"left": 8, "right": 56, "top": 8, "bottom": 4, "containLabel": True},
        "tooltip": {**_item_tooltip(), "formatter": "{b}: {c}"},
        "xAxis": {"type": "value", "axisLabel": {"hideOverlap": True}},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": names,
            "axisTick": {"show": False},
            # Names stay at the edge when bars go to the left of zero.
            "axisLine": {"onZero": False, "show": False},
        },
        "series": [
            {
                "name": name,
                "type": "bar",
                "data": data,
                "barMaxWidth": 18,
                "label": {"show": True, "color": "@text"},
            }
        ],
    }
