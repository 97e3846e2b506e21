"""What consultation hangs onto other rooms: its words, its clock, the deadlines of bodies."""

from __future__ import annotations

from datetime import datetime

from jingkai.core.jobs.public import periodic
from jingkai.core.notices.public import register_deadlines

from .queries import deadlines_for
from .services import tick


def connect() -> None:
    from . import audit_actions  # noqa: F401  # registers its words

    register_deadlines("consultation", deadlines_for)

    # Every five minutes: a round closes at the end of its last day, and the page says so anyway.
    @periodic("*/5 * * * *", "consultation.tick")
    def run(now: datetime) -> None:
        tick(now=now)
