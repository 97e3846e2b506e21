"""What synthetic figures are made: sizes, growth and trouble of each indicator.

Base sizes of 2025 are what the policy's own targets imply (level and stated rate) or round
numbers; zone weights are invented. None is an observation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from jingkai.engine.periods import Frequency, Period
from jingkai.engine.synthesis import SeriesKind, SeriesSpec, synthesise

SEED: Final = 20261122
BASE_YEAR: Final = 2025
FIRST: Final = Period.parse("2023-01")
LAST: Final = Period.parse("2026-10")
RETURNS: Final = ("IND_VA", "BUDGET_REV", "FAI", "TRADE", "FDI", "PROJECT_STARTS")
UNVERIFIED: Final = ("LIAOZHONG", "FAKU", "XINMIN", "KANGPING")
# The last month of these zones stands in returns that nobody has verified yet.
NOT_REPORTED: Final = frozenset((code, zone) for code in RETURNS for zone in UNVERIFIED)
SUMS: Final = {
    "LADDER_FIRMS": ("EAGLE_FIRMS", "GAZELLE_FIRMS", "UNICORN_FIRMS"),
    "SMART_MANUFACTURING": ("SMART_FACTORIES", "DIGITAL_WORKSHOPS", "INTERNET_PLATFORMS"),
}
WEIGHTS: Final = (34, 14, 4, 7, 8, 5, 2, 4, 6, 9, 3, 3, 5, 2, 2, 2, 2, 2)
_INDUSTRY = tuple(Decimal(w) for w in (6, 7, 9, 8, 8, 10, 8, 8, 9, 9, 9, 9))
_INVESTMENT = tuple(Decimal(w) for w in (2, 3, 8, 9, 10, 12, 9, 9, 11, 11, 9, 7))
_EVEN = tuple(Decimal(w) for w in (8, 7, 9, 8, 8, 9, 8, 8, 9, 8, 9, 9))
_TROUBLED = Period.parse("2025-10")


def _flow(
    code: str,
    base: str,
    growth: str,
    places: int,
    weights: Sequence[Decimal] = _EVEN,
    **more: object,
) -> SeriesSpec:
    return SeriesSpec(
        code=code,
        kind=SeriesKind.FLOW,
        base=Decimal(base),
        growth=Decimal(growth),
        places=places,
        month_weights=weights,
        **more,  # type: ignore[arg-type]  # keyword pass-through
    )


def _stock(code: str, base: str, growth: str, frequency: Frequency, **more: object) -> SeriesSpec:
    return SeriesSpec(
        code=code,
        kind=SeriesKind.STOCK,
        base=Decimal(base),
        growth=Decimal(growth),
        frequency=frequency,
        noise=Decimal("0.4"),
        **{"places": 0, **more},  # type: ignore[arg-type]
    )


def _ratio(
    code: str, top: str, bottom: str, places: int, scale: str, frequency: Frequency
) -> SeriesSpec:
    return SeriesSpec(
        code=code,
        kind=SeriesKind.RATIO,
        numerator=top,
        denominator=bottom,
        places=places,
        scale=Decimal(scale),
        frequency=frequency,
    )


def _trouble(**losses: str) -> dict[str, object]:
    return {
        "trouble": {zone: Decimal(loss) for zone, loss in losses.items()},
        "trouble_from": _TROUBLED,
    }


SPECS: Final[tuple[SeriesSpec, ...]] = (
    _flow("GDP", "3949", "6.3", 1, _INDUSTRY, frequency=Frequency.QUARTER, noise=Decimal(1)),
    _flow("IND_VA", "1900", "5.6", 1, _INDUSTRY, joint_january=True, noise=Decimal(1)),
    _flow("IND_VA_REAL", "1860", "5.0", 1, _INDUSTRY, frequency=Frequency.YEAR),
    _flow(
        "BUDGET_REV", "314", "3.4", 2, _EVEN, noise=Decimal(2), **_trouble(HUISHAN="4", FAKU="9")
    ),
    _flow(
        "FAI",
        "640",
        "4.5",
        1,
        _INVESTMENT,
        joint_january=True,
        noise=Decimal(3),
        **_trouble(SHENYANG="14", HUISHAN="22", LIAOZHONG="25"),
    ),
    _flow(
        "TRADE",
        "1086",
        "3.9",
        2,
        _EVEN,
        share_of_whole=Decimal("72.6"),
        whole_growth=Decimal(4),
        **_trouble(LIAOZHONG="18"),
    ),
    _flow(
        "FDI",
        "1.96",
        "5.0",
        3,
        _EVEN,
        share_of_whole=Decimal("66"),
        whole_growth=Decimal(3),
        noise=Decimal(6),
        **_trouble(SHENYANG="9", HUISHAN="18"),
    ),
    _flow("PROJECT_STARTS", "318", "6.5", 0, _INVESTMENT, noise=Decimal(4)),
    _stock("HIGH_TECH_FIRMS", "2260", "10.4", Frequency.QUARTER),
    _stock("EAGLE_FIRMS", "640", "9.0", Frequency.QUARTER, dips=True),
    _stock("GAZELLE_FIRMS", "214", "10.0", Frequency.QUARTER),
    _stock("UNICORN_FIRMS", "11", "9.0", Frequency.QUARTER),
    _stock("RD_INSTITUTIONS", "301", "7.4", Frequency.HALF),
    _stock("SMART_FACTORIES", "66", "10.0", Frequency.HALF),
    _stock("DIGITAL_WORKSHOPS", "31", "7.0", Frequency.HALF),
    _stock("INTERNET_PLATFORMS", "17", "5.0", Frequency.HALF),
    _stock("LAND_AREA", "640.00", "0", Frequency.YEAR, places=2),
    _stock("LAND_DEVELOPABLE", "566.00", "0", Frequency.YEAR, places=2),
    _stock("LAND_DEVELOPED", "398.00", "1.3", Frequency.YEAR, places=2),
    _flow("ENERGY_USE", "1080", "-1.2", 2, _EVEN, frequency=Frequency.QUARTER),
    _flow("WATER_USE", "21800", "-2.1", 1, _EVEN, frequency=Frequency.YEAR),
)

# What only evaluations ask for, once a year; drawn apart, so that the rest stays as it is.
YEARLY: Final[tuple[SeriesSpec, ...]] = (
    _flow("HIGH_TECH_TRADE", "290", "6.0", 2, frequency=Frequency.YEAR, noise=Decimal(6)),
    _flow("TAX_REV", "610", "4.2", 2, frequency=Frequency.YEAR, noise=Decimal(4)),
    _stock("LARGE_MANUFACTURERS", "46", "4.0", Frequency.YEAR),
    _flow("MANUFACTURING_VA", "1640", "5.2", 1, frequency=Frequency.YEAR, noise=Decimal(5)),
    _stock("EMPLOYEES", "118.00", "1.1", Frequency.YEAR, places=2),
    _flow("RD_SPENDING", "121", "8.0", 2, frequency=Frequency.YEAR, noise=Decimal(8)),
    _stock("INCUBATORS", "38", "6.0", Frequency.YEAR),
    _stock("INVENTION_PATENTS", "21400", "9.0", Frequency.YEAR),
    _flow("TECH_CONTRACTS", "318", "11.0", 2, frequency=Frequency.YEAR, noise=Decimal(9)),
    _flow("CO2_EMISSIONS", "3980", "-1.5", 1, frequency=Frequency.YEAR, noise=Decimal(5)),
    _flow("SOLID_WASTE", "905", "0.8", 2, frequency=Frequency.YEAR, noise=Decimal(3)),
    _flow("SOLID_WASTE_USED", "655", "2.4", 2, frequency=Frequency.YEAR, noise=Decimal(3)),
    _flow("NEW_JOBS", "6.80", "2.0", 2, frequency=Frequency.YEAR, noise=Decimal(5)),
    _stock("COOP_PARKS", "17", "6.0", Frequency.YEAR),
)
# Nobody reported these, as in real life: a score then says how much of it was observed.
NEVER_REPORTED: Final = frozenset(
    {
        ("INVENTION_PATENTS", "KANGPING"),
        ("RD_SPENDING", "FINANCE_TRADE"),
        ("TECH_CONTRACTS", "JINHAI"),
        ("SOLID_WASTE_USED", "XINMIN"),
        ("CO2_EMISSIONS", "DADONG"),
        ("HIGH_TECH_TRADE", "FAKU"),
        *((spec.code, "DEMO_B") for spec in YEARLY),
    }
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One synthetic value, and when it is said to have been reported."""

    indicator: str
    scope: str
    period: Period
    value: Decimal
    recorded_at: datetime

    @property
    def release(self) -> str:
        """Final once the year is closed, flash for the newest month, revised between."""
        if self.period.year < LAST.year:
            return "final"
        return "flash" if self.period.end >= LAST.start else "revised"


def figures(zones: Sequence[str], *, withheld: bool = False) -> Iterator[Figure]:
    """All values that would have been typed in: zones' parts and the whole city's series.

    Totals of all zones and ratios are left to the product itself, as in real life. Each value is
    reported on the eleventh day after its period. `withheld` gives also what is not reported yet.
    """
    rng = np.random.default_rng(SEED)
    weights = {zone: Decimal(weight) for zone, weight in zip(zones, WEIGHTS, strict=False)}
    made = synthesise(
        SPECS,
        weights,
        first=FIRST,
        last=LAST,
        base_year=BASE_YEAR,
        rng=rng,
        city="EDZ",
        whole="CITY",
    )
    whole_of = {"TRADE": "CITY_TRADE", "FDI": "CITY_FDI"}
    for total, parts in SUMS.items():
        for zone in zones:
            made[total, zone] = {
                period: sum((made[part, zone][period] for part in parts), Decimal(0))
                for period in made[parts[0], zone]
            }
    for (code, scope), series in made.items():
        if scope == "EDZ":
            continue
        name = whole_of.get(code, code) if scope == "CITY" else code
        for period, value in series.items():
            if not withheld and period.code == LAST.code and (code, scope) in NOT_REPORTED:
                continue
            yield Figure(name, scope, period, value, reported_at(period))
    yield from _rates(zones, rng)
    yield from _yearly(weights)


def _yearly(weights: Mapping[str, Decimal]) -> Iterator[Figure]:
    """What evaluations ask for beside the returns, with gaps."""
    made = synthesise(
        YEARLY,
        weights,
        first=FIRST,
        last=LAST,
        base_year=BASE_YEAR,
        rng=np.random.default_rng(SEED + 1),
        city="EDZ",
        whole="CITY",
    )
    for (code, scope), series in made.items():
        if scope != "EDZ" and (code, scope) not in NEVER_REPORTED:
            for period, value in series.items():
                yield Figure(code, scope, period, value, reported_at(period))


def _rates(zones: Sequence[str], rng: np.random.Generator) -> Iterator[Figure]:
    """Growth rates and the city's own rates, which no sum of zones gives."""
    quarter = Period.parse("2023-Q1")
    while quarter.end <= LAST.end:
        city = Decimal(str(round(5.2 + rng.normal(0, 0.25), 1)))
        yield Figure("CITY_GDP_GROWTH", "CITY", quarter, city, reported_at(quarter))
        all_zones = city + Decimal(str(round(0.6 + rng.normal(0, 0.15), 1)))
        yield Figure("GDP_GROWTH", "EDZ", quarter, all_zones, reported_at(quarter))
        for zone in zones:
            value = all_zones + Decimal(str(round(rng.normal(0, 1.1), 1)))
            yield Figure("GDP_GROWTH", zone, quarter, value, reported_at(quarter))
        quarter = quarter.next()
    for year, energy, water in ((2024, "0.0", "0.0"), (2025, "4.8", "5.6")):
        period = Period.parse(str(year))
        yield Figure("CITY_ENERGY_REDUCTION", "CITY", period, Decimal(energy), reported_at(period))
        yield Figure("CITY_WATER_REDUCTION", "CITY", period, Decimal(water), reported_at(period))


def reported_at(period: Period) -> datetime:
    """Two in the morning UTC of the eleventh day after the period."""
    return datetime.combine(period.end, datetime.min.time(), UTC) + timedelta(days=11, hours=2)


__all__ = ["LAST", "NOT_REPORTED", "SPECS", "Figure", "figures", "reported_at"]
