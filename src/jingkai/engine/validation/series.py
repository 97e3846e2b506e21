"""One cell with its past, as the rules over time look at it. Computed once, shared by all rules.

For running totals (累计) a comparison over time means the period's own flow: the increase since the
total before it. January may be reported together with February; both years are then taken so.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from statistics import median

from jingkai.engine.semantics import ValueMode

from .model import FIGURE, Answer, Facts, Given


class Sight:
    """What the rules see of one cell."""

    def __init__(self, given: Given, indicator: str, part: str, answer: Answer, facts: Facts):
        self.given = given
        self.indicator = indicator
        self.part = part
        self.answer = answer
        self.facts = facts
        self.value = answer.value
        self.period = given.period
        self.is_figure = part == FIGURE
        self._steps: dict[int, list[Decimal]] = {}

    @cached_property
    def past(self) -> Mapping[int, Decimal]:
        """Figures of earlier periods of the same length, by last month since year 0."""
        now, length = self.period.last_month, self.period.length
        return {
            period.last_month: value
            for period, value in self.given.history.get(self.indicator, {}).items()
            if period.length == length and period.last_month < now
        }

    @cached_property
    def line(self) -> Mapping[int, Decimal]:
        """`past` with the present figure."""
        if self.value is None:
            return self.past
        return {**self.past, self.period.last_month: self.value}

    @property
    def is_ytd(self) -> bool:
        return self.facts.mode is ValueMode.YTD

    @cached_property
    def previous(self) -> Decimal | None:
        """The figure of the period just before; None for a running total's first period."""
        if self.is_ytd and self.period.part == 1:
            return None
        return self.past.get(self.period.last_month - self.period.length)

    @cached_property
    def year_ago(self) -> Decimal | None:
        return self.past.get(self.period.last_month - 12)

    @cached_property
    def last_total(self) -> tuple[int, Decimal] | None:
        """The latest figure reported before in the same year, and its month since year 0."""
        start = self.period.year * 12
        months = [month for month in self.past if month >= start]
        return (max(months), self.past[max(months)]) if months else None

    def flow(self, month: int, *, joined: bool = False) -> Decimal | None:
        """Own flow of the period that ends in `month`, from running totals; None if unknown.

        `joined`: January and February together, for a February.
        """
        line, length = self.line, self.period.length
        total = line.get(month)
        if total is None or not self.is_ytd:
            return total
        place = month % 12 + 1
        if place == length or (length == 1 and place == 2 and joined):
            return total
        before = line.get(month - length)
        return None if before is None else total - before

    def joins(self, month: int) -> bool:
        """Whether the February that ends in `month` stands for January too."""
        return self.period.length == 1 and month % 12 == 1 and month - 1 not in self.line

    @cached_property
    def increments(self) -> tuple[Decimal, Decimal] | None:
        """Own flow of this period and of the same one a year before, on the same footing."""
        now = self.period.last_month
        joined = self.joins(now) or self.joins(now - 12)
        here, before = self.flow(now, joined=joined), self.flow(now - 12, joined=joined)
        return None if here is None or before is None else (here, before)

    def change(self, month: int) -> Decimal | None:
        """Relative change of the own flow (or figure) that ends in `month` against the one before.

        None unless both are positive. A March after a joined February has none.
        """
        flow, before = self.flow(month), self.flow(month - self.period.length)
        if flow is None or before is None or flow <= 0 or before <= 0:
            return None
        return flow / before - 1

    def step_changes(self, place: int) -> list[Decimal]:
        """Changes of past years at one place in the year (`month % 12`)."""
        found = self._steps.get(place)
        if found is None:
            changes = (self.change(month) for month in self.past if month % 12 == place)
            found = [change for change in changes if change is not None]
            self._steps[place] = found
        return found

    @cached_property
    def restlessness(self) -> Decimal:
        """Median absolute deviation of all steps, each from the median of its place in the year."""
        length = self.period.length
        rests: list[Decimal] = []
        for place in range(length - 1, 12, length):
            step = self.step_changes(place)
            if step:
                middle = median(step)
                rests.extend(abs(value - middle) for value in step)
        return median(rests) if rests else Decimal(0)
