"""What other rooms may use of the audit trail."""

from .actions import action_label, register_actions, registered_actions
from .chain import digest_of
from .models import AuditEvent
from .services import (
    ChainProblem,
    ChainReport,
    Sealer,
    digests_of,
    record,
    record_many,
    record_read,
    request_address,
    seal_pending,
    unsealed_count,
    verify_chain,
)

__all__ = [
    "AuditEvent",
    "ChainProblem",
    "ChainReport",
    "Sealer",
    "action_label",
    "digest_of",
    "digests_of",
    "record",
    "record_many",
    "record_read",
    "register_actions",
    "registered_actions",
    "request_address",
    "seal_pending",
    "unsealed_count",
    "verify_chain",
]
