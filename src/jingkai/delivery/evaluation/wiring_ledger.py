"""What ledger and objections hang onto other rooms: papers, deadlines, the clock, words."""

from __future__ import annotations

from datetime import datetime

from jingkai.core.accounts.public import User
from jingkai.core.files.public import register_guard
from jingkai.core.jobs.public import periodic
from jingkai.core.notices.public import register_deadlines
from jingkai.core.register.public import guard_attachments

from . import audit_ledger  # noqa: F401  # registers its words
from .clock import daily_tick, deadlines_for
from .models import LedgerEntry, Objection
from .past_register import PAST
from .queries.ledger import visible_entries
from .queries.objections import may_be_seen_by


def may_read_case(user: User, entry_id: int) -> bool:
    """Evidence is read by whoever sees the case."""
    return visible_entries(user).filter(pk=entry_id).exists()


def connect_ledger() -> None:
    register_guard(LedgerEntry._meta.label_lower, may_read_case)
    register_guard(Objection._meta.label_lower, may_be_seen_by)
    guard_attachments(PAST)
    register_deadlines("evaluation", deadlines_for)

    @periodic("10 * * * *", "evaluation.tick")
    def tick(now: datetime) -> None:
        daily_tick(now=now)
