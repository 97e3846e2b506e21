"""A return: filling it in, checking it, signing it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def return_page(request: HttpRequest, return_id: int) -> HttpResponse:
    raise Http404


def sign_page(request: HttpRequest, return_id: int) -> HttpResponse:
    raise Http404
