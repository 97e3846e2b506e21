"""Use cases of supervision, by stage. Locks are taken shares first, then the whole task."""

from .bulk import issue_many
from .closing import close, conclude, exempt_from_figure, register_next_figure, reopen
from .dates import answer_urge, decide_extension, request_extension, urge
from .issuing import dispute, issue, settle_dispute, sign, withdraw
from .meetings import record_meeting
from .registering import Registered, register_obligations
from .reporting import claim_completion, endorse_completion, report_progress, review_report
from .roles import assign_roles, follow_roles

__all__ = [
    "Registered",
    "answer_urge",
    "assign_roles",
    "claim_completion",
    "close",
    "conclude",
    "decide_extension",
    "dispute",
    "endorse_completion",
    "exempt_from_figure",
    "follow_roles",
    "issue",
    "issue_many",
    "record_meeting",
    "register_next_figure",
    "register_obligations",
    "reopen",
    "report_progress",
    "request_extension",
    "review_report",
    "settle_dispute",
    "sign",
    "urge",
    "withdraw",
]
