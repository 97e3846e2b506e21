"""What other rooms may use of organisations."""

from .models import Body, BodyAlias, BodyKind, Zone, ZoneIndustry, ZoneLevel
from .services import initials_of

__all__ = ["Body", "BodyAlias", "BodyKind", "Zone", "ZoneIndustry", "ZoneLevel", "initials_of"]
