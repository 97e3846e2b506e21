"""Let rules look at a place and period: every finding, in total order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from . import kinds_cell, kinds_group, kinds_time
from .model import Finding, Given
from .rule import Rule
from .schema import Kind
from .series import Sight

_BY_CELL: Final[Mapping[Kind, Callable[[Rule, Sight], Finding | None]]] = {
    Kind.REQUIRED: kinds_cell.required,
    Kind.TYPE: kinds_cell.number_type,
    Kind.RANGE: kinds_cell.value_range,
    Kind.CROSS_SOURCE: kinds_cell.cross_source,
    Kind.REVISION: kinds_cell.revision,
    Kind.YTD_NOT_FALLING: kinds_time.ytd_not_falling,
    Kind.MONTH_PLUS_LAST_YTD: kinds_time.month_plus_last_ytd,
    Kind.YEAR_ON_YEAR: kinds_time.year_on_year,
    Kind.SEASONAL: kinds_time.seasonal,
    Kind.STALE_COPY: kinds_time.stale_copy,
    Kind.UNIT_SLIP: kinds_time.unit_slip,
}
_BY_GROUP: Final[Mapping[Kind, Callable[[Rule, Given], Finding | None]]] = {
    Kind.SUM: kinds_group.sum_of_parts,
    Kind.CROSS_INDICATOR: kinds_group.cross_indicator,
}


def judge(rules: Iterable[Rule], given: Given) -> tuple[Finding, ...]:
    """Every finding of `rules` about one scope, in total order (`Finding.order`).

    Rules do not know of each other: neither their order nor another rule changes what one says.

    Raises
    ------
    RuleError
        A rule still has numbers to look up (`Rule.resolved`).
    """
    sights: dict[str, list[Sight]] = {}
    for (indicator, part), answer in given.cells.items():
        facts = given.facts.get(indicator)
        if facts is not None:
            sights.setdefault(indicator, []).append(Sight(given, indicator, part, answer, facts))
    found: list[Finding] = []
    for rule in rules:
        by_cell = _BY_CELL.get(rule.kind)
        if by_cell is not None:
            for code in rule.indicators or sights:
                for sight in sights.get(code, ()):
                    finding = by_cell(rule, sight)
                    if finding is not None:
                        found.append(finding)
        elif rule.kind is Kind.ZONE_SUM:
            found.extend(kinds_group.zone_sum(rule, given))
        else:
            finding = _BY_GROUP[rule.kind](rule, given)
            if finding is not None:
                found.append(finding)
    return tuple(sorted(found, key=lambda finding: finding.order))
