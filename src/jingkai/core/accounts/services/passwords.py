"""Choosing a password."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password as matches
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput

from ..models import PreviousPassword, User
from ..policy import sign_in_policy


@transaction.atomic
def change_password(*, actor: User, current: str, new: str, now: datetime) -> User:
    """Change one's own password. Raises InvalidInput naming the field that is wrong.

    Every other session of the person ends by it: sessions are bound to the password's hash.
    """
    user = User.objects.select_for_update().get(pk=actor.pk)
    if user.has_usable_password() and not user.check_password(current):
        raise _problem("current", _("The current password is not right."))
    set_password(user, new, now=now)
    audit.record("accounts.password.changed", actor=actor, target=user, at=now)
    return user


def set_password(user: User, new: str, *, now: datetime) -> None:
    """Give `user` (a locked row) the password `new`; raises InvalidInput when a rule forbids it."""
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise InvalidInput(
            problems=[FieldProblem("new", message, "password") for message in error.messages]
        ) from error
    remembered = sign_in_policy().remembered_passwords
    earlier = [row.password for row in PreviousPassword.objects.filter(user=user)[: remembered - 1]]
    if any(matches(new, encoded) for encoded in [user.password, *earlier]):
        raise _problem(
            "new",
            _("This password was used before; choose one unlike your last %(n)d.")
            % {"n": remembered},
        )
    if user.has_usable_password():
        PreviousPassword.objects.create(user=user, password=user.password, set_at=now)
        kept = PreviousPassword.objects.filter(user=user).values_list("pk", flat=True)
        PreviousPassword.objects.filter(user=user).exclude(
            pk__in=list(kept[: remembered - 1])
        ).delete()
    user.set_password(new)
    user.password_changed_at = now
    user.failed_sign_ins, user.locked_until = 0, None
    user.save(update_fields=["password", "password_changed_at", "failed_sign_ins", "locked_until"])


def _problem(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message)])
