"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from jingkai.delivery.indicators.tests.matrix_samples import measured


def samples(world: Any) -> dict[str, dict[str, object]]:
    """The department, the zone, and a target with the zone's figures."""
    return {
        "cockpit:body": {"code": world.department.code},
        "cockpit:zone": {"code": world.zone.code},
        "cockpit:gap-fragment": {"code": measured(world, world.zone.code).code},
    }
