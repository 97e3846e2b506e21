"""API of indicators, by topic.

An address that names one indicator matches every other word too: it comes last.
"""

from . import one, sharing_out
from .board import router
from .targets import policy_targets

for part in (sharing_out, one):
    router.add_router("", part.router)

__all__ = ["policy_targets", "router"]
