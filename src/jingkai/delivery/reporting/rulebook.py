"""The rules in force, as the engine reads them, with the thresholds reference data holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jingkai.core.ui.public import local_name
from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.periods import Frequency
from jingkai.engine.semantics import Direction, ValueMode
from jingkai.engine.validation import Facts, Rule, RuleError, make_rule
from jingkai.masterdata.reference.public import KeyNotInTable, TableNotLoaded, table_on

from .models import ValidationRule

_MODES = {"ytd": ValueMode.YTD, "period": ValueMode.MONTH, "stock": ValueMode.POINT}


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """One edition as it stands in the database, and ready for the engine."""

    row: ValidationRule
    rule: Rule


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`rules` can be judged with; `unusable` cannot, each with the reason (an EngineError).

    numbers: reference thresholds by `TABLE.key`.
    """

    rules: tuple[LoadedRule, ...]
    unusable: tuple[tuple[ValidationRule, RuleError], ...]
    numbers: Mapping[str, Decimal]

    @property
    def by_code(self) -> dict[str, LoadedRule]:
        return {loaded.row.code: loaded for loaded in self.rules}

    @property
    def named(self) -> set[str]:
        """Every indicator code any rule names."""
        return {
            code for loaded in self.rules for code in (*loaded.rule.named, *loaded.rule.indicators)
        }


def rule_of(row: ValidationRule) -> Rule:
    """The engine's rule; raises RuleError when it is not usable as written."""
    return make_rule(
        row.code, row.kind, row.level, indicators=row.indicators, parameters=row.parameters
    )


def rulebook_on(day: date) -> Rulebook:
    """Rules in force with thresholds as of `day`. 2 queries and 1 for each reference table."""
    rows = list(ValidationRule.objects.filter(is_active=True).order_by("position", "code"))
    read: list[LoadedRule] = []
    unusable: list[tuple[ValidationRule, RuleError]] = []
    for row in rows:
        try:
            read.append(LoadedRule(row, rule_of(row)))
        except RuleError as error:
            unusable.append((row, error))
    numbers = numbers_on(day, (loaded.rule for loaded in read))
    usable: list[LoadedRule] = []
    for loaded in read:
        try:
            usable.append(LoadedRule(loaded.row, loaded.rule.resolved(numbers)))
        except RuleError as error:
            unusable.append((loaded.row, error))
    return Rulebook(tuple(usable), tuple(unusable), numbers)


def numbers_on(day: date, rules: Iterable[Rule]) -> dict[str, Decimal]:
    """The numbers `rules` take from reference data on `day`; what is not loaded is left out."""
    wanted = {
        name for rule in rules for name in (*rule.rates, *(str(lookup) for lookup in rule.lookups))
    }
    found: dict[str, Decimal] = {}
    for code in sorted({name.partition(".")[0] for name in wanted}):
        try:
            table = table_on(code, day)
        except TableNotLoaded:
            continue
        for name in wanted:
            owner, _dot, key = name.partition(".")
            row = table.rows.get(key)
            if owner == code and row is not None:
                try:
                    found[name] = row.decimal()
                except KeyNotInTable:
                    continue
    return found


def facts_of(indicator: Indicator, *, required: bool = True) -> Facts:
    """What the engine must know of an indicator."""
    return Facts(
        indicator.code,
        indicator.unit,
        _MODES[indicator.value_mode],
        Frequency(indicator.frequency),
        indicator.decimals,
        Direction(indicator.direction),
        required,
    )


def title_of(row: ValidationRule) -> str:
    return local_name(row, "title")


def advice_of(row: ValidationRule) -> str:
    return local_name(row, "advice")
