"""What corrections hang onto other rooms: words of the trail, who reads evidence, provenance."""

from __future__ import annotations

from jingkai.core.accounts.public import User
from jingkai.core.files.public import register_guard
from jingkai.delivery.indicators.public import register_provenance

from . import audit_corrections  # noqa: F401  # registers its words
from .models import Correction
from .provenance import steps_of
from .queries.corrections import visible_corrections


def may_read_evidence(user: User, correction_id: int) -> bool:
    """Papers of a slip are read by whoever sees the figure it is about."""
    return visible_corrections(user).filter(pk=correction_id).exists()


def connect_corrections() -> None:
    register_guard(Correction._meta.label_lower, may_read_evidence)
    register_provenance("returns", steps_of)
