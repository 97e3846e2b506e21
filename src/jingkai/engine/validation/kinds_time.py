"""Rules that look back: running totals, growth, season, copies, slips of the unit.

All are silent without a figure (unanswered, missing and not applicable alike), and where the past
they need is not known: no past is no doubt.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import Final, cast

from .model import MONTH, Amount, Finding, Param
from .rule import Rule, rounding, unit_by_factor
from .series import Sight

_MAD_TO_SIGMA: Final = Decimal("1.4826")
"""Median absolute deviation of a normal law → its standard deviation (Rousseeuw, Croux 1993)."""


def ytd_not_falling(rule: Rule, sight: Sight) -> Finding | None:
    """A running total is not below the latest one of the same year; a new year starts anew."""
    if sight.value is None or not sight.is_ytd or not sight.is_figure:
        return None
    last = sight.last_total
    own = sight.facts.unit
    if last is None or sight.value >= last[1] - (rule.amount("tolerance", own) or 0):
        return None
    month, total = last
    figures = {
        "value": Amount(sight.value, own),
        "last": Amount(total, own),
        "drop": Amount(total - sight.value, own),
    }
    back = (sight.period.last_month - month) // sight.period.length
    return rule.finding(
        sight.indicator, sight.part, "ytd_fell", {"before": sight.period.shift(-back)}, figures
    )


def month_plus_last_ytd(rule: Rule, sight: Sight) -> Finding | None:
    """The month's own figure and the last total make the new total.

    Looks at the figure whose month part is asked too. Silent while either is not a figure, and
    when the last total is not known. In January, and in a February without January, the month's
    own figure is the total.
    """
    if sight.value is None or not sight.is_ytd or not sight.is_figure:
        return None
    month = sight.given.cells.get((sight.indicator, MONTH))
    if month is None or month.value is None:
        return None
    period, own = sight.period, sight.facts.unit
    if period.part == 1 or (period.covers_january and sight.last_total is None):
        last = Decimal(0)
    elif sight.previous is not None:
        last = sight.previous
    else:
        return None
    sum_ = month.value + last
    terms = 2 if last == 0 else 3
    allowed = rounding(own, sight.facts.decimals) * terms
    allowed += rule.amount("tolerance", own) or 0
    if abs(sum_ - sight.value) <= allowed:
        return None
    figures = {
        "value": Amount(sight.value, own),
        "month": Amount(month.value, own),
        "last": Amount(last, own),
        "sum": Amount(sum_, own),
        "difference": Amount(sight.value - sum_, own),
    }
    return rule.finding(sight.indicator, sight.part, "month_plus_differs", {}, figures)


def year_on_year(rule: Rule, sight: Sight) -> Finding | None:
    """A jump against the same period of last year, of the own flow for running totals.

    In percent, or in points for shares and rates. Silent when the year before is not known, and
    in percent when it was zero; changes smaller than `min_change` are let through.
    """
    if sight.value is None or not sight.is_figure:
        return None
    if rule.values["of"] == "increment":
        pair = sight.increments
    else:
        pair = None if sight.year_ago is None else (sight.value, sight.year_ago)
    if pair is None:
        return None
    here, before = pair
    change, own = here - before, sight.facts.unit
    points = rule.number("threshold_points")
    if points is not None:
        moved, threshold, key = change, points, "year_on_year_points"
    elif before == 0:
        return None
    else:
        moved, key = change / abs(before) * 100, "year_on_year"
        threshold = cast(Decimal, rule.number("threshold_percent"))
    least = rule.amount("min_change", own)
    if abs(moved) <= threshold or least is None or abs(change) < least:
        return None
    params: dict[str, Param] = {
        "percent": moved,
        "threshold_percent": threshold,
        "before": sight.period.year_ago(),
        "of": "increment" if sight.is_ytd and rule.values["of"] == "increment" else "figure",
    }
    figures = {"value": Amount(here, own), "year_ago": Amount(before, own)}
    way = "up" if moved > 0 else "down"
    return rule.finding(sight.indicator, sight.part, f"{key}_{way}", params, figures)


def seasonal(rule: Rule, sight: Sight) -> Finding | None:
    """A change against the period before that this time of the year never brought.

    The change is compared with the median of the same step in past years. Its spread is the larger
    of that step's own, that of all steps round their own medians (a few years alone say little),
    and `least_spread_percent`; each from the median absolute deviation. Silent with fewer than
    `min_years` past years, or where own flows are not positive.
    """
    if sight.value is None or not sight.is_figure:
        return None
    now = sight.period.last_month
    change = sight.change(now)
    if change is None:
        return None
    same = sight.step_changes(now % 12)
    if len(same) < cast(int, rule.values["min_years"]):
        return None
    usual = median(same)
    floor = (rule.number("least_spread_percent") or Decimal(0)) / 100
    limit = cast(Decimal, rule.number("score"))
    own_spread = _MAD_TO_SIGMA * median([abs(value - usual) for value in same])
    # Most figures are usual even by the narrowest measure: the other steps need not be looked at.
    if abs(change - usual) <= limit * max(own_spread, floor):
        return None
    spread = max(own_spread, _MAD_TO_SIGMA * sight.restlessness, floor)
    if not spread or abs(change - usual) <= limit * spread:
        return None
    score = (change - usual) / spread
    own = sight.facts.unit
    here, before = sight.flow(now), sight.flow(now - sight.period.length)
    assert here is not None
    assert before is not None
    params: dict[str, Param] = {
        "percent": change * 100,
        "usual_percent": usual * 100,
        "spread_percent": spread * 100,
        "times": int(abs(score)),
        "years": len(same),
        "of": "increment" if sight.is_ytd else "figure",
        "before": sight.period.previous(),
    }
    figures = {"value": Amount(here, own), "previous": Amount(before, own)}
    key = "seasonal_high" if score > 0 else "seasonal_low"
    return rule.finding(sight.indicator, sight.part, key, params, figures)


def stale_copy(rule: Rule, sight: Sight) -> Finding | None:
    """The same figure as last period or last year, to the digit.

    Only figures with at least `min_digits` significant digits: small numbers repeat by nature.
    """
    value = sight.value
    if value is None or not sight.is_figure or value == 0:
        return None
    if _digits(value) < cast(int, rule.values["min_digits"]):
        return None
    against, own = rule.values["against"], sight.facts.unit
    figures = {"value": Amount(value, own)}
    if against != "year_ago" and sight.previous == value:
        params = {"before": sight.period.previous()}
        return rule.finding(sight.indicator, sight.part, "stale_previous", params, figures)
    if against != "previous" and sight.year_ago == value:
        params = {"before": sight.period.year_ago()}
        return rule.finding(sight.indicator, sight.part, "stale_year_ago", params, figures)
    return None


def unit_slip(rule: Rule, sight: Sight) -> Finding | None:
    """A figure that is a power of ten off: entered in 万元 where 亿元 is asked, or the reverse.

    All of its own references (last period, a year ago) must agree on the same factor; peers are
    asked only where it has no past, and only if there are `min_peers` of them.
    """
    value = sight.value
    if value is None or not sight.is_figure or value == 0:
        return None
    own = [r for r in (sight.year_ago, sight.previous) if r is not None and r != 0]
    references = own
    if not own:
        peers = [p for p in sight.given.peers.get(sight.indicator, ()) if p != 0]
        if len(peers) < cast(int, rule.values["min_peers"]):
            return None
        references = [median(peers)]
        if references[0] == 0:
            return None
    fit = cast(Decimal, rule.number("fit"))
    first = abs(value / references[0])
    # Most figures are nowhere near a factor: say so before looking at each.
    if 1 / fit < first < fit:
        return None
    for factor in cast("tuple[Decimal, ...]", rule.values["factors"]):
        for times, key in ((factor, "unit_slip_large"), (1 / factor, "unit_slip_small")):
            if all(1 <= abs(value / r) / times * fit <= fit * fit for r in references):
                return _slip(rule, sight, value, own, factor, key)
    return None


def _slip(
    rule: Rule, sight: Sight, value: Decimal, own: list[Decimal], factor: Decimal, key: str
) -> Finding:
    large = key == "unit_slip_large"
    name = sight.facts.unit
    meant = unit_by_factor(name, factor if large else 1 / factor)
    figures = {
        "value": Amount(value, name),
        "likely": Amount(value / factor if large else value * factor, name),
    }
    if own:
        figures["reference"] = Amount(own[0], name)
        before = sight.period.year_ago() if sight.year_ago else sight.period.previous()
        params: dict[str, Param] = {"factor": int(factor), "meant": meant, "before": before}
    else:
        # Peers' figures are another zone's business: only that they differ is said.
        params, key = {"factor": int(factor), "meant": meant}, f"{key}_peers"
    return rule.finding(sight.indicator, sight.part, key, params, figures)


@lru_cache(maxsize=8192)
def _digits(value: Decimal) -> int:
    """Significant digits: without leading or trailing zeros. 1200 has two, 0.05 one."""
    return len(value.normalize().as_tuple().digits)
