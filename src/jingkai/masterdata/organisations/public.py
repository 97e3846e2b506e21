"""What other rooms may use of organisations. Models are for reads; writes go through services."""

from .models import Body, BodyAlias, BodyKind, Zone, ZoneIndustry, ZoneLevel
from .queries import (
    active_zones,
    bodies_by_code,
    visible_bodies,
    visible_zones,
    zone_codes_for,
    zones_by_code,
)
from .resolving import BodyResolver, Resolution, Suggestion, resolve_body
from .services import initials_of, merge_bodies

__all__ = [
    "Body",
    "BodyAlias",
    "BodyKind",
    "BodyResolver",
    "Resolution",
    "Suggestion",
    "Zone",
    "ZoneIndustry",
    "ZoneLevel",
    "active_zones",
    "bodies_by_code",
    "initials_of",
    "merge_bodies",
    "resolve_body",
    "visible_bodies",
    "visible_zones",
    "zone_codes_for",
    "zones_by_code",
]
