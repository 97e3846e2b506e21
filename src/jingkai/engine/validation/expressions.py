"""Linear expressions over indicators: `FDI * RATES.usd_cny - 0.5 * TRADE + 3 亿元`.

A term is a product of numbers, rates (`TABLE.key` of reference data) and at most one indicator, or
a number with a unit.
Everything is computed in base units (元, 美元, 平方米 …), so the unit an indicator happens to be
reported in has no influence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from jingkai.engine.errors import UnitError
from jingkai.engine.units import unit

from .model import Answer, Given, RuleError

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)|(?P<op>[-+*])"
    r"|(?P<unit>[^\s\d+*A-Za-z-][^\s+*-]*))"
)


@dataclass(frozen=True, slots=True)
class Term:
    """factor · product of names; a name with a dot is a rate, one without an indicator."""

    factor: Decimal
    names: tuple[str, ...]

    @property
    def indicators(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if "." not in name)


@dataclass(frozen=True, slots=True)
class Expression:
    """A sum of terms."""

    text: str
    terms: tuple[Term, ...]

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator in it, in order of appearance."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.indicators))

    @property
    def rates(self) -> tuple[str, ...]:
        """Every `TABLE.key` in it, in order of appearance."""
        names = (name for term in self.terms for name in term.names if "." in name)
        return tuple(dict.fromkeys(names))

    def value(self, given: Given) -> Decimal | None:
        """Its value in base units; None while a figure, rate or unit is not known.

        A term whose indicator is not applicable here counts nothing.
        """
        total = Decimal(0)
        for term in self.terms:
            product = term.factor
            for name in term.names:
                if "." in name:
                    rate = given.rates.get(name)
                    if rate is None:
                        return None
                    product *= rate
                    continue
                answer = given.answer(name)
                if answer.not_applicable:
                    product = Decimal(0)
                elif answer.value is None or name not in given.facts:
                    return None
                else:
                    try:
                        factor = unit(given.facts[name].unit).factor
                    except UnitError:
                        return None
                    product *= answer.value * factor.numerator / factor.denominator
            total += product
        return total

    def answers(self, given: Given) -> dict[str, Answer]:
        """The indicators it names, with what is said of them."""
        return {name: given.answer(name) for name in self.indicators}


@lru_cache(maxsize=512)
def parse(text: str) -> Expression:
    """Read an expression.

    Raises
    ------
    RuleError
        It is not a sum of terms; `params["at"]` is the position from 1.

    >>> parse("FDI * RATES.usd_cny - 0.5*TRADE + 3 亿元").terms[2]
    Term(factor=Decimal('300000000'), names=())
    """
    terms: list[Term] = []
    factor, names, sign = Decimal(1), list[str](), Decimal(1)
    wants_operand, after_number, at = True, False, 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise _problem(text, at, "a number, an indicator or + - *")
        at, here = match.end(), match.start(match.lastgroup or 0)
        op = match["op"]
        if op is not None:
            if op == "-" and wants_operand and not names and factor == 1 and not after_number:
                sign = -sign
            elif wants_operand:
                raise _problem(text, here, "a number or an indicator")
            elif op == "*":
                wants_operand = True
            else:
                terms.append(Term(sign * factor, tuple(names)))
                factor, names, sign = Decimal(1), [], Decimal(-1 if op == "-" else 1)
                wants_operand = True
            after_number = False
        elif match["unit"] is not None:
            if not after_number:
                raise _problem(text, here, "a unit only after a number")
            try:
                size = unit(match["unit"]).factor
            except UnitError:
                raise _problem(text, here, "a known unit") from None
            factor = factor * size.numerator / size.denominator
            after_number = False
        elif wants_operand:
            if match["number"] is not None:
                factor *= Decimal(match["number"])
                after_number = True
            else:
                names.append(match["name"])
                after_number = False
            wants_operand = False
        else:
            raise _problem(text, here, "+, - or *")
    if wants_operand:
        raise _problem(text, len(text), "a number or an indicator")
    terms.append(Term(sign * factor, tuple(names)))
    return Expression(" ".join(text.split()), tuple(terms))


def check_linear(expression: Expression) -> None:
    """Refuse a product of two indicators. Raises RuleError."""
    for term in expression.terms:
        if len(term.indicators) > 1:
            raise RuleError(
                f'"{expression.text}" multiplies {" by ".join(term.indicators)}: not linear',
                code="expression_not_linear",
                text=expression.text,
                names=term.indicators,
            )


def _problem(text: str, at: int, expected: str) -> RuleError:
    return RuleError(
        f'"{text}": expected {expected} at position {at + 1}',
        code="expression_form",
        text=text,
        at=at + 1,
        expected=expected,
    )
