"""Rules that look at one cell and one period: required, type, range, source, revision."""

from __future__ import annotations

from typing import cast

from .model import MISSING, Amount, Finding
from .rule import Rule
from .series import Sight


def required(rule: Rule, sight: Sight) -> Finding | None:
    """The cell must be answered.

    Unanswered always speaks; missing and not applicable when the rule does not accept them. A cell
    the form does not require is left alone.
    """
    if not sight.facts.required or sight.value is not None:
        return None
    absence = sight.answer.absence
    if not absence:
        key = "required_unanswered"
    elif absence == MISSING:
        if rule.values["accept_missing"]:
            return None
        key = "required_missing"
    else:
        if rule.values["accept_not_applicable"]:
            return None
        key = "required_not_applicable"
    return rule.finding(sight.indicator, sight.part, key)


def number_type(rule: Rule, sight: Sight) -> Finding | None:
    """Whole numbers where things are counted; no more decimals than declared.

    Silent without a figure, whatever the reason.
    """
    if sight.value is None:
        return None
    declared = cast("int | None", rule.values["decimals"])
    decimals = sight.facts.decimals if declared is None else declared
    if sight.value == round(sight.value, decimals):
        return None
    figures = {"value": Amount(sight.value, sight.facts.unit)}
    if decimals == 0:
        return rule.finding(sight.indicator, sight.part, "type_whole", {}, figures)
    return rule.finding(
        sight.indicator, sight.part, "type_decimals", {"decimals": decimals}, figures
    )


def value_range(rule: Rule, sight: Sight) -> Finding | None:
    """Not below `min`, not above `max`; both ends are allowed. Silent without a figure."""
    value, own = sight.value, sight.facts.unit
    if value is None:
        return None
    low, high = rule.amount("min", own), rule.amount("max", own)
    if low is not None and value < low:
        limit, key = low, "range_below"
    elif high is not None and value > high:
        limit, key = high, "range_above"
    else:
        return None
    if not rule.fits_unit(own):
        return None
    figures = {"value": Amount(value, own), "limit": Amount(limit, own)}
    return rule.finding(sight.indicator, sight.part, key, {}, figures)


def cross_source(rule: Rule, sight: Sight) -> Finding | None:
    """Against the compiling department's own figure.

    Silent when the department has none, and while the cell is unanswered. Missing or not
    applicable speaks when the department does know a figure other than zero.
    """
    return _against(rule, sight, "cross_source", "source")


def revision(rule: Rule, sight: Sight) -> Finding | None:
    """Against the figure that stands already for this very period.

    Silent when none stands, and while the cell is unanswered. Missing or not applicable in place
    of a standing figure other than zero speaks: it would be withdrawn.
    """
    return _against(rule, sight, "revision", "standing")


def _against(rule: Rule, sight: Sight, key: str, name: str) -> Finding | None:
    if not sight.is_figure or sight.answer.unanswered:
        return None
    known = sight.given.sources if name == "source" else sight.given.standing
    reference = known.get(sight.indicator)
    if reference is None:
        return None
    own, value = sight.facts.unit, sight.value
    figures = {name: Amount(reference, own)}
    if value is None:
        if reference == 0:
            return None
        return rule.finding(sight.indicator, sight.part, f"{key}_absent", {}, figures)
    if abs(value - reference) <= rule.allowed(reference, own):
        return None
    figures = {
        "value": Amount(value, own),
        **figures,
        "difference": Amount(value - reference, own),
    }
    params = {"percent": (value - reference) / abs(reference) * 100} if reference else {}
    return rule.finding(sight.indicator, sight.part, f"{key}_differs", params, figures)
