"""Where the nodes of the graph stand, and the chart option that draws them there.

Layers from left to right; inside a layer two sweeps of the barycentre heuristic (Sugiyama, Tagawa,
Toda 1981) put a node near the mean height of its neighbours on the left, which removes most
crossings. Measures keep the order of the document.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final

from .graph import BODY, CLAUSE, MEASURE, TASK, Graph, Node

ROW, COLUMN_GAP = 30, 74  # pixels
_STEP: Final = 160  # `.chart-320`, `.chart-480` … in policy.css
_WIDTHS: Final = {MEASURE: 214, CLAUSE: 214, TASK: 234, BODY: 172}
_OTHER_WIDTH = 196
_COLOURS: Final = {"measure": "@accent", "task": "@text", "clause": "@grey", "body": "@muted"}
_LIGHTS: Final = {"green": "@green", "yellow": "@yellow", "red": "@red", "grey": "@grey"}
_SHAPES: Final = {"green": "● ", "yellow": "▲ ", "red": "■ ", "grey": "○ "}


def positions(graph: Graph) -> dict[str, tuple[float, float]]:
    """Centre of each node in pixels, (0, 0) at the top left. Empty columns take no room.

    Raises nothing; an empty graph has no positions.
    """
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for node in graph.nodes:
        columns[node.column].append(node.id)
    before: defaultdict[str, list[str]] = defaultdict(list)
    for link in graph.links:
        before[link.target].append(link.source)
    tallest = max((len(ids) for ids in columns.values()), default=0)
    height: dict[str, float] = {}
    placed: dict[str, tuple[float, float]] = {}
    left = 0.0
    for column in sorted(columns):
        ids = columns[column]
        if column != MEASURE:
            ids = sorted(ids, key=lambda node_id: _mean(before[node_id], height))
        step = tallest / len(ids)
        width = _WIDTHS.get(column, _OTHER_WIDTH)
        for index, node_id in enumerate(ids):
            height[node_id] = (index + 0.5) * step * ROW
            placed[node_id] = (left + width / 2, height[node_id])
        left += width + COLUMN_GAP
    return placed


def _mean(neighbours: list[str], height: dict[str, float]) -> float:
    known = [height[node_id] for node_id in neighbours if node_id in height]
    return sum(known) / len(known) if known else float("inf")


def drawing_size(graph: Graph) -> tuple[int, int]:
    """Number of columns, and the height in pixels rounded up to the steps the style sheet has."""
    used = Counter(node.column for node in graph.nodes)
    needed = max(used.values(), default=0) * ROW
    return len(used), max(_STEP * 2, -(-needed // _STEP) * _STEP)


def chart_option(graph: Graph) -> dict[str, Any]:
    """The ECharts option of the graph: fixed positions, links to pages, neighbours on hover."""
    placed = positions(graph)
    return {
        "tooltip": {"trigger": "item", "formatter": "{b}", "confine": True},
        "series": [
            {
                "type": "graph",
                "layout": "none",
                "left": 112,
                "right": 112,
                "top": ROW / 2,
                "bottom": ROW / 2,
                "roam": False,
                "symbol": "rect",
                "cursor": "pointer",
                "emphasis": {"focus": "adjacency", "lineStyle": {"width": 2}},
                "blur": {"itemStyle": {"opacity": 0.25}, "lineStyle": {"opacity": 0.06}},
                "lineStyle": {"color": "@muted", "curveness": 0, "opacity": 0.35},
                "data": [_drawn(node, *placed[node.id]) for node in graph.nodes],
                "links": [
                    {
                        "source": link.source,
                        "target": link.target,
                        "lineStyle": {"width": 1.8 if link.role == "lead" else 0.8},
                    }
                    for link in graph.links
                ],
            }
        ],
    }


def _drawn(node: Node, x: float, y: float) -> dict[str, Any]:
    width = _WIDTHS.get(node.column, _OTHER_WIDTH)
    border = _LIGHTS.get(node.light) or _COLOURS.get(node.kind, "@target")
    text = _SHAPES.get(node.light, "") + node.label
    return {
        "id": node.id,
        "name": node.label,
        "x": x,
        "y": y,
        "url": node.url,
        "symbolSize": [width, ROW - 6],
        "itemStyle": {"color": "@surface", "borderColor": border, "borderWidth": 1},
        "label": {
            "show": True,
            "formatter": text.replace("{", "(").replace("}", ")"),
            "width": width - 14,
            "overflow": "truncate",
            "color": "@text",
            "fontSize": 12,
        },
    }
