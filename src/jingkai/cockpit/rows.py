"""One figure with its status as the tables of the cockpit show it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingkai.core.ui.public import is_english
from jingkai.core.ui.templatetags.jingkai import number
from jingkai.delivery.indicators import public as indicators
from jingkai.engine.periods import Period

from .period import label_of

_TONES = {"green": "good", "yellow": "warn", "red": "bad", "grey": "muted"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a board, ready to show."""

    indicator: Any
    url: str
    light: str
    reason: str
    person: Any
    figure: Any
    unit: str
    period_label: str
    release: str
    partial: bool
    stale: str
    distance: Any
    tone: str
    growth: Decimal | None
    growth_unit: str
    lineage_url: str
    aim: str = ""
    aim_unit: str = ""
    horizon: str = ""
    disputed: bool = False
    dispute_url: str = ""
    dispute_note: str = ""
    actual: tuple[Any, ...] = ()
    planned: tuple[Any, ...] = ()
    responsible: Any = None
    rank: int | None = None
    ranked: int = 0


def unit_of(indicator: Any) -> str:
    """The unit in the reader's language."""
    return str(indicator.unit_en or indicator.unit if is_english() else indicator.unit)


def row_of(status: indicators.Status, **more: Any) -> Row:
    """The line of one status."""
    figure = status.figure
    indicator = status.indicator
    light = status.light.light.value
    return Row(
        indicator=indicator,
        url=reverse("indicators:detail", args=[indicator.code])
        + ("" if status.scope == "EDZ" else f"?scope={status.scope}"),
        light=light,
        reason=indicators.light_reason(status.light),
        person=status.person,
        figure=figure,
        unit=unit_of(indicator),
        period_label=_period_label(indicator, figure),
        release=str(indicators.Release(figure.release).label) if figure and figure.release else "",
        partial=bool(figure and figure.is_partial),
        stale=_age(status.age),
        distance=status.distance,
        tone=_TONES[light],
        growth=status.growth,
        growth_unit="pt" if status.growth_in_points else "%",
        lineage_url=reverse("indicators:lineage", args=[figure.event_id]) if figure else "",
        **more,
    )


def board_row(row: indicators.BoardRow) -> Row:
    """The line of one headline target."""
    points = _line(row)
    return row_of(
        row.status,
        **aim(row.target),
        actual=tuple(point.actual for point in points),
        planned=tuple(point.planned for point in points),
        responsible=row.responsible,
    )


def _line(row: indicators.BoardRow) -> list[Any]:
    """Points of the small chart: a running total begins anew each year, so only this one."""
    points = list(row.sparkline)
    if row.indicator.value_mode == "ytd" and points:
        year = max(point.period for point in points)[:4]
        points = [point for point in points if point.period.startswith(year)]
    return points


def aim(target: indicators.TargetText) -> dict[str, Any]:
    """What is aimed at: sign, number, unit and year; in words where no number says it."""
    sign = {"at_least": "≥", "more_than": ">", "at_most": "≤", "about": "≈"}.get(
        target.modality, "≥" if target.kind == "floor" else "≤" if target.kind == "cap" else ""
    )
    words = target.text_en or target.text if is_english() else target.text
    has_number = target.value is not None
    return {
        "aim": f"{sign}{_short(target.value)}" if has_number else words,
        "aim_unit": target.unit if has_number else "",
        "horizon": f"{target.horizon} {_kind_word(target.kind)}".strip() if has_number else "",
        "disputed": target.is_disputed,
        "dispute_url": reverse("policy:conflict", args=[target.conflict_code])
        if target.conflict_code
        else reverse("policy:conflicts"),
        "dispute_note": _("The document contradicts itself here; a decision is open."),
    }


def _kind_word(kind: str) -> str:
    return {
        "average_growth": _("average growth"),
        "reduction": _("fall"),
    }.get(kind, "")


def _short(value: Decimal | None) -> str:
    if value is None:
        return ""
    plain = value.normalize()
    exponent = plain.as_tuple().exponent
    return number(plain, max(0, -exponent) if isinstance(exponent, int) else 0)


def _period_label(indicator: Any, figure: Any) -> str:
    if figure is None:
        return ""
    return label_of(Period.parse(figure.period), cumulative=indicator.value_mode == "ytd")


def _age(age: int | None) -> str:
    if not age:
        return ""
    return ngettext("%(n)d period old", "%(n)d periods old", age) % {"n": age}
