"""Rules in words: what a kind does, what its parameters mean, what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from jingkai.core.ui.public import is_english
from jingkai.engine.validation import PARAMETERS, Kind, Lookup, RuleError, Value, read_parameters

Text = str | Promise

KINDS: Final[Mapping[Kind, Text]] = {
    Kind.REQUIRED: pgettext_lazy("rule", "must be answered"),
    Kind.TYPE: pgettext_lazy("rule", "kind of number"),
    Kind.RANGE: pgettext_lazy("rule", "least and most"),
    Kind.SUM: pgettext_lazy("rule", "parts and total"),
    Kind.ZONE_SUM: pgettext_lazy("rule", "zones and city"),
    Kind.YTD_NOT_FALLING: pgettext_lazy("rule", "running total"),
    Kind.MONTH_PLUS_LAST_YTD: pgettext_lazy("rule", "month and running total"),
    Kind.YEAR_ON_YEAR: pgettext_lazy("rule", "year on year"),
    Kind.SEASONAL: pgettext_lazy("rule", "season"),
    Kind.STALE_COPY: pgettext_lazy("rule", "copied figure"),
    Kind.UNIT_SLIP: pgettext_lazy("rule", "slip of the unit"),
    Kind.CROSS_INDICATOR: pgettext_lazy("rule", "between indicators"),
    Kind.CROSS_SOURCE: pgettext_lazy("rule", "between sources"),
    Kind.REVISION: pgettext_lazy("rule", "revision"),
}

DOES: Final[Mapping[Kind, Text]] = {
    Kind.REQUIRED: gettext_lazy(
        "The cell must be answered: with a figure, or with a reason why there is none where the "
        "rule accepts it. Cells the form does not require are left alone."
    ),
    Kind.TYPE: gettext_lazy(
        "What is counted is a whole number; other figures have no more decimals than declared. "
        "Cells without a figure are left alone."
    ),
    Kind.RANGE: gettext_lazy(
        "The figure lies between the least and the most allowed, both included. Cells without a "
        "figure are left alone."
    ),
    Kind.SUM: gettext_lazy(
        "The parts add up to the total, within rounding and tolerance. “Not applicable” counts "
        "nothing; while a part is missing only an excess is spoken of."
    ),
    Kind.ZONE_SUM: gettext_lazy(
        "All zones together against the figure of the whole city. What other zones have sent or "
        "what stands is counted; their single figures are never shown."
    ),
    Kind.YTD_NOT_FALLING: gettext_lazy(
        "A running total is not below the latest one of the same year. A new year starts anew."
    ),
    Kind.MONTH_PLUS_LAST_YTD: gettext_lazy(
        "The month's own figure and the last running total make the new one, within rounding. "
        "January, and a February reported together with it, start from zero."
    ),
    Kind.YEAR_ON_YEAR: gettext_lazy(
        "A jump against the same period of last year; for running totals of the period's own "
        "value. Silent while last year's figure is not known."
    ),
    Kind.SEASONAL: gettext_lazy(
        "A change against the period before that this time of the year has not brought in past "
        "years: further from the median than the usual spread allows. Silent without enough years."
    ),
    Kind.STALE_COPY: gettext_lazy(
        "The figure is to the digit that of the period before or of last year. Only figures with "
        "enough digits, because small numbers repeat by nature."
    ),
    Kind.UNIT_SLIP: gettext_lazy(
        "The figure is off by a power of ten against its own past, or against comparable zones "
        "where it has none: probably entered in another unit."
    ),
    Kind.CROSS_INDICATOR: gettext_lazy(
        "Two expressions over indicators compared, or two indicators that belong together or "
        "exclude each other. Silent while a figure is missing."
    ),
    Kind.CROSS_SOURCE: gettext_lazy(
        "The figure against the compiling department's own one. Silent where the department has "
        "none."
    ),
    Kind.REVISION: gettext_lazy(
        "The figure against the one that stands already for the same period. Silent where none "
        "stands."
    ),
}

LABELS: Final[Mapping[str, Text]] = {
    "accept_missing": gettext_lazy("“not available yet” is accepted"),
    "accept_not_applicable": gettext_lazy("“not applicable” is accepted"),
    "decimals": gettext_lazy("decimals at most"),
    "min": gettext_lazy("least"),
    "max": gettext_lazy("most"),
    "unit": gettext_lazy("unit of the amounts"),
    "total": pgettext_lazy("rule", "total"),
    "parts": pgettext_lazy("rule", "parts"),
    "whole": gettext_lazy("figure of the whole city"),
    "op": pgettext_lazy("rule", "comparison"),
    "tolerance": gettext_lazy("tolerance"),
    "tolerance_percent": gettext_lazy("tolerance (%)"),
    "threshold_percent": gettext_lazy("threshold (%)"),
    "threshold_points": gettext_lazy("threshold (percentage points)"),
    "of": gettext_lazy("compared quantity"),
    "min_change": gettext_lazy("least change spoken of"),
    "score": gettext_lazy("times the usual spread"),
    "min_years": gettext_lazy("past years needed"),
    "least_spread_percent": gettext_lazy("spread taken at least (%)"),
    "against": gettext_lazy("compared with"),
    "min_digits": gettext_lazy("significant digits at least"),
    "factors": gettext_lazy("factors"),
    "fit": gettext_lazy("how exactly a factor must fit (times)"),
    "min_peers": gettext_lazy("comparable zones needed"),
    "left": gettext_lazy("left side"),
    "right": gettext_lazy("right side"),
}

CHOICES: Final[Mapping[str, Text]] = {
    "increment": gettext_lazy("the period's own value"),
    "figure": gettext_lazy("the figure"),
    "previous": gettext_lazy("the period before"),
    "year_ago": gettext_lazy("the same period last year"),
    "both": pgettext_lazy("rule", "both"),
    "both_or_neither": gettext_lazy("both have a figure, or neither"),
    "exclusive": gettext_lazy("only one of them has a figure"),
    "<=": "≤",
    ">=": "≥",
}


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One parameter of a rule as people read it. `lookup`: where its number stands, if it does."""

    name: str
    label: str
    text: str
    lookup: Lookup | None = None
    is_default: bool = False


def parameter_lines(
    kind: Kind, raw: Mapping[str, Any], names: Mapping[str, str], numbers: Mapping[str, Decimal]
) -> list[ParameterLine]:
    """Every parameter of a rule with its value, defaults included. Raises RuleError.

    `names` are indicator names by code, `numbers` reference thresholds by `TABLE.key`.
    """
    values = read_parameters(kind, raw)
    lines = []
    for parameter in PARAMETERS[kind]:
        value = values[parameter.name]
        if value is None:
            continue
        lookup = value if isinstance(value, Lookup) else None
        known = numbers.get(str(lookup)) if lookup else value
        lines.append(
            ParameterLine(
                parameter.name,
                str(LABELS[parameter.name]),
                _shown(known, names),
                lookup,
                parameter.name not in raw,
            )
        )
    return lines


def _shown(value: Value, names: Mapping[str, str]) -> str:
    match value:
        case None:
            return _("not loaded")
        case bool():
            return _("yes") if value else _("no")
        case Decimal():
            return f"{value.normalize():,f}"
        case tuple():
            return ("、" if not is_english() else ", ").join(_shown(each, names) for each in value)
        case str() if value in CHOICES:
            return str(CHOICES[value])
        case str():
            return names.get(value, value)
        case _:
            return str(value)


_CLASHES: Final[Mapping[str, Text]] = {
    "range_empty": gettext_lazy("Give “min” or “max”, or both."),
    "range_reversed": gettext_lazy("“min” lies above “max”."),
    "threshold_one": gettext_lazy(
        "Give either “threshold_percent” or “threshold_points”, not both."
    ),
    "parts_twice": gettext_lazy("The total and its parts must all be different indicators."),
    "fit_wide": gettext_lazy(
        "“fit” is so wide that one figure would fit two factors: make it smaller."
    ),
}
_FORMS: Final[Mapping[str, Text]] = {
    "number": gettext_lazy("a number, or TABLE.key of reference data"),
    "numbers": gettext_lazy("a list of numbers"),
    "integer": gettext_lazy("a whole number"),
    "flag": gettext_lazy("true or false"),
    "code": gettext_lazy("the code of an indicator"),
    "codes": gettext_lazy("a list of codes of indicators"),
    "unit": gettext_lazy("a unit such as 亿元"),
    "text": gettext_lazy("an expression"),
}


def problem_text(error: RuleError) -> str:
    """What is wrong with a rule and what would be right, in the reader's language."""
    words = {name: _plain(value) for name, value in error.params.items()}
    match error.code:
        case "kind_unknown":
            text = _("There is no kind of rule “%(kind)s”; the nearest is “%(nearest)s”.")
        case "level_unknown":
            text = _("“%(level)s” is not a level: fix, explain or hint.")
        case "parameter_unknown":
            text = _(
                "There is no parameter “%(name)s”; the nearest is “%(nearest)s”. Known: %(known)s."
            )
        case "parameter_missing":
            text = _("The parameter “%(name)s” is missing.")
        case "parameter_form":
            choices = error.params.get("choices")
            words["form"] = (
                _("one of %(choices)s") % {"choices": words["choices"]}
                if choices
                else str(_FORMS.get(words.get("form", ""), words["expected"]))
            )
            text = _("The parameter “%(name)s” is “%(value)s”, but must be %(form)s.")
        case "parameter_range":
            text = _("The parameter “%(name)s” is %(value)s: out of its range (%(expected)s).")
        case "parameters_clash":
            text = str(_CLASHES[str(error.params["clash"])])
        case "lookup_missing":
            text = _(
                "“%(name)s” is not in force in reference data. Load it under Reference tables, or "
                "write a number."
            )
        case "expression_form":
            text = _(
                "“%(text)s” is not an expression: at position %(at)s something else is "
                "expected. Write for example FDI * 0.5 + 3 亿元."
            )
        case "expression_not_linear":
            text = _("“%(text)s” multiplies indicators with each other: only sums are possible.")
        case "expression_not_one":
            text = _("“%(text)s” must be the code of one indicator here.")
        case "expression_empty":
            text = _("Neither side names an indicator.")
        case "example_name":
            text = _("Each example needs a name of its own; “%(name)s” is empty or used twice.")
        case "example_sort_missing":
            text = (
                _("At least one example must show what the rule lets through (expect: pass).")
                if words["expect"] == "pass"
                else _("At least one example must show what the rule catches (expect: alarm).")
            )
        case "example_form":
            text = _(
                "Example “%(name)s”: “%(field)s” is not written as it must be (see the form of an "
                "example beside)."
            )
        case _:
            return str(error)
    return text % words


def _plain(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)
