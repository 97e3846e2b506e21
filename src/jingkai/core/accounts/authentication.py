"""How API callers prove who they are: a bearer token with scopes, or the browser's session.

Scopes are per area, the first part of the path after /api/v1/: `indicators:read` lets GET pass,
`indicators:write` everything else. What is not granted is refused.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError
from ninja.security import APIKeyCookie, HttpBearer

from jingkai.core.errors import NotPermitted

from .models import User
from .services.tokens import required_scope, user_of_token


class ScopedToken(HttpBearer):
    """`Authorization: Bearer jk_…`. A wrong token never falls back to the session."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        found = user_of_token(secret=token.strip(), now=timezone.now())
        if found is None:
            raise AuthenticationError
        needed = required_scope(request.method or "GET", request.path_info)
        if needed not in found.scopes:
            raise NotPermitted(
                _("The token has no scope “%(scope)s”.") % {"scope": needed or request.path_info}
            )
        request.user = found.user
        return found.user


class BrowserSession(APIKeyCookie):
    """The session cookie, with its CSRF token for everything that writes."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any | None:
        if not request.user.is_authenticated:
            return None  # 401 says more than a failed CSRF check
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, _key: str | None) -> Any | None:
        return request.user if request.user.is_authenticated else None


API_AUTHENTICATION = [ScopedToken(), BrowserSession()]
