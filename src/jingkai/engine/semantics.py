"""What an indicator's numbers mean, declared once, and what follows from the declaration.

`check_semantics` refuses declarations under which some sum, mean or comparison shown later would
be wrong. `month_from_ytd` and `ytd_from_months` move between a period's own figure (当期) and the
year's running total (累计).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from .errors import SemanticsError, UnitError
from .periods import Frequency, Period
from .units import Unit, UnitKind, convert, known_units, unit

__all__ = [
    "Direction",
    "Fall",
    "Frequency",
    "PlaceAggregation",
    "PriceBasis",
    "Problem",
    "Semantics",
    "TimeAggregation",
    "Unit",
    "UnitKind",
    "ValueMode",
    "check_semantics",
    "convert",
    "find_falling_ytd",
    "known_units",
    "month_from_ytd",
    "unit",
    "ytd_from_months",
]


class Direction(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"

    @property
    def sign(self) -> int:
        """+1 when more is better, −1 when less is, 0 when neither."""
        return {Direction.HIGHER: 1, Direction.LOWER: -1, Direction.NONE: 0}[self]

    @property
    def mirrored(self) -> Direction:
        """The direction of the same indicator with its sign turned round."""
        return {Direction.HIGHER: Direction.LOWER, Direction.LOWER: Direction.HIGHER}.get(
            self, self
        )


class ValueMode(StrEnum):
    """What one reported number stands for."""

    MONTH = "month"
    """The flow of that period alone (当期), whatever the frequency."""
    YTD = "ytd"
    """The flow from January to the period's end (累计)."""
    POINT = "point"
    """A stock, or a state, at the period's end (时点)."""


class TimeAggregation(StrEnum):
    """How periods make a longer period."""

    SUM = "sum"
    LAST = "last"
    MEAN = "mean"
    WEIGHTED_RATIO = "weighted_ratio"
    NEVER = "never"


class PlaceAggregation(StrEnum):
    """How zones make the city. There is no last among places."""

    SUM = "sum"
    MEAN = "mean"
    WEIGHTED_RATIO = "weighted_ratio"
    NEVER = "never"


class PriceBasis(StrEnum):
    """Prices a money figure is in: 现价, 可比价."""

    CURRENT = "current"
    COMPARABLE = "comparable"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantics:
    """The declaration of one indicator."""

    unit: str
    kind: UnitKind
    direction: Direction
    frequency: Frequency
    mode: ValueMode
    over_time: TimeAggregation
    over_places: PlaceAggregation
    price_basis: PriceBasis = PriceBasis.NONE
    numerator: str | None = None
    """Code of the indicator above the line, for a ratio."""
    denominator: str | None = None
    formula: str | None = None
    """Text of the formula, when the indicator is computed from others."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One impossible combination. `code` is stable; `message` is for developers and logs."""

    code: str
    field: str
    message: str


_PHYSICAL: Final = frozenset(
    {
        UnitKind.COUNT,
        UnitKind.PEOPLE,
        UnitKind.AREA,
        UnitKind.ENERGY,
        UnitKind.VOLUME,
        UnitKind.MASS,
        UnitKind.POWER,
        UnitKind.DURATION,
    }
)


def check_semantics(declared: Semantics) -> list[Problem]:
    """Every reason why the declaration cannot hold; empty when it can.

    >>> rate = Semantics(
    ...     unit="%", kind=UnitKind.RATIO, direction=Direction.HIGHER, frequency=Frequency.MONTH,
    ...     mode=ValueMode.POINT, over_time=TimeAggregation.LAST,
    ...     over_places=PlaceAggregation.SUM)
    >>> [p.code for p in check_semantics(rate)]
    ['ratio_summed_over_places']
    """
    return [Problem(*found) for found in _problems(declared)]


def _problems(d: Semantics) -> Iterator[tuple[str, str, str]]:
    yield from _unit_problems(d)
    yield from _time_problems(d)
    yield from _place_problems(d)
    yield from _ratio_problems(d)


def _unit_problems(d: Semantics) -> Iterator[tuple[str, str, str]]:
    try:
        kind = unit(d.unit).kind
    except UnitError as error:
        yield "unit_unknown", "unit", str(error)
    else:
        if kind != d.kind:
            yield "unit_kind", "unit", f"{d.unit} measures {kind}, not {d.kind}"
    if d.kind is UnitKind.MONEY and d.price_basis is PriceBasis.NONE:
        yield "price_basis_missing", "price_basis", "money is in current or in comparable prices"
    if d.kind in _PHYSICAL and d.price_basis is not PriceBasis.NONE:
        yield "price_basis_senseless", "price_basis", f"a {d.kind} figure has no prices"


def _time_problems(d: Semantics) -> Iterator[tuple[str, str, str]]:
    if d.mode is ValueMode.YTD and d.frequency is Frequency.YEAR:
        yield "ytd_yearly", "mode", "a yearly figure is its own running total: declare it as month"
    if d.over_time is TimeAggregation.SUM:
        if d.mode is ValueMode.POINT:
            yield "stock_summed_over_time", "over_time", "a stock does not add up over time"
        elif d.mode is ValueMode.YTD:
            yield "ytd_summed_over_time", "over_time", "running totals contain each other: use last"
        if not d.kind.additive:
            yield "ratio_summed_over_time", "over_time", f"{d.kind} figures do not add up"
    if d.mode is ValueMode.YTD and d.over_time is TimeAggregation.MEAN:
        yield "ytd_averaged_over_time", "over_time", "a mean of running totals means nothing"
    if d.mode is ValueMode.MONTH and d.kind.additive and d.over_time is TimeAggregation.LAST:
        yield "flow_last_over_time", "over_time", "the last month is not the year: use sum"


def _place_problems(d: Semantics) -> Iterator[tuple[str, str, str]]:
    if d.over_places is PlaceAggregation.SUM and not d.kind.additive:
        yield "ratio_summed_over_places", "over_places", f"{d.kind} figures do not add up"
    if d.over_places is PlaceAggregation.MEAN and d.kind.additive:
        yield "total_averaged_over_places", "over_places", "the mean of the zones is not the city"


def _ratio_problems(d: Semantics) -> Iterator[tuple[str, str, str]]:
    weighted = [
        field
        for field, rule in (("over_time", d.over_time), ("over_places", d.over_places))
        if rule == "weighted_ratio"
    ]
    for field in weighted:
        if not (d.numerator and d.denominator):
            yield "weighted_without_parts", field, "weighted_ratio needs numerator and denominator"
        if d.kind.additive:
            yield "weighted_total", field, f"a {d.kind} total is not a ratio"
    if bool(d.numerator) != bool(d.denominator):
        yield "ratio_half", "denominator", "numerator and denominator come together"
    elif d.numerator and d.numerator == d.denominator:
        yield "ratio_of_itself", "denominator", "numerator and denominator are the same indicator"
    if d.formula:
        for field, rule in (("over_time", d.over_time), ("over_places", d.over_places)):
            if rule == "never":
                yield "never_with_formula", field, "a formula recomputes the figure at any level"


@dataclass(frozen=True, slots=True)
class Fall:
    """A running total that went down: `period` is below `before` by `drop` > 0."""

    period: Period
    before: Period
    drop: Decimal


def month_from_ytd(ytd: Mapping[Period, Decimal]) -> dict[Period, Decimal]:
    """Each period's own flow, from running totals of one frequency.

    A period whose predecessor in the year is missing has no value of its own and is left out,
    except 2026-02 without 2026-01: it stands for both months (`Period.covers_january`).

    Raises
    ------
    SemanticsError
        Mixed frequencies.

    >>> m = Period.parse
    >>> own = month_from_ytd({m("2026-02"): Decimal(30), m("2026-03"): Decimal(46)})
    >>> {str(p): str(v) for p, v in own.items()}
    {'2026-02': '30', '2026-03': '16'}
    """
    own: dict[Period, Decimal] = {}
    for period in _one_frequency(ytd):
        if period.part == 1:
            own[period] = ytd[period]
        elif (before := period.previous()) in ytd:
            own[period] = ytd[period] - ytd[before]
        elif period.covers_january:
            own[period] = ytd[period]
    return own


def ytd_from_months(own: Mapping[Period, Decimal]) -> dict[Period, Decimal]:
    """Running totals, from each period's own flow; each year stops at its first gap.

    A year that starts with 2026-02 takes it for January and February together.

    Raises
    ------
    SemanticsError
        Mixed frequencies.
    """
    totals: dict[Period, Decimal] = {}
    for period in _one_frequency(own):
        if period.part == 1:
            totals[period] = own[period]
        elif (before := period.previous()) in totals:
            totals[period] = totals[before] + own[period]
        elif period.covers_january and before not in own:
            totals[period] = own[period]
    return totals


def find_falling_ytd(ytd: Mapping[Period, Decimal]) -> list[Fall]:
    """Places where a running total fell inside a year, compared with the last one reported.

    >>> m = Period.parse
    >>> [str(f.period) for f in find_falling_ytd({
    ...     m("2026-08"): Decimal(80), m("2026-10"): Decimal(79), m("2027-01"): Decimal(7)})]
    ['2026-10']
    """
    years: defaultdict[int, list[Period]] = defaultdict(list)
    for period in _one_frequency(ytd):
        years[period.year].append(period)
    return [
        Fall(later, earlier, ytd[earlier] - ytd[later])
        for periods in years.values()
        for earlier, later in pairwise(periods)
        if ytd[later] < ytd[earlier]
    ]


def _one_frequency(periods: Iterable[Period]) -> list[Period]:
    ordered = sorted(periods)
    if len({period.length for period in ordered}) > 1:
        raise SemanticsError(f"periods of several frequencies in one series: {ordered[0]} …")
    return ordered
