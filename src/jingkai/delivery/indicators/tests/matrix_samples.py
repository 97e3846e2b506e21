"""Real objects for the permission matrix."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from jingkai.delivery.indicators.models import (
    Allocation,
    AllocationLine,
    AllocationState,
    Indicator,
    Origin,
    Release,
    Series,
    Shape,
)
from jingkai.delivery.indicators.services.entries import ValueEntry
from jingkai.delivery.indicators.services.trajectories import plan_trajectory
from jingkai.delivery.indicators.services.values import record_values
from jingkai.masterdata.organisations.tests.factories import ZoneFactory

from .factories import IndicatorFactory, TargetFactory
from .scenes import LATEST, RECORDED


def measured(world: Any, *scopes: str) -> Indicator:
    """An indicator the department compiles, with figures of `scopes`, a target and a path."""
    indicator = IndicatorFactory(
        is_headline=True, compiler=world.department, responsible=world.department
    )
    TargetFactory(indicator=indicator)
    office = world.users["office"]
    record_values(
        entries=[
            ValueEntry(indicator.code, scope, period, Decimal(20))
            for scope in scopes
            for period in ("2025-12", LATEST.code)
        ],
        actor=office,
        now=RECORDED,
        origin=Origin.ENTERED,
        release=Release.FLASH,
    )
    plan_trajectory(
        series=Series.objects.get(indicator=indicator, scope="EDZ"),
        shape=Shape.STRAIGHT,
        base_period="2025",
        horizons=None,
        actor=office,
        now=RECORDED,
    )
    return indicator


def samples(world: Any) -> dict[str, dict[str, object]]:
    """Figures and a round of the zone for the pages; of its neighbour where the API asks for one.

    So each row of a zone's people says either that they reach their own or that they do not reach
    what is the neighbour's.
    """
    neighbour = ZoneFactory()
    indicator = measured(world, world.zone.code, neighbour.code)
    series = Series.objects.filter(indicator=indicator)
    figures = {row.scope: row.events.latest("pk").pk for row in series}
    rounds = {}
    for horizon, zone in (("2030", world.zone), ("2028", neighbour)):
        rounds[zone] = Allocation.objects.create(
            indicator=indicator,
            horizon=horizon,
            base_period="2025",
            total=Decimal(395),
            state=AllocationState.COLLECTING,
            created_by=world.users["office"],
            created_at=RECORDED,
        )
    lines = {
        zone: AllocationLine.objects.create(allocation=row, zone=zone)
        for zone, row in rounds.items()
    }
    code = {"code": indicator.code}
    pages = ("detail", "zones", "judge", "plan", "targets", "open-allocation")
    reads = (
        "get_indicator", "get_trajectory", "list_indicator_values", "list_indicator_zones",
        "plan_trajectory", "judge_indicator",
    )  # fmt: skip
    steps = ("adjust_shares", "collect_proposals", "issue_allocation", "withdraw_allocation")
    own, other = {"pk": rounds[world.zone].pk}, {"allocation_id": rounds[neighbour].pk}
    return {
        **{f"indicators:{name}": code for name in pages},
        "indicators:part": {**code, "part": "revisions"},
        "indicators:lineage": {"event_id": figures[world.zone.code]},
        "indicators:allocation": own,
        "indicators:allocation-action": {**own, "action": "propose"},
        **dict.fromkeys(reads, code),
        "get_value_lineage": {"event_id": figures[neighbour.code]},
        "propose_share": {"line_id": lines[neighbour].pk},
        **dict.fromkeys(steps, other),
    }
