"""Which light an obligation shows: facts, and cases given as data. Pure: no database, no clock."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

Light = Literal["green", "yellow", "red", "grey"]
Number = int | Decimal

_COMPARE: Final[dict[str, Callable[[Number, Number], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


class LightRuleError(ValueError):
    """A case names a fact, comparison or light that does not exist."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one obligation on one day.

    Days are of the kind the rulebook says. `working_days_left` is None when the due date lies
    further away than the rule looks: far dates need no calendar.
    """

    overdue_days: int = 0
    report_late_days: int = 0
    sign_late_days: int = 0
    rejections: int = 0
    schedule_gap_percent: Decimal = Decimal(0)
    working_days_left: int | None = None
    urges_unanswered: int = 0


FACTS: Final = frozenset(Facts.__slots__)


@dataclass(frozen=True, slots=True)
class LightCase:
    """When `fact` `op` `value`, the light is `light` and `code` is the reason."""

    code: str
    light: Light
    fact: str
    op: str
    value: Decimal

    def __post_init__(self) -> None:
        if self.fact not in FACTS:
            raise LightRuleError(f"{self.code}: unknown fact {self.fact!r}")
        if self.op not in _COMPARE:
            raise LightRuleError(f"{self.code}: unknown comparison {self.op!r}")
        if self.light not in ("green", "yellow", "red", "grey"):
            raise LightRuleError(f"{self.code}: unknown light {self.light!r}")


def judge(
    facts: Facts, cases: Sequence[LightCase], otherwise: Light = "green"
) -> tuple[Light, str]:
    """The light and the code of the first case that holds; (`otherwise`, "") when none does."""
    known: Mapping[str, Number | None] = asdict(facts)
    for case in cases:
        value = known[case.fact]
        if value is not None and _COMPARE[case.op](value, case.value):
            return case.light, case.code
    return otherwise, ""


def expected_progress(start: date | None, due: date, today: date) -> Decimal:
    """Percent that even work from `start` to `due` would have reached by `today`, 0 to 100.

    >>> expected_progress(date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 6))
    Decimal('50')
    """
    if start is None or today <= start:
        return Decimal(0)
    if today >= due or due <= start:
        return Decimal(100)
    return Decimal(100 * (today - start).days) / (due - start).days
