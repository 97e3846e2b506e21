"""Which number is shared out, from which bases, and what each zone's part comes to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from jingkai.engine import allocation as engine
from jingkai.engine.errors import EngineError
from jingkai.engine.periods import Period
from jingkai.engine.rounding import quantum
from jingkai.masterdata.organisations.public import Zone

from ..catalogue import EDZ
from ..models import (
    Agreement,
    Indicator,
    Series,
    Target,
)
from ..periods import invalid
from .levels import TargetLevelUnknown, level_of
from .trajectories import recorded_base

METHODS = ("base", "growth", "hand")


def agreed_target(indicator: Indicator, end: Period) -> Target | None:
    """The leading target of the whole city for a horizon, once agreed."""
    return (
        Target.objects.filter(
            indicator=indicator,
            scope=EDZ,
            horizon=end.code,
            is_leading=True,
            agreement=Agreement.AGREED,
        )
        .select_related("indicator", "benchmark")
        .first()
    )


def target_level(target: Target) -> Decimal:
    """What a target says as a level, in its indicator's unit. InvalidInput without a base."""
    series = Series.objects.filter(indicator=target.indicator, scope=EDZ).first()

    def base_at(start: Period) -> Decimal | None:
        found = recorded_base(series, start) if series else None
        return found.value if found else None

    try:
        return level_of(target, base_at)
    except TargetLevelUnknown as unknown:
        raise invalid("total", str(unknown), "total_missing") from None


def bases_of(indicator: Indicator, zones: list[Zone], start: Period) -> dict[str, Decimal | None]:
    """By zone code, the figure of `start`; None where nothing stands."""
    found: dict[str, Decimal | None] = {zone.code: None for zone in zones}
    for series in Series.objects.filter(indicator=indicator, scope__in=found):
        series.indicator = indicator
        base = recorded_base(series, start)
        found[series.scope] = base.value if base else None
    return found


def city_base(indicator: Indicator, start: Period) -> Decimal | None:
    """The figure of all zones together at `start`."""
    series = Series.objects.filter(indicator=indicator, scope=EDZ).first()
    if series is None:
        return None
    series.indicator = indicator
    base = recorded_base(series, start)
    return base.value if base else None


def step_of(indicator: Indicator, total: Decimal) -> Decimal:
    """The smallest part that is shared out: one, for what is counted."""
    places = max(indicator.decimals, -int(total.normalize().as_tuple().exponent))
    return quantum(max(places, 0))


def parts_of(
    indicator: Indicator,
    method: str,
    total: Decimal,
    bases: Mapping[str, Decimal | None],
    city: Decimal | None,
    years: Decimal,
) -> Mapping[str, Decimal]:
    """By zone code, the computed share; empty when shared out by hand.

    Raises InvalidInput, naming the zones, where the method gives no answer.
    """
    step = step_of(indicator, total)
    try:
        if method == "base":
            return engine.allocate_by_base(total, bases, step=step).parts
        if method == "growth":
            return engine.allocate_by_growth(
                total, bases, years=years, city_base=city, step=step
            ).parts
        return {}
    except EngineError as error:
        zones = error.params.get("zones")
        names = "、".join(str(code) for code in zones) if isinstance(zones, list) else ""
        sentences = {
            "base_missing": _("There is no base for %(zones)s: record it, or share out by hand."),
            "weight_negative": _("%(zones)s has a negative base: share out by hand."),
            "zero": _("All bases are zero: nothing says who takes what. Share out by hand."),
            "rate_missing": _("All zones together have no base: record it, or share out by hand."),
            "growth_sign": _("No rate leads from the base to the target: share out by hand."),
        }
        text = sentences.get(error.code, _("It cannot be shared out like this: share out by hand."))
        message = text % {"zones": names}
        raise invalid("method", message, error.code) from error
