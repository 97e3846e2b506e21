"""The rule light: green, yellow, red, or grey with the reason why not.

Bands, patience and staleness are a `LightRule`, dated reference data; nothing of it is fixed here.
A light without a number behind it is grey: no data is neither a good score nor a bad one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from .errors import LightError
from .periods import Period
from .semantics import Direction


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


class Distance(StrEnum):
    """How the distance to the path is measured."""

    PERCENT = "percent"
    """Of the size of the planned value."""
    POINTS = "points"
    """Difference in the indicator's own unit: percentage points for a ratio."""


class LightReason(StrEnum):
    """Why this light; the web layer has a sentence for each."""

    BAND = "band"
    ZERO_PLAN = "zero_plan"
    """The plan is zero, so no percentage exists: only reached or not."""
    NO_TARGET = "no_target"
    DISPUTED_DEFINITION = "disputed_definition"
    NO_VALUE = "no_value"
    STALE = "stale"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Band:
    """`light` from this distance upwards; None: from anywhere, the last band."""

    light: Light
    at_least: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LightRule:
    """Bands from best to worst, and when to keep silent."""

    bands: tuple[Band, ...]
    measure: Distance = Distance.PERCENT
    too_early_until: Decimal = Decimal(0)
    """Grey while less than this fraction of the year has passed: 0.25 makes January and February
    grey. Flows only make sense of it; a stock's rule leaves it at 0."""
    stale_after_periods: int | None = None
    """Grey when the value is more periods old than this; None: never."""
    judge_disputed: bool = False
    """Show a colour although the definition is disputed."""

    def __post_init__(self) -> None:
        edges = [band.at_least for band in self.bands]
        inner = [edge for edge in edges[:-1] if edge is not None]
        if not edges or edges[-1] is not None or len(inner) != len(edges) - 1:
            raise LightError("the last band, and only it, has no lower edge", code="bands_open")
        if any(above <= below for above, below in pairwise(inner)):
            raise LightError("bands go down from the best", code="bands_order")
        if any(band.light is Light.GREY for band in self.bands):
            raise LightError("grey means not judged; it is no band", code="bands_grey")


@dataclass(frozen=True, slots=True)
class LightResult:
    """The light and why. `distance` is negative when bad; None when there is none."""

    light: Light
    reason: LightReason
    distance: Decimal | None = None
    params: Mapping[str, object] = field(default_factory=dict)


def distance_to_path(
    actual: Decimal,
    planned: Decimal,
    direction: Direction,
    measure: Distance = Distance.PERCENT,
) -> Decimal:
    """Distance to the path, signed so that negative is bad whatever the direction.

    An indicator without direction should stay on its path: any distance is bad.

    Raises
    ------
    LightError
        Percent of a plan of zero.

    >>> distance_to_path(Decimal(97), Decimal(100), Direction.HIGHER)
    Decimal('-3.00')
    >>> distance_to_path(Decimal(33), Decimal(30), Direction.LOWER)
    Decimal('-10.0')
    """
    sign = direction.sign
    gap = sign * (actual - planned) if sign else -abs(actual - planned)
    if measure is Distance.POINTS:
        return gap
    if planned == 0:
        raise LightError("no percentage of a plan of zero exists", code="zero_plan")
    return gap / abs(planned) * 100


def light(
    rule: LightRule,
    actual: Decimal | None,
    planned: Decimal | None,
    direction: Direction,
    *,
    period: Period,
    current: Period | None = None,
    disputed: bool = False,
) -> LightResult:
    """The light of one value against its path.

    Parameters
    ----------
    period
        The period of `actual` and `planned`.
    current
        The data period the reader is in; a value older than the rule allows is stale. None: no
        test.
    disputed
        The indicator's definition or target is an open conflict.

    Returns
    -------
    result
        Grey reasons in this order: no target, disputed, no value, stale, too early.

    >>> rule = LightRule(bands=(Band(Light.GREEN, Decimal(0)), Band(Light.YELLOW, Decimal(-5)),
    ...     Band(Light.RED, None)))
    >>> str(light(rule, Decimal(97), Decimal(100), Direction.HIGHER,
    ...     period=Period.parse("2026-10")).light)
    'yellow'
    """
    if planned is None:
        return LightResult(Light.GREY, LightReason.NO_TARGET)
    if disputed and not rule.judge_disputed:
        return LightResult(Light.GREY, LightReason.DISPUTED_DEFINITION)
    if actual is None:
        return LightResult(Light.GREY, LightReason.NO_VALUE, params={"period": period.code})
    if current is not None and rule.stale_after_periods is not None:
        age = (current.last_month - period.last_month) // period.length
        if age > rule.stale_after_periods:
            return LightResult(
                Light.GREY, LightReason.STALE, params={"period": period.code, "age": age}
            )
    if period.fraction_of_year < rule.too_early_until:
        return LightResult(Light.GREY, LightReason.TOO_EARLY, params={"period": period.code})
    if rule.measure is Distance.PERCENT and planned == 0:
        kept = distance_to_path(actual, planned, direction, Distance.POINTS) >= 0
        band = rule.bands[0] if kept else rule.bands[-1]
        return LightResult(band.light, LightReason.ZERO_PLAN)
    distance = distance_to_path(actual, planned, direction, rule.measure)
    band = next(b for b in rule.bands if b.at_least is None or distance >= b.at_least)
    params = {"actual": actual, "planned": planned, "measure": rule.measure.value}
    return LightResult(band.light, LightReason.BAND, distance, params)
