"""Pages of supervision."""

from .acting import act, answer_urge, assign_roles, decide_extension, decide_report
from .issuing import bulk_issue, register
from .reading import (
    board,
    meeting_detail,
    meetings,
    obligation_detail,
    obligation_list,
    review_queue,
    task_card,
)

__all__ = [
    "act",
    "answer_urge",
    "assign_roles",
    "board",
    "bulk_issue",
    "decide_extension",
    "decide_report",
    "meeting_detail",
    "meetings",
    "obligation_detail",
    "obligation_list",
    "register",
    "review_queue",
    "task_card",
]
