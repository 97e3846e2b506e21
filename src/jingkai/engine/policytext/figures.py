"""Figures side by side: one key for one quantity, one scale, one way to say them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from .model import Location
from .reading import Read
from .target import Target

_MONEY: Final = {
    "万亿": Decimal(10_000),
    "千亿": Decimal(1000),
    "百亿": Decimal(100),
    "亿": Decimal(1),
    "万": Decimal("0.0001"),
}


FIRST: Final = 12


MOST: Final = 40
"""Statements of one quantity that are compared pairwise; no document has so many, noise may."""


def key_of_quantity(target: Target) -> str:
    """What quantity a target speaks of, whatever its wording.

    >>> from .target import Kind, Target
    >>> key_of_quantity(Target("固定资产投资额", Kind.LEVEL, 0, 0, ""))
    '固定资产投资'
    """
    name = re.sub(r"\([^()]*\)|[“”的]", "", target.indicator)
    name = re.sub(r"^累计|累计$", "", name) or name
    name = (
        re.sub(r"^(?:全市|全省|全区|全县|全国|经开区|开发区|规模)", "", name)
        if len(name) > 5
        else name
    )
    name = name.replace("规模以上", "规上").replace("使用外资", "利用外资")
    name = re.sub(r"(?:年均)?(?:增速|增长率|增幅)$", "", name)
    short = re.sub(r"(?:总额|总量|总数|总值(?<!生产总值)|数量|个数|户数|规模|额|数)$", "", name)
    return (short or name) + ("(累计)" if target.cumulative else "")


def spot(read: Read, target: Target) -> Location:
    span = read.text.span(target.start, target.end)
    return Location(*span, read.text.plain[target.start : target.end][:60], target.place)


def scaled(target: Target) -> Decimal | None:
    if target.value is None:
        return None
    for scale, factor in _MONEY.items():
        if target.unit.startswith(scale) and target.unit[len(scale) :] in ("元", "美元", ""):
            return target.value * factor
    if target.unit.startswith("万") and len(target.unit) <= 3 and "元" not in target.unit:
        return target.value * 10_000
    return target.value


def unit_of(group: Sequence[Target]) -> str:
    for target in group:
        if target.unit and not target.unit.endswith(("%", "点")):
            return re.sub(r"^(?:万亿|千亿|百亿|亿|千万|百万|万)", "", target.unit)
    return ""


def brief(value: Decimal) -> str:
    digits = format(round(value, 1 if abs(value) >= 100 else 2), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def say(target: Target) -> str:
    if target.value is None:
        return {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}.get(
            target.comparator, ""
        ) + target.benchmark
    high = f"–{target.high}" if target.high is not None else ""
    return f"{target.value}{high}{target.unit}"
