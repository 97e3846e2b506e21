"""Rules across indicators and across places: sums, zones and city, expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final, cast

from jingkai.engine.errors import UnitError
from jingkai.engine.units import unit

from .expressions import Expression, parse
from .model import CITY, FIGURE, Amount, Finding, Given
from .rule import Rule, in_unit, slack

_COMPARE: Final[Mapping[str, Callable[[Decimal, Decimal, Decimal], bool]]] = {
    "<=": lambda left, right, room: left <= right + room,
    "<": lambda left, right, room: left < right + room,
    "=": lambda left, right, room: abs(left - right) <= room,
    ">=": lambda left, right, room: left >= right - room,
    ">": lambda left, right, room: left > right - room,
}


def sum_of_parts(rule: Rule, given: Given) -> Finding | None:
    """total = part + part + …, each as given here or as it stands already.

    Not applicable counts nothing: what does not exist adds nothing. While the total, or a part, is
    unanswered or missing the sum cannot be judged; parts known already that exceed the total,
    none of them negative, are still spoken of.
    """
    total_code = str(rule.values["total"])
    parts = cast("tuple[str, ...]", rule.values["parts"])
    codes = (total_code, *parts)
    anchor = _anchor(codes, given)
    total = given.answer(total_code)
    if anchor is None or total.value is None or any(code not in given.facts for code in codes):
        return None
    own = given.facts[total_code].unit
    known = Decimal(0)
    whole, negative = True, False
    for code in parts:
        answer = given.answer(code)
        if answer.not_applicable:
            continue
        if answer.value is None:
            whole = False
            continue
        value = in_unit(answer.value, given.facts[code].unit, own)
        if value is None:
            return None
        negative = negative or value < 0
        known += value
    room = rule.allowed(total.value, own) + slack((given.facts[c] for c in codes), own)
    if whole and abs(known - total.value) > room:
        key = "sum_differs"
    elif not whole and not negative and known > total.value + room:
        key = "sum_parts_exceed"
    else:
        return None
    figures = {
        "value": Amount(total.value, own),
        "sum": Amount(known, own),
        "difference": Amount(total.value - known, own),
    }
    return rule.finding(anchor, FIGURE, key, {"total": total_code, "parts": parts}, figures)


def zone_sum(rule: Rule, given: Given) -> Iterable[Finding]:
    """All zones together against the city's figure.

    Speaks at the zone's cell, or at the city's own cell where that is the one asked. A zone that
    is unanswered or missing makes "=" impossible to judge; "<=" is judged with what is known. Not
    applicable counts nothing. Silent without the city's figure.
    """
    for indicator in sorted(set(given.elsewhere)):
        if rule.speaks_of(indicator):
            found = _zone_sum(rule, given, indicator)
            if found is not None:
                yield found


def _zone_sum(rule: Rule, given: Given, indicator: str) -> Finding | None:
    whole_code = str(rule.values["whole"] or indicator)
    facts, whole_facts = given.facts.get(indicator), given.facts.get(whole_code)
    elsewhere = given.elsewhere[indicator]
    if facts is None or whole_facts is None:
        return None
    total, complete = elsewhere.total, elsewhere.whole
    if given.scope == CITY:
        anchor, city = whole_code, given.answer(whole_code).value
        if (whole_code, FIGURE) not in given.cells:
            return None
    else:
        anchor, city = indicator, given.whole.get(whole_code)
        own = given.cells.get((indicator, FIGURE))
        if own is None or own.value is None:
            return None
        total += own.value
    whole_value = None if city is None else in_unit(city, whole_facts.unit, facts.unit)
    if whole_value is None:
        return None
    room = rule.allowed(whole_value, facts.unit)
    room += slack((facts,), facts.unit) * elsewhere.expected + slack((whole_facts,), facts.unit)
    equal = rule.values["op"] == "="
    if total > whole_value + room:
        key = "zone_sum_exceeds"
    elif equal and complete and total < whole_value - room:
        key = "zone_sum_short"
    else:
        return None
    figures = {
        "sum": Amount(total, facts.unit),
        "whole": Amount(whole_value, facts.unit),
        "difference": Amount(total - whole_value, facts.unit),
    }
    params = {"indicator": (indicator,), "whole": (whole_code,)}
    return rule.finding(anchor, FIGURE, key, params, figures)


def cross_indicator(rule: Rule, given: Given) -> Finding | None:
    """Two expressions compared, or two indicators that belong together or exclude each other.

    Comparisons: unanswered or missing is silent, a term not applicable counts nothing, and nothing
    but terms not applicable is silent. `both_or_neither`: a figure (zero is one) on one side only
    speaks, whatever the reason on the other. `exclusive`: two figures other than zero speak.
    """
    left, right = parse(str(rule.values["left"])), parse(str(rule.values["right"]))
    op = str(rule.values["op"])
    if op in ("both_or_neither", "exclusive"):
        return _pair(
            rule, given, left.indicators[0], right.indicators[0], exclusive=op == "exclusive"
        )
    answers = {**left.answers(given), **right.answers(given)}
    anchor = _anchor(answers, given)
    if anchor is None or all(answer.not_applicable for answer in answers.values()):
        return None
    a, b = left.value(given), right.value(given)
    shown = _display(rule, left, right, given)
    if a is None or b is None or shown is None:
        return None
    try:
        size = unit(shown).factor
    except UnitError:
        return None
    a, b = (x * size.denominator / size.numerator for x in (a, b))
    room = max(
        rule.amount("tolerance", shown) or Decimal(0),
        max(abs(a), abs(b)) * (rule.number("tolerance_percent") or 0) / 100,
    )
    if _COMPARE[op](a, b, room):
        return None
    return rule.finding(
        anchor,
        FIGURE,
        "cross_fails",
        {"left": left.text, "op": op, "right": right.text, "codes": tuple(answers)},
        {"left": Amount(a, shown), "right": Amount(b, shown)},
    )


def _pair(rule: Rule, given: Given, one: str, other: str, *, exclusive: bool) -> Finding | None:
    anchor = _anchor((one, other), given)
    a, b = given.answer(one), given.answer(other)
    if anchor is None:
        return None
    if exclusive:
        if not a.value or not b.value:
            return None
        figures = {
            "value": Amount(a.value, given.facts[one].unit),
            "other": Amount(b.value, given.facts[other].unit),
        }
        return rule.finding(anchor, FIGURE, "cross_exclusive", {"codes": (one, other)}, figures)
    if (a.value is None) == (b.value is None):
        return None
    present, lacking = (one, other) if a.value is not None else (other, one)
    # The empty side is where something has to be done, if it is asked here.
    spot = lacking if (lacking, FIGURE) in given.cells else anchor
    return rule.finding(
        spot, FIGURE, "cross_one_missing", {"present": (present,), "lacking": (lacking,)}
    )


def _display(rule: Rule, left: Expression, right: Expression, given: Given) -> str | None:
    """The unit both sides are said in: declared, else of the first indicator that stands alone."""
    declared = rule.values["unit"]
    if declared is not None:
        return str(declared)
    terms = [term for side in (left, right) for term in side.terms]
    alone = [term.indicators[0] for term in terms if len(term.names) == 1 and term.indicators]
    for code in (*alone, *left.indicators, *right.indicators):
        if code in given.facts:
            return given.facts[code].unit
    return None


def _anchor(codes: Iterable[str], given: Given) -> str | None:
    """The first of the indicators that is asked here."""
    return next((code for code in codes if (code, FIGURE) in given.cells), None)
