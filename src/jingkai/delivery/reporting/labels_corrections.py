"""Periods and scopes in words, for pages of corrections and revisions."""

from __future__ import annotations

from django.utils.translation import gettext as _

from jingkai.core.ui.public import is_english
from jingkai.delivery.indicators.public import Indicator, Series, ValueMode
from jingkai.engine.errors import PeriodError
from jingkai.engine.periods import Period


def period_text(code: str, indicator: Indicator | None = None) -> str:
    """“2026年1–9月累计”, or “January–September 2026”; nonsense stays as it is."""
    try:
        period = Period.parse(code)
    except PeriodError:
        return code
    running = indicator is not None and indicator.value_mode == ValueMode.YTD
    return (
        period.en_label(cumulative=running) if is_english() else period.zh_label(cumulative=running)
    )


def scope_text(series: Series) -> str:
    """The zone's short name, or which total it is."""
    if series.zone is not None:
        return series.zone.short_name
    return {"CITY": _("whole city"), "EDZ": _("all zones")}.get(series.scope, series.scope)
