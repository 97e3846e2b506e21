"""What a session remembers, when it ends, and where it may go.

A session ends when it was idle too long, when it is too old, when its person's epoch moved on
(`end_sessions`), or when the person was deactivated.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from .models import User
from .policy import session_absolute, session_idle
from .roles import ADMINISTRATORS

BACKEND = "django.contrib.auth.backends.ModelBackend"
EPOCH, STARTED, SEEN, SECOND_FACTOR = "epoch", "started", "seen", "second_factor"
_SEEN_EVERY = timedelta(seconds=60)  # so that reading does not write a session row each time


def begin_session(request: HttpRequest, user: User, *, second_factor: bool) -> None:
    """Sign `user` in under a fresh session key, whatever key the browser came with."""
    login(request, user, backend=BACKEND)
    request.session.cycle_key()
    request.session[SECOND_FACTOR] = second_factor


@receiver(user_logged_in, dispatch_uid="accounts.mark_session")
def mark_session(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Note at sign-in what `session_ended` compares later."""
    now = timezone.now().timestamp()
    request.session[EPOCH] = user.session_epoch
    request.session[STARTED] = request.session[SEEN] = now
    request.session[SECOND_FACTOR] = False


def session_ended(session: Any, user: User, now: datetime) -> bool:
    """True when this session may no longer act for `user`."""
    try:
        started = datetime.fromtimestamp(session[STARTED], UTC)
        seen = datetime.fromtimestamp(session[SEEN], UTC)
        epoch = session[EPOCH]
    except KeyError:
        return True
    return (
        epoch != user.session_epoch
        or now - seen > session_idle()
        or now - started > session_absolute()
        or (user.is_demo and not settings.DEMO)
    )


def keep_alive(session: Any, now: datetime) -> None:
    """Note that the session is in use, at most once a minute."""
    if now - datetime.fromtimestamp(session[SEEN], UTC) >= _SEEN_EVERY:
        session[SEEN] = now.timestamp()


def must_enrol(user: User) -> bool:
    """Administrators without a second factor reach nothing but its enrolment."""
    return user.totp_confirmed_at is None and user.has_role(*ADMINISTRATORS)


def lacks_second_factor(session: Any, user: User) -> bool:
    """True while the second factor is still owed in this session."""
    owed = user.totp_confirmed_at is not None or user.has_role(*ADMINISTRATORS)
    return owed and not session.get(SECOND_FACTOR)


def own_path(url: str | None) -> str:
    """`url` when it is a path of this house that a person may be sent to, else "/"."""
    if (
        not url
        or not url.startswith("/")
        or not url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        or urlsplit(url).path.startswith(("/account/sign-", "/account/link/", "/api/"))
    ):
        return "/"
    return url
