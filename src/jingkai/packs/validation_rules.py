"""The validation rules of a pack: `validation_rules.yaml` into dataclasses, proved by examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jingkai.engine.errors import EngineError
from jingkai.engine.periods import Frequency
from jingkai.engine.semantics import ValueMode
from jingkai.engine.validation import (
    Facts,
    Kind,
    Level,
    Rule,
    RuleError,
    check_examples,
    make_rule,
    read_example,
    run_examples,
)

from . import vocabulary as v
from .base import Placed
from .schema import Record, did_you_mean

if TYPE_CHECKING:
    from .model import Pack

Mistake = tuple[Placed, str, str, str]


@dataclass(frozen=True, slots=True)
class PackRule(Placed):
    """`parameters` and `examples` are plain values, as the engine and the database read them."""

    code: str
    kind: Kind
    level: Level
    title_zh: str
    title_en: str
    advice_zh: str
    advice_en: str
    indicators: tuple[str, ...]
    parameters: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]
    source: str
    confidence: v.Confidence


def validation_rule(r: Record) -> PackRule:
    """Take a validation rule."""
    return PackRule(
        at=r.at,
        code=r.code("code"),
        kind=r.choice("kind", Kind),
        level=r.choice("level", Level),
        title_zh=r.text("title_zh", low=4, high=60),
        title_en=r.text("title_en"),
        advice_zh=r.text("advice_zh", required=False),
        advice_en=r.text("advice_en", required=False),
        indicators=r.texts("indicators", required=False),
        parameters=_mapping(r, "parameters"),
        examples=_mappings(r, "examples"),
        source=r.code("source"),
        confidence=r.choice("confidence", v.Confidence),
    )


def _mapping(r: Record, key: str) -> dict[str, Any]:
    value = r.take(key, required=False)
    if value is None:
        return {}
    if not isinstance(value, dict):
        r.problem(key, "A group of fields is expected.", "Write key: value.")
        return {}
    return {name: plain(each) for name, each in value.items()}


def _mappings(r: Record, key: str) -> tuple[dict[str, Any], ...]:
    value = r.take(key, required=True)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        r.problem(key, "A list of examples is expected.", "Write - {name, expect, given}.")
        return ()
    return tuple(plain(each) for each in value)


def plain(value: Any) -> Any:
    """A value of YAML as JSON keeps it: whole numbers as such, others as their own digits.

    >>> plain({"a": Decimal("30"), "b": [Decimal("0.10")]})
    {'a': 30, 'b': ['0.10']}
    """
    match value:
        case bool() | None:
            return value
        case Decimal():
            whole = value == value.to_integral_value()
            return int(value) if whole else format(value, "f")
        case dict():
            return {str(name): plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return str(value)


def facts_of_pack(pack: Pack) -> dict[str, Facts]:
    """What the engine must know of the pack's indicators."""
    units = {unit.code: unit.name_zh for unit in pack.units}
    found: dict[str, Facts] = {}
    for row in pack.indicators:
        # A yearly running total is the year's own figure, as it is loaded.
        yearly = row.frequency == "year" and row.value_mode == "ytd"
        found[row.code] = Facts(
            row.code,
            units.get(row.unit, ""),
            ValueMode.MONTH if yearly else ValueMode(str(row.value_mode)),
            Frequency(str(row.frequency)),
            row.decimals,
        )
    return found


def rule_mistakes(pack: Pack) -> Iterator[Mistake]:
    """Rules that cannot be used, or that their own examples refute."""
    facts = facts_of_pack(pack)
    numbers = {
        f"{table.code}.{row.key}": row.value
        for table in pack.references
        for row in table.rows
        if isinstance(row.value, Decimal)
    }
    for row in pack.validation_rules:
        try:
            rule = make_rule(
                row.code, row.kind, row.level, indicators=row.indicators, parameters=row.parameters
            )
        except RuleError as error:
            name = error.params.get("name")
            place = f"parameters.{name}" if name in row.parameters else "parameters"
            yield row, place, f"{error}.", "Correct the parameter."
            continue
        for code in sorted({*rule.named, *rule.indicators} - set(facts)):
            place = "indicators" if code in row.indicators else "parameters"
            yield row, place, f"There is no indicator “{code}”.", did_you_mean(code, facts)
        for name in (*rule.rates, *(str(lookup) for lookup in rule.lookups)):
            if name not in numbers:
                yield (
                    row,
                    "parameters",
                    f"There is no number “{name}”.",
                    did_you_mean(name, numbers),
                )
        yield from _unproved(row, rule, facts, numbers)


def _unproved(
    row: PackRule, rule: Rule, facts: Mapping[str, Facts], numbers: Mapping[str, Decimal]
) -> Iterator[Mistake]:
    try:
        examples = [read_example(raw, facts) for raw in row.examples]
        check_examples(examples)
        proofs = run_examples(rule, examples, numbers)
    except EngineError as error:
        if error.code != "lookup_missing":
            yield row, "examples", f"{error}.", "Correct the example."
        return
    for place, proof in enumerate(proofs):
        if not proof.holds:
            told = "is let through" if not proof.findings else "is spoken of"
            message = (
                f"Example “{proof.example.name}” {told}, but expects “{proof.example.expect}”."
            )
            yield row, f"examples[{place}]", message, "Correct the rule or the example."
