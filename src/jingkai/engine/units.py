"""Units of Chinese statistics and exact conversion between them.

Factors are definitions, not measurements: 万 = 10⁴, 亿 = 10⁸, 1 公顷 = 10⁴ m², 15 亩 = 1 公顷
(国务院 1984, 法定计量单位). What needs a measured factor (yuan to dollars, kWh to tonnes of coal
equivalent) is of another dimension here, and `convert` refuses it: such factors are dated
reference data.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from .errors import UnitError


class UnitKind(StrEnum):
    """What a unit measures, as far as adding up is concerned."""

    MONEY = "money"
    COUNT = "count"
    PEOPLE = "people"
    RATIO = "ratio"
    POINTS = "points"
    INTENSITY = "intensity"
    AREA = "area"
    ENERGY = "energy"
    VOLUME = "volume"
    MASS = "mass"
    POWER = "power"
    DURATION = "duration"
    INDEX = "index"

    @property
    def additive(self) -> bool:
        """Whether two of them, of different places, make a third by addition."""
        return self not in _NOT_ADDITIVE


_NOT_ADDITIVE: Final = frozenset(
    {UnitKind.RATIO, UnitKind.POINTS, UnitKind.INTENSITY, UnitKind.INDEX, UnitKind.DURATION}
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its dimension (what it may be compared with) and its size in the base unit."""

    name: str
    kind: UnitKind
    dimension: str
    factor: Fraction


_K = UnitKind
_Sizes = dict[str, Fraction | int]
_COUNTS: Final[_Sizes] = {
    **dict.fromkeys("家个户项件条次台套宗份座列种名", 1),
    "标箱": 1,
    "万家": 10**4,
    "万户": 10**4,
    "万件": 10**4,
    "万个": 10**4,
}
_AREAS: Final[_Sizes] = {
    "平方米": 1,
    "万平方米": 10**4,
    "公顷": 10**4,
    "平方公里": 10**6,
    "亩": Fraction(2000, 3),
    "万亩": Fraction(20_000_000, 3),
}
_TABLE: Final[tuple[tuple[UnitKind, str, _Sizes], ...]] = (
    (_K.MONEY, "CNY", {"元": 1, "千元": 10**3, "万元": 10**4, "百万元": 10**6, "亿元": 10**8}),
    (_K.MONEY, "USD", {"美元": 1, "千美元": 10**3, "万美元": 10**4, "亿美元": 10**8}),
    (_K.COUNT, "count", _COUNTS),
    (_K.PEOPLE, "people", {"人": 1, "万人": 10**4, "人次": 1, "万人次": 10**4}),
    (_K.RATIO, "share", {"%": Fraction(1, 100), "‰": Fraction(1, 1000), "倍": 1, "比值": 1}),
    (_K.POINTS, "points", {"百分点": 1, "个百分点": 1}),
    (_K.AREA, "m2", _AREAS),
    (_K.ENERGY, "tce", {"千克标准煤": Fraction(1, 1000), "吨标准煤": 1, "万吨标准煤": 10**4}),
    (_K.ENERGY, "kWh", {"千瓦时": 1, "兆瓦时": 10**3, "万千瓦时": 10**4, "亿千瓦时": 10**8}),
    (_K.ENERGY, "J", {"兆焦": 10**6, "吉焦": 10**9, "万吉焦": 10**13}),
    (_K.VOLUME, "m3", {"立方米": 1, "万立方米": 10**4, "亿立方米": 10**8}),
    (_K.MASS, "t", {"千克": Fraction(1, 1000), "吨": 1, "万吨": 10**4, "亿吨": 10**8}),
    (
        _K.MASS,
        "tCO2",
        {"千克二氧化碳": Fraction(1, 1000), "吨二氧化碳": 1, "万吨二氧化碳": 10**4},
    ),
    (_K.POWER, "W", {"千瓦": 10**3, "兆瓦": 10**6, "万千瓦": 10**7}),
    (_K.DURATION, "day", {"天": 1, "日": 1}),
    (_K.DURATION, "working day", {"工作日": 1, "个工作日": 1}),
    (_K.DURATION, "second", {"秒": 1, "分钟": 60, "小时": 3600}),
    (_K.INDEX, "score", {"分": 1}),
    (_K.INDEX, "index", {"指数": 1}),
)
_UNITS: Final[dict[str, Unit]] = {
    name: Unit(name, kind, dimension, Fraction(factor))
    for kind, dimension, names in _TABLE
    for name, factor in names.items()
}


def known_units() -> tuple[str, ...]:
    """Names of the simple units; any two of them make a quotient, as 亿元/平方公里."""
    return tuple(_UNITS)


def unit(name: str) -> Unit:
    """The unit called `name`, simple or a quotient `a/b`.

    Raises
    ------
    UnitError
        It is not in the table.

    >>> unit("亿元").kind, unit("吨标准煤/万元").kind
    (<UnitKind.MONEY: 'money'>, <UnitKind.INTENSITY: 'intensity'>)
    """
    if found := _UNITS.get(name):
        return found
    top, slash, bottom = name.partition("/")
    if slash and top in _UNITS and bottom in _UNITS:
        over, under = _UNITS[top], _UNITS[bottom]
        if over.dimension == under.dimension:
            return Unit(name, UnitKind.RATIO, "share", over.factor / under.factor)
        dimension = f"{over.dimension}/{under.dimension}"
        return Unit(name, UnitKind.INTENSITY, dimension, over.factor / under.factor)
    raise UnitError(
        f'unit "{name}" is not known; use one of {" ".join(_UNITS)}, or a quotient such as '
        "亿元/平方公里",
        code="unit_unknown",
        unit=name,
    )


def convert(value: Decimal, from_unit: str, to_unit: str) -> Decimal:
    """`value` expressed in another unit of the same dimension.

    The factor is exact; the result is exact to the 28 digits of the Decimal context.

    Raises
    ------
    UnitError
        A unit is unknown, or the two do not measure the same thing.

    >>> convert(Decimal("8.6"), "亿元/平方公里", "万元/亩")
    Decimal('57.33333333333333333333333333')
    >>> convert(Decimal("3.15"), "亿美元", "万美元")
    Decimal('31500')
    """
    source, target = unit(from_unit), unit(to_unit)
    if source.dimension != target.dimension:
        reason = (
            "that takes an exchange rate, with its date"
            if {source.dimension, target.dimension} == {"CNY", "USD"}
            else f"one measures {source.dimension}, the other {target.dimension}"
        )
        raise UnitError(
            f"{from_unit} cannot be converted to {to_unit}: {reason}",
            code="unit_mismatch",
            from_unit=from_unit,
            to_unit=to_unit,
        )
    factor = source.factor / target.factor
    # Multiply before dividing: 15 亩 is one hectare, and not 0.99…9.
    return _plain(value * factor.numerator / factor.denominator)


def _plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value
