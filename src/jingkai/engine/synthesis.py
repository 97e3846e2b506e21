"""Synthetic operating data for demonstrations: consistent with itself, and nobody's statistics.

What holds for every series made here, whatever the seed:

- the zones add up to the city, exactly, at the declared precision;
- running totals never fall inside a year; stocks do not fall unless dips are allowed;
- the city's figure for the base year is the stated one;
- ratios follow from their two parts; the whole city is never below its zones.

Floats are only weights. Values are counted in whole ticks of the declared precision and become
Decimals from integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .errors import SynthesisError
from .periods import Frequency, Period, range_periods
from .rounding import round_to
from .semantics import ValueMode

Floats = NDArray[np.float64]
Ticks = NDArray[np.int64]
Series = dict[Period, Decimal]


class SeriesKind(StrEnum):
    FLOW = "flow"
    STOCK = "stock"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSpec:
    """One indicator to be made up. Rates and shares are in percent."""

    code: str
    kind: SeriesKind
    base: Decimal | None = None
    """All zones together in the base year: the year's total, or the stock at its end."""
    growth: Decimal = Decimal(0)
    """Per year."""
    places: int = 2
    noise: Decimal = Decimal(2)
    """Size of random movements, % of a month."""
    dips: bool = False
    """A stock may fall now and then."""
    month_weights: Sequence[Decimal] | None = None
    """Twelve relative sizes of a flow's months; None: equal."""
    trouble: Mapping[str, Decimal] = field(default_factory=dict)
    """Zones that lag: % lost, growing in from `trouble_from` over a year."""
    trouble_from: Period | None = None
    share_of_whole: Decimal | None = None
    """Also make the whole city's series, of which the zones hold this share in the base year."""
    whole_growth: Decimal = Decimal(0)
    """Per year, of what lies outside the zones."""
    numerator: str | None = None
    """Code of a flow or stock of the list; a flow counts with its running total."""
    denominator: str | None = None
    scale: Decimal = Decimal(1)
    """Of a ratio: 100 for a percentage, or what the two units demand."""
    frequency: Frequency = Frequency.MONTH
    """Only the periods of this frequency are given out."""
    mode: ValueMode = ValueMode.YTD
    """Of a flow: running totals, or each period's own."""
    joint_january: bool = False
    """A flow has no January of its own: February stands for both."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Ticks by scope (rows: zones, then city, then whole) and month; flows as running totals."""

    ticks: Ticks
    places: int
    has_whole: bool


def synthesise(
    specs: Sequence[SeriesSpec],
    zones: Mapping[str, Decimal],
    *,
    first: Period,
    last: Period,
    base_year: int,
    rng: np.random.Generator,
    city: str = "city",
    whole: str = "whole",
) -> dict[tuple[str, str], Series]:
    """Make every series of every scope.

    Parameters
    ----------
    specs
        Ratios may stand anywhere; their parts must be flows or stocks of the list.
    zones
        Scope codes and their rough sizes relative to each other.
    first, last
        Months, both included. Months of the base year before `first` are made and dropped.
    rng
        The only source of chance: one seed, one result.
    city, whole
        Scope codes of all zones together and of the whole city.

    Returns
    -------
    series
        By (indicator code, scope code). Ratios skip periods where the denominator is zero.

    Raises
    ------
    SynthesisError
        A specification is incomplete or contradicts itself; the message names its code.
    """
    _check(specs, zones, first, last, {city, whole})
    start = Period.of(min(first.year, base_year), Frequency.MONTH)
    months = range_periods(start, max(last, Period.of(base_year, Frequency.MONTH, 12)))
    made = {
        spec.code: _make(spec, zones, months, base_year, rng)
        for spec in specs
        if spec.kind is not SeriesKind.RATIO
    }
    out: dict[tuple[str, str], Series] = {}
    for spec in specs:
        if spec.kind is SeriesKind.RATIO:
            top, bottom = made[spec.numerator or ""], made[spec.denominator or ""]
            scopes = [*zones, city] + [whole] * (top.has_whole and bottom.has_whole)
            for row, scope in enumerate(scopes):
                out[spec.code, scope] = _ratio(spec, top, bottom, row, months, first, last)
            continue
        block = made[spec.code]
        scopes = [*zones, city] + [whole] * block.has_whole
        for row, scope in enumerate(scopes):
            out[spec.code, scope] = _given_out(spec, block.ticks[row].tolist(), months, first, last)
    return out


def _make(
    spec: SeriesSpec,
    zones: Mapping[str, Decimal],
    months: Sequence[Period],
    base_year: int,
    rng: np.random.Generator,
) -> _Made:
    levels = _levels(spec, zones, months, base_year, rng)
    flow = spec.kind is SeriesKind.FLOW
    sums = _running(levels, months) if flow else levels
    anchor = next(n for n, p in enumerate(months) if (p.year, p.part) == (base_year, 12))
    base_ticks = _base_ticks(spec)
    sums *= base_ticks / sums[:, anchor].sum() if base_ticks else 0.0
    totals = np.rint(sums.sum(axis=0)).astype(np.int64)
    rising = flow or not spec.dips
    ticks = _share_out(totals, sums, months, flow=flow, rising=rising)
    rows = [ticks, totals[None, :]]
    if spec.share_of_whole is not None:
        rows.append((totals + _outside(spec, totals, months, base_year, rng, rising))[None, :])
    return _Made(np.concatenate(rows), spec.places, spec.share_of_whole is not None)


def _levels(
    spec: SeriesSpec,
    zones: Mapping[str, Decimal],
    months: Sequence[Period],
    base_year: int,
    rng: np.random.Generator,
) -> Floats:
    """Unscaled size of each zone in each month; shape (zones, months), positive."""
    sizes = np.array([float(weight) for weight in zones.values()])
    # No zone has the same standing in every indicator, nor the same growth.
    sizes = sizes * rng.lognormal(0.0, 0.25, len(zones))
    drift = rng.normal(0.0, 0.008, len(zones))
    noise = float(spec.noise) / 100
    years = np.array([p.year - base_year + (p.part - 12) / 12 for p in months])
    rate = np.log1p(float(spec.growth) / 100)
    trend = np.exp((rate + drift[:, None]) * years[None, :])
    for row, zone in enumerate(zones):
        if (loss := spec.trouble.get(zone)) and spec.trouble_from:
            since = np.array([(p.last_month - spec.trouble_from.last_month + 1) for p in months])
            trend[row] *= 1 - float(loss) / 100 * np.clip(since / 12, 0, 1)
    if spec.kind is SeriesKind.STOCK:
        levels: Floats = sizes[:, None] * trend * rng.lognormal(0.0, noise / 4, trend.shape)
        steady: Floats = np.maximum.accumulate(levels, axis=1)
        return levels if spec.dips else steady
    weights = spec.month_weights or (Decimal(1),) * 12
    season = np.array([float(weights[p.part - 1]) for p in months])
    flows: Floats = sizes[:, None] * trend * season * rng.lognormal(0.0, noise, trend.shape)
    return flows


def _running(flows: Floats, months: Sequence[Period]) -> Floats:
    sums = np.cumsum(flows, axis=1)
    # `months` starts with a January: subtract what was there before each year.
    starts = np.array([n - p.part for n, p in enumerate(months)])
    before = np.where(starts >= 0, sums[:, np.maximum(starts, 0)], 0.0)
    return sums - before


def _share_out(
    totals: Ticks, wanted: Floats, months: Sequence[Period], *, flow: bool, rising: bool
) -> Ticks:
    """Whole ticks of each zone that add up to `totals` in every month.

    Of a rising series each month's increase is shared by what each zone still lacks, so nothing
    falls and rounding does not pile up on anyone.
    """
    ticks = np.zeros(wanted.shape, dtype=np.int64)
    have = np.zeros(len(wanted), dtype=np.int64)
    for n, period in enumerate(months):
        if not rising or (flow and period.part == 1) or n == 0:
            have = np.zeros(len(wanted), dtype=np.int64)
        have = have + _largest_remainder(
            int(totals[n] - have.sum()), np.maximum(wanted[:, n] - have, 0.0)
        )
        ticks[:, n] = have
    return ticks


def _largest_remainder(total: int, weights: Floats) -> Ticks:
    """As `allocation.largest_remainder`, on float weights; the stable sort keeps ties in order."""
    if total <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    whole = weights.sum()
    quotas = weights * (total / whole) if whole > 0 else np.full(len(weights), total / len(weights))
    parts: Ticks = np.floor(quotas).astype(np.int64)
    left = total - int(parts.sum())
    order = np.argsort(parts - quotas, kind="stable")
    np.add.at(parts, np.resize(order, left), 1)
    return parts


def _outside(
    spec: SeriesSpec,
    totals: Ticks,
    months: Sequence[Period],
    base_year: int,
    rng: np.random.Generator,
    rising: bool,
) -> Ticks:
    """What the city has outside its zones: it follows their season, with a growth of its own."""
    share = float(spec.share_of_whole or 100) / 100
    years = np.array([p.year - base_year for p in months], dtype=np.float64)
    relative = np.log1p(float(spec.whole_growth) / 100) - np.log1p(float(spec.growth) / 100)
    wobble = rng.lognormal(0.0, float(spec.noise) / 400, len(months))
    rest = totals * (1 / share - 1) * np.exp(relative * years) * wobble
    whole: Ticks = np.rint(rest).astype(np.int64)
    if rising:
        flow = spec.kind is SeriesKind.FLOW
        for n in range(1, len(months)):
            if not (flow and months[n].part == 1):
                whole[n] = max(whole[n], whole[n - 1])
    return whole


def _given_out(
    spec: SeriesSpec, ticks: Sequence[int], months: Sequence[Period], first: Period, last: Period
) -> Series:
    step, series = spec.frequency.length, Series()
    own = spec.kind is SeriesKind.FLOW and spec.mode is ValueMode.MONTH
    for n, month in enumerate(months):
        if not first <= month <= last or month.part % step:
            continue
        if spec.joint_january and spec.kind is SeriesKind.FLOW and month.part == 1:
            continue
        value = ticks[n]
        # February alone stands for both months, so nothing is taken off it.
        before = 0 if month.part <= step else ticks[n - step]
        if own and not (spec.joint_january and month.covers_january):
            value -= before
        series[Period(month.last_month, step)] = Decimal(value).scaleb(-spec.places)
    return series


def _ratio(
    spec: SeriesSpec,
    top: _Made,
    bottom: _Made,
    row: int,
    months: Sequence[Period],
    first: Period,
    last: Period,
) -> Series:
    step = spec.frequency.length
    above, below = top.ticks[row].tolist(), bottom.ticks[row].tolist()
    return {
        Period(month.last_month, step): round_to(
            Decimal(above[n]).scaleb(-top.places)
            / Decimal(below[n]).scaleb(-bottom.places)
            * spec.scale,
            spec.places,
        )
        for n, month in enumerate(months)
        if first <= month <= last and month.part % step == 0 and below[n]
    }


_TICKS_MAX: Final = 2**52
"""Beyond this a float no longer counts every tick."""


def _base_ticks(spec: SeriesSpec) -> int:
    return int(round_to(spec.base or Decimal(0), spec.places).scaleb(spec.places))


def _check(
    specs: Sequence[SeriesSpec],
    zones: Mapping[str, Decimal],
    first: Period,
    last: Period,
    reserved: set[str],
) -> None:
    if Frequency.MONTH not in (first.frequency, last.frequency) or first.length != last.length:
        raise SynthesisError(f"{first} and {last} must be months")
    if first > last:
        raise SynthesisError(f"{first} is after {last}")
    if not zones or any(weight <= 0 for weight in zones.values()) or reserved & set(zones):
        raise SynthesisError("zones need sizes above zero, and codes other than the city's")
    parts = {spec.code for spec in specs if spec.kind is not SeriesKind.RATIO}
    if len({spec.code for spec in specs}) < len(specs):
        raise SynthesisError("two specifications share a code")
    for spec in specs:
        if (said := _wrong(spec, parts, set(zones))) is not None:
            raise SynthesisError(f"{spec.code}: {said}", code="spec", indicator=spec.code)


def _wrong(spec: SeriesSpec, parts: set[str], zones: set[str]) -> str | None:
    """What makes the specification unusable, if anything."""
    if spec.kind is SeriesKind.RATIO:
        missing = {spec.numerator, spec.denominator} - parts
        return f"a ratio of {missing}, which is no flow or stock here" if missing else None
    if spec.base is None or spec.base < 0:
        return "the base must be stated and not negative"
    if _base_ticks(spec) > _TICKS_MAX // 2**10:
        return f"{spec.base} at {spec.places} decimals has too many digits"
    if min(spec.growth, spec.whole_growth) <= -100:
        return "a growth of -100% leaves nothing"
    if spec.share_of_whole is not None and not 0 < spec.share_of_whole <= 100:
        return f"a share of {spec.share_of_whole}% is not possible"
    if spec.month_weights is not None and (
        len(spec.month_weights) != 12 or min(spec.month_weights) <= 0
    ):
        return "a year takes twelve month weights above zero"
    if strangers := set(spec.trouble) - zones:
        return f"trouble in unknown zones {sorted(strangers)}"
    if spec.trouble and spec.trouble_from is None:
        return "trouble needs a first month"
    if any(not 0 <= loss < 100 for loss in spec.trouble.values()):
        return "a zone in trouble loses 0 to less than 100%"
    return None
