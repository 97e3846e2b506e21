"""Rows of the tree as a form types them. Nothing typed is lost, also when it cannot be read.

Parents are rows, not codes: a code may be changed without tearing the tree.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from ..drafting import EditionDraft, NodeDraft, text_of

HUNDRED: Final = Decimal(100)
_KEY: Final = re.compile(r"[0-9]{1,4}")
WITH_RANGE: Final = (
    "minmax",
    "efficacy",
    "fraction_of_max",
    "percentile_rank",
    "distance_to_target",
    "distance_to_max",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as typed: every field a text, flags "1" or ""."""

    key: str
    parent: str = ""
    code: str = ""
    name: str = ""
    name_en: str = ""
    points: str = ""
    leaf: str = ""
    direction: str = ""
    indicator: str = ""
    period: str = "year"
    share: str = ""
    """Growth share in per cent."""
    growth: str = "percent"
    target: str = ""
    verified: str = ""
    note: str = ""
    own: str = ""
    """Own scale of a leaf, own aggregation of the others; "" = as the edition says."""
    low: str = ""
    high: str = ""
    power: str = ""
    kept: str = ""
    """The own method as it was, for what the form does not show."""
    depth: int = 0

    @property
    def label(self) -> str:
        """What to call the row before its name can be read."""
        return self.name.strip() or self.code.strip() or _("row %(n)s") % {"n": int(self.key) + 1}


FIELDS: Final = tuple(f.name for f in fields(Row) if f.name not in ("key", "depth"))


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something typed that cannot be read; `key` is the row's."""

    key: str
    field: str
    message: str


def rows_of(edition: EditionDraft) -> list[Row]:
    """The rows that show an edition."""
    key_of = {node.code: str(n) for n, node in enumerate(edition.nodes)}
    depth: dict[str, int] = {}
    rows = []
    for n, node in enumerate(edition.nodes):
        depth[node.code] = depth.get(node.parent, -1) + 1
        share = None if node.growth_share is None else node.growth_share * HUNDRED
        low, high = node.method.get("range", ("", ""))
        rows.append(
            Row(
                key=str(n),
                parent=key_of.get(node.parent, ""),
                code=node.code,
                name=node.name,
                name_en=node.name_en,
                points=text_of(node.points) or "",
                leaf="1" if node.is_leaf else "",
                direction="" if node.direction is None else str(node.direction),
                indicator=node.indicator,
                period=node.period_rule,
                share=text_of(share) or "",
                growth=node.growth_rule,
                target=text_of(node.target) or "",
                verified="1" if node.verified else "",
                note=node.note,
                own=str(node.method.get("method", "")),
                low=str(low),
                high=str(high),
                power=str(node.method.get("power", "")),
                kept=json.dumps(dict(node.method), ensure_ascii=False) if node.method else "",
                depth=depth[node.code],
            )
        )
    return rows


def read_rows(post: Mapping[str, Any], keys: Sequence[str]) -> list[Row]:
    """The rows that were sent, in tree order; `keys` as the form lists them."""
    rows = [
        replace(
            Row(key),
            **{name: str(post.get(f"r{key}_{name}", "")).strip() for name in FIELDS},  # type: ignore[arg-type]  # FIELDS are the texts
        )
        for key in dict.fromkeys(keys)
        if _KEY.fullmatch(key)
    ]
    known = {row.key for row in rows}
    return ordered([row if row.parent in known else replace(row, parent="") for row in rows])


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Each row after its parent, with its depth; rows in a circle stand at the end, flat."""
    below: dict[str, list[Row]] = {}
    for row in rows:
        below.setdefault(row.parent, []).append(row)

    def walk(parent: str, depth: int) -> Iterator[Row]:
        for row in below.pop(parent, ()):
            yield replace(row, depth=depth)
            yield from walk(row.key, depth + 1)

    found = list(walk("", 0))
    seen = {row.key for row in found}
    return [*found, *(replace(row, depth=1) for row in rows if row.key not in seen)]


def read_nodes(rows: Sequence[Row]) -> tuple[tuple[NodeDraft, ...], list[RowProblem]]:
    """The nodes the rows say, and what could not be read; an unreadable number counts as 0."""
    code_of = {row.key: row.code for row in rows}
    problems: list[RowProblem] = []

    def number(row: Row, field: str) -> Decimal | None:
        text = unicodedata.normalize("NFKC", getattr(row, field)).replace(",", "").strip()
        if not text:
            return None
        try:
            found = Decimal(text)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or abs(found) >= Decimal(10) ** 16:
            said = _("“%(node)s”: “%(text)s” is not a number.")
            problems.append(RowProblem(row.key, field, said % {"node": row.label, "text": text}))
            return None
        return found

    nodes = []
    for row in rows:
        leaf = row.leaf == "1"
        share = number(row, "share") if leaf else None
        nodes.append(
            NodeDraft(
                code=unicodedata.normalize("NFKC", row.code),
                parent=code_of.get(row.parent, ""),
                name=row.name,
                name_en=row.name_en,
                points=number(row, "points") or Decimal(0),
                is_leaf=leaf,
                direction=int(row.direction) if leaf and row.direction in ("1", "-1") else None,
                indicator=row.indicator if leaf else "",
                period_rule=row.period or "year",
                growth_share=None if share is None else share / HUNDRED,
                growth_rule=row.growth or "percent",
                target=number(row, "target") if leaf else None,
                method=_own_method(row, leaf, number),
                verified=row.verified == "1",
                note=row.note,
            )
        )
    return tuple(nodes), problems


def _own_method(row: Row, leaf: bool, number: Any) -> dict[str, Any]:
    """The row's own method: what was kept, with what the form shows put in."""
    if not row.own:
        return {}
    try:
        kept = json.loads(row.kept) if row.kept else {}
    except ValueError:
        kept = {}
    same = isinstance(kept, dict) and kept.get("method") == row.own
    method: dict[str, Any] = dict(kept) if same else {"method": row.own}
    if leaf and row.own in WITH_RANGE:
        low, high = number(row, "low"), number(row, "high")
        default = (60, 100) if row.own == "efficacy" else (0, 100)
        method["range"] = [
            default[0] if low is None else plain_number(low),
            default[1] if high is None else plain_number(high),
        ]
    if not leaf and row.own == "generalised_mean":
        power = number(row, "power")
        if power is not None:
            method["power"] = plain_number(power)
    return method


def plain_number(number: Decimal) -> int | float:
    """A number as JSON and the engine's grammar keep it."""
    return int(number) if number == number.to_integral_value() else float(number)
