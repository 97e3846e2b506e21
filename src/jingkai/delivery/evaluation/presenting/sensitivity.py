"""The sensitivity page: what the analysis of a run says, with names and charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jingkai.core.ui.templatetags.jingkai import number

from ..words_runs import (
    BLOCKS,
    COLUMNS,
    FACTS,
    INPUTS,
    TABLES,
    VALUES,
    change_words,
    word,
)
from . import charts
from .names import Names, joined

_ROWS = 60


@dataclass(frozen=True, slots=True)
class FactRow:
    """One number of the audit with the call that gave it."""

    name: str
    value: str
    call: str
    flag: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """One table of the audit; `more` rows are not shown."""

    name: str
    call: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: int


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block of the audit."""

    name: str
    facts: Sequence[FactRow]
    tables: Sequence[TableView]


def page_of_run(names: Names, results: Sequence[Any]) -> dict[str, Any]:
    """Context of the page; `results` ranked zones in order, with `frequencies` of their detail."""
    analysis = names.run.analysis
    shares = analysis["sensitivity"]
    order = [
        (
            result.zone.code,
            {int(rank): float(share) for rank, share in result.frequencies or ()},
        )
        for result in results
    ]
    before = analysis.get("before")
    chances = analysis["top"]["chances"]
    labels = [word(INPUTS, row["name"]) for row in shares["indices"]]
    return {
        "results": [
            {
                "name": names.zones.get(result.zone.code, result.zone.code),
                "result": result,
                "top": chances.get(result.zone.code),
            }
            for result in results
        ],
        "top_size": analysis["top"]["k"],
        "frequencies": charts.frequencies(names, order) if order else None,
        "heights": height_of(len(order)),
        "pairs": charts.pairs(names, before["order"], before["chances"]) if before else None,
        "neighbours": [
            {"first": names.zones.get(a, a), "second": names.zones.get(b, b), "chance": p,
             "firm": p is not None and p >= analysis["verdict"]["sure"]}
            for a, b, p in analysis["neighbours"][:_ROWS]
        ],
        "indices": [
            {**row, "label": label}
            for row, label in zip(shares["indices"], labels, strict=True)
        ],
        "variance": charts.variance(shares["indices"], labels) if labels else None,
        "shares": shares,
        "single": [
            {**row, "label": change_words(row["name"]),
             "zone": names.zones.get(row["largest_unit"], row["largest_unit"])}
            for row in analysis["single"]
        ],
        "without": [(names.nodes.get(code, code), shift) for code, shift in analysis["without"]],
        "reversals": [
            {"zone": names.zones.get(code, code), "pairs": count, "leader": leader}
            for code, count, leader in analysis["reversals"]
            if count or leader
        ],
        "reversals_tried": len(analysis["reversals"]),
        "blocks": [_block(names, block) for block in analysis["blocks"]],
        "assumed": analysis["assumed"],
    }  # fmt: skip


def height_of(rows: int) -> int:
    """A chart height the style sheet knows."""
    return 280 if rows <= 8 else 400 if rows <= 16 else 520 if rows <= 26 else 640


def _block(names: Names, block: dict[str, Any]) -> BlockView:
    return BlockView(
        word(BLOCKS, block["name"]),
        [
            FactRow(
                word(FACTS, fact["name"]), said(names, fact["value"]), fact["call"], fact["flag"]
            )
            for fact in block["facts"]
        ],
        [
            TableView(
                word(TABLES, table["name"]),
                table["call"],
                [_column(name) for name in table["columns"]],
                [[said(names, cell) for cell in row] for row in table["rows"][:_ROWS]],
                max(0, len(table["rows"]) - _ROWS),
            )
            for table in block["tables"]
        ],
    )


def _column(name: str) -> str:
    return name if name.startswith(("P(top", "share >")) else word(COLUMNS, name)


def said(names: Names, value: Any) -> str:
    """A value of the audit: a number with sensible decimals, a name where it is a code."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return word(VALUES, "yes" if value else "no")
    if isinstance(value, int):
        return number(value, 0)
    if isinstance(value, float):
        return number(value, 0 if value == round(value) and abs(value) >= 10 else 3)
    known = names.everything
    if value in known:
        return known[value]
    if value in VALUES:
        return word(VALUES, value)
    if ": " in value:
        return change_words(value)
    parts = value.split(", ")
    return joined([known.get(part, part) for part in parts])
