"""What the rules say about a return: findings by cell, and whether it may be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .models import Level, Return


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about one cell. `explanation` is what was said about this very value."""

    cell_id: int
    indicator: str
    scope: str
    part: str
    rule_id: int
    rule: str
    level: Level
    message: str
    advice: str
    figures: Mapping[str, object] = field(default_factory=dict)
    explanation: str = ""
    suggestion: str = ""

    @property
    def is_open(self) -> bool:
        """Stands in the way of sending: to be fixed, or to be explained and not explained yet."""
        return self.level == Level.FIX or (self.level == Level.EXPLAIN and not self.explanation)


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings of a return, in the order of its cells."""

    findings: tuple[Finding, ...]

    @property
    def by_cell(self) -> dict[int, list[Finding]]:
        grouped: dict[int, list[Finding]] = {}
        for finding in self.findings:
            grouped.setdefault(finding.cell_id, []).append(finding)
        return grouped

    @property
    def open(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.is_open)

    @property
    def may_be_sent(self) -> bool:
        return not self.open

    def count(self, level: Level) -> int:
        return sum(1 for f in self.findings if f.level == level)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A figure not saved yet, to be judged as if it were."""

    value: Decimal | None
    absence: str = ""


def judge_return(in_return: Return, *, proposed: Mapping[int, Proposed] | None = None) -> Judgement:
    """Let every rule in force look at every cell. A constant number of queries.

    `proposed` maps cell ids to figures that replace the saved ones for this judgement only.
    """
    return Judgement(())


def record_alarms(in_return: Return, judgement: Judgement, *, now: datetime) -> None:
    """Raise new alarms and settle those that no longer stand, for the precision of the rules."""


def settle_on_submit(in_return: Return, judgement: Judgement, *, now: datetime) -> None:
    """Settle the alarms of a return that is being sent: explained, or kept without a word."""
