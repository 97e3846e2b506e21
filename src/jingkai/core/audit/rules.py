"""Who may read the trail."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from jingkai.core.verdicts import ALLOWED, Verdict

# The room of accounts lies above this one; its role is known here by its code only.
AUDIT_ADMIN: Final = "audit-admin"


def can_read_trail(user: Any) -> Verdict:
    """The audit administrator and nobody else: who acts does not watch himself."""
    if user.has_role(AUDIT_ADMIN):
        return ALLOWED
    return Verdict(False, _("Only the audit administrator reads the audit trail."))
