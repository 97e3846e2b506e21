"""What reporting hangs onto other rooms: the clock, file access, words of the trail."""

from __future__ import annotations

from datetime import datetime

from jingkai.core.accounts.public import User
from jingkai.core.files.public import register_guard
from jingkai.core.jobs.public import periodic
from jingkai.core.notices.public import register_deadlines
from jingkai.delivery.indicators.public import register_procedure

from . import audit_actions, audit_doors, audit_rules  # noqa: F401  # register their words
from .clock import daily_tick
from .collected import collected_by_return
from .models import Cell
from .queries import visible_cells
from .queries.work import deadlines_for
from .services.noise import report_noisy_rules
from .wiring_corrections import connect_corrections


def may_read_evidence(user: User, cell_id: int) -> bool:
    """Evidence is read by whoever sees the return it belongs to."""
    return visible_cells(user).filter(pk=cell_id).exists()


def connect() -> None:
    register_guard(Cell._meta.label_lower, may_read_evidence)
    register_deadlines("reporting", deadlines_for)
    connect_corrections()
    register_procedure("returns", collected_by_return)

    # Every quarter of an hour: an unlock ends when its time is up, not the next morning.
    @periodic("*/15 * * * *", "reporting.tick")
    def tick(now: datetime) -> None:
        daily_tick(now=now)

    # On the first of the month: which rules were more often wrong than right.
    @periodic("30 8 1 * *", "reporting.noisy_rules")
    def noisy_rules(now: datetime) -> None:
        report_noisy_rules(now=now)
