"""Domain errors become pages for people (or problem+json for programs), never a 500."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jingkai.core.audit import public as audit
from jingkai.core.errors import DomainError
from jingkai.core.http import wants_fragment


class DomainErrorMiddleware:
    """Renders a DomainError that a view let pass, with its status; knows who is calling."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.request_address(request.META.get("REMOTE_ADDR") or None):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        template = "ui/_error.html" if wants_fragment(request) else "ui/error.html"
        return render(
            request, template, {"error": error, "status": error.status}, status=error.status
        )
