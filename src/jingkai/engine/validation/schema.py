"""Parameters of the rule kinds: what may be written, read into typed values with clear errors.

A number may be written as `TABLE.key`: it is then looked up in reference data before use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, NoReturn

from jingkai.engine.errors import UnitError
from jingkai.engine.units import unit

from .model import RuleError


class Kind(StrEnum):
    """What a rule compares."""

    REQUIRED = "required"
    TYPE = "type"
    RANGE = "range"
    SUM = "sum"
    ZONE_SUM = "zone_sum"
    YTD_NOT_FALLING = "ytd_not_falling"
    MONTH_PLUS_LAST_YTD = "month_plus_last_ytd"
    YEAR_ON_YEAR = "year_on_year"
    SEASONAL = "seasonal"
    STALE_COPY = "stale_copy"
    UNIT_SLIP = "unit_slip"
    CROSS_INDICATOR = "cross_indicator"
    CROSS_SOURCE = "cross_source"
    REVISION = "revision"


class Form(StrEnum):
    """How a parameter is written."""

    NUMBER = "number"
    NUMBERS = "numbers"
    INTEGER = "integer"
    FLAG = "flag"
    CODE = "code"
    CODES = "codes"
    UNIT = "unit"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A number that stands in reference data: `TABLE.key`."""

    table: str
    key: str

    def __str__(self) -> str:
        return f"{self.table}.{self.key}"


Value = Decimal | Lookup | int | bool | str | tuple[str, ...] | tuple[Decimal, ...] | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind. Numbers are bounded by `least` and `most`, both included."""

    name: str
    form: Form
    default: Value = None
    required: bool = False
    choices: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None


_LOOKUP: Final = re.compile(r"(?P<table>[A-Z][A-Z0-9_]*)\.(?P<key>[a-z][a-z0-9_]*)")
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_ZERO: Final = Decimal(0)
_N: Final = Form.NUMBER


def _amount(name: str) -> Parameter:
    return Parameter(name, _N, default=_ZERO, least=_ZERO)


_UNIT: Final = Parameter("unit", Form.UNIT)
_TOLERANCES: Final = (_amount("tolerance"), _amount("tolerance_percent"), _UNIT)

PARAMETERS: Final[Mapping[Kind, tuple[Parameter, ...]]] = {
    Kind.REQUIRED: (
        Parameter("accept_missing", Form.FLAG, default=True),
        Parameter("accept_not_applicable", Form.FLAG, default=True),
    ),
    Kind.TYPE: (Parameter("decimals", Form.INTEGER, least=_ZERO, most=Decimal(6)),),
    Kind.RANGE: (Parameter("min", _N), Parameter("max", _N), _UNIT),
    Kind.SUM: (
        Parameter("total", Form.CODE, required=True),
        Parameter("parts", Form.CODES, required=True),
        *_TOLERANCES,
    ),
    Kind.ZONE_SUM: (
        Parameter("whole", Form.CODE),
        Parameter("op", Form.CHOICE, default="<=", choices=("<=", "=")),
        *_TOLERANCES,
    ),
    Kind.YTD_NOT_FALLING: (_amount("tolerance"), _UNIT),
    Kind.MONTH_PLUS_LAST_YTD: (_amount("tolerance"), _UNIT),
    Kind.YEAR_ON_YEAR: (
        Parameter("threshold_percent", _N, least=_ZERO),
        Parameter("threshold_points", _N, least=_ZERO),
        Parameter("of", Form.CHOICE, default="increment", choices=("increment", "figure")),
        _amount("min_change"),
        _UNIT,
    ),
    Kind.SEASONAL: (
        Parameter("score", _N, default=Decimal(5), least=Decimal(1)),
        Parameter("min_years", Form.INTEGER, default=3, least=Decimal(2)),
        Parameter("least_spread_percent", _N, default=Decimal(5), least=_ZERO),
    ),
    Kind.STALE_COPY: (
        Parameter("against", Form.CHOICE, default="both", choices=("previous", "year_ago", "both")),
        Parameter("min_digits", Form.INTEGER, default=3, least=Decimal(1), most=Decimal(20)),
    ),
    Kind.UNIT_SLIP: (
        Parameter(
            "factors",
            Form.NUMBERS,
            default=(Decimal(10_000), Decimal(1000), Decimal(100_000_000)),
            least=Decimal(2),
        ),
        Parameter("fit", _N, default=Decimal(3), least=Decimal("1.01")),
        Parameter("min_peers", Form.INTEGER, default=3, least=Decimal(3)),
    ),
    Kind.CROSS_INDICATOR: (
        Parameter("left", Form.TEXT, required=True),
        Parameter(
            "op",
            Form.CHOICE,
            required=True,
            choices=("<=", "<", "=", ">=", ">", "both_or_neither", "exclusive"),
        ),
        Parameter("right", Form.TEXT, required=True),
        *_TOLERANCES,
    ),
    Kind.CROSS_SOURCE: _TOLERANCES,
    Kind.REVISION: _TOLERANCES,
}


def read_kind(text: str) -> Kind:
    """The kind called `text`. Raises RuleError naming the nearest one."""
    try:
        return Kind(text)
    except ValueError:
        raise RuleError(
            f'"{text}" is not a kind of rule{_nearest(text, list(Kind))}',
            code="kind_unknown",
            kind=text,
            nearest=_nearest_word(text, list(Kind)),
        ) from None


def read_parameters(kind: Kind, raw: Mapping[str, object]) -> dict[str, Value]:
    """`raw` as typed values, with defaults for what is not written.

    Raises
    ------
    RuleError
        `code` is parameter_unknown, parameter_missing, parameter_form, parameter_range or
        parameters_clash; `params["name"]` names the parameter.

    >>> read_parameters(Kind.RANGE, {"min": 0, "mx": 5})
    Traceback (most recent call last):
    ...
    jingkai.engine.validation.model.RuleError: range has no parameter "mx"; nearest: "max"
    """
    known = {parameter.name: parameter for parameter in PARAMETERS[kind]}
    for name in raw:
        if name not in known:
            raise RuleError(
                f'{kind} has no parameter "{name}"{_nearest(name, list(known))}',
                code="parameter_unknown",
                name=name,
                kind=kind,
                nearest=_nearest_word(name, list(known)),
                known=tuple(known),
            )
    values: dict[str, Value] = {}
    for name, parameter in known.items():
        written = raw.get(name)
        if written is None:
            if parameter.required:
                raise RuleError(
                    f'{kind} needs the parameter "{name}"',
                    code="parameter_missing",
                    name=name,
                    kind=kind,
                )
            values[name] = parameter.default
        else:
            values[name] = _read(parameter, written)
    _check_together(kind, values)
    return values


def lookups_in(values: Mapping[str, Value]) -> tuple[Lookup, ...]:
    """Numbers that must be looked up before the rule can be used."""
    return tuple(value for value in values.values() if isinstance(value, Lookup))


def _read(parameter: Parameter, raw: object) -> Value:
    match parameter.form:
        case Form.FLAG:
            return raw if isinstance(raw, bool) else _refuse(parameter, raw, "true or false")
        case Form.NUMBER:
            if isinstance(raw, str) and (found := _LOOKUP.fullmatch(raw)):
                return Lookup(found["table"], found["key"])
            return _number(parameter, raw)
        case Form.INTEGER:
            number = _number(parameter, raw)
            return int(number) if number == int(number) else _refuse(parameter, raw, "an integer")
        case Form.NUMBERS:
            if not isinstance(raw, list | tuple) or not raw:
                return _refuse(parameter, raw, "a list of numbers")
            return tuple(_number(parameter, each) for each in raw)
        case Form.CHOICE:
            if raw not in parameter.choices:
                return _refuse(parameter, raw, f"one of {' '.join(parameter.choices)}")
            return str(raw)
        case Form.CODE:
            return _code(parameter, raw)
        case Form.CODES:
            if not isinstance(raw, list | tuple) or not raw:
                return _refuse(parameter, raw, "a list of indicator codes")
            return tuple(_code(parameter, each) for each in raw)
        case Form.UNIT:
            try:
                return unit(str(raw)).name
            except UnitError:
                return _refuse(parameter, raw, "a unit such as 亿元")
        case Form.TEXT:
            text = str(raw).strip() if isinstance(raw, str | int | Decimal) else ""
            return text or _refuse(parameter, raw, "an expression")


def _number(parameter: Parameter, raw: object) -> Decimal:
    try:
        if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
            raise InvalidOperation
        number = Decimal(str(raw))
    except InvalidOperation:
        return _refuse(parameter, raw, "a number or TABLE.key")
    if not number.is_finite():
        return _refuse(parameter, raw, "a finite number")
    low, high = parameter.least, parameter.most
    if (low is not None and number < low) or (high is not None and number > high):
        ends = (("at least", low), ("at most", high))
        bounds = " and ".join(f"{word} {end}" for word, end in ends if end is not None)
        raise RuleError(
            f'parameter "{parameter.name}" is {number}, but must be {bounds}',
            code="parameter_range",
            name=parameter.name,
            value=str(number),
            expected=bounds,
        )
    return number


def _code(parameter: Parameter, raw: object) -> str:
    if isinstance(raw, str) and _CODE.fullmatch(raw):
        return raw
    return _refuse(parameter, raw, "an indicator code")


def _refuse(parameter: Parameter, raw: object, expected: str) -> NoReturn:
    raise RuleError(
        f'parameter "{parameter.name}" is {raw!r}, but must be {expected}',
        code="parameter_form",
        name=parameter.name,
        value=str(raw),
        form=str(parameter.form),
        choices=parameter.choices,
        expected=expected,
    )


def _check_together(kind: Kind, values: Mapping[str, Value]) -> None:
    problem = clash = ""
    if kind is Kind.RANGE:
        low, high = values["min"], values["max"]
        if low is None and high is None:
            clash, problem = "range_empty", '"min" or "max" must be given'
        elif isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
            clash, problem = "range_reversed", '"min" is above "max"'
    elif kind is Kind.YEAR_ON_YEAR:
        if (values["threshold_percent"] is None) == (values["threshold_points"] is None):
            clash = "threshold_one"
            problem = 'exactly one of "threshold_percent" and "threshold_points" must be given'
    elif kind is Kind.SUM:
        parts = values["parts"]
        assert isinstance(parts, tuple)
        if len(set(parts)) < len(parts) or values["total"] in parts:
            clash, problem = "parts_twice", '"parts" and "total" must all be different'
    elif kind is Kind.UNIT_SLIP:
        factors, fit = values["factors"], values["fit"]
        assert isinstance(factors, tuple)
        ordered = sorted(Decimal(f) for f in factors)
        steps = [b / a for a, b in zip([Decimal(1), *ordered], ordered, strict=False)]
        if isinstance(fit, Decimal) and fit * fit >= min(steps):
            clash, problem = "fit_wide", '"fit" is so wide that one figure would fit two factors'
    if problem:
        raise RuleError(f"{kind}: {problem}", code="parameters_clash", kind=kind, clash=clash)


def _nearest_word(text: str, known: list[str]) -> str:
    return next(iter(get_close_matches(text, known, n=1, cutoff=0.0)), "")


def _nearest(text: str, known: list[str]) -> str:
    word = _nearest_word(text, known)
    return f'; nearest: "{word}"' if word else ""
