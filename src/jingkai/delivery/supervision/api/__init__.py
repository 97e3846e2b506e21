"""API of supervision: the list, the card and every action, under the same verdicts as the pages."""

from . import acting, reading
from .base import router

__all__ = ["acting", "reading", "router"]
