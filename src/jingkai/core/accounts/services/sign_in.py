"""Signing in with a password: the check, the counting, the lock-out.

Nothing here says why somebody was refused: a stranger must not learn which names exist, which
are locked and which are switched off. The trail and the person's own page say it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from jingkai.core.audit import public as audit

from ..models import SignInAttempt, SignInOutcome, User
from ..policy import sign_in_policy


def address_is_throttled(*, address: str | None, now: datetime) -> bool:
    """True when `address` has used up its failures for a while."""
    policy = sign_in_policy()
    failures = SignInAttempt.objects.filter(address=address, at__gt=now - policy.address_window)
    failed = failures.exclude(outcome=SignInOutcome.SIGNED_IN).count()
    return address is not None and failed >= policy.address_failures


@transaction.atomic
def check_password(
    *, username: str, password: str, address: str | None, now: datetime
) -> User | None:
    """Return the person whose name and password these are, else None; failures are counted.

    The row is locked, so that guesses sent at once are counted one by one. A name that does not
    exist costs the same time as one that does.
    """
    if address_is_throttled(address=address, now=now):
        return None
    user = User.objects.select_for_update().filter(username=username.strip()).first()
    if user is None:
        make_password(password)
        _refuse(None, address=address, now=now, outcome=SignInOutcome.REFUSED)
        return None
    right = user.check_password(password)
    if user.is_locked(now):
        _refuse(user, address=address, now=now, outcome=SignInOutcome.LOCKED)
        return None
    if not right or not user.is_active or (user.is_demo and not settings.DEMO):
        count_failure(user, address=address, now=now, outcome=SignInOutcome.REFUSED)
        return None
    return user


def count_failure(
    user: User, *, address: str | None, now: datetime, outcome: SignInOutcome
) -> None:
    """Count one failure of `user` (a locked row) and lock the account when it is the last one."""
    policy = sign_in_policy()
    if user.locked_until is not None and user.locked_until <= now:
        user.failed_sign_ins, user.locked_until = 0, None
    user.failed_sign_ins += 1
    locked = user.failed_sign_ins >= policy.failures_until_lock
    if locked:
        user.locked_until = now + policy.lock
        user.failed_sign_ins = 0
    user.save(update_fields=["failed_sign_ins", "locked_until"])
    _refuse(user, address=address, now=now, outcome=outcome)
    if locked:
        audit.record(
            "accounts.user.locked",
            actor=None,
            target=user,
            at=now,
            details={"until": user.locked_until.isoformat() if user.locked_until else ""},
        )


def _refuse(
    user: User | None, *, address: str | None, now: datetime, outcome: SignInOutcome
) -> None:
    SignInAttempt.objects.create(
        user=user, at=now, address=address, method="password", outcome=outcome
    )
    # The typed name is not kept: people type their password into that field.
    audit.record(
        "accounts.sign-in.failed", actor=None, target=user, at=now, details={"outcome": outcome}
    )


@transaction.atomic
def record_sign_in(*, user: User, method: str, address: str | None, now: datetime) -> None:
    """Write that `user` is in: after password and, where owed, second factor. Ends a lock."""
    User.objects.filter(pk=user.pk).update(failed_sign_ins=0, locked_until=None)
    SignInAttempt.objects.create(
        user=user, at=now, address=address, method=method, outcome=SignInOutcome.SIGNED_IN
    )
    kept = timedelta(days=sign_in_policy().attempts_kept_days)
    SignInAttempt.objects.filter(user=user, at__lt=now - kept).delete()
    audit.record("accounts.signed-in", actor=user, target=user, at=now, details={"way": method})


@transaction.atomic
def record_sign_out(*, user: User, now: datetime) -> None:
    """Write that `user` left."""
    audit.record("accounts.signed-out", actor=user, target=user, at=now)


@transaction.atomic
def end_own_sessions(*, actor: User, now: datetime) -> int:
    """End every session of `actor`; returns the new epoch, for the session that shall go on."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    audit.record("accounts.sessions.ended", actor=actor, target=user, at=now)
    return user.session_epoch
