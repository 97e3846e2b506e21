"""Every threshold of sign-in in one place; the dict `settings.SIGN_IN_POLICY` overrides some.

Defaults follow GB/T 22239-2019 (等级保护, level three) in kind: it asks for lock-out, idle
expiry, complexity and two factors for administrators, and leaves the figures to the operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """Figures of sign-in; counts are failures, durations say their unit."""

    failures_until_lock: int = 5
    lock_minutes: int = 15
    address_failures: int = 30  # an office behind one address shares this count
    address_minutes: int = 15
    remembered_passwords: int = 5
    link_minutes: int = 60
    link_minutes_at_most: int = 7 * 24 * 60
    demo_link_minutes: int = 12 * 60
    token_days_at_most: int = 366
    attempts_kept_days: int = 180

    @property
    def lock(self) -> timedelta:
        return timedelta(minutes=self.lock_minutes)

    @property
    def address_window(self) -> timedelta:
        return timedelta(minutes=self.address_minutes)


def sign_in_policy() -> SignInPolicy:
    """The policy in force: defaults with the installation's overrides."""
    return SignInPolicy(**getattr(settings, "SIGN_IN_POLICY", {}))


def session_idle() -> timedelta:
    """How long a session lives without a request."""
    return timedelta(seconds=settings.SESSION_IDLE_SECONDS)


def session_absolute() -> timedelta:
    """How long a session lives at most."""
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)
