"""Where a request comes from, as far as that can be believed."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The caller's address; None when unknown.

    Only behind the declared proxy (HTTPS=1) is X-Forwarded-For believed, and of it only the last
    entry: the one our own proxy wrote.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.HTTPS and (forwarded := request.headers.get("X-Forwarded-For")):
        told = forwarded.rsplit(",", 1)[-1].strip()
    try:
        return str(ip_address(told))
    except ValueError:
        return None


def demo_door_open(request: HttpRequest) -> bool:
    """True only in demonstration mode for a browser on this very machine, with no proxy between."""
    if not settings.DEMO or settings.HTTPS:
        return False
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
