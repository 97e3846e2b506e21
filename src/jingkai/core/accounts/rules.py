"""Who may do what to whom here, with the reason why not.

The three administrators keep each other in check: the system administrator makes people but gives
no roles, the security administrator gives roles but makes no people, the audit administrator
looks and changes nothing. None of them acts on himself.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jingkai.core.errors import NotPermitted
from jingkai.core.verdicts import ALLOWED, Verdict

from .models import User
from .roles import ADMINISTRATORS, Role


def can_see_users(actor: User) -> Verdict:
    if actor.has_role(*ADMINISTRATORS):
        return ALLOWED
    return Verdict(False, _("Only the three administrators see the users."))


def can_manage_users(actor: User) -> Verdict:
    """Create and rename people."""
    if actor.has_role(Role.SYSTEM_ADMIN):
        return ALLOWED
    return Verdict(False, _("Only the system administrator does this."))


def can_change_active(actor: User, user: User) -> Verdict:
    """Activate and deactivate."""
    if not (verdict := can_manage_users(actor)):
        return verdict
    return _not_self(actor, user)


def can_create_link(actor: User, user: User) -> Verdict:
    if not (verdict := can_manage_users(actor)):
        return verdict
    if not user.is_active:
        return Verdict(False, _("This person is deactivated; activate the person first."))
    return _not_self(actor, user)


def can_secure(actor: User, user: User) -> Verdict:
    """Grant and end roles, unlock, reset the second factor, end sessions, revoke tokens."""
    if not actor.has_role(Role.SECURITY_ADMIN):
        return Verdict(False, _("Only the security administrator does this."))
    return _not_self(actor, user)


def can_hold_together(held: frozenset[str], role: str) -> Verdict:
    """Whether somebody with the roles `held` may get `role` too."""
    administrative = ADMINISTRATORS & (held | {role})
    if len(administrative) > 1:
        return Verdict(
            False,
            _("System, security and audit administrator are three separate persons."),
        )
    if administrative and (held | {role}) - ADMINISTRATORS:
        return Verdict(
            False,
            _("An administrator holds no other role and sees no business figures."),
        )
    return ALLOWED


def _not_self(actor: User, user: User) -> Verdict:
    if actor.pk == user.pk:
        return Verdict(False, _("Nobody does this to his own account."))
    return ALLOWED


def require_role(user: User, *roles: str) -> None:
    """Raise NotPermitted unless `user` holds one of `roles` today."""
    if not user.has_role(*roles):
        names = "、".join(str(Role(role).label) for role in roles)
        raise NotPermitted(_("This is for: %(roles)s.") % {"roles": names})
