"""A slip about a published figure of the matrix's zone, asked for by its clerk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from jingkai.core.files.public import attach
from jingkai.delivery.indicators.models import Indicator, Origin, Release, Series
from jingkai.delivery.indicators.services.entries import ValueEntry
from jingkai.delivery.indicators.services.values import record_values
from jingkai.delivery.indicators.tests.factories import IndicatorFactory
from jingkai.delivery.reporting.services.corrections import request_correction

from .correction_scenes import NOW, paper


def _indicator(world: Any) -> Indicator:
    return IndicatorFactory(code="MATRIX-SLIP", name="矩阵更正指标", compiler=world.department)


def correction_samples(world: Any) -> dict[str, dict[str, object]]:
    indicator, clerk = _indicator(world), world.users["zone-clerk"]
    record_values(
        entries=[ValueEntry(indicator.code, world.zone.code, "2026-09", Decimal(36))],
        actor=world.users["office"], now=NOW, origin=Origin.ENTERED, release=Release.FLASH,
    )  # fmt: skip
    series = Series.objects.get(indicator=indicator, scope=world.zone.code)
    slip = request_correction(
        series_id=series.pk, period="2026-09", new_value=Decimal(40), code="error",
        reason="漏报", actor=clerk, now=NOW,
    )  # fmt: skip
    attach(target=slip, upload=paper(), actor=clerk, now=NOW)
    one = {"correction_id": slip.pk}
    operations = (
        "get_correction", "approve_correction", "refuse_correction", "withdraw_correction",
        "attach_correction_evidence",
    )  # fmt: skip
    return {
        "reporting:correction": one,
        "reporting:correction-act": {**one, "action": "approve"},
        "reporting:revisions": {"code": indicator.code},
        "get_revisions": {"code": indicator.code},
        **dict.fromkeys(operations, one),
    }
