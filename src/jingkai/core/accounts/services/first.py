"""The first people of an installation, and one-time links for whoever starts it.

Separation from the first minute: not one almighty administrator but two, `sysadmin` who makes
people and `secadmin` who gives roles. They make the audit administrator and everybody else. No
password exists before each has chosen one by the link.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.errors import Conflict

from ..models import LinkPurpose, User
from ..policy import sign_in_policy
from ..queries import users_with_role
from ..roles import Role
from .links import create_link
from .roles import grant_role
from .users import create_user

_FIRST = ((Role.SYSTEM_ADMIN, "sysadmin"), (Role.SECURITY_ADMIN, "secadmin"))


@transaction.atomic
def ensure_first_administrator(*, now: datetime, body: Any = None) -> list[tuple[str, str]]:
    """Make the system and the security administrator when there is none; return (role, path).

    A path is given for each of them who has not chosen a password yet, so a lost link is printed
    anew by starting again; later the list is empty. `body` is the body they belong to, by default
    the first one. Raises Conflict when no body is loaded.
    """
    body = body or apps.get_model(settings.BODY_MODEL)._default_manager.order_by("pk").first()
    issued = []
    for role, username in _FIRST:
        user = users_with_role(role).filter(is_demo=False).first()
        if user is None:
            if body is None:
                raise Conflict(_("Load a pack first: administrators belong to a body."))
            user = User.objects.filter(username=username, is_demo=False).first()
            if user is None:
                taken = User.objects.filter(username=username).exists()
                user = create_user(
                    username=f"{username}-1" if taken else username,
                    name=str(role.label),
                    actor=None,
                    now=now,
                )
            grant_role(user_id=user.pk, role=role, body=body, actor=None, now=now)
        if user.last_login is None and not user.has_usable_password():
            _link, path = create_link(
                user=user,
                purpose=LinkPurpose.SET_PASSWORD,
                minutes=sign_in_policy().demo_link_minutes,
                actor=None,
                now=now,
            )
            issued.append((str(role.label), path))
    return issued


def issue_demo_links(*, now: datetime) -> list[tuple[str, str]]:
    """A sign-in link for each demonstration person as (role, path); empty outside demonstration."""
    if not settings.DEMO:
        return []
    issued = []
    for user in User.objects.filter(is_demo=True, is_active=True).order_by("pk"):
        _link, path = create_link(
            user=user,
            purpose=LinkPurpose.SIGN_IN,
            minutes=sign_in_policy().demo_link_minutes,
            actor=None,
            now=now,
        )
        member = user.primary_membership
        issued.append((str(Role(member.role).label) if member else user.name, path))
    return issued
