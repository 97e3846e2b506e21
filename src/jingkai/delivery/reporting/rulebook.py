"""The rules in force, as the engine reads them, with the thresholds reference data holds.

Reading them costs more than judging a return by them, so each process keeps the last rulebooks. It
asks the database every time whether the same rows still say the same: rules by the mark of each
row, thresholds by which versions are in force (rows of a version in force never change).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from threading import Lock
from typing import Final

from django.db import connection
from django.db.models import TextField, Value
from django.db.models.functions import Cast

from jingkai.core.statements import RowMark, Statement, one_of
from jingkai.core.ui.public import local_name
from jingkai.delivery.indicators.public import Indicator
from jingkai.engine.periods import Frequency
from jingkai.engine.semantics import Direction, ValueMode
from jingkai.engine.validation import Facts, Rule, RuleError, make_rule
from jingkai.masterdata.reference.public import (
    KeyNotInTable,
    TableNotLoaded,
    table_on,
    versions_on,
)

from .models import ValidationRule

_MODES = {"ytd": ValueMode.YTD, "period": ValueMode.MONTH, "stock": ValueMode.POINT}


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """One edition as it stands in the database, and ready for the engine."""

    row: ValidationRule
    rule: Rule


@dataclass(frozen=True)
class Rulebook:
    """`rules` can be judged with; `unusable` cannot, each with the reason (an EngineError).

    numbers: reference thresholds by `TABLE.key`; tables: codes of the tables they come from;
    indicators: those any rule names, by code.
    Shared by all who judge: never changed.
    """

    rules: tuple[LoadedRule, ...]
    unusable: tuple[tuple[ValidationRule, RuleError], ...]
    numbers: Mapping[str, Decimal]
    tables: frozenset[str] = frozenset()
    indicators: Mapping[str, Indicator] = field(default_factory=dict)

    @cached_property
    def by_code(self) -> dict[str, LoadedRule]:
        return {loaded.row.code: loaded for loaded in self.rules}

    @cached_property
    def named(self) -> frozenset[str]:
        """Every indicator code any rule names."""
        return frozenset(
            code for loaded in self.rules for code in (*loaded.rule.named, *loaded.rule.indicators)
        )


def rule_of(row: ValidationRule) -> Rule:
    """The engine's rule; raises RuleError when it is not usable as written."""
    return make_rule(
        row.code, row.kind, row.level, indicators=row.indicators, parameters=row.parameters
    )


_IN_FORCE: Final = Statement(
    lambda: ValidationRule.objects.filter(is_active=True).order_by("position", "code")
)
_MARKS: Final = Statement(
    lambda: (
        ValidationRule.objects.filter(is_active=True)
        .order_by()
        .values_list(Cast(Value("rule"), TextField()), "code", RowMark("code"))
        .union(
            Indicator.objects.filter(one_of("code", "named"))
            .order_by()
            .values_list(Cast(Value("indicator"), TextField()), "code", RowMark("code")),
            versions_on(codes="tables", day="day").values_list(
                Cast(Value("table"), TextField()), "table__code", Cast("pk", TextField())
            ),
            all=True,
        )
    )
)
_NAMED: Final = Statement(
    lambda: Indicator.objects.filter(one_of("code", "codes")).order_by("code")
)
_KEPT: Final = 16
_known: OrderedDict[tuple[str, date], tuple[object, Rulebook]] = OrderedDict()
_NOTHING: Final = Rulebook((), (), {})
_lock = Lock()


def rulebook_on(day: date) -> Rulebook:
    """Rules in force with thresholds as of `day`. 1 query, more when something changed.

    `day` is the end of a period, so few are asked for.
    """
    key = (str(connection.settings_dict["NAME"]), day)
    with _lock:
        marks, known = _known.get(key, (None, _NOTHING))
    # Marks are read before the rows they stand for: what changes in between is read anew next time.
    now = _marks(known, day)
    if marks == now:
        return known
    book = _read(day)
    if (book.tables, book.named) != (known.tables, known.named):
        now = _marks(book, day)
        book = _read(day)
    with _lock:
        _known[key] = now, book
        _known.move_to_end(key)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return book


def _marks(book: Rulebook, day: date) -> frozenset[object]:
    return frozenset(_MARKS(named=book.named, tables=book.tables, day=day))


def _read(day: date) -> Rulebook:
    """2 queries at most and 1 for each reference table."""
    read: list[LoadedRule] = []
    unusable: list[tuple[ValidationRule, RuleError]] = []
    for row in _IN_FORCE():
        try:
            read.append(LoadedRule(row, rule_of(row)))
        except RuleError as error:
            unusable.append((row, error))
    rules = [loaded.rule for loaded in read]
    numbers = numbers_on(day, rules)
    usable: list[LoadedRule] = []
    for loaded in read:
        try:
            usable.append(LoadedRule(loaded.row, loaded.rule.resolved(numbers)))
        except RuleError as error:
            unusable.append((loaded.row, error))
    tables = frozenset(name.partition(".")[0] for name in _looked_up(rules))
    book = Rulebook(tuple(usable), tuple(unusable), numbers, tables)
    indicators = {row.code: row for row in (_NAMED(codes=book.named) if book.named else ())}
    return replace(book, indicators=indicators)


def _looked_up(rules: Iterable[Rule]) -> set[str]:
    """`TABLE.key` of every number the rules take from reference data."""
    return {
        name for rule in rules for name in (*rule.rates, *(str(lookup) for lookup in rule.lookups))
    }


def numbers_on(day: date, rules: Iterable[Rule]) -> dict[str, Decimal]:
    """The numbers `rules` take from reference data on `day`; what is not loaded is left out."""
    wanted = _looked_up(rules)
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
