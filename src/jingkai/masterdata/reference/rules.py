"""Who may see and change reference tables, and why not."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.accounts.public import OFFICIALS, Role, User
from jingkai.core.verdicts import ALLOWED, Verdict

from .models import ReferenceVersion, VersionState


def can_see(user: User) -> Verdict:
    if user.has_role(*OFFICIALS):
        return ALLOWED
    return Verdict(False, _("Reference tables are for those who work on the policy."))


def can_edit(user: User) -> Verdict:
    if user.has_role(Role.OFFICE):
        return ALLOWED
    return Verdict(
        False, _("Only the leading-group office keeps reference tables. Ask it for the change.")
    )


def rows_may_change(version: ReferenceVersion) -> Verdict:
    """Rows that were ever in force stay as they were: results were computed from them."""
    if version.state == VersionState.DRAFT:
        return ALLOWED
    return Verdict(
        False, _("Rows of a version that was in force never change. Begin a new draft from it.")
    )
