"""Deny by default: every page needs a signed-in person unless its path is open."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

OPEN_PREFIXES = ("/account/sign-in/", "/account/link/", "/static/", "/healthz", "/language/", "/api/")


class SignedInMiddleware:
    """Sends people without a session to sign-in, for every path not in OPEN_PREFIXES."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or request.path.startswith(OPEN_PREFIXES):
            return self.get_response(request)
        return redirect_to_login(request.get_full_path())
