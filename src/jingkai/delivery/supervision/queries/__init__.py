"""Reading supervision: visibility first, then lists, cards, work and differences."""

from .cards import Card, ReportLine, obligation_card, reports_to_review, shares_of
from .changes import Changes, changes_since, last_meeting
from .lists import (
    BodyLine,
    Filters,
    Row,
    Totals,
    body_board,
    obligations_for_list,
    rows_of,
    totals,
)
from .visibility import visible_obligations
from .work import WorkItem, deadlines_for, my_work

__all__ = [
    "BodyLine",
    "Card",
    "Changes",
    "Filters",
    "ReportLine",
    "Row",
    "Totals",
    "WorkItem",
    "body_board",
    "changes_since",
    "deadlines_for",
    "last_meeting",
    "my_work",
    "obligation_card",
    "obligations_for_list",
    "reports_to_review",
    "rows_of",
    "shares_of",
    "totals",
    "visible_obligations",
]
