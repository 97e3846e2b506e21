"""What other rooms may use of the audit trail."""

from .chain import digest_of
from .models import AuditEvent
from .services import (
    ChainProblem,
    ChainReport,
    digests_of,
    record,
    record_many,
    request_address,
    seal_pending,
    unsealed_count,
    verify_chain,
)

__all__ = [
    "AuditEvent",
    "ChainProblem",
    "ChainReport",
    "digest_of",
    "digests_of",
    "record",
    "record_many",
    "request_address",
    "seal_pending",
    "unsealed_count",
    "verify_chain",
]
