"""Real objects for the permission matrix."""

from __future__ import annotations

from typing import Any

from .factories import ZoneFactory


def samples(world: Any) -> dict[str, dict[str, object]]:
    """The department; the zone for its pages, and a neighbour that its people may not see."""
    department = {"value": world.department.code}
    zone, neighbour = {"value": world.zone.code}, {"value": ZoneFactory().code}
    bodies = ("body", "body-alias", "body-alias-end", "body-edit", "body-merge", "body-verify")
    zones = ("zone", "zone-boundary", "zone-edit", "zone-industries", "zone-verify")
    return {
        **{f"organisations:{name}": department for name in bodies},
        **{f"organisations:{name}": zone for name in zones},
        "get_body": department,
        "get_zone": neighbour,
    }
