"""Rules prove themselves: each carries cases it must let through and cases it must catch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from jingkai.engine.errors import EngineError, UnitError
from jingkai.engine.periods import Frequency, Period
from jingkai.engine.semantics import Direction, ValueMode
from jingkai.engine.units import unit

from .judging import judge
from .model import (
    FIGURE,
    MISSING,
    MONTH,
    NOT_APPLICABLE,
    Answer,
    CellKey,
    Elsewhere,
    Facts,
    Finding,
    Given,
    RuleError,
)
from .rule import Rule

_FIELDS: Final = (
    "period",
    "scope",
    "indicators",
    "cells",
    "history",
    "peers",
    "elsewhere",
    "whole",
    "sources",
    "standing",
    "numbers",
)


class Expect(StrEnum):
    """What a rule must do with an example."""

    PASS = "pass"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Example:
    """A case and what the rule must do with it. `numbers` go before those of reference data."""

    name: str
    expect: Expect
    given: Given
    numbers: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Proof:
    """How one example went."""

    example: Example
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        return bool(self.findings) == (self.example.expect is Expect.ALARM)


def run_examples(
    rule: Rule, examples: Iterable[Example], numbers: Mapping[str, Decimal] | None = None
) -> tuple[Proof, ...]:
    """Judge each example with `rule`; `numbers` are reference thresholds by `TABLE.key`.

    Raises
    ------
    RuleError
        A threshold is neither in the example nor in `numbers`.
    """
    proofs = []
    for example in examples:
        known = {**(numbers or {}), **example.numbers}
        given = replace(example.given, rates=known)
        proofs.append(Proof(example, judge([rule.resolved(known)], given)))
    return tuple(proofs)


def check_examples(examples: Iterable[Example]) -> None:
    """At least one of each sort, each with a name of its own. Raises RuleError."""
    found = list(examples)
    names = [example.name for example in found]
    for name in names:
        if not name or names.count(name) > 1:
            raise RuleError(
                f'example name "{name}" is empty or used twice', code="example_name", name=name
            )
    for expect in Expect:
        if not any(example.expect is expect for example in found):
            raise RuleError(
                f'at least one example must expect "{expect}"',
                code="example_sort_missing",
                expect=str(expect),
            )


def read_example(raw: object, facts: Mapping[str, Facts] | None = None) -> Example:
    """An example as written: {name, expect: pass | alarm, given: {…}}.

    `given` holds period, cells ({CODE: number | missing | not_applicable | null}, "CODE/month" for
    the month part) and whatever else the rule looks at; `facts` are the indicators known already,
    `given.indicators` those that are not.

    Raises
    ------
    RuleError
        Something is not as described; `params["name"]` is the example, `params["field"]` the place.
    """
    if not isinstance(raw, Mapping):
        raise RuleError("an example is a table: name, expect, given", code="example_form", name="")
    name = str(raw.get("name", ""))
    try:
        expect = Expect(str(raw.get("expect")))
    except ValueError:
        raise _wrong(name, "expect", '"pass" or "alarm"') from None
    given = raw.get("given")
    if not isinstance(given, Mapping):
        raise _wrong(name, "given", "a table")
    unknown = [str(field) for field in given if field not in _FIELDS]
    if unknown:
        raise _wrong(name, f"given.{unknown[0]}", f"one of {' '.join(_FIELDS)}")
    numbers = {str(k): _number(name, f"numbers.{k}", v) for k, v in _table(name, given, "numbers")}
    return Example(name, expect, _given(name, given, facts or {}), numbers)


def _given(name: str, raw: Mapping[str, object], known: Mapping[str, Facts]) -> Given:
    try:
        period = Period.parse(str(raw.get("period")))
    except EngineError:
        raise _wrong(name, "given.period", "a period such as 2026-09") from None
    cells: dict[CellKey, Answer] = {}
    for key, value in _table(name, raw, "cells"):
        code, _, part = str(key).partition("/")
        if part not in (FIGURE, MONTH):
            raise _wrong(name, f"given.cells.{key}", '"CODE" or "CODE/month"')
        cells[code, part] = _answer(name, f"cells.{key}", value)
    facts = {
        **known,
        **{
            str(code): _facts(name, str(code), fact)
            for code, fact in _table(name, raw, "indicators")
        },
    }
    numbers = {
        field: {
            str(code): _number(name, f"{field}.{code}", value)
            for code, value in _table(name, raw, field)
        }
        for field in ("whole", "sources", "standing")
    }
    history: dict[str, dict[Period, Decimal]] = {}
    for owner, line in _table(name, raw, "history"):
        code = str(owner)
        if not isinstance(line, Mapping):
            raise _wrong(name, f"given.history.{code}", "a table of periods")
        try:
            history[code] = {
                Period.parse(str(p)): _number(name, f"history.{code}", v) for p, v in line.items()
            }
        except EngineError as error:
            if isinstance(error, RuleError):
                raise
            raise _wrong(name, f"given.history.{code}", "periods such as 2026-09") from None
    peers: dict[str, tuple[Decimal, ...]] = {}
    for owner, values in _table(name, raw, "peers"):
        code = str(owner)
        if not isinstance(values, list | tuple):
            raise _wrong(name, f"given.peers.{code}", "a list of numbers")
        peers[code] = tuple(_number(name, f"peers.{code}", value) for value in values)
    elsewhere = {
        str(code): _elsewhere(name, str(code), value)
        for code, value in _table(name, raw, "elsewhere")
    }
    named = {code for code, _part in cells} | set(history) | set(peers) | set(elsewhere)
    for code in sorted(named - set(facts)):
        raise _wrong(name, f"given.indicators.{code}", "a known indicator, or its description")
    return Given(
        period=period,
        scope=str(raw.get("scope", "ZONE")),
        cells=cells,
        facts=facts,
        history=history,
        peers=peers,
        elsewhere=elsewhere,
        whole=numbers["whole"],
        sources=numbers["sources"],
        standing=numbers["standing"],
    )


def _facts(name: str, code: str, raw: object) -> Facts:
    place = f"given.indicators.{code}"
    if not isinstance(raw, Mapping) or "unit" not in raw:
        raise _wrong(name, place, "a table with at least its unit")
    known = {"unit", "mode", "frequency", "decimals", "direction", "required"}
    for word in raw:
        if word not in known:
            raise _wrong(name, f"{place}.{word}", f"one of {' '.join(sorted(known))}")
    try:
        return Facts(
            code,
            unit(str(raw["unit"])).name,
            ValueMode(str(raw.get("mode", "point"))),
            Frequency(str(raw.get("frequency", "month"))),
            int(str(raw.get("decimals", 1))),
            Direction(str(raw.get("direction", "none"))),
            bool(raw.get("required", True)),
        )
    except (ValueError, UnitError) as error:
        raise _wrong(name, place, f"known words ({error})") from None


def _elsewhere(name: str, code: str, raw: object) -> Elsewhere:
    place = f"elsewhere.{code}"
    if not isinstance(raw, Mapping):
        raise _wrong(name, f"given.{place}", "a table: total, observed, expected")
    total = _number(name, place, raw.get("total"))
    observed = int(_number(name, place, raw.get("observed")))
    return Elsewhere(total, observed, int(_number(name, place, raw.get("expected", observed))))


def _table(name: str, raw: Mapping[str, object], field: str) -> list[tuple[object, object]]:
    found = raw.get(field)
    if found is None:
        return []
    if not isinstance(found, Mapping):
        raise _wrong(name, f"given.{field}", "a table")
    return list(found.items())


def _answer(name: str, field: str, raw: object) -> Answer:
    if raw is None:
        return Answer()
    if raw in (MISSING, NOT_APPLICABLE):
        return Answer(None, str(raw))
    return Answer(_number(name, field, raw))


def _number(name: str, field: str, raw: object) -> Decimal:
    try:
        if isinstance(raw, bool):
            raise InvalidOperation
        number = Decimal(str(raw))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _wrong(name, f"given.{field}", "a number")
    return number


def _wrong(name: str, field: str, expected: str) -> RuleError:
    return RuleError(
        f'example "{name}": {field} must be {expected}',
        code="example_form",
        name=name,
        field=field,
        expected=expected,
    )
