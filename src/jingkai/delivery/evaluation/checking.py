"""Everything that keeps an edition from being published, and what a reader should be told. Pure.

`problems_of` begins with the definition's own problems (tree, sums, method) and adds what only the
declared indicators and the rules of points can show. `hints_of` names what does not forbid
publishing: leaves that nobody supplies, directions against the indicator's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from jingkai.engine.composite.method import Scale

from .definition import ADJUST_COLUMNS, GROUP_COLUMN, Definition, Node, Problem
from .exit_rules import ExitRuleError, parse_rules
from .models import LedgerKind

METHOD_KEYS: Final = frozenset({"impute", "treat", "normalise", "aggregate", "uncertainty"})
ADJUST_KEYS: Final = frozenset({"bonus_cap", "deduction_cap", "veto_effect", "veto_cap", "floor"})
SCALES: Final = tuple(
    scale for scale in Scale if scale not in (Scale.GOALPOSTS, Scale.DISTANCE_TO_REFERENCE)
)
"""Scales a scheme may use: the others need columns that a scheme does not have."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be known of an indicator; words as in `indicators.models`."""

    name: str
    unit: str
    is_benchmark: bool
    is_judged: bool
    direction: str
    frequency: str
    value_mode: str
    time_aggregation: str


def problems_of(definition: Definition, facts: Mapping[str, Facts]) -> tuple[Problem, ...]:
    """Everything wrong, tree first. `facts` by indicator code; one that is absent is unknown."""
    found = list(definition.problems())
    found += _indicator_problems(definition, facts)
    if not any(problem.code == "method" for problem in found):
        found += _method_problems(definition)
    found += _rule_problems(definition)
    return tuple(found)


def hints_of(definition: Definition, facts: Mapping[str, Facts]) -> tuple[Problem, ...]:
    """What may be published and should still be known."""
    return tuple(_hints(definition, facts))


def _indicator_problems(definition: Definition, facts: Mapping[str, Facts]) -> Iterator[Problem]:
    for leaf in definition.leaves:
        if not leaf.indicator:
            continue
        known = facts.get(leaf.indicator)
        if known is None:
            yield Problem("unknown_indicator", leaf.code, {"indicator": leaf.indicator})
            continue
        named = {"indicator": known.name}
        if known.is_benchmark:
            yield Problem("whole_city_only", leaf.code, named)
        elif known.is_judged:
            yield Problem("judged_only", leaf.code, named)
        yearly = known.frequency == "year"
        if leaf.period_rule == "year" and not yearly and known.time_aggregation == "never":
            yield Problem("no_year_figure", leaf.code, named)
        if leaf.period_rule == "mean" and known.value_mode == "ytd":
            yield Problem("mean_of_running_total", leaf.code, named)


def _method_problems(definition: Definition) -> Iterator[Problem]:
    for key in definition.method:
        if key not in METHOD_KEYS:
            yield Problem("method_key", params={"key": str(key)})
    for key in definition.adjust:
        if key not in ADJUST_KEYS or key in ADJUST_COLUMNS:
            yield Problem("method_key", params={"key": f"adjust.{key}"})
    whole = _scale(definition.method.get("normalise", "minmax"))
    if whole and whole not in SCALES:
        yield Problem("scale_needs_columns", params={"scale": whole})
    for leaf in definition.leaves:
        own = _scale(leaf.method)
        if own and own not in SCALES:
            yield Problem("scale_needs_columns", leaf.code, {"scale": own})
        if (own or whole) == Scale.DISTANCE_TO_TARGET and leaf.target is None:
            yield Problem("no_target", leaf.code)
        if own and top_of(leaf.method) != top_of(definition.method.get("normalise", "minmax")):
            yield Problem("other_scale", leaf.code, {"scale": own})
    for node in definition.nodes:
        if not node.is_leaf and not any(n.points for n in definition.children(node.code)):
            yield Problem("no_points", node.code)
    by = _grouped(definition.method.get("impute"))
    if by is not None and (by != GROUP_COLUMN or definition.group_by == "none"):
        yield Problem("no_groups", params={"column": by})


def _scale(entry: Any) -> str:
    return str(entry.get("method", "")) if isinstance(entry, Mapping) else str(entry or "")


def top_of(entry: Any) -> float | None:
    """The best score a scale gives, None where it has no fixed one.

    >>> top_of("efficacy"), top_of({"method": "distance_to_target"}), top_of("rank")
    (100.0, 1.0, None)
    """
    name = _scale(entry)
    if name in ("rank", "borda", "zscore"):
        return None
    limits = entry.get("range") if isinstance(entry, Mapping) else None
    if isinstance(limits, list | tuple) and len(limits) == 2:
        return float(limits[1])
    return 100.0 if name in ("minmax", "efficacy") else 1.0


def _grouped(entry: Any) -> str | None:
    """The grouping column of an imputation, None when it has none."""
    if isinstance(entry, Mapping) and str(entry.get("method", "")).startswith("group_"):
        return str(entry.get("by", ""))
    return None


def _rule_problems(definition: Definition) -> Iterator[Problem]:
    seen: set[str] = set()
    for rule in definition.ledger_rules:
        code = str(rule.get("code", ""))
        named = {"rule": str(rule.get("name") or code)}
        if not code or not rule.get("name"):
            yield Problem("rule_without_name", params=named)
        if code in seen:
            yield Problem("rule_twice", params={"rule": code})
        seen.add(code)
        if rule.get("kind") not in LedgerKind.values:
            yield Problem("rule_kind", params=named)
            continue
        points, cap = number(rule.get("points")), number(rule.get("cap"))
        if rule["kind"] != LedgerKind.VETO and (points is None or points <= 0):
            yield Problem("rule_points", params=named)
        elif points is not None and cap is not None and cap < points:
            yield Problem("rule_cap", params=named)
    try:
        parse_rules(definition.exit_rules)
    except ExitRuleError as error:
        for wrong in error.problems:
            yield Problem("exit_rule", params={"place": wrong.place, "said": str(wrong.message)})


def number(value: Any) -> Decimal | None:
    """A number of a rule, given as text or number; None where there is none.

    >>> number("0.3"), number(""), number("many")
    (Decimal('0.3'), None, None)
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _hints(definition: Definition, facts: Mapping[str, Facts]) -> Iterator[Problem]:
    used: dict[str, Node] = {}
    for leaf in definition.leaves:
        if not leaf.indicator:
            yield Problem("no_indicator", leaf.code, {"points": f"{leaf.points}"})
            continue
        if leaf.indicator in used:
            other = used[leaf.indicator].name
            yield Problem("measured_twice", leaf.code, {"other": other})
        used.setdefault(leaf.indicator, leaf)
        known = facts.get(leaf.indicator)
        against = {("higher", -1), ("lower", 1)}
        if known is not None and (known.direction, leaf.direction) in against:
            yield Problem("against_direction", leaf.code, {"indicator": known.name})
