"""Where each cell of a return stands in its workbook: rows of figures, columns of places.

A return for one place is a long table with the figures known before beside it; a department's
return for many places is a grid. Rows are found by their label (the indicator's code), columns by
their heading, never by position: people insert, move and sort.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from jingkai.core.register.public import plain
from jingkai.core.ui.public import localname
from jingkai.delivery.indicators.public import Indicator
from jingkai.masterdata.organisations.public import Zone, zones_by_code

from ..models import Cell

HEADINGS: Final = {
    "code": gettext_lazy("Indicator code"),
    "name": gettext_lazy("Indicator name"),
    "definition": pgettext_lazy("sheet", "Definition"),
    "unit": gettext_lazy("Unit of measure"),
    "value": gettext_lazy("This period"),
    "year_ago": gettext_lazy("Same period last year"),
    "previous": gettext_lazy("Previous period"),
    "growth": gettext_lazy("Growth (%)"),
    "note": gettext_lazy("Note (reason)"),
    "note_code": gettext_lazy("Notes: indicator code"),
    "shown_code": gettext_lazy("For reference: indicator code"),
}
FOOT: Final = (
    gettext_lazy("Filled in by: %(filled)s    Verified by: %(checked)s    Signed by: %(signed)s"),
    gettext_lazy("From the system at %(time)s. The names are written there, not here."),
)
"""What the template puts under its table."""
# What people write instead of our headings.
_ALSO: Final[Mapping[str, Sequence[str]]] = {
    "code": ("指标代码", "代码", "指标编码", "编码"),
    "name": ("指标名称", "指标", "名称"),
    "definition": ("口径", "指标口径", "统计口径"),
    "unit": ("计量单位", "单位"),
    "value": ("本期", "本期数", "本期值", "本期实际", "本期累计", "累计", "填报数", "数值"),
    "year_ago": ("上年同期", "去年同期", "上年同期数"),
    "previous": ("上期", "上期数"),
    "growth": ("增速", "增速(%)", "同比", "同比(%)", "同比增速"),
    "note": ("备注", "备注(原因)", "原因", "说明", "备注(说明)"),
}
_BRACKETS = re.compile(r"^(?P<before>[^()]*)\((?P<inside>[^()]+)\)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of figures: the indicator, or the month's own figure beside it, by scope."""

    indicator: Indicator
    part: str
    cells: Mapping[str, Cell]

    @property
    def label(self) -> str:
        """What stands in the code column; the month's own row has a bracket behind it."""
        code = self.indicator.code
        return f"{code}（{pgettext('sheet', 'month')}）" if self.part else code

    @property
    def key(self) -> tuple[str, str]:
        return self.indicator.code, self.part

    @property
    def name(self) -> str:
        name = localname(self.indicator)
        return _("of which: %(name)s in the month") % {"name": name} if self.part else name


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines and places of a return. `labels`: scope → heading of its column."""

    lines: tuple[Line, ...]
    scopes: tuple[str, ...]
    labels: Mapping[str, str]
    names: Mapping[str, str]

    @property
    def is_grid(self) -> bool:
        return len(self.scopes) > 1

    @property
    def cells(self) -> Iterable[tuple[Line, str, Cell]]:
        for line in self.lines:
            for scope, cell in line.cells.items():
                yield line, scope, cell


def plan_of(cells: Iterable[Cell]) -> Plan:
    """The layout of `cells` (with item and indicator at hand). 1 query."""
    lines: dict[tuple[int, int, str], dict[str, Cell]] = {}
    for cell in cells:
        lines.setdefault((cell.item.position, cell.item_id, cell.part), {})[cell.scope] = cell
    scopes = {scope for line in lines.values() for scope in line}
    zones = zones_by_code(scopes)
    order = {"CITY": -2, "EDZ": -1} | {
        code: zones[code].position if code in zones else 0 for code in scopes - {"CITY", "EDZ"}
    }
    ordered = tuple(sorted(scopes, key=lambda scope: (order[scope], scope)))
    known = {scope: zones[scope] for scope in ordered if scope in zones}
    short = _headings_of(ordered, known)
    return Plan(
        tuple(
            Line(next(iter(found.values())).indicator, at[-1], found)
            for at, found in sorted(lines.items())
        ),
        ordered,
        short,
        {plain(word): scope for scope in ordered for word in _words(scope, short, known)},
    )


def _headings_of(scopes: Sequence[str], zones: Mapping[str, Zone]) -> dict[str, str]:
    short = {scope: _place(scope, zones) for scope in scopes}
    twice = {word for word in short.values() if list(short.values()).count(word) > 1}
    return {
        scope: localname(zones[scope]) if word in twice and scope in zones else word
        for scope, word in short.items()
    }


def _place(scope: str, zones: Mapping[str, Zone]) -> str:
    if scope == "CITY":
        return _("whole city")
    if scope == "EDZ":
        return _("all zones")
    return localname(zones[scope], "short_name") if scope in zones else scope


def _words(scope: str, short: Mapping[str, str], zones: Mapping[str, Zone]) -> tuple[str, ...]:
    """Everything a heading may say for a place; what two places share names neither."""
    if scope == "CITY":
        return ("全市", scope, short[scope])
    if scope == "EDZ":
        return ("全部开发区", "开发区合计", scope, short[scope])
    if scope not in zones:
        return (scope,)
    zone = zones[scope]
    lone = sum(z.short_name == zone.short_name for z in zones.values()) == 1
    return (scope, zone.name, zone.name_en, short[scope], *([zone.short_name] if lone else []))


def heading_words() -> dict[str, str]:
    """Every heading we know, normalised, to what it means; in all languages of the house."""
    words = {plain(word): key for key, also in _ALSO.items() for word in also}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words |= {plain(label): key for key, label in HEADINGS.items()}
    return words


def split_brackets(text: str) -> tuple[str, str]:
    """A normalised heading and what stands in brackets behind it.

    >>> split_brackets("本期(万元)"), split_brackets("本期")
    (('本期', '万元'), ('本期', ''))
    """
    found = _BRACKETS.match(text)
    return (found["before"], found["inside"]) if found else (text, "")
