"""The year a title gives to every goal under it.

2025年工作要点, “十四五”规划, 三年行动计划(2024—2026年): said once, not again with each number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .quantities import PERIODS

_YEARLY: Final = re.compile(
    r"(?<![—\-–~至到比较以前])(20[0-9]{2})年(?:度)?(?![—\-–~至到底末前]|以前|远景|版|修订|[0-9]{1,2}月)"
)
_FOR_A_YEAR: Final = re.compile(
    r"工作|重点|任务|要点|计划|安排|目标|报告|行动|实事|分工|发展|方案|清单|措施"
)
_SPAN: Final = re.compile(r"(20[0-9]{2})年?[-—–~至到]{1,2}(20[0-9]{2})年?")
_PLAN: Final = re.compile(r"[“‘\"]?(十[一二三四五六]五)[”’\"]?|第(十[一二三四五六])个五年")


@dataclass(frozen=True, slots=True)
class Horizon:
    """The last year a title speaks of, the first of a span, and whether it is one year's work."""

    year: int
    first: int | None = None
    yearly: bool = False


def horizon_of(title: str) -> Horizon | None:
    """What a title says about time; None when it says nothing, or more than one thing.

    >>> horizon_of("关于2025年重点工作的通知"), horizon_of("三年行动计划(2024—2026年)")
    (Horizon(year=2025, first=None, yearly=True), Horizon(year=2026, first=2024, yearly=False))
    >>> horizon_of("“十四五”数字经济发展规划"), horizon_of("2030年前碳达峰行动方案")
    (Horizon(year=2025, first=2021, yearly=False), None)
    """
    if span := _SPAN.search(title):
        first, last = int(span[1]), int(span[2])
        return Horizon(last, first) if first < last else None
    plans = {(m[1] or m[2] + "五") for m in _PLAN.finditer(title)}
    if len(plans) == 1:
        last = PERIODS[plans.pop()]
        return Horizon(last, last - 4)
    found = {int(m[1]) for m in _YEARLY.finditer(title)}
    if len(found) == 1 and not plans and _FOR_A_YEAR.search(title):
        return Horizon(found.pop(), None, True)
    return None
