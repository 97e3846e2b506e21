"""A rule: its kind, level, indicators and typed parameters, and the arithmetic rules share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final, cast

from jingkai.engine.errors import UnitError
from jingkai.engine.units import UnitKind, known_units, unit

from .expressions import Expression, check_linear, parse
from .model import Amount, Facts, Finding, Level, Param, RuleError
from .schema import Kind, Lookup, Value, lookups_in, read_kind, read_parameters

_EXACT: Final = frozenset({UnitKind.COUNT, UnitKind.PEOPLE})


@dataclass(frozen=True, slots=True)
class Rule:
    """Use `make_rule`. `indicators` empty: every indicator the kind fits."""

    code: str
    kind: Kind
    level: Level
    indicators: frozenset[str] = frozenset()
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        """Parameters still to be looked up; a rule that has any cannot be judged with."""
        return lookups_in(self.values)

    @property
    def rates(self) -> tuple[str, ...]:
        """`TABLE.key` numbers its expressions take from `Given.rates`."""
        return tuple(dict.fromkeys(rate for side in self._sides for rate in side.rates))

    @property
    def named(self) -> tuple[str, ...]:
        """Every indicator its parameters name, beside those it is limited to."""
        codes: list[str] = [code for side in self._sides for code in side.indicators]
        for name in ("total", "whole", "parts"):
            value = self.values.get(name)
            if isinstance(value, str):
                codes.append(value)
            elif isinstance(value, tuple):
                codes.extend(str(code) for code in value)
        return tuple(dict.fromkeys(codes))

    @property
    def _sides(self) -> tuple[Expression, ...]:
        if self.kind is not Kind.CROSS_INDICATOR:
            return ()
        return parse(str(self.values["left"])), parse(str(self.values["right"]))

    def resolved(self, numbers: Mapping[str, Decimal]) -> Rule:
        """The same rule with its `TABLE.key` numbers put in.

        Raises
        ------
        RuleError
            A number is not among `numbers`; `params["name"]` names it.
        """
        for rate in self.rates:
            if rate not in numbers:
                raise self._not_loaded(rate)
        if not self.lookups:
            return self
        values = dict(self.values)
        for name, value in values.items():
            if isinstance(value, Lookup):
                if str(value) not in numbers:
                    raise self._not_loaded(str(value))
                values[name] = numbers[str(value)]
        return replace(self, values=values)

    def _not_loaded(self, name: str) -> RuleError:
        return RuleError(
            f"{self.code}: {name} is not loaded", code="lookup_missing", name=name, rule=self.code
        )

    def speaks_of(self, indicator: str) -> bool:
        return not self.indicators or indicator in self.indicators

    def number(self, name: str) -> Decimal | None:
        """A numeric parameter. Raises RuleError while it is still to be looked up."""
        value = self.values[name]
        if isinstance(value, Lookup):
            raise self._not_loaded(str(value))
        return cast("Decimal | None", value)

    def amount(self, name: str, target: str) -> Decimal | None:
        """A parameter in the unit `target`; None when it is not given or does not measure that.

        Without a `unit` of its own the parameter is in the unit of the indicator.
        """
        number, own = self.number(name), self.values.get("unit")
        if number is None or own is None or number == 0:
            return number
        factor = _ratio(str(own), target)
        return None if factor is None else number * factor[0] / factor[1]

    def fits_unit(self, target: str) -> bool:
        """Whether amounts of this rule can be said in `target`."""
        own = self.values.get("unit")
        return own is None or _ratio(str(own), target) is not None

    def allowed(self, reference: Decimal, target: str) -> Decimal:
        """How far a figure in unit `target` may lie from `reference`."""
        flat = self.amount("tolerance", target) or Decimal(0)
        share = self.number("tolerance_percent") or Decimal(0)
        return max(flat, abs(reference) * share / 100)

    def finding(
        self,
        indicator: str,
        part: str,
        key: str,
        params: Mapping[str, Param] | None = None,
        figures: Mapping[str, Amount] | None = None,
    ) -> Finding:
        return Finding(self.code, self.level, indicator, part, key, params or {}, figures or {})


def make_rule(
    code: str,
    kind: str,
    level: str,
    *,
    indicators: Iterable[str] = (),
    parameters: Mapping[str, object] | None = None,
) -> Rule:
    """A rule from what is written in a pack or a form.

    Raises
    ------
    RuleError
        Unknown kind or level, or parameters that do not fit; says which and what would.

    >>> make_rule("r", "range", "fix", parameters={"min": 0}).number("min")
    Decimal('0')
    """
    try:
        grade = Level(level)
    except ValueError:
        raise RuleError(
            f'"{level}" is not a level: fix, explain or hint', code="level_unknown", level=level
        ) from None
    found = read_kind(kind)
    values = read_parameters(found, parameters or {})
    if found is Kind.CROSS_INDICATOR:
        _check_cross(values)
    return Rule(code, found, grade, frozenset(indicators), values)


def _check_cross(values: Mapping[str, Value]) -> None:
    left, right = parse(str(values["left"])), parse(str(values["right"]))
    if values["op"] in ("both_or_neither", "exclusive"):
        for side in (left, right):
            if len(side.terms) != 1 or len(side.indicators) != 1 or side.rates:
                raise RuleError(
                    f'"{side.text}" must be one indicator for "{values["op"]}"',
                    code="expression_not_one",
                    text=side.text,
                )
    elif not left.indicators and not right.indicators:
        raise RuleError("no indicator on either side", code="expression_empty")
    check_linear(left)
    check_linear(right)


@lru_cache(maxsize=4096)
def _ratio(source: str, target: str) -> tuple[int, int] | None:
    """Exact factor from one unit to another as numerator and denominator; None: not the same."""
    try:
        a, b = unit(source), unit(target)
    except UnitError:
        return None
    if a.dimension != b.dimension:
        return None
    factor = a.factor / b.factor
    return factor.numerator, factor.denominator


def in_unit(value: Decimal, source: str, target: str) -> Decimal | None:
    """`value` in another unit; None when the two do not measure the same."""
    if source == target:
        return value
    factor = _ratio(source, target)
    return None if factor is None else value * factor[0] / factor[1]


@lru_cache(maxsize=4096)
def rounding(unit_name: str, decimals: int) -> Decimal:
    """How far rounding alone may have moved one figure: half its last place; counts are exact."""
    try:
        exact = unit(unit_name).kind in _EXACT
    except UnitError:
        exact = False
    return Decimal(0) if exact else Decimal(5).scaleb(-decimals - 1)


def slack(facts: Iterable[Facts], target: str) -> Decimal:
    """Rounding of several figures together, in unit `target`."""
    total = Decimal(0)
    for fact in facts:
        total += in_unit(rounding(fact.unit, fact.decimals), fact.unit, target) or Decimal(0)
    return total


def unit_by_factor(name: str, factor: Decimal) -> str:
    """The unit `factor` times smaller than `name` (larger below 1), or "".

    >>> unit_by_factor("亿元", Decimal(10_000)), unit_by_factor("平方公里", Decimal(1500))
    ('万元', '亩')
    >>> unit_by_factor("家", Decimal(1000))
    ''
    """
    try:
        own = unit(name)
    except UnitError:
        return ""
    root = name.lstrip("千百万亿")
    for prefix in ("", "千", "万", "百万", "亿"):
        try:
            other = unit(prefix + root)
        except UnitError:
            continue
        if other.dimension == own.dimension and own.factor / other.factor == factor:
            return other.name
    if own.kind in _EXACT:
        return ""  # 家 and 件 are of one dimension, but nobody takes one for the other
    return next(
        (
            other
            for other in known_units()
            if unit(other).dimension == own.dimension and own.factor / unit(other).factor == factor
        ),
        "",
    )
