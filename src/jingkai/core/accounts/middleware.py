"""Deny by default: every path needs a signed-in person unless it is named here.

The house names its own doors to the public in `settings.OPEN_PREFIXES`.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from jingkai.core.api import problem_response
from jingkai.core.http import wants_fragment

from .models import User
from .sessions import keep_alive, lacks_second_factor, must_enrol, own_path, session_ended

OPEN_PREFIXES = ("/account/sign-in/", "/account/link/", "/inbox/calendar/", "/static/")
OPEN_PATHS = frozenset({"/healthz", "/language/", "/favicon.ico", "/api/v1/openapi.json"})
# What a person may do who still owes the second factor.
HALF_OPEN = ("/account/second-factor/", "/account/sign-out/")
LANGUAGE_PATH = "/language/"


def is_open(path: str) -> bool:
    """True when `path` needs no sign-in."""
    return path in OPEN_PATHS or path.startswith((*OPEN_PREFIXES, *settings.OPEN_PREFIXES))


class SignedInMiddleware:
    """Ends stale sessions, asks for sign-in and second factor, speaks the person's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        user = request.user
        if user.is_authenticated:
            if session_ended(request.session, user, now):
                logout(request)
            else:
                keep_alive(request.session, now)
                self._speak(request, user)
        path = request.path_info
        if is_open(path):
            response = self.get_response(request)
            self._remember_language(request)
            return response
        user = request.user
        if not user.is_authenticated:
            # A bearer token is judged by the API itself, with its scope.
            if path.startswith("/api/") and "Authorization" in request.headers:
                return self.get_response(request)
            return self._to(
                request, reverse("accounts:sign-in"), _("Sign in, or send a valid token.")
            )
        if lacks_second_factor(request.session, user) and not path.startswith(HALF_OPEN):
            step = "accounts:enrol" if must_enrol(user) else "accounts:second-factor"
            return self._to(request, reverse(step), _("The second factor is still missing."))
        return self.get_response(request)

    def _to(self, request: HttpRequest, url: str, reason: str) -> HttpResponse:
        """Lead a person to `url` and back afterwards; tell a program the reason."""
        if request.path_info.startswith("/api/"):
            response = problem_response(401, "not-signed-in", reason)
            response["WWW-Authenticate"] = "Bearer"
            return response
        if wants_fragment(request):
            shown = urlsplit(request.headers.get("HX-Current-URL", ""))
            back = f"{shown.path}?{shown.query}" if shown.query else shown.path
            response = HttpResponse(status=204)
            response["HX-Redirect"] = self._with_next(url, back)
            return response
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
        return HttpResponseRedirect(self._with_next(url, back))

    @staticmethod
    def _with_next(url: str, back: str) -> str:
        back = own_path(back)
        return url if back == "/" else f"{url}?{urlencode({'next': back})}"

    @staticmethod
    def _speak(request: HttpRequest, user: User) -> None:
        if user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()

    @staticmethod
    def _remember_language(request: HttpRequest) -> None:
        """A choice in the top bar is the person's choice, else the stored one would undo it."""
        if request.path_info != LANGUAGE_PATH or request.method != "POST":
            return
        chosen = request.POST.get("language", "")
        if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
            User.objects.filter(pk=request.user.pk).update(language=chosen)
