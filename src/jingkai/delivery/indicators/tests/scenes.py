"""Scenes for pages: one indicator with two years of figures, a path, a target and its zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from jingkai.core.accounts.models import User
from jingkai.core.accounts.roles import Role
from jingkai.core.accounts.tests.factories import UserFactory
from jingkai.delivery.indicators.models import (
    Indicator,
    Origin,
    Release,
    Series,
    Shape,
    Target,
)
from jingkai.delivery.indicators.services.entries import ValueEntry
from jingkai.delivery.indicators.services.trajectories import Horizon, plan_trajectory
from jingkai.delivery.indicators.services.values import record_values
from jingkai.engine.periods import Frequency, Period, range_periods
from jingkai.masterdata.organisations.models import Zone
from jingkai.masterdata.organisations.tests.factories import BodyFactory, ZoneFactory

from .factories import IndicatorFactory, TargetFactory

RECORDED = datetime(2026, 11, 12, 2, tzinfo=UTC)
FIRST = Period.of(2024, Frequency.MONTH, 12)
LATEST = Period.of(2026, Frequency.MONTH, 10)


@dataclass(frozen=True, slots=True)
class Scene:
    """What `indicator_scene` made. `silent` is a zone that has reported nothing for LATEST."""

    indicator: Indicator
    target: Target
    zones: Sequence[Zone]
    silent: Zone
    office: User

    def series(self, scope: str = "EDZ") -> Series:
        return Series.objects.select_related("indicator", "zone").get(
            indicator=self.indicator, scope=scope
        )


def indicator_scene(*, zones: int = 5, **fields: object) -> Scene:
    """One monthly running total of `zones` zones, December 2024 to October 2026, with its path.

    Zone k's total of month m of 2026 is 2 · k · m; a year earlier it was one tenth less. The last
    zone is silent in October 2026. The target is 395 by 2030.
    """
    office = UserFactory(role=Role.OFFICE)
    made = [ZoneFactory() for _ in range(zones)]
    indicator = IndicatorFactory(is_headline=True, **fields)
    target = TargetFactory(indicator=indicator, horizon="2030", value=Decimal(395))
    months = range_periods(FIRST, LATEST)
    entries = [
        ValueEntry(indicator.code, zone.code, month.code, _total(k, month))
        for k, zone in enumerate(made, start=1)
        for month in months
        if zone is not made[-1] or month != LATEST
    ]
    record_values(
        entries=entries, actor=office, now=RECORDED, origin=Origin.ENTERED, release=Release.FLASH
    )
    scene = Scene(indicator, target, made, made[-1], office)
    for scope in ("EDZ", *(zone.code for zone in made)):
        horizons = None if scope == "EDZ" else [Horizon("2030", Decimal(80))]
        plan_trajectory(
            series=scene.series(scope),
            shape=Shape.STRAIGHT,
            base_period="2025",
            horizons=horizons,
            actor=office,
            now=RECORDED,
        )
    return scene


def _total(k: int, month: Period) -> Decimal:
    value = Decimal(2 * k * month.part)
    return value if month.year == 2026 else value * Decimal("0.9")


def people(scene: Scene) -> dict[str, User]:
    """One person per kind: leader, department clerk of the compiling body, zone clerk, outsider."""
    return {
        "leader": UserFactory(role=Role.LEADER),
        "office": scene.office,
        "stat-clerk": UserFactory(role=Role.DEPARTMENT_CLERK, body=scene.indicator.compiler),
        "zone-clerk": UserFactory(role=Role.ZONE_CLERK, body=scene.zones[1].committee),
        "outsider": UserFactory(role=Role.ENTERPRISE, body=BodyFactory()),
    }


def page(name: str, *args: object, **query: object) -> str:
    """The address of one of the room's pages."""
    address = reverse(f"indicators:{name}", args=args)
    return address + ("?" + urlencode(query) if query else "")


def text(response: HttpResponse) -> str:
    return response.content.decode()
