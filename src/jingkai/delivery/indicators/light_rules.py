"""The light rule as dated reference data: thresholds are looked up, never written here.

Table `INDICATOR_LIGHT_THRESHOLDS`, rows by key. Required: `yellow_gap_percent`, `red_gap_percent`
(behind the path by more than this, in % of the plan). Optional: `yellow_gap_points` and
`red_gap_points` (percentage points, for indicators in %), `too_early_until` (fraction of the year),
`stale_after_periods`, `judge_disputed` (1: show a colour although the target is disputed).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from jingkai.engine.lights import (
    Band,
    Distance,
    Light,
    LightReason,
    LightResult,
    LightRule,
    light,
)
from jingkai.engine.periods import Period
from jingkai.engine.semantics import ValueMode
from jingkai.masterdata.reference.public import TableNotLoaded, table_on

from .catalogue import direction_of, is_percentage, mode_of
from .models import Indicator

NO_RULE = "no_rule"
TABLE = "INDICATOR_LIGHT_THRESHOLDS"

Thresholds = Mapping[str, Decimal]
Reader = Callable[[str, date], Thresholds]


def _from_reference(code: str, day: date) -> Thresholds:
    """Numbers of the table's version in force on `day` by row key; empty when there is none."""
    try:
        table = table_on(code, day)
    except TableNotLoaded:
        return {}
    return {key: row.decimal() for key, row in table.rows.items()}


_reader: Reader = _from_reference


@contextmanager
def thresholds_from(reader: Reader) -> Iterator[None]:
    """Take thresholds from `reader` inside the block."""
    global _reader
    before, _reader = _reader, reader
    try:
        yield
    finally:
        _reader = before


def rules_on(day: date) -> Thresholds:
    """The thresholds in force on `day`; empty when none are loaded: every light is then grey."""
    return _reader(TABLE, day)


def rule_for(thresholds: Thresholds, indicator: Indicator) -> LightRule | None:
    """The rule of one indicator, or None while the table is not loaded."""
    measure, unit = Distance.PERCENT, "percent"
    if is_percentage(indicator) and "red_gap_points" in thresholds:
        measure, unit = Distance.POINTS, "points"
    yellow, red = thresholds.get(f"yellow_gap_{unit}"), thresholds.get(f"red_gap_{unit}")
    if yellow is None or red is None:
        return None
    stale = thresholds.get("stale_after_periods")
    flow = mode_of(indicator) is not ValueMode.POINT
    return LightRule(
        bands=(
            Band(Light.GREEN, -yellow),
            Band(Light.YELLOW, -red),
            Band(Light.RED, None),
        ),
        measure=measure,
        too_early_until=thresholds.get("too_early_until", Decimal(0)) if flow else Decimal(0),
        stale_after_periods=None if stale is None else int(stale),
        judge_disputed=bool(thresholds.get("judge_disputed", 0)),
    )


def judge_value(
    rule: LightRule | None,
    indicator: Indicator,
    actual: Decimal | None,
    planned: Decimal | None,
    *,
    period: Period,
    current: Period | None = None,
    disputed: bool = False,
) -> LightResult:
    """The rule light of one value, grey with its reason where nothing can be said."""
    if rule is None:
        return LightResult(Light.GREY, LightReason.NO_TARGET, params={"why": NO_RULE})
    return light(
        rule,
        actual,
        planned,
        direction_of(indicator),
        period=period,
        current=current,
        disputed=disputed,
    )
