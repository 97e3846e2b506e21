"""What other rooms may use of organisations."""

from .models import Body, Zone

__all__ = ["Body", "Zone"]
