"""How often rules are right: alarms after which the figure was changed, of those that were settled.

An alarm that fell silent because another cell changed proves nothing and is left out; so is one
that still waits. A rule with enough settled alarms and a low precision is noisy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count

from jingkai.masterdata.reference.public import KeyNotInTable, TableNotLoaded, table_on

from ..models import Alarm, AlarmOutcome, ValidationRule

TABLE = "VALIDATION_THRESHOLDS"


@dataclass(frozen=True, slots=True)
class Precision:
    """Alarms of one rule (all its editions), by what became of them."""

    waiting: int = 0
    changed: int = 0
    explained: int = 0
    stood: int = 0
    gone: int = 0

    @property
    def raised(self) -> int:
        return self.waiting + self.settled + self.gone

    @property
    def settled(self) -> int:
        """Alarms that say something about the rule."""
        return self.changed + self.explained + self.stood

    @property
    def percent(self) -> Decimal | None:
        """Changed of settled; None while nothing is settled."""
        return Decimal(self.changed * 100) / self.settled if self.settled else None


@dataclass(frozen=True, slots=True)
class NoiseLimits:
    """A rule is noisy with at least `alarms` settled and less than `percent` of them right."""

    alarms: int
    percent: Decimal

    def is_noisy(self, precision: Precision) -> bool:
        percent = precision.percent
        return percent is not None and precision.settled >= self.alarms and percent < self.percent


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in a list: its newest edition and how it has done."""

    rule: ValidationRule
    precision: Precision
    noisy: bool


def noise_limits(day: date) -> NoiseLimits | None:
    """The limits reference data holds on `day`; None while they are not loaded."""
    try:
        table = table_on(TABLE, day)
        least = table.row("noisy_min_alarms").decimal()
        return NoiseLimits(int(least), table.row("noisy_precision_percent").decimal())
    except (TableNotLoaded, KeyNotInTable):
        return None


def precisions(codes: Iterable[str] | None = None) -> dict[str, Precision]:
    """By rule code, over all editions. 1 query."""
    alarms = Alarm.objects.all()
    if codes is not None:
        alarms = alarms.filter(rule__code__in=list(codes))
    rows = alarms.order_by().values_list("rule__code", "outcome").annotate(n=Count("pk"))
    return _counted(rows)


def precision_by_indicator(code: str) -> dict[str, Precision]:
    """Of one rule, by indicator code. 1 query."""
    rows = (
        Alarm.objects.filter(rule__code=code)
        .order_by()
        .values_list("cell__indicator__code", "outcome")
        .annotate(n=Count("pk"))
    )
    return _counted(rows)


_FIELDS = {
    AlarmOutcome.OPEN: "waiting",
    AlarmOutcome.CHANGED: "changed",
    AlarmOutcome.EXPLAINED: "explained",
    AlarmOutcome.STOOD: "stood",
    AlarmOutcome.GONE: "gone",
}


def _counted(rows: Iterable[tuple[str, str, int]]) -> dict[str, Precision]:
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for key, outcome, n in rows:
        counts[key][_FIELDS[AlarmOutcome(outcome)]] = n
    return {key: Precision(**fields) for key, fields in counts.items()}


def rule_rows(day: date) -> list[RuleRow]:
    """The newest edition of every rule, in their order. At most 4 queries."""
    newest = ValidationRule.objects.order_by("code", "-number").distinct("code")
    rules = sorted(newest, key=lambda row: (row.position, row.code))
    known, limits = precisions(), noise_limits(day)
    none = Precision()
    return [
        RuleRow(
            rule,
            known.get(rule.code, none),
            limits is not None and limits.is_noisy(known.get(rule.code, none)),
        )
        for rule in rules
    ]
