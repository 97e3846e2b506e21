"""Who may read the document, assign leads and decide conflicts. Deny by default."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import OFFICIALS, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict


def can_read(user: User) -> Verdict:
    """Officials read the whole document; its queryset twins are `queries.visible_*`."""
    if user.has_role(*OFFICIALS):
        return ALLOWED
    return Verdict(False, _("The document map is for officials of the city and its zones."))


def can_assign_roles(user: User) -> Verdict:
    """Who leads and who assists is assigned by the leading-group office."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    return Verdict(False, _("Only the leading-group office assigns who leads and who assists."))


def can_decide_conflict(user: User) -> Verdict:
    """Conflicts of the document are decided, and reopened, by the leading-group office."""
    if user.has_role(Role.OFFICE):
        return ALLOWED
    return Verdict(False, _("Only the leading-group office decides conflicts of the document."))
