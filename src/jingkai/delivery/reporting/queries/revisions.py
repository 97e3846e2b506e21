"""Revision triangles from value events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.http import Http404
from django.utils import timezone

from jingkai.core.accounts.public import User
from jingkai.delivery.indicators.public import (
    Frequency,
    Indicator,
    Origin,
    Series,
    ValueEvent,
    visible_indicators,
    visible_series,
)
from jingkai.engine.periods import Period
from jingkai.engine.revisions import (
    Said,
    Statistics,
    Triangle,
    by_maturity,
    first_to_latest,
    statistics,
    triangle,
)

_MATURITIES = {
    Frequency.MONTH: (0, 1, 2, 3, 4, 5, 6, 9, 12, 18, 24),
    Frequency.QUARTER: (0, 1, 2, 3, 6, 9, 12, 18, 24),
    Frequency.HALF: (0, 1, 3, 6, 12, 18, 24),
    Frequency.YEAR: (0, 3, 6, 9, 12, 18, 24, 36),
}
_TOTALS = ("EDZ", "CITY")


@dataclass(frozen=True, slots=True)
class RevisionPage:
    """One indicator in one scope: its triangle and what it says."""

    indicator: Indicator
    scopes: tuple[Series, ...]
    series: Series | None
    triangle: Triangle
    overall: Statistics
    maturities: Mapping[int, Statistics]
    unfinished: int
    """Totals left out because not all zones have ever reported."""


def revision_page(*, user: User, code: str, scope: str = "", today: date) -> RevisionPage:
    """The revision triangle of one indicator in a scope the user may see. 3 queries.

    Without a scope: all zones, else the whole city, else what there is. A total computed from zones
    counts as released on the day when all had reported: before, it only fills up. Raises Http404.
    """
    indicator = visible_indicators(user).filter(code=code).first()
    if indicator is None:
        raise Http404
    scopes = sorted(
        visible_series(user).filter(indicator=indicator).select_related("zone"),
        key=lambda s: (
            _TOTALS.index(s.scope) if s.scope in _TOTALS else len(_TOTALS),
            s.zone.position if s.zone else 0,
            s.scope,
        ),
    )
    series = next((s for s in scopes if s.scope == scope), None) if scope else None
    if scope and series is None:
        raise Http404
    series = series or next(iter(scopes), None)
    said, unfinished = _said(series)
    found = _reached(
        triangle(said, today=today, maturities=_MATURITIES[Frequency(indicator.frequency)])
    )
    return RevisionPage(
        indicator,
        tuple(scopes),
        series,
        found,
        statistics(first_to_latest(found)),
        by_maturity(found),
        unfinished,
    )


def _said(series: Series | None) -> tuple[list[Said], int]:
    """What was said of a series, in order, and how many totals were never whole. 1 query."""
    if series is None:
        return [], 0
    rows = (
        ValueEvent.objects.filter(series=series)
        .order_by("id")
        .values_list("period", "recorded_at", "value", "origin", "inputs")
    )
    found: list[Said] = []
    whole: set[str] = set()
    waiting: set[str] = set()
    for period, at, value, origin, inputs in rows:
        expected = inputs.get("expected") if origin == Origin.COMPUTED else None
        if expected is not None and period not in whole and inputs.get("observed") != expected:
            waiting.add(period)
            continue
        whole.add(period)
        found.append(Said(Period.parse(period), timezone.localdate(at), value))
    return found, len(waiting - whole)


def _reached(found: Triangle) -> Triangle:
    """Without the maturities that no period has reached."""
    kept = [
        index
        for index, _months in enumerate(found.maturities)
        if index == 0 or any(row.values[index] is not None for row in found.rows)
    ]
    return replace(
        found,
        maturities=tuple(found.maturities[index] for index in kept),
        rows=tuple(
            replace(row, values=tuple(row.values[index] for index in kept)) for row in found.rows
        ),
    )
