"""Indicators, definitions, series and targets for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from factory import Sequence, SubFactory
from factory.django import DjangoModelFactory

from jingkai.delivery.indicators.models import (
    Indicator,
    IndicatorVersion,
    Modality,
    ScopeKind,
    Series,
    Target,
    TargetKind,
)
from jingkai.masterdata.organisations.tests.factories import BodyFactory

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
THRESHOLDS = {"yellow_gap_percent": Decimal(2), "red_gap_percent": Decimal(10)}


class IndicatorFactory(DjangoModelFactory):
    """A monthly running total in 亿元 that adds up over zones."""

    class Meta:
        model = Indicator

    code = Sequence(lambda n: f"IND{n}")
    name = Sequence(lambda n: f"测试指标{n}")
    name_en = Sequence(lambda n: f"Test indicator {n}")
    unit = "亿元"
    decimals = 2
    direction, frequency, value_mode = "higher", "month", "ytd"
    time_aggregation, place_aggregation = "last", "sum"
    price_basis = "current"
    responsible = SubFactory(BodyFactory)
    compiler = SubFactory(BodyFactory)

    @classmethod
    def _create(cls, model_class, *args, **fields):
        definition = fields.pop("definition", {})
        indicator = super()._create(model_class, *args, **fields)
        VersionFactory(indicator=indicator, **definition)
        return indicator


class VersionFactory(DjangoModelFactory):
    class Meta:
        model = IndicatorVersion

    number = 1
    effective_from = date(2020, 1, 1)
    definition = "测试口径。"


class SeriesFactory(DjangoModelFactory):
    class Meta:
        model = Series

    indicator = SubFactory(IndicatorFactory)
    scope_kind, scope = ScopeKind.ZONES, "EDZ"


class TargetFactory(DjangoModelFactory):
    class Meta:
        model = Target

    code = Sequence(lambda n: f"target-{n}")
    indicator = SubFactory(IndicatorFactory)
    kind, modality = TargetKind.LEVEL, Modality.PLAIN
    value, unit, horizon = Decimal(395), "亿元", "2030"
    place = "annex1:3"
    is_leading = True
