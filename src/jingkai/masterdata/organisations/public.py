"""What other rooms may use of organisations."""

from .models import Body, BodyKind, Zone

__all__ = ["Body", "BodyKind", "Zone"]
