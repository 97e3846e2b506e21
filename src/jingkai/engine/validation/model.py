"""What a rule is told about one place and period, and what it answers.

Values stand in the unit of their indicator. A figure that is not there is one of three things, and
no rule mixes them up: *unanswered* (nothing was said), *missing* (exists, not available yet) and
*not applicable* (does not exist here). None of them is zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from jingkai.engine.errors import EngineError
from jingkai.engine.periods import Frequency, Period
from jingkai.engine.semantics import Direction, ValueMode

MISSING: Final = "missing"
NOT_APPLICABLE: Final = "not_applicable"
FIGURE: Final = ""
MONTH: Final = "month"
CITY: Final = "CITY"

CellKey = tuple[str, str]
"""Indicator code and part: "" for the figure, "month" for the month's own figure beside it."""
Param = str | int | Decimal | Period | tuple[str, ...]
"""A word of a finding. A Decimal is a percentage (or points); a tuple holds indicator codes."""


class RuleError(EngineError):
    """A rule is not usable as it is written."""


class Level(StrEnum):
    """What a finding asks of the filler."""

    FIX = "fix"
    EXPLAIN = "explain"
    HINT = "hint"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return _RANKS[self]


_RANKS: Final = {Level.FIX: 0, Level.EXPLAIN: 1, Level.HINT: 2}


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure, or why there is none; all empty: unanswered."""

    value: Decimal | None = None
    absence: str = ""

    @property
    def unanswered(self) -> bool:
        return self.value is None and not self.absence

    @property
    def not_applicable(self) -> bool:
        return self.absence == NOT_APPLICABLE


UNANSWERED: Final = Answer()


@dataclass(frozen=True, slots=True)
class Facts:
    """What an indicator's numbers are."""

    code: str
    unit: str
    mode: ValueMode = ValueMode.POINT
    frequency: Frequency = Frequency.MONTH
    decimals: int = 1
    direction: Direction = Direction.NONE
    required: bool = True


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Sum of an indicator over the other zones, and how many of them it holds."""

    total: Decimal
    observed: int
    expected: int

    @property
    def whole(self) -> bool:
        return self.observed >= self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """All a rule may look at, for one scope (`CITY` or a zone's code) and one period.

    cells: the cells asked here. facts: every indicator named anywhere below. history: figures of
    other periods that stand, by indicator. peers: figures of the other zones for this period (or
    their latest). elsewhere: their sum. whole: figures of the whole city. sources: the compiling
    department's own figures. standing: what stands already for this very period. rates: numbers
    of reference data that expressions name, by `TABLE.key`.
    """

    period: Period
    scope: str
    cells: Mapping[CellKey, Answer]
    facts: Mapping[str, Facts]
    history: Mapping[str, Mapping[Period, Decimal]] = field(default_factory=dict)
    peers: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)
    whole: Mapping[str, Decimal] = field(default_factory=dict)
    sources: Mapping[str, Decimal] = field(default_factory=dict)
    standing: Mapping[str, Decimal] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def answer(self, indicator: str) -> Answer:
        """The figure given here, else the one that stands already, else unanswered."""
        found = self.cells.get((indicator, FIGURE))
        if found is not None:
            return found
        standing = self.standing.get(indicator)
        return UNANSWERED if standing is None else Answer(standing)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number a finding speaks of, with its unit."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about one cell. `key` names the sentence; params and figures fill it."""

    rule: str
    level: Level
    indicator: str
    part: str
    key: str
    params: Mapping[str, Param] = field(default_factory=dict)
    figures: Mapping[str, Amount] = field(default_factory=dict)

    @property
    def order(self) -> tuple[str, str, int, str, str]:
        """Total order of the findings of one scope: a rule says one thing about a cell."""
        return self.indicator, self.part, self.level.rank, self.rule, self.key
