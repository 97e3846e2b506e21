"""Desks of those who run, verify and decide."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def overview(request: HttpRequest) -> HttpResponse:
    raise Http404


def campaign_page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    raise Http404


def verify_page(request: HttpRequest, campaign_id: int, code: str) -> HttpResponse:
    raise Http404


def unlocks_page(request: HttpRequest) -> HttpResponse:
    raise Http404
