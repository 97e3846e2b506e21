"""A path before it is saved, and the shares of a round under each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jingkai.engine import allocation as engine
from jingkai.engine.errors import EngineError, GrowthError
from jingkai.engine.growth import implied_growth
from jingkai.engine.periods import Period

from ..models import Allocation, AllocationLine, Series, Shape
from ..periods import any_period, invalid
from ..services.sharing import step_of
from ..services.trajectories import (
    Base,
    Horizon,
    _points,
    _profile,
    draw,
    leading_horizons,
    recorded_base,
)


@dataclass(frozen=True, slots=True)
class Preview:
    """A path as `plan_trajectory` would save it."""

    start: Period
    base: Base
    horizons: Sequence[Horizon]
    path: Mapping[Period, Decimal]
    spread: str
    """"history" or "even" for a flow inside its year; "" for a stock."""
    years: Sequence[int]

    def at_year_ends(self) -> dict[Period, Decimal]:
        """The base and the path at the end of each year; a single period's flow by its sum."""
        ends = {Period.of(p.year): v for p, v in self.path.items() if p.end.month == 12}
        return {self.start: self.base.value, **ends}


def preview_path(
    series: Series,
    *,
    shape: Shape,
    base_period: str,
    base_value: Decimal | None,
    parameters: Mapping[str, Any],
) -> Preview:
    """Draw a path without saving it. Raises InvalidInput like `plan_trajectory`. 4 queries."""
    start = any_period(base_period, "base_period")
    base = Base(base_value, _("given")) if base_value is not None else recorded_base(series, start)
    if base is None:
        message = _("There is no recorded value for %(period)s: give the base value.")
        raise invalid("base_value", message % {"period": start}, "base_missing")
    through = leading_horizons(series)
    profile = _profile(series, start, shape, parameters)
    path = draw(
        series.indicator,
        shape,
        (start, base.value),
        through,
        profile,
        steps=_points(parameters.get("steps")),
        drawn=_points(parameters.get("drawn")),
    )
    return Preview(
        start,
        base,
        through,
        path,
        profile.spread.value if profile else "",
        profile.years if profile else (),
    )


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One zone in the workbench; `share` and `growth` are those of the figure shown as issued."""

    line: AllocationLine
    shown: Decimal | None
    share: Decimal | None
    """Of the city target, in %."""
    growth: Decimal | None
    """Average yearly growth from the base, in %; None where no rate leads there."""

    @property
    def below_computed(self) -> bool:
        proposed, computed = self.line.proposed, self.line.computed
        return proposed is not None and computed is not None and proposed < computed


def work_lines(
    allocation: Allocation,
    lines: Sequence[AllocationLine],
    shown: Mapping[str, Decimal | None] | None = None,
) -> list[WorkLine]:
    """Each line with its share of the target and the growth it implies."""
    years = Period.parse(allocation.base_period).years_until(Period.parse(allocation.horizon))
    found = []
    for line in lines:
        value = line.issued if shown is None else shown.get(line.zone.code)
        share = value / allocation.total * 100 if value is not None and allocation.total else None
        found.append(WorkLine(line, value, share, _growth(line.base, value, years)))
    return found


def _growth(base: Decimal | None, value: Decimal | None, years: Decimal) -> Decimal | None:
    if base is None or value is None:
        return None
    try:
        return implied_growth(base, value, years)
    except GrowthError:
        return None


def parts_by(
    allocation: Allocation, lines: Sequence[AllocationLine], method: str
) -> dict[str, Decimal | None]:
    """What each zone would get by another method, from the round's own bases; nothing is saved.

    Raises InvalidInput where the method cannot be used.
    """
    bases = {line.zone.code: line.base for line in lines}
    empty: dict[str, Decimal | None] = dict.fromkeys(bases)
    if method == "proposed":
        return {line.zone.code: line.proposed for line in lines}
    step = step_of(allocation.indicator, allocation.total)
    known = [base for base in bases.values() if base is not None]
    years = Period.parse(allocation.base_period).years_until(Period.parse(allocation.horizon))
    try:
        if method == "base":
            return {**empty, **engine.allocate_by_base(allocation.total, bases, step=step).parts}
        if method == "growth":
            return {
                **empty,
                **engine.allocate_by_growth(
                    allocation.total,
                    bases,
                    years=years,
                    city_base=sum(known, Decimal(0)),
                    step=step,
                ).parts,
            }
    except EngineError as error:
        message = _("These bases do not allow this method: share out by hand.")
        raise invalid("method", message, error.code) from error
    return empty
