"""What a finding says: the engine's key and figures as a sentence in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jingkai.core.ui.public import is_english
from jingkai.engine.periods import Period
from jingkai.engine.validation import FIGURE, MONTH, Finding, Param

Packed = dict[str, Any]
"""{"key", "params", "figures"} in JSON, to be said again later in any language."""

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[a-z][a-z0-9_]*)?")
_PLACES: Final = 4
_ALL_PLACES: Final = 6
_POINTS: Final = frozenset({"year_on_year_points_up", "year_on_year_points_down"})

SENTENCES: Final[Mapping[str, str | Promise]] = {
    "required_unanswered": gettext_lazy(
        "“%(name)s” is not answered. Enter the figure, or say that it is not available yet or "
        "not applicable."
    ),
    "required_missing": gettext_lazy(
        "“%(name)s” has to be reported this time; “not available yet” is not accepted. "
        "Enter the figure."
    ),
    "required_not_applicable": gettext_lazy(
        "“%(name)s” applies everywhere; “not applicable” is not accepted. Enter the figure."
    ),
    "type_whole": gettext_lazy(
        "“%(name)s” counts whole things, but %(value)s was entered. Enter a whole number."
    ),
    "type_decimals": gettext_lazy(
        "“%(name)s” is kept to %(decimals)s decimals, but %(value)s was entered. Round it, or "
        "check the unit."
    ),
    "range_below": gettext_lazy(
        "“%(name)s” is %(value)s, below the least allowed %(limit)s. Check the figure, its sign "
        "and its unit."
    ),
    "range_above": gettext_lazy(
        "“%(name)s” is %(value)s, above the most allowed %(limit)s. Check the figure and its unit."
    ),
    "sum_differs": gettext_lazy(
        "“%(total)s” is %(value)s, but %(parts)s add up to %(sum)s: a difference of "
        "%(difference)s. Correct the total or the part that is wrong."
    ),
    "sum_parts_exceed": gettext_lazy(
        "“%(total)s” is %(value)s, but the parts known so far already make %(sum)s. Correct the "
        "total or the part that is wrong."
    ),
    "zone_sum_exceeds": gettext_lazy(
        "All zones together make %(sum)s of “%(indicator)s”, more than the whole city's "
        "“%(whole)s” of %(whole_value)s. Check this figure against the department that compiles it."
    ),
    "zone_sum_short": gettext_lazy(
        "All zones together make %(sum)s of “%(indicator)s”, less than “%(whole)s” of "
        "%(whole_value)s, which they should add up to. Check this figure."
    ),
    "ytd_fell": gettext_lazy(
        "“%(name)s” is a running total; with %(value)s it falls by %(drop)s below %(last)s of "
        "%(before)s. Enter the total since January, or explain the deduction."
    ),
    "month_plus_differs": gettext_lazy(
        "“%(name)s”: this month's %(month)s and the last total of %(last)s make %(sum)s, but the "
        "total entered is %(value)s (difference %(difference)s). Correct one of the two."
    ),
    "year_on_year_up": gettext_lazy(
        "“%(name)s”: %(measure)s %(value)s is %(percent)s above the %(year_ago)s of %(before)s; "
        "the limit is %(threshold_percent)s. Check the figure; if it is right, explain why."
    ),
    "year_on_year_down": gettext_lazy(
        "“%(name)s”: %(measure)s %(value)s is %(percent)s below the %(year_ago)s of %(before)s; "
        "the limit is %(threshold_percent)s. Check the figure; if it is right, explain why."
    ),
    "year_on_year_points_up": gettext_lazy(
        "“%(name)s”: %(value)s is %(percent)s above the %(year_ago)s of %(before)s; the limit is "
        "%(threshold_percent)s. Check the figure; if it is right, explain why."
    ),
    "year_on_year_points_down": gettext_lazy(
        "“%(name)s”: %(value)s is %(percent)s below the %(year_ago)s of %(before)s; the limit is "
        "%(threshold_percent)s. Check the figure; if it is right, explain why."
    ),
    "seasonal_high": gettext_lazy(
        "“%(name)s”: %(measure)s changed from %(previous)s to %(value)s (%(signed_percent)s); in "
        "the past %(years)s years this step was typically %(usual_percent)s, give or take "
        "%(spread_percent)s. Check the figure; if it is right, explain why."
    ),
    "seasonal_low": gettext_lazy(
        "“%(name)s”: %(measure)s changed from %(previous)s to %(value)s (%(signed_percent)s); in "
        "the past %(years)s years this step was typically %(usual_percent)s, give or take "
        "%(spread_percent)s. Check the figure; if it is right, explain why."
    ),
    "stale_previous": gettext_lazy(
        "“%(name)s”: %(value)s is to the digit the figure of %(before)s. Was it carried over by "
        "mistake? If it is right, explain why."
    ),
    "stale_year_ago": gettext_lazy(
        "“%(name)s”: %(value)s is to the digit the figure of the same period last year "
        "(%(before)s). Was it carried over by mistake? If it is right, explain why."
    ),
    "unit_slip_large": gettext_lazy(
        "“%(name)s”: %(value)s is about %(factor)s times the %(reference)s of %(before)s: "
        "probably %(likely)s was meant%(meant_hint)s. Check the unit."
    ),
    "unit_slip_small": gettext_lazy(
        "“%(name)s”: %(value)s is about one %(factor)s-th of the %(reference)s of %(before)s: "
        "probably %(likely)s was meant%(meant_hint)s. Check the unit."
    ),
    "unit_slip_large_peers": gettext_lazy(
        "“%(name)s”: %(value)s is about %(factor)s times what comparable zones report: probably "
        "%(likely)s was meant%(meant_hint)s. Check the unit."
    ),
    "unit_slip_small_peers": gettext_lazy(
        "“%(name)s”: %(value)s is about one %(factor)s-th of what comparable zones report: "
        "probably %(likely)s was meant%(meant_hint)s. Check the unit."
    ),
    "cross_fails": gettext_lazy(
        "%(codes)s do not fit together: %(left_text)s makes %(left)s, which should be "
        "%(op_words)s %(right_text)s, that is %(right)s. Check these figures."
    ),
    "cross_one_missing": gettext_lazy(
        "“%(present)s” has a figure but “%(lacking)s” has none; they belong together. Enter "
        "“%(lacking)s”, or take “%(present)s” out."
    ),
    "cross_exclusive": gettext_lazy(
        "%(codes)s exclude each other, but both have figures (%(value)s and %(other)s). "
        "Keep one of them."
    ),
    "cross_source_differs": gettext_lazy(
        "“%(name)s” is %(value)s, but the compiling department has %(source)s: a difference of "
        "%(difference)s%(percent_hint)s. Reconcile with the department, or explain."
    ),
    "cross_source_absent": gettext_lazy(
        "“%(name)s” is left without a figure, but the compiling department has %(source)s. Enter "
        "the figure, or explain."
    ),
    "revision_differs": gettext_lazy(
        "“%(name)s” is %(value)s, but %(standing)s stands already for this period: a difference "
        "of %(difference)s%(percent_hint)s. Check the figure, or explain the revision."
    ),
    "revision_absent": gettext_lazy(
        "“%(name)s” would withdraw the figure %(standing)s that stands for this period. Enter the "
        "figure, or explain."
    ),
}

_OPS: Final[Mapping[str, str | Promise]] = {
    "<=": gettext_lazy("no more than"),
    "<": gettext_lazy("less than"),
    "=": gettext_lazy("equal to"),
    ">=": gettext_lazy("no less than"),
    ">": gettext_lazy("more than"),
}


def pack(finding: Finding) -> Packed:
    """What the sentence is made of, as JSON."""
    return {
        "key": finding.key,
        "params": {name: _packed(value) for name, value in finding.params.items()},
        "figures": {
            name: [str(amount.value), amount.unit] for name, amount in finding.figures.items()
        },
    }


def _packed(value: Param) -> Any:
    match value:
        case Decimal():
            return {"n": str(value)}
        case Period():
            return {"p": value.code}
        case tuple():
            return {"c": list(value)}
        case _:
            return value


def codes_in(packed: Packed) -> set[str]:
    """Indicator codes the sentence names, beside its own."""
    found: set[str] = set()
    for name, value in packed["params"].items():
        if isinstance(value, dict):
            found.update(value.get("c", ()))
        elif name == "total":
            found.add(value)
    return found


def say(packed: Packed, indicator: str, names: Mapping[str, str], *, part: str = FIGURE) -> str:
    """The sentence. `names` are indicator names by code; a code without a name is shown itself."""
    key = packed["key"]
    places = _ALL_PLACES if key.startswith("type") else _PLACES
    name = names.get(indicator, indicator)
    if part == MONTH:
        name = _("%(name)s (the period's own)") % {"name": name}
    words: dict[str, str] = {"name": name}
    for name, value in packed["params"].items():
        words[name] = _word(name, value, names, points=key in _POINTS)
    for name, (value, unit) in packed["figures"].items():
        words[f"{name}_value" if name == "whole" else name] = _amount(value, unit, places)
    params = packed["params"]
    if "percent" in params:
        number = Decimal(params["percent"]["n"])
        words["signed_percent"] = f"{number:+.1f}%".replace("-", "−")
        hint = _("(%(percent)s)") % {"percent": words["signed_percent"]}
        words["percent_hint"] = f" {hint}" if is_english() else hint
    words.setdefault("percent_hint", "")
    if "of" in params:
        words["measure"] = (
            _("the period's own value") if params["of"] == "increment" else _("the figure")
        )
    if "factor" in params:
        meant = params.get("meant") or ""
        hint = _("(was it entered in %(unit)s?)") % {"unit": meant} if meant else ""
        words["meant_hint"] = f" {hint}" if hint and is_english() else hint
    if key == "cross_fails":
        words["op_words"] = str(_OPS[params["op"]])
        words["left_text"] = _named(params["left"], names)
        words["right_text"] = _named(params["right"], names)
    return str(SENTENCES[key]) % words


def _word(name: str, value: Any, names: Mapping[str, str], *, points: bool) -> str:
    if isinstance(value, dict):
        if "n" in value:
            number = abs(Decimal(value["n"])) if "usual" not in name else Decimal(value["n"])
            text = f"{number:,.1f}".removesuffix(".0").replace("-", "−")
            return _("%(n)s points") % {"n": text} if points else f"{text}%"
        if "p" in value:
            return period_name(value["p"])
        separator = ", " if is_english() else "、"
        return separator.join(names.get(code, code) for code in value["c"])
    if name == "factor":
        return f"{int(value):,}"
    if name == "total":
        return names.get(str(value), str(value))
    return str(value)


def _named(expression: str, names: Mapping[str, str]) -> str:
    """An expression with names instead of codes, and a sign people read."""
    text = _WORD.sub(lambda word: names.get(word[0], word[0]), expression)
    return f"“{text.replace('*', '×')}”"


def period_name(code: str) -> str:
    period = Period.parse(code)
    return period.en_label() if is_english() else period.zh_label()


def _amount(value: str, unit: str, places: int) -> str:
    number = round(Decimal(value), places)
    text = f"{number:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.lstrip("-") == "0":
        text = "0"
    text = text.replace("-", "−")
    return f"{text}{unit}" if unit in ("%", "‰") or not is_english() else f"{text} {unit}"
