"""API of consultation: the same services and verdicts as the pages; `/open/` needs no sign-in."""

from . import acting, open, reading
from .base import router

__all__ = ["acting", "open", "reading", "router"]
