"""The arithmetic behind a conflict, worked from its inputs whenever it is shown.

A conflict stores inputs and the name of a formula, never a result:

    {"inputs": {"A1.TRADE_2030": {"value": "1474", "unit": "亿元", "horizon": 2030,
                                  "place": "annex1:5"}, …},
     "steps": [{"id": "base_2025", "formula": "base_from_growth", "base_year": 2025,
                "inputs": {"level": "A1.TRADE_2030", "growth": "A1.TRADE_GROWTH_2030"},
                "title": "…", "title_en": "…"}, …]}

A step names its inputs by code; the code is looked up in `inputs`, then among the statements'
`target`. Rates and shares are in percent. Formulas:

- `base_from_growth`        level / (1 + growth)^(horizon - base_year)
- `rate_between`            (to / from)^(1 / years) - 1
- `total_from_share`        level / share
- `denominator_from_ratio`  numerator / ratio
- `part_from_share`         whole * share, beside the `level` that is stated
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jingkai.engine.errors import EngineError
from jingkai.engine.growth import change_percent, grown, implied_base, implied_growth

from .numerals import plain

JsonObject = Mapping[str, Any]
PERCENT: Final = "%"


@dataclass(frozen=True, slots=True)
class Input:
    """A number of the document, with where it comes from."""

    code: str
    value: Decimal
    unit: str
    horizon: int | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class WorkedStep:
    """One computation: what it is, with numbers put in, and its result; or why there is none."""

    id: str
    formula: str
    title: str
    expression: str
    result: Decimal | None
    unit: str
    inputs: Mapping[str, Input]
    base_year: int | None = None
    problem: str = ""

    @property
    def sources(self) -> list[str]:
        """Places of the inputs, each once; the code where no place is known."""
        return list(dict.fromkeys(entry.place or entry.code for entry in self.inputs.values()))

    @property
    def decimals(self) -> int:
        return _decimals(self.result, self.unit)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two numbers that should be one: `first` and `second` in `unit`, apart in percent."""

    title: str
    first: Decimal
    second: Decimal
    unit: str
    difference: Decimal
    difference_percent: Decimal | None

    @property
    def decimals(self) -> int:
        return _decimals(self.first, self.unit)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the later level would be if the later rate were counted from the earlier level."""

    from_year: int
    to_year: int
    expression: str
    reached: Decimal
    stated: Decimal
    unit: str
    difference_percent: Decimal

    @property
    def difference(self) -> Decimal:
        return self.reached - self.stated


def _decimals(value: Decimal | None, unit: str) -> int:
    """Decimals worth showing: two for rates and small figures, else one."""
    return 2 if unit == PERCENT or (value is not None and abs(value) < 20) else 1


class _Missing(Exception):
    """An input is not there, or is no number."""


def local_text(entry: JsonObject, key: str) -> str:
    """`entry[key]`, or its English twin where English is read."""
    if (get_language() or "").startswith("en") and entry.get(f"{key}_en"):
        return str(entry[f"{key}_en"])
    return str(entry.get(key) or "")


def number_of(value: object) -> Decimal | None:
    """The Decimal that a JSON value stands for, or None."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def year_of(value: object) -> int | None:
    """2030 from 2030, "2030" or "2030-S1"; None where no year is given."""
    text = str(value or "")[:4]
    return int(text) if len(text) == 4 and text.isdigit() else None


def worked_steps(arithmetic: JsonObject, statements: Sequence[JsonObject]) -> list[WorkedStep]:
    """Every step of a conflict's arithmetic with its result, in order. Nothing is raised: a step
    that cannot be computed says why."""
    known: dict[str, JsonObject] = {
        str(entry["target"]): entry for entry in statements if entry.get("target")
    }
    known.update(arithmetic.get("inputs") or {})
    return [_worked(step, known) for step in arithmetic.get("steps") or ()]


def _worked(step: JsonObject, known: Mapping[str, JsonObject]) -> WorkedStep:
    formula = str(step.get("formula", ""))
    base_year = year_of(step.get("base_year"))
    inputs: dict[str, Input] = {}
    expression, result, unit, problem = "", None, "", ""
    try:
        for role, code in (step.get("inputs") or {}).items():
            inputs[role] = _input(str(code), known)
        compute = _FORMULAS.get(formula)
        if compute is None:
            raise _Missing(_("The formula “%(name)s” is not known.") % {"name": formula})
        expression, result, unit = compute(inputs, base_year)
    except KeyError as error:
        problem = _("The input “%(name)s” is missing.") % {"name": error.args[0]}
    except _Missing as error:
        problem = str(error)
    except (EngineError, ArithmeticError) as error:
        problem = _("It cannot be computed: %(why)s.") % {"why": error}
    return WorkedStep(
        id=str(step.get("id", "")),
        formula=formula,
        title=local_text(step, "title"),
        expression=expression,
        result=result,
        unit=unit,
        inputs=inputs,
        base_year=base_year,
        problem=problem,
    )


def _input(code: str, known: Mapping[str, JsonObject]) -> Input:
    entry = known.get(code)
    value = None
    if entry is not None:
        value = number_of(entry.get("value"))
        # A statement of a growth rate may give it as its rate alone.
        value = number_of(entry.get("rate")) if value is None else value
    if entry is None or value is None:
        raise _Missing(_("The input “%(name)s” is missing.") % {"name": code})
    return Input(
        code=code,
        value=value,
        unit=str(entry.get("unit") or ""),
        horizon=year_of(entry.get("horizon")),
        place=str(entry.get("place") or ""),
    )


def _years(start: int | None, end: int | None) -> int:
    if start is None or end is None:
        raise _Missing(_("The years are not stated."))
    return end - start


_Worked = tuple[str, Decimal, str]


def _base_from_growth(inputs: Mapping[str, Input], base_year: int | None) -> _Worked:
    level, growth = inputs["level"], inputs["growth"]
    years = _years(base_year, level.horizon)
    text = f"{plain(level.value)} ÷ (1 + {plain(growth.value)}%)^{years}"
    return text, implied_base(level.value, growth.value, years), level.unit


def _rate_between(inputs: Mapping[str, Input], _base_year: int | None) -> _Worked:
    start, end = inputs["from"], inputs["to"]
    years = _years(start.horizon, end.horizon)
    text = f"({plain(end.value)} ÷ {plain(start.value)})^(1/{years}) − 1"
    return text, implied_growth(start.value, end.value, years), PERCENT


def _total_from_share(inputs: Mapping[str, Input], _base_year: int | None) -> _Worked:
    level, share = inputs["level"], inputs["share"]
    text = f"{plain(level.value)} ÷ {plain(share.value)}%"
    return text, level.value / (share.value / 100), level.unit


def _denominator_from_ratio(inputs: Mapping[str, Input], _base_year: int | None) -> _Worked:
    numerator, ratio = inputs["numerator"], inputs["ratio"]
    text = f"{plain(numerator.value)} ÷ {plain(ratio.value)}"
    top, _slash, bottom = ratio.unit.partition("/")
    unit = bottom if top == numerator.unit else ""
    return text, numerator.value / ratio.value, unit


def _part_from_share(inputs: Mapping[str, Input], _base_year: int | None) -> _Worked:
    share, whole = inputs["share"], inputs["whole"]
    text = f"{plain(whole.value)} × {plain(share.value)}%"
    return text, whole.value * share.value / 100, whole.unit


_FORMULAS: Final[Mapping[str, Callable[[Mapping[str, Input], int | None], _Worked]]] = {
    "base_from_growth": _base_from_growth,
    "rate_between": _rate_between,
    "total_from_share": _total_from_share,
    "denominator_from_ratio": _denominator_from_ratio,
    "part_from_share": _part_from_share,
}


_ONE_NUMBER: Final = frozenset({"base_from_growth", "total_from_share"})


def comparisons(
    steps: Sequence[WorkedStep], statements: Sequence[JsonObject] = ()
) -> list[Comparison]:
    """Pairs that ought to be one number: results of the same formula, unit and year; a result and
    what the document states of the same thing."""
    found = []
    for step in steps:
        if step.result is not None:
            for stated in _stated_of(step, statements):
                title = _("%(what)s / as stated") % {"what": step.title}
                found.append(_compared(title, step.result, stated, step.unit))
    for one, two in combinations(steps, 2):
        if one.formula != two.formula or one.formula not in _ONE_NUMBER:
            continue
        same = (one.unit, one.base_year) == (two.unit, two.base_year)
        if same and one.result is not None and two.result is not None:
            found.append(_compared(f"{one.title} / {two.title}", one.result, two.result, one.unit))
    return found


def _stated_of(step: WorkedStep, statements: Sequence[JsonObject]) -> list[Decimal]:
    """What the document itself says of what `step` computes."""
    if step.formula == "part_from_share":
        return [step.inputs["level"].value]
    if step.formula != "base_from_growth" or step.base_year is None:
        return []
    values = [
        number_of(entry.get("value"))
        for entry in statements
        if (entry.get("unit"), year_of(entry.get("horizon"))) == (step.unit, step.base_year)
    ]
    return list(dict.fromkeys(value for value in values if value is not None))


def stated_twice(statements: Sequence[JsonObject]) -> list[Comparison]:
    """Statements of one unit and horizon with different values, pairwise."""
    found: dict[tuple[Decimal, Decimal, str], Comparison] = {}
    for one, two in combinations(statements, 2):
        a, b = number_of(one.get("value")), number_of(two.get("value"))
        same = one.get("unit") == two.get("unit") and year_of(one.get("horizon")) == year_of(
            two.get("horizon")
        )
        if a is None or b is None or a == b or not same:
            continue
        unit = str(one.get("unit") or "")
        key = (min(a, b), max(a, b), unit)
        found.setdefault(key, _compared(_("Stated values"), a, b, unit))
    return list(found.values())


def _compared(title: str, first: Decimal, second: Decimal, unit: str) -> Comparison:
    percent = change_percent(first, second) if first else None
    return Comparison(title, first, second, unit, second - first, percent)


def readings(steps: Sequence[WorkedStep]) -> list[Reading]:
    """For two levels with their rates: the later rate read as counted from the earlier level."""
    bases = sorted(
        (
            (step.inputs["level"], step.inputs["growth"])
            for step in steps
            if step.formula == "base_from_growth" and step.result is not None
        ),
        key=lambda pair: pair[0].horizon or 0,
    )
    found = []
    for (early, _rate), (late, growth) in combinations(bases, 2):
        if early.horizon is None or late.horizon is None or early.horizon == late.horizon:
            continue
        years = late.horizon - early.horizon
        reached = grown(early.value, growth.value, years)
        found.append(
            Reading(
                from_year=early.horizon,
                to_year=late.horizon,
                expression=f"{plain(early.value)} × (1 + {plain(growth.value)}%)^{years}",
                reached=reached,
                stated=late.value,
                unit=late.unit,
                difference_percent=change_percent(late.value, reached),
            )
        )
    return found
