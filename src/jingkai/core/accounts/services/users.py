"""People: created, renamed, switched off by the system administrator; unlocked and cut off by the
security administrator. Nobody is ever deleted: the trail names them."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.core.errors import Conflict, FieldProblem, InvalidInput
from jingkai.core.verdicts import require

from ..models import User
from ..rules import can_change_active, can_manage_users, can_secure
from .roles import keep_one_administrator
from .second_factor import clear_totp


@transaction.atomic
def create_user(
    *, username: str, name: str, email: str = "", actor: User | None, now: datetime
) -> User:
    """Create a person without password and without role. Raises NotPermitted, ValidationError.

    `actor` None is the system itself, at the start of an installation.
    """
    if actor is not None:
        require(can_manage_users(actor))
    user = User(
        username=User.normalize_username(username.strip().lower()),
        name=name.strip(),
        email=email.strip(),
        created_at=now,
    )
    user.set_unusable_password()
    user.full_clean()
    user.save()
    audit.record(
        "accounts.user.created", actor=actor, target=user, at=now, details={"username": username}
    )
    return user


@transaction.atomic
def rename_user(*, user_id: int, name: str, email: str, actor: User, now: datetime) -> User:
    """Correct name and e-mail. Raises NotPermitted, ValidationError."""
    require(can_manage_users(actor))
    user = _locked(user_id)
    before = {"name": user.name, "email": user.email}
    user.name, user.email = name.strip(), email.strip()
    user.full_clean()
    user.save(update_fields=["name", "email"])
    audit.record(
        "accounts.user.changed",
        actor=actor,
        target=user,
        at=now,
        details={"before": before, "after": {"name": user.name, "email": user.email}},
    )
    return user


@transaction.atomic
def deactivate_user(*, user_id: int, reason: str, actor: User, now: datetime) -> User:
    """Switch a person off: sessions and tokens end at once. Raises NotPermitted, Conflict."""
    person = User.objects.get(pk=user_id)
    require(can_change_active(actor, person))
    if not reason.strip():
        message = _("Give a reason: others will read it.")
        raise InvalidInput(message, problems=[FieldProblem("reason", message, "required")])
    for role in sorted(person.roles):
        keep_one_administrator(role, without=person)
    user = _locked(user_id)
    if not user.is_active:
        raise Conflict(_("This person is deactivated already."))
    user.is_active = False
    user.session_epoch += 1
    user.save(update_fields=["is_active", "session_epoch"])
    audit.record(
        "accounts.user.deactivated", actor=actor, target=user, at=now, summary=reason.strip()
    )
    return user


@transaction.atomic
def activate_user(*, user_id: int, actor: User, now: datetime) -> User:
    """Let a person in again, with the roles held before. Raises NotPermitted, Conflict."""
    user = _locked(user_id)
    require(can_change_active(actor, user))
    if user.is_active:
        raise Conflict(_("This person is active already."))
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record("accounts.user.activated", actor=actor, target=user, at=now)
    return user


@transaction.atomic
def unlock_user(*, user_id: int, actor: User, now: datetime) -> User:
    """End a lock-out early. Raises NotPermitted."""
    user = _locked(user_id)
    require(can_secure(actor, user))
    user.failed_sign_ins, user.locked_until = 0, None
    user.save(update_fields=["failed_sign_ins", "locked_until"])
    audit.record("accounts.user.unlocked", actor=actor, target=user, at=now)
    return user


@transaction.atomic
def reset_second_factor(*, user_id: int, actor: User, now: datetime) -> User:
    """Forget a lost second factor and end the person's sessions. Raises NotPermitted, Conflict."""
    user = _locked(user_id)
    require(can_secure(actor, user))
    if user.totp_confirmed_at is None:
        raise Conflict(_("This person has no second factor."))
    clear_totp(user)
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    audit.record("accounts.second-factor.reset", actor=actor, target=user, at=now)
    return user


@transaction.atomic
def end_sessions(*, user_id: int, actor: User, now: datetime) -> User:
    """End every session of another person. Raises NotPermitted."""
    user = _locked(user_id)
    require(can_secure(actor, user))
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    audit.record("accounts.sessions.ended", actor=actor, target=user, at=now)
    return user


@transaction.atomic
def choose_language(*, actor: User, language: str, now: datetime) -> None:
    """Remember the person's language."""
    User.objects.filter(pk=actor.pk).update(language=language)
    audit.record(
        "accounts.language.chosen", actor=actor, target=actor, at=now, details={"to": language}
    )


@transaction.atomic
def renew_calendar_key(*, actor: User, now: datetime) -> str:
    """Give the person's calendar feed a new secret address; the old one stops working."""
    key = secrets.token_urlsafe(32)
    User.objects.filter(pk=actor.pk).update(calendar_key=key)
    audit.record("accounts.calendar-key.renewed", actor=actor, target=actor, at=now)
    return key


def _locked(user_id: int) -> User:
    return User.objects.select_for_update().get(pk=user_id)
