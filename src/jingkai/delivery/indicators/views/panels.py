"""Charts of an indicator's page, and the tables that say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingkai.core.ui.public import localname
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Period

from .. import charts
from ..catalogue import frequency_of
from ..labels import has_level, part_label, period_label, place_text
from ..models import Indicator
from ..queries.indicator import IndicatorPage
from ..queries.page_parts import rolling_of
from ..queries.pages import TargetCell
from ..queries.zones import ZoneRow, ZonesBoard

Asked = Mapping[str, TargetCell]


def unit_of(indicator: Indicator) -> charts.Unit:
    return charts.Unit(localname(indicator, "unit"), indicator.decimals)


def marks_of(asked: Asked) -> list[charts.Mark]:
    """Targets with a level as diamonds; every statement of a disputed one, hollow."""
    found = []
    for horizon, cell in sorted(asked.items()):
        try:
            period = Period.parse(horizon)
        except PeriodError:
            continue  # a standing limit without a year has no place on the axis of years
        statements = cell.all if cell.is_disputed else (cell.target,)
        found += [
            charts.Mark(period, t.value, f"{horizon} {place_text(t.place)}", cell.is_disputed)
            for t in statements
            if has_level(t) and t.value is not None
        ]
    return found


def _years(page: IndicatorPage) -> tuple[dict[Period, Decimal], dict[Period, Decimal]]:
    """Actual and planned by year; the actual of a year that has not ended is left out."""
    actual = {
        Period.of(y.year): y.actual for y in page.years if y.is_complete and y.actual is not None
    }
    planned = {Period.of(y.year): y.planned for y in page.years if y.planned is not None}
    if page.trajectory is not None:
        base = Period.parse(page.trajectory.base_period)
        planned.setdefault(base, page.trajectory.base_value)
    return actual, planned


def trajectory_chart(
    page: IndicatorPage, asked: Asked, *, proposed: charts.Points | None = None
) -> charts.Option:
    """The signature chart of a page, by years."""
    actual, planned = _years(page)
    rolling, path = rolling_of(page), page.trajectory
    if rolling is not None and not rolling.is_sum:
        actual[rolling.period] = rolling.value
    return charts.trajectory(
        actual=actual,
        planned=planned,
        marks=marks_of(asked),
        unit=unit_of(page.indicator),
        today=timezone.localdate(),
        base=(Period.parse(path.base_period), path.base_value) if path is not None else None,
        breaks=[
            (v.effective_from, _("definition %(n)d") % {"n": v.number})
            for v in page.definitions
            if v.is_break
        ],
        rolling=(rolling.period, rolling.value) if rolling is not None and rolling.is_sum else None,
        proposed=proposed,
        label={p: period_label(p, page.indicator) for p in actual if p.length < 12},
    )


def path_table(page: IndicatorPage, asked: Asked) -> list[dict[str, Any]]:
    """The signature chart in numbers, year by year."""
    actual, planned = _years(page)
    rolling, marks = rolling_of(page), marks_of(asked)
    if rolling is not None:
        actual[rolling.period] = rolling.value
    rows = []
    for period in sorted({*actual, *planned, *(mark.period for mark in marks)}):
        label = period_label(period, page.indicator if period.length < 12 else None)
        if rolling is not None and rolling.is_sum and period == rolling.period:
            label = _("12 months to %(period)s") % {"period": period.code}
        rows.append(
            {
                "label": label,
                "actual": actual.get(period),
                "planned": planned.get(period),
                "marks": [mark for mark in marks if mark.period == period],
            }
        )
    return rows


def year_table(page: IndicatorPage) -> list[dict[str, Any]]:
    """The data period's year, period by period: figure, plan, a year earlier."""
    frequency = frequency_of(page.indicator)
    if frequency.per_year == 1 or not page.points:
        return []
    points = {point.period_end: point for point in page.points}
    latest = page.status.figure.at if page.status.figure is not None else None
    rows = []
    for period in Period.of(int(page.period[:4])).split(frequency):
        point, ago = points.get(period.end), points.get(period.year_ago().end)
        rows.append(
            {
                "label": part_label(period),
                "actual": point.actual if point else None,
                "release": point.release if point else "",
                "planned": point.planned if point else None,
                "ago": ago.actual if ago else None,
                "is_latest": period == latest,
            }
        )
    return (
        rows if any(row["actual"] is not None or row["planned"] is not None for row in rows) else []
    )


def year_chart(page: IndicatorPage, rows: Sequence[Mapping[str, Any]]) -> charts.Option:
    return charts.within_year(
        periods=[row["label"] for row in rows],
        actual=[row["actual"] for row in rows],
        planned=[row["planned"] for row in rows],
        year_ago=[row["ago"] for row in rows],
        unit=unit_of(page.indicator),
        latest=next((row["label"] for row in rows if row["is_latest"]), None),
    )


def _name(row: ZoneRow) -> str:
    return localname(row.zone, "short_name")


def _scope_url(indicator: Indicator, row: ZoneRow) -> str:
    return f"{reverse('indicators:detail', args=[indicator.code])}?scope={row.zone.code}"


def zones_chart(board: ZonesBoard, unit: charts.Unit) -> charts.Option:
    """The zones of the page in the order of their rank."""
    return charts.ranking(
        [
            charts.Bar(
                _name(row),
                row.status.figure.value if row.reported and row.status.figure else None,
                row.status.light.light.value,
                url=_scope_url(board.indicator, row),
                note=_(" (not reported)"),
            )
            for row in board.rows
        ],
        unit=unit,
        name=unit.name,
    )


def gap_chart(board: ZonesBoard, unit: charts.Unit) -> charts.Option:
    """The zones of the page, those without figure or plan in grey."""
    shares = {share.key: share for share in board.gap.zones} if board.gap is not None else {}
    return charts.gap_contributions(
        [
            charts.Bar(_name(row), shares[row.zone.code].gap, url=_scope_url(board.indicator, row))
            if row.zone.code in shares
            else charts.Bar(_name(row), None, note=_(" (no figure or plan)"))
            for row in board.rows
        ],
        unit=unit,
        name=unit.name,
    )
