"""Who may see and change master data of bodies and zones, and why not.

The office keeps the registers; everybody else who works on the policy reads them. A zone does not
edit its own record: what it wants changed it asks of the office, so that one hand keeps the names,
areas and industries on which targets are allocated.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from jingkai.core.accounts.public import OFFICIALS, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict

MAX_INDUSTRIES = 3
_CLAUSE = "主导产业一般不超过3个（落实意见 措施一）"


def can_see(user: User) -> Verdict:
    if user.has_role(*OFFICIALS):
        return ALLOWED
    return Verdict(False, _("This register is for those who work on the policy."))


def can_edit(user: User) -> Verdict:
    if user.has_role(Role.OFFICE):
        return ALLOWED
    return Verdict(
        False, _("Only the leading-group office keeps this register. Ask it for the change.")
    )


def industries_fit(names: Sequence[str]) -> Verdict:
    """Whether a zone may have these leading industries; the reason is the clause itself."""
    if len(names) <= MAX_INDUSTRIES:
        return ALLOWED
    reason: StrOrPromise = _("%(count)d industries are named: %(clause)s. Keep at most three.") % {
        "count": len(names),
        "clause": _CLAUSE,
    }
    return Verdict(False, reason)
