"""The second factor: a code of six digits from an app on the person's phone (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
import segno
from django.db import transaction
from django.utils.translation import gettext as _

from jingkai.core.audit import public as audit
from jingkai.core.errors import FieldProblem, InvalidInput, NotPermitted

from ..models import SignInOutcome, User
from ..roles import ADMINISTRATORS
from ..sealing import seal, unseal
from .sign_in import count_failure

_STEP_SECONDS = 30
_DRIFT_STEPS = 1  # phones run up to half a minute wrong


def new_secret() -> str:
    """A fresh secret, 160 bits in base32."""
    return pyotp.random_base32()


def qr_image(user: User, secret: str) -> str:
    """The enrolment code as an SVG data address for an image; nothing leaves the machine."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="Jingkai")
    image: str = segno.make(uri, error="m").svg_data_uri(scale=4, border=3, light="white")
    return image


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, within the drift allowed; None when it is of none."""
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // _STEP_SECONDS
    for step in range(current - _DRIFT_STEPS, current + _DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


@transaction.atomic
def enrol_totp(*, actor: User, secret: str, code: str, now: datetime) -> User:
    """Bind `secret` to the person after a code made from it. Raises InvalidInput."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    if user.totp_confirmed_at is not None:
        raise NotPermitted(_("A second factor is set up already; remove it first."))
    step = matching_step(secret, _digits(code), now)
    if step is None:
        raise _wrong()
    user.totp_secret, user.totp_confirmed_at, user.totp_last_step = seal(secret), now, step
    user.save(update_fields=["totp_secret", "totp_confirmed_at", "totp_last_step"])
    audit.record("accounts.second-factor.enrolled", actor=actor, target=user, at=now)
    return user


@transaction.atomic
def verify_totp(*, user: User, code: str, address: str | None, now: datetime) -> bool:
    """True when `code` is right and was not used before. Failures count towards the lock-out."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_locked(now) or user.totp_confirmed_at is None:
        return False
    secret = unseal(user.totp_secret)
    step = matching_step(secret, _digits(code), now) if secret else None
    if step is None or step <= user.totp_last_step:
        count_failure(user, address=address, now=now, outcome=SignInOutcome.SECOND_FACTOR_REFUSED)
        return False
    user.totp_last_step = step
    user.save(update_fields=["totp_last_step"])
    return True


@transaction.atomic
def remove_totp(*, actor: User, code: str, address: str | None, now: datetime) -> bool:
    """Take one's own second factor away with a last code; False when the code is not right.

    Administrators keep theirs: NotPermitted.
    """
    if actor.has_role(*ADMINISTRATORS):
        raise NotPermitted(_("Administrators keep their second factor."))
    if not verify_totp(user=actor, code=code, address=address, now=now):
        return False
    clear_totp(User.objects.select_for_update().get(pk=actor.pk))
    audit.record("accounts.second-factor.removed", actor=actor, target=actor, at=now)
    return True


def clear_totp(user: User) -> None:
    """Forget the second factor of `user` (a locked row)."""
    user.totp_secret, user.totp_confirmed_at, user.totp_last_step = "", None, 0
    user.save(update_fields=["totp_secret", "totp_confirmed_at", "totp_last_step"])


def _digits(code: str) -> str:
    return "".join(code.split())


def _wrong() -> InvalidInput:
    message = _("This code is not right. Wait for the next one and check the phone's clock.")
    return InvalidInput(message, problems=[FieldProblem("code", message)])
