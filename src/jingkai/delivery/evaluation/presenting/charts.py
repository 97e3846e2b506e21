"""Charts of results as plain ECharts options; colours are the theme's tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jingkai.core.ui.templatetags.jingkai import number, signed

from .names import Names
from .report import Fall

Option = dict[str, Any]
_BARS = 12
_COLUMNS = 60


def waterfall(fall: Fall) -> Option:
    """Steps from start to end: an unseen bar carries each one. Small ones are told as one rest."""
    bars = list(fall.bars)
    rest = sum((bar.amount for bar in bars[_BARS:]), 0)
    steps = [(bar.name, float(bar.amount)) for bar in bars[:_BARS]]
    if len(bars) > _BARS:
        steps.append((_("all others"), float(rest)))
    labels = [fall.start_name, *(name for name, _amount in steps), fall.end_name]
    under: list[float] = [0.0]
    ups: list[Any] = ["-"]
    downs: list[Any] = ["-"]
    whole: list[Any] = [_point(fall.start_name, float(fall.start), number(fall.start, 2))]
    running = float(fall.start)
    for name, amount in steps:
        after = running + amount
        under.append(min(running, after))
        point = _point(name, abs(amount), signed(amount, 2))
        ups.append(point if amount >= 0 else "-")
        downs.append(point if amount < 0 else "-")
        whole.append("-")
        running = after
    under.append(0.0)
    ups.append("-")
    downs.append("-")
    whole.append(_point(fall.end_name, float(fall.end), number(fall.end, 2)))
    lowest = min(under[1:-1], default=0.0)
    floor = max(0.0, 5.0 * int(min(lowest, float(fall.start), float(fall.end)) * 0.9 / 5.0))
    common = {"type": "bar", "stack": "all", "barCategoryGap": "30%"}
    return {
        "tooltip": {"trigger": "item", "formatter": "{b}"},
        "grid": {"left": 8, "right": 56, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": floor, "scale": True},
        "yAxis": {
            "type": "category", "data": labels, "inverse": True,
            "axisLabel": {"width": 150, "overflow": "truncate"},
        },
        "series": [
            {**common, "data": under, "itemStyle": {"color": "transparent"}, "silent": True,
             "tooltip": {"show": False}},
            {**common, "data": whole, "itemStyle": {"color": "@accent"}, "label": _label()},
            {**common, "data": ups, "itemStyle": {"color": "@green"}, "label": _label()},
            {**common, "data": downs, "itemStyle": {"color": "@red"}, "label": _label()},
        ],
    }  # fmt: skip


def _point(name: str, value: float, said: str) -> Option:
    return {"value": value, "name": f"{escape(name)}　{said}", "said": said,
            "label": {"formatter": said}}  # fmt: skip


def _label() -> Option:
    return {"show": True, "position": "right", "color": "@text", "fontSize": 11}


def frequencies(names: Names, order: Sequence[tuple[str, Mapping[int, float]]]) -> Option:
    """Heat map: how often each zone (row) had each rank (column), in per cent.

    Where there are many ranks, neighbours stand in one column.
    """
    most = max((rank for _zone, shares in order for rank in shares), default=1)
    width = -(-most // _COLUMNS)
    cells: dict[tuple[int, int], float] = {}
    for row, (_zone, shares) in enumerate(order):
        for rank, share in shares.items():
            cell = (rank - 1) // width, row
            cells[cell] = cells.get(cell, 0.0) + share
    return _heat(
        [
            str(first) if width == 1 else f"{first}–{min(first + width - 1, most)}"
            for first in range(1, most + 1, width)
        ],
        [names.zones.get(zone, zone) for zone, _shares in order],
        [[column, row, round(100 * share, 1)] for (column, row), share in cells.items()],
        pgettext("audit", "rank"),
    )


def pairs(names: Names, order: Sequence[str], chances: Sequence[Sequence[float | None]]) -> Option:
    """Heat map: P(row comes before column), in per cent."""
    labels = [names.zones.get(zone, zone) for zone in order]
    return _heat(
        labels,
        labels,
        [
            [column, row, round(100 * chance, 1)]
            for row, line in enumerate(chances)
            for column, chance in enumerate(line)
            if chance is not None and row != column
        ],
        "",
        slant=True,
    )


def _heat(
    columns: Sequence[str],
    rows: Sequence[str],
    cells: Sequence[Sequence[float]],
    axis: str,
    *,
    slant: bool = False,
) -> Option:
    return {
        "tooltip": {"trigger": "item", "formatter": "{c} %"},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 56, "containLabel": True},
        "xAxis": {
            "type": "category", "data": list(columns), "name": axis, "nameLocation": "middle",
            "nameGap": 28, "axisLabel": {"rotate": 40 if slant else 0, "interval": 0 if len(columns)
            <= 30 else "auto", "width": 90, "overflow": "truncate"},
        },
        "yAxis": {
            "type": "category", "data": list(rows), "inverse": True,
            "axisLabel": {"width": 120, "overflow": "truncate", "interval": 0 if len(rows) <= 40
            else "auto"},
        },
        "visualMap": {
            "min": 0, "max": 100, "orient": "horizontal", "left": "center", "bottom": 0,
            "itemHeight": 120, "itemWidth": 10, "calculable": False,
            "inRange": {"color": ["@surface", "@accent"]}, "textStyle": {"color": "@muted"},
            "text": ["100 %", "0 %"],
        },
        "series": [
            {"type": "heatmap", "data": [list(cell) for cell in cells],
             "itemStyle": {"borderColor": "@line", "borderWidth": 0.5}}
        ],
    }  # fmt: skip


def variance(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Option:
    """Total indices by choice, in per cent."""
    return {
        "grid": {"left": 8, "right": 40, "top": 8, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "item", "formatter": "{b}: {c} %"},
        "xAxis": {"type": "value", "min": 0, "max": 100},
        "yAxis": {"type": "category", "data": list(names), "inverse": True},
        "series": [
            {"type": "bar", "data": [round(100 * row["total"], 1) for row in rows],
             "itemStyle": {"color": "@accent"},
             "label": {"show": True, "position": "right", "formatter": "{c} %"}}
        ],
    }  # fmt: skip
