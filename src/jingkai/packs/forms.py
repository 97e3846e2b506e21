"""The forms of a pack: `forms.yaml` into dataclasses, and what is wrong between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from . import vocabulary as v
from .base import Placed
from .schema import Record

if TYPE_CHECKING:
    from .model import Pack


@dataclass(frozen=True, slots=True)
class PackFormItem(Placed):
    indicator: str
    coverage: v.Coverage
    purpose: v.FormPurpose
    with_month: bool
    required: bool
    prefill: v.Prefill
    evidence: v.EvidenceRule
    verifier: str | None
    note: str


@dataclass(frozen=True, slots=True)
class PackForm(Placed):
    code: str
    name_zh: str
    name_en: str
    filled_by: v.FilledBy
    body: str | None
    frequency: v.Frequency
    joins_january: bool
    effective_from: date
    due_working_days: int
    reminder_days: tuple[int, ...]
    source: str
    items: tuple[PackFormItem, ...]


def form(r: Record) -> PackForm:
    """Take a form."""
    filled_by = r.choice("filled_by", v.FilledBy)
    return PackForm(
        at=r.at,
        code=r.code("code"),
        name_zh=r.text("name_zh", low=4, high=40),
        name_en=r.text("name_en"),
        filled_by=filled_by,
        body=r.optional_code("body"),
        frequency=r.choice("frequency", v.Frequency),
        joins_january=r.flag("joins_january", default=False),
        effective_from=r.day("effective_from"),
        due_working_days=r.integer("due_working_days", 1, 60),
        reminder_days=r.integers("reminder_days", required=False),
        source=r.code("source"),
        items=tuple(_item(item, filled_by) for item in r.records("items", low=1)),
    )


def _item(r: Record, filled_by: v.FilledBy) -> PackFormItem:
    own = v.Coverage.OWN if filled_by is v.FilledBy.ZONE else v.Coverage.ZONES
    item = PackFormItem(
        at=r.at,
        indicator=r.code("indicator"),
        coverage=r.choice("coverage", v.Coverage, own),
        purpose=r.choice("purpose", v.FormPurpose, v.FormPurpose.RECORD),
        with_month=r.flag("with_month", default=False),
        required=r.flag("required", default=True),
        prefill=r.choice("prefill", v.Prefill, v.Prefill.NONE),
        evidence=r.choice("evidence", v.EvidenceRule, v.EvidenceRule.NONE),
        verifier=r.optional_code("verifier"),
        note=r.text("note", required=False, high=300),
    )
    r.finish()
    return item


def form_mistakes(pack: Pack) -> Iterator[tuple[Placed, str, str, str]]:
    """What the records alone cannot tell: row, field, what is wrong, what to do."""
    frequency = {i.code: i.frequency for i in pack.indicators}
    computed = {i.code for i in pack.indicators if i.formula}
    for row in pack.forms:
        if (row.body is None) != (row.filled_by is v.FilledBy.ZONE):
            yield row, "body", "A department's form names it; a zone's names none.", "Correct it."
        asked: set[str] = set()
        for item in row.items:
            if item.indicator in asked:
                yield item, "indicator", f"{item.indicator} is asked twice.", "Remove one."
            asked.add(item.indicator)
            if frequency.get(item.indicator, row.frequency) != row.frequency:
                told = f"{item.indicator} is not reported by {row.frequency}."
                yield item, "indicator", told, "Move it to a form of its own frequency."
            if item.indicator in computed:
                told = f"{item.indicator} is computed: nobody is asked for it."
                yield item, "indicator", told, "Ask for what it is computed from."
