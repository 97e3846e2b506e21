"""The codes of the exchange: dataflow, columns, code lists, units. Pure, and plain Python.

Concepts and codes (FREQ, OBS_STATUS, CONF_STATUS, UNIT_MULT) follow the cross-domain code lists of
the SDMX initiative; INDICATOR, REF_AREA, RELEASE and ORIGIN are our own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from jingkai.engine.errors import UnitError
from jingkai.engine.periods import Frequency
from jingkai.engine.units import unit

AGENCY: Final = "JINGKAI"
FLOW: Final = "ZONE_INDICATORS"
VERSION: Final = "1.0"
STRUCTURE_ID: Final = f"{AGENCY}:{FLOW}({VERSION})"
MEDIA_TYPE: Final = "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8"
STRUCTURE_MEDIA_TYPE: Final = "application/vnd.sdmx.structure+json; version=2.0.0; charset=utf-8"

HEAD: Final = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
DIMENSIONS: Final = ("FREQ", "INDICATOR", "REF_AREA", "TIME_PERIOD")
MEASURE: Final = "OBS_VALUE"
ATTRIBUTES: Final = (
    "OBS_STATUS",
    "CONF_STATUS",
    "RELEASE",
    "ORIGIN",
    "UNIT_MEASURE",
    "UNIT_MULT",
)
COLUMNS: Final = (*HEAD, *DIMENSIONS, MEASURE, *ATTRIBUTES)
NEEDED: Final = (*DIMENSIONS, MEASURE)

FREQ_CODES: Final = {
    Frequency.MONTH: "M",
    Frequency.QUARTER: "Q",
    Frequency.HALF: "S",
    Frequency.YEAR: "A",
}
RECORDING: Final = frozenset({"", "I", "A", "R", "M"})
"""Actions that record a value; D would delete, and nothing is deleted here."""

_DIMENSION_CODES: Final = {
    "count": "COUNT",
    "people": "PERSONS",
    "points": "PCT_POINTS",
    "working day": "WORKING_DAYS",
}
_PERCENT: Final = "PT"
_POWERS: Final = {Fraction(10) ** power: power for power in range(-9, 19)}


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit as SDMX says it: what is measured, and which power of ten of it."""

    code: str
    mult: int


def measure_of(name: str) -> Measure:
    """Unit of measure and multiplier of one of our units.

    A unit that is no power of ten of a base unit, or none we know, keeps a code of its own.

    >>> measure_of("亿元"), measure_of("%")
    (Measure(code='CNY', mult=8), Measure(code='PT', mult=0))
    >>> measure_of("吨标准煤/万元").code
    'TCE_PER_CNY'
    """
    try:
        found = unit(name)
    except UnitError:
        return _own(name)
    factor, code = found.factor, _DIMENSION_CODES.get(found.dimension)
    if found.dimension == "share":
        factor, code = factor * 100, _PERCENT
    power = _POWERS.get(factor)
    if power is None:
        return _own(name)
    plain = re.sub(r"[^A-Z0-9]+", "_", found.dimension.replace("/", "_PER_").upper())
    return Measure(code or plain, power)


def _own(name: str) -> Measure:
    return Measure("X_" + name.encode().hex().upper()[:48], 0)


def rescaled(value: Decimal, mult: int, own: Measure) -> Decimal:
    """`value` given in units of 10**mult, in the multiplier of `own`. Exact.

    >>> rescaled(Decimal("12000"), 4, Measure("CNY", 8))
    Decimal('1.2000')
    """
    return value.scaleb(mult - own.mult)
