"""What supervision hangs onto other rooms: the clock, file access, deadlines, roles."""

from __future__ import annotations

from datetime import datetime

from jingkai.core.accounts.public import User
from jingkai.core.files.public import register_guard
from jingkai.core.jobs.public import periodic
from jingkai.core.notices.public import register_deadlines
from jingkai.delivery.policy import public as policy

from . import search
from .clock import daily_tick
from .models import ProgressReport
from .panels import has_next_figure
from .queries import deadlines_for, visible_obligations
from .services import follow_roles, register_next_figure


def may_read_evidence(user: User, report_id: int) -> bool:
    """Evidence is read by whoever sees the obligation it belongs to."""
    return ProgressReport.objects.filter(
        pk=report_id, obligation__in=visible_obligations(user)
    ).exists()


def connect() -> None:
    register_guard(ProgressReport._meta.label_lower, may_read_evidence)
    search.register()
    register_deadlines("supervision", deadlines_for)
    policy.on_roles_changed("supervision", follow_roles)
    register_next_figure(has_next_figure)

    # Every hour, although days are what it counts: a tick of a day already done changes nothing,
    # and no night without the machine is missed.
    @periodic("7 * * * *", "supervision.tick")
    def tick(now: datetime) -> None:
        daily_tick(now=now)
